"""The claims of the invented practice's month, each with the figures it must end with.

The figures beside each claim are worked out by hand from the rules (claim_rules.md section 4), not
by running the product: they are what the product is measured against. Every person, payer and
number is invented.
"""

from __future__ import annotations

from datetime import date

from tests.support.month.late_claims import LATE, REFUSED
from tests.support.month.people import (
    BRIGHTLEAF,
    DEXTER,
    EDITH,
    GRETA,
    HARBOR,
    HOBART,
    JUNE,
    LENA,
    MABEL,
    MARCUS,
    MEDICAID,
    MEDICARE_A,
    MEDICARE_B,
    NORA,
    OSCAR,
    PLAINFIELD,
    PRIYA,
    RUTH,
    SAMIR,
    STONEBRIDGE,
    TILDA,
    VALLEY,
    WALTER,
)
from tests.support.month.visits import (
    Figures,
    SampleClaim,
    closed,
    denied,
    held,
    patient,
    plan,
    visit,
    waiting,
)
from tests.support.specs import Claim, Line, usd

COMMERCIAL = (
    visit(
        "CH1001",
        OSCAR,
        19,
        "99213 150",
        Figures("75.00", "50.00", "25.00", "0.00", patient_paid="25.00"),
        "copay taken at the desk",
        desk="25",
    ),
    visit(
        "CH1002",
        RUTH,
        19,
        "99214 180 + 93000 95",
        patient("72.00", "85.00", "118.00"),
        "deductible and coinsurance; answered again as a duplicate, which moves nothing",
    ),
    visit(
        "CH1003",
        MARCUS,
        20,
        "99214 210",
        Figures(
            "95.00",
            "90.00",
            "25.00",
            "0.00",
            patient_paid="60.00",
            credit="35.00",
            state="credit_patient",
        ),
        "patient paid too much at the desk",
        desk="60",
    ),
    visit("CH1004", PRIYA, 20, "99213 160", patient("0.00", "40.00", "120.00"), "zero payment"),
    visit(
        "CH2001",
        DEXTER,
        19,
        "99213 300 + G0399 900",
        Figures(
            "150.00", "120.00", "30.00", "900.00", billable="30.00", due="30.00", state="denied"
        ),
        "one line denied: authorization",
    ),
    visit("CH2002", MABEL, 19, "99213-25 140", denied("140.00"), "denied: modifier"),
    visit("CH2003", SAMIR, 19, "99213 220", denied("220.00"), "denied: coverage ended"),
    visit("CH2004", GRETA, 19, "99213 175", denied("175.00"), "denied: timely filing"),
    visit("CH2005", JUNE, 19, "99213 130", denied("130.00"), "denied: missing information"),
    visit("CH2006", OSCAR, 21, "99215 410", denied("410.00"), "denied: documentation"),
    visit("CH2007", RUTH, 21, "G0447 260", denied("260.00"), "denied: medical necessity"),
    visit(
        "CH2008",
        MARCUS,
        21,
        "99213 165 + 36415 85",
        Figures("110.00", "30.00", "25.00", "85.00", billable="25.00", due="25.00", state="denied"),
        "one line denied: bundled without a combined code",
    ),
    visit("CH2010", PRIYA, 21, "99214 240", denied("240.00"), "denied: other payer first"),
    visit("CH2011", DEXTER, 21, "G0108 95", held("95.00"), "benefit used up, patient's part"),
    visit("CH2012", MABEL, 21, "G0109 120", held("120.00"), "not covered, patient's part"),
    visit("CH2013", SAMIR, 21, "99213 145", denied("145.00"), "denied: provider not enrolled"),
    visit("CH2014", GRETA, 21, "99213 155", denied("155.00"), "denied: name and id differ"),
    visit("CH2015", JUNE, 21, "99214 190", denied("190.00"), "denied: no specific reason"),
    visit("CH2016", OSCAR, 23, "99213 160", held("160.00"), "the plan waits for the patient"),
    visit("CH4001", RUTH, 23, "G0481 100 + G0482 60", closed("150.00", "10.00"), "bundled"),
    visit("CH4002", MARCUS, 23, "G0270 400 x4", patient("240.00", "120.00", "40.00"), "split line"),
    visit("CH4003", PRIYA, 23, "99215 250", patient("96.00", "130.00", "24.00"), "recoded line"),
    visit(
        "CH4004",
        DEXTER,
        23,
        "99213 200 + 93000 300",
        patient("290.00", "190.00", "20.00"),
        "one claim answered as two claim payments",
    ),
    visit("CH4005", MABEL, 23, "80050 300", closed("140.00", "160.00"), "unbundled line"),
    visit(
        "CH5001",
        SAMIR,
        23,
        "G0438 400",
        patient("120.00", "150.00", "130.00"),
        "reversal and correction in one file",
    ),
    visit(
        "CH5002",
        GRETA,
        23,
        "G0439 350",
        patient("150.00", "90.00", "110.00"),
        "reversal and correction over two files, recovery deferred and taken",
    ),
    visit("CH5003", JUNE, 23, "G0402 700", denied("700.00"), "reversed, then denied: FB"),
    visit("CH5004", OSCAR, 26, "99213 150", closed("100.00", "50.00"), "paid beside a reversal"),
    visit("CH5005", RUTH, 26, "99215 600", closed("500.00", "100.00"), "pays for a recovery"),
    visit("CH5006", MARCUS, 26, "G0248 1300", closed("1000.00", "300.00"), "paid late: interest"),
    visit("CH5007", PRIYA, 26, "99213 150", closed("100.00", "50.00"), "first check of the FB"),
    visit("CH5008", DEXTER, 26, "99213 180", closed("120.00", "60.00"), "second check of the FB"),
    visit("CH5009", MABEL, 26, "G0249 800", closed("500.00", "300.00"), "third check of the FB"),
    visit(
        "CH6001",
        SAMIR,
        26,
        "G0296 1000",
        patient("680.00", "300.00", "20.00"),
        "three payers",
        payers=(
            plan(PLAINFIELD, SAMIR),
            plan(HARBOR, SAMIR, "S"),
            plan(STONEBRIDGE, SAMIR, "T"),
        ),
    ),
    visit(
        "CH6002",
        GRETA,
        26,
        "G0297 500",
        patient("260.00", "200.00", "40.00"),
        "two payers; filed to the second with the first one's answer",
        payers=(plan(PLAINFIELD, GRETA), plan(HARBOR, GRETA, "S")),
    ),
    visit(
        "CH6003",
        LENA,
        26,
        "99213 230",
        Figures("96.00", "80.00", "0.00", "54.00", state="with_next_payer"),
        "a child's claim that waits for the second payer",
        payers=(plan(PLAINFIELD, LENA, holder=MARCUS), plan(HARBOR, LENA, "S", holder=MARCUS)),
    ),
    visit("CH7001", JUNE, 28, "99214 320", waiting("320.00"), "answered by a check that is off"),
    visit("CH7002", OSCAR, 28, "99213 200", waiting("200.00"), "answer fails its own equation"),
    visit("CH7003", RUTH, 28, "99214 280", waiting("280.00"), "answer cut off"),
    visit("CH8001", MARCUS, 28, "99212 125", closed("85.00", "40.00"), "paid beside a defect"),
)

