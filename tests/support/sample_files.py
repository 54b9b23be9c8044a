"""The files of the invented month in the order of their story, with what importing each must say.

The expected figures are of one import per file into one book, in this order. They are added up by
hand from the answers (``tests.support.sample_remits``), by the meanings that DESIGN 8.1 gives the
names; they are not taken from the product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tests.support import sample_remits as remits
from tests.support.builder import (
    PRACTICE,
    Envelope,
    build_835,
    build_837,
    cut_after,
)
from tests.support.sample_claims import (
    CLAIMS,
    COMMERCIAL,
    DENTAL,
    HOSPITAL,
    MEDICARE,
    PLAINFIELD,
    SampleClaim,
)
from tests.support.specs import Claim, PriorAnswer, PriorLine, Remit, cas, usd

NOT_EDI = (
    "Dear Cedar Hollow Family Medicine,\n\n"
    "our records show that you asked for electronic remittances. Please sign the enclosed form\n"
    "and send it back by mail.\n\nPlainfield Mutual Health, provider services\n"
)

ZEROS = {
    "remittances": 0,
    "claims": 0,
    "claims_charged": "0.00",
    "claim_payments": 0,
    "service_payments": 0,
    "charged": "0.00",
    "paid": "0.00",
    "patient_responsibility": "0.00",
    "provider_adjustments": "0.00",
    "payments_total": "0.00",
    "claim_status": {},
    "denied_claims": 0,
    "denied_lines": 0,
    "denied_amount": "0.00",
    "reversals": 0,
    "duplicates": 0,
    "reissued": 0,
    "posted": "0.00",
    "unapplied": "0.00",
    "exceptions": 0,
}


@dataclass(frozen=True)
class SampleFile:
    """One file: its name, text, what it shows, and what importing it must say."""

    name: str
    text: str
    shows: str
    status: str
    expected: dict[str, Any]

    @property
    def expected_name(self) -> str:
        """The name of the expected result beside it."""
        return self.name.removesuffix(".edi") + ".expected.json"

    @property
    def expected_document(self) -> dict[str, Any]:
        """What the expected file holds."""
        return {"shows": self.shows, "status": self.status, "import": self.expected}


def claims_file(
    number: int, name: str, claims: tuple[Claim, ...], charged: str, shows: str, day: date
) -> SampleFile:
    """An 837 of the practice."""
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=number)
    expected = {**ZEROS, "claims": len(claims), "claims_charged": charged, "balanced": True}
    text = build_837(claims, envelope)
    return SampleFile(f"{number:02d}-{name}.edi", text, shows, "imported", expected)


def remits_file(
    number: int, name: str, sent: tuple[Remit, ...], shows: str, **expected: Any
) -> SampleFile:
    """An 835 of one or more payers; ``expected`` holds what is not zero."""
    envelope = Envelope(day=sent[-1].day, control=number)
    figures = {**ZEROS, "remittances": len(sent), "balanced": True, **expected}
    # what is paid is posted, unless the file says otherwise
    figures["posted"] = expected.get("posted", figures["payments_total"])
    text = build_835(sent, envelope)
    return SampleFile(f"{number:02d}-835-{name}.edi", text, shows, "imported", figures)


def secondary_claim() -> Claim:
    """CH6002 as it goes to the second payer, with the first one's answer."""
    claim = CLAIMS["CH6002"].claim
    first, second = claim.coverages
    answered = PriorAnswer(
        PLAINFIELD.id,
        usd("200"),
        date(2026, 2, 20),
        lines=(PriorLine(usd("200"), cas("CO-45 200, PR-1 50, PR-2 50")),),
        control_number="PCH6002",
    )
    return replace(claim, coverages=(second, first), prior=(answered,))


def claims_of(items: tuple[SampleClaim, ...]) -> tuple[Claim, ...]:
    return tuple(item.claim for item in items)


FILED = date(2026, 2, 2)

