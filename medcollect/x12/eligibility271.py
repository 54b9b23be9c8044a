"""271 (005010X279A1, 004010X092A1) and 270: is a person covered, and what does the person bear.

Levels are payer (20), receiver (21), subscriber (22) and dependent (23). An EB opens a benefit;
between LS and LE, or from an NM1 on, stand the entities that have to do with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from medcollect.model.common import Party, RawSegment, Reference
from medcollect.model.eligibility import (
    Benefit,
    CoverageVerdict,
    EligibilityReport,
    Member,
    Period,
    Reject,
)
from medcollect.x12.cost_shares import cost_shares
from medcollect.x12.life_codes import (
    BENEFITS,
    FOLLOW_UPS,
    NETWORKS,
    PERIODS,
    REJECT_REASONS,
    UNKNOWN_FOLLOW_UP,
    UNKNOWN_REASON,
)
from medcollect.x12.life_values import Elements, Person, Whole
from medcollect.x12.values import parse_procedure

_LEVELS: Final = {"20": "payer", "21": "receiver", "22": "subscriber", "23": "dependent"}
#: Service type 30 is the plan as a whole.
_WHOLE_PLAN: Final = "30"
_PLAN_FROM: Final = ("346", "356", "291", "307")
_PLAN_TO: Final = ("347", "357", "291", "307")


class _Benefit:
    """An EB loop being read."""

    def __init__(self, number: int, elements: Elements) -> None:
        self.number = number
        self.elements = elements
        self.periods: list[Period] = []
        self.references: list[Reference] = []
        self.messages: list[str] = []
        self.people: list[Person] = []
        self.person: Person | None = None
        self.rejects: list[Reject] = []
        self.unmodelled: list[RawSegment] = []


class _Level:
    """An HL being read; ``is_parent`` is HL04."""

    def __init__(self, number: int, elements: Elements, whole: Whole) -> None:
        self.number = number
        self.name = _LEVELS.get(elements[3], "")
        self.is_parent = elements[4] == "1"
        self.person = Person(whole)
        self.traces: list[tuple[str, str]] = []
        self.periods: list[Period] = []
        self.benefits: list[_Benefit] = []
        self.rejects: list[Reject] = []
        self.inquired: list[str] = []
        self.segments: list[str] = []
        self.unmodelled: list[RawSegment] = []

    @property
    def is_asked_about(self) -> bool:
        """Whether anything is said or asked of this person, or it is the end of its branch."""
        if self.name not in {"subscriber", "dependent"}:
            return False
        said = self.benefits or self.rejects or self.inquired
        return bool(said) or self.name == "dependent" or not self.is_parent


class _Reader:
    """A transaction being read."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.header: Elements = [""] * 8
        self.level: _Level | None = None
        self.parties: dict[str, Party] = {}
        self.subscriber_rejected = False
        self.rejects: list[Reject] = []
        self.members: list[Member] = []
        self.unmodelled: list[RawSegment] = []

    @property
    def benefit(self) -> _Benefit | None:
        """The open benefit."""
        return self.level.benefits[-1] if self.level and self.level.benefits else None

    def bht(self, elements: Elements, _number: int) -> bool:
        """BHT."""
        self.header = elements
        return True

    def hl(self, elements: Elements, number: int) -> bool:
        """HL."""
        if elements[3] == "23" and self.level is not None:
            self.level.is_parent = True  # whatever HL04 says
        self.close_level()
        self.level = _Level(number, elements, self.whole)
        return bool(self.level.name)

    def nm1(self, elements: Elements, _number: int) -> bool:
        """NM1 of the level, or of an entity of the open benefit."""
        if self.level is None:
            return False
        benefit = self.benefit
        if benefit is None:
            self._correct_level(self.level, elements[1])
            return self.level.person.name(elements)
        benefit.person = Person(self.whole)
        benefit.people.append(benefit.person)
        return benefit.person.name(elements)

    def _correct_level(self, level: _Level, role: str) -> None:
        """Some senders leave levels out: an NM1 of a person makes the level that person's."""
        name = {"IL": "subscriber", "03": "dependent"}.get(role)
        if name and level.name in {"payer", "receiver"} and not level.person.is_named:
            level.name, level.is_parent = name, False
            self.whole.report("hierarchy-level-differs", level.number)

    def detail(self, elements: Elements, number: int) -> bool:
        """N3, N4, DMG and REF of whoever was named last; a REF may be the benefit's."""
        if self.level is None:
            return False
        benefit = self.benefit
        if benefit is None:
            self.level.person.detail(elements, number)
        elif benefit.person is not None:
            benefit.person.detail(elements, number)
        elif elements[0] == "REF":
            benefit.references.append(Reference(elements[1], elements[2]))
        else:
            return False
        return True

    def trn(self, elements: Elements, _number: int) -> bool:
        """TRN."""
        if self.level is None:
            return False
        self.level.traces.append((elements[1], elements[2]))
        return True

    def dtp(self, elements: Elements, number: int) -> bool:
        """DTP of the person or of the open benefit."""
        if self.level is None:
            return False
        period = Period(elements[1], *self.whole.period(elements, number))
        (self.benefit or self.level).periods.append(period)
        return True

    def aaa(self, elements: Elements, number: int) -> bool:
        """AAA of the level or of the open benefit."""
        if self.level is None:
            return False
        benefit = self.benefit
        reject = Reject(
            segment=number,
            level="benefit" if benefit else self.level.name,
            code=elements[3],
            reason=REJECT_REASONS.get(elements[3], UNKNOWN_REASON),
            follow_up=elements[4],
            action=FOLLOW_UPS.get(elements[4], UNKNOWN_FOLLOW_UP),
            request_valid=elements[1],
        )
        (benefit or self.level).rejects.append(reject)
        return True

    def eb(self, elements: Elements, number: int) -> bool:
        """EB: opens a benefit."""
        if self.level is None or self.level.name not in {"subscriber", "dependent"}:
            return False
        self.level.benefits.append(_Benefit(number, elements))
        return True

    def eq(self, elements: Elements, _number: int) -> bool:
        """EQ: what a 270 asks about."""
        if self.level is None:
            return False
        self.level.inquired += self.whole.repetitions(elements[1])
        return bool(elements[1]) and not any(elements[2:])

    def msg(self, elements: Elements, _number: int) -> bool:
        """MSG of the open benefit."""
        if self.benefit is None:
            return False
        self.benefit.messages.append(elements[1])
        return True

    def bracket(self, _elements: Elements, _number: int) -> bool:
        """LS and LE: entities begin and end."""
        if self.benefit is not None:
            self.benefit.person = None
        return self.benefit is not None

    def carry(self, raw: RawSegment) -> None:
        """Keep a segment that no field models with what is open."""
        target = self.benefit or self.level
        people = self.level is not None and self.level.name in {"subscriber", "dependent"}
        if target is not None and people:
            target.unmodelled.append(raw)
        else:
            self.unmodelled.append(raw)

    def close_level(self) -> None:
        """Finish the open level."""
        level, self.level = self.level, None
        if level is None:
            return
        party = level.person.party()
        if level.name == "subscriber":
            self.subscriber_rejected = bool(level.rejects)
            self.parties.pop("subscriber", None)
        self.parties[level.name] = party
        if level.is_asked_about:
            self.members.append(self._member(level, party))
        else:
            self.rejects += level.rejects
            self.unmodelled += level.unmodelled

    def _member(self, level: _Level, party: Party) -> Member:
        benefits = tuple(self._benefit(b, i) for i, b in enumerate(level.benefits, 1))
        answers = [number for kind, number in level.traces if kind == "2"]
        periods = [*level.periods, *(p for b in benefits if b.kind == "active" for p in b.periods)]
        if self.whole.transaction.kind == "270":
            periods = []  # those of a question are the days that it is about
        return Member(
            segment=level.number,
            relationship=level.name,
            verdict=self._verdict(level, benefits),
            party=party,
            subscriber=self.parties.get("subscriber", Party()),
            trace_numbers=tuple(answers or [number for _, number in level.traces]),
            plan=next((b.plan for b in benefits if b.kind == "active" and b.plan), ""),
            plan_from=next(
                (p.start for q in _PLAN_FROM for p in periods if p.qualifier == q), None
            ),
            plan_to=next((p.end for q in _PLAN_TO for p in periods if _ends(p, q)), None),
            benefits=benefits,
            cost_shares=cost_shares(benefits),
            rejects=tuple(level.rejects),
            periods=tuple(level.periods),
            inquired_service_types=tuple(level.inquired),
            segments=tuple(level.segments),
            unmodelled=tuple(level.unmodelled),
        )

    def _benefit(self, draft: _Benefit, position: int) -> Benefit:
        e, number, whole = draft.elements, draft.number, self.whole
        return Benefit(
            position=position,
            segment=number,
            code=e[1],
            kind=BENEFITS.get(e[1], "unknown"),
            coverage_level=e[2],
            service_types=whole.repetitions(e[3]),
            insurance_type=e[4],
            plan=e[5],
            period=e[6],
            period_kind=PERIODS.get(e[6], ""),
            amount_cents=whole.cents(e[7], number, "EB07"),
            percent=e[8],
            quantity_qualifier=e[9],
            quantity=e[10],
            authorization=e[11],
            network=NETWORKS.get(e[12], ""),
            procedure=parse_procedure(e[13], whole.delimiters.component or ":") if e[13] else None,
            periods=tuple(draft.periods),
            references=tuple(draft.references),
            messages=tuple(draft.messages),
            parties=tuple(person.party() for person in draft.people),
            rejects=tuple(draft.rejects),
            unmodelled=tuple(draft.unmodelled),
        )

    def _verdict(self, level: _Level, benefits: tuple[Benefit, ...]) -> CoverageVerdict:
        if self.whole.transaction.kind == "270":
            return "asked"
        said = coverage_of(benefits)
        if said != "unknown":
            return said
        if level.rejects or any(b.rejects for b in benefits):
            return "rejected"
        above = self.rejects or (level.name == "dependent" and self.subscriber_rejected)
        if above and not benefits:
            return "rejected"
        if not benefits:
            self.whole.report("eligibility-answer-missing", level.number)
        return "unknown"


