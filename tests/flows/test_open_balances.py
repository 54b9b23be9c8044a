"""Open balances from another system: to the cent, once, undoable; later files take their place."""

from __future__ import annotations

import io
from collections.abc import Iterator
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

HEAD = (
    *("claim", "account", "last_name", "first_name", "birth_date", "member_id", "practice_id"),
    *("service_from", "charge", "payer_1", "payer_1_paid", "payer_1_paid_on", "payer_2"),
    *("written_off", "patient_paid", "insurance_open", "patient_due"),
)
ROSE = ("77", "ALDER", "ROSE", "1961-04-02", "PM1001", "1234567893")
TOM = ("78", "BIRCH", "TOM", "1972-08-30", "PM1002", "1234567893")
ANN = ("79", "CEDAR", "ANN", "1980-01-01", "", "1234567893")
PM, HB = "PLAINFIELD MUTUAL HEALTH", "HARBOR BENEFIT FUND"

#: The claims, in the order of the heading.
ROWS: list[tuple[Any, ...]] = [
    ("OB1001", *ROSE, "2026-01-05", "100.00", PM, "", "", "", "", "", "100.00", "0"),
    ("OB1002", *ROSE, "2026-01-12", "250.00", PM, "150", "2026-02-02", "", "60", "10", "0", "30"),
    ("OB1003", *TOM, "2026-01-13", "200.00", PM, "120", "2026-02-02", HB, "30", "", "50", "0"),
    ("OB1004", *ANN, "2026-01-14", "80.00", "", "", "", "", "", "", "0", "80.00"),
    ("OB1005", *TOM, "2026-01-15", "90.00", PM, "50", "2026-02-02", "", "", "", "40", "0"),
    ("OB1006", *TOM, "2026-01-16", "60.00", PM, "60", "2026-02-02", "", "", "15", "0", "-15"),
]
CREDIT = ("", *ROSE, "", "", "", "", "", "", "", "", "", "-5.00")
BALANCES = {
    "OB1001": ("with_payer", "100.00", "0.00", "0.00"),
    "OB1002": ("patient_billable", "0.00", "30.00", "0.00"),
    "OB1003": ("with_next_payer", "50.00", "0.00", "0.00"),
    "OB1004": ("patient_billable", "0.00", "80.00", "0.00"),
    "OB1005": ("with_payer", "40.00", "0.00", "0.00"),
    "OB1006": ("credit_patient", "0.00", "0.00", "15.00"),
}
DAY = date(2026, 3, 31)


@pytest.fixture
def book(book_url: str) -> Iterator[Book]:
    with medcollect.open_book(book_url) as opened:
        yield opened


