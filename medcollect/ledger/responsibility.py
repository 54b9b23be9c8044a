"""What of the patient's responsibility may be billed: claim_rules.md 4.2, 4.3; DESIGN section 6.2.

The payer decides who bears an amount (group PR); law, contract and open work decide whether it may
be billed. Each hold is a word that a script can read and a sentence that a person can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import msgspec

from medcollect.ledger.case import Answer, ClaimCase, DenialItem, PatientPart
from medcollect.ledger.effects import is_medicare_fee_for_service, is_unknown_reason
from medcollect.ledger.parts import modifiers_of
from medcollect.model.opening import NOT_BILLABLE_REASON
from medcollect.model.remittance import ClaimPayment, ServicePayment

#: Of every part of a patient who died, until it is known who acts for the estate.
DECEASED = "deceased"

HOLD_TEXTS: dict[str, str] = {
    DECEASED: "The patient has died and nobody is on file who acts for the estate: ask who does, "
    "and write to nobody else; relatives do not owe it.",
    "patient_action_needed": "The plan waits for an answer from the patient: send a letter that "
    "asks the patient to answer the plan.",
    "qualified_medicare_beneficiary": "The patient is in the Qualified Medicare Beneficiary "
    "programme: Medicare's patient share may not be billed.",
    "medicaid": "Medicaid is payment in full apart from the state's nominal copay.",
    "balance_billing": "An amount above the allowed one: bill it only where no contract or law "
    "forbids it; a person decides.",
    "unknown_reason": "The reason code is in no table: ask the payer what it means before the "
    "patient is asked for the amount.",
    "no_surprises": "The No Surprises Act limits the patient to the cost share the plan computed.",
    "grace_period": "The premium grace period is running: nothing is decided yet.",
    "sequestration": "The federal budget cut is the provider's loss, never the patient's.",
    "capitation": "The monthly capitation payment covers this amount.",
    "contract": "Filing limits, authorizations and records are the provider's duty under contract.",
    "compensable": "The patient normally owes nothing while a work or accident claim is "
    "compensable.",
    "open_denial": "The amount was denied and the denial is still open.",
    "moved_by_hand": "A person moved it to the patient and did not say that it may be billed: what "
    "a contract or a law forbids to bill stays forbidden.",
    "not_billable_before": "The opening balance says that it may not be billed.",
    "transfer_failed": "The transfer to the next payer failed: bill that payer first.",
}

#: Signed advance notice, voluntary notice, excluded by law: the patient agreed to pay.
NOTICE_MODIFIERS = frozenset({"GA", "GX", "GY"})
NO_NOTICE_MODIFIER = "GZ"

QMB_REMARKS = frozenset({"N192", "N781", "N782", "N783"})
QMB_REASONS = frozenset({"209", "303"})
_QMB_GROUPS = frozenset({"OA", "CO"})
_QMB_PLANS = frozenset({"MA", "MB", "16"})
_ASK_PATIENT_REMARKS = frozenset({"N179", "N197"})
_GRACE_REMARKS = frozenset({"N615", "N616", "N617", "N618"})
_NO_SURPRISES_REMARKS = frozenset(
    {"N830", *(f"N{n}" for n in range(858, 867)), *(f"N{n}" for n in range(869, 889))}
)
_CONSENT_REMARK = "N882"
_PATIENT_SHARE_REASONS = frozenset({"1", "2", "3", "66", "241", "247", "248"})
_MEDICAID_COLLECTIBLE = frozenset({"3", "142"})
_CONTRACT_REASONS = frozenset({"29", "197", "252"})


class PartContext(msgspec.Struct, frozen=True, gc=False):
    """A patient part with what the holds look at.

    ``reason`` is the adjustment's, ``plan`` the payer's CLP06. ``qmb`` says that the patient is a
    Qualified Medicare Beneficiary and ``medicare`` that Medicare answered the claim: then a later
    payer's patient share is Medicare's, too. ``remarks`` are the line's and the claim's;
    ``modifiers`` the billed and the adjudicated ones.
    """

    reason: str
    plan: str
    is_denied: bool
    remarks: frozenset[str]
    modifiers: frozenset[str]
    qmb: bool
    medicare: bool
    transfer_failed: bool


def _is_above_allowed(context: PartContext) -> bool:
    return context.reason == "45" and _CONSENT_REMARK not in context.remarks


#: Which hold speaks first when several could: the one that tells the person most.
_HOLDS: tuple[tuple[str, Callable[[PartContext], bool]], ...] = (
    (
        "patient_action_needed",
        lambda c: c.reason == "227" or bool(c.remarks & _ASK_PATIENT_REMARKS),
    ),
    (
        "grace_period",
        lambda c: c.reason in {"257", "277"} or bool(c.remarks & _GRACE_REMARKS),
    ),
    (
        "qualified_medicare_beneficiary",
        lambda c: c.qmb and (is_medicare_share(c) or c.reason == "275"),
    ),
    ("medicaid", lambda c: c.plan == "MC" and c.reason not in _MEDICAID_COLLECTIBLE),
    ("sequestration", lambda c: c.reason == "253"),
    ("capitation", lambda c: c.reason in {"24", "120"}),
    (
        "no_surprises",
        lambda c: (
            bool(c.remarks & _NO_SURPRISES_REMARKS)
            and _CONSENT_REMARK not in c.remarks
            and c.reason not in _PATIENT_SHARE_REASONS
        ),
    ),
    ("balance_billing", _is_above_allowed),
    ("contract", lambda c: c.reason in _CONTRACT_REASONS),
    ("unknown_reason", lambda c: is_unknown_reason(c.reason)),
    ("compensable", lambda c: c.plan in {"WC", "AM"}),
    ("not_billable_before", lambda c: c.reason == NOT_BILLABLE_REASON),
    ("open_denial", lambda c: c.is_denied and not c.modifiers & NOTICE_MODIFIERS),
    ("transfer_failed", lambda c: c.transfer_failed),
)


def held_parts(case: ClaimCase, parts: Iterable[PatientPart]) -> tuple[PatientPart, ...]:
    """A claim's parts; those of a patient who died are the estate's (collections_rules.md 8)."""
    if not case.without_estate:
        return tuple(parts)
    return tuple(msgspec.structs.replace(part, hold=DECEASED) for part in parts)


def is_medicare_share(context: PartContext) -> bool:
    """Whether this is Medicare's deductible, coinsurance or copay, whoever passes it on."""
    return context.medicare and context.reason in _PATIENT_SHARE_REASONS


