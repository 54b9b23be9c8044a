"""What payers take back, carry forward and get wrong: the later answers of the month.

All but the three at the end prove; those are wrong or broken on purpose.
"""

from __future__ import annotations

from datetime import date

from tests.support.month.answers import FIRST_5001, FIRST_5002, FIRST_5003
from tests.support.month.people import PLAINFIELD
from tests.support.month.said import answer, paid, plb, single
from tests.support.specs import Remit, reversal, usd

REVERSAL_AND_CORRECTION = Remit(
    PLAINFIELD,
    "PM26022601",
    date(2026, 2, 26),
    (
        reversal(FIRST_5001),
        answer(
            "CH5001",
            "120",
            "130",
            paid("CH5001", 1, "120", "CO-45 150, PR-1 100, PR-2 30"),
            control_number="PCH5001A",
            original_reference="PCH5001",
        ),
        single("CH5004", "100", "0", "CO-45 50"),
    ),
    amount=usd("20"),
)

RECOVERY_DEFERRED = Remit(
    PLAINFIELD,
    "PM26022701",
    date(2026, 2, 27),
    (reversal(FIRST_5002),),
    (plb("WO", "PCH5002", "-210"),),
    amount=0,
)

RECOVERY_TAKEN = Remit(
    PLAINFIELD,
    "PM26030201",
    date(2026, 3, 2),
    (
        answer(
            "CH5002",
            "150",
            "110",
            paid("CH5002", 1, "150", "CO-45 90, PR-1 60, PR-2 50"),
            control_number="PCH5002A",
            original_reference="PCH5002",
        ),
        single("CH5005", "500", "0", "CO-45 100"),
    ),
    (plb("WO", "PCH5002", "210"),),
    amount=usd("440"),
)

FORWARD_FIRST = Remit(
    PLAINFIELD,
    "PM26030301",
    date(2026, 3, 3),
    (
        reversal(FIRST_5003),
        answer(
            "CH5003",
            "0",
            "0",
            paid("CH5003", 1, "0", "CO-27 700"),
            control_number="PCH5003A",
            original_reference="PCH5003",
        ),
        single("CH5007", "100", "0", "CO-45 50"),
    ),
    (plb("FB", "PM26030301", "-200"),),
    amount=0,
)

FORWARD_SECOND = Remit(
    PLAINFIELD,
    "PM26030401",
    date(2026, 3, 4),
    (single("CH5008", "120", "0", "CO-45 60"),),
    (plb("FB", "PM26030301", "200"), plb("FB", "PM26030401", "-80")),
    amount=0,
)

FORWARD_THIRD = Remit(
    PLAINFIELD,
    "PM26030501",
    date(2026, 3, 5),
    (single("CH5009", "500", "0", "CO-45 300"),),
    (plb("FB", "PM26030401", "80"),),
    amount=usd("420"),
)

INTEREST = Remit(
    PLAINFIELD,
    "PM26030601",
    date(2026, 3, 6),
    (answer("CH5006", "1000", "0", paid("CH5006", 1, "1000", "CO-45 300"), interest=usd("4.10")),),
    (plb("L6", "PCH5006", "-4.10"),),
    amount=usd("1004.10"),
)

#: The check is ten dollars more than its claims.
CHECK_OFF = Remit(
    PLAINFIELD,
    "PM26030901",
    date(2026, 3, 9),
    (single("CH7001", "240", "0", "CO-45 80"),),
    amount=usd("250"),
)

#: The first claim explains 90.00 of the 100.00 that were not paid.
CLAIM_OFF = Remit(
    PLAINFIELD,
    "PM26031001",
    date(2026, 3, 10),
    (
        single("CH7002", "100", "0", "CO-45 90"),
        single("CH8001", "85", "0", "CO-45 40"),
    ),
    amount=usd("185"),
)

#: Whole here; the file breaks off within its second adjustment.
CUT_OFF = Remit(
    PLAINFIELD,
    "PM26031101",
    date(2026, 3, 11),
    (single("CH7003", "190", "30", "CO-45 60, PR-3 30"),),
    amount=usd("190"),
)
