"""The product's letter as a Word template: made here, so that it can be read and compared.

``letter templates --to DIR`` writes it for the office to edit; the marks in it are docxtpl's.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, Final

from medcollect.errors import NotAllowed

_COVER: Final = (
    ("To", "{{ letter.recipient.name }}"),
    ("Attention", "{{ letter.recipient.attention }}"),
    ("Address", "{{ letter.recipient.address|join(', ') }}"),
    ("Fax", "{{ letter.recipient.fax }}"),
    ("From", "{{ letter.practice.name }}, {{ letter.practice.contact }}"),
    ("Telephone", "{{ letter.practice.phone }}"),
    ("Fax", "{{ letter.practice.fax }}"),
    ("Date", "{{ letter.date }}"),
    ("Concerns", "{{ letter.title }}, your claim {{ letter.claim.payer_number }}"),
    ("Sent by", "[  ] fax   [  ] certified mail   [  ] portal   [  ] other: ____________"),
    ("Pages", "______"),
)
_FACTS: Final = (
    ("Patient", "patient.name", "Born", "patient.birth_date"),
    ("Member id", "patient.member_id", "Group", "patient.group_number"),
    ("Your claim", "claim.payer_number", "Our claim", "claim.number"),
    ("Service", "claim.dates", "Charge", "claim.charge"),
    ("Decided", "claim.decided_on", "Payment no.", "claim.trace_number"),
    ("Paid", "claim.paid", "In dispute", "claim.in_dispute"),
    ("Policy", 'claim.policies or "none named"', "Time limit", 'claim.deadline or "see below"'),
)
_COLUMNS: Final = (
    ("Service", "dates", 0.82),
    ("Procedure", "procedure", 0.86),
    ("Units", "units", 0.5),
    ("Charge", "charge", 1.01),
    ("Paid", "paid", 1.01),
    ("Your codes", "codes", 1.49),
    ("In dispute", "disputed", 1.01),
)
_SHORT: Final = (
    ("Service", "dates", 0.78),
    ("Procedure", "procedure", 0.9),
    ("Units", "units", 0.47),
    ("Billed", "charge", 0.91),
    ("You allowed", "allowed", 0.91),
    ("Contract", "contract", 0.91),
    ("Paid", "paid", 0.91),
    ("Missing", "short", 0.91),
)
_TAKEN: Final = (
    ("Date", "date", 0.82),
    ("Your payment no.", "payment", 1.65),
    ("How", "how", 1.57),
    ("Your reference", 'reference or "none"', 1.65),
    ("Taken", "amount", 1.01),
)
#: A line ends at a hyphen, but no code is to: there it is one that does not break.
_UNBROKEN: Final = {"codes": "|replace('-', '\N{NON-BREAKING HYPHEN}')"}
_NUMBERS: Final = frozenset(
    {
        *("Units", "Charge", "Paid", "In dispute", "Billed", "You allowed", "Contract"),
        *("Missing", "Taken"),
    }
)
#: Twentieths of a point left and right of what stands in a cell of the lines.
_CELL_MARGIN: Final = 60


@lru_cache(maxsize=1)
def default_word_template() -> bytes:
    """The template as a DOCX; NotAllowed where the extra ``letters`` is not installed."""
    try:
        from docx import Document  # noqa: PLC0415
        from docx.shared import Inches, Pt  # noqa: PLC0415
    except ImportError as error:
        raise NotAllowed(
            "Letters as DOCX need docxtpl.", "Install it with: pip install 'medcollect[letters]'"
        ) from error
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = Inches(0.9)
    section.top_margin = section.bottom_margin = Inches(0.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Liberation Sans", Pt(10.5)
    style.paragraph_format.space_after = Pt(5)
    _page_numbers(section.footer.paragraphs[0])
    _cover(document)
    _heads(document)
    _lines(document)
    _argument(document)
    with io.BytesIO() as out:
        document.save(out)
        return out.getvalue()


def _cover(document: Any) -> None:
    """The cover sheet, without the patient: it may lie open in a fax room."""
    document.add_paragraph("{{ letter.practice.name }}")
    document.add_heading("Cover sheet", 0)
    _pairs(document, _COVER, (1.1, 5.6))
    document.add_paragraph()
    document.add_paragraph("{{ letter.cover_notice }}")
    document.add_page_break()


def _heads(document: Any) -> None:
    """Letterhead, address, date, what it concerns."""
    _compact(document, "{{ letter.practice.name }}", bold=True)
    _repeated(document, "letter.practice.address")
    _compact(document, "NPI {{ letter.practice.npi }}, tax id {{ letter.practice.tax_id }}")
    _compact(document, "Telephone {{ letter.practice.phone }}, fax {{ letter.practice.fax }}")
    document.add_paragraph()
    _compact(document, "{{ letter.recipient.name }}")
    document.add_paragraph("{%p if letter.recipient.attention %}")
    _compact(document, "{{ letter.recipient.attention }}")
    document.add_paragraph("{%p endif %}")
    _repeated(document, "letter.recipient.address")
    document.add_paragraph()
    document.add_paragraph("{{ letter.date }}")
    document.add_heading("{{ letter.title }}: {{ letter.category_name }}", 1)
    rows = [
        (first, f"{{{{ letter.{left} }}}}", second, f"{{{{ letter.{right} }}}}")
        for first, left, second, right in _FACTS
    ]
    _pairs(document, rows, (1.0, 2.4, 1.1, 2.2))
    document.add_paragraph()
    document.add_paragraph("{{ letter.opening }}")
    _repeated(document, "letter.timeliness", compact=False)


def _lines(document: Any) -> None:
    """The lines as the payer judged them, or what the desk found by itself; codes in words."""
    document.add_paragraph("{%p if letter.shortfalls %}")
    document.add_heading("What you allowed, and what the contract gives", 2)
    _listing(document, _SHORT, "line in letter.shortfalls")
    document.add_paragraph()
    document.add_paragraph("The term for each line:")
    _repeated(document, "letter.terms", style="List Bullet")
    document.add_paragraph("{%p elif letter.taken %}")
    document.add_heading("What was taken back", 2)
    _listing(document, _TAKEN, "line in letter.taken")
    document.add_paragraph()
    document.add_paragraph("{%p else %}")
    document.add_heading("What was decided", 2)
    _listing(document, _COLUMNS, "line in letter.lines")
    document.add_paragraph()
    document.add_paragraph("{%p endif %}")
    _codes(document)


def _listing(document: Any, columns: Any, each: str) -> None:
    """A table with a row for each of a list; its head stands on each page."""
    widths = [width for _, _, width in columns]
    table = _table(document, [[name for name, _, _ in columns]], widths, style="Table Grid")
    _repeat_as_header(table.rows[0])
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    for texts in (
        [f"{{%tr for {each} %}}"],
        [f"{{{{ line.{field}{_UNBROKEN.get(field, '')} }}}}" for _, field, _ in columns],
        ["{%tr endfor %}"],
    ):
        _row(table, texts, widths)
    _small(table, [name for name, _, _ in columns])


def _codes(document: Any) -> None:
    """The payer's codes in our own short words, where there are any."""
    document.add_paragraph("{%p if letter.codes %}")
    document.add_paragraph("Your codes, in our own short words:")
    document.add_paragraph("{%p for code in letter.codes %}")
    paragraph = document.add_paragraph(style="List Bullet")
    paragraph.add_run("{{ code.code }}").bold = True
    paragraph.add_run(" {{ code.words }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endif %}")


