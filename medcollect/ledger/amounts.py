"""What one answer states and what of it may stand: the arithmetic of claim_rules.md 4.1 and 4.2.

An answer's adjustments are sorted by effect and line. What a non-primary payer writes off, leaves
to the patient or denies is then limited to what was open before it, and the excess becomes an
issue; money paid is never limited.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from medcollect.ledger.case import Answer, Issue
from medcollect.ledger.effects import FORWARDING_REASONS, Surroundings, judge
from medcollect.model.common import Adjustment
from medcollect.model.opening import AWAITED_REASON
from medcollect.model.policies import AdjustmentRule, Effect, Policies

_NO_POLICIES = Policies()

#: Reasons that leave money open and ask nobody: a payer is still to answer.
_WAITING_REASONS = FORWARDING_REASONS | {AWAITED_REASON}


class StatedPart(msgspec.Struct, frozen=True, gc=False):
    """One adjustment on one claim line with its effect; ``service`` counts SVC from 1, 0: claim.

    ``policy`` names the office's own rule where the effect is not that of the shipped tables.
    """

    line: int
    service: int
    adjustment: Adjustment
    effect: Effect
    denied: bool
    policy: str = ""


class Stated(msgspec.Struct):
    """An answer sorted: money paid by line, and every adjustment with its effect."""

    answer: Answer
    paid_by_line: dict[int, int]
    parts: list[StatedPart]
    by_effect: dict[Effect, list[StatedPart]]

    def total(self, effect: Effect) -> int:
        """Cents of the adjustments with this effect."""
        return sum(self.amounts(effect)) if effect in self.by_effect else 0

    def amounts(self, effect: Effect) -> list[int]:
        """Cents of each adjustment of one effect."""
        return [p.adjustment.cents for p in self.by_effect.get(effect, ())]


def state(answer: Answer, *, by_claim: bool, policies: Policies = _NO_POLICIES) -> Stated:
    """Sort an answer's money and adjustments by claim line.

    With ``by_claim`` everything stands at claim level (line 0), as it does for services that
    answer no known line. Claim-level money is CLP04 less the services' money.
    """
    payment = answer.payment
    paid: dict[int, int] = defaultdict(int)
    paid[0] = payment.paid_cents - sum([s.paid_cents for s in payment.services])
    own = _own_rules(answer, policies) if policies.adjustments else {}
    whole = Surroundings(payment)
    parts: list[StatedPart] = []
    if payment.adjustments:
        parts += [_part(0, 0, a, whole, own) for a in payment.adjustments if a.cents]
    pairs = answer.pairs or (0,) * len(payment.services)
    for number, (service, pair) in enumerate(zip(payment.services, pairs, strict=True), start=1):
        line = 0 if by_claim else pair
        paid[line] += service.paid_cents
        around = Surroundings(payment, service)
        parts += [_part(line, number, a, around, own) for a in service.adjustments if a.cents]
    by_effect: dict[Effect, list[StatedPart]] = defaultdict(list)
    for part in parts:
        by_effect[part.effect].append(part)
    paid_by_line = {line: cents for line, cents in paid.items() if cents}
    return Stated(answer, paid_by_line, parts, by_effect)


_OwnRules = dict[tuple[str, str], AdjustmentRule]


def _own_rules(answer: Answer, policies: Policies) -> _OwnRules:
    """The office's rules for adjustments of this payer's payment, the first of each code."""
    found: _OwnRules = {}
    for rule in policies.adjustments:
        if rule.concerns(answer.payer_name, answer.payment_date):
            found.setdefault((rule.group, rule.reason), rule)
    return found


def _part(
    line: int, service: int, adjustment: Adjustment, around: Surroundings, own: _OwnRules
) -> StatedPart:
    """An adjustment with its effect: by the office's own rule, else by the shipped tables."""
    rule = own.get((adjustment.group, adjustment.reason)) if own else None
    if rule is not None:
        denied = rule.effect == "denial"
        return StatedPart(line, service, adjustment, rule.effect, denied, rule.name)
    return StatedPart(line, service, adjustment, *judge(adjustment, around))


class Allowed(msgspec.Struct):
    """What of a stated answer stands, in cents, and what does not, as issues."""

    write_off: int
    patient: int
    denied: int
    issues: list[Issue]


def _limit(cents: int, room: int) -> int:
    """The part of a stated amount that fits into what is open; negative amounts always fit."""
    return cents if cents <= room else max(min(cents, room), min(cents, 0))


