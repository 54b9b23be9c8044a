"""How the payers answer one claim over time, and what the practice's books must say in the end.

Each plot is something that happens in real offices: a claim paid at once, refused and paid later,
taken back and corrected, split, paid twice, voided; then the payers behind the first one answer.
The truth comes from the decisions themselves, never from what a file says of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from tests.practice.decisions import (
    REFUSALS,
    Decision,
    answer,
    capitated,
    first_payer,
    later_payer,
    not_covered,
    refused,
    service,
)
from tests.practice.payers import SUPPLEMENT, Insurer
from tests.practice.visits import Visit
from tests.support.specs import Answer, Claim, PriorAnswer, PriorLine, reversal


@dataclass
class Event:
    """One answer of a payer, before it is damaged, and what it truly is.

    ``claim`` is the key of the visit it answers, 0 for another practice's system. ``posts`` is
    false where its money must wait for a person for good. ``deferred``: a takeback whose money is
    taken from a later check; ``refunded``: one that the practice paid back by cheque before.
    """

    day: date
    insurer: Insurer
    answer: Answer
    claim: int
    practice: str
    posts: bool = True
    opens: bool = False
    deferred: bool = False
    refunded: bool = False
    interest: int = 0
    member: str = ""
    corrected: str = ""


@dataclass(frozen=True)
class Filing:
    """A claim as sent on a day."""

    day: date
    claim: Claim
    practice: str
    visit: int


@dataclass(frozen=True)
class Truth:
    """What the books must say of a claim, in cents; ``number`` as the practice knows it."""

    visit: int
    number: str
    charge: int
    insurance_paid: int
    written_off: int
    patient_responsibility: int
    patient_paid: int

    @property
    def receivable(self) -> int:
        """Open with the payers."""
        return self.charge - self.insurance_paid - self.written_off - self.patient_responsibility


@dataclass
class Story:
    """One claim and what is decided on it; ``standing`` holds the decisions by payer rank."""

    random: Random
    visit: Visit
    claim: Claim
    day: date
    standing: dict[int, list[Decision]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    voided: bool = False
    controls: int = 0

    def wait(self, low: int, high: int) -> None:
        self.day += timedelta(days=self.random.randint(low, high))

    def file(self, **changes: object) -> None:
        """Send the claim, maybe changed."""
        self.claim = replace(self.claim, **changes)
        practice = self.visit.practice.name
        self.filings.append(Filing(self.day, self.claim, practice, self.visit.key))

    def control(self) -> str:
        """A payer's number for this claim that nobody else has."""
        self.controls += 1
        return f"{self.visit.key:07d}{self.controls:02d}"

    def settled(self, line: int) -> int:
        """What earlier payers paid and wrote off on a line."""
        decided = [d for decisions in self.standing.values() for d in decisions if d.line == line]
        return sum(d.paid + d.written for d in decided)

    def send(
        self, rank: int, said: Answer, *, insurer: Insurer | None = None, **more: object
    ) -> Event:
        """Put a payer's answer into the mail."""
        place = min(rank, len(self.visit.insurers) - 1)
        member, corrected = self._member(place)
        event = Event(
            self.day,
            insurer or self.visit.insurers[place],
            said,
            self.visit.key,
            self.visit.practice.name,
            member=member,
            corrected=corrected,
            **more,
        )
        self.events.append(event)
        return event

    def _member(self, rank: int) -> tuple[str, str]:
        """The member id as the payer knows it, and the corrected one where it has a new one."""
        cover = self.visit.patient.covers[rank]
        sent = (
            self.visit.claim.coverages[rank].member_id
            if not self.visit.patient.untold
            else cover.member
        )
        if not cover.newer or self.day <= cover.since or sent == cover.newer:
            return sent, ""
        return sent, cover.newer

    def answers(self, rank: int, decisions: Sequence[Decision], **more: object) -> Answer:
        """The current payer's answer with these decisions."""
        stated = {"status": str(min(rank, 2) + 1), "control": self.control(), **more}
        if rank == 0 and "status" not in more and SUPPLEMENT in self.visit.insurers:
            # Medicare passes the claim on by itself, known to the practice or not
            stated |= {"status": "19", "crossover": SUPPLEMENT.payer}
        patient = self.visit.patient
        known = patient.person
        if patient.married and self.day > patient.since:
            known = replace(known, last=patient.married)
        insurer = self.visit.insurers[min(rank, len(self.visit.insurers) - 1)]
        if patient.qmb and insurer.payer.plan == "MB":
            stated["remarks"] = (*stated.get("remarks", ()), "N781")
        return answer(self.claim, decisions, patient=known, **stated)

    def first_decisions(self) -> list[Decision]:
        """What the first payer decides when nothing is in the way."""
        insurer, random = self.visit.insurers[0], self.random
        if insurer.capitated and random.random() < 0.6:
            lines = enumerate(self.claim.lines)
            return [capitated(insurer, x, n, copay=n == 0) for n, x in lines]
        deductible = random.random() < 0.1
        return [
            first_payer(insurer, line, n, deductible=deductible, copay=n == 0)
            for n, line in enumerate(self.claim.lines)
        ]

    def truth(self) -> Truth:
        """The books' figures by what was decided, the last payer's word on the patient's part."""
        named = len(self.visit.insurers)
        decided = [d for decisions in self.standing.values() for d in decisions]
        paid, written = sum(d.paid for d in decided), sum(d.written for d in decided)
        last = max(self.standing, default=-1)
        patient = 0
        if last == named - 1:
            patient = sum(d.patient for d in self.standing[last])
        if self.visit.patient.qmb and patient:
            written, patient = written + patient, 0
        return Truth(
            self.visit.key,
            self.claim.number,
            0 if self.voided else self.claim.charge,
            paid,
            written,
            patient,
            self.visit.claim.patient_paid if self.claim.form == "P" else 0,
        )


