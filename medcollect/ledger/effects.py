"""What one adjustment does to the books: DESIGN section 6.2, decided by tables.

The group says who bears the amount, the reason what kind it is. Two cases the group does not
settle, capitation and bundling, ask the claim payment around the adjustment.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

from medcollect import codes
from medcollect.model.common import Adjustment
from medcollect.model.opening import AWAITED_REASON, NOT_BILLABLE_REASON, OPENING_REASON
from medcollect.model.policies import Effect
from medcollect.model.remittance import ClaimPayment, ServicePayment

#: Effect of a reason that is no denial, under CO, PI or OA, by its category in the code table.
_EFFECT_BY_CATEGORY: dict[str, Effect] = {
    "contractual": "write_off",
    "sequestration_or_reduction": "write_off",
    "interest_or_penalty": "write_off",
    "bundling": "write_off",
    "coding_modifier": "write_off",
    "prior_payer_payment": "prior_payer",
}

#: Reasons whose category does not tell: each with the effect that the rule book gives it.
_EFFECT_BY_REASON: dict[str, Effect] = {
    "23": "prior_payer",
    "71": "prior_payer",
    "99": "prior_payer",
    "A3": "prior_payer",
    "130": "write_off",
    "137": "write_off",
    "205": "write_off",
    "235": "write_off",
    "246": "write_off",
    "303": "write_off",
    "121": "write_off",
    OPENING_REASON: "write_off",  # by the system that the practice came from
}

#: Reasons that say nothing but "already received" (CARC 18 and the code table's duplicates).
_DUPLICATE_CATEGORY = "duplicate"

#: One plan of a company sent the claim on to another one: nothing is decided, the next one answers.
FORWARDING_REASONS = frozenset({"290", "291", "292", "298", "300", "305"})

_MEDICARE_FEE_FOR_SERVICE = frozenset({"MA", "MB"})
_CAPITATION_REASONS = frozenset({"24", "120"})
_BUNDLING_REASONS = frozenset({"97", "236"})
_OWN_REASONS = frozenset({OPENING_REASON, NOT_BILLABLE_REASON, AWAITED_REASON})
_PATIENT_SHARE = frozenset({"deductible", "coinsurance", "copay"})


class Surroundings(msgspec.Struct, frozen=True, gc=False):
    """The claim payment and, for a line's adjustment, the service payment it stands in."""

    payment: ClaimPayment
    service: ServicePayment | None = None


#: What surrounds an adjustment whose effect nothing around it decides.
_NOWHERE = Surroundings(ClaimPayment(0, 0, "", "", 0, 0))


def is_medicare_fee_for_service(payment: ClaimPayment) -> bool:
    """Whether the payer is Medicare Part A or B (CLP06 MA, MB)."""
    return payment.filing_indicator in _MEDICARE_FEE_FOR_SERVICE


def _capitation(around: Surroundings) -> Effect:
    """CO-24 is paid by the monthly amount, but Medicare means: another plan is responsible."""
    return "denial" if is_medicare_fee_for_service(around.payment) else "write_off"


def _bundling(around: Surroundings) -> Effect:
    """CO-97 and CO-236 are the price of bundling only where the combined code is paid elsewhere.

    That is so where SVC06 shows the submitted code and another line carries the same adjudicated
    code with money on it (DESIGN section 6.2).
    """
    service = around.service
    if service is None or service.submitted_procedure is None:
        return "denial"
    combined = service.procedure.code
    if any(
        other.procedure.code == combined and other.paid_cents > 0 and other is not service
        for other in around.payment.services
    ):
        return "write_off"
    return "denial"


_EFFECT_BY_SURROUNDINGS: dict[str, Callable[[Surroundings], Effect]] = {
    **dict.fromkeys(_CAPITATION_REASONS, _capitation),
    **dict.fromkeys(_BUNDLING_REASONS, _bundling),
}


def effect_of(adjustment: Adjustment, around: Surroundings) -> Effect:
    """What an adjustment does: write off, leave to the patient, explain, deny, or nothing yet.

    Group PR is the patient's whatever the reason. Pended answers, grace periods and reasons that
    depend on more than the file shows are ``undecided``: the amount stays open. So it does under a
    code that is in no table, which counts as refused until somebody knows better: it is a case.
    """
    if adjustment.group == "PR":
        return "patient"
    if adjustment.group not in {"CO", "PI", "OA"}:
        return "undecided"
    by_surroundings = _EFFECT_BY_SURROUNDINGS.get(adjustment.reason)
    if by_surroundings is not None:
        return by_surroundings(around)
    return _EFFECT_BY_REASON.get(adjustment.reason) or _effect_of_kind(adjustment.reason)


