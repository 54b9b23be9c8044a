"""Reversals (CLP02 22) and the answers they take back: claim_rules.md 3.2.

A reversal is paired by the payer's claim control number, else by REF*F8, else by the charge; in
every case the money must be the original's with the sign turned. What it does not answer goes to a
person.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from medcollect.ledger.case import Answer


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
