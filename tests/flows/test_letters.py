"""Appeal letters from the book, and the log of those sent, through the doors; both databases."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx  # type: ignore[import-untyped]
import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed, NotFound, NotReadable
from tests.support.book_state import differences, state_of

API = "/api/v1"
SAMPLES = Path(__file__).parents[2] / "edi_samples"
MONTH = [
    SAMPLES / "01-837p-january-visits-commercial.edi",
    SAMPLES / "02-837p-january-visits-medicare-medicaid-hmo.edi",
    SAMPLES / "07-835-denials-of-every-category.edi",
    SAMPLES / "09-835-medicare-sequestration-notices-crossover.edi",
]
ON = date(2026, 3, 2)


def denial_of(book: Book, number: str) -> str:
    rows = book.denials(status="all")["denials"]
    return next(str(row["id"]) for row in rows if row["patient_control_number"] == number)


@pytest.fixture
def office(book_url: str) -> str:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    return book_url


def test_a_letter_is_written_and_its_sending_logged(office: str, tmp_path: Path) -> None:
    with medcollect.open_book(office) as book:
        denial = denial_of(book, "CH2007")
        told = book.letter(denial, day=ON)
        assert (told["level"], told["amount"], told["deadline"]) == (
            "reconsideration",
            "260.00",
            "2026-08-10",
        )
        assert "29 CFR 2560.503-1" in told["deadline_rule"]
        path = tmp_path / "appeal.docx"
        assert book.letter(denial, path, day=ON)["file"] == str(path)
        with pytest.raises(NotAllowed, match="there already"):
            book.letter(denial, path)
        said = "\n".join(p.text for p in docx.Document(str(path)).paragraphs)
        assert "CEDAR HOLLOW FAMILY MEDICINE" in said
        before = state_of(office)
        sent = book.letter_sent(
            denial, means="certified_mail", tracking="7020", sent_on=ON, file=path, user="kim"
        )
        assert sent["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (sent["kind"], sent["denial"], sent["level"]) == ("letter", denial, told["level"])
        assert book.claim("CH2007")["entries"][0]["tracking"] == "7020"
        again = book.letter(denial, level="second_level", decided=date(2026, 5, 4))
        assert any("March 2, 2026" in text and "7020" in text for text in again["enclosures"])
        assert any("2026-03-02 already" in note for note in again["notes"])
        sheet = book.report("correspondence")["rows"]
        assert [(row["kind"], row["verdict"]) for row in sheet] == [("letter", "sent")]
        book.undo(sent["id"])
        assert book.letter(denial)["enclosures"] == told["enclosures"]
    assert not differences(state_of(office), before)


def test_the_log_outlasts_another_import_of_the_same_files(office: str) -> None:
    with medcollect.open_book(office) as book:
        book.letter_sent(denial_of(book, "CH2001"), means="fax", sent_on=ON, user="kim")
        for number in range(1, len(book.imports()["imports"]) + 1):
            book.undo(f"I{number:06d}")
        book.import_files(MONTH)
        notes = book.letter(denial_of(book, "CH2001"))["notes"]
        assert any("went out on 2026-03-02" in note for note in notes)


def test_letters_for_a_payer_with_a_preview(office: str, tmp_path: Path) -> None:
    with medcollect.open_book(office) as book:
        shown = book.letters(payer="plainfield", dry_run=True, day=ON)
        made = book.letters(payer="plainfield", to=tmp_path / "out", form="docx", limit=3, day=ON)
        cob = book.letters(category="cob", dry_run=True)
        everything = book.letters(payer="plainfield", dry_run=True, anyway=True)
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == sorted(Path(row["file"]).name for row in made["letters"])
    assert len(files) == made["count"] == 3
    assert [row["file"] for row in shown["letters"]] == [None] * shown["count"]
    assert {row["category"] for row in cob["letters"]} == {"cob"}
    reasons = {row["denial"]: row["message"] for row in shown["skipped"]}
    assert any("corrected claim" in why for why in reasons.values())
    with_letter = {denial for row in shown["letters"] for denial in row["denials"]}
    assert not with_letter & set(reasons)
    taken = {denial for row in everything["letters"] for denial in row["denials"]}
    assert taken == with_letter | set(reasons)


def test_what_cannot_be_right_is_refused(office: str, tmp_path: Path) -> None:
    with medcollect.open_book(office) as book:
        denial = denial_of(book, "CH2007")
        refused: list[tuple[type[Exception], Callable[[], Any]]] = [
            (NotFound, lambda: book.letter("N999999")),
            (BadRequest, lambda: book.letter(denial, level="third")),
            (BadRequest, lambda: book.letter(denial, tmp_path / "letter.odt")),
            (BadRequest, book.letters),
            (BadRequest, lambda: book.letter_sent(denial, means="pigeon", user="kim")),
            (NotReadable, lambda: book.letter(denial, templates=tmp_path / "none")),
            (NotReadable, lambda: _sent(book, denial, file=tmp_path / "none")),
            (NotAllowed, lambda: _sent(book, denial, sent_on=date(2026, 1, 2))),
            (NotAllowed, lambda: _sent(book, denial, sent_on=date(2999, 1, 2))),
        ]
        for error, attempt in refused:
            with pytest.raises(error):
                attempt()
        assert book.entries()["entries"] == []


def _sent(book: Book, denial: str, **told: Any) -> Any:
    return book.letter_sent(denial, means="fax", user="kim", **told)


def test_letters_over_http(office: str) -> None:
    with medcollect.open_book(office) as book:
        denial = denial_of(book, "CH2007")
    client = TestClient(create_app(Settings(book_url=office)), base_url="http://localhost")
    shown = client.get(f"{API}/denials/{denial}/letter").json()
    assert shown["title"] == "Request for reconsideration"
    file = client.get(f"{API}/denials/{denial}/letter/file?format=docx&level=second_level")
    assert file.headers["content-disposition"] == f'attachment; filename="{denial}-letter.docx"'
    heads = [p.text for p in docx.Document(io.BytesIO(file.content)).paragraphs]
    assert "Second-level appeal: Medical necessity" in heads
    found = client.post(f"{API}/letters/search", json={"category": "medical_necessity"}).json()
    assert [row["denials"] for row in found["letters"]] == [[denial]]
    sent = client.post(
        f"{API}/denials/{denial}/letter/sent",
        json={"means": "portal", "tracking": "PT-7", "sent_on": "2026-03-02"},
        headers={"Idempotency-Key": "letter-1"},
    )
    assert (sent.status_code, sent.json()["means"]) == (201, "portal")
    assert client.get(f"{API}/entries").json()["entries"][0]["denial"] == denial
    assert client.get(f"{API}/denials/N999999/letter").status_code == 404