MEDICARE = (
    visit(
        "CH3001",
        WALTER,
        19,
        "99214 185",
        patient("78.40", "66.60", "40.00"),
        "Medicare with sequestration, no other payer",
        payers=(plan(MEDICARE_B, WALTER),),
    ),
    visit(
        "CH3002",
        EDITH,
        19,
        "99213 180",
        closed("98.40", "81.60"),
        "crossover to a supplement that only the remittance names",
        payers=(plan(MEDICARE_B, EDITH),),
    ),
    visit(
        "CH3003",
        HOBART,
        20,
        "99213 120",
        closed("62.72", "57.28"),
        "Medicare, then Medicaid that pays nothing more",
        payers=(plan(MEDICARE_B, HOBART), plan(MEDICAID, HOBART, "S")),
    ),
    visit(
        "CH3004",
        WALTER,
        21,
        "G0101-GA 90",
        patient("0.00", "0.00", "90.00"),
        "signed advance notice (GA): the patient pays",
        payers=(plan(MEDICARE_B, WALTER),),
    ),
    visit(
        "CH3005",
        EDITH,
        21,
        "G0101-GZ 90",
        closed("0.00", "90.00"),
        "no advance notice (GZ): the practice pays",
        payers=(plan(MEDICARE_B, EDITH),),
    ),
    visit(
        "CH3006",
        WALTER,
        22,
        "99212 110",
        denied("110.00"),
        "Medicare says the patient is in a Medicare Advantage plan",
        payers=(plan(MEDICARE_B, WALTER),),
    ),
    visit(
        "CH3007",
        NORA,
        22,
        "99213 140",
        closed("65.00", "75.00"),
        "Medicaid pays in full",
        payers=(plan(MEDICAID, NORA),),
    ),
    visit(
        "CH3008",
        TILDA,
        22,
        "99213 140",
        Figures("0.00", "120.00", "20.00", "0.00", patient_paid="20.00"),
        "capitated plan with a copay taken at the desk",
        payers=(plan(VALLEY, TILDA),),
        desk="20",
    ),
)

