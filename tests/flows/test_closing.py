"""Periods close: figures once handed in stay, and what is learned later stands in the open one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.store.journal import accounting_date
from medcollect.tasks.closing import last_day

SAMPLES = Path(__file__).parents[2] / "edi_samples"
FIRST = sorted(SAMPLES.glob("0*.edi"))
REST = sorted(SAMPLES.glob("[1-3]*.edi"))
FEBRUARY = date(2026, 2, 28)


def cents(text: str) -> int:
    return int(text.replace(".", ""))


@pytest.fixture
def book(book_url: str) -> Any:
    """A book on each database in turn."""
    with medcollect.open_book(book_url) as opened:
        yield opened


def close(book: Book, through: str = "2026-02") -> dict[str, Any]:
    return book.close_period(through, reason="handed in", user="dana")


def sheets(book: Book, as_of: date | None = FEBRUARY) -> list[Any]:
    names = ("trial-balance", "day-sheet")
    found = [book.report(name, as_of=as_of)["rows"] for name in names]
    ledger = book.report("ledger", as_of=as_of)["rows"]
    return [*found, ledger]


def claims(book: Book) -> Any:
    return book.report("claims")["rows"]


def test_a_closed_period_stays_as_it_was_whatever_comes_later(book: Book) -> None:
    """More files, an undo and the same files again change no figure of the closed months."""
    book.import_files(FIRST)
    close(book)
    handed_in = sheets(book)
    assert handed_in[0]

    book.import_files(REST)
    assert sheets(book) == handed_in
    book.undo("I000001", with_decisions=True)
    assert sheets(book) == handed_in
    book.import_files(FIRST)
    assert sheets(book) == handed_in


def test_closing_changes_no_balance_of_a_claim(book: Book, tmp_path: Path) -> None:
    """What claims and patients owe is what is known now, closed or not."""
    book.import_files(FIRST)
    close(book)
    book.import_files(REST)
    with medcollect.open_book(f"sqlite:///{tmp_path / 'other.db'}") as never_closed:
        never_closed.import_files(FIRST)
        never_closed.import_files(REST)

        assert claims(book) == claims(never_closed)
        day = date(2026, 3, 15)
        assert book.report("aging", as_of=day) == never_closed.report("aging", as_of=day)


def test_the_trial_balance_adds_up_to_zero_on_every_day(book: Book) -> None:
    book.import_files([SAMPLES])
    for month in range(1, 6):
        report = book.report("trial-balance", as_of=date(2026, month, 15), since=date(2026, 2, 1))
        assert report["totals"]["balance"] == "0.00"
        assert report["totals"]["opening"] == "0.00"
        assert report["totals"]["debits"] == report["totals"]["credits"]


def test_the_trial_balance_carries_the_opening_forward(book: Book) -> None:
    """January's closing balances are February's opening ones."""
    book.import_files([SAMPLES])
    january = book.report("trial-balance", as_of=date(2026, 1, 31))["rows"]
    february = book.report("trial-balance", since=date(2026, 2, 1), as_of=FEBRUARY)["rows"]
    opening = {row["ledger_account"]: row["opening"] for row in february}

    assert january
    assert all(opening[row["ledger_account"]] == row["balance"] for row in january)


def test_the_ledger_and_the_day_sheet_say_the_same(book: Book) -> None:
    """Each day's columns are the sums of that day's postings, and what is left is the claims'."""
    book.import_files([SAMPLES])
    ledger = book.report("ledger")["rows"]
    sheet = book.report("day-sheet")["rows"]
    charged = {
        row["day"]: sum(
            cents(leg["credit"]) - cents(leg["debit"])
            for leg in ledger
            if leg["ledger_account"] == "charges" and leg["accounting_date"] == row["day"]
        )
        for row in sheet
    }

    assert [cents(row["charges"]) for row in sheet] == list(charged.values())
    money = ("payer_payments", "patient_payments", "contractual", "written_off",
             "provider_adjustments", "other", "receivable_change")  # fmt: skip
    for row in sheet:
        explained = sum(cents(row[key]) for key in money) - cents(row["unapplied_change"])
        assert cents(row["charges"]) == explained
    open_with_all = sum(
        cents(row["insurance_open"]) - cents(row["payer_credit"])
        + cents(row["patient_due"]) - cents(row["credit"])
        for row in claims(book)
    )  # fmt: skip
    assert cents(sheet[-1]["receivable"]) == open_with_all


