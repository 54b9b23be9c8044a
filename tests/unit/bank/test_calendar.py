"""Bank days: weekends and the Federal Reserve's holidays, which are not offices' days off."""

from __future__ import annotations

from datetime import date

import pytest
from holidays import financial_holidays
from hypothesis import given
from hypothesis import strategies as st

from medcollect.bank.calendar import add_bank_days, bank_days_between, is_bank_day
from medcollect.dates import BANKS, federal_holidays


def test_a_holiday_on_a_saturday_does_not_close_banks_on_friday() -> None:
    assert is_bank_day(date(2026, 7, 3))  # the Fourth is a Saturday; offices are closed
    assert add_bank_days(date(2026, 7, 2), 2) == date(2026, 7, 6)


def test_a_holiday_on_a_sunday_closes_banks_on_monday() -> None:
    assert not is_bank_day(date(2027, 7, 5))
    assert bank_days_between(date(2027, 7, 2), date(2027, 7, 6)) == 1


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(-30, 30))
def test_adding_and_counting_agree(day: date, days: int) -> None:
    start = add_bank_days(day, 1)  # a bank day
    assert bank_days_between(start, add_bank_days(start, days)) == days


@pytest.mark.parametrize("year", range(1999, 2045))
def test_banks_are_closed_on_the_federal_reserves_holidays(year: int) -> None:
    """Against the holidays package, which keeps the Federal Reserve's own list."""
    closed = {day for day in financial_holidays("FED", years=year) if day.weekday() < 5}
    kept = {day for day in federal_holidays(year, BANKS) if day.weekday() < 5}
    assert kept == closed
