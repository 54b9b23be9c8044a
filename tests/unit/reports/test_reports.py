"""Reports as people and scripts get them: real numbers, dates, totals, nothing dangerous."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from medcollect.reports.cells import exact, harmless, heading, plain, shown
from medcollect.reports.csv_text import to_csv
from medcollect.reports.spreadsheet import to_xlsx
from medcollect.reports.table import to_table

COLUMNS = [
    {"name": "payer", "type": "text", "means": "who owes"},
    {"name": "since", "type": "date", "means": "oldest open day"},
    {"name": "claims", "type": "integer", "means": "how many claims"},
    {"name": "open", "type": "money", "means": "what is open"},
    {"name": "share", "type": "money", "means": "an average, not a sum"},
]
ROWS = [
    {"payer": "Acme", "since": "2026-01-05", "claims": 2, "open": "1234.50", "share": "617.25"},
    {"payer": '=HYPERLINK("x")', "since": None, "claims": 1, "open": "-0.10", "share": "-0.10"},
]
REPORT: dict[str, Any] = {
    "report": "aging",
    "as_of": "2026-01-31",
    "parameters": {"bucket_days": 30},
    "columns": COLUMNS,
    "rows": ROWS,
    "totals": {"claims": 3, "open": "1234.40", "share": "411.47"},
}


def sheet_of(report: dict[str, Any], *, values: bool = False) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(report)), data_only=values)
    return book.worksheets[0]


def test_a_spreadsheet_holds_real_numbers_and_dates() -> None:
    sheet = sheet_of(REPORT)
    assert sheet["B2"].value == datetime(2026, 1, 5)  # noqa: DTZ001 - a spreadsheet has no zones
    assert (sheet["C2"].value, sheet["D2"].value, sheet["D3"].value) == (2, 1234.5, -0.1)
    assert sheet["D2"].number_format.startswith("#,##0.00")
    assert sheet["B3"].value is None


def test_a_text_never_becomes_a_formula() -> None:
    cell = sheet_of(REPORT)["A3"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")


def test_the_header_stays_and_every_column_has_a_width() -> None:
    sheet = sheet_of(REPORT)
    assert sheet.freeze_panes == "A2"
    assert sheet["D1"].value == "Open"
    assert all(sheet.column_dimensions[letter].width >= 9 for letter in "ABCDE")


def test_totals_follow_the_filter_only_where_they_are_sums() -> None:
    assert sheet_of(REPORT)["D4"].value == "=SUBTOTAL(109,D2:D3)"
    assert sheet_of(REPORT, values=True)["D4"].value == 1234.4
    assert sheet_of(REPORT)["E4"].value == 411.47


def test_a_spreadsheet_says_what_its_columns_mean() -> None:
    about = openpyxl.load_workbook(io.BytesIO(to_xlsx(REPORT)))["About"]
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    assert told["Open"] == "what is open"
    assert told["As of"] == "2026-01-31"


def test_a_report_without_rows_is_a_spreadsheet_too() -> None:
    assert sheet_of({**REPORT, "rows": [], "totals": {"open": "0.00"}})["A1"].value == "Payer"


def test_csv_is_exact_and_can_be_summed() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(REPORT))))
    assert [row["open"] for row in rows] == ["1234.50", "-0.10"]
    assert rows[1]["payer"] == '\'=HYPERLINK("x")'
    assert rows[1]["since"] == ""


def test_a_table_shows_thousands_and_totals() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(to_table(REPORT))
    assert "Aging as of 2026-01-31" in out.getvalue()
    assert "1,234.50" in out.getvalue()
    assert "1,234.40" in out.getvalue()


def test_columns_are_named_for_people() -> None:
    names = ["patient_due", "days_0_30", "days_over_120"]
    assert [heading({"name": name}) for name in names] == [
        "Patient due", "0-30 days", "Over 120 days"
    ]  # fmt: skip


def test_a_narrow_table_keeps_the_money_and_what_to_do() -> None:
    names = ("id", "payment_method", "procedure", "amount", "next_action", "deadline")
    columns = [{"name": name, "type": "text", "means": name} for name in names]
    row = {name: f"{name}-{'x' * 8}" for name in names}
    report = {"report": "denials", "columns": columns, "rows": [row]}
    out = io.StringIO()
    Console(file=out, width=78).print(to_table(report, 78))
    head, _, caption = out.getvalue().partition("besides:")
    assert all(row[name] in head for name in ("amount", "next_action", "deadline"))
    assert "procedure" in caption
    assert "payment method" in " ".join(caption.split())


def test_columns_that_do_not_fit_are_left_out_and_named() -> None:
    out = io.StringIO()
    Console(file=out, width=40).print(to_table(REPORT, 40))
    assert "besides: open, share" in out.getvalue()
    assert "2026-01-05" in out.getvalue()


def test_brackets_in_names_are_shown_not_read_as_colours() -> None:
    out = io.StringIO()
    rows = [{**ROWS[0], "payer": "[red]Acme[/red]"}]
    Console(file=out, width=120).print(to_table({**REPORT, "rows": rows}))
    assert "[red]Acme[/red]" in out.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (["N54", "M15"], "N54, M15"),
        ({"amount": "1.00", "reason": "x"}, "amount: 1.00; reason: x"),
        ("1234.5", "1234.5"),
    ],
)
def test_any_value_is_one_line_of_text(value: object, text: str) -> None:
    assert plain(value) == text


def test_money_that_is_no_money_is_shown_as_it_stands() -> None:
    assert shown("1234567.8", "money") == "1,234,567.80"
    assert shown("unknown", "money") == "unknown"
    assert exact("unknown") is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    assert harmless(f"{start}1").startswith("'")
    assert harmless("Acme") == "Acme"
