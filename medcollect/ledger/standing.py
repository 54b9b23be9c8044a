"""Which answers of a claim stand: reversals paired, each payer's answers in its slot."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from medcollect.ledger.case import Answer, ClaimCase, Issue
from medcollect.ledger.reversals import Reversed, is_of_opening, pair_openings, pair_reversals
from medcollect.ledger.slots import RANK_BY_STATUS, Slot, answers_with_money, fill_slots

_NOT_ON_FILE = "A payment is taken back that is not on file."
_DIFFERS = (
    "A payment is taken back with other amounts than any answer of the payer on this claim: ask "
    "what the payer means; it can be posted as it stands."
)
_OPENING_DIFFERS = (
    "A payment is taken back that only the opening balance knows, with other amounts or drawn up "
    "later: import the remittance with the payment, or enter it from paper; this is then settled."
)
_OTHER_AMOUNTS = ("reversal_differs", _DIFFERS)


class Standing(msgspec.Struct):
    """A claim's answers sorted out; ``issues`` are what waits for a person."""

    reversed: list[Reversed]
    slots: list[Slot]
    echoes: list[Answer]
    issues: list[Issue]


def _alone(answers: Sequence[Answer]) -> Standing | None:
    """The most common cases: no answer yet, or one of the first payer; ``None`` for all else."""
    if not answers:
        return Standing([], [], [], [])
    answer = answers[0]
    if RANK_BY_STATUS.get(answer.payment.status) != 1 or answer.rank or answer.remittance is None:
        return None
    slot = Slot(1, answer.payer_key, answer.payer_name, [answer])
    return Standing([], [slot], [], [])


def standing_answers(case: ClaimCase) -> Standing:
    """Pair reversals with their originals, and sort what stands by payer, in order of payers."""
    if not case.reported and len(case.answers) <= 1:
        alone = _alone(case.answers)
        if alone is not None:
            return alone
    usable, issues = answers_with_money(case.answers)
    pairs, standing, lost = pair_reversals(sorted(usable, key=lambda a: a.order))
    opened, lost = pair_openings(case.reported, lost, case.billed_date)
    pairs += opened
    taken_back = [pair.original for pair in pairs]
    reported = [answer for answer in case.reported if answer not in taken_back]
    filled = fill_slots(standing, taken_back, reported, case.charge_cents)
    issues += filled.issues
    why = _OPENING_DIFFERS if any(map(is_of_opening, reported)) else _NOT_ON_FILE
    for answer in lost:
        slot = next((s for s in filled.slots if _is_by(s, answer)), None)
        if slot is not None and answer.post_anyway:
            slot.answers.append(answer)
            continue
        kind, reason = ("reversal_without_original", why) if slot is None else _OTHER_AMOUNTS
        issues.append(Issue(kind, answer.payment.paid_cents, answer.id, reason))
    return Standing(pairs, filled.slots, filled.echoes, issues)


def _is_by(slot: Slot, reversal: Answer) -> bool:
    """Whether a slot holds remittances of the payer that takes something back."""
    return not slot.reported and slot.payer_key == reversal.payer_key
