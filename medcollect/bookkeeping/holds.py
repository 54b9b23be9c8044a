"""What the office does not let post by itself: payments of some payers, or matches below a score.

A hold by policy follows from the policies in force and is no fact: the payment's own row stays as
it is. A person who releases it, or says where it belongs, has decided.
"""

from __future__ import annotations

import msgspec

from medcollect.bookkeeping.closure import Closure
from medcollect.matching.docs import Assignment, PaymentDoc
from medcollect.model.policies import AutomaticPosting, first_rule

HELD_BY_POLICY = "held_by_policy"

#: How the hold of a payment begins when a policy holds it; the reason for people follows.
POLICY_HOLD = "policy: "


def hold_by_payer(closure: Closure) -> None:
    """Hold every payment of a payer of whom nothing posts by itself."""
    if not closure.policies.automatic:
        return
    for payment in list(closure.payments.values()):
        rule = _rule(closure, payment)
        if rule is not None and rule.automatic == "none":
            reason = f"Nothing of this payer posts by itself (policy {rule.name})."
            closure.payments[payment.id] = _held(payment, reason)


def hold_by_confidence(closure: Closure, assignment: Assignment) -> None:
    """Hold payments whose match does not reach the score that the policy wants of their payer."""
    if not closure.policies.automatic:
        return
    for group in assignment.groups:
        for place, payment in enumerate(group.payments):
            rule = _rule(closure, payment)
            score = group.matches[payment.id].score
            if rule is None or rule.automatic != "confident" or score >= rule.confidence:
                continue
            reason = (
                f"The match scores {score}; of this payer only {rule.confidence} and above posts "
                f"by itself (policy {rule.name})."
            )
            group.payments[place] = closure.payments[payment.id] = _held(payment, reason)


def _rule(closure: Closure, payment: PaymentDoc) -> AutomaticPosting | None:
    """The rule that a payment meets; none where it is held already or a person has decided."""
    if payment.held or payment.let_post or payment.open_claim or payment.to_claim is not None:
        return None
    return first_rule(closure.policies.automatic, payment.payer_name, payment.payment_date)


def _held(payment: PaymentDoc, reason: str) -> PaymentDoc:
    return msgspec.structs.replace(payment, held=f"{POLICY_HOLD}{reason}")