CLAIM_FILES = (
    claims_file(
        1,
        "837p-january-visits-commercial",
        claims_of(COMMERCIAL),
        "13580.00",
        "professional claims to a commercial payer; a dependent child; second and third payers",
        FILED,
    ),
    claims_file(
        2,
        "837p-january-visits-medicare-medicaid-hmo",
        claims_of(MEDICARE),
        "1055.00",
        "professional claims to Medicare, Medicaid and a capitated plan; GA and GZ modifiers",
        FILED,
    ),
    claims_file(
        3,
        "837i-hospital-claims",
        claims_of(HOSPITAL),
        "8750.00",
        "institutional claims: an outpatient visit and an inpatient stay",
        FILED,
    ),
    claims_file(
        4,
        "837d-dental-claim",
        claims_of(DENTAL),
        "390.00",
        "a dental claim with tooth and surfaces",
        FILED,
    ),
)

ANSWER_FILES = (
    remits_file(
        5,
        "commercial-copay-and-deductible",
        (remits.COPAY_AND_DEDUCTIBLE,),
        "copay taken at the desk, paid too much at the desk, deductible and coinsurance",
        claim_payments=6,
        service_payments=7,
        charged="2085.00",
        paid="952.00",
        patient_responsibility="268.00",
        payments_total="952.00",
        claim_status={"1": 6},
    ),
    remits_file(
        6,
        "zero-payment-all-deductible",
        (remits.ZERO_PAYMENT,),
        "nothing is paid and nothing is denied: all of it is deductible",
        claim_payments=1,
        service_payments=1,
        charged="160.00",
        patient_responsibility="120.00",
        claim_status={"1": 1},
    ),
    remits_file(
        7,
        "denials-of-every-category",
        (remits.DENIALS,),
        "denials of every category, most of them under status 1; one answer that only says "
        "'duplicate'",
        claim_payments=16,
        service_payments=19,
        charged="4165.00",
        paid="260.00",
        patient_responsibility="430.00",
        payments_total="260.00",
        claim_status={"1": 15, "4": 1},
        denied_claims=14,
        denied_lines=17,
        denied_amount="3700.00",
    ),
    remits_file(
        8,
        "bundled-split-and-recoded-lines",
        (remits.BUNDLED_SPLIT_RECODED,),
        "lines bundled into a combined code, split by units, recoded, unbundled; one claim in two "
        "claim payments",
        claim_payments=6,
        service_payments=9,
        charged="1610.00",
        paid="916.00",
        patient_responsibility="84.00",
        payments_total="916.00",
        claim_status={"1": 6},
    ),
    remits_file(
        9,
        "medicare-sequestration-notices-crossover",
        (remits.MEDICARE,),
        "Medicare: sequestration, crossover to a supplement and to Medicaid, GA and GZ notices, "
        "a Medicare Advantage patient",
        claim_payments=6,
        service_payments=6,
        charged="775.00",
        paid="219.52",
        patient_responsibility="166.00",
        payments_total="219.52",
        claim_status={"1": 4, "19": 2},
        denied_claims=3,
        denied_lines=3,
        denied_amount="290.00",
    ),
    remits_file(
        10,
        "supplement-after-crossover",
        (remits.SUPPLEMENT,),
        "the supplement pays what Medicare left; OA-23 posts nothing",
        claim_payments=1,
        service_payments=1,
        charged="180.00",
        paid="20.00",
        payments_total="20.00",
        claim_status={"2": 1},
    ),
    remits_file(
        11,
        "medicaid-and-capitated-plan",
        (remits.MEDICAID_PAYMENT, remits.CAPITATED),
        "two payments of two payers in one file: Medicaid first and second, a capitated visit",
        claim_payments=3,
        service_payments=3,
        charged="400.00",
        paid="65.00",
        patient_responsibility="20.00",
        payments_total="65.00",
        claim_status={"1": 2, "2": 1},
    ),
    remits_file(
        12,
        "hospital-claim-level-adjustment",
        (remits.HOSPITAL,),
        "an outpatient claim whose sequestration stands at claim level: lines pay 236.00, the "
        "claim 231.28",
        claim_payments=1,
        service_payments=2,
        charged="750.00",
        paid="231.28",
        patient_responsibility="44.00",
        payments_total="231.28",
        claim_status={"1": 1},
    ),
    remits_file(
        13,
        "inpatient-without-lines",
        (remits.INPATIENT,),
        "an inpatient stay answered without lines",
        claim_payments=1,
        charged="8000.00",
        paid="2700.00",
        patient_responsibility="500.00",
        payments_total="2700.00",
        claim_status={"1": 1},
    ),
    remits_file(
        14,
        "dental",
        (remits.DENTAL,),
        "a dental plan's answer",
        claim_payments=1,
        service_payments=3,
        charged="390.00",
        paid="264.00",
        patient_responsibility="32.00",
        payments_total="264.00",
        claim_status={"1": 1},
    ),
    remits_file(
        15,
        "primary-of-two-and-three-payers",
        (remits.PRIMARY,),
        "the first payer's answers: what it leaves waits for the next payer, not for the patient",
        claim_payments=3,
        service_payments=3,
        charged="1730.00",
        paid="696.00",
        patient_responsibility="454.00",
        payments_total="696.00",
        claim_status={"1": 3},
    ),
    claims_file(
        16,
        "837p-secondary-claim-with-primary-answer",
        (secondary_claim(),),
        "500.00",
        "the same claim filed to the second payer with the first one's answer (2320, 2430)",
        date(2026, 2, 21),
    ),
    remits_file(
        17,
        "secondary",
        (remits.SECONDARY,),
        "the second payer's answers: OA-23 covers payment and write-off of the first",
        claim_payments=2,
        service_payments=2,
        charged="1500.00",
        paid="310.00",
        patient_responsibility="90.00",
        payments_total="310.00",
        claim_status={"2": 2},
    ),
    remits_file(
        18,
        "tertiary",
        (remits.TERTIARY,),
        "the third payer's answer: only its patient responsibility is the patient's",
        claim_payments=1,
        service_payments=1,
        charged="1000.00",
        paid="30.00",
        patient_responsibility="20.00",
        payments_total="30.00",
        claim_status={"3": 1},
    ),
    remits_file(
        19,
        "reversal-and-correction-in-one-file",
        (remits.REVERSAL_AND_CORRECTION,),
        "a payment taken back and corrected: the patient owes 130.00 instead of 50.00",
        claim_payments=3,
        service_payments=3,
        charged="150.00",
        paid="20.00",
        patient_responsibility="130.00",
        payments_total="20.00",
        claim_status={"1": 2, "22": 1},
        reversals=1,
    ),
    remits_file(
        20,
        "reversal-with-recovery-deferred",
        (remits.RECOVERY_DEFERRED,),
        "a payment taken back whose recovery waits (negative WO)",
        claim_payments=1,
        service_payments=1,
        charged="-350.00",
        paid="-210.00",
        provider_adjustments="-210.00",
        claim_status={"22": 1},
        reversals=1,
    ),
    remits_file(
        21,
        "correction-with-recovery-taken",
        (remits.RECOVERY_TAKEN,),
        "the correction, and the recovery taken from this check (positive WO)",
        claim_payments=2,
        service_payments=2,
        charged="950.00",
        paid="650.00",
        patient_responsibility="110.00",
        provider_adjustments="210.00",
        payments_total="440.00",
        claim_status={"1": 2},
    ),
    remits_file(
        22,
        "forward-balance-first-check",
        (remits.FORWARD_FIRST,),
        "more taken back than paid: 200.00 carried forward (negative FB)",
        claim_payments=3,
        service_payments=3,
        charged="150.00",
        paid="-200.00",
        provider_adjustments="-200.00",
        claim_status={"1": 2, "22": 1},
        reversals=1,
        denied_claims=1,
        denied_lines=1,
        denied_amount="700.00",
    ),
    remits_file(
        23,
        "forward-balance-second-check",
        (remits.FORWARD_SECOND,),
        "200.00 taken over, 80.00 of it carried forward again",
        claim_payments=1,
        service_payments=1,
        charged="180.00",
        paid="120.00",
        provider_adjustments="120.00",
        claim_status={"1": 1},
    ),
    remits_file(
        24,
        "forward-balance-third-check",
        (remits.FORWARD_THIRD,),
        "the last 80.00 taken over",
        claim_payments=1,
        service_payments=1,
        charged="800.00",
        paid="500.00",
        provider_adjustments="80.00",
        payments_total="420.00",
        claim_status={"1": 1},
    ),
    remits_file(
        25,
        "late-payment-interest",
        (remits.INTEREST,),
        "interest for late payment (negative L6) beside the claim's money",
        claim_payments=1,
        service_payments=1,
        charged="1300.00",
        paid="1000.00",
        provider_adjustments="-4.10",
        payments_total="1004.10",
        claim_status={"1": 1},
    ),
)


