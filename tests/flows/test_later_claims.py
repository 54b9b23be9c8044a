"""Claims that come together with their answers are judged once, beside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.tasks import file_intake
from tests.support.book_state import connect, proofs_of
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Person, Remit, Service

DAY = date(2026, 3, 2)
PAYER = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
PERSON = Person("MARLOWE", "EDITH")
NUMBERS = [f"TOGETHER{n}" for n in range(6)]
_WAITING = "SELECT COUNT(*) FROM claim_documents WHERE claim_id IS NULL"
_CORRECTIONS = "SELECT COUNT(*) FROM journal_entries WHERE reverses IS NOT NULL"


def answer(number: str, cents: int = 10000) -> Answer:
    cas = (("CO", "45", 2500), ("PR", "2", 1000))
    service = Service("99213", cents, cents - 3500, cas, control=f"{number}L1", day=DAY)
    return Answer(number, "1", cents, cents - 3500, 1000, (service,), control_number=f"ICN{number}")


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.fixture
def filed(tmp_path: Path) -> Path:
    """An 837 of six claims."""
    claims = [
        Claim(
            n, PERSON, (Coverage(PAYER, f"M{n}"),), (Line("99213", 10000, control=f"{n}L1"),), DAY
        )
        for n in NUMBERS
    ]
    return write(tmp_path / "1.837", build_837(claims, Envelope("CEDARHOLLOW", "CLEARHOUSE01")))


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    """An 835 that answers four of them."""
    remit = Remit(PAYER, "EFT1", DAY, tuple(answer(n) for n in NUMBERS[:4]))
    return write(tmp_path / "2.835", build_835([remit], Envelope(control=2)))


def claims_of(book: Any) -> list[dict[str, Any]]:
    """What is said of each claim, without the ids that its order of arrival gave it."""
    rows = book.report("claims")["rows"]
    kept = [{k: v for k, v in row.items() if k not in {"claim", "account"}} for row in rows]
    return sorted(kept, key=lambda row: str(row["patient_control_number"]))


def counted(url: str, query: str) -> int:
    with connect(url) as book:
        return int(book.execute(query)[0][0])


def test_together_or_one_after_the_other_the_claims_are_the_same(
    book_url: str, tmp_path: Path, filed: Path, answered: Path
) -> None:
    with medcollect.open_book(book_url) as book:
        done = book.import_files([filed, answered])
        assert (done["claims"], done["matched"], done["exceptions"]) == (6, 4, 0)
        together = claims_of(book)
    with medcollect.open_book(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.import_files([filed])
        other.import_files([answered])
        assert claims_of(other) == together
    assert [row["state"] for row in together].count("with_payer") == 2
    assert counted(book_url, _WAITING) == counted(book_url, _CORRECTIONS) == 0
    assert proofs_of(book_url) == {}


def test_claims_alone_are_judged_with_their_file(
    book_url: str, filed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no remittance follows, nothing is put off."""
    monkeypatch.setattr("medcollect.bookkeeping.intake.keep_later_claims", None)
    with medcollect.open_book(book_url) as book:
        assert book.import_files([filed])["claims"] == 6
        assert len(claims_of(book)) == 6


def import_broken_off(book: Any, files: list[Path]) -> None:
    """Import files, and be interrupted when the turn of the last one comes."""
    original = file_intake.FileIntake.run

    def breaks_off(self: Any) -> None:
        if self.entry.label == str(files[-1]):
            raise KeyboardInterrupt
        original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_intake.FileIntake, "run", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            book.import_files(files)


def test_an_import_that_broke_off_is_judged_by_the_next_one(
    book_url: str, tmp_path: Path, filed: Path, answered: Path
) -> None:
    remit = Remit(PAYER, "EFT2", DAY, ())
    other = write(tmp_path / "3.835", build_835([remit], Envelope(control=3)))
    with medcollect.open_book(book_url) as book:
        import_broken_off(book, [filed, answered])
        assert claims_of(book) == []
        assert counted(book_url, _WAITING) == 6
        book.import_files([other])
        assert [row["state"] for row in claims_of(book)] == ["with_payer"] * 6
        assert book.import_files([filed, answered])["matched"] == 4
    assert counted(book_url, _WAITING) == 0
    assert proofs_of(book_url) == {}


def test_an_import_that_broke_off_can_be_taken_back(
    book_url: str, filed: Path, answered: Path
) -> None:
    with medcollect.open_book(book_url) as book:
        import_broken_off(book, [filed, answered])
        book.undo("I000001")
        assert book.import_files([answered])["opened_from_remittance"] == 4
        assert len(claims_of(book)) == 4
    assert proofs_of(book_url) == {}


def test_a_claim_that_joins_an_earlier_answer_says_where_the_charges_differ(
    book_url: str, tmp_path: Path, filed: Path
) -> None:
    """The claim waits for the answers that follow, and is judged although none is its own."""
    early = Remit(PAYER, "EFT0", DAY, (answer(NUMBERS[0], 9000),))
    late = Remit(PAYER, "EFT9", DAY, (answer("ANOTHER1"),))
    first = write(tmp_path / "0.835", build_835([early], Envelope(control=5)))
    last = write(tmp_path / "9.835", build_835([late], Envelope(control=6)))
    with medcollect.open_book(book_url) as book:
        book.import_files([first])
        done = book.import_files([filed, last])
        assert [note["code"] for note in done["notes"]] == ["charge-differs"]
        joined = book.claim(NUMBERS[0])
    assert (joined["charge"], joined["insurance_paid"]) == ("100.00", "55.00")
