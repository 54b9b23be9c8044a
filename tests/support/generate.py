"""Small invented worlds for property tests: claims, the payers' answers over time, and the truth.

A world is drawn through ``Choices``: :func:`worlds` is a hypothesis strategy (it shrinks),
:func:`seeded_world` the same from a number. The generator plays the payers: it decides what each
one pays, leaves and refuses, renders that as 837 and 835 files, and keeps per claim and per remit
what must come out. All remits balance, every payment has its own date.

What it plays: one to three payers (OA-23 over earlier payments and write-offs), deductible and
coinsurance, refused lines (by the last payer), a claim answered in two parts, reversals with a
correction in the same remit, in a later one or never, recoveries deferred and taken (WO), balances
carried forward (FB), interest (L6), crossover, answers that have not come yet.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import (
    Answer,
    Cas,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    ProviderAdjustment,
    Remit,
    Service,
    reversal,
)

T = TypeVar("T")

PAYERS = (
    Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12"),
    Payer("HARBOR BENEFIT FUND", "HBF02", "999000102", "CI", "15"),
    Payer("STONEBRIDGE TRUST", "SBT03", "999000103", "CI", "15"),
    Payer("GREYWATER HEALTH", "GWH09", "999000109", "CI", "12"),
)
PEOPLE = (
    Person("MARLOWE", "EDITH", date(1951, 3, 14), "F"),
    Person("PEMBERTON", "OSCAR", date(1966, 7, 9), "M"),
    Person("QUILLFEATHER", "RUTH", date(1972, 11, 30), "F"),
    Person("ASHGROVE", "MARCUS", date(1985, 5, 21), "M"),
)
CODES = ("99213", "99214", "93000", "36415")
FIRST_SERVICE = date(2026, 1, 5)
FIRST_PAYMENT = date(2026, 2, 2)
RANKS = "PST"
NO_MORE = 8


class Choices(Protocol):
    """Where a world's decisions come from."""

    def whole(self, low: int, high: int) -> int:
        """A number from low to high, both included."""

    def one_in(self, count: int) -> bool:
        """True about once in so many times."""


