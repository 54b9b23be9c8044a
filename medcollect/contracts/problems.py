"""Everything that can be wrong with a table of prices: code, severity, sentence, action.

The sentences name rows and columns, never what stands in them; the place is the file's line.
"""

from __future__ import annotations

from typing import Final

from medcollect.findings import Finding
from medcollect.sheets.problems import Problem, problem_of

_CORRECT: Final = "Correct the row; nothing of the file was taken in."

PROBLEMS: Final[dict[str, Problem]] = {
    "contract-procedure-unreadable": Problem(
        "error",
        "The procedure is no code, beginning (992*), range (10004-69990) or *.",
        _CORRECT,
    ),
    "contract-field-unreadable": Problem(
        "error", "The {where} of this row cannot be read.", _CORRECT
    ),
    "contract-price-unclear": Problem(
        "error",
        "The row needs either an amount or a percent of a base, not both and not neither.",
        "Give one of them; a percent needs a base in its row or in the terms.",
    ),
    "contract-row-repeated": Problem(
        "error",
        "An earlier row has another price for the same procedure, modifiers and place.",
        "Keep the one that is right; nothing of the file was taken in.",
    ),
    "contract-row-twice": Problem(
        "info", "An earlier row says the same; it counts once.", "Nothing to do."
    ),
    "contract-without-rows": Problem(
        "error", "The table holds no price.", "Name the right file; the first row is the heading."
    ),
    "contract-rows-differ": Problem(
        "error",
        "The table has not as many rows as were expected.",
        "Find the missing or extra row; nothing of the file was taken in.",
    ),
    "contract-base-unknown": Problem(
        "warning",
        "No fee schedule named {where} is on file yet; its lines have no term until it is.",
        "Import it with --fee-schedule under that name.",
    ),
}


def problem(code: str, line: int | None = None, where: str = "") -> Finding:
    """A finding of the table at a line of the file."""
    return problem_of(PROBLEMS, code, line, where)
