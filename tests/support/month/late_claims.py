"""The claims that were sent last and have no payment yet: what came back is no 835."""

from __future__ import annotations

from tests.support.month.people import MEDICARE_B, OSCAR, RUTH, WALTER
from tests.support.month.visits import Figures, plan, visit, waiting


def rejected(amount: str) -> Figures:
    """Turned away before it was judged: all of it is open, nothing of it is denied."""
    return Figures("0.00", "0.00", "0.00", amount, state="rejected")


LATE = (
    visit(
        "CH9501",
        WALTER,
        28,
        "99214 198",
        rejected("198.00"),
        "rejected by Medicare before it was judged (277CA)",
        payers=(plan(MEDICARE_B, WALTER),),
    ),
    visit(
        "CH9502",
        OSCAR,
        28,
        "99213 155",
        waiting("155.00"),
        "accepted by the payer and in process (277CA, 277)",
    ),
)
REFUSED = (
    visit(
        "CH9503",
        RUTH,
        28,
        "99213 165",
        rejected("165.00"),
        "rejected with its whole transaction (999)",
    ),
)
