"""Reversals (CLP02 22) and the answers they take back: claim_rules.md 3.2.

A reversal is paired by the payer's claim control number, else by REF*F8, else by the charge; in
every case the money must be the original's with the sign turned. What it does not answer goes to a
person. An answer that is known from an opening balance alone is taken back where nothing is open to
doubt: same payer, same charge and payment, the same sums of each group, and a day after the opening
was drawn up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import msgspec

from medcollect.ledger.case import Answer
from medcollect.model.opening import AWAITED_REASON, NOT_BILLABLE_REASON, OPENING_REASON
from medcollect.model.remittance import ClaimPayment

_OPENING = frozenset({OPENING_REASON, NOT_BILLABLE_REASON, AWAITED_REASON})


class Reversed(msgspec.Struct, frozen=True):
    """An original answer and the reversal that takes it back."""

    original: Answer
    reversal: Answer


def _comes_before(original: Answer, reversal: Answer) -> bool:
    """Whether the original may precede: an earlier date, or the same date but not behind it."""
    if original.remittance == reversal.remittance:
        return original.place < reversal.place
    if original.payment_date is None or reversal.payment_date is None:
        return True
    return original.payment_date <= reversal.payment_date


def _negates(original: Answer, reversal: Answer) -> bool:
    """Whether charge and payment are the original's with the sign turned."""
    return (
        original.payment.paid_cents == -reversal.payment.paid_cents
        and original.payment.charge_cents == -reversal.payment.charge_cents
    )


def _closeness(original: Answer, reversal: Answer) -> int:
    """How surely the reversal means this original: its number, the number it names, or money."""
    number = original.payment.payer_claim_control_number
    if number and number == reversal.payment.payer_claim_control_number:
        return 3
    if number and number == reversal.payment.reference("F8"):
        return 2
    return 1 if original.payer_key == reversal.payer_key else 0


def pair_reversals(
    answers: Sequence[Answer],
) -> tuple[list[Reversed], list[Answer], list[Answer]]:
    """Pair each reversal with its original.

    Takes a claim's answers in their order. Returns the pairs, the answers still standing, and the
    reversals that found no original.
    """
    standing = [answer for answer in answers if not answer.payment.is_reversal]
    pairs: list[Reversed] = []
    lost: list[Answer] = []
    for reversal in (answer for answer in answers if answer.payment.is_reversal):
        candidates = [
            (_closeness(original, reversal), original.order, position)
            for position, original in enumerate(standing)
            if _comes_before(original, reversal) and _negates(original, reversal)
        ]
        best = max(candidates, default=None)
        if best is None or best[0] == 0:
            lost.append(reversal)
            continue
        pairs.append(Reversed(standing.pop(best[2]), reversal))
    return pairs, standing, lost


def is_of_opening(answer: Answer) -> bool:
    """Whether an answer is what an opening balance tells of a payer."""
    reasons = {adjustment.reason for adjustment in answer.payment.all_adjustments()}
    return answer.remittance is None and not reasons.isdisjoint(_OPENING)


def pair_openings(
    reported: Sequence[Answer], lost: Sequence[Answer], drawn_up: date | None
) -> tuple[list[Reversed], list[Answer]]:
    """Pair reversals that found no original with what an opening balance says, where certain.

    ``drawn_up`` is the day of the opening: what the payer took back before is in it already, or it
    is not; only a person can tell. Returns the pairs and the reversals that are still lost.
    """
    opened = [answer for answer in reported if is_of_opening(answer)]
    pairs: list[Reversed] = []
    still_lost: list[Answer] = []
    for reversal in lost:
        fitting = [a for a in opened if _is_whole_of(a, reversal, drawn_up)]
        if len(fitting) != 1:
            still_lost.append(reversal)
            continue
        opened.remove(fitting[0])
        pairs.append(Reversed(fitting[0], reversal))
    return pairs, still_lost


def _is_whole_of(original: Answer, reversal: Answer, drawn_up: date | None) -> bool:
    """Whether a reversal takes all back that an opening says of its payer, to the cent."""
    day = reversal.payment_date
    later = day is not None and drawn_up is not None and day > drawn_up
    negated = {group: -cents for group, cents in _by_group(reversal.payment).items()}
    same = _negates(original, reversal) and _by_group(original.payment) == negated
    return later and same and _closeness(original, reversal) > 0


def _by_group(payment: ClaimPayment) -> dict[str, int]:
    """What each group of adjustments adds up to."""
    sums: Counter[str] = Counter()
    for adjustment in payment.all_adjustments():
        sums[adjustment.group] += adjustment.cents
    return {group: cents for group, cents in sums.items() if cents}