class SeededChoices:
    """Decisions from a seed: the same number gives the same world."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def whole(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0


class DrawnChoices:
    """Decisions drawn by hypothesis; zero and false are the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[T]], T]) -> None:
        self._draw = draw

    def whole(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one_in(self, count: int) -> bool:
        return self._draw(st.integers(0, count - 1)) == count - 1


@dataclass(frozen=True)
class Truth:
    """What must come out for a claim, in cents."""

    charge: int
    insurance_paid: int
    written_off: int
    patient_responsibility: int
    insurance_open: int
    patient_paid: int


@dataclass(frozen=True)
class World:
    """Claims, remits in the order of their dates, and the truth per claim number."""

    claims: tuple[Claim, ...]
    remits: tuple[Remit, ...]
    truth: dict[str, Truth]

    def claim_files(self) -> list[str]:
        """One 837 file for each claim."""
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


@dataclass
class LineState:
    """What has been settled on one line so far."""

    line: Line
    paid: int = 0
    written_off: int = 0
    patient: int = 0
    denied: int = 0

    @property
    def settled(self) -> int:
        return self.paid + self.written_off

    @property
    def left(self) -> int:
        return self.line.charge - self.settled


@dataclass(frozen=True)
class LineAnswer:
    """One payer's decision on one line."""

    paid: int
    written_off: int
    patient: int
    denied: int
    service: Service


@dataclass
class Event:
    """Something a payer sends about a claim: it goes into that payer's remit of a round."""

    round: int
    payer: Payer
    answer: Answer
    deferred: bool = False


@dataclass
class Story:
    """One claim being answered."""

    claim: Claim
    choices: Choices
    with_controls: bool
    states: list[LineState]
    events: list[Event] = field(default_factory=list)
    round: int = 0
    rank: int = 0


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
    patients = choices.whole(1, 4)
    stories = []
    for number in range(choices.whole(1, 6)):
        claim = _make_claim(choices, number, PEOPLE[choices.whole(0, patients - 1)])
        story = Story(claim, choices, with_controls, [LineState(line) for line in claim.lines])
        _play(story)
        stories.append(story)
    events = [event for story in stories for event in story.events]
    return World(
        claims=tuple(story.claim for story in stories),
        remits=tuple(_make_remits(choices, events)),
        truth={story.claim.number: _truth(story) for story in stories},
    )


def _make_claim(choices: Choices, number: int, person: Person) -> Claim:
    name = f"GEN{number:03d}"
    first = choices.whole(0, len(PAYERS) - 1)
    payers = [PAYERS[(first + rank) % len(PAYERS)] for rank in range(_payer_count(choices))]
    member = f"{1000 + PEOPLE.index(person)}"
    coverages = tuple(
        Coverage(payer, f"{payer.id[:2]}{member}", rank)
        for payer, rank in zip(payers, RANKS, strict=False)
    )
    lines = tuple(
        Line(CODES[index], choices.whole(1000, 50000), control=f"{name}L{index + 1}")
        for index in range(choices.whole(1, 3))
    )
    charge = sum(line.charge for line in lines)
    return Claim(
        number=name,
        patient=person,
        coverages=coverages,
        lines=lines,
        service_from=FIRST_SERVICE + timedelta(days=number),
        patient_paid=choices.whole(1, charge) if choices.one_in(4) else 0,
    )


def _payer_count(choices: Choices) -> int:
    if not choices.one_in(2):
        return 1
    return 3 if choices.one_in(3) else 2


def _play(story: Story) -> None:
    """The payers answer one after the other, until one has not answered yet."""
    choices = story.choices
    while story.rank < len(story.claim.coverages) and not choices.one_in(NO_MORE):
        if story.rank and not sum(state.left for state in story.states):
            return
        story.round += choices.whole(0, 2)
        before = [(s.paid, s.written_off) for s in story.states]
        alone = len(story.claim.coverages) == 1
        if alone and len(story.states) > 1 and choices.one_in(4):
            _answer_in_two_parts(story)
            return
        answer = _send_answer(story)
        if choices.one_in(4) and not _take_back(story, answer, before):
            return
        story.rank += 1
        story.round += 1


def _take_back(story: Story, answer: Answer, before: Sequence[tuple[int, int]]) -> bool:
    """Reverse the answer, then correct it at once, later or never; whether it was corrected."""
    choices = story.choices
    payer = story.claim.coverages[story.rank].payer
    story.round += choices.whole(1, 2)
    story.events.append(
        Event(story.round, payer, reversal(answer), deferred=choices.one_in(2) and answer.paid > 0)
    )
    for state, (paid, written_off) in zip(story.states, before, strict=True):
        state.paid, state.written_off, state.patient, state.denied = paid, written_off, 0, 0
    if choices.one_in(5):
        return False
    story.round += choices.whole(0, 1)
    _send_answer(story, corrects=answer.control_number)
    return True


def _send_answer(story: Story, corrects: str = "") -> Answer:
    """The current payer's answer to the whole claim."""
    decisions = [_decide(story, state) for state in story.states]
    answer = _answer(story, story.states, decisions, corrects=corrects)
    payer = story.claim.coverages[story.rank].payer
    story.events.append(Event(story.round, payer, answer))
    _apply(story.states, decisions)
    return answer


def _answer_in_two_parts(story: Story) -> None:
    """The only payer answers the first line apart from the others, maybe in another remit."""
    for part, states in enumerate((story.states[:1], story.states[1:])):
        decisions = [_decide(story, state) for state in states]
        answer = _answer(story, states, decisions, suffix="AB"[part], remarks=("MA15",))
        story.events.append(Event(story.round, story.claim.coverages[0].payer, answer))
        _apply(states, decisions)
        story.round += story.choices.whole(0, 1)
    story.rank = 1


def _apply(states: Sequence[LineState], decisions: Sequence[LineAnswer]) -> None:
    for state, decision in zip(states, decisions, strict=True):
        state.paid += decision.paid
        state.written_off += decision.written_off
        state.patient, state.denied = decision.patient, decision.denied


def _decide(story: Story, state: LineState) -> LineAnswer:
    """What the current payer pays, writes off, leaves to the patient and refuses on a line."""
    choices = story.choices
    left = state.left
    last = story.rank == len(story.claim.coverages) - 1
    adjustments: list[Cas] = [("OA", "23", state.settled)] if state.settled else []
    if left and last and choices.one_in(5):
        adjustments.append(("CO", ("197", "50", "16")[choices.whole(0, 2)], left))
        return _decision(story, state, adjustments, denied=left)
    written_off = choices.whole(0, left) if left and not choices.one_in(3) else 0
    cut = min(choices.whole(0, 300), left - written_off) if choices.one_in(6) else 0
    owed = choices.whole(0, left - written_off - cut)
    deductible = choices.whole(0, owed)
    for group, reason, cents in (
        ("CO", "45", written_off),
        ("CO", "253", cut),
        ("PR", "1", deductible),
        ("PR", "2", owed - deductible),
    ):
        if cents:
            adjustments.append((group, reason, cents))
    return _decision(story, state, adjustments, written_off=written_off + cut, patient=owed)


def _decision(
    story: Story,
    state: LineState,
    adjustments: list[Cas],
    *,
    written_off: int = 0,
    patient: int = 0,
    denied: int = 0,
) -> LineAnswer:
    line = state.line
    paid = line.charge - sum(cents for _, _, cents in adjustments)
    service = Service(
        code=line.code,
        charge=line.charge,
        paid=paid,
        cas=tuple(adjustments),
        control=line.control if story.with_controls else "",
        day=story.claim.service_from,
    )
    return LineAnswer(paid, written_off, patient, denied, service)


def _answer(
    story: Story,
    states: Sequence[LineState],
    decisions: Sequence[LineAnswer],
    *,
    suffix: str = "",
    corrects: str = "",
    remarks: tuple[str, ...] = (),
) -> Answer:
    claim, rank = story.claim, story.rank
    coverage = claim.coverages[rank]
    following = claim.coverages[rank + 1 : rank + 2]
    crosses = bool(following) and story.choices.one_in(3)
    number = corrects + "C" if corrects else f"{coverage.payer.id[:2]}{claim.number}{suffix}"
    return Answer(
        number=claim.number,
        status=str(19 + rank if crosses else 1 + rank),
        charge=sum(state.line.charge for state in states),
        paid=sum(decision.paid for decision in decisions),
        responsibility=sum(decision.patient for decision in decisions),
        services=tuple(decision.service for decision in decisions),
        control_number=number,
        patient=claim.patient,
        member_id=coverage.member_id,
        remarks=remarks,
        original_reference=corrects,
        crossover=following[0].payer if crosses else None,
        service_from=claim.service_from,
    )


def _truth(story: Story) -> Truth:
    states, claim = story.states, story.claim
    paid = sum(state.paid for state in states)
    written_off = sum(state.written_off for state in states)
    final = story.rank >= len(claim.coverages)
    patient = sum(state.patient for state in states) if final else 0
    return Truth(
        charge=claim.charge,
        insurance_paid=paid,
        written_off=written_off,
        patient_responsibility=patient,
        insurance_open=claim.charge - paid - written_off - patient,
        patient_paid=claim.patient_paid,
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
