"""What came again: undo names the import that stands in; a released re-issue is its own payment."""

from __future__ import annotations

from pathlib import Path

import medcollect

SAMPLES = Path(__file__).parents[2] / "edi_samples"
FILE = SAMPLES / "05-835-commercial-copay-and-deductible.edi"


def test_undo_names_the_import_that_the_files_stand_from(tmp_path: Path) -> None:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([FILE])
        book.import_files([FILE])
        before = book.report("claims")["totals"]

        first = book.undo("I000001")
        assert first["stands_from"] == ["I000002"]
        assert book.report("claims")["totals"] == before

        second = book.undo("I000002")
        assert second["stands_from"] == []
        assert book.report("claims")["rows"] == []


def test_a_released_reissue_is_a_payment_of_its_own(tmp_path: Path) -> None:
    """The bank's deposit still belongs to the first, whose amount is not that of both."""
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.import_files([SAMPLES])
        book.import_deposits([SAMPLES / "bank" / "2026-02-statement.bai"])
        before = book.reconcile()["totals"]["deposits"]
        again = book.exceptions(kind="reissued_payment")["exceptions"][0]
        book.resolve(again["id"], post_anyway=True, reason="the bank has both", user="dana")
        after = book.reconcile()["totals"]["deposits"]

    assert after == before
    assert before["matched"] != "0.00"
