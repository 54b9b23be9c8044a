"""A report as an XLSX workbook: real numbers and dates, so that people can sum and sort.

Users of other tools complain of exports that hold text instead of numbers and blank columns
(what_users_ask_for no. 45). Money is written with a money format, dates with a date format; the
header stays in sight; the last row adds up what the filter shows; a second sheet tells what each
column means.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any  # xlsxwriter tells no types

from medcollect.reports.cells import (
    Column,
    Document,
    Kind,
    day,
    exact,
    heading,
    kind_of,
    plain,
    shown,
)

_FORMATS: dict[Kind, dict[str, Any]] = {
    "money": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "number": {"num_format": "General"},
    "text": {"num_format": "@"},
}
#: Texts stay texts: a cell that begins with "=" or "http" came from somebody else's file.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_WIDTH_MIN, _WIDTH_MAX = 9, 48


def to_xlsx(report: Document) -> bytes:
    """The report as the bytes of an XLSX file."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        _rows_sheet(book, report)
        _about_sheet(book, report)
    return out.getvalue()


def to_workbook(reports: list[Document]) -> bytes:
    """Several tables as the sheets of one XLSX file, each under its own name."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        for report in reports:
            _rows_sheet(book, report)
    return out.getvalue()


def _rows_sheet(book: Any, report: Document) -> None:
    sheet = book.add_worksheet(str(report["report"])[:31])
    bold = {
        kind: book.add_format({**look, "bold": True, "top": 1}) for kind, look in _FORMATS.items()
    }
    formats = {kind: book.add_format(look) for kind, look in _FORMATS.items()}
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    rows = report["rows"]
    for index, column in enumerate(report["columns"]):
        kind = kind_of(column)
        values = [row.get(column["name"]) for row in rows]
        sheet.write_string(0, index, heading(column), header)
        sheet.set_column(index, index, _width(column, kind, values))
        for number, value in enumerate(values, start=1):
            _WRITERS[kind](sheet, number, index, value, formats[kind])
        _write_total(sheet, index, column, report, bold[kind])
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(report["columns"]) - 1)


def _write_total(sheet: Any, index: int, column: Column, report: Document, look: Any) -> None:
    """The total below a column: a formula where the column adds up to it, else the figure.

    A formula follows the filter; a total that is not the column's sum must not become one.
    """
    from xlsxwriter.utility import xl_range

    totals, rows, name = report.get("totals") or {}, report["rows"], column["name"]
    total, below = totals.get(name), len(rows) + 1
    if total is None:
        if index == 0 and totals:
            sheet.write_string(below, index, "Total", look)
        return
    value = exact(total)
    if value is None or kind_of(column) == "text":
        sheet.write_string(below, index, plain(total), look)
        return
    if rows and value == sum((exact(row.get(name)) or Decimal(0) for row in rows), Decimal(0)):
        formula = f"=SUBTOTAL(109,{xl_range(1, index, len(rows), index)})"
        sheet.write_formula(below, index, formula, look, value)
        return
    sheet.write_number(below, index, value, look)


def _write_number(sheet: Any, row: int, column: int, value: object, look: Any) -> None:
    number = exact(value)
    if number is None:
        _write_text(sheet, row, column, value, look)
    else:
        sheet.write_number(row, column, number, look)


def _write_date(sheet: Any, row: int, column: int, value: object, look: Any) -> None:
    moment = day(value)
    if moment is None:
        _write_text(sheet, row, column, value, look)
    else:
        sheet.write_datetime(row, column, moment, look)


def _write_text(sheet: Any, row: int, column: int, value: object, look: Any) -> None:
    if plain(value):
        sheet.write_string(row, column, plain(value), look)


_WRITERS: dict[Kind, Callable[[Any, int, int, object, Any], None]] = {
    "money": _write_number,
    "number": _write_number,
    "date": _write_date,
    "text": _write_text,
}


def _about_sheet(book: Any, report: Document) -> None:
    """Which report this is, and what each column means."""
    sheet = book.add_worksheet("About")
    bold = book.add_format({"bold": True})
    lines = [("Report", report["report"]), ("As of", report.get("as_of"))]
    lines += sorted((report.get("parameters") or {}).items())
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, str(name), bold)
        sheet.write_string(row, 1, plain(value))
    for row, column in enumerate(report["columns"], start=len(lines) + 1):
        sheet.write_string(row, 0, heading(column), bold)
        sheet.write_string(row, 1, str(column.get("means", "")))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 80)


def _width(column: Column, kind: Kind, values: list[object]) -> int:
    """Wide enough for the heading's longest word and for the values, within reason."""
    longest_word = max(len(word) for word in heading(column).split())
    longest = max((len(shown(value, kind)) for value in values), default=0)
    return min(_WIDTH_MAX, max(_WIDTH_MIN, longest_word + 3, longest + 2))
