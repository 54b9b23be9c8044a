"""What follows an appeal that left an amount refused: the next level and its time limit, or none.

Rules: appeals.md section 2 and appeal_deadlines.csv. A later level's limit counts from the decision
on the level before it; the patient's external review comes after the payer's own levels. Where no
further level is on file nothing is left but the write-off, and the case says so.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from medcollect.denials.clocks import Clock, Deadline, in_words, start_of
from medcollect.denials.facts import DenialFacts, Verdict
from medcollect.denials.ladder import ANSWERED_AT, answers_step, rungs
from medcollect.model.policies import TimeLimit

#: The levels after the first, the next one first: the number of each, and its name in a sentence.
_LATER: Final = {
    "level2_QIC_reconsideration": (2, "the reconsideration by a QIC"),
    "second_appeal": (2, "the second appeal"),
    "appeal": (2, "the appeal"),
    "reconsideration_plus_appeal": (2, "the appeal, within the time that both share"),
    "level3_ALJ_OMHA": (3, "the hearing before an administrative law judge"),
    "state_fair_hearing": (3, "the state fair hearing"),
    "external_review": (3, "the external review"),
    "arbitration": (3, "arbitration"),
    "level4_appeals_council": (4, "the Medicare Appeals Council"),
    "level5_federal_court": (5, "the federal court"),
}

#: Two levels in one limit, which counts from the first decision.
_BOTH_LEVELS: Final = "reconsideration_plus_appeal"


def next_level(facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()) -> int:
    """The number of the level that comes next: 1 before any appeal, 0 where there is none."""
    if not facts.upheld_level:
        return 1
    clock = _next_clock(facts, limits)
    return _LATER[clock.step][0] if clock is not None else 0


def with_further_level(
    facts: DenialFacts, verdict: Verdict, limits: tuple[TimeLimit, ...] = ()
) -> Verdict:
    """The verdict once an appeal left the amount refused; as it is where none did."""
    if not facts.upheld_level or verdict.route != "appeal":
        return verdict
    clock = _next_clock(facts, limits)
    said = (
        f"The appeal of level {facts.upheld_level}, decided on {facts.upheld_on}, left it refused"
    )
    rules = (*verdict.rules, f"refused on appeal, level {facts.upheld_level}")
    if clock is None:
        advice = f"{said}, and no further level is on file for this payer"
        given_up = replace(verdict, next_action="write_off", route="none")
        return replace(given_up, advice=advice, rules=rules)
    advice = f"{said}: the next level is {_LATER[clock.step][1]}"
    return replace(verdict, next_action="appeal", advice=advice, rules=rules)


def further_deadline(facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()) -> Deadline | None:
    """By when the next level is to be taken; ``None`` where no appeal was lost, or none follows."""
    clock = _next_clock(facts, limits) if facts.upheld_level else None
    if clock is None:
        return None
    start = start_of(clock, facts) if clock.step == _BOTH_LEVELS else facts.upheld_on
    return Deadline(clock.end(start) if start is not None else None, in_words(clock, start))


def _next_clock(facts: DenialFacts, limits: tuple[TimeLimit, ...]) -> Clock | None:
    """The limit of the level after the one that was lost."""
    level = facts.upheld_level
    found = {
        clock.step: clock
        for clock in rungs(facts, limits)
        if clock.step in _LATER and _LATER[clock.step][0] > level
        if answers_step(clock) in ANSWERED_AT.get(level, ()) or clock.step == _BOTH_LEVELS
    }
    return next((found[step] for step in _LATER if step in found), None)
