"""What is left once every payer has answered: denials, what is with a payer again, charges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from medcollect.ledger.case import ClaimCase, DenialItem
from medcollect.ledger.coordination import RESENT
from medcollect.ledger.parts import with_status
from medcollect.ledger.receivable import Receivable
from medcollect.ledger.slots import Slot


def settled_denials(
    denials: Sequence[DenialItem], last: Collection[int], receivable: Receivable, *, by_claim: bool
) -> list[DenialItem]:
    """Keep of earlier payers' denials what later payers left open; the rest is settled.

    ``last`` are the answers of the last payer, whose denials stand as they are.
    """
    kept: list[DenialItem] = []
    used: dict[int, int] = defaultdict(int)
    for item in reversed(denials):
        if item.status == "open" and item.answer not in last:
            whole = by_claim or item.line == 0
            taken = sum(used.values()) if whole else used[item.line]
            left = receivable.total(None if whole else frozenset({item.line})) - taken
            item = _left_of(item, left)  # noqa: PLW2901 - what is left of it
        if item.status == "open" and item.group != "PR":
            used[item.line] += item.cents
        kept.append(item)
    return kept[::-1]


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
