"""Take the next denial: the first in order of work that nobody has.

Looking and taking are one turn of the one writer that a book has at a time, so that two people who
take at once get different ones.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from medcollect import dates
from medcollect.bookkeeping.experience import standing
from medcollect.errors import NotFound
from medcollect.ids import name
from medcollect.store.engine import Store
from medcollect.tasks.case_load import find_case
from medcollect.tasks.casework import Wish, enter_step
from medcollect.tasks.denial_queries import DenialFilter, in_order, keep_ranked

Row = dict[str, Any]


def take_next(store: Store, *, user: str, today: date | None = None, **filters: Any) -> Row:
    """Take the first denial in order of work that is free; answers with it.

    ``filters`` are those of :meth:`~medcollect.tasks.denial_queries.DenialFilter.on`. Raises
    NotFound where none is left.
    """
    day = today or dates.today()
    wanted = DenialFilter.on(day, **filters, free_on=day)
    keep_ranked(store, day)
    with store.writing() as connection:
        rows = in_order(connection, wanted, day, standing(connection), limit=1)
        if not rows:
            raise NotFound("Nothing is left to take.", "Ask for more: leave filters out.")
        case = find_case(connection, name("N", rows[0]["id"]))
        return enter_step(connection, case, Wish("take"), "", user, day)