def _effect_of_kind(code: str) -> Effect:
    """The effect of a reason under CO, PI or OA by what the code table says of it."""
    if is_unknown_reason(code):
        return "denial"
    reason = codes.reason(code)
    if reason is None or reason.denial == "depends":
        return "undecided"
    if reason.denial == "yes":
        return "denial"
    return _EFFECT_BY_CATEGORY.get(reason.category, "undecided")


def judge(adjustment: Adjustment, around: Surroundings) -> tuple[Effect, bool]:
    """The effect of an adjustment, and whether the payer refused the amount.

    Under PR the reason's own kind decides: PR-50 is a denial that falls to the patient.
    """
    if adjustment.reason in _EFFECT_BY_SURROUNDINGS and adjustment.group != "PR":
        effect = effect_of(adjustment, around)
        return effect, effect == "denial"
    return _judge_by_code(adjustment.group, adjustment.reason)


@lru_cache(maxsize=4096)
def _judge_by_code(group: str, code: str) -> tuple[Effect, bool]:
    """:func:`judge` where group and reason say it all: files repeat few of them."""
    adjustment = Adjustment(group, code, 0)
    effect = effect_of(adjustment, _NOWHERE)
    if group != "PR":
        return effect, effect == "denial"
    reason = codes.reason(code)
    refused = reason is not None and reason.denial == "yes"
    return effect, refused or is_unknown_reason(code)


def is_unknown_reason(code: str) -> bool:
    """Whether a reason is in no table; those of opening balances are our own."""
    return bool(code) and code not in _OWN_REASONS and codes.reason(code) is None


def is_denial(adjustment: Adjustment, around: Surroundings) -> bool:
    """Whether the payer refused this amount, under any group (claim_rules.md 2.3)."""
    return judge(adjustment, around)[1]


def is_duplicate_answer(adjustment: Adjustment) -> bool:
    """Whether the reason only says that the claim or line was received before."""
    return is_duplicate_reason(adjustment.reason)


def is_duplicate_reason(code: str) -> bool:
    """Whether a reason (CARC) only says that the claim or line was received before."""
    reason = codes.reason(code)
    return reason is not None and reason.category == _DUPLICATE_CATEGORY


def is_patient_share(adjustment: Adjustment) -> bool:
    """Whether this is deductible, coinsurance or copay left to the patient."""
    if adjustment.group != "PR":
        return False
    reason = codes.reason(adjustment.reason)
    return reason is not None and reason.category in _PATIENT_SHARE


def denied_money(payment: ClaimPayment) -> int:
    """Cents of the claim payment's adjustments with a denial reason, negative on reversals."""
    return sum([a.cents for a, around in adjustments_of(payment) if judge(a, around)[1]])


def adjustments_of(payment: ClaimPayment) -> list[tuple[Adjustment, Surroundings]]:
    """Every adjustment of a claim payment with its surroundings, claim level first."""
    whole = Surroundings(payment)
    found = [(adjustment, whole) for adjustment in payment.adjustments]
    for service in payment.services:
        around = Surroundings(payment, service)
        found += [(adjustment, around) for adjustment in service.adjustments]
    return found


def is_denied_line(service: ServicePayment, payment: ClaimPayment) -> bool:
    """Whether a line is denied by the money: nothing paid, no patient share, a denial reason."""
    if service.paid_cents != 0 or any(is_patient_share(a) and a.cents for a in service.adjustments):
        return False
    around = Surroundings(payment, service)
    return any(a.cents > 0 and is_denial(a, around) for a in service.adjustments)


def is_denied_claim(payment: ClaimPayment) -> bool:
    """Whether a whole claim payment is denied by the money (never by CLP02)."""
    if payment.paid_cents != 0 or payment.is_reversal:
        return False
    adjustments = adjustments_of(payment)
    if any(is_patient_share(a) and a.cents for a, _ in adjustments):
        return False
    return any(a.cents > 0 and is_denial(a, around) for a, around in adjustments)
