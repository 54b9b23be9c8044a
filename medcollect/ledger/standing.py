"""Which answers of a claim stand: reversals paired, each payer's answers in its slot."""

from __future__ import annotations

import msgspec

from medcollect.ledger.case import Answer, ClaimCase, Issue
from medcollect.ledger.reversals import Reversed, pair_reversals
from medcollect.ledger.slots import Slot, answers_with_money, fill_slots


class Standing(msgspec.Struct):
    """A claim's answers sorted out; ``issues`` are what waits for a person."""

    reversed: list[Reversed]
    slots: list[Slot]
    echoes: list[Answer]
    issues: list[Issue]


def standing_answers(case: ClaimCase) -> Standing:
    """Pair reversals with their originals, and sort what stands by payer, in order of payers."""
    usable, issues = answers_with_money(case.answers)
    pairs, standing, lost = pair_reversals(sorted(usable, key=lambda a: a.order))
    taken_back = [pair.original for pair in pairs]
    filled = fill_slots(standing, taken_back, case.reported, case.charge_cents)
    issues += filled.issues
    issues += [
        Issue(
            "reversal_without_original",
            answer.payment.paid_cents,
            answer.id,
            "A payment is taken back that is not on file.",
        )
        for answer in lost
    ]
    return Standing(pairs, filled.slots, filled.echoes, issues)