HOSPITAL = (
    SampleClaim(
        Claim(
            "CH9001",
            WALTER,
            (plan(MEDICARE_A, WALTER),),
            (
                Line("99283", usd("600"), control="CH9001L1", revenue="0450"),
                Line("80053", usd("150"), control="CH9001L2", revenue="0300"),
            ),
            date(2026, 1, 24),
            form="I",
            place="13",
            diagnoses=("R0789", "I10"),
        ),
        patient("231.28", "474.72", "44.00"),
        "outpatient hospital: sequestration at claim level",
    ),
    SampleClaim(
        Claim(
            "CH9002",
            DEXTER,
            (plan(PLAINFIELD, DEXTER),),
            (
                Line("", usd("4500"), units="3", control="CH9002L1", revenue="0120"),
                Line("", usd("1500"), control="CH9002L2", revenue="0250"),
                Line("", usd("2000"), control="CH9002L3", revenue="0360"),
            ),
            date(2026, 1, 26),
            date(2026, 1, 29),
            form="I",
            place="11",
            diagnoses=("K3580",),
        ),
        patient("2700.00", "4800.00", "500.00"),
        "inpatient stay answered without lines",
    ),
)

DENTAL = (
    SampleClaim(
        Claim(
            "CH9101",
            GRETA,
            (plan(BRIGHTLEAF, GRETA),),
            (
                Line("D0120", usd("60"), control="CH9101L1"),
                Line("D1110", usd("110"), control="CH9101L2"),
                Line("D2392", usd("220"), control="CH9101L3", tooth="3", surfaces=("M", "O")),
            ),
            date(2026, 1, 27),
            form="D",
        ),
        patient("264.00", "94.00", "32.00"),
        "dental visit",
    ),
)

#: Every claim of the month by its patient control number.
CLAIMS = {
    item.claim.number: item
    for item in (*COMMERCIAL, *MEDICARE, *HOSPITAL, *DENTAL, *LATE, *REFUSED)
}


def expected_claim(item: SampleClaim) -> dict[str, str]:
    """The hand-made figures under the names of the contract (DESIGN 8.1)."""
    figures = item.figures
    charge = sum(line.charge for line in item.claim.lines)
    return {
        "charge": f"{charge // 100}.{charge % 100:02d}",
        "insurance_paid": figures.paid,
        "written_off": figures.written_off,
        "patient_responsibility": figures.responsibility,
        "patient_paid": figures.patient_paid,
        "patient_due": figures.due,
        "patient_billable": figures.billable,
        "insurance_open": figures.open,
        "credit": figures.credit,
        "payer_credit": "0.00",
        "state": figures.state,
    }
