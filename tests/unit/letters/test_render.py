"""Letters as files: whole pages, nothing cut off, an office's own templates."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx  # type: ignore[import-untyped]
import msgspec
import pypdf
import pytest

from medcollect.denials.facts import Taken
from medcollect.errors import NotAllowed
from medcollect.letters import LEVELS, LetterFacts, compose, read_wording, render, write_templates
from medcollect.letters.records import Letter, _texts
from medcollect.letters.render import Format, _html, _only_from, _weasyprint
from medcollect.model.common import Adjustment, Party
from tests.unit.letters.conftest import (
    DECIDED,
    PATIENT,
    PAYER,
    PRACTICE,
    TODAY,
    made,
    service,
    short_of_contract,
    taken_back,
)
from tests.unit.letters.test_compose import CATEGORIES

WORDING = read_wording(None)
Make = Callable[..., LetterFacts]


def _pango_is_here() -> bool:
    try:
        _weasyprint()
    except NotAllowed:
        return False
    return True


needs_pango = pytest.mark.skipif(
    not _pango_is_here(), reason="PDF letters need Pango: apt-get install libpangoft2-1.0-0"
)


def letter_on(known: LetterFacts) -> Letter:
    level = LEVELS[CATEGORIES.index(known.category) % len(LEVELS)]
    return compose(known, level, WORDING, TODAY)


def pdf_text(data: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return "\n".join(page.extract_text() for page in pages)


def docx_text(data: bytes) -> str:
    body = docx.Document(io.BytesIO(data)).element.body
    return "\n".join(node.text or "" for node in body.iter() if node.tag.endswith("}t"))


def without_pages(data: bytes) -> str:
    """The words of a letter, however the fonts of a machine break them into lines and pages."""
    return re.sub(r"Page\dof\d|packet:\d", "", flat(pdf_text(data)))


def flat(text: str) -> str:
    return "".join(text.split())


def texts_of(letter: Letter) -> list[str]:
    """What must stand on the page, whatever the template."""
    patient, claim = letter.patient, letter.claim
    exhibits = (item.text for item in letter.enclosures)
    return [
        letter.title,
        patient.name,
        patient.birth_date,
        patient.member_id,
        claim.payer_number,
        claim.in_dispute,
        letter.opening,
        *letter.timeliness,
        *letter.reasons,
        *letter.asked,
        *exhibits,
    ]


@needs_pango
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_a_whole_pdf(known: Make, category: str) -> None:
    letter = letter_on(known(category=category))
    said = flat(pdf_text(render(letter, "pdf")))
    missing = [text for text in texts_of(letter) if flat(text) not in said]
    assert not missing
    assert "None" not in said
    assert "{{" not in said


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_a_whole_word_file(known: Make, category: str) -> None:
    letter = letter_on(known(category=category))
    said = flat(docx_text(render(letter, "docx")))
    missing = [text for text in texts_of(letter) if flat(text) not in said]
    assert not missing
    assert "{" not in said


def test_blanks_are_yellow_in_word(known: Make) -> None:
    document = docx.Document(io.BytesIO(render(letter_on(known()), "docx")))
    runs = [run for paragraph in document.paragraphs for run in paragraph.runs]
    marked = [run for run in runs if "[TO BE FILLED IN BY THE CLINICIAN" in run.text]
    assert len(marked) == 3
    assert all(run.font.highlight_color is not None for run in marked)


def test_only_the_blanks_are_yellow_in_word(known: Make) -> None:
    document = docx.Document(io.BytesIO(render(letter_on(known()), "docx")))
    (line,) = [p for p in document.paragraphs if p.text.startswith("Telephone")]
    assert line.text == "Telephone 319-555-0142, fax [TO BE FILLED IN BY THE OFFICE: fax number]"
    yellow = [run.text for run in line.runs if run.font.highlight_color is not None]
    assert yellow == ["[TO BE FILLED IN BY THE OFFICE: fax number]"]
    bold = [p for p in document.paragraphs if p.text == "CEDAR HOLLOW FAMILY MEDICINE"]
    assert any(run.bold for p in bold for run in p.runs), "what was split keeps its look"


def test_the_columns_of_a_word_table_are_as_wide_as_its_cells_and_fit_the_page() -> None:
    """Word goes by the cells, LibreOffice and others by the columns."""
    document = docx.Document(io.BytesIO(render(long_letter(), "docx")))
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    assert len(document.tables) == 3
    for table in document.tables:
        widths = [column.width for column in table.columns]
        assert sum(widths) <= room + 2 * 914  # two thousandths of an inch of rounding
        for row in table.rows:
            assert [cell.width for cell in row.cells] == widths
    lines = document.tables[-1]
    assert all("w:cantSplit" in row._tr.xml for row in lines.rows), "no row over two pages"
    assert "w:tblHeader" in lines.rows[0]._tr.xml
    codes = lines.rows[1].cells[5].text
    assert "-" not in codes, "no code is broken at its hyphen"
    assert codes.replace("\N{NON-BREAKING HYPHEN}", "-").startswith("CO-45")


@pytest.mark.parametrize("form", ["docx", pytest.param("pdf", marks=needs_pango)])
def test_every_field_of_a_letter_stands_on_its_pages(known: Make, form: Any) -> None:
    letter = compose(known(), "reconsideration", WORDING, TODAY)
    data = render(letter, form)
    said = flat(pdf_text(data) if form == "pdf" else docx_text(data))
    said = said.replace("\N{NON-BREAKING HYPHEN}", "-")
    told = msgspec.to_builtins(letter)
    for gone in ("level", "level_name", "category", "lines", "codes"):
        del told[gone]
    texts = [
        *_texts(told),
        *(v for line in letter.lines for v in msgspec.to_builtins(line).values()),
    ]
    texts += [text for code in letter.codes for text in (code.code, code.words)]
    missing = [text for text in texts if flat(text) not in said]
    assert not missing
    assert "PolicyL33801" in said
    assert "TimelimitAugust10,2026" in said


# -- much and long --------------------------------------------------------------------------------


def long_letter() -> Letter:
    """Forty lines, names and addresses as long as X12 allows, and signs that mean something."""
    lines = tuple(
        service(
            place,
            f"G{1000 + place}",
            charge_cents=1_234_567_89,
            adjustments=tuple(Adjustment("CO", str(code), 99_999_99) for code in (45, 50, 253)),
        )
        for place in range(1, 41)
    )
    known = made(lines)
    street = "1" + " LONGACRE" * 6
    changed: dict[str, Any] = {"address": (street, street), "city": "LLANFAIR" * 3}
    payer = msgspec.structs.replace(PAYER, last_name="MUTUAL" * 10, **changed)
    practice = msgspec.structs.replace(PRACTICE, last_name="SMITH & <SONS> " * 4, **changed)
    patient: Party = msgspec.structs.replace(PATIENT, last_name="Ø" * 60, first_name="Ž" * 35)
    assert known.claim is not None
    claim = msgspec.structs.replace(known.claim, billing_provider=practice, patient=patient)
    header = msgspec.structs.replace(known.header, payer=payer, trace_number="9" * 50)
    facts = msgspec.structs.replace(known.facts, payer_name=payer.last_name)
    payment = msgspec.structs.replace(known.payment, payer_claim_control_number="7" * 50)
    answer = msgspec.structs.replace(known.answers[0], header=header, payment=payment)
    changes = {"claim": claim, "facts": facts, "answers": (answer,)}
    return compose(msgspec.structs.replace(known, **changes), "reconsideration", WORDING, TODAY)


def long_takeback() -> Letter:
    """Numbers as long as X12 allows, money given again, and days and numbers that are not known."""
    taken = [
        Taken(8_000, DECIDED, "R000002", "9" * 50, "WO", "X" * 50),
        Taken(-123_456_789, None, "R000003", "", "72", ""),
        Taken(100, DECIDED, "R000004", "", ""),
    ]
    return compose(taken_back(*taken * 12), "reconsideration", WORDING, TODAY)


def long_underpayment() -> Letter:
    return compose(short_of_contract(40), "second_level", WORDING, TODAY)


def boxes(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from boxes(child)


@needs_pango
@pytest.mark.parametrize("make", [long_letter, long_takeback, long_underpayment])
def test_nothing_leaves_the_page(make: Callable[[], Letter]) -> None:
    document = _weasyprint().HTML(string=_html(make(), None)).render()
    assert len(document.pages) >= 4
    for number, page in enumerate(document.pages, start=1):
        edge = page.width - 22 / 25.4 * 96 + 1
        texts = [b for b in boxes(page._page_box) if type(b).__name__ == "TextBox"]
        assert texts
        over = [b.text for b in texts if b.position_x + b.width > edge]
        assert not over, f"page {number}"


@pytest.mark.parametrize("form", ["docx", pytest.param("pdf", marks=needs_pango)])
def test_what_was_taken_or_allowed_too_low_is_told_whole(form: Format) -> None:
    told = {"docx": docx_text, "pdf": pdf_text}[form]
    said = flat(told(render(long_underpayment(), form)))
    assert [n for n in range(1, 41) if f"9{9000 + n}-26-59-RT-XS" not in said] == []
    assert "(T000001" not in said, "our ids say nothing to the payer"
    assert "Whatwasdecided" not in said
    said = flat(told(render(long_takeback(), form)))
    assert said.count("X" * 50) == 12
    assert "-$1,234,567.89" in said
    assert "reversalofthepayment(CLP0222)" in said
    assert "THEOFFICE:thenumberofthepayment]" in said


@needs_pango
def test_a_long_letter_runs_over_pages() -> None:
    letter = long_letter()
    said = flat(pdf_text(render(letter, "pdf")))
    assert [place for place in range(1, 41) if f"G{1000 + place}" not in said] == []
    assert "SMITH&<SONS>" in said
    assert said.count("Yourcodes") >= 2, "the head of the table stands on each page"


def test_a_long_letter_is_whole_in_word() -> None:
    said = docx_text(render(long_letter(), "docx"))
    assert [place for place in range(1, 41) if f"G{1000 + place}" not in said] == []
    assert "SMITH & <SONS>" in said


@needs_pango
def test_the_letter_in_the_docs_is_the_one_that_comes_out() -> None:
    from tests.support.make_sample_letter import PDF, sample_letter

    assert without_pages(PDF.read_bytes()) == without_pages(sample_letter())


# -- an office's own templates --------------------------------------------------------------------


def test_the_office_edits_the_word_template(known: Make, tmp_path: Path) -> None:
    assert "letter.docx" in write_templates(tmp_path)
    path = tmp_path / "letter.docx"
    document = docx.Document(str(path))
    closing = next(p for p in document.paragraphs if p.text == "Sincerely,")
    closing.runs[0].text = "With kind regards of {{ letter.practice.name }},"
    document.save(str(path))
    said = docx_text(render(letter_on(known()), "docx", tmp_path))
    assert "With kind regards of CEDAR HOLLOW FAMILY MEDICINE," in said
    with pytest.raises(NotAllowed, match="there already"):
        write_templates(tmp_path)


@needs_pango
def test_the_closest_template_counts(known: Make, tmp_path: Path) -> None:
    for name in ("letter", "letter-medical_necessity", "letter-cob"):
        (tmp_path / f"{name}.html").write_text(f"<p>{name} {{{{ letter.date }}}}")
    said = pdf_text(render(letter_on(known()), "pdf", tmp_path))
    assert said.strip() == "letter-medical_necessity March 2, 2026"
    assert "letter-cob" in pdf_text(render(letter_on(known(category="cob")), "pdf", tmp_path))


def test_the_offices_words_stand_before_ours(known: Make, tmp_path: Path) -> None:
    wording = tmp_path / "wording.toml"
    wording.write_text('[categories.cob]\nasked = ["Pay {amount} to us."]\n')
    letter = compose(known(category="cob"), "reconsideration", read_wording(tmp_path), TODAY)
    assert letter.asked == ("Pay $900.00 to us.",)
    assert letter.category_name == "Order of payers"


@pytest.mark.parametrize(
    "text",
    ["closing = ", "closng = 'x'", "[categories.cob]\nasked = 'one'", "[evidence]\npolicies = 1"],
)
def test_words_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "wording.toml").write_text(text)
    with pytest.raises(NotAllowed, match="cannot be used"):
        read_wording(tmp_path)


def test_a_name_in_the_words_that_there_is_not_is_refused(known: Make, tmp_path: Path) -> None:
    (tmp_path / "wording.toml").write_text('[categories.cob]\nasked = ["Pay {amonut}."]\n')
    with pytest.raises(NotAllowed, match="amonut"):
        compose(known(category="cob"), "reconsideration", read_wording(tmp_path), TODAY)


@needs_pango
@pytest.mark.parametrize(
    "text", ["{{ letter.dat }}", "{% for %}", "{{ letter.__class__.__mro__ }}"]
)
def test_a_template_that_cannot_be_used_is_refused_without_the_patient(
    known: Make, tmp_path: Path, text: str
) -> None:
    (tmp_path / "letter.html").write_text(text)
    with pytest.raises(NotAllowed, match=r"template letter\.html") as caught:
        render(letter_on(known()), "pdf", tmp_path)
    assert "HOLLINGBROOK" not in caught.value.message


def test_a_word_template_that_is_none_is_refused(known: Make, tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_text("no Word file")
    with pytest.raises(NotAllowed, match=r"letter\.docx cannot be read"):
        render(letter_on(known()), "docx", tmp_path)


@needs_pango
def test_a_page_takes_nothing_from_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "templates"
    inside.mkdir()
    (inside / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("secret")
    fetcher = _only_from(inside)
    fetcher.fetch((inside / "logo.svg").as_uri())
    outside = [
        (tmp_path / "secret.txt").as_uri(),
        f"{inside.as_uri()}/../secret.txt",
        f"{inside.as_uri()}/%2e%2e/secret.txt",
        "http://127.0.0.1:9/logo.svg",
    ]
    for url in outside:
        with pytest.raises(ValueError, match="outside"):
            fetcher.fetch(url)
