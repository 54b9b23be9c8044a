"""Tables that people bring: the same rows from CSV and XLSX, and nothing guessed."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.bank import read_bank_file
from medcollect.sheets import Mapping, Table, sheet_names
from medcollect.tasks.enter_sheet import read_sheet, template

FIELDS = ("date", "amount", "name")


def workbook(*rows: list[Any], title: str = "Sheet", more: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name in more:
        book.create_sheet(name)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes | str, mapping: Mapping | None = None) -> tuple[list[Any], list[str]]:
    table = Table(data, mapping or Mapping(), FIELDS)
    rows = [
        (row.line, table.day(row, "date"), table.cents(row, "amount"), row.cells.get("name"))
        for row in table.rows()
    ]
    return rows, [finding.code for finding in table.findings]


def test_a_workbook_says_the_same_as_its_csv() -> None:
    rows = workbook(
        ["Date", "Amount", "Name"],
        [date(2026, 3, 4), 1234.5, "A"],
        [datetime(2026, 3, 31), 7, 12345],  # noqa: DTZ001 - a cell has no zone
        [None, None, None],
        ["2026-04-01", "$1,000.10", " B "],
    )
    text = "Date,Amount,Name\n2026-03-04,1234.50,A\n2026-03-31,7,12345\n\n"
    text += '2026-04-01,"$1,000.10",B\n'
    assert read(rows) == read(text)
    assert read(rows)[0][0] == (2, date(2026, 3, 4), 123450, "A")


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_a_workbook_number_is_its_cents_exactly(cents: int) -> None:
    [(_, _, found, _)], findings = read(
        workbook(["date", "amount", "name"], [date(2026, 1, 1), cents / 100, "x"])
    )
    assert (found, findings) == (cents, [])


@pytest.mark.parametrize("value", [9.521, 0.125, "9.521", "$1,000.001", 1e-9])
def test_a_fraction_of_a_cent_is_never_rounded(value: Any) -> None:
    [(_, _, found, _)], findings = read(
        workbook(["date", "amount", "name"], [date(2026, 1, 1), value, "x"])
    )
    assert (found, findings) == (None, ["table-amount-fraction"])


def test_a_number_of_a_workbook_is_a_name_without_decimals() -> None:
    [(_, _, _, name)], _ = read(workbook(["date", "amount", "name"], ["2026-01-01", 1, 7.0]))
    assert name == "7"


def test_a_day_with_a_time_is_no_day() -> None:
    moment = datetime(2026, 1, 1, 8, 30)  # noqa: DTZ001 - a cell has no zone
    book = workbook(["date", "amount", "name"], [moment, 1, "x"])
    assert read(book)[1] == ["bank-field-unreadable"]


def test_days_of_a_workbook_are_days_whatever_the_mapping_says_of_texts() -> None:
    book = workbook(["date", "amount", "name"], [date(2026, 3, 4), 1, "x"], ["04/03/2026", 1, "y"])
    rows, findings = read(book, Mapping(date_format="%d/%m/%Y"))
    assert [row[1] for row in rows] == [date(2026, 3, 4), date(2026, 3, 4)]
    assert findings == []


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (("03/04/2026", "05/06/2026"), ["table-date-ambiguous"]),
        (("03/04/2026", "03/31/2026"), []),
        (("03/03/2026", "2026-03-04"), []),
        (("03/04/2026", "31/03/2026"), ["bank-field-unreadable"]),
    ],
)
def test_days_that_may_be_read_two_ways_are_refused(
    days: tuple[str, ...], codes: list[str]
) -> None:
    text = "date,amount,name\n" + "".join(f"{day},1,x\n" for day in days)
    assert read(text)[1] == codes


def test_the_mapping_says_how_days_are_written() -> None:
    rows, findings = read("date,amount,name\n03/04/2026,1,x\n", Mapping(date_format="%d/%m/%Y"))
    assert (rows[0][1], findings) == (date(2026, 4, 3), [])


def test_a_heading_that_stands_twice_is_refused_where_it_is_read() -> None:
    twice = "date,amount,Amount,name,note,note\n2026-01-01,1,2,x,,\n"
    assert read(twice)[1] == ["table-heading-repeated"]
    other = Mapping(columns={"amount": "note 2"})
    assert "table-heading-repeated" not in read(twice, other)[1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_people_see_them(end: str) -> None:
    lines = ["a title", "date,amount,name", '2026-01-01,1,"two', 'lines"', "2026-01-02,no,x"]
    table = Table(end.join(lines), Mapping(skip_lines=1), FIELDS)
    rows = list(table.rows())
    assert [row.line for row in rows] == [3, 5]
    assert table.cents(rows[1], "amount") is None
    assert table.findings[0].segment == 5


def test_a_line_separator_inside_a_text_ends_no_line() -> None:
    rows, findings = read("date,amount,name\n2026-01-01,1,a\u2028b\x0bc\x85d\n2026-01-02,1,x\n")
    assert [(row[0], row[3]) for row in rows] == [(2, "a\u2028b\x0bc\x85d"), (3, "x")]
    assert findings == []


def test_a_sheet_is_chosen_by_name() -> None:
    book = workbook(["date", "amount", "name"], ["2026-01-01", 1, "x"], title="March", more=("B",))
    assert sheet_names(book) == ["March", "B"]
    assert read(book, Mapping(sheet="March"))[0]
    assert read(book, Mapping(sheet="May"))[1] == ["table-sheet-missing"]


def test_a_damaged_workbook_is_a_finding() -> None:
    book = workbook(["date", "amount", "name"], ["2026-01-01", 1, "x"])
    assert read(book[: len(book) // 2])[1] == ["table-unreadable"]
    assert read(b"PK\x03\x04 and nothing more")[1] == ["table-unreadable"]
    assert sheet_names(b"PK\x03\x04") == []


def test_deposits_and_paper_payments_come_as_workbooks_too() -> None:
    bank = read_bank_file(workbook(["Date", "Amount"], [date(2026, 2, 9), 640.25]))
    assert (bank.format, [d.amount_cents for d in bank.deposits]) == ("xlsx", [64025])
    rows = [line.split(",") for line in template().splitlines()]
    assert read_sheet(workbook(*rows)) == read_sheet(template())
