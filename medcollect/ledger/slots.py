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

#: CLP02 to payer rank. A 4 (patient unknown) answers for whichever payer was asked first.
RANK_BY_STATUS: dict[str, int] = {
    "1": 1, "19": 1, "4": 1, "2": 2, "20": 2, "3": 3, "21": 3,
}  # fmt: skip

#: Remark code with which a payer says that it split the claim.
_SPLIT_REMARK = "MA15"


class Slot(msgspec.Struct):
    """One payer's standing answers, with those they replaced and those that only echo."""

    status_rank: int
    payer_key: str
    payer_name: str
    answers: list[Answer] = []
    replaced: list[Answer] = []
    echoes: list[Answer] = []
    reported: bool = False

    def paid_cents(self) -> int:
        """What this payer paid on the claim by its standing answers."""
        return sum(answer.payment.paid_cents for answer in self.answers)


def _only_echoes(answer: Answer) -> bool:
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


def _slot_of(slots: list[Slot], answer: Answer) -> Slot:
    """The slot of the answer's payer, made when the payer answers for the first time."""
    rank = answer.rank or RANK_BY_STATUS[answer.payment.status]
    for slot in slots:
        if slot.payer_key == answer.payer_key and slot.status_rank == rank:
            return slot
    slot = Slot(rank, answer.payer_key, answer.payer_name, reported=answer.remittance is None)
    slots.append(slot)
    return slot


def _add(slot: Slot, answer: Answer, charge_cents: int) -> Issue | None:
    """Put an answer into its slot, or say why a person must."""
    if not slot.answers or is_split(slot.answers, answer, charge_cents) or answer.post_anyway:
        slot.answers.append(answer)
        return None
    if _only_echoes(answer):
        slot.echoes.append(answer)
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
    answers: Sequence[Answer], reported: Sequence[Answer], charge_cents: int
) -> tuple[list[Slot], list[Issue]]:
    """Sort standing answers into slots in order of payers.

    ``reported`` answers of earlier payers count only where that payer sent no remittance of its
    own. Answers whose earlier payers have not answered stay out with an issue
    ``waiting_for_earlier_payer``.
    """
    slots: list[Slot] = []
    issues: list[Issue] = []
    for answer in sorted(answers, key=lambda a: a.order):
        issue = _add(_slot_of(slots, answer), answer, charge_cents)
        if issue is not None:
            issues.append(issue)
    answered = {slot.status_rank for slot in slots}
    for answer in reported:
        if answer.rank not in answered:
            _add(_slot_of(slots, answer), answer, charge_cents)
    for issue in list(_second_primary(slots)):
        issues.append(issue)
        for slot in slots:
            slot.answers = [a for a in slot.answers if a.id != issue.answer]
    slots = sorted(
        (s for s in slots if s.answers), key=lambda s: (s.status_rank, s.answers[0].order)
    )
    return _drop_early(slots, issues)


def _drop_early(slots: list[Slot], issues: list[Issue]) -> tuple[list[Slot], list[Issue]]:
    """Hold back the answers of payers whose predecessors have not answered yet."""
    kept: list[Slot] = []
    for slot in slots:
        known = {s.status_rank for s in kept}
        if slot.status_rank == 1 or slot.status_rank - 1 in known:
            kept.append(slot)
            continue
        forced = [answer for answer in slot.answers if answer.post_anyway]
        issues.extend(
            Issue(
                "waiting_for_earlier_payer",
                answer.payment.paid_cents,
                answer.id,
                "A later payer answered before the payers ahead of it; their answer is missing.",
            )
            for answer in slot.answers
            if not answer.post_anyway
        )
        if forced:
            slot.answers = forced
            kept.append(slot)
    return kept, issues