def _argument(document: Any) -> None:
    """Why, what is asked, who signs, what is enclosed."""
    document.add_heading("Why we ask for another decision", 2)
    _repeated(document, "letter.reasons", compact=False)
    document.add_heading("What we ask for", 2)
    _repeated(document, "letter.asked", style="List Number")
    document.add_paragraph("{{ letter.closing }}")
    document.add_paragraph("Sincerely,")
    document.add_paragraph()
    document.add_paragraph("{{ letter.signature }}")
    document.add_paragraph("{{ letter.practice.name }}")
    document.add_heading("Enclosures", 2)
    document.add_paragraph("{%p for item in letter.enclosures %}")
    _compact(document, "{{ item.label }}   {{ item.text }}")
    document.add_paragraph("{%p endfor %}")


def _repeated(document: Any, texts: str, *, compact: bool = True, style: str | None = None) -> None:
    """A paragraph for each text of a list."""
    document.add_paragraph(f"{{%p for text in {texts} %}}")
    if style is not None or not compact:
        document.add_paragraph("{{ text }}", style=style)
    else:
        _compact(document, "{{ text }}")
    document.add_paragraph("{%p endfor %}")


def _compact(document: Any, text: str, *, bold: bool = False) -> None:
    """A line without space below it."""
    from docx.shared import Pt  # noqa: PLC0415

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(text).bold = bold


def _pairs(document: Any, rows: Any, widths: tuple[float, ...]) -> None:
    table = _table(document, rows, widths)
    for row in table.rows:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.space_after = 0


def _table(document: Any, rows: Any, widths: Any, style: str | None = None) -> Any:
    """A table with columns of fixed width, so that a long word wraps and none runs out.

    Word goes by the cells, others by the columns: both say the same.
    """
    from docx.shared import Inches  # noqa: PLC0415

    table = document.add_table(rows=0, cols=len(widths), style=style)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Inches(width)
    for texts in rows:
        _row(table, texts, widths)
    return table


def _row(table: Any, texts: Any, widths: Any) -> None:
    from docx.shared import Inches  # noqa: PLC0415

    cells = table.add_row().cells
    for place, width in enumerate(widths):
        cells[place].width = Inches(width)
        if place < len(texts):
            cells[place].paragraphs[0].add_run(texts[place])


def _small(table: Any, names: Any) -> None:
    """Small print, so that all columns fit; numbers to the right, and no row over two pages."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    for row in table.rows:
        _set(row._tr.get_or_add_trPr(), "w:cantSplit")
        for name, cell in zip(names, row.cells, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = 0
            if name in _NUMBERS:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for run in paragraph.runs:
                run.font.size = Pt(8)
    margins = _set(table._tbl.tblPr, "w:tblCellMar")
    for side in ("left", "right"):
        _set(margins, f"w:{side}", w=str(_CELL_MARGIN), type="dxa")


def _repeat_as_header(row: Any) -> None:
    """The head of the table stands on each page that it runs over."""
    _set(row._tr.get_or_add_trPr(), "w:tblHeader")


def _set(parent: Any, name: str, **attributes: str) -> Any:
    """Put an element of Word's into another."""
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)
    return element


def _page_numbers(paragraph: Any) -> None:
    """``Page 2 of 3``, counted by Word."""
    for words, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        paragraph.add_run(words)
        _set(paragraph._p, "w:fldSimple", instr=field)
