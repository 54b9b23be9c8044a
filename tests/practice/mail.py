"""The payers' checks: every week one for each practice, with recoveries, balances and interest.

What a check says beyond its claims: takebacks whose money is left for now and taken later (WO),
refund cheques acknowledged (72), balances carried forward over checks (FB), interest (L6). It also
knows what of each check the books can apply, so that what must be left unapplied is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from tests.practice.damage import returned
from tests.practice.payers import INSURERS, Insurer
from tests.practice.stories import Event
from tests.practice.visits import FAMILY, THERAPY
from tests.support.specs import Practice, ProviderAdjustment, Remit

PRACTICES = {practice.name: practice for practice in (FAMILY, THERAPY)}


@dataclass(frozen=True)
class Item:
    """One claim payment of a check and what it truly is: see :class:`Event`."""

    claim: int
    paid: int
    posts: bool
    opens: bool


@dataclass(frozen=True)
class Check:
    """One remittance with the truth behind each of its claim payments, in order."""

    remit: Remit
    items: tuple[Item, ...]
    copies: int = 1
    reissued: Remit | None = None

    @property
    def unapplied(self) -> int:
        """What of the money waits for good."""
        return sum(item.paid for item in self.items if not item.posts)


@dataclass
class Desk:
    """What one payer carries from check to check for one practice."""

    deferred: list[tuple[str, int]] = field(default_factory=list)
    forward: int = 0
    forward_trace: str = ""


def payday(insurer: Insurer, day: date) -> date:
    """The payer's next day of the week."""
    weekday = INSURERS.index(insurer) % 5
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def checks(random: Random, events: Iterable[Event]) -> list[Check]:
    """Every check in the order of its date."""
    piles: dict[tuple[date, int, str], list[Event]] = defaultdict(list)
    for event in events:
        practice = FAMILY.name if event.insurer.habit.joint else event.practice
        place = INSURERS.index(event.insurer)
        piles[payday(event.insurer, event.day), place, practice].append(event)
    desks: dict[tuple[int, str], Desk] = defaultdict(Desk)
    return [
        _check(random, INSURERS[place], PRACTICES[practice], day, pile, desks[place, practice])
        for (day, place, practice), pile in sorted(piles.items(), key=lambda item: item[0])
    ]


def _check(
    random: Random,
    insurer: Insurer,
    practice: Practice,
    day: date,
    events: Sequence[Event],
    desk: Desk,
) -> Check:
    trace = f"{insurer.payer.id[:3]}{day:%y%m%d}{practice.npi[-3:]}"
    answers = tuple(returned(random, event) for event in events)
    total = sum(answer.paid for answer in answers)
    adjustments = _adjustments(events, desk, total)
    left = total - sum(item.cents for item in adjustments)
    if left < 0:
        adjustments.append(ProviderAdjustment("FB", trace, left))
    desk.forward, desk.forward_trace = max(-left, 0), trace
    remit = Remit(insurer.payer, trace, day, answers, tuple(adjustments), practice=practice)
    items = tuple(
        Item(e.claim, a.paid, e.posts, e.opens) for e, a in zip(events, answers, strict=True)
    )
    luck = random.random()
    again = None
    if luck < 0.004 and answers[0].paid > 100:
        again = _reissue(remit)
    return Check(remit, items, copies=2 if 0.1 < luck < 0.14 else 1, reissued=again)


def _adjustments(events: Sequence[Event], desk: Desk, total: int) -> list[ProviderAdjustment]:
    """PLB of one check; what is left of the recoveries waits for the next one."""
    found = []
    if desk.forward:
        found.append(ProviderAdjustment("FB", desk.forward_trace, desk.forward))
    for reference, cents in list(desk.deferred):
        if cents <= total:
            found.append(ProviderAdjustment("WO", reference, cents))
            desk.deferred.remove((reference, cents))
            total -= cents
    for event in events:
        answer = event.answer
        if event.deferred:
            found.append(ProviderAdjustment("WO", answer.control_number, answer.paid))
            desk.deferred.append((answer.control_number, -answer.paid))
        if event.refunded:
            found.append(ProviderAdjustment("72", answer.control_number, answer.paid))
        if event.interest:
            found.append(ProviderAdjustment("L6", answer.control_number, -event.interest))
    return [item for item in found if item.cents]


def _reissue(remit: Remit) -> Remit:
    """The same payment (trace number and day) sent once more with another amount."""
    first, *others = remit.answers
    line, *lines = first.services or (None,)
    if line is None or not line.cas or line.paid < 100:
        return None
    group, reason, cents = line.cas[0]
    changed = replace(line, paid=line.paid - 1, cas=((group, reason, cents + 1), *line.cas[1:]))
    again = replace(first, paid=first.paid - 1, services=(changed, *lines))
    return replace(remit, answers=(again, *others))
