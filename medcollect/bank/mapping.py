"""How the columns of somebody's table are read: which column is what, how days are written.

A mapping is plain data: a table of a settings file, a TOML or a JSON file.

    date_format = "%m/%d/%Y"
    [columns]
    date = "Posting Date"
    amount = "Credit"
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from medcollect.bank.problems import problem
from medcollect.errors import BadRequest
from medcollect.findings import Finding
from medcollect.money import parse_cents

#: How days are written where the mapping does not say.
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")
_DELIMITERS = ",;\t|"


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns by our names for them; what is not named goes by our own name.

    ``skip_lines`` are lines above the heading; ``date_format`` is strptime's; ``values`` turn
    words of a column into ours (``{"method": {"VISA": "card"}}``).
    """

    columns: dict[str, str] = {}
    date_format: str = ""
    delimiter: str = ""
    skip_lines: int = 0
    values: dict[str, dict[str, str]] = {}


def mapping_of(data: dict[str, Any]) -> Mapping:
    """A mapping from a settings table; raises BadRequest where it makes none."""
    try:
        return msgspec.convert(data, Mapping)
    except msgspec.ValidationError as error:
        raise BadRequest(
            f"The mapping is not understood: {error}.",
            "A mapping has columns, date_format, delimiter, skip_lines and values.",
        ) from error


class Row(msgspec.Struct, frozen=True):
    """One row of a table by our names for its columns, with the line it stands on."""

    line: int
    cells: dict[str, str]


class Table:
    """A mapped table: its rows, and the cells as days and amounts; what fails is a finding."""

    def __init__(self, text: str, mapping: Mapping, fields: Sequence[str]) -> None:
        self.findings: list[Finding] = []
        self._mapping = mapping
        lines = text.splitlines(keepends=True)[mapping.skip_lines :]
        delimiter = mapping.delimiter or _delimiter(lines[0] if lines else "")
        self._reader = csv.reader(io.StringIO("".join(lines)), delimiter=delimiter, strict=True)
        heading = [cell.strip().lower() for cell in self._heading()]
        self._places = {
            field: heading.index(wanted)
            for field in fields
            if (wanted := mapping.columns.get(field, field).strip().lower()) in heading
        }
        self._width = len(heading)

    def _heading(self) -> list[str]:
        """The first row; none, with a finding, where the text is no CSV at all."""
        try:
            return next(self._reader, [])
        except csv.Error:
            line, what = self._mapping.skip_lines + 1, "heading, which is no CSV,"
            self.findings.append(problem("bank-record-unreadable", line, what))
            return []

    def has(self, *fields: str) -> bool:
        """Whether the table has a column for one of these fields."""
        return any(field in self._places for field in fields)

    def require(self, *fields: str) -> bool:
        """Note a finding where the table has a column for none of these fields."""
        if not self.has(*fields):
            self.findings.append(problem("bank-column-missing", None, " or ".join(fields)))
        return self.has(*fields)

    def rows(self) -> Iterator[Row]:
        """The rows that are not empty; one that is too short, or no CSV, is a finding."""
        try:
            for cells in self._reader:
                if not any(cell.strip() for cell in cells):
                    continue
                line = self._reader.line_num + self._mapping.skip_lines
                if len(cells) < self._width:
                    self.findings.append(problem("bank-row-short", line))
                    continue
                found = {field: cells[place].strip() for field, place in self._places.items()}
                yield Row(line, {f: self._ours(f, cell) for f, cell in found.items()})
        except csv.Error:
            line = self._reader.line_num + self._mapping.skip_lines
            self.findings.append(problem("bank-record-unreadable", line, "row, which is no CSV,"))

    def _ours(self, field: str, cell: str) -> str:
        """A cell in our words, where the mapping has some for it."""
        return self._mapping.values.get(field, {}).get(cell, cell)

    def day(self, row: Row, field: str) -> date | None:
        """A cell as a day; ``None`` with a finding where it is none."""
        text = row.cells.get(field, "")
        formats = (self._mapping.date_format,) if self._mapping.date_format else _DATE_FORMATS
        for one in formats:
            try:
                return datetime.strptime(text, one).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        self.findings.append(problem("bank-field-unreadable", row.line, field))
        return None

    def cents(self, row: Row, field: str) -> int | None:
        """A cell as an amount; ``None`` with a finding where it is none."""
        found = money_cents(row.cells.get(field, ""))
        if found is None:
            self.findings.append(problem("bank-field-unreadable", row.line, field))
        return found


def money_cents(text: str) -> int | None:
    """An amount as banks and spreadsheets write it: ``$1,234.50``, ``(12.00)``, ``12.00-``."""
    plain = text.strip().replace("$", "").replace(" ", "")
    negative = False
    if plain.startswith("(") and plain.endswith(")"):
        plain, negative = plain[1:-1], True
    elif plain.endswith("-"):
        plain, negative = plain[:-1], True
    if "," in plain:
        if not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
            return None
        plain = plain.replace(",", "")
    cents = parse_cents(plain)
    return -cents if cents is not None and negative else cents


def _delimiter(heading: str) -> str:
    """The separator that the heading holds most of."""
    return max(_DELIMITERS, key=heading.count)