def test_the_day_sheet_is_held_against_the_bank(book: Book) -> None:
    """What was received and not deposited runs on; the bank's days stand beside the ledger's."""
    book.import_files([SAMPLES])
    book.import_deposits([SAMPLES / "bank" / "2026-02-statement.bai"])
    report = book.report("day-sheet")
    received = sum(cents(row["payer_payments"]) + cents(row["patient_payments"])
                   for row in report["rows"])  # fmt: skip
    deposited = sum(cents(row["deposited"]) for row in report["rows"])

    assert deposited > 0
    assert cents(report["rows"][-1]["not_deposited"]) == received - deposited
    assert report["totals"]["not_deposited"] == report["rows"][-1]["not_deposited"]


def test_days_that_are_not_over_or_closed_already_are_refused(book: Book) -> None:
    book.import_files(FIRST)
    close(book)
    with pytest.raises(NotAllowed, match="closed through 2026-02-28 already"):
        close(book, "2026-01")
    with pytest.raises(NotAllowed, match="not over"):
        close(book, (date.today() + timedelta(days=1)).isoformat())  # noqa: DTZ011
    with pytest.raises(BadRequest, match="neither a month nor a day"):
        close(book, "2026-13")
    with pytest.raises(BadRequest, match="reason"):
        book.close_period("2026-03", reason=" ", user="dana")


def test_only_the_last_closing_opens_again(book: Book) -> None:
    book.import_files(FIRST)
    first, second = close(book, "2026-01")["closing"], close(book)["closing"]
    with pytest.raises(NotAllowed) as refused:
        book.undo(first)
    assert second in refused.value.action

    book.undo(second)
    with pytest.raises(NotFound):
        book.undo(second)
    book.undo(first)

    rows = book.report("closings")["rows"]
    assert [row["status"] for row in rows] == ["undone", "undone"]
    book.import_files(REST)
    days = {row["accounting_date"] for row in book.report("ledger")["rows"]}
    assert min(days) < "2026-02-01"


def test_a_closing_says_what_still_waits_in_its_days(book: Book) -> None:
    book.import_files([SAMPLES])
    waiting = close(book, "2026-03")["waiting"]

    assert waiting["exceptions"] >= 1
    assert cents(waiting["amount"]) > 0


@pytest.mark.parametrize(
    ("entry_date", "recorded_on", "closed", "stands_on"),
    [
        (date(2026, 3, 5), date(2026, 4, 2), None, date(2026, 3, 5)),
        (date(2026, 4, 1), date(2026, 4, 2), date(2026, 3, 31), date(2026, 4, 1)),
        (date(2026, 3, 31), date(2026, 4, 2), date(2026, 3, 31), date(2026, 4, 2)),
        (date(2026, 3, 5), date(2026, 3, 9), date(2026, 3, 31), date(2026, 4, 1)),
        (None, date(2026, 4, 2), date(2026, 3, 31), date(2026, 4, 2)),
        (None, None, date(2026, 3, 31), None),
    ],
)
def test_the_day_of_the_ledger(
    entry_date: date | None, recorded_on: date | None, closed: date | None, stands_on: date | None
) -> None:
    """The day it counts from; in a closed period the day it was written, or the first open day."""
    assert accounting_date(entry_date, recorded_on, closed) == stands_on


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-02", date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 31)),
        ("2026-03-15", date(2026, 3, 15)),
    ],
)
def test_a_month_means_its_last_day(text: str, day: date) -> None:
    assert last_day(text) == day
