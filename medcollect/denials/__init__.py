"""The denial desk's judgment, pure: what was refused, why, what to do, by when, in what order.

``assess`` takes the facts of one refused amount and today's date and returns the whole judgment;
``every_limit`` gives each of its time limits, first to last level, with rule, start and standing;
``order`` sorts judgments into the order of work.
"""

from __future__ import annotations

from datetime import date

from medcollect.denials.clocks import Deadline, deadline
from medcollect.denials.evidence import evidence
from medcollect.denials.experience import learned_chance
from medcollect.denials.explain import explain
from medcollect.denials.facts import Assessment, DenialFacts, Route, Verdict
from medcollect.denials.further import further_deadline, next_level
from medcollect.denials.ladder import ANSWERED_AT, Limit, every_limit
from medcollect.denials.rules import tables_stamp
from medcollect.denials.verdict import NO_POLICIES, UNKNOWN_CODE, classify
from medcollect.denials.worth import (
    NOT_URGENT,
    chance_basis_points,
    expected_value_cents,
    order,
    priority,
    share_cents,
    urgency,
    weight_cents,
)
from medcollect.model.policies import DenialPolicies

__all__ = [
    "ANSWERED_AT",
    "NOT_URGENT",
    "NO_POLICIES",
    "UNKNOWN_CODE",
    "Assessment",
    "Deadline",
    "DenialFacts",
    "Limit",
    "Route",
    "Verdict",
    "assess",
    "classify",
    "every_limit",
    "next_level",
    "order",
    "tables_stamp",
    "urgency",
    "weight_cents",
]


def assess(facts: DenialFacts, today: date, policies: DenialPolicies = NO_POLICIES) -> Assessment:
    """Judge one refused amount as of ``today``; any code and any missing fact has an answer.

    ``policies`` are the office's own rules and time limits.
    """
    verdict = classify(facts, policies)
    limit = _limit(facts, verdict, policies)
    days_left = (limit.due - today).days if limit.due else None
    prior = chance_basis_points(verdict, facts, policies.limits)
    chance = learned_chance(prior, verdict.category, facts, policies.experience)
    whole = facts.worked_cents
    expected = share_cents(
        expected_value_cents(whole, chance, days_left, policies.work), facts.amount_cents, whole
    )
    weight = weight_cents(whole, chance, verdict.next_action, policies.work)
    return Assessment(
        category=verdict.category,
        cause=verdict.cause,
        preventable=verdict.preventable,
        appealable=verdict.route == "appeal",
        route=verdict.route,
        next_action=verdict.next_action,
        deadline=limit.due,
        deadline_rule=limit.rule,
        days_left=days_left,
        chance_basis_points=chance,
        expected_value_cents=expected,
        priority=priority(weight, days_left, policies.work),
        weight_cents=weight,
        explanation=explain(facts, verdict, limit, days_left),
        amount_cents=facts.amount_cents,
        rules=verdict.rules,
        root_cause=verdict.root_cause,
        prevented_by=verdict.prevented_by,
        prevention=verdict.prevention,
        refusal=verdict.refusal,
        evidence=evidence(facts, verdict),
        steps=verdict.steps,
        prior_basis_points=prior,
    )


def _limit(facts: DenialFacts, verdict: Verdict, policies: DenialPolicies) -> Deadline:
    """The time limit of the next step: of the level after a lost appeal, else of the route."""
    later = further_deadline(facts, policies.limits) if verdict.route == "appeal" else None
    return later or deadline(facts, verdict.route, verdict.no_appeal, policies.limits)
