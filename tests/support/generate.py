"""Small invented worlds for property tests: claims, the payers' answers over time, and the truth.

A world is drawn through :class:`~tests.support.choices.Choices`: :func:`worlds` is a hypothesis
strategy (it shrinks), :func:`seeded_world` the same from a number. The stories of the single claims
(:mod:`tests.support.stories`) are put into remits of the payers, each with a date of its own;
recoveries are deferred and taken (WO), balances carried forward (FB), interest paid (L6). All
remits balance. The truth per claim and the payment per remit are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from tests.support.builder import Envelope, build_835, build_837
from tests.support.choices import Choices, DrawnChoices, SeededChoices
from tests.support.specs import Claim, ProviderAdjustment, Remit
from tests.support.stories import PAYERS, PEOPLE, Event, Truth, make_story

T = TypeVar("T")

FIRST_PAYMENT = date(2026, 2, 2)


@dataclass(frozen=True)
class World:
    """Claims as sent, remits in the order of their dates, and the truth per claim number.

    ``claims`` holds a claim again where it was filed to the next payer later.
    """

    claims: tuple[Claim, ...]
    remits: tuple[Remit, ...]
    truth: dict[str, Truth]

    def claim_files(self) -> list[str]:
        """One 837 file for each claim as sent."""
        return [
            build_837([claim], Envelope("CEDARHOLLOW", "CLEARHOUSE01", control=100 + number))
            for number, claim in enumerate(self.claims)
        ]

    def remit_files(self) -> list[str]:
        """One 835 file for each remit, in the order of their dates."""
        return [
            build_835([remit], Envelope(day=remit.day, control=500 + number))
            for number, remit in enumerate(self.remits)
        ]

    def one_remit_file(self) -> str:
        """All remits as transactions of one file."""
        return build_835(self.remits, Envelope(day=FIRST_PAYMENT, control=900))

    @property
    def payments(self) -> dict[str, int]:
        """BPR02 of each remit by its trace number."""
        return {remit.trace: remit.payment for remit in self.remits}


@st.composite
def worlds(draw: Callable[[st.SearchStrategy[T]], T]) -> World:
    """A hypothesis strategy of worlds."""
    return make_world(DrawnChoices(draw))


def seeded_world(seed: int) -> World:
    """The world of a seed."""
    return make_world(SeededChoices(seed))


def make_world(choices: Choices) -> World:
    """One world: one to six claims of one to four patients."""
    with_controls = not choices.one_in(3)
    patients = choices.whole(1, len(PEOPLE))
    stories = []
    for number in range(choices.whole(1, 6)):
        person = PEOPLE[choices.whole(0, patients - 1)]
        stories.append(make_story(choices, number, person, with_controls=with_controls))
    first = [story.claim for story in stories]
    later = [claim for story in stories for claim in story.refiled]
    return World(
        claims=(*first, *later),
        remits=tuple(_make_remits(choices, [e for story in stories for e in story.events])),
        truth={story.claim.number: story.truth() for story in stories},
    )


@dataclass
class PayerBooks:
    """What a payer carries from one remit to the next: deferred recoveries, balance forward."""

    recoveries: list[tuple[str, int]] = field(default_factory=list)
    forward: int = 0
    forward_trace: str = ""


def _make_remits(choices: Choices, events: Sequence[Event]) -> list[Remit]:
    """One remit per payer and round that has something to say, each with a date of its own."""
    books = {payer.id: PayerBooks() for payer in PAYERS}
    remits = []
    for number in sorted({event.round for event in events}):
        for place, payer in enumerate(PAYERS):
            mine = [e for e in events if e.round == number and e.payer == payer]
            if mine:
                day = FIRST_PAYMENT + timedelta(days=7 * number + place)
                remits.append(_make_remit(choices, mine, day, books[payer.id]))
    return remits


def _make_remit(choices: Choices, events: Sequence[Event], day: date, books: PayerBooks) -> Remit:
    payer = events[0].payer
    trace = f"{payer.id[:2]}{day:%y%m%d}"
    adjustments = [ProviderAdjustment("WO", name, cents) for name, cents in books.recoveries]
    if books.forward:
        adjustments.append(ProviderAdjustment("FB", books.forward_trace, books.forward))
    waiting = [e.answer for e in events if e.deferred]
    books.recoveries = [(answer.control_number, -answer.paid) for answer in waiting]
    adjustments += [ProviderAdjustment("WO", name, -cents) for name, cents in books.recoveries]
    answers = tuple(event.answer for event in events)
    if choices.one_in(5) and answers[0].paid > 0:
        cents = choices.whole(1, 999)
        adjustments.append(ProviderAdjustment("L6", answers[0].control_number, -cents))
    total = sum(answer.paid for answer in answers) - sum(item.cents for item in adjustments)
    books.forward, books.forward_trace = max(-total, 0), trace
    if total < 0:
        adjustments.append(ProviderAdjustment("FB", trace, total))
    return Remit(payer, trace, day, answers, tuple(adjustments))
