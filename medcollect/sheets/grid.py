"""A file as a grid of texts: CSV by its delimiter, XLSX by the values of its cells.

Numbers of a workbook come out as the exact decimal that it shows, never rounded; days as
``2026-03-31``.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import msgspec

from medcollect.findings import Finding
from medcollect.sheets.mapping import Mapping
from medcollect.sheets.problems import problem

_DELIMITERS: Final = ",;\t|"
_WORKBOOK: Final = b"PK\x03\x04"

#: Bytes that a workbook may hold when it is unpacked; a larger one is not read.
_UNPACKED_MAX: Final = 1 << 30

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError,
    AttributeError, IndexError, KeyError, TypeError, ValueError,
)  # fmt: skip


class Grid(msgspec.Struct):
    """Rows of texts with the line each begins on; ``has_days``: the file knows days as such."""

    rows: list[tuple[int, list[str]]]
    findings: list[Finding]
    has_days: bool = False


def is_workbook(data: bytes) -> bool:
    """Whether these are the bytes of an XLSX file."""
    return data.startswith(_WORKBOOK)


def decoded(data: bytes) -> str:
    """The text of a file from a bank or a spreadsheet."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def grid_of(data: bytes | str, mapping: Mapping) -> Grid:
    """The cells of a file; what cannot be read is a finding."""
    if isinstance(data, bytes) and is_workbook(data):
        return _workbook_grid(data, mapping)
    return _csv_grid(decoded(data) if isinstance(data, bytes) else data, mapping)


# -- CSV --------------------------------------------------------------------------------------


def _csv_grid(text: str, mapping: Mapping) -> Grid:
    """The rows of a CSV text. Only line ends that are not quoted end a row."""
    stream = io.StringIO(text, newline="")
    for _ in islice(stream, mapping.skip_lines):
        pass
    delimiter = mapping.delimiter or _delimiter(stream)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    grid = Grid([], [])
    line = mapping.skip_lines + 1
    try:
        for cells in reader:
            grid.rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + mapping.skip_lines + 1
    except csv.Error:
        what = "row, which is no CSV," if grid.rows else "heading, which is no CSV,"
        grid.findings.append(problem("bank-record-unreadable", line, what))
    return grid


def _delimiter(stream: io.StringIO) -> str:
    """The separator that the heading holds most of; the stream stays where it is."""
    here = stream.tell()
    heading = stream.readline()
    stream.seek(here)
    return max(_DELIMITERS, key=heading.count)


# -- XLSX -------------------------------------------------------------------------------------


def sheet_names(data: bytes) -> list[str]:
    """The names of a workbook's sheets; none where it cannot be read, or is no workbook."""
    try:
        return list(_opened(data).sheetnames) if is_workbook(data) else []
    except _BROKEN:
        return []


def _opened(data: bytes) -> Any:
    """The workbook, read row by row; raises one of ``_BROKEN``."""
    import openpyxl  # noqa: PLC0415 - heavy, and for workbooks only

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(member.file_size for member in packed.infolist()) > _UNPACKED_MAX:
            raise ValueError("too large")
    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)


def _workbook_grid(data: bytes, mapping: Mapping) -> Grid:
    """The rows of one sheet; a row is as long as the heading."""
    grid = Grid([], [], has_days=True)
    try:
        book = _opened(data)
        name = mapping.sheet or book.sheetnames[0]
        if name not in book.sheetnames:
            grid.findings.append(problem("table-sheet-missing"))
            return grid
        grid.rows = list(_sheet_rows(book[name], mapping.skip_lines))
    except _BROKEN:
        grid.findings.append(problem("table-unreadable"))
    return grid


def _sheet_rows(sheet: Any, skip: int) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    width = 0
    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line <= skip:
            continue
        texts = [cell_text(cell) for cell in cells]
        width = width or len(texts)
        yield line, texts + [""] * (width - len(texts))


def cell_text(value: object) -> str:
    """A cell's value as text: numbers exact, days as ``2026-03-31``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        exact = format(Decimal(repr(value)), "f")
        return exact.rstrip("0").rstrip(".") if "." in exact else exact
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    return value.isoformat() if isinstance(value, date) else str(value).strip()