def table(tmp_path: Path, *rows: tuple[Any, ...], name: str = "old.csv") -> Path:
    path = tmp_path / name
    lines = [",".join(HEAD), *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def take(book: Book, path: Path, **options: Any) -> dict[str, Any]:
    return book.import_balances(path, as_of=DAY, user="ann", **options)


def balances(book: Book) -> dict[str, tuple[str, ...]]:
    keys = ("state", "insurance_open", "patient_due", "credit")
    rows = book.report("claims")["rows"]
    return {row["patient_control_number"]: tuple(row[key] for key in keys) for row in rows}


def codes(answer: dict[str, Any]) -> list[str]:
    return [finding["code"] for file in answer["files"] for finding in file["findings"]]


def trial(book: Book) -> dict[str, str]:
    return {row["ledger_account"]: row["balance"] for row in book.report("trial-balance")["rows"]}


def test_every_claim_stands_as_it_was_brought(book: Book, tmp_path: Path) -> None:
    answer = take(book, table(tmp_path, *ROWS))
    assert (answer["claims"], answer["held_claims"], codes(answer)) == (6, 0, [])
    assert answer["totals"]["insurance_open"] == "190.00"
    assert answer["totals"]["patient_due"] == "95.00"
    assert balances(book) == BALANCES
    kept = trial(book)
    assert kept["charges"] == "-780.00"
    assert kept["insurance_receivable"] == "190.00"
    assert kept["patient_receivable"] == "95.00"
    rose = book.claim("OB1002")
    assert (rose["insurance_paid"], rose["written_off"]) == ("150.00", "60.00")
    waiting = {r["patient_control_number"]: r for r in book.report("waiting")["rows"]}
    assert waiting["OB1003"]["payer"] == HB
    assert waiting["OB1005"]["why"] == "opening"


def test_the_same_again_changes_nothing_and_undo_takes_it_back(book: Book, tmp_path: Path) -> None:
    path = table(tmp_path, *ROWS)
    first = take(book, path)
    again = take(book, table(tmp_path, *reversed(ROWS), name="again.csv"))
    assert (again["claims"], again["known"]) == (0, 6)
    assert again["files"][0]["status"] == "duplicate"
    assert balances(book) == BALANCES
    back = book.undo(first["import"])
    assert back["stands_from"] == [again["import"]]
    assert balances(book) == BALANCES
    book.undo(again["import"])
    assert balances(book) == {}
    assert set(trial(book).values()) <= {"0.00"}
    take(book, path)
    assert balances(book) == BALANCES


def test_a_dry_run_shows_all_and_keeps_nothing(book: Book, tmp_path: Path) -> None:
    path = table(tmp_path, *ROWS)
    tried = take(book, path, dry_run=True)
    assert (tried["import"], tried["dry_run"], len(tried["rows"])) == (None, True, 6)
    assert balances(book) == {}
    kept = take(book, path)
    assert kept["rows"] == tried["rows"]
    assert kept["totals"] == tried["totals"]


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"count": 6, "total": "285.00", "charges": "780.00"}, []),
        ({"insurance": "190.00", "patient": "95.00"}, []),
        ({"count": 5}, ["opening-control-differs"]),
        ({"total": "285.01"}, ["opening-control-differs"]),
        ({"charges": "1", "patient": "2"}, ["opening-control-differs"] * 2),
    ],
)
def test_control_totals_refuse_the_whole(
    book: Book, tmp_path: Path, expected: dict[str, Any], told: list[str]
) -> None:
    answer = take(book, table(tmp_path, *ROWS), expected=expected)
    assert codes(answer) == told
    assert answer["files"][0]["status"] == ("rejected" if told else "imported")
    assert balances(book) == ({} if told else BALANCES)


def test_what_does_not_add_up_is_held_with_its_row(book: Book, tmp_path: Path) -> None:
    wrong = (*ROWS[0][:-2], "90.00", "0")
    unread = (*ROWS[1][:8], "2x0", *ROWS[1][9:])
    nobody = (*ROWS[3][:-2], "80.00", "0")
    finer = (*ROWS[4][:8], "90.001", *ROWS[4][9:])
    answer = take(book, table(tmp_path, wrong, unread, ROWS[2], nobody, finer, ROWS[5], ROWS[5]))
    found = {finding["line"]: finding["code"] for finding in answer["files"][0]["findings"]}
    assert found == {
        2: "opening-sum-differs",
        3: "bank-field-unreadable",
        5: "opening-payer-missing",
        6: "table-amount-fraction",
        8: "opening-repeated",
    }
    assert (answer["claims"], answer["held_claims"]) == (1, 5)
    assert answer["files"][0]["status"] == "partial"
    assert balances(book) == {"OB1003": BALANCES["OB1003"]}
    mended = take(book, table(tmp_path, *ROWS, name="mended.csv"))
    assert (mended["claims"], mended["known"]) == (5, 1)
    assert balances(book) == BALANCES


def test_other_figures_of_a_claim_on_file_are_held(book: Book, tmp_path: Path) -> None:
    first = take(book, table(tmp_path, *ROWS))
    other = ("OB1001", *ROSE, "2026-01-05", "120.00", PM, "", "", "", "", "", "120.00", "0")
    answer = take(book, table(tmp_path, other, name="other.csv"))
    assert codes(answer) == ["opening-known-otherwise"]
    assert balances(book) == BALANCES
    book.undo(first["import"])
    assert take(book, table(tmp_path, other, name="other.csv"))["claims"] == 1


def test_a_credit_without_a_claim_is_the_accounts(book: Book, tmp_path: Path) -> None:
    answer = take(book, table(tmp_path, ROWS[0], CREDIT))
    assert (answer["claims"], answer["credits"]) == (1, 1)
    assert answer["totals"]["patient_due"] == "-5.00"
    [row] = book.patient_payments()["patient_payments"]
    assert (row["amount"], row["unapplied"], row["held"]) == ("5.00", "5.00", "")
    again = take(book, table(tmp_path, CREDIT, ROWS[0], name="again.csv"))
    assert (again["known"], again["credits"]) == (1, 0)
    book.undo(answer["import"])
    assert trial(book).get("patient_unapplied", "0.00") in {"0.00", "-5.00"}