_SEGMENTS: Final[dict[str, Callable[[_Reader, Elements, int], bool]]] = {
    "BHT": _Reader.bht,
    "HL": _Reader.hl,
    "NM1": _Reader.nm1,
    "N3": _Reader.detail,
    "N4": _Reader.detail,
    "DMG": _Reader.detail,
    "REF": _Reader.detail,
    "TRN": _Reader.trn,
    "DTP": _Reader.dtp,
    "AAA": _Reader.aaa,
    "EB": _Reader.eb,
    "EQ": _Reader.eq,
    "MSG": _Reader.msg,
    "LS": _Reader.bracket,
    "LE": _Reader.bracket,
}


def read_eligibility(whole: Whole, fingerprint: str, *, complete: bool) -> EligibilityReport:
    """Read one 271 or 270."""
    reader = _Reader(whole)
    for number, elements in whole.rows():
        handler = _SEGMENTS.get(elements[0])
        if handler is None or not handler(reader, elements, number):
            reader.carry(whole.raw(number))
        if reader.level is not None:
            reader.level.segments.append(whole.raw(number).text)
    reader.close_level()
    bht, start = reader.header, whole.transaction.segment
    return EligibilityReport(
        transaction=whole.transaction,
        form=whole.transaction.kind,
        verdict=_overall(reader, whole.transaction.kind),
        reference_id=bht[3],
        created_date=whole.day(bht[4], start + 1, "BHT04"),
        created_time=bht[5],
        payer=reader.parties.get("payer", Party()),
        receiver=reader.parties.get("receiver", Party()),
        rejects=tuple(reader.rejects),
        members=tuple(reader.members),
        fingerprint=fingerprint,
        complete=complete,
        segments=tuple(whole.segments),
        unmodelled=tuple(reader.unmodelled),
    )