def duplicate() -> SampleFile:
    """File 05 again, in another envelope with other separators."""
    envelope = Envelope(
        "OTHERHOUSE",
        "CEDARHOLLOW",
        day=date(2026, 3, 6),
        control=26,
        element="|",
        component=">",
        terminator="'",
        newline="\r\n",
    )
    return SampleFile(
        "26-835-duplicate-of-file-05.edi",
        build_835([remits.COPAY_AND_DEDUCTIBLE], envelope),
        "the payment of file 05 under another name, envelope and separators: skipped",
        "duplicate",
        {**ZEROS, "duplicates": 1},
    )


def cut_off() -> SampleFile:
    """A transfer that broke off within a segment."""
    whole = build_835([remits.CUT_OFF], Envelope(day=remits.CUT_OFF.day, control=30))
    return SampleFile(
        "30-835-cut-off.edi",
        cut_after(whole, "CAS*PR", 2),
        "a transfer that broke off: stored, nothing posted to claims",
        "partial",
        {
            **ZEROS,
            "remittances": 1,
            "claim_payments": 1,
            "service_payments": 1,
            "charged": "280.00",
            "paid": "190.00",
            "patient_responsibility": "30.00",
            "payments_total": "190.00",
            "claim_status": {"1": 1},
            "unapplied": "190.00",
            "exceptions": 1,
            "balanced": False,
        },
    )


