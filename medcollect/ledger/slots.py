"""Which payer an answer comes from, in order of payers: slots.

A slot gathers the standing answers of one payer on one claim. A second answer of the same payer
without a reversal is a split where it answers other lines, a replacement where the earlier answer
paid nothing, a mere echo where it only says "duplicate", and else a question for a person
(DESIGN section 6.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from medcollect.ledger.case import Answer, Issue
from medcollect.ledger.effects import adjustments_of, is_duplicate_answer
from medcollect.model.opening import AWAITED_REASON, OPENING_REASON

#: CLP02 to payer rank. A 4 (patient unknown) answers for whichever payer was asked first.
RANK_BY_STATUS: dict[str, int] = {
    "1": 1, "19": 1, "4": 1, "2": 2, "20": 2, "3": 3, "21": 3,
}  # fmt: skip

#: Remark code with which a payer says that it split the claim.
_SPLIT_REMARK = "MA15"


#: Statuses whose money is posted; 22 is a reversal, 23 and 25 carry no money of ours.
_NO_MONEY_STATUSES = frozenset({"23", "25"})


class Slot(msgspec.Struct):
    """One payer's standing answers, with those they replaced."""

    status_rank: int
    payer_key: str
    payer_name: str
    answers: list[Answer] = []
    replaced: list[Answer] = []
    reported: bool = False

    def paid_cents(self) -> int:
        """What this payer paid on the claim by its standing answers."""
        return sum(answer.payment.paid_cents for answer in self.answers)


def is_opening(slots: Sequence[Slot]) -> bool:
    """Whether all that is known of the payers' answers is an opening balance."""
    if not all(slot.reported for slot in slots):
        return False
    answers = [answer for slot in slots for answer in slot.answers]
    reasons = {a.reason for answer in answers for a in answer.payment.all_adjustments()}
    return not reasons.isdisjoint({OPENING_REASON, AWAITED_REASON})


def only_echoes(answer: Answer) -> bool:
    """Whether the answer says nothing but that the claim was received before."""
    if answer.payment.paid_cents:
        return False
    reasons = [a for a, _ in adjustments_of(answer.payment) if a.cents]
    return bool(reasons) and all(is_duplicate_answer(a) for a in reasons)


def is_split(earlier: Sequence[Answer], answer: Answer, charge_cents: int) -> bool:
    """Whether an answer covers a part of the claim that the earlier answers left out.

    The lines must be disjoint (or the payer says MA15 where it sends none) and the charges of all
    together must fit into the claim's charge.
    """
    together = sum(a.payment.charge_cents for a in earlier) + answer.payment.charge_cents
    if together > charge_cents:
        return False
    taken = {pair for a in earlier for pair in a.pairs}
    mine = set(answer.pairs)
    if mine and taken:
        return 0 not in mine and not mine & taken
    return _SPLIT_REMARK in answer.payment.remarks


def _rank_of(answer: Answer) -> int:
    """The rank of the payer who answers: as the claim reports it, else by CLP02."""
    return answer.rank or RANK_BY_STATUS[answer.payment.status]


def _slot_of(slots: list[Slot], answer: Answer) -> Slot:
    """The slot of the answer's payer, made when the payer answers for the first time."""
    rank = _rank_of(answer)
    for slot in slots:
        if slot.payer_key == answer.payer_key and slot.status_rank == rank:
            return slot
    slot = Slot(rank, answer.payer_key, answer.payer_name, reported=answer.remittance is None)
    slots.append(slot)
    return slot


class Filled(msgspec.Struct):
    """Slots in order of payers, answers that only echo an earlier one, and what waits."""

    slots: list[Slot]
    echoes: list[Answer]
    issues: list[Issue]


