"""Open balances go out and come in again: an empty book has the same figures, to the cent."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import medcollect
from medcollect.book import Book
from medcollect.model.common import Adjustment
from medcollect.model.entered import EnteredClaim, EnteredPayment
from medcollect.tasks.enter import enter_payments

SAMPLES = Path(__file__).parents[2] / "edi_samples"
FIGURES = (
    *("charge", "insurance_paid", "written_off", "patient_responsibility", "patient_paid"),
    *("patient_due", "patient_billable", "insurance_open", "credit", "payer_credit"),
)


def of_claims(book: Book, *, open_only: bool = False) -> dict[str, Any]:
    rows = book.report("claims")["rows"]
    owing = ("insurance_open", "patient_due", "credit", "payer_credit")
    return {
        row["patient_control_number"]: {key: row[key] for key in FIGURES}
        for row in rows
        if not open_only or any(row[key] != "0.00" for key in owing)
    }


def of_accounts(book: Book) -> list[tuple[str, ...]]:
    keys = ("patient", "patient_due", "patient_billable", "credit", "unapplied")
    return sorted(tuple(r[key] for key in keys) for r in book.report("patient-balances")["rows"])


def trial(book: Book) -> dict[str, str]:
    keep = {"charges", "insurance_receivable", "patient_receivable", "patient_unapplied"}
    rows = book.report("trial-balance")["rows"]
    return {r["ledger_account"]: r["balance"] for r in rows if r["ledger_account"] in keep}


@pytest.fixture
def moved(book_url: str, tmp_path: Path) -> Callable[..., tuple[Book, Book]]:
    """A book of all samples with patients' payments, and an empty one of its kind."""

    def make(*, closed: bool, output: str) -> tuple[Book, Book]:
        book = medcollect.open_book(book_url)
        book.import_files([SAMPLES])
        book.pay("CH1002", "130", method="card", received_on=date(2026, 3, 16), user="ann")
        book.pay("CH6001", "5", method="cash", received_on=date(2026, 3, 16), user="ann")
        out = book.export_balances(tmp_path / output, closed=closed)
        other = medcollect.open_book(f"sqlite:///{tmp_path / 'other.db'}")
        expected = {
            "count": out["claims"],
            "charges": out["totals"]["charge"],
            "insurance": out["totals"]["insurance_open"],
            "patient": out["totals"]["patient_due"],
            "total": out["totals"]["total"],
        }
        answer = other.import_balances(tmp_path / output, expected=expected, user="ann")
        findings = [f["code"] for file in answer["files"] for f in file["findings"]]
        assert (findings, answer["held_claims"]) == ([], 0)
        assert answer["claims"] == out["claims"]
        assert answer["credits"] == out["credits"] == 1
        return book, other

    return make


@pytest.mark.parametrize("output", ["open.xlsx", "open.csv", "open"])
def test_a_book_moves_to_the_cent(moved: Callable[..., tuple[Book, Book]], output: str) -> None:
    book, other = moved(closed=True, output=output)
    with book, other:
        assert of_claims(other) == of_claims(book)
        assert of_accounts(other) == of_accounts(book)
        assert trial(other) == trial(book)


def test_what_is_closed_stays_behind(moved: Callable[..., tuple[Book, Book]]) -> None:
    book, other = moved(closed=False, output="open.xlsx")
    with book, other:
        left = of_claims(book, open_only=True)
        assert of_claims(other, open_only=True) == left
        assert len(left) < len(of_claims(book))
        assert of_accounts(other) == of_accounts(book)


def test_what_moved_moves_again_the_same(
    moved: Callable[..., tuple[Book, Book]], tmp_path: Path
) -> None:
    book, other = moved(closed=True, output="open")
    with book, other:
        other.export_balances(tmp_path / "again", closed=True)
        with medcollect.open_book(f"sqlite:///{tmp_path / 'third.db'}") as third:
            third.import_balances(tmp_path / "again", user="ann")
            assert of_claims(third) == of_claims(book)
            assert of_accounts(third) == of_accounts(book)


