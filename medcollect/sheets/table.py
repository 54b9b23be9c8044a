"""A mapped table: rows by our names for the columns, and their cells as days and amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from medcollect.findings import Finding
from medcollect.money import parse_cents
from medcollect.sheets.grid import grid_of
from medcollect.sheets.mapping import Mapping
from medcollect.sheets.problems import problem

_ISO: Final = "%Y-%m-%d"

#: How days are written where the mapping does not say.
_DATE_FORMATS: Final = (_ISO, "%m/%d/%Y", "%m/%d/%y", "%Y%m%d")

#: Days that may be month first or day first.
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(?:\d{2}|\d{4})")
_FRACTION: Final = re.compile(r"[-+]?\d*\.\d{2}\d*[1-9]\d*")
_MONTHS: Final = 12
_FORMULA_STARTS: Final = frozenset("=+-@")


class Row(msgspec.Struct, frozen=True):
    """One row of a table by our names for its columns, with the line it stands on."""

    line: int
    cells: dict[str, str]


class Table:
    """A mapped table: its rows, and the cells as days and amounts; what fails is a finding."""

    def __init__(self, data: bytes | str, mapping: Mapping, fields: Sequence[str]) -> None:
        grid = grid_of(data, mapping)
        self.findings: list[Finding] = grid.findings
        self._mapping = mapping
        self._has_days = grid.has_days
        self._rows = grid.rows[1:]
        self.heading = grid.rows[0][1] if grid.rows else []
        self._places = self._placed(fields)
        self._formats: dict[str, tuple[str, ...]] = {}

    def _placed(self, fields: Sequence[str]) -> dict[str, int]:
        """Which column each field is read from; a heading that two columns have is a finding."""
        heading = [_plain(cell) for cell in self.heading]
        places: dict[str, int] = {}
        for field in fields:
            wanted = _plain(self._mapping.columns.get(field, field))
            if heading.count(wanted) > 1:
                self.findings.append(problem("table-heading-repeated", None, field))
            if wanted in heading:
                places[field] = heading.index(wanted)
        return places

    def columns(self) -> dict[str, str]:
        """The heading that each field was found under."""
        return {field: self.heading[place] for field, place in self._places.items()}

    def has(self, *fields: str) -> bool:
        """Whether the table has a column for one of these fields."""
        return any(field in self._places for field in fields)

    def require(self, *fields: str) -> bool:
        """Note a finding where the table has a column for none of these fields."""
        if not self.has(*fields):
            self.findings.append(problem("bank-column-missing", None, " or ".join(fields)))
        return self.has(*fields)

    def rows(self) -> Iterator[Row]:
        """The rows that are not empty; one that is too short is a finding."""
        for line, cells in self._rows:
            if not any(cells):
                continue
            if len(cells) < len(self.heading):
                self.findings.append(problem("bank-row-short", line))
                continue
            found = {field: _unharmed(cells[place]) for field, place in self._places.items()}
            yield Row(line, {f: self._ours(f, cell) for f, cell in found.items()})

    def _ours(self, field: str, cell: str) -> str:
        """A cell in our words, where the mapping has some for it."""
        return self._mapping.values.get(field, {}).get(cell, cell)

    def day(self, row: Row, field: str) -> date | None:
        """A cell as a day; ``None`` with a finding where it is none."""
        text = row.cells.get(field, "")
        for one in self._formats_of(field):
            try:
                return datetime.strptime(text, one).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        if self._formats_of(field):
            self.findings.append(problem("bank-field-unreadable", row.line, field))
        return None

    def _formats_of(self, field: str) -> tuple[str, ...]:
        """How the days of a column are written; none, with one finding, where that is open."""
        if field not in self._formats:
            said = self._mapping.date_format
            own = (_ISO,) if self._has_days else ()
            found = (said, *own) if said else _DATE_FORMATS
            if not said and self._is_ambiguous(field):
                self.findings.append(problem("table-date-ambiguous", None, field))
                found = ()
            self._formats[field] = found
        return self._formats[field]

    def _is_ambiguous(self, field: str) -> bool:
        """Whether the days of a column may be month first or day first, and no row tells."""
        place = self._places.get(field)
        if place is None:
            return False
        cells = [cells[place] for _, cells in self._rows if place < len(cells)]
        found = [match.groups() for cell in cells if (match := _SLASHED.fullmatch(cell))]
        pairs = {(int(first), int(second)) for first, second in found}
        told = any(first > _MONTHS or second > _MONTHS for first, second in pairs)
        return not told and any(first != second for first, second in pairs)

    def cents(self, row: Row, field: str) -> int | None:
        """A cell as an amount; ``None`` with a finding where it is none."""
        text = row.cells.get(field, "")
        found = money_cents(text)
        if found is None:
            is_finer = _FRACTION.fullmatch(text.replace(",", "").replace("$", ""))
            code = "table-amount-fraction" if is_finer else "bank-field-unreadable"
            self.findings.append(problem(code, row.line, field))
        return found


def _plain(heading: str) -> str:
    """A heading for comparison: ``Patient due`` is ``patient_due``."""
    return heading.strip().lower().replace("_", " ")


def _unharmed(cell: str) -> str:
    """A text without the apostrophe with which our own tables keep it from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS else cell


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
