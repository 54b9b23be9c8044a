"""What a denial is worth and when its turn comes: chance, expected value, priority.

Rule: appeals.md section 5, expected gain = amount x chance - cost of the work, zero once the limit
has passed. The chances are editorial start values (to be replaced by a practice's own history).
All arithmetic in whole cents and basis points.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from medcollect.denials.clocks import was_filed_in_time
from medcollect.denials.facts import Assessment, DenialFacts, Verdict
from medcollect.model.policies import TimeLimit

#: What working one denial costs (Premier's survey: 43.84 to 57.23 dollars per claim).
WORK_COST_CENTS: Final = 45_00

_WHOLE: Final = 10_000

#: Chance by category. Those that appeals.md does not name take the value of their nearest kin:
#: data to correct as coding, other payers as eligibility, no judgment left as duplicates.
_CHANCE: Final = {
    "authorization": 5000,
    "medical_necessity": 5000,
    "documentation": 6500,
    "coding_modifier": 5500,
    "bundling": 5500,
    "missing_information": 5500,
    "demographic": 5500,
    "provider_enrollment": 2500,
    "eligibility_coverage": 2500,
    "cob": 2500,
    "administrative": 2500,
    "unknown_code": 2500,
    "non_covered": 1000,
    "benefit_maximum": 1000,
    "duplicate": 500,
}
_CHANCE_OTHERWISE: Final = 500
_FILED_IN_TIME: Final = 6000
_FILED_LATE: Final = 200

#: Days left up to which the work becomes this much more urgent (warnings of 30, 14 and 7 days).
URGENCY: Final = ((7, 4), (14, 3), (30, 2))


def chance_basis_points(
    verdict: Verdict, facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()
) -> int:
    """Give the chance to win the amount, in hundredths of a percent."""
    if not verdict.is_denial or verdict.next_action == "write_off":
        return 0
    if verdict.category == "timely_filing":
        return _FILED_IN_TIME if was_filed_in_time(facts, limits) else _FILED_LATE
    return _CHANCE.get(verdict.category, _CHANCE_OTHERWISE)


def expected_value_cents(amount_cents: int, chance: int, days_left: int | None) -> int:
    """Give amount x chance less the cost of the work, never below zero, zero once too late."""
    if days_left is not None and days_left < 0:
        return 0
    return max(0, amount_cents * chance // _WHOLE - WORK_COST_CENTS)


def weight_cents(amount_cents: int, chance: int) -> int:
    """Give what a priority is made of before any limit counts: it stands whatever the day."""
    return expected_value_cents(amount_cents, chance, None) + max(0, amount_cents) // 100


def priority(amount_cents: int, expected_cents: int, days_left: int | None) -> int:
    """Rank the work: expected value, a cent per dollar of the amount, times the urgency.

    The small part of the amount keeps denials that do not pay for their work in order too.
    """
    weight = expected_cents + max(0, amount_cents) // 100
    return weight * urgency(days_left)


def urgency(days_left: int | None) -> int:
    """Give the factor by which a near limit moves work forward; zero once it has passed."""
    if days_left is None:
        return 1
    if days_left < 0:
        return 0
    return next((factor for days, factor in URGENCY if days_left <= days), 1)


def order(assessments: Iterable[Assessment]) -> list[Assessment]:
    """Put denials into the order of work: priority, then the nearest limit, then the amount."""
    return sorted(assessments, key=lambda a: (-a.priority, a.deadline or date.max, -a.amount_cents))
