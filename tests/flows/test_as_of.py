"""Reports as of a day: the journal of what is known now, up to that day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import medcollect

SAMPLES = Path(__file__).parents[2] / "edi_samples"
AFTER_EVERYTHING = date(2026, 12, 31)


def test_a_day_after_everything_gives_what_is_now(tmp_path: Path) -> None:
    """Also where claims were judged anew: remittances first, claims after, undone and again."""
    remittances = sorted(SAMPLES.glob("*-835-*.edi"))
    claims = sorted(SAMPLES.glob("*-837*.edi"))
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files(remittances)
        book.import_files(claims)
        book.undo("I000001")
        book.import_files(remittances)

        now = book.report("claims")
        then = book.report("claims", as_of=AFTER_EVERYTHING)

        assert then["totals"] == now["totals"]
        assert then["rows"] == now["rows"]


def test_a_day_before_the_answers_shows_charges_only(tmp_path: Path) -> None:
    """As of the end of January nothing was paid, denied or left to a patient."""
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([SAMPLES])

        totals = book.report("claims", as_of=date(2026, 1, 31))["totals"]
        answered = book.report("remittances", as_of=date(2026, 1, 31))["rows"]

    assert answered == []
    assert (totals["insurance_paid"], totals["denied"]) == ("0.00", "0.00")
    assert (totals["written_off"], totals["patient_responsibility"]) == ("0.00", "0.00")


def test_payment_is_posted_and_unapplied_in_every_row(tmp_path: Path) -> None:
    """A payment that is on file already stands in a column of its own."""
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        answer = book.import_files([SAMPLES])
        report = book.report("remittances")

    def cents(text: str) -> int:
        return int(text.replace(".", ""))

    for row in [*report["rows"], report["totals"]]:
        assert cents(row["payment"]) == cents(row["posted"]) + cents(row["unapplied"])
    assert report["totals"]["payment"] == answer["payments_total"]
    assert report["totals"]["reissued"] != "0.00"
