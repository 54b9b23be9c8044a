"""What a denial is worth and when its turn comes: chance, expected value, priority.

Rule: appeals.md section 5, expected gain = amount x chance - cost of the work, zero once the limit
has passed. What limits a billing office is its hours, so denials are put in the order of what an
hour of work on them is expected to bring (``benchmarks/order_of_work.py`` holds that against other
orders). The lines that a payer refuses for one reason are one case: they are won together and the
work is done once, so each of them stands where the whole case does. The chances are editorial start
values, which the office's own history moves (``experience``); cost, minutes and the weight of a
near limit are the office's settings. All arithmetic in whole cents, basis points and tenths.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from medcollect.denials.clocks import was_filed_in_time
from medcollect.denials.facts import Assessment, DenialFacts, Verdict
from medcollect.model.policies import TimeLimit, WorkWeights

_WHOLE: Final = 10_000
_USUAL: Final = WorkWeights()

#: Chance by category. Those that appeals.md does not name take the value of their nearest kin:
#: data to correct as coding, other payers as eligibility, no judgment left as duplicates; money
#: taken back without a word is won or lost by the records, as an authorization; what a contract
#: says needs no more than its page, as documentation. A code that is in no table keeps a category
#: of its own, so that it is seen, and is worked as administrative (claim_rules.md 7 no. 11).
_CHANCE: Final = {
    "authorization": 5000,
    "medical_necessity": 5000,
    "documentation": 6500,
    "coding_modifier": 5500,
    "bundling": 5500,
    "missing_information": 5500,
    "demographic": 5500,
    "silent_denial": 5000,
    "underpayment": 6500,
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

_HOUR_MINUTES: Final = 60

#: The urgency, in tenths, of what has no limit or one that is far off.
NOT_URGENT: Final = 10


def chance_basis_points(
    verdict: Verdict, facts: DenialFacts, limits: tuple[TimeLimit, ...] = ()
) -> int:
    """Give the chance to win the amount, in hundredths of a percent."""
    if not verdict.is_denial or verdict.next_action == "write_off":
        return 0
    if verdict.category == "timely_filing":
        return _FILED_IN_TIME if was_filed_in_time(facts, limits) else _FILED_LATE
    return _CHANCE.get(verdict.category, _CHANCE_OTHERWISE)


def expected_value_cents(
    amount_cents: int, chance: int, days_left: int | None, work: WorkWeights = _USUAL
) -> int:
    """Give amount x chance less the cost of the work, never below zero, zero once too late."""
    if days_left is not None and days_left < 0:
        return 0
    return max(0, amount_cents * chance // _WHOLE - work.cost_cents)


def share_cents(gain_cents: int, part_cents: int, whole_cents: int) -> int:
    """Give the part's share of what the whole is expected to bring, rounded down."""
    return gain_cents * part_cents // whole_cents if whole_cents > 0 else 0


def weight_cents(
    amount_cents: int, chance: int, next_action: str, work: WorkWeights = _USUAL
) -> int:
    """Give what an hour of work is expected to bring, whatever the day.

    A cent per dollar of the amount keeps denials that do not pay for their work in order too.
    """
    gain = expected_value_cents(amount_cents, chance, None, work) + max(0, amount_cents) // 100
    return gain * _HOUR_MINUTES // work.minutes(next_action)


def priority(weight: int, days_left: int | None, work: WorkWeights = _USUAL) -> int:
    """Rank the work: what an hour brings (``weight_cents``) times the urgency; zero too late."""
    return weight * urgency(days_left, work)


def urgency(days_left: int | None, work: WorkWeights = _USUAL) -> int:
    """Give by how many tenths a near limit moves work forward; zero once it has passed."""
    if days_left is None:
        return NOT_URGENT
    if days_left < 0:
        return 0
    return next((tenths for days, tenths in work.urgency if days_left <= days), NOT_URGENT)


def order(assessments: Iterable[Assessment]) -> list[Assessment]:
    """Put denials into the order of work: priority, then the nearest limit, then the amount."""
    return sorted(assessments, key=lambda a: (-a.priority, a.deadline or date.max, -a.amount_cents))