# -- plots of the first payer ---------------------------------------------------------------


def paid(story: Story) -> bool:
    """Answered as a whole, maybe late and with interest."""
    decisions = story.first_decisions()
    story.standing[0] = decisions
    said = story.answers(0, decisions)
    cents = said.paid // 200 if story.random.random() < 0.03 else 0
    story.send(0, replace(said, interest=cents or None), interest=cents)
    return True


def line_refused(story: Story) -> bool:
    """One line is refused for good, or is the patient's (PR-204)."""
    decisions = story.first_decisions()
    number = story.random.randrange(len(decisions))
    line = story.claim.lines[number]
    alone = len(story.visit.insurers) == 1
    if alone and not story.visit.patient.qmb and story.random.random() < 0.3:
        decisions[number] = not_covered(line, number)
    else:
        decisions[number] = refused(line, number, story.random.choice(REFUSALS))
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions))
    return True


def _refuse(story: Story) -> Event:
    reason = story.random.choice(REFUSALS[:-1])
    decisions = [refused(line, n, reason) for n, line in enumerate(story.claim.lines)]
    story.standing[0] = decisions
    return story.send(0, story.answers(0, decisions, status=story.random.choice("14")))


def denied(story: Story) -> bool:
    """Refused as a whole, for good."""
    _refuse(story)
    return False


def overturned(story: Story) -> bool:
    """Refused, then paid on appeal without a word of the refusal."""
    _refuse(story)
    story.wait(25, 60)
    return paid(story)


def corrected_claim(story: Story) -> bool:
    """Refused, sent again as a replacement (frequency 7) with another first line, then paid."""
    event = _refuse(story)
    story.wait(5, 20)
    first, *others = story.claim.lines
    lines = (replace(first, charge=first.charge + 3000), *others)
    story.file(lines=lines, frequency="7", original_reference=event.answer.control_number)
    story.wait(14, 30)
    return paid(story)


def said_twice(story: Story) -> bool:
    """Paid; sent once more by mistake; the payer says that it had it (OA-18)."""
    paid(story)
    story.wait(20, 40)
    echo = [refused(line, n, ("OA", "18", ())) for n, line in enumerate(story.claim.lines)]
    story.send(0, story.answers(0, echo, status="1"))
    return True


def _take_back(story: Story, event: Event, **more: object) -> Event:
    """A reversal of an answer."""
    return story.send(0, reversal(event.answer), insurer=event.insurer, **more)


def corrected_at_once(story: Story) -> bool:
    """Paid, then taken back and corrected in one remittance, the number changed (REF*F8)."""
    first = _pay_for_correction(story)
    _take_back(story, first)
    _correct(story, first)
    return True


def corrected_later(story: Story) -> bool:
    """Paid, taken back, and corrected some checks later; the money is taken then (WO)."""
    first = _pay_for_correction(story)
    _take_back(story, first, deferred=story.random.random() < 0.6)
    story.wait(7, 30)
    _correct(story, first)
    return True


