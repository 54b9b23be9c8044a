"""Which deposit brought a day's card payments of patients.

A terminal settles a day's cards as one amount, within three bank days. To the cent, and only where
day and deposit have no other choice; a deposit that could also be a payer's is left to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from medcollect.bank.calendar import bank_days_between
from medcollect.matching.deposits import WINDOW_BANK_DAYS
from medcollect.model.bank_match import BankDeposit

#: How a terminal's money comes in, as banks name it.
_KINDS = frozenset({"card", "ach", "other"})
#: More calendar days than the window has bank days, holidays and all.
_FAR_DAYS = 10


class CardBatch(msgspec.Struct, frozen=True):
    """What patients paid by card on a day, less what went back to cards that day."""

    day: date
    cents: int
    payments: tuple[int, ...]


class CardMatches(msgspec.Struct, frozen=True):
    """Batches by the deposit that brought them; the days that a deposit could be, where several."""

    batches: dict[int, CardBatch]
    choices: dict[int, tuple[date, ...]]


def match_card_batches(
    deposits: Iterable[BankDeposit], batches: Sequence[CardBatch]
) -> CardMatches:
    """Tie free deposits to days of card payments, as far as that is certain."""
    by_cents: dict[int, list[CardBatch]] = defaultdict(list)
    for batch in batches:
        by_cents[batch.cents].append(batch)
    fitting = {
        d.id: [b for b in by_cents.get(d.cents, ()) if _fits(d, b)]
        for d in deposits
        if d.cents > 0 and d.deposit.kind in _KINDS and not d.deposit.payer_trace_id
    }
    wanted: dict[date, int] = defaultdict(int)
    for batch in (batch for found in fitting.values() for batch in found):
        wanted[batch.day] += 1
    sure = {
        number: found[0]
        for number, found in fitting.items()
        if len(found) == 1 and wanted[found[0].day] == 1
    }
    choices = {
        number: tuple(batch.day for batch in found)
        for number, found in fitting.items()
        if found and number not in sure
    }
    return CardMatches(sure, choices)


def _fits(deposit: BankDeposit, batch: CardBatch) -> bool:
    """Whether the deposit came on the batch's day or soon after."""
    day = deposit.deposit.deposit_date
    if not 0 <= (day - batch.day).days <= _FAR_DAYS:
        return False
    return bank_days_between(batch.day, day) <= WINDOW_BANK_DAYS