def test_cells_are_numbers_days_and_harmless_texts(tmp_path: Path) -> None:
    number = "=1+CMD"
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        cut = (Adjustment("CO", "45", 6000),)
        claim = EnteredClaim(number, (), "1", 10000, 4000, last_name="@SUM", adjustments=cut)
        payment = EnteredPayment("PLAINFIELD", "T1", date(2026, 2, 2), 4000, (claim,))
        enter_payments(book._store, [payment], user="ann")
        book.export_balances(tmp_path / "open.csv", closed=True)
        book.export_balances(tmp_path / "open.xlsx", closed=True)
        numbers = list(of_claims(book))
    with (tmp_path / "open.csv").open(encoding="utf-8", newline="") as stream:
        [row] = csv.DictReader(stream)
    assert row["claim"][0] == "'"
    book_read = openpyxl.load_workbook(tmp_path / "open.xlsx")
    assert book_read.sheetnames == ["claims", "patients", "lines", "payments"]
    heading, values = list(book_read["claims"].iter_rows())
    cells = {h.value: cell for h, cell in zip(heading, values, strict=True)}
    assert (cells["Charge"].value, cells["Charge"].data_type) == (100, "n")
    assert (cells["Claim"].value, cells["Claim"].data_type) == (number, "s")
    [_, paid] = list(book_read["payments"].iter_rows())
    assert any(cell.is_date for cell in paid)
    for output in ("open.csv", "open.xlsx"):
        with medcollect.open_book(f"sqlite:///{tmp_path / output}.db") as other:
            other.import_balances(tmp_path / output, user="ann")
            assert list(of_claims(other)) == numbers


def sheet(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_units_diagnoses_refusals_and_what_waits_go_out(
    moved: Callable[..., tuple[Book, Book]], tmp_path: Path
) -> None:
    """Nothing is cut silently: what no balance holds stands in tables beside, and is said."""
    book, other = moved(closed=True, output="open")
    with book, other:
        out = tmp_path / "open"
        claims = {row["claim"]: row for row in sheet(out, "claims")}
        for number in ("CH2001", "CH4002"):
            told = claims[number]["diagnoses"].split()
            assert told
            lines = [x for x in other.claim(number)["lines"] if x["line"]]
            assert [x["diagnoses"] for x in lines] == [told] * len(lines)
        units = {row["units"] for row in sheet(out, "lines") if row["claim"] == "CH4002"}
        assert units - {"1", ""}
        refused = sheet(out, "denials")
        worked = [d for d in book.denials()["denials"] if d["kind"] == "denied"]
        assert len(refused) == len(worked)
        assert any(r["claim"] == "CH2001" and r["reason"] == "197" for r in refused)
        waiting = sheet(out, "exceptions")
        assert len(waiting) == book.exceptions()["count"]
        answer = book.export_balances(tmp_path / "again.xlsx")
        assert f"{len(waiting)} exceptions wait" in answer["notes"][-1]
        names = openpyxl.load_workbook(tmp_path / "again.xlsx").sheetnames
        assert names[-2:] == ["denials", "exceptions"]


def test_more_payers_than_columns_are_said(tmp_path: Path) -> None:
    """The payments are all there; a book that takes them in holds the claim, with its row."""
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        told: dict[str, Any] = {"reason": "many", "user": "ann"}
        book.import_files([SAMPLES / "01-837p-january-visits-commercial.edi"])
        answered = book.claim("CH1001")
        assert answered["state"] == "with_payer"
        first = EnteredClaim(
            "CH1001", (), "1", 15000, 0, adjustments=(Adjustment("PR", "1", 15000),)
        )
        pay = EnteredPayment("A STRANGER", "T0", date(2026, 2, 2), 0, (first,))
        enter_payments(book._store, [pay], user="ann")
        for rank in range(2, 12):
            book.add_coverage("CH1001", payer=f"PAYER {rank}", payer_rank=rank, **told)
        answer = book.export_balances(tmp_path / "open", closed=True)
        assert ["CH1001 has 12 payers" in note for note in answer["notes"]][:1] == [True]
        assert "payer_12" not in (tmp_path / "open" / "claims.csv").read_text(encoding="utf-8")