def _pay_for_correction(story: Story) -> Event:
    line_refused(story)
    story.wait(20, 60)
    return story.events[-1]


def _correct(story: Story, first: Event) -> None:
    decisions = story.first_decisions()
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions, original_reference=first.answer.control_number))


def taken_back(story: Story) -> bool:
    """Paid and taken back for good: everything is open again."""
    paid(story)
    story.wait(30, 90)
    _take_back(story, story.events[-1], deferred=story.random.random() < 0.5)
    story.standing = {}
    return False


def voided(story: Story) -> bool:
    """Paid, then the practice finds that the visit was billed by mistake (frequency 8)."""
    paid(story)
    event = story.events[-1]
    story.wait(5, 20)
    story.file(frequency="8", original_reference=event.answer.control_number)
    story.voided = True
    story.standing = {}
    story.wait(10, 20)
    _take_back(story, event)
    return False


def split(story: Story) -> bool:
    """The payer splits the claim (MA15): two claim payments under one number."""
    if len(story.claim.lines) == 1 or len(story.visit.insurers) > 1:
        return paid(story)
    decisions = story.first_decisions()
    story.standing[0] = decisions
    for part in (decisions[:1], decisions[1:]):
        story.send(0, story.answers(0, part, remarks=("MA15",)))
        story.wait(0, 8)
    return True


def paid_twice(story: Story) -> bool:
    """Paid a second time by mistake; most payers find out and take the second one back."""
    paid(story)
    first = story.events[-1]
    if not first.answer.paid:
        return True
    story.wait(14, 30)
    again = replace(first.answer, control_number=story.control(), interest=None)
    second = story.send(0, again, posts=False)
    if story.random.random() < 0.6:
        second.posts = True
        story.wait(20, 40)
        _take_back(story, second, refunded=story.random.random() < 0.4)
    return True


def bundled(story: Story) -> bool:
    """Two lines become one code; the second one's charge is the price of bundling."""
    keeps = story.visit.insurers[0].habit.keeps_submitted
    if len(story.claim.lines) < 2 or not keeps or story.claim.form == "I":
        return paid(story)
    decisions = story.first_decisions()
    line = story.claim.lines[1]
    if not decisions[0].paid:
        return paid(story)
    cas = (("CO", "97", line.charge),)
    decisions[1] = Decision(1, written=line.charge, cas=cas, remarks=("M15",))
    combined = "99499"
    services = [_said(story, d) for d in decisions]
    for place in (0, 1):
        code = story.claim.lines[place].code
        services[place] = replace(services[place], code=combined, submitted=code, modifiers=())
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions, services=services))
    return True


def unbundled(story: Story) -> bool:
    """The first line is answered as two codes: its charge on the first, nothing on the second."""
    decisions = story.first_decisions()
    services = [_said(story, d) for d in decisions]
    first = services[0]
    if story.claim.form == "I":
        return paid(story)
    parts = [
        replace(first, code="80048", submitted=first.code),
        replace(first, code="80076", submitted=first.code, charge=0, paid=0, cas=()),
    ]
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions, services=[*parts, *services[1:]]))
    return True


def recoded(story: Story) -> bool:
    """The payer pays another code than was sent; SVC06 shows the one sent, if it is kept."""
    if story.claim.form == "I":
        return paid(story)
    decisions = story.first_decisions()
    services = [_said(story, d) for d in decisions]
    code = services[0].code
    services[0] = replace(services[0], code=code[:-1] + "1", submitted=code, remarks=("N22",))
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions, services=services))
    return True


def units_split(story: Story) -> bool:
    """One line comes back as two by units (N123); charges and units add up."""
    decisions = story.first_decisions()
    services = [_said(story, d) for d in decisions]
    whole = services[0]
    if len(whole.cas) != 1 or whole.paid < 2 or story.claim.form == "I":
        return paid(story)
    group, reason, cents = whole.cas[0]
    paid_part, cut_part = whole.paid // 3, cents // 3
    part = replace(
        whole,
        charge=paid_part + cut_part,
        paid=paid_part,
        cas=((group, reason, cut_part),),
        remarks=("N123",),
    )
    rest = replace(
        whole,
        charge=whole.charge - part.charge,
        paid=whole.paid - paid_part,
        cas=((group, reason, cents - cut_part),),
        remarks=("N123",),
    )
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions, services=[part, rest, *services[1:]]))
    return True


