"""What can be wrong with acknowledgements, status and eligibility beyond :mod:`problems`.

The rows have the form of that table: codes are stable, sentences name places and never values.
"""

from __future__ import annotations

from typing import Final

from medcollect.findings import Finding
from medcollect.x12.problems import PROBLEMS, Problem, problem

_ASK: Final = "Ask the sender what was decided; nothing is guessed."
_TELL: Final = "Tell the sender; the data was read as it stands."
_COUNT: Final = "Check that the answer is complete."

#: code -> severity, sentence, action.
LIFE_PROBLEMS: Final[dict[str, Problem]] = {
    "verdict-missing": Problem("warning", "{where} is missing: there is no verdict.", _ASK),
    "verdict-unknown": Problem("warning", "{where} is no verdict of the standard.", _ASK),
    "verdict-contradicted": Problem(
        "warning", "{where} contradicts what stands beside it; the refusal counts.", _ASK
    ),
    "answer-count-differs": Problem(
        "warning", "{where} does not state the number of transactions found.", _COUNT
    ),
    "status-category-unknown": Problem(
        "warning", "{where} is no claim status category of the standard.", _ASK
    ),
    "figure-unreadable": Problem("warning", "{where} is no number; it is left out.", _TELL),
    "segment-unexpected": Problem(
        "warning", "{where} stands where none may stand; it is carried as it is.", _TELL
    ),
    "hierarchy-parent-unknown": Problem(
        "warning", "HL02 names no HL before it; the order of the file is followed.", _TELL
    ),
    "levels-over-limit": Problem(
        "error",
        "An HL stands under more levels than the limit; what is deeper was left out.",
        "If the file is genuine, raise the limit with --limit; else ask the sender.",
    ),
    "hierarchy-level-differs": Problem(
        "warning", "HL03 is not the level of the person that NM1 names; the NM1 counts.", _TELL
    ),
    "eligibility-answer-missing": Problem(
        "warning", "A person has neither a benefit (EB) nor a refusal (AAA).", _ASK
    ),
}


def life_problem(
    code: str, segment: int | None = None, transaction: int | None = None, where: str = ""
) -> Finding:
    """Make the finding for one row of this table or of the general one."""
    if code in PROBLEMS:
        return problem(code, segment, transaction, where)
    row = LIFE_PROBLEMS[code]
    message = row.message.format(where=where)
    return Finding(code, row.severity, message, row.action, segment, transaction)
