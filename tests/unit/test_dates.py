"""Deadline arithmetic: months, leap days, workdays and federal holidays (appeals.md section 3)."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect import dates


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-15", -3, "2025-12-15"),
        ("2026-12-01", 1, "2027-01-01"),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_a_shorter_month(start, months, expected):
    assert dates.add_months(date.fromisoformat(start), months) == date.fromisoformat(expected)


def test_a_leap_day_plus_a_year_is_the_28th():
    assert dates.add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_days_cross_a_leap_day():
    assert dates.add_days(date(2024, 2, 28), 2) == date(2024, 3, 1)


# Source: the Office of Personnel Management's list of federal holidays for 2026.
HOLIDAYS_2026 = {
    "2026-01-01",
    "2026-01-19",
    "2026-02-16",
    "2026-05-25",
    "2026-06-19",
    "2026-07-03",
    "2026-09-07",
    "2026-10-12",
    "2026-11-11",
    "2026-11-26",
    "2026-12-25",
}


def test_the_eleven_holidays_of_2026_as_observed():
    assert {day.isoformat() for day in dates.federal_holidays(2026)} == HOLIDAYS_2026


def test_new_year_on_a_saturday_is_kept_on_31_december():
    assert date(2021, 12, 31) in dates.federal_holidays(2021)
    assert date(2022, 1, 1) not in dates.federal_holidays(2022)


def test_a_sunday_holiday_is_kept_on_monday():
    assert dates.federal_holidays(2027)[date(2027, 7, 5)] == "Independence Day"


def test_juneteenth_was_no_holiday_before_2021():
    assert date(2020, 6, 19) not in dates.federal_holidays(2020)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-07-04", "2026-07-02", "2026-07-06"),  # Saturday; its holiday is kept on Friday
        ("2026-11-26", "2026-11-25", "2026-11-27"),  # Thanksgiving
        ("2026-05-25", "2026-05-22", "2026-05-26"),  # Memorial Day ends a long weekend
        ("2026-03-04", "2026-03-04", "2026-03-04"),  # a plain Wednesday stays
    ],
)
def test_the_workday_before_and_after(day, before, after):
    assert dates.previous_workday(date.fromisoformat(day)) == date.fromisoformat(before)
    assert dates.next_workday(date.fromisoformat(day)) == date.fromisoformat(after)


def test_business_days_skip_weekends_and_holidays():
    assert dates.add_business_days(date(2026, 12, 23), 2) == date(2026, 12, 28)
    assert dates.add_business_days(date(2026, 12, 28), -2) == date(2026, 12, 23)
    assert dates.add_business_days(date(2026, 7, 4), 0) == date(2026, 7, 4)
