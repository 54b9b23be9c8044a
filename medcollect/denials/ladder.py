"""Every time limit of a refusal, first to last level, each with its rule, start and standing.

``clocks`` gives the one day by which the next step is due; here stand all of them: filing,
corrected claim, reconsideration, each level of appeal, external review. Later levels start with
the decision on the level before them. Rules: appeal_deadlines.csv and appeals.md sections 2 to 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from medcollect.codes import read_table
from medcollect.dates import add_days
from medcollect.denials.clocks import (
    DECISION_ON_APPEAL,
    Clock,
    clock_of,
    clocks_by_contract,
    from_service,
    in_words,
    places_of,
    start_of,
)
from medcollect.denials.facts import DenialFacts
from medcollect.model.policies import TimeLimit

#: How a limit stands. ``overdue``: the safe day has passed, the last day (with the days presumed
#: for mail) has not; ``lost``: both have; ``waiting``: the level before it has no decision yet.
Standing = Literal["open", "close", "overdue", "lost", "met", "waiting", "none"]

#: Warnings begin this many days ahead (appeals.md section 3).
CLOSE_DAYS: Final = 30

#: Medicare presumes receipt this many calendar days after a notice's date (42 CFR 405.942 ff.).
_PRESUMED_DAYS: Final = 5

#: Limits that start with the decision on another step: as the table words it, to that step.
_DECISIONS: Final = {
    "receipt of redetermination": "level1_redetermination",
    "receipt of dismissal": "dismissal",
    "receipt of reconsideration": "level2_QIC_reconsideration",
    "receipt of ALJ decision": "level3_ALJ_OMHA",
    "receipt of Council decision": "level4_appeals_council",
    "date of plan resolution notice": "plan_appeal",
    "receipt of final internal denial": "plan_appeal",
    "reconsideration decision": "reconsideration",
    "last appeal decision": "appeal",
    DECISION_ON_APPEAL: "appeal",
    "second review decision": "second_review",
    "end of open negotiation": "open_negotiation",
}

#: Which steps of the table the decision on an appeal answers, by its level (1 is the first): the
#: limits that start with those steps run from its day. Where a payer has two levels of its own, the
#: second decision is the final internal one, so ``plan_appeal`` and ``appeal`` stand at both.
ANSWERED_AT: Final[Mapping[int, tuple[str, ...]]] = MappingProxyType(
    {
        1: ("level1_redetermination", "reconsideration", "plan_appeal", "appeal"),
        2: ("level2_QIC_reconsideration", "second_review", "plan_appeal", "appeal"),
        3: ("level3_ALJ_OMHA",),
        4: ("level4_appeals_council",),
    }
)

_GROUP_PLAN: Final = ("ERISA group health plan", "self-funded and insured")
_EXTERNAL_REVIEW: Final = ("ACA plans (non-grandfathered)", "all")
#: Rows that hold for every plan of these kinds beside the payer's own.
_BESIDE: Final = dict.fromkeys(("commercial", "unknown", "other"), (_GROUP_PLAN, _EXTERNAL_REVIEW))

#: The clocks that every case answers for, with a date or with the reason why there is none.
_ALWAYS: Final = ("timely_filing", "corrected_claim", "appeal")

#: The clocks of sending a claim, which no lack of a right of appeal stops.
_OF_CLAIMS: Final = frozenset({"timely_filing", "corrected_claim"})

_NOTHING_DECIDED: Final[Mapping[str, date]] = MappingProxyType({})


class Limit(msgspec.Struct, frozen=True, gc=False):
    """One time limit: by when, by which rule, from which date, from which source.

    ``due`` is the safe last day, ``latest`` the last one with the days presumed for mail; both are
    workdays, ``None`` where no date can be given: ``why_none`` then says the reason. ``start`` is
    the day it counts from and ``counted_from`` the event of that day.
    """

    step: str
    standing: Standing
    due: date | None = None
    latest: date | None = None
    start: date | None = None
    counted_from: str = ""
    rule: str = ""
    source: str = ""
    confidence: str = ""
    why_none: str = ""


def every_limit(
    facts: DenialFacts,
    today: date,
    *,
    no_appeal: str = "",
    decided: Mapping[str, date] = _NOTHING_DECIDED,
    accepted_on: date | None = None,
    limits: tuple[TimeLimit, ...] = (),
) -> tuple[Limit, ...]:
    """Give every limit of the refusal as it stands on ``today``.

    ``no_appeal`` is the verdict's reason why no appeal exists. ``decided`` holds the dates of later
    decisions by the step they answer (``level1_redetermination`` ...), ``accepted_on`` the day on
    which the payer accepted the claim (277CA), the proof of timely filing; the facts' own day
    stands in. ``limits`` are those of the settings: each replaces the shipped rows of its step.
    """
    accepted = accepted_on or facts.accepted_on
    clocks = list(rungs(facts, limits))
    found = [_limit(c, facts, today, no_appeal, decided, accepted) for c in clocks]
    stated = {clock.purpose for clock in clocks}
    return (
        *found,
        *(_unstated(purpose, no_appeal) for purpose in _ALWAYS if purpose not in stated),
    )


def rungs(facts: DenialFacts, limits: tuple[TimeLimit, ...]) -> Iterator[Clock]:
    """The contract's limits, then the rows of the table for this payer, each step once.

    A limit by contract stands for all shipped rows of its purpose, a step of a better place for
    the same step of the others.
    """
    agreed = list(clocks_by_contract(facts, limits))
    yield from agreed
    replaced = {clock.purpose for clock in agreed} - {"later"}
    seen = {clock.step for clock in agreed}
    for place in (*places_of(facts), *_BESIDE.get(facts.payer_kind, ())):
        fresh = [
            clock
            for clock in _by_place().get(place, ())
            if clock.step not in seen and clock.purpose not in replaced
        ]
        seen.update(clock.step for clock in fresh)
        yield from fresh


def _limit(
    clock: Clock,
    facts: DenialFacts,
    today: date,
    no_appeal: str,
    decided: Mapping[str, date],
    accepted_on: date | None,
) -> Limit:
    start = _start(clock, facts, decided)
    base = Limit(
        step=clock.step,
        standing="none",
        start=start,
        counted_from=clock.counted_from,
        rule=in_words(clock, start),
        source=clock.source,
        confidence=clock.confidence,
    )
    if no_appeal and clock.purpose not in _OF_CLAIMS:
        return msgspec.structs.replace(base, why_none=f"No appeal: {no_appeal}.")
    if not clock.has_length:
        length = clock.unit or "none entered"
        return msgspec.structs.replace(base, why_none=f"By contract; {length}.")
    if start is None:
        return _without_start(clock, base)
    due, latest = clock.end(start), clock.end(add_days(start, _days_of_mail(clock)))
    filed = accepted_on if clock.step == "timely_filing" else None
    in_time = filed is not None and filed <= clock.last_day(start)
    standing: Standing = "met" if in_time else _standing(due, latest, today)
    return msgspec.structs.replace(base, standing=standing, due=due, latest=latest)


def _without_start(clock: Clock, base: Limit) -> Limit:
    before = answers_step(clock)
    if not before:
        missing = "service" if from_service(clock) else "decision"
        return msgspec.structs.replace(base, why_none=f"The date of {missing} is not known.")
    named = before.replace("_", " ")
    why = f"It starts with the decision on {named}; none is on record."
    return msgspec.structs.replace(base, standing="waiting", why_none=why)


def _start(clock: Clock, facts: DenialFacts, decided: Mapping[str, date]) -> date | None:
    before = answers_step(clock)
    return decided.get(before) if before else start_of(clock, facts)


def answers_step(clock: Clock) -> str:
    """The step whose decision a limit starts with; empty where it starts with no later decision."""
    return _DECISIONS.get(clock.counted_from, "")


def _days_of_mail(clock: Clock) -> int:
    """Days after a notice's date on which the rule presumes that it arrived."""
    presumed = clock.payer == "Medicare FFS" and clock.counted_from.startswith("receipt")
    return _PRESUMED_DAYS if presumed else 0


def _standing(due: date, latest: date, today: date) -> Standing:
    if today > latest:
        return "lost"
    if today > due:
        return "overdue"
    return "close" if (due - today).days <= CLOSE_DAYS else "open"


def _unstated(purpose: str, no_appeal: str) -> Limit:
    """A clock that no row gives: said, never left out."""
    barred = bool(no_appeal) and purpose not in _OF_CLAIMS
    why = f"No appeal: {no_appeal}." if barred else "By contract; none entered."
    return Limit(step=purpose, standing="none", why_none=why)


@lru_cache(maxsize=1)
def _by_place() -> dict[tuple[str, str], tuple[Clock, ...]]:
    """Every row of the table by payer and line, in its order."""
    found: dict[tuple[str, str], tuple[Clock, ...]] = {}
    for row in read_table("appeal_deadlines"):
        clock = clock_of(row)
        place = (clock.payer, clock.line)
        found[place] = (*found.get(place, ()), clock)
    return found