def coverage_of(benefits: tuple[Benefit, ...]) -> CoverageVerdict:
    """Active or not by EB01 1 to 8; what is said of the plan as a whole goes before services.

    A plan that is inactive while a service is active, or two plans that differ, are ``mixed``.
    """
    stated = [b for b in benefits if b.kind in {"active", "inactive"}]
    whole_plan = [b for b in stated if not b.service_types or _WHOLE_PLAN in b.service_types]
    kinds = {b.kind for b in whole_plan or stated}
    if kinds == {"inactive"} and any(b.kind == "active" for b in stated):
        return "mixed"
    if len(kinds) > 1:
        return "mixed"
    if "active" in kinds:
        return "active"
    return "inactive" if kinds else "unknown"


def _ends(period: Period, qualifier: str) -> bool:
    """Whether this period says when a plan ends: a single date of a plan is no end."""
    if period.qualifier != qualifier:
        return False
    return qualifier in {"347", "357"} or period.start != period.end


def _overall(reader: _Reader, kind: str) -> CoverageVerdict:
    """One verdict for the transaction: that of its members where they agree."""
    if kind == "270":
        return "asked"
    if not reader.members:
        return "rejected" if reader.rejects else "unknown"
    verdicts = {member.verdict for member in reader.members}
    return verdicts.pop() if len(verdicts) == 1 else "mixed"