def _add(slot: Slot, answer: Answer, charge_cents: int) -> Issue | None:
    """Put an answer into its slot, or say why a person must."""
    if not slot.answers or is_split(slot.answers, answer, charge_cents) or answer.post_anyway:
        slot.answers.append(answer)
        return None
    if slot.paid_cents() == 0:
        slot.replaced.extend(slot.answers)
        slot.answers = [answer]
        return None
    return Issue(
        "second_answer",
        answer.payment.paid_cents,
        answer.id,
        "The payer answered this claim again without taking its earlier payment back.",
    )


def _second_primary(slots: Sequence[Slot]) -> Iterable[Issue]:
    """Two payers that both paid as primary: the later one's money waits for a person."""
    paying = [slot for slot in slots if slot.status_rank == 1 and slot.paid_cents() > 0]
    for slot in paying[1:]:
        for answer in slot.answers:
            if not answer.post_anyway:
                yield Issue(
                    "second_primary",
                    answer.payment.paid_cents,
                    answer.id,
                    "Another payer already paid this claim as the first payer.",
                )


def fill_slots(
    standing: Sequence[Answer],
    taken_back: Sequence[Answer],
    reported: Sequence[Answer],
    charge_cents: int,
) -> Filled:
    """Sort standing answers into slots in order of payers.

    An answer that only says "duplicate" echoes an earlier one of its payer, also where that one
    was taken back since: it moves nothing. ``reported`` answers of earlier payers count only where
    that payer sent no remittance of its own. Answers whose earlier payers have not answered stay
    out with an issue ``waiting_for_earlier_payer``.
    """
    filled = Filled([], [], [])
    heard = {(_rank_of(answer), answer.payer_key) for answer in taken_back}
    for answer in sorted(standing, key=lambda a: a.order):
        who = (_rank_of(answer), answer.payer_key)
        if who in heard and only_echoes(answer) and not answer.post_anyway:
            filled.echoes.append(answer)
            continue
        heard.add(who)
        issue = _add(_slot_of(filled.slots, answer), answer, charge_cents)
        if issue is not None:
            filled.issues.append(issue)
    answered = {rank for rank, _ in heard}
    for answer in reported:
        if answer.rank not in answered:
            _add(_slot_of(filled.slots, answer), answer, charge_cents)
    for issue in list(_second_primary(filled.slots)):
        filled.issues.append(issue)
        for slot in filled.slots:
            slot.answers = [a for a in slot.answers if a.id != issue.answer]
    filled.slots = [slot for slot in filled.slots if slot.answers]
    filled.slots.sort(key=lambda s: (s.status_rank, s.answers[0].order))
    _drop_early(filled)
    return filled


def _drop_early(filled: Filled) -> None:
    """Hold back the answers of payers whose predecessors have not answered yet."""
    kept: list[Slot] = []
    for slot in filled.slots:
        known = {s.status_rank for s in kept}
        if slot.status_rank == 1 or slot.status_rank - 1 in known:
            kept.append(slot)
            continue
        filled.issues.extend(
            Issue(
                "waiting_for_earlier_payer",
                answer.payment.paid_cents,
                answer.id,
                "A later payer answered before the payers ahead of it; their answer is missing.",
            )
            for answer in slot.answers
            if not answer.post_anyway
        )
        slot.answers = [answer for answer in slot.answers if answer.post_anyway]
        if slot.answers:
            kept.append(slot)
    filled.slots = kept


def answers_with_money(answers: Iterable[Answer]) -> tuple[list[Answer], list[Issue]]:
    """Answers that may post, and issues over those whose status carries no money but has some."""
    kept: list[Answer] = []
    issues: list[Issue] = []
    for answer in answers:
        status = answer.payment.status
        if status in RANK_BY_STATUS or status == "22":
            kept.append(answer)
        elif answer.payment.paid_cents or status not in _NO_MONEY_STATUSES:
            issues.append(
                Issue(
                    "status_without_rule",
                    answer.payment.paid_cents,
                    answer.id,
                    "The claim status is unknown, or has money where it should carry none.",
                )
            )
    return kept, issues