def allow_first(stated: Stated, open_before: int) -> Allowed:
    """The first payer's answer stands as stated, unless it exceeds the claim's own charge.

    Negative write-offs (the payer allows more than was charged) make room for the rest.
    Prior-payer amounts (OA-23) of a first answer explain nothing we know of: they stay open and a
    person is told.
    """
    answer = stated.answer
    contractual, of_patient = stated.total("write_off"), stated.total("patient")
    refused = stated.total("denial")
    added = sum([cents for cents in stated.amounts("write_off") if cents < 0])
    room = open_before - answer.payment.paid_cents - added
    patient = _limit(of_patient, room)
    write_off = _limit(contractual - added, room - patient) + added
    denied = _limit(refused, room - patient - (write_off - added))
    issues = _undecided(stated)
    prior = stated.total("prior_payer")
    if prior:
        issues.append(
            Issue(
                "earlier_payer_unknown",
                abs(prior),
                answer.id,
                "The answer counts on an earlier payer whose answer is not on file.",
            )
        )
    issues += _excess("patient_responsibility", of_patient, patient, answer)
    issues += _excess("write_off", contractual, write_off, answer)
    issues += _excess("denial", refused, denied, answer)
    return Allowed(write_off, patient, denied, issues)


def allow_as_stated(stated: Stated) -> Allowed:
    """An opening balance stands as it says: nothing was open before it.

    So does a reversal with other amounts than its original's that a person let post.
    """
    return Allowed(stated.total("write_off"), stated.total("patient"), stated.total("denial"), [])


def allow_later(
    stated: Stated, open_before: int, settled_before: int, denied_before: int
) -> Allowed:
    """A later payer's answer, guarded by claim_rules.md 4.2 numbers 4 and 5.

    ``settled_before`` is what earlier payers paid and wrote off within the answer's scope;
    ``denied_before`` what they denied and is still open. The new write-off is never more than the
    payer states, than its figures leave beyond the earlier payers', or than what is open.
    """
    answer = stated.answer
    room = open_before - answer.payment.paid_cents
    patient = _limit(stated.total("patient"), max(room, 0))
    room -= patient
    denied = _limit(stated.total("denial"), max(room, 0))
    undecided = _limit(stated.total("undecided"), max(room - denied, 0))
    room -= denied + undecided
    contractual = stated.total("write_off")
    beyond_earlier = contractual + stated.total("prior_payer") - settled_before
    write_off = max(0, min(contractual, beyond_earlier, room))
    issues = _undecided(stated)
    issues.extend(_excess("patient_responsibility", stated.total("patient"), patient, answer))
    issues.extend(_excess("write_off", contractual, write_off, answer))
    issues.extend(_excess("denial", stated.total("denial"), denied, answer))
    unexplained = room - write_off - denied_before
    if unexplained > 0:
        issues.append(
            Issue(
                "earlier_payers_differ",
                unexplained,
                answer.id,
                "The payer counts more for earlier payers than they paid and wrote off here.",
            )
        )
    return Allowed(write_off, patient, denied, issues)


_EXCESS_REASONS = {
    "patient_responsibility": "More is left to the patient than was open before this answer.",
    "write_off": "More is written off than was open before this answer: the payer repeats what "
    "earlier payers took off, or answers for a larger charge than the claim's.",
    "denial": "More is denied than was open before this answer.",
}


def _excess(what: str, stated: int, allowed: int, answer: Answer) -> list[Issue]:
    """An issue over the part of a stated amount that was not taken over."""
    if stated <= allowed or stated <= 0:
        return []
    kind = f"{what}_exceeds_open"
    return [Issue(kind, stated - allowed, answer.id, _EXCESS_REASONS[what])]


def _undecided(stated: Stated) -> list[Issue]:
    """An issue over the amounts that no rule settles; one that was forwarded waits by itself."""
    undecided = stated.by_effect.get("undecided", ())
    parts = [p for p in undecided if p.adjustment.reason not in _WAITING_REASONS]
    if not parts:
        return []
    cents = sum(part.adjustment.cents for part in parts)
    reasons = sorted({f"{p.adjustment.group}-{p.adjustment.reason}" for p in parts})
    text = f"No rule says what {', '.join(reasons)} does; the amount stays open."
    return [Issue("undecided_adjustment", cents, stated.answer.id, text)]
