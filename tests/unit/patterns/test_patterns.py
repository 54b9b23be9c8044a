"""What belongs together is found, chance is not, and every case stands in one pattern."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from medcollect.patterns import AnsweredLine, Pattern, Refusal, Sensitivity, find_patterns
from tests.unit.patterns.history import PLANTED, START, Planted, answered_lines

SEEDS = (1, 2, 3, 4)


@cache
def found(seed: int) -> tuple[Pattern, ...]:
    return tuple(find_patterns(answered_lines(seed, PLANTED)))


def of(planted: Planted, seed: int) -> Pattern:
    return next(pattern for pattern in found(seed) if planted.is_seen_in(pattern))


@pytest.mark.parametrize("seed", SEEDS)
def test_nine_of_ten_planted_patterns_are_found(seed: int) -> None:
    missed = [p for p in PLANTED if not any(p.is_seen_in(pattern) for pattern in found(seed))]
    assert len(missed) <= 1


def test_one_in_ten_reports_at_most_is_chance() -> None:
    reports = [pattern for seed in SEEDS for pattern in found(seed)]
    false = [p for p in reports if not any(planted.is_seen_in(p) for planted in PLANTED)]
    assert len(reports) >= 9 * len(SEEDS)
    assert len(false) * 10 <= len(reports)


def test_where_nothing_is_planted_next_to_nothing_is_reported() -> None:
    reports = [p for seed in SEEDS for p in find_patterns(answered_lines(seed, [], 20_000))]
    assert len(reports) <= len(SEEDS) // 2


@pytest.mark.parametrize("planted", PLANTED[:4], ids=lambda planted: planted.code)
def test_what_a_pattern_is_bound_to_is_told_and_nothing_else(planted: Planted) -> None:
    """A missing authorization at one payer is not reported as that payer's, nor as a person's."""
    pattern = of(planted, 1)
    assert (pattern.payer, pattern.procedure, pattern.provider) == (
        planted.payer,
        planted.procedure,
        planted.provider,
    )
    assert pattern.since is None


@pytest.mark.parametrize("code", ["CO-97", "CO-50", "CO-22"])
def test_the_day_a_payer_changed_its_mind_is_told_within_a_month(code: str) -> None:
    planted = next(planted for planted in PLANTED if planted.code == code)
    pattern = of(planted, 1)
    assert pattern.since is not None
    assert abs(pattern.since - (START + timedelta(weeks=planted.week))) <= timedelta(days=28)


def test_a_code_that_was_never_seen_before_is_called_new() -> None:
    planted = next(planted for planted in PLANTED if planted.code == "CO-B7")
    pattern = of(planted, 1)
    assert (pattern.kind, pattern.payer, pattern.provider) == ("new_code", "PAYER C", "PROVIDER 2")


def test_a_refusal_stands_in_one_pattern_and_its_money_is_theirs() -> None:
    lines = list(answered_lines(1, PLANTED))
    cents = {refusal.case: refusal.cents for line in lines for refusal in line.refusals}
    times = Counter(case for pattern in found(1) for case in pattern.cases)
    assert max(times.values()) == 1
    for pattern in found(1):
        assert pattern.cents == sum(cents[case] for case in pattern.cases)
        assert pattern.refused == len(pattern.cases) <= pattern.lines


def test_the_most_money_comes_first() -> None:
    amounts = [pattern.cents for pattern in found(1)]
    assert amounts == sorted(amounts, reverse=True)


def line(day: int, *, refused: bool, case: int = 0) -> AnsweredLine:
    refusals = (Refusal("CO-16", 100_00, case),) if refused else ()
    return AnsweredLine("PAYER", "99213", "PROVIDER", date(2025, 1, 1) + timedelta(day), refusals)


def test_a_small_office_with_one_payer_sees_the_jump_too() -> None:
    quiet = [line(day, refused=False) for day in range(200)]
    bad = [line(200 + day, refused=day % 2 == 0, case=day) for day in range(40)]
    (pattern,) = find_patterns(quiet + bad)
    assert (pattern.kind, pattern.refused) == ("new_code", 20)
    assert pattern.since is not None
    assert date(2025, 7, 13) <= pattern.since <= date(2025, 7, 21)


def test_fewer_cases_than_asked_for_are_no_pattern() -> None:
    quiet = [line(day, refused=False) for day in range(200)]
    bad = [line(200 + day, refused=day % 2 == 0, case=day) for day in range(40)]
    assert find_patterns(quiet + bad, Sensitivity(cases_min=21)) == []


def test_no_lines_have_no_patterns() -> None:
    assert find_patterns([]) == []
    assert find_patterns([line(0, refused=False)]) == []
    assert find_patterns([line(0, refused=True)]) == []
