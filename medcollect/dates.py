"""Calendar arithmetic for deadlines: days, months, business days and US federal holidays.

Rules: appeals.md section 3. Months keep the day number, or take the last day of a shorter month; a
limit that ends on a weekend or holiday is shown as the workday before it. Holidays are those of
5 U.S.C. 6103: one on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

_ONE_DAY: Final = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6

#: Name, first year, month, day.
_FIXED_HOLIDAYS: Final = (
    ("New Year's Day", 1871, 1, 1),
    ("Juneteenth", 2021, 6, 19),
    ("Independence Day", 1871, 7, 4),
    ("Veterans Day", 1978, 11, 11),
    ("Christmas Day", 1871, 12, 25),
)
#: Name, first year, month, weekday, which one of the month (-1: the last).
_MOVING_HOLIDAYS: Final = (
    ("Martin Luther King Day", 1986, 1, _MONDAY, 3),
    ("Washington's Birthday", 1971, 2, _MONDAY, 3),
    ("Memorial Day", 1971, 5, _MONDAY, -1),
    ("Labor Day", 1894, 9, _MONDAY, 1),
    ("Columbus Day", 1971, 10, _MONDAY, 2),
    ("Thanksgiving Day", 1942, 11, _THURSDAY, 4),
)


class Calendar(NamedTuple):
    """How a holiday on a weekend is kept: by how many days it moves, 0 where it is lost."""

    saturday: int
    sunday: int


#: Federal offices, and with them payers and limits (5 U.S.C. 6103, Executive Order 11582).
OFFICES: Final = Calendar(saturday=-1, sunday=1)

#: The Federal Reserve's banks, and with them deposits (frbservices.org, holiday schedules).
BANKS: Final = Calendar(saturday=0, sunday=1)


def add_days(day: date, days: int) -> date:
    """Return the calendar day ``days`` after ``day`` (before it when negative)."""
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """Return the same day number ``months`` later, or the last day of a month that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def add_years(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February becomes 28 where the year lacks it."""
    return add_months(day, 12 * years)


def add_business_days(day: date, days: int, calendar: Calendar = OFFICES) -> date:
    """Return the workday that is ``days`` workdays after ``day`` (which itself is not counted)."""
    step = _ONE_DAY if days >= 0 else -_ONE_DAY
    left = abs(days)
    while left:
        day += step
        left -= is_workday(day, calendar)
    return day


def is_workday(day: date, calendar: Calendar = OFFICES) -> bool:
    """Whether ``day`` is neither a Saturday, a Sunday nor a holiday as the calendar keeps it."""
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year, calendar)


def previous_workday(day: date) -> date:
    """Return ``day`` itself if it is a workday, else the last workday before it."""
    while not is_workday(day):
        day -= _ONE_DAY
    return day


def next_workday(day: date) -> date:
    """Return ``day`` itself if it is a workday, else the first workday after it."""
    while not is_workday(day):
        day += _ONE_DAY
    return day


@lru_cache(maxsize=256)
def federal_holidays(year: int, calendar: Calendar = OFFICES) -> dict[date, str]:
    """Return the days off of ``year`` by date, as the calendar keeps them, with their names.

    New Year's Day of the next year counts here when it falls on a Saturday and offices keep it on
    31 December.
    """
    days = [*_holidays_of(year), *_holidays_of(year + 1)]
    kept = [(_observed(day, calendar), name) for day, name in days]
    return {day: name for day, name in kept if day.year == year}


def _holidays_of(year: int) -> list[tuple[date, str]]:
    """Give the holidays of a year on their own days."""
    fixed = [
        (date(year, month, day), n) for n, since, month, day in _FIXED_HOLIDAYS if year >= since
    ]
    moving = [
        (_weekday_of_month(year, month, weekday, which), name)
        for name, since, month, weekday, which in _MOVING_HOLIDAYS
        if year >= since
    ]
    return fixed + moving


def _observed(day: date, calendar: Calendar) -> date:
    """Move a holiday from the weekend to the day on which it is kept."""
    shift = {_SATURDAY: calendar.saturday, _SUNDAY: calendar.sunday}.get(day.weekday(), 0)
    return add_days(day, shift)


def _weekday_of_month(year: int, month: int, weekday: int, which: int) -> date:
    """Find the first, third, last ... such weekday of a month."""
    last = monthrange(year, month)[1]
    days = [d for d in range(1, last + 1) if date(year, month, d).weekday() == weekday]
    return date(year, month, days[which - 1 if which > 0 else which])


def today() -> date:
    """The day it is where the office is: the machine's own day, so that a last day counts whole."""
    return datetime.now().astimezone().date()
