"""One generated claim and how its payers answer it over time, with the truth that must come out.

What it plays: one to three payers (OA-23 over earlier payments and write-offs), deductible and
coinsurance, lines refused by the last payer, a claim answered in two parts or without lines, cuts
at claim level, a denial overturned without a reversal, answers that only say 'duplicate', reversals
with a correction at once, later or never, the whole chain of payers judged anew, crossover, the
claim filed to the second payer with the first one's answer, answers that have not come yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tests.support.choices import Choices
from tests.support.specs import (
    Answer,
    Cas,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    PriorAnswer,
    PriorLine,
    Service,
    reversal,
)

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
RANKS = "PST"


@dataclass(frozen=True)
class Truth:
    """What must come out for a claim, in cents."""

    charge: int
    insurance_paid: int
    written_off: int
    patient_responsibility: int
    insurance_open: int
    patient_paid: int


@dataclass
class LineState:
    """What has been settled on one line so far."""

    line: Line
    paid: int = 0
    written_off: int = 0
    patient: int = 0

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
    """One claim being answered; ``answers`` are the standing ones, ``refiled`` later 837s."""

    claim: Claim
    choices: Choices
    with_controls: bool
    states: list[LineState]
    events: list[Event] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    refiled: list[Claim] = field(default_factory=list)
    round: int = 0
    rank: int = 0

    @property
    def payer(self) -> Payer:
        return self.claim.coverages[self.rank].payer

    @property
    def alone(self) -> bool:
        return len(self.claim.coverages) == 1

    def send(self, answer: Answer, *, deferred: bool = False) -> None:
        """Put an answer into the current payer's remit of this round."""
        self.events.append(Event(self.round, self.payer, answer, deferred))

    def truth(self) -> Truth:
        """What the payers' decisions come to."""
        paid = sum(state.paid for state in self.states)
        written_off = sum(state.written_off for state in self.states)
        final = self.rank >= len(self.claim.coverages)
        patient = sum(state.patient for state in self.states) if final else 0
        charge = self.claim.charge
        left = charge - paid - written_off - patient
        return Truth(charge, paid, written_off, patient, left, self.claim.patient_paid)


def make_story(choices: Choices, number: int, person: Person, *, with_controls: bool) -> Story:
    """A claim and its answers."""
    claim = _make_claim(choices, number, person)
    story = Story(claim, choices, with_controls, [LineState(line) for line in claim.lines])
    _play(story)
    return story


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
    while story.rank < len(story.claim.coverages) and not choices.one_in(8):
        if story.rank and not sum(state.left for state in story.states):
            return
        story.round += choices.whole(0, 2)
        if story.alone and len(story.states) > 1 and choices.one_in(4):
            _answer_in_two_parts(story)
            return
        if story.alone and choices.one_in(6):
            _refuse_at_first(story)
        before = [(s.paid, s.written_off) for s in story.states]
        answer = _send_answer(story)
        if choices.one_in(8):
            _say_duplicate(story)
        if choices.one_in(4) and not _take_back(story, answer, before):
            return
        story.rank += 1
        story.round += 1
    if story.rank > 1 and choices.one_in(5):
        _judge_anew(story)


def _refuse_at_first(story: Story) -> None:
    """A denial of everything; what follows overturns it without a reversal."""
    decisions = [
        _decision(story, state, [("CO", "197", state.line.charge)]) for state in story.states
    ]
    story.send(_answer(story, story.states, decisions, suffix="N"))
    story.round += 1


def _say_duplicate(story: Story) -> None:
    """The claim was sent twice: the payer only says so."""
    story.round += 1
    decisions = [
        _decision(story, state, [("OA", "18", state.line.charge)]) for state in story.states
    ]
    story.send(replace(_answer(story, story.states, decisions, suffix="D"), crossover=None))


def _take_back(story: Story, answer: Answer, before: Sequence[tuple[int, int]]) -> bool:
    """Reverse the answer, then correct it at once, later or never; whether it was corrected."""
    choices = story.choices
    story.round += choices.whole(1, 2)
    story.send(reversal(answer), deferred=choices.one_in(2) and answer.paid > 0)
    story.answers.pop()
    for state, (paid, written_off) in zip(story.states, before, strict=True):
        state.paid, state.written_off, state.patient = paid, written_off, 0
    if choices.one_in(5):
        return False
    story.round += choices.whole(0, 1)
    _send_answer(story, corrects=answer.control_number)
    return True