def at_claim_level(story: Story) -> bool:
    """A reduction of the claim beside its lines (CO-253), or an answer without lines."""
    decisions = story.first_decisions()
    if sum(d.paid for d in decisions) < 5000 or len(story.visit.insurers) > 1:
        return paid(story)
    if story.claim.form == "I" and story.random.random() < 0.6:
        total = sum(d.written for d in decisions), sum(d.patient for d in decisions)
        cas = [item for d in decisions for item in d.cas]
        paid_cents = sum(d.paid for d in decisions)
        decisions = [Decision(-1, paid_cents, *total, tuple(cas))]
    else:
        decisions.append(Decision(-1, -150, 150, cas=(("CO", "253", 150),)))
    story.standing[0] = decisions
    story.send(0, story.answers(0, decisions))
    return True


def asked_before(story: Story) -> bool:
    """A predetermination (status 25) before the answer."""
    said = story.answers(0, story.first_decisions())
    whole = (("OA", "101", story.claim.charge),)
    nothing = {"paid": 0, "services": (), "responsibility": None}
    story.send(0, replace(said, status="25", cas=whole, **nothing))
    story.wait(5, 10)
    return paid(story)


def _said(story: Story, decision: Decision) -> object:
    return service(story.claim.lines[decision.line], decision, story.claim.service_from)


PLOTS: tuple[tuple[float, Callable[[Story], bool]], ...] = (
    (58, paid),
    (8, line_refused),
    (6, denied),
    (3, overturned),
    (2, corrected_claim),
    (1, said_twice),
    (3, corrected_at_once),
    (2.5, corrected_later),
    (0.8, taken_back),
    (0.6, voided),
    (2.5, split),
    (1.2, paid_twice),
    (1.5, bundled),
    (1, unbundled),
    (1.5, recoded),
    (1, units_split),
    (2, at_claim_level),
    (0.4, asked_before),
)


def tell(random: Random, visit: Visit) -> Story:
    """The whole story of a visit."""
    last = visit.claim.service_to or visit.claim.service_from
    story = Story(random, visit, visit.claim, last)
    story.wait(1, 7)
    story.file()
    story.wait(12, 30)
    if random.random() < 0.02:
        return story  # no answer yet
    weights = [weight for weight, _ in PLOTS]
    (plot,) = random.choices([plot for _, plot in PLOTS], weights)
    if plot(story):
        _later_payers(story)
    return story


def _later_payers(story: Story) -> None:
    """The payers behind the first one, each answering for what is left."""
    random = story.random
    for rank in range(1, len(story.visit.insurers)):
        if random.random() < 0.05:
            return  # no answer yet
        insurer = story.visit.insurers[rank]
        first = story.events[-1]
        before = rank == 1 and len(story.events) == 1 and random.random() < 0.03
        crossed = first.answer.crossover is not None or story.visit.patient.untold
        if rank == 1 and not crossed and random.random() < 0.5:
            _file_to_second(story)
        story.wait(10, 30)
        share, misuse = random.choice((100, 80, 50, 0)), random.random() < 0.05
        decisions = []
        for number, line in enumerate(story.claim.lines):
            settled = story.settled(number)
            left = line.charge - settled
            decisions.append(
                later_payer(insurer, number, settled, left, share=share, misuse=misuse)
            )
        story.standing[rank] = decisions
        event = story.send(rank, story.answers(rank, decisions))
        if before:
            event.day = first.day - timedelta(days=8)  # the second payer is faster


def _file_to_second(story: Story) -> None:
    """The claim goes to the second payer with the first one's answer (2320, 2430)."""
    said = story.events[-1].answer
    standing = sum(d.paid for d in story.standing[0])
    if len(said.services) != len(story.claim.lines) or said.paid != standing:
        return
    claim = story.claim
    first, second, *others = claim.coverages
    told = PriorAnswer(
        payer_id=first.payer.id,
        paid=said.paid,
        answered=story.day,
        cas=said.cas,
        lines=tuple(PriorLine(s.paid, s.cas) for s in said.services),
        control_number=said.control_number,
    )
    story.filings.append(
        Filing(
            story.day,
            replace(claim, coverages=(second, first, *others), prior=(told,), patient_paid=0),
            story.visit.practice.name,
            story.visit.key,
        )
    )
