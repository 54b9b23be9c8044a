"""The files of the month in the order of their story, with what importing each must say.

The expected figures are of one import per file into one book, in this order. They are added up by
hand from the answers, by the meanings that DESIGN 8.1 gives the names; they are not taken from the
product.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.support.builder import Envelope, build_835, cut_after
from tests.support.month import answers, takebacks
from tests.support.month.answer_files import ANSWER_FILES
from tests.support.month.claims import COMMERCIAL, DENTAL, HOSPITAL, MEDICARE
from tests.support.month.letter_files import LETTER_FILES
from tests.support.month.sample_file import ZEROS, SampleFile, claims_file, remits_file
from tests.support.month.visits import SampleClaim
from tests.support.specs import Claim, Remit

NOT_EDI = (
    "Dear Cedar Hollow Family Medicine,\n\n"
    "our records show that you asked for electronic remittances. Please sign the enclosed form\n"
    "and send it back by mail.\n\nPlainfield Mutual Health, provider services\n"
)


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
        build_835([answers.COPAY_AND_DEDUCTIBLE], envelope),
        "the payment of file 05 under another name, envelope and separators: skipped",
        "duplicate",
        {**ZEROS, "duplicates": 1},
    )


def cut_off() -> SampleFile:
    """A transfer that broke off within a segment."""
    whole = build_835([takebacks.CUT_OFF], Envelope(day=takebacks.CUT_OFF.day, control=30))
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
            (answers.DENTAL_AGAIN,),
            "the payment of file 14 again with other content: stored, waits for a person",
        ),
        expected={**ZEROS, "reissued": 1, "exceptions": 1},
    ),
    remits_file(
        28,
        "check-does-not-balance",
        (takebacks.CHECK_OFF,),
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
        (takebacks.CLAIM_OFF,),
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

FILES = (*CLAIM_FILES, *ANSWER_FILES, *DEFECT_FILES, *LETTER_FILES)

#: What importing the whole folder at once must say, added up by hand.
MONTH = {
    "remittances": 24,
    "claims": 55,
    "claims_charged": "24793.00",
    "claim_payments": 64,
    "service_payments": 73,
    "charged": "26850.00",
    "paid": "9158.80",
    "patient_responsibility": "2498.00",
    "provider_adjustments": "-4.10",
    "payments_total": "9172.90",
    "claim_status": {"1": 53, "2": 4, "3": 1, "4": 1, "19": 2, "22": 3},
    "denied_claims": 18,
    "denied_lines": 21,
    "denied_amount": "4690.00",
    "reversals": 3,
    "duplicates": 1,
    "reissued": 1,
    "posted": "8632.90",
    "unapplied": "540.00",
    "exceptions": 4,
    "acknowledgements": 3,
    "claim_statuses": 3,
    "rejected_claims": 1,
    "eligibility_answers": 1,
    "waiting": 0,
    "balanced": False,
}

#: Every answer of the month.
REMITS = [
    value
    for module in (answers, takebacks)
    for value in vars(module).values()
    if isinstance(value, Remit)
]

#: What fails in the answers that are wrong on purpose.
WRONG_ON_PURPOSE = {
    "PM26030901": ["check PM26030901"],
    "PM26031001": ["line CH7002 99213", "claim CH7002"],
}
