"""Everything that can be wrong with a bank's file or a table: code, severity, sentence, action.

The sentences name lines and fields, never what stands in them. The place of a bank's finding is
its line: ``Finding.segment`` holds it, as text files have no segments.
"""

from __future__ import annotations

from typing import Final

from medcollect.findings import Finding
from medcollect.sheets import problems as sheets
from medcollect.sheets.problems import Problem, problem_of

_AGAIN: Final = "Fetch the file from the bank again; nothing of it was taken in."
_MAPPING: Final = "Correct the row, or the mapping; nothing of the file was taken in."
_NONE: Final = "Nothing to do; it is told so that nothing goes unseen."

#: code -> what it means and what to do. Codes are stable: scripts and documentation name them.
PROBLEMS: Final[dict[str, Problem]] = {
    **sheets.PROBLEMS,
    "bank-file-unknown": Problem(
        "error",
        "The file is neither BAI2 nor NACHA nor a table (CSV, XLSX).",
        "Name the right file; for another table give a mapping (--mapping).",
    ),
    "bank-file-cut-off": Problem("error", "The file ends before its {where}.", _AGAIN),
    "bank-record-unreadable": Problem("error", "The {where} cannot be read.", _AGAIN),
    "bank-record-misplaced": Problem("error", "A {where} stands where none may stand.", _AGAIN),
    "bank-record-unknown": Problem("error", "There is no record of this kind.", _AGAIN),
    "bank-total-differs": Problem(
        "error", "The {where} is not what the records add up to.", _AGAIN
    ),
    "bank-version-unknown": Problem("error", "The file is not of version 2 of BAI.", _AGAIN),
    "bank-currency-foreign": Problem(
        "error", "The account is not kept in US dollars.", "Post these deposits by hand."
    ),
    "bank-group-not-final": Problem(
        "info", "The group is a deletion or a test; nothing of it is taken in.", _NONE
    ),
    "bank-debits-left-aside": Problem(
        "info", "Entries that take money off the account were left aside: {where}.", _NONE
    ),
    "payment-without-target": Problem(
        "error", "The row names neither a claim nor an account.", _MAPPING
    ),
    "payment-target-unknown": Problem(
        "error", "There is no claim or account with this id of ours.", _MAPPING
    ),
    "payment-not-positive": Problem(
        "error",
        "The amount is not above zero.",
        "Enter a payment that came back with bounce; correct the row otherwise.",
    ),
    "payment-to-come": Problem("error", "The day of the payment is still to come.", _MAPPING),
    "payment-control-differs": Problem(
        "error",
        "The {where} of the rows is not the one that was expected.",
        "Find the missing or extra row; nothing of the file was taken in.",
    ),
    "payment-known": Problem(
        "info",
        "This payment is on file already; it counts once.",
        "Nothing to do, unless it is another one: then give it a reference of its own.",
    ),
    "deposit-known": Problem(
        "info",
        "This deposit is on file from another file; it counts once.",
        "Nothing to do, unless the bank really made it twice: then enter it by a CSV with its own "
        "reference.",
    ),
}


def problem(code: str, line: int | None = None, where: str = "") -> Finding:
    """A finding of the table at a line of a bank's file."""
    return problem_of(PROBLEMS, code, line, where)


def is_fatal(findings: list[Finding]) -> bool:
    """Whether a file with these findings may not be taken in at all."""
    return any(finding.severity == "error" for finding in findings)


def left_aside(count: int) -> Finding:
    """That so many debits were left aside."""
    return problem("bank-debits-left-aside", None, str(count))
