"""Business days of US banks: the Federal Reserve's holidays, kept by the ``holidays`` package.

They are not the offices' days off: a holiday on a Saturday does not close banks on the Friday.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_SATURDAY = 5


@lru_cache(maxsize=64)
def _closed(year: int) -> frozenset[date]:
    """The days of a year on which the Federal Reserve's banks are closed."""
    from holidays import financial_holidays  # noqa: PLC0415 - only needed with deposits

    return frozenset(financial_holidays("FED", years=year))


def is_bank_day(day: date) -> bool:
    """Whether banks settle on this day."""
    return day.weekday() < _SATURDAY and day not in _closed(day.year)


def add_bank_days(day: date, days: int) -> date:
    """The bank day so many bank days after (or, negative, before) a day, which is not counted."""
    step = timedelta(days=1 if days >= 0 else -1)
    left = abs(days)
    while left:
        day += step
        left -= is_bank_day(day)
    return day


def bank_days_between(first: date, last: date) -> int:
    """Bank days from one day to another, the first one not counted; negative when it is later.

    A day on which banks are closed counts as the next one on which they are open.
    """
    if last < first:
        return -bank_days_between(last, first)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_bank_day, days))