def _judge_anew(story: Story) -> None:
    """The first payer corrects its answer, and every payer after it has to correct its own."""
    standing, story.answers = story.answers, []
    for state in story.states:
        state.paid, state.written_off, state.patient = 0, 0, 0
    for rank, answer in enumerate(standing):
        story.rank = rank
        story.round += 1
        story.send(reversal(answer))
        if sum(state.left for state in story.states):
            _send_answer(story, corrects=answer.control_number)
    story.rank = len(standing)


def _send_answer(story: Story, corrects: str = "") -> Answer:
    """The current payer's answer to the whole claim."""
    if story.alone and story.choices.one_in(8):
        return _send_answer_without_lines(story, corrects)
    decisions = [_decide(story, state) for state in story.states]
    answer = _answer(story, story.states, decisions, corrects=corrects)
    _apply(story.states, decisions)
    if story.choices.one_in(6):
        answer = _cut_at_claim_level(story, answer, min(decisions[0].paid, 150))
    story.send(answer)
    story.answers.append(answer)
    if story.rank == 0 and not story.alone and story.choices.one_in(3):
        _file_to_second(story, answer)
    return answer


def _cut_at_claim_level(story: Story, answer: Answer, cut: int) -> Answer:
    """Sequestration beside the lines: the claim is paid less than its lines add up to."""
    if cut <= 0:
        return answer
    story.states[0].paid -= cut
    story.states[0].written_off += cut
    return replace(answer, paid=answer.paid - cut, cas=(("CO", "253", cut),))


def _send_answer_without_lines(story: Story, corrects: str) -> Answer:
    """An answer to the claim as a whole; its only payer is the last one."""
    whole = LineState(Line("", story.claim.charge))
    decision = _decide(story, whole)
    answer = _answer(story, [whole], [decision], corrects=corrects)
    answer = replace(answer, services=(), cas=decision.service.cas)
    first, *others = story.states
    first.paid, first.written_off = decision.paid, decision.written_off
    first.patient = decision.patient
    for state in others:
        state.paid, state.written_off, state.patient = 0, 0, 0
    story.send(answer)
    story.answers.append(answer)
    return answer


def _file_to_second(story: Story, answer: Answer) -> None:
    """The claim goes to the second payer with the first one's answer (2320, 2430)."""
    first, second, *others = story.claim.coverages
    told = PriorAnswer(
        payer_id=first.payer.id,
        paid=answer.paid,
        answered=FIRST_SERVICE + timedelta(days=60),
        cas=answer.cas,
        lines=tuple(PriorLine(s.paid, s.cas) for s in answer.services),
        control_number=answer.control_number,
    )
    coverages = (second, first, *others)
    story.refiled.append(replace(story.claim, coverages=coverages, prior=(told,)))


def _answer_in_two_parts(story: Story) -> None:
    """The only payer answers the first line apart from the others, maybe in another remit."""
    for part, states in enumerate((story.states[:1], story.states[1:])):
        decisions = [_decide(story, state) for state in states]
        answer = _answer(story, states, decisions, suffix="AB"[part], remarks=("MA15",))
        story.send(answer)
        _apply(states, decisions)
        story.round += story.choices.whole(0, 1)
    story.rank = 1


def _apply(states: Sequence[LineState], decisions: Sequence[LineAnswer]) -> None:
    for state, decision in zip(states, decisions, strict=True):
        state.paid += decision.paid
        state.written_off += decision.written_off
        state.patient = decision.patient


def _decide(story: Story, state: LineState) -> LineAnswer:
    """What the current payer pays, writes off, leaves to the patient and refuses on a line."""
    choices = story.choices
    left = state.left
    last = story.rank == len(story.claim.coverages) - 1
    adjustments: list[Cas] = [("OA", "23", state.settled)] if state.settled else []
    if left and last and choices.one_in(5):
        adjustments.append(("CO", ("197", "50", "16")[choices.whole(0, 2)], left))
        return _decision(story, state, adjustments)
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
    adjustments: Sequence[Cas],
    *,
    written_off: int = 0,
    patient: int = 0,
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
    return LineAnswer(paid, written_off, patient, service)


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
    crosses = bool(following) and suffix != "D" and story.choices.one_in(3)
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
