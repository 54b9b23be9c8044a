"""The stored order of the denial worklist: written with each case, made anew when the day changes.

A case's weight stands whatever the day; its priority is the weight times the urgency of its limit
(``denials.worth``) on the day that the book was last ranked. A case that waits for somebody comes
after all that can be worked: its priority is lower by ``BELOW``, and so negative. Three counters
keep track: the day of the ranking, how often cases were written, by which figures of the whole list
can be reused, and a stamp of the tables and rules that the rows were judged by (``rejudging``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from medcollect.denials import (
    NO_POLICIES,
    NOT_URGENT,
    Assessment,
    tables_stamp,
)
from medcollect.model.policies import DenialPolicies, WorkWeights
from medcollect.store.engine import (
    allocate,
    bulk_load,
    chunks,
    counted,
    next_numbers,
    set_counter,
    update_rows,
)
from medcollect.store.tables import counters, denials

Row = dict[str, Any]

RANKED_ON: Final = "denials_ranked_on"
WRITTEN: Final = "denials_written"
JUDGED_BY: Final = "denials_judged_by"
#: Stands at 1 in a book of an earlier version that was never searched for what the desk finds.
TO_BE_SEARCHED: Final = "desk_to_be_searched"

#: The status of a case that nothing asks for any more.
WITHDRAWN: Final = "withdrawn"

#: By how much a case that waits stands below one that can be worked: more than any priority.
BELOW: Final = 10**15

#: A case that waits is looked at again so many days before its limit.
CLOSE_DAYS: Final = 7

#: The limit of a case, those without one last; as the indexes have it, which then serve the order.
case_limit: Final = sa.func.coalesce(denials.c.deadline, sa.literal_column("'9999-12-31'", sa.Date))


def judged_columns(judged: Assessment, at_stake_cents: int) -> Row:
    """The columns of a case that a judgment fills: what it is, and where it stands in the order."""
    return {
        "category": judged.category,
        "next_action": judged.next_action,
        "deadline": judged.deadline,
        "expected_value_cents": judged.expected_value_cents,
        "at_stake_cents": at_stake_cents,
        "weight_cents": judged.weight_cents,
        "priority": judged.priority,
    }


def keep_in_step(
    connection: sa.Connection,
    today: date,
    wanted: Mapping[Any, Row],
    known: Mapping[Any, Row],
    policies: DenialPolicies = NO_POLICIES,
    end: Callable[[Row], str] = lambda _row: WITHDRAWN,
) -> None:
    """Insert cases that are new, update those that changed, end those that nothing asks for.

    ``wanted`` and ``known`` are rows by what a case is known by from import to import; ``end`` says
    with which status a row ends.
    """
    fresh = [row for key, row in wanted.items() if key not in known]
    changed = [
        {"id": known[key]["id"], **row}
        for key, row in wanted.items()
        if key in known and any(known[key][name] != value for name, value in row.items())
    ]
    closed = [
        {"id": row["id"], "status": status}
        for key, row in known.items()
        if key not in wanted and row["status"] != (status := end(row))
    ]
    write_denials(connection, today, fresh, changed, closed, policies)


def write_denials(
    connection: sa.Connection,
    today: date,
    fresh: Sequence[Row],
    changed: Sequence[Row],
    closed: Sequence[Row],
    policies: DenialPolicies = NO_POLICIES,
) -> None:
    """Insert new cases, update those that changed or closed, ranked as of ``today``.

    ``policies`` are those that they were judged under.
    """
    update_rows(connection, denials, changed)
    update_rows(connection, denials, closed)
    for some in chunks([row["id"] for row in changed]):
        waits = denials.c.id.in_(some) & denials.c.waits_until.is_not(None)
        place_again(connection, today, policies.work, waits)
    if fresh:
        first = allocate(connection, denials, len(fresh))
        if first == 1:
            note_judged(connection, policies)
        names = [column.name for column in denials.columns]
        rows = [{"id": first + place, **_NEW, **row} for place, row in enumerate(fresh)]
        bulk_load(connection, denials, [tuple(row[n] for n in names) for row in rows])
    if fresh or changed or closed:
        note_written(connection, today)


#: What is said of a case's wait before anything happened to it.
_NEW: Final[Row] = {"waits_until": None, "limit_counts": 1}


def place_again(
    connection: sa.Connection, day: date, work: WorkWeights, which: sa.ColumnElement[bool]
) -> None:
    """Put some cases anew where they belong in the stored order, as of a day."""
    connection.execute(sa.update(denials).where(which).values(priority=priority_on(day, work)))


def note_written(connection: sa.Connection, today: date) -> None:
    """Count the writing; where the rows stand as of another day, the whole is to be ranked."""
    next_numbers(connection, WRITTEN, 1)
    other = (counters.c.name == RANKED_ON) & (counters.c.value != today.toordinal())
    connection.execute(sa.update(counters).where(other).values(value=0))


def is_ranked(connection: sa.Connection, day: date) -> bool:
    """Whether the stored priorities are those of this day."""
    return counted(connection, RANKED_ON) == [day.toordinal()]


def note_judged(connection: sa.Connection, policies: DenialPolicies) -> None:
    """Note that every case is judged by the tables at hand and by these rules."""
    set_counter(connection, JUDGED_BY, tables_stamp(policies))


def priority_on(day: date, work: WorkWeights) -> sa.ColumnElement[int]:
    """The priority of a case on a day, in SQL: nothing once its limit has passed."""
    limit = denials.c.deadline
    near = [(limit <= day + timedelta(days=days), factor) for days, factor in work.urgency]
    met = (denials.c.limit_counts == 0, NOT_URGENT)
    urgent = denials.c.weight_cents * sa.case(met, (limit < day, 0), *near, else_=NOT_URGENT)
    return urgent - sa.case((waits_on(day), BELOW), else_=0)


def waits_on(day: date) -> sa.ColumnElement[bool]:
    """Whether a case waits for somebody on a day, in SQL: not once its limit is close."""
    is_close = case_limit.between(day, day + timedelta(days=CLOSE_DAYS))
    is_over = denials.c.limit_counts == 0
    until = sa.func.coalesce(denials.c.waits_until, sa.literal_column("'0001-01-01'", sa.Date))
    return (until > day) & (is_over | ~is_close)


def row_waits(row: Mapping[str, Any], day: date) -> bool:
    """Whether a case waits for somebody on a day, by its row."""
    until, limit = row["waits_until"], row["deadline"]
    if until is None or until <= day:
        return False
    is_close = limit is not None and 0 <= (limit - day).days <= CLOSE_DAYS
    return not (row["limit_counts"] and is_close)


def rank(connection: sa.Connection, day: date, work: WorkWeights) -> None:
    """Bring the stored priorities of all cases to this day, in one pass over those that differ."""
    if is_ranked(connection, day):
        return
    wanted = priority_on(day, work)
    connection.execute(
        sa.update(denials).where(denials.c.priority != wanted).values(priority=wanted)
    )
    set_counter(connection, RANKED_ON, day.toordinal())
