"""What a contract promises: the arithmetic, its order, and where nothing may be guessed."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.contracts import (
    Contract,
    PricedLine,
    Ranking,
    Tolerance,
    compare,
    compare_visit,
    expected_amounts,
    rounded_cents,
)
from tests.unit.contracts.support import contract, line, row, schedule, versions

RANKED = Ranking(("100", "50", "25"), ("10004-69990",))
amounts = st.integers(0, 10**7)


def priced(found: PricedLine, *contracts: Contract) -> int | None:
    return expected_amounts([found], versions(*contracts))[0].cents


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@given(cents=amounts, units=st.integers(1, 999))
def test_an_amount_is_for_each_unit(cents: int, units: int) -> None:
    one = line(units=Fraction(units), charge_cents=10**12)
    assert priced(one, contract(row(amount=dollars(cents)))) == cents * units
    assert priced(one, contract(row(amount=dollars(cents), per="line"))) == cents


@given(charge=amounts, percent=st.decimals(0, 400, places=3))
def test_a_percent_of_the_charge_is_exact_and_rounded_once_half_up(
    charge: int, percent: Decimal
) -> None:
    found = priced(
        line(charge_cents=charge), contract(row(amount="", percent=str(percent), base="charge"))
    )
    right = (Decimal(charge) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert found == int(right)


@given(st.fractions(0, 10**6))
def test_rounding_is_half_up(value: Fraction) -> None:
    cents = rounded_cents(value)
    assert Fraction(-1, 2) < cents - value <= Fraction(1, 2)


@given(low=amounts, more=amounts, charge=amounts)
def test_more_in_the_contract_is_never_less_and_the_charge_is_the_limit(
    low: int, more: int, charge: int
) -> None:
    one = line(charge_cents=charge)
    found = [
        priced(one, contract(row(amount=dollars(cents)), lesser_of_charge=True))
        for cents in (low, low + more)
    ]
    assert found == [min(low, charge), min(low + more, charge)]


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 3)), min_size=1, max_size=6))
def test_procedures_of_a_day_are_paid_by_rank_whatever_their_order(
    fees: list[tuple[int, int]],
) -> None:
    codes = [f"{20000 + n}" for n in range(len(fees))]
    rows = [
        row(code, dollars(fee), row=n)
        for n, (code, (fee, _)) in enumerate(zip(codes, fees, strict=True))
    ]
    deal = contract(*rows, ranking=RANKED)
    lines = [
        line(code, units=Fraction(units), key=(1, n), charge_cents=10**9)
        for n, (code, (_, units)) in enumerate(zip(codes, fees, strict=True), start=1)
    ]
    each = sorted((fee for fee, units in fees for _ in range(units)), reverse=True)
    percents = [100, 50, *[25] * len(each)]
    right = sum(fee * percent for fee, percent in zip(each, percents, strict=False))
    for order in (lines, lines[::-1]):
        found = [one.cents or 0 for one in expected_amounts(order, versions(deal))]
        assert abs(sum(found) * 100 - right) <= 50 * len(lines)  # rounded once for a line


def test_of_equal_procedures_the_payers_own_order_counts() -> None:
    deal = contract(row("20610"), ranking=RANKED)
    lines = [line("20610", 5_000, key=(1, 1)), line("20610", 10_000, key=(1, 2))]
    found = compare_visit(lines, versions(deal), Tolerance())
    assert [one.outcome for one in found] == ["as_expected", "as_expected"]


def test_a_refused_line_takes_no_place_among_the_procedures() -> None:
    deal = contract(row("20610", "50.00"), row("11200", "90.00", row=3), ranking=RANKED)
    lines = [line("11200", 0, key=(1, 1), denied=True), line("20610", 5_000, key=(1, 2))]
    found = compare_visit(lines, versions(deal), Tolerance())
    assert [one.outcome for one in found] == ["denied", "as_expected"]


def test_without_a_price_for_one_the_order_of_the_day_is_not_guessed() -> None:
    deal = contract(row("20610", "50.00"), ranking=RANKED)
    lines = [line("11200", key=(1, 1)), line("20610", key=(1, 2)), line("99213", key=(1, 3))]
    found = expected_amounts(lines, versions(deal, schedule("x")))
    assert [one.cents for one in found] == [None, None, None]
    assert "order is not known" in found[1].why_not


@pytest.mark.parametrize(
    ("modifiers", "cents"),
    [((), 10_000), (("25",), 10_000), (("50",), 15_000), (("80",), 1_600), (("26",), 4_000),
     (("50", "80"), 2_400), (("62",), None), (("51",), None), (("TC", "26"), None)],
)  # fmt: skip
def test_modifiers_by_row_by_percent_or_not_at_all(
    modifiers: tuple[str, ...], cents: int | None
) -> None:
    deal = contract(
        row(), row(amount="40.00", modifiers=("26",), row=3), modifiers={"50": "150", "80": "16"}
    )
    assert priced(line(modifiers=modifiers), deal) == cents


def test_the_closest_row_speaks() -> None:
    deal = contract(
        row("*", "1.00", row=2),
        row("99200-99299", "2.00", row=3),
        row("992*", "3.00", row=4),
        row("99213", "4.00", row=5),
        row("99213", "5.00", place="22", row=6),
    )
    found = {
        (code, place): priced(line(code, place=place), deal)
        for code, place in [("99213", "11"), ("99213", "22"), ("99214", "22"), ("J1100", "11")]
    }
    assert list(found.values()) == [400, 500, 300, 100]


def test_a_percent_of_a_fee_schedule_by_its_version_of_the_day() -> None:
    deal = contract(row(amount="", percent="120", base="medicare"))
    old = schedule("Medicare", row(amount="80.00"), id=2, valid_from=date(2025, 1, 1))
    new = schedule("medicare", row(amount="90.01"), id=3)
    assert priced(line(), deal, old, new) == 10_801
    assert priced(line(day=date(2025, 6, 1)), contract(
        row(amount="", percent="120", base="medicare"), valid_from=date(2025, 1, 1)
    ), old, new) == 9_600  # fmt: skip
    nothing = expected_amounts([line()], versions(deal))[0]
    assert (nothing.cents, nothing.any_contract) == (None, True)
    assert "no version" in nothing.why_not


@pytest.mark.parametrize(("units", "day"), [(None, date(2026, 3, 2)), (Fraction(1), None)])
def test_unknown_units_or_days_have_no_price(units: Fraction | None, day: date | None) -> None:
    assert priced(line(units=units, day=day), contract(row())) is None


def test_fractions_of_units_and_of_cents_stay_exact() -> None:
    assert priced(line(units=Fraction("1.333")), contract(row(amount="0.125"))) == 17
    assert priced(line(units=Fraction(1000)), contract(row(amount="0.123"))) == 12_300


@given(expected=amounts, allowed=amounts, tolerance=st.integers(0, 500))
def test_a_line_is_short_when_it_lacks_more_than_the_tolerance(
    expected: int, allowed: int, tolerance: int
) -> None:
    deal = versions(contract(row(amount=dollars(expected))))
    one = line(allowed=allowed, charge_cents=10**8)
    found = compare(one, expected_amounts([one], deal)[0], Tolerance(tolerance))
    assert found.difference_cents == expected - allowed
    assert (found.outcome == "underpaid") == (expected - allowed > tolerance)
    assert (found.outcome == "overpaid") == (allowed - expected > tolerance)


def test_both_limits_of_the_tolerance_must_be_passed() -> None:
    assert Tolerance(99, "1").exceeded(150, 10_000)
    assert not Tolerance(99, "2").exceeded(150, 10_000)
    assert not Tolerance(200, "0").exceeded(150, 10_000)


@pytest.mark.parametrize(
    ("kept", "percent", "missing"),
    [(160, "2", 0), (560, "2", 400), (560, "", 0), (160, "0", 160)],
)
def test_sequestration_is_held_apart_from_the_allowed_amount(
    kept: int, percent: str, missing: int
) -> None:
    deal = versions(contract(row(), sequestration_percent=percent))
    one = line(allowed=10_000, patient_cents=2_000, sequestration_cents=kept)
    found = compare(one, expected_amounts([one], deal)[0], Tolerance(0))
    assert found.difference_cents == missing
    assert ("sequestration" in found.why) == bool(missing)


def test_denied_and_incomparable_lines_are_none_of_ours() -> None:
    deal = versions(contract(row()))
    lines = [
        line(allowed=0, denied=True),
        line(allowed=0, why_not="CO-24 says nothing.", key=(1, 2)),
    ]
    found = compare_visit(lines, deal, Tolerance())
    assert [one.outcome for one in found] == ["denied", "not_compared"]
