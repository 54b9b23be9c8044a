"""What a payer usually allows, and what falls out of it; new fees at the new year do not."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction

from medcollect.contracts import PricedLine, Tolerance, below_usual
from tests.unit.contracts.support import line

START = date(2026, 1, 5)


def lines(allowed: list[int], start: date = START, first: int = 0) -> list[PricedLine]:
    return [
        line(
            allowed=cents,
            day=start + timedelta(days=n),
            key=(first + n, 1),
            visit=(first + n, "ALPHA", start + timedelta(days=n)),
        )
        for n, cents in enumerate(allowed)
    ]


def low(found: list[PricedLine]) -> list[int]:
    return [one.line.key[0] for one in below_usual(found, Tolerance())]


def test_a_line_below_most_earlier_ones_is_told_with_their_number() -> None:
    found = below_usual(lines([9_250] * 8 + [8_000] + [9_250] * 3), Tolerance())
    assert [(one.line.key[0], one.usual_cents, one.agreeing, one.earlier) for one in found] == [
        (8, 9_250, 8, 8)
    ]
    assert found[0].since is None


def test_a_drop_that_lasts_is_told_for_each_line_with_its_first_day() -> None:
    found = below_usual(lines([9_250] * 6 + [8_000] * 20), Tolerance())
    assert len(found) == 20
    assert {one.since for one in found} == {START + timedelta(days=6)}


def test_new_fees_at_the_new_year_are_no_underpayment() -> None:
    old = lines([9_250] * 20, date(2025, 12, 1))
    new = lines([9_000] * 20, date(2026, 1, 1), first=100)
    assert low([*old, *new]) == []
    assert low([*old, *new, *lines([7_000], date(2026, 3, 1), first=200)]) == [200]


def test_too_few_or_too_mixed_lines_say_nothing() -> None:
    assert low(lines([9_250] * 4 + [5_000])) == []
    assert low(lines([9_250, 9_100] * 6 + [5_000])) == []


def test_a_rise_does_not_make_what_was_usual_too_little_at_once() -> None:
    assert low(lines([9_250] * 10 + [9_500] * 5 + [9_250])) == []


def test_half_beside_other_procedures_of_the_day_is_the_usual_cut() -> None:
    usual = lines([10_000] * 8)
    day = START + timedelta(days=20)
    visit = (50, "ALPHA", day)
    pair = [
        line(allowed=5_000, day=day, key=(50, 1), visit=visit),
        line("20610", allowed=20_000, day=day, key=(50, 2), visit=visit),
    ]
    assert low([*usual, *pair]) == []
    assert low([*usual, pair[0]]) == [50]


def test_units_places_and_modifiers_are_kept_apart() -> None:
    usual = lines([10_000] * 8)
    day = START + timedelta(days=20)
    others = [
        line(allowed=20_000, units=Fraction(2), day=day, key=(60, 1)),
        line(allowed=7_000, place="22", day=day, key=(61, 1)),
        line(allowed=7_000, modifiers=("26",), day=day, key=(62, 1)),
        line(allowed=15_000, units=Fraction(2), day=day, key=(63, 1), visit=(63, "ALPHA", day)),
    ]
    assert low([*usual, *others]) == [63]


def test_the_order_in_which_lines_come_does_not_matter() -> None:
    found = lines([9_250] * 8 + [8_000] + [9_250] * 3 + [8_500] * 4)
    mixed = list(found)
    random.Random(4).shuffle(mixed)
    assert below_usual(mixed, Tolerance()) == below_usual(found, Tolerance())
