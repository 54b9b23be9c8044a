"""Business days of US banks: those of the one calendar (``medcollect.dates``) as banks keep it.

They are not the offices' days off: a holiday on a Saturday does not close banks on the Friday.
"""

from __future__ import annotations

from datetime import date, timedelta

from medcollect.dates import BANKS, add_business_days, is_workday


def is_bank_day(day: date) -> bool:
    """Whether banks settle on this day."""
    return is_workday(day, BANKS)


def add_bank_days(day: date, days: int) -> date:
    """The bank day so many bank days after (or, negative, before) a day, which is not counted."""
    return add_business_days(day, days, BANKS)


def bank_days_between(first: date, last: date) -> int:
    """Bank days from one day to another, the first one not counted; negative when it is later.

    A day on which banks are closed counts as the next one on which they are open.
    """
    if last < first:
        return -bank_days_between(last, first)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_bank_day, days))
