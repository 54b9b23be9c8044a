"""The payers' answers of the month up to the third payer's, in the order they arrive.

Amounts are written out as the payer sends them; ``tests.support.specs.defects`` proves each.
"""

from __future__ import annotations

from datetime import date

from tests.support.month.people import (
    BRIGHTLEAF,
    HARBOR,
    LANTERN,
    MEDICAID,
    MEDICARE_A,
    MEDICARE_B,
    PLAINFIELD,
    STONEBRIDGE,
    VALLEY,
)
from tests.support.month.said import answer, changed, later, paid, single
from tests.support.specs import Remit, Service, cas, usd

FIRST_5001 = single("CH5001", "200", "50", "CO-45 150, PR-2 50")
FIRST_5002 = single("CH5002", "210", "50", "CO-45 90, PR-2 50")
FIRST_5003 = single("CH5003", "300", "0", "CO-45 400")

COPAY_AND_DEDUCTIBLE = Remit(
    PLAINFIELD,
    "PM26020901",
    date(2026, 2, 9),
    (
        single("CH1001", "75", "25", "CO-45 50, PR-3 25"),
        answer(
            "CH1002",
            "72",
            "118",
            paid("CH1002", 1, "16", "CO-45 60, PR-1 100, PR-2 4"),
            paid("CH1002", 2, "56", "CO-45 25, PR-2 14"),
        ),
        single("CH1003", "95", "25", "CO-45 90, PR-3 25"),
        FIRST_5001,
        FIRST_5002,
        FIRST_5003,
    ),
    amount=usd("952"),
)

ZERO_PAYMENT = Remit(
    PLAINFIELD,
    "PM26021001",
    date(2026, 2, 10),
    (single("CH1004", "0", "120", "CO-45 40, PR-1 120"),),
    amount=0,
)

DENIALS = Remit(
    PLAINFIELD,
    "PM26021101",
    date(2026, 2, 11),
    (
        answer(
            "CH2001",
            "150",
            "30",
            paid("CH2001", 1, "150", "CO-45 120, PR-3 30"),
            paid("CH2001", 2, "0", "CO-197 900"),
        ),
        single("CH2002", "0", "0", "CO-4 140", "N519"),
        single("CH2003", "0", "0", "CO-27 220"),
        single("CH2004", "0", "0", "CO-29 175"),
        single("CH2005", "0", "0", "CO-16 130", "M76"),
        single("CH2006", "0", "0", "CO-252 410", "N706"),
        single("CH2007", "0", "0", "CO-50 260", "N115"),
        answer(
            "CH2008",
            "110",
            "25",
            paid("CH2008", 1, "110", "CO-45 30, PR-3 25"),
            paid("CH2008", 2, "0", "CO-97 85"),
        ),
        # sent twice by the practice: the payer only says so
        answer(
            "CH1002",
            "0",
            "0",
            paid("CH1002", 1, "0", "OA-18 180"),
            paid("CH1002", 2, "0", "OA-18 95"),
            control_number="PCH1002D",
        ),
        single("CH2010", "0", "0", "CO-22 240"),
        single("CH2011", "0", "95", "PR-119 95"),
        single("CH2012", "0", "120", "PR-96 120", "N130"),
        single("CH2013", "0", "0", "CO-B7 145"),
        answer("CH2014", "0", "0", paid("CH2014", 1, "0", "CO-140 155"), status="4"),
        single("CH2015", "0", "0", "CO-A1 190"),
        single("CH2016", "0", "160", "PR-227 160", "N197"),
    ),
    amount=usd("260"),
)

_HALF = {"charge": usd("200"), "units": "2", "remarks": ("N123",)}

BUNDLED_SPLIT_RECODED = Remit(
    PLAINFIELD,
    "PM26021201",
    date(2026, 2, 12),
    (
        answer(
            "CH4001",
            "150",
            "0",
            changed(paid("CH4001", 1, "150", "OA-94 -50"), code="G0480", submitted="G0481"),
            changed(paid("CH4001", 2, "0", "CO-97 60"), code="G0480", submitted="G0482"),
        ),
        answer(
            "CH4002",
            "240",
            "40",
            changed(paid("CH4002", 1, "120", "CO-45 60, PR-2 20"), **_HALF),
            changed(paid("CH4002", 1, "120", "CO-45 60, PR-2 20"), **_HALF),
        ),
        answer(
            "CH4003",
            "96",
            "24",
            changed(
                paid("CH4003", 1, "96", "CO-45 130, PR-2 24", "N22"),
                code="99214",
                submitted="99215",
            ),
        ),
        answer(
            "CH4004",
            "110",
            "20",
            paid("CH4004", 1, "110", "CO-45 70, PR-3 20"),
            control_number="PCH4004A",
            remarks=("MA15",),
        ),
        answer(
            "CH4004",
            "180",
            "0",
            paid("CH4004", 2, "180", "CO-45 120"),
            control_number="PCH4004B",
            remarks=("MA15",),
        ),
        answer(
            "CH4005",
            "140",
            "0",
            changed(paid("CH4005", 1, "100", "CO-45 200"), code="80053", submitted="80050"),
            changed(
                paid("CH4005", 1, "40", "OA-94 -40"), code="85025", submitted="80050", charge=0
            ),
        ),
    ),
    amount=usd("916"),
)