def medicare_answered(answers: list[Answer]) -> bool:
    """Whether an answer comes from Medicare or a Medicare health plan (CLP06 MA, MB, 16)."""
    return any(answer.payment.filing_indicator in _QMB_PLANS for answer in answers)


@lru_cache(maxsize=4096)
def hold_of(context: PartContext) -> str:
    """Why this part may not be billed to the patient now; empty text when it may.

    Most parts of a file are alike, so what was found is remembered.
    """
    for hold, applies in _HOLDS:
        if applies(context):
            return hold
    return ""


def qmb_applies(answers: list[Answer]) -> bool:
    """Whether any answer shows the Qualified Medicare Beneficiary programme."""
    return any(_shows_qmb(answer.payment) for answer in answers)


def _shows_qmb(payment: ClaimPayment) -> bool:
    """Whether a remark or an adjustment of the answer, on the claim or a line, says so."""
    parts: list[ClaimPayment | ServicePayment] = [payment, *payment.services]
    for part in parts:
        if not QMB_REMARKS.isdisjoint(part.remarks):
            return True
        for adjustment in part.adjustments:
            if adjustment.reason in QMB_REASONS and adjustment.group in _QMB_GROUPS:
                return True
    return False


def protected_lines(
    denials: Iterable[DenialItem],
    answers: Iterable[Answer],
    billed: Mapping[int, frozenset[str]],
) -> frozenset[int]:
    """Lines that Medicare refused as not necessary (CO-50) without a signed notice (GA).

    They are the provider's to bear (claim_rules.md 4.3, advance notices).
    """
    by_id = {answer.id: answer for answer in answers}
    return frozenset(
        denial.line
        for denial in denials
        if (denial.status, denial.group, denial.reason) == ("open", "CO", "50")
        and denial.answer in by_id
        and is_medicare_fee_for_service(by_id[denial.answer].payment)
        and not modifiers_of(by_id[denial.answer], denial, billed) & NOTICE_MODIFIERS
    )
