"""What is left once every payer has answered: denials, what is with a payer again, charges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from medcollect.ledger.case import Answer, ClaimCase, DenialItem
from medcollect.ledger.coordination import RESENT
from medcollect.ledger.parts import with_status
from medcollect.ledger.receivable import Receivable
from medcollect.ledger.slots import Slot


def settled_denials(
    denials: Sequence[DenialItem], last: Sequence[Answer], receivable: Receivable, *, by_claim: bool
) -> list[DenialItem]:
    """Keep of earlier answers' denials what later answers left open; the rest is settled.

    ``last`` are the answers of the last payer, whose denials stand as they are, but for lines that
    it has answered again since.
    """
    kept: list[DenialItem] = []
    stands = {answer.id: place for place, answer in enumerate(last)}
    used: dict[int, int] = defaultdict(int)
    for item in reversed(denials):
        place = stands.get(item.answer)
        if item.status == "open" and (place is None or _again(item, last[place + 1 :])):
            whole = by_claim or item.line == 0
            taken = sum(used.values()) if whole else used[item.line]
            left = receivable.total(None if whole else frozenset({item.line})) - taken
            item = _left_of(item, left)  # noqa: PLW2901 - what is left of it
        if item.status == "open" and item.group != "PR":
            used[item.line] += item.cents
        kept.append(item)
    return kept[::-1]


def _again(item: DenialItem, later: Sequence[Answer]) -> bool:
    """Whether one of these answers is about what an earlier one of the payer refused."""
    return any(
        item.line in {0, *answer.pairs} or not answer.pairs or 0 in answer.pairs for answer in later
    )


def _left_of(item: DenialItem, left: int) -> DenialItem:
    """An earlier payer's denial, limited to what is open after later ones."""
    if item.group == "PR" or left <= 0:
        return with_status(item, "settled")
    return msgspec.structs.replace(item, cents=min(item.cents, left))


def resent_denials(denials: Iterable[DenialItem], answers: Collection[int]) -> list[DenialItem]:
    """Open denials of these answers wait: their payer has the claim again."""
    return [
        with_status(item, RESENT) if item.answer in answers and item.status == "open" else item
        for item in denials
    ]


def charge_differs(case: ClaimCase, slots: Iterable[Slot]) -> Iterator[int]:
    """The last answer of each payer whose answers do not add up to the claim's charge."""
    for slot in slots:
        answered = sum([answer.payment.charge_cents for answer in slot.answers])
        if not slot.reported and not case.voided and answered != case.charge_cents:
            yield slot.answers[-1].id
