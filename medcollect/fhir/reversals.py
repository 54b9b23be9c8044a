"""Which answers still stand: a reversal and the answer that it takes back cancel each other.

Source: claim_rules.md on reversals (CLP02 22): a reversal repeats the amounts of the answer it
takes back with the opposite sign, and usually its payer claim control number.
"""

from __future__ import annotations

from collections.abc import Sequence

from medcollect.fhir.people import party_key
from medcollect.fhir.view import AnswerForFhir


def cancelled_answers(answers: Sequence[AnswerForFhir]) -> frozenset[str]:
    """Ids of reversals and of the earlier answers that they take back.

    A reversal whose answer is not among the earlier ones cancels nothing, and stands by itself.
    """
    cancelled: set[str] = set()
    for place, answer in enumerate(answers):
        if not answer.payment.is_reversal:
            continue
        earlier = [a for a in answers[:place] if a.id not in cancelled and _opposite(a, answer)]
        same_number = [a for a in earlier if _number(a) == _number(answer)]
        taken_back = (same_number or earlier)[-1:]
        if taken_back:
            cancelled |= {answer.id, taken_back[0].id}
    return frozenset(cancelled)


def _opposite(answer: AnswerForFhir, reversal: AnswerForFhir) -> bool:
    """Say whether a reversal could take this answer back: same payer, opposite amounts."""
    payment, back = answer.payment, reversal.payment
    return (
        not payment.is_reversal
        and party_key(answer.payer) == party_key(reversal.payer)
        and payment.charge_cents == -back.charge_cents
        and payment.paid_cents == -back.paid_cents
    )


def _number(answer: AnswerForFhir) -> str:
    return answer.payment.payer_claim_control_number
