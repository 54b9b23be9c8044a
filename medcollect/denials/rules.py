"""The dated rules by which a claim's facts change what a reason and its remarks say.

The table is ``denial_rules.csv``: conditions, effects, days of validity, the source. A row speaks
when all of its conditions hold. Rows are asked in the order of the table, each on the verdict as
the rows before it left it; the office's own rules (``[[denials.rules]]`` in the settings) come
last and so have the last word.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from medcollect.codes import read_table
from medcollect.denials.conditions import (
    Conditions,
    Given,
    asked_in,
    met_codes,
    met_payers,
    read_conditions,
)
from medcollect.denials.facts import DenialFacts, Verdict
from medcollect.model.policies import DenialPolicies, DenialRule

#: Where nobody could have prevented it.
NOBODY: Final = "nobody"

_TRUTH: Final = {True: "yes", False: "no", None: ""}

#: Raise it when the judgment changes in code and not in a table: stored cases are judged anew.
JUDGING_VERSION: Final = 3

#: What a stored judgment rests on.
_TABLES: Final = (
    "appeal_deadlines",
    "denial_findings",
    "denial_rules",
    "filing_indicators",
    "payer_names",
    "reasons",
    "remarks",
)

#: Names of the settings' conditions that the tables call otherwise.
_COLUMN_OF_SETTING: Final = {"plans": "payer_kinds"}

#: Facts with many values: only what some row asks for counts, so that equal refusals stay equal.
_CODES_OF: Final = ("procedures", "modifiers", "diagnoses", "places_of_service", "frequencies")


class Situation(msgspec.Struct, frozen=True, gc=False):
    """All that a verdict depends on; refusals that agree in it are judged once.

    ``given`` holds what the conditions ask for, by column. ``day`` is the first day since when the
    same rules were in force (``None``: today's rules).
    """

    reason: str
    remarks: tuple[str, ...]
    given: tuple[tuple[str, tuple[str, ...]], ...]
    day: date | None

    def with_verdict(self, verdict: Verdict) -> Given:
        """What conditions are asked of: the facts, and the verdict as it stands."""
        return {
            **dict(self.given),
            "is_denial": (_TRUTH[verdict.is_denial],),
            "categories": (verdict.category,),
            "next_actions": (verdict.next_action,),
            "routes": (verdict.route,),
        }


class Rule(msgspec.Struct, frozen=True):
    """One row of the table: when it speaks, what it changes, and where it comes from."""

    id: str
    when: Conditions
    source: str
    set_category: str = ""
    set_next_action: str = ""
    set_no_appeal: str = ""
    set_prevented_by: str = ""
    new_claim: bool = False
    advice: str = ""
    is_own: bool = False

    def change(self, situation: Situation, verdict: Verdict) -> Verdict:
        """Give the verdict as the rule leaves it, with the rule's name added."""
        matched = sorted(self.when.of("remarks").codes.intersection(situation.remarks))
        barred = self.set_no_appeal.replace("{remark}", next(iter(matched), ""))
        return replace(
            verdict,
            category=self.set_category or verdict.category,
            next_action=self.set_next_action or verdict.next_action,
            no_appeal=barred or verdict.no_appeal,
            new_claim=verdict.new_claim or self.new_claim,
            prevented_by=self.set_prevented_by or verdict.prevented_by,
            advice=self.advice or verdict.advice,
            rules=(*verdict.rules, self.name),
        )

    @property
    def name(self) -> str:
        """How a case names the rule that spoke."""
        return f"settings {self.id}" if self.is_own else f"rule {self.id}"


class Cause(msgspec.Struct, frozen=True):
    """One row of root causes: what went wrong, who could have prevented it, and how."""

    id: str
    when: Conditions
    root_cause: str
    prevented_by: str
    prevention: str
    source: str


class Step(msgspec.Struct, frozen=True):
    """One step of a next action, with its place in the order of the steps."""

    when: Conditions
    place: int
    step: str
    source: str


class RefusalKind(msgspec.Struct, frozen=True):
    """One row of the kinds of refusal: true, soft, partial ..., with what it rests on."""

    id: str
    when: Conditions
    refusal: str
    evidence: str
    source: str


class RuleBook:
    """Every table that a verdict rests on, the office's own rules last."""

    def __init__(self, policies: DenialPolicies) -> None:
        """Put the shipped tables and the office's rules together."""
        own = (_of_settings(number, rule) for number, rule in enumerate(policies.rules))
        self.rules = (*denial_rules(), *own)
        self._own = policies.rules
        rows = [rule.when for rule in self.rules] + [row.when for row in causes()]
        rows += [row.when for row in steps()] + [row.when for row in refusal_kinds()]
        self._asked = {column: asked_in(column, rows) for column in (*_CODES_OF, "payers")}
        self._changes = _changes(rows)
        self._reasons_about_filing = reasons_about_filing()
        self.limits = policies.limits

    def situation(self, facts: DenialFacts, filed_in_time: bool | None) -> Situation:  # noqa: FBT001 - a fact
        """Reduce a refusal to what the tables ask for."""
        codes = (
            (facts.procedure_code,),
            facts.modifiers,
            facts.diagnoses,
            (facts.place_of_service,),
            (facts.claim_frequency,),
        )
        met = {
            column: tuple(m for code in given for m in met_codes(code, self._asked[column]))
            for column, given in zip(_CODES_OF, codes, strict=True)
        }
        given = {
            "groups": (facts.group,),
            "reasons": (facts.reason,),
            "remarks": facts.remarks,
            "payer_kinds": (facts.payer_kind,),
            "payers": self._payers(facts),
            "filing_indicators": (facts.filing_indicator,),
            "forms": (facts.form,),
            "authorization": (_TRUTH[facts.has_authorization],),
            "acknowledged": (facts.acknowledged,),
            "filed_in_time": (_TRUTH[filed_in_time],),
            "paid_in_part": (_TRUTH[facts.line_paid_cents > 0],),
            **met,
        }
        return Situation(facts.reason, facts.remarks, tuple(given.items()), self.since_when(facts))

    def _payers(self, facts: DenialFacts) -> tuple[str, ...]:
        """The payers that rows ask for and the office's rules for this payer and day."""
        met = met_payers(facts.payer_name, self._asked["payers"])
        own = (
            _key(number)
            for number, rule in enumerate(self._own)
            if rule.concerns(facts.payer_name, facts.decided_on)
        )
        return (*met, *own)

    def by_rules(self, situation: Situation, verdict: Verdict) -> Verdict:
        """Let every rule that applies speak, in the order of the table."""
        for rule in self.rules:
            if rule.when.hold(situation.with_verdict(verdict), situation.day):
                verdict = rule.change(situation, verdict)
        return verdict

    def asks_filing(self, facts: DenialFacts) -> bool:
        """Whether a rule for this reason asks if the claim was filed in time."""
        return facts.reason in self._reasons_about_filing

    def since_when(self, facts: DenialFacts) -> date | None:
        """The day on which the rules of the decision's day came into force."""
        day = facts.decided_on
        return day and max((start for start in self._changes if start <= day), default=date.min)


@lru_cache(maxsize=1)
def denial_rules() -> tuple[Rule, ...]:
    """Every rule of the shipped table, in its order."""
    return tuple(
        Rule(
            id=row["id"],
            when=read_conditions(row),
            source=row["source"],
            set_category=row["set_category"],
            set_next_action=row["set_next_action"],
            set_no_appeal=row["set_no_appeal"],
            new_claim=row["new_claim"] == "yes",
            advice=row["advice"],
        )
        for row in read_table("denial_rules")
    )


@lru_cache(maxsize=1)
def causes() -> tuple[Cause, ...]:
    """Every row of root causes, in its order: the first that fits speaks."""
    return tuple(
        Cause(
            row["id"],
            read_conditions(row),
            row["root_cause"],
            row["prevented_by"],
            row["prevention"],
            row["source"],
        )
        for row in read_table("denial_causes")
    )


@lru_cache(maxsize=1)
def steps() -> tuple[Step, ...]:
    """Every step of the next actions, by their places."""
    found = (
        Step(read_conditions(row), int(row["place"]), row["step"], row["source"])
        for row in read_table("denial_steps")
    )
    return tuple(sorted(found, key=lambda step: step.place))


@lru_cache(maxsize=1)
def refusal_kinds() -> tuple[RefusalKind, ...]:
    """Every kind of refusal, in the order of the table: the first that fits speaks."""
    return tuple(
        RefusalKind(row["id"], read_conditions(row), row["refusal"], row["evidence"], row["source"])
        for row in read_table("denial_refusals")
    )


@lru_cache(maxsize=1)
def findings() -> dict[str, dict[str, str]]:
    """What the desk finds that no payer says by a code, by our own name of it."""
    return {row["code"]: row for row in read_table("denial_findings")}


@lru_cache(maxsize=1)
def remarks_for_new_claims() -> frozenset[str]:
    """The remarks that call a claim unprocessable: a new one is due, nothing to appeal."""
    return asked_in("remarks", (rule.when for rule in denial_rules() if rule.new_claim))


@lru_cache(maxsize=1)
def reasons_about_filing() -> frozenset[str]:
    """The reasons whose rules ask whether the claim was filed in time."""
    asking = (rule.when for rule in denial_rules() if rule.when.of("filed_in_time").codes)
    return asked_in("reasons", asking)


@lru_cache(maxsize=8)
def tables_stamp(policies: DenialPolicies) -> int:
    """A number that tells one state of tables and of the office's rules from another."""
    shipped = [(name, read_table(name)) for name in _TABLES]
    return zlib.crc32(msgspec.json.encode([JUDGING_VERSION, shipped, policies]))


def _key(number: int) -> str:
    """What stands for payer and days of a rule of the settings among the payers asked for."""
    return f"#{number}"


def _of_settings(number: int, rule: DenialRule) -> Rule:
    """A rule of the settings as a row of the table."""
    row = {
        _COLUMN_OF_SETTING.get(column, column): ";".join(getattr(rule, column))
        for column in ("groups", "reasons", "remarks", "plans", "categories", *_CODES_OF)
    }
    return Rule(
        id=rule.name,
        when=read_conditions({**row, "payers": _key(number)}),
        source="settings",
        is_own=True,
        set_category=rule.category,
        set_next_action=rule.next_action,
        set_no_appeal=rule.no_appeal,
        set_prevented_by=rule.prevented_by,
        advice=rule.advice,
    )


def _changes(rows: Iterable[Conditions]) -> tuple[date, ...]:
    """The days from which other rows are in force than on the day before."""
    found = list(rows)
    starts = {row.valid_from for row in found}
    after = {date.fromordinal(row.valid_to.toordinal() + 1) for row in found if row.valid_to}
    return tuple(sorted({day for day in starts if day} | after))