def paper(book: Book, number: str, paid: int, charge: int, *adjustments: Adjustment) -> None:
    claim = EnteredClaim(number, charge_cents=charge, paid_cents=paid, adjustments=adjustments)
    payment = EnteredPayment(PM, f"T{number}", date(2026, 2, 2), paid, (claim,))
    answer = enter_payments(book._store, [payment], user="ann")
    assert answer["matched"] == 1, answer


def test_the_payers_own_answer_takes_the_place_of_what_the_opening_says(
    book: Book, tmp_path: Path
) -> None:
    take(book, table(tmp_path, *ROWS))
    owed = (Adjustment("CO", "45", 6000), Adjustment("PR", "3", 4000))
    paper(book, "OB1002", 15000, 25000, *owed)
    claim = book.claim("OB1002")
    assert (claim["insurance_paid"], claim["written_off"]) == ("150.00", "60.00")
    assert (claim["patient_paid"], claim["patient_due"]) == ("10.00", "30.00")
    paper(book, "OB1001", 7000, 10000, Adjustment("CO", "45", 3000))
    assert balances(book)["OB1001"] == ("closed", "0.00", "0.00", "0.00")


@pytest.mark.parametrize("order", ["oce", "ceo", "coe", "eoc", "oe", "oc"])
def test_files_of_the_same_claims_take_its_place_in_any_order(tmp_path: Path, order: str) -> None:
    """What the practice sends (c) and the payer answers (e) after the opening (o), or before it."""
    samples = Path(__file__).parents[2] / "edi_samples"
    files = {
        "c": samples / "01-837p-january-visits-commercial.edi",
        "e": samples / "05-835-commercial-copay-and-deductible.edi",
    }
    opening = tmp_path / "open.csv"
    with medcollect.open_book(f"sqlite:///{tmp_path / 'files.db'}") as whole:
        whole.import_files([files["c"], files["e"]])
        whole.export_balances(opening, closed=True)
        wanted = money_of(whole)
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        for step in order:
            found = take(book, opening) if step == "o" else book.import_files([files[step]])
            assert codes(found) == []
        assert money_of(book) == wanted
        assert book.exceptions()["exceptions"] == []


def money_of(book: Book) -> dict[str, tuple[str, ...]]:
    keys = ("state", "charge", "insurance_paid", "written_off", "patient_paid", "patient_due")
    rows = book.report("claims")["rows"]
    return {r["patient_control_number"]: tuple(r[key] for key in keys) for r in rows}


def test_bad_tables_take_nothing_in(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    for text, code in (
        ("claim,charge\nA,1\n", "bank-column-missing"),
        (",".join([*HEAD, "charge"]) + "\n", "table-heading-repeated"),
        (",".join(HEAD) + "\n" + ",".join(ROWS[0]).replace("2026-01-05", "01/05/2026") + "\n",
         "table-date-ambiguous"),
    ):  # fmt: skip
        path.write_text(text, encoding="utf-8")
        answer = take(book, path)
        assert code in codes(answer)
        assert answer["files"][0]["status"] == "rejected"
    assert balances(book) == {}


def test_a_mapping_and_a_workbook_give_the_same(book: Book, tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    rows = sheet.active
    rows.append(["Old system, open items"])
    rows.append([f"Col {field}" for field in HEAD])
    for row in ROWS:
        cells: list[Any] = list(row)
        for place in (8, 10, 13, 14, 15, 16):
            cells[place] = float(row[place]) if row[place] else None
        cells[7] = date.fromisoformat(row[7])
        rows.append(cells)
    out = io.BytesIO()
    sheet.save(out)
    path = tmp_path / "old.xlsx"
    path.write_bytes(out.getvalue())
    mapping = {"skip_lines": 1, "columns": {field: f"Col {field}" for field in HEAD}}
    shown = book.preview_balances(path, mapping=mapping)
    assert shown["claims"] == 6
    assert {"column": "charge", "heading": "Col charge"} in shown["tables"][0]["columns"]
    assert shown["tables"][0]["rows"][0]["cells"]["charge"] == "100"
    answer = take(book, path, mapping=mapping)
    assert codes(answer) == []
    assert balances(book) == BALANCES
    assert take(book, table(tmp_path, *ROWS))["known"] == 6


def test_an_opening_claim_cannot_be_written_again(book: Book, tmp_path: Path) -> None:
    take(book, table(tmp_path, *ROWS))
    with pytest.raises(medcollect.errors.NotAllowed, match="opening balance"):
        book.bill(["OB1003"], kind="again")