DEFECT_FILES = (
    duplicate(),
    replace(
        remits_file(
            27,
            "reissued-with-other-content",
            (remits.DENTAL_AGAIN,),
            "the payment of file 14 again with other content: stored, waits for a person",
        ),
        expected={**ZEROS, "reissued": 1, "exceptions": 1},
    ),
    remits_file(
        28,
        "check-does-not-balance",
        (remits.CHECK_OFF,),
        "a check of 250.00 for claims of 240.00: held",
        claim_payments=1,
        service_payments=1,
        charged="320.00",
        paid="240.00",
        payments_total="250.00",
        claim_status={"1": 1},
        posted="0.00",
        unapplied="250.00",
        exceptions=1,
        balanced=False,
    ),
    remits_file(
        29,
        "claim-does-not-balance",
        (remits.CLAIM_OFF,),
        "one claim fails its own equation and is held; the other one posts",
        claim_payments=2,
        service_payments=2,
        charged="325.00",
        paid="185.00",
        payments_total="185.00",
        claim_status={"1": 2},
        posted="85.00",
        unapplied="100.00",
        exceptions=1,
        balanced=False,
    ),
    cut_off(),
    SampleFile(
        "31-letter-not-edi.edi",
        NOT_EDI,
        "a letter under the wrong name: refused, nothing imported",
        "rejected",
        dict(ZEROS),
    ),
)

FILES = (*CLAIM_FILES, *ANSWER_FILES, *DEFECT_FILES)

#: Remits that prove, and those that fail an equation on purpose with what fails.
WRONG_ON_PURPOSE = {
    "PM26030901": ["check PM26030901"],
    "PM26031001": ["line CH7002 99213", "claim CH7002"],
}

__all__ = ["FILES", "PRACTICE", "WRONG_ON_PURPOSE", "SampleFile"]
