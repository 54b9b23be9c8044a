"""Everything that can be wrong with a table, whatever it holds: code, severity, sentence, action.

The sentences name lines and columns, never what stands in them. The place of a finding is its line:
``Finding.segment`` holds it, as tables have no segments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from medcollect.findings import Finding, Severity


class Problem(NamedTuple):
    """One row of a table; ``{where}`` in ``message`` is replaced by the column or record."""

    severity: Severity
    message: str
    action: str


_MAPPING: Final = "Correct the row, or the mapping; nothing of the file was taken in."

#: code -> what it means and what to do. Codes are stable: scripts and documentation name them.
PROBLEMS: Final[dict[str, Problem]] = {
    "bank-column-missing": Problem(
        "error",
        "The table has no column for the {where}.",
        "Name its column in the mapping (--mapping).",
    ),
    "bank-field-unreadable": Problem("error", "The {where} of this row cannot be read.", _MAPPING),
    "bank-row-short": Problem("error", "The row has fewer fields than the heading.", _MAPPING),
    "bank-record-unreadable": Problem(
        "error",
        "The {where} cannot be read.",
        "Fetch or save the file again; nothing of it was taken in.",
    ),
    "table-amount-fraction": Problem(
        "error",
        "The {where} of this row has a fraction of a cent.",
        "Round it where it comes from, so that the totals still agree.",
    ),
    "table-date-ambiguous": Problem(
        "error",
        "The days of the column for the {where} may be month first or day first.",
        "Say which in the mapping (--mapping): date_format = '%m/%d/%Y' or '%d/%m/%Y'.",
    ),
    "table-heading-repeated": Problem(
        "error",
        "Two columns have the heading that the {where} is read from.",
        "Rename one of them, or name another column in the mapping (--mapping).",
    ),
    "table-sheet-missing": Problem(
        "error",
        "The workbook has no sheet of the name that the mapping gives.",
        "Correct the sheet in the mapping (--mapping).",
    ),
    "table-unreadable": Problem(
        "error",
        "The workbook cannot be read: it is damaged, locked by a password, or too large.",
        "Save it again as .xlsx without a password, or as CSV.",
    ),
}


def problem_of(
    table: Mapping[str, Problem], code: str, line: int | None = None, where: str = ""
) -> Finding:
    """A finding of a table of problems, at a line."""
    row = table[code]
    message = row.message.replace("{where}", where)
    if line is not None:
        message = f"Line {line}: {message[0].lower()}{message[1:]}"
    return Finding(code, row.severity, message, row.action, line)


def problem(code: str, line: int | None = None, where: str = "") -> Finding:
    """A finding of :data:`PROBLEMS` at a line of a table."""
    return problem_of(PROBLEMS, code, line, where)
