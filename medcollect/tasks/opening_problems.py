"""Everything that can be wrong with opening balances, beside what can be with any table."""

from __future__ import annotations

from typing import Final

from medcollect.findings import Finding
from medcollect.sheets import problems as sheets
from medcollect.sheets.problems import Problem, problem_of

_HELD: Final = (
    "Correct the row and bring the table again: this claim is held, what is in already counts once."
)

#: code -> what it means and what to do.
PROBLEMS: Final[dict[str, Problem]] = {
    **sheets.PROBLEMS,
    "opening-control-differs": Problem(
        "error",
        "The {where} of the table is not the one that was expected.",
        "Find the missing or extra row; nothing of the table was taken in.",
    ),
    "opening-known": Problem(
        "info", "Opening balances on file already, which count once: {where}.", "Nothing to do."
    ),
    "opening-known-otherwise": Problem(
        "error",
        "The claim has an opening balance with other figures on file.",
        "Undo the import that brought it, then bring the right one.",
    ),
    "opening-lines-differ": Problem(
        "error", "The lines of this claim do not add up to its charge.", _HELD
    ),
    "opening-parent-missing": Problem(
        "error", "No row of the other table has the {where} that this row names.", _HELD
    ),
    "opening-payer-missing": Problem(
        "error", "Money is paid by or open with a payer that the row does not name.", _HELD
    ),
    "opening-payments-differ": Problem(
        "error", "The payments of this claim are not the {where} that the claim's row says.", _HELD
    ),
    "opening-person-missing": Problem(
        "error",
        "A credit without a claim needs the patient's name with birth date or member id.",
        _HELD,
    ),
    "opening-repeated": Problem("error", "Another row has the same {where}.", _HELD),
    "opening-row-differs": Problem(
        "error", "The rows of this claim say different things of the {where}.", _HELD
    ),
    "opening-sum-differs": Problem(
        "error",
        "The charge is not what was paid, written off and is open: {where} apart.",
        _HELD,
    ),
    "opening-not-postable": Problem(
        "error",
        "These figures cannot stand together: more is paid than charged, and something is open.",
        _HELD,
    ),
}

#: With one of these nothing of the table is taken in: what is meant is not known.
FATAL: Final = frozenset(
    {
        "bank-column-missing",
        "bank-record-unreadable",
        "bank-row-short",
        "opening-control-differs",
        "table-date-ambiguous",
        "table-heading-repeated",
        "table-sheet-missing",
        "table-unreadable",
    }
)


def problem(code: str, line: int | None = None, where: str = "") -> Finding:
    """A finding over opening balances, at a row."""
    return problem_of(PROBLEMS, code, line, where)


def is_fatal(findings: list[Finding]) -> bool:
    """Whether nothing of a table with these findings may be taken in."""
    return any(finding.code in FATAL for finding in findings)
