"""The dated rules by which a claim's facts change what a reason and its remarks say.

The table is ``denial_rules.csv``: conditions, effects, days of validity, the source. A row speaks
when all of its conditions hold (an empty one always does; ``!`` before a list means none of it).
Rows are asked in the order of the table, each on the verdict as the rows before it left it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from medcollect.codes import read_table
from medcollect.denials.facts import DenialFacts, Verdict

_TRUTH: Final[dict[str, bool | None]] = {"": None, "yes": True, "no": False}


class Situation(msgspec.Struct, frozen=True, gc=False):
    """All that a verdict depends on; refusals that agree in it are judged once.

    ``decided_on`` is the first day since when the same rules were in force (``None``: today's
    rules), ``filed_in_time`` stays ``None`` where no rule asks for it.
    """

    group: str
    reason: str
    remarks: tuple[str, ...]
    payer_kind: str
    modifiers: tuple[str, ...]
    has_authorization: bool
    decided_on: date | None
    filed_in_time: bool | None


class OneOf(msgspec.Struct, frozen=True, gc=False):
    """A condition on codes: at least one of these, or (``negated``) none of them."""

    codes: frozenset[str]
    negated: bool

    def holds(self, *given: str) -> bool:
        """Whether the codes given meet the condition; one that names none is always met."""
        return not self.codes or self.codes.isdisjoint(given) == self.negated


class Rule(msgspec.Struct, frozen=True, gc=False):
    """One row of the table: when it speaks, what it changes, and where it comes from."""

    id: str
    valid_from: date | None
    valid_to: date | None
    groups: OneOf
    reasons: OneOf
    remarks: OneOf
    payer_kinds: OneOf
    modifiers: OneOf
    categories: OneOf
    next_actions: OneOf
    authorization: bool | None
    filed_in_time: bool | None
    set_category: str
    set_next_action: str
    set_no_appeal: str
    new_claim: bool
    advice: str
    source: str

    def in_force(self, day: date | None) -> bool:
        """Whether the rule held on the day; without a day, whether it still holds."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def speaks(self, situation: Situation, verdict: Verdict) -> bool:
        """Whether every condition of the rule holds."""
        return self.in_force(situation.decided_on) and all(
            (
                self.groups.holds(situation.group),
                self.reasons.holds(situation.reason),
                self.remarks.holds(*situation.remarks),
                self.payer_kinds.holds(situation.payer_kind),
                self.modifiers.holds(*situation.modifiers),
                self.categories.holds(verdict.category),
                self.next_actions.holds(verdict.next_action),
                self.authorization in {None, situation.has_authorization},
                self.filed_in_time in {None, situation.filed_in_time},
            )
        )

    def change(self, situation: Situation, verdict: Verdict) -> Verdict:
        """Give the verdict as the rule leaves it, with the rule's name added."""
        matched = sorted(self.remarks.codes.intersection(situation.remarks))
        barred = self.set_no_appeal.format(remark=next(iter(matched), ""))
        return replace(
            verdict,
            category=self.set_category or verdict.category,
            next_action=self.set_next_action or verdict.next_action,
            no_appeal=barred or verdict.no_appeal,
            new_claim=verdict.new_claim or self.new_claim,
            advice=self.advice or verdict.advice,
            rules=(*verdict.rules, f"rule {self.id}"),
        )


def by_rules(situation: Situation, verdict: Verdict) -> Verdict:
    """Let every rule that applies speak, in the order of the table."""
    for rule in denial_rules():
        if rule.speaks(situation, verdict):
            verdict = rule.change(situation, verdict)
    return verdict


@lru_cache(maxsize=1)
def denial_rules() -> tuple[Rule, ...]:
    """Every rule of the shipped table, in its order."""
    return tuple(_read(row) for row in read_table("denial_rules"))


@lru_cache(maxsize=1)
def remarks_for_new_claims() -> frozenset[str]:
    """The remarks that call a claim unprocessable: a new one is due, nothing to appeal."""
    return frozenset().union(*(rule.remarks.codes for rule in denial_rules() if rule.new_claim))


@lru_cache(maxsize=1)
def reasons_about_filing() -> frozenset[str]:
    """The reasons whose rules ask whether the claim was filed in time."""
    late = (rule for rule in denial_rules() if rule.filed_in_time is not None)
    return frozenset().union(*(rule.reasons.codes for rule in late))


def since_when(facts: DenialFacts) -> date | None:
    """The day on which the rules of the decision's day came into force."""
    day = facts.decided_on
    return day and max((start for start in _changes() if start <= day), default=date.min)


@lru_cache(maxsize=1)
def _changes() -> tuple[date, ...]:
    """The days from which other rules are in force than on the day before."""
    starts = {rule.valid_from for rule in denial_rules()} - {None}
    ends = {rule.valid_to for rule in denial_rules()} - {None}
    after = {date.fromordinal(day.toordinal() + 1) for day in ends if day}
    return tuple(sorted({day for day in starts if day} | after))


def _read(row: dict[str, str]) -> Rule:
    return Rule(
        id=row["id"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        groups=_one_of(row["groups"]),
        reasons=_one_of(row["reasons"]),
        remarks=_one_of(row["remarks"]),
        payer_kinds=_one_of(row["payer_kinds"]),
        modifiers=_one_of(row["modifiers"]),
        categories=_one_of(row["categories"]),
        next_actions=_one_of(row["next_actions"]),
        authorization=_TRUTH[row["authorization"]],
        filed_in_time=_TRUTH[row["filed_in_time"]],
        set_category=row["set_category"],
        set_next_action=row["set_next_action"],
        set_no_appeal=row["set_no_appeal"],
        new_claim=row["new_claim"] == "yes",
        advice=row["advice"],
        source=row["source"],
    )


def _one_of(text: str) -> OneOf:
    return OneOf(frozenset(filter(None, text.removeprefix("!").split(";"))), text.startswith("!"))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