MEDICARE = Remit(
    MEDICARE_B,
    "GR26021701",
    date(2026, 2, 17),
    (
        single("CH3001", "78.40", "40", "CO-45 65, CO-253 1.60, PR-1 20, PR-2 20"),
        answer(
            "CH3002",
            "78.40",
            "20",
            paid("CH3002", 1, "78.40", "CO-45 80, CO-253 1.60, PR-2 20"),
            status="19",
            crossover=LANTERN,
            remarks=("MA01", "MA18"),
        ),
        answer(
            "CH3003",
            "62.72",
            "16",
            paid("CH3003", 1, "62.72", "CO-45 40, CO-253 1.28, PR-2 16"),
            status="19",
            crossover=MEDICAID,
            remarks=("MA01", "MA07"),
        ),
        single("CH3004", "0", "90", "PR-50 90", "M38"),
        single("CH3005", "0", "0", "CO-50 90", "N563"),
        single("CH3006", "0", "0", "CO-24 110"),
    ),
    amount=usd("219.52"),
)

SUPPLEMENT = Remit(
    LANTERN,
    "LS26021801",
    date(2026, 2, 18),
    (later("CH3002", LANTERN, "2", "20", "0", "OA-23 160"),),
    amount=usd("20"),
)

MEDICAID_PAYMENT = Remit(
    MEDICAID,
    "PS26021801",
    date(2026, 2, 18),
    (
        later("CH3003", MEDICAID, "2", "0", "0", "OA-23 104, CO-45 16"),
        single("CH3007", "65", "0", "CO-45 75"),
    ),
    amount=usd("65"),
)

CAPITATED = Remit(
    VALLEY,
    "VC26021801",
    date(2026, 2, 18),
    (single("CH3008", "0", "20", "CO-24 120, PR-3 20"),),
    amount=0,
)

HOSPITAL = Remit(
    MEDICARE_A,
    "GA26021901",
    date(2026, 2, 19),
    (
        answer(
            "CH9001",
            "231.28",
            "44",
            paid("CH9001", 1, "176", "CO-45 380, PR-2 44"),
            paid("CH9001", 2, "60", "CO-45 90"),
            cas=cas("CO-253 4.72"),
            remarks=("MA01",),
        ),
    ),
    amount=usd("231.28"),
)

INPATIENT = Remit(
    PLAINFIELD,
    "PM26021901",
    date(2026, 2, 19),
    (answer("CH9002", "2700", "500", cas=cas("CO-45 4800, PR-1 500"), inpatient=True),),
    amount=usd("2700"),
)


def dental(third_line: Service, amount: str) -> Remit:
    """The dental plan's answer; it is sent twice, the second time with another third line."""
    return Remit(
        BRIGHTLEAF,
        "BL26022001",
        date(2026, 2, 20),
        (
            answer(
                "CH9101",
                amount,
                "32",
                paid("CH9101", 1, "48", "CO-45 12"),
                paid("CH9101", 2, "88", "CO-45 22"),
                third_line,
            ),
        ),
        amount=usd(amount),
    )


DENTAL = dental(paid("CH9101", 3, "128", "CO-45 60, PR-2 32"), "264")
DENTAL_AGAIN = dental(paid("CH9101", 3, "120", "CO-45 68, PR-2 32"), "256")

PRIMARY = Remit(
    PLAINFIELD,
    "PM26022001",
    date(2026, 2, 20),
    (
        single("CH6001", "400", "300", "CO-45 300, PR-1 200, PR-2 100"),
        single("CH6002", "200", "100", "CO-45 200, PR-1 50, PR-2 50"),
        single("CH6003", "96", "54", "CO-45 80, PR-1 30, PR-2 24"),
    ),
    amount=usd("696"),
)

SECONDARY = Remit(
    HARBOR,
    "HB26022401",
    date(2026, 2, 24),
    (
        later("CH6001", HARBOR, "2", "250", "50", "OA-23 700, PR-3 50"),
        later("CH6002", HARBOR, "2", "60", "40", "OA-23 400, PR-3 40"),
    ),
    amount=usd("310"),
)

TERTIARY = Remit(
    STONEBRIDGE,
    "ST26022501",
    date(2026, 2, 25),
    (later("CH6001", STONEBRIDGE, "3", "30", "20", "OA-23 950, PR-3 20"),),
    amount=usd("30"),
)
