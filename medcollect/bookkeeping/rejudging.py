"""Stored judgments brought up to date: after an update of the tables, or of the office's rules.

A case's row keeps what the list is filtered and ordered by: category, next action, limit, weight,
priority. A stamp beside them tells by which tables and which of the office's rules they were
judged; where it is another one, all cases are judged anew by their stored facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect.bookkeeping.ranking import judged_columns, note_judged, note_written, place_again
from medcollect.denials.kinds import facts_of, judge
from medcollect.model.policies import DenialPolicies
from medcollect.store.engine import update_rows
from medcollect.store.tables import denials

Row = dict[str, Any]

#: Cases judged in one go.
_AT_ONCE: Final = 5000

#: The columns that a judgment fills.
_JUDGED: Final = (
    "category",
    "next_action",
    "deadline",
    "expected_value_cents",
    "at_stake_cents",
    "weight_cents",
    "priority",
)


def judge_cases_anew(connection: sa.Connection, policies: DenialPolicies, today: date) -> int:
    """Judge every case by the tables and rules in force; returns how many came out otherwise."""
    count = 0
    for rows in _pages(connection):
        changed = [new for row in rows if (new := _judged(row, policies, today)) is not None]
        update_rows(connection, denials, changed)
        count += len(changed)
    if count:
        place_again(connection, today, policies.work, denials.c.waits_until.is_not(None))
        note_written(connection, today)
    note_judged(connection, policies)
    return count


def _pages(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    """The cases by their ids, some thousand at a time."""
    columns = (denials.c[name] for name in ("id", "kind", "facts", *_JUDGED))
    query = sa.select(*columns).where(denials.c.status != "withdrawn").order_by(denials.c.id)
    after = 0
    while rows := connection.execute(query.where(denials.c.id > after).limit(_AT_ONCE)).all():
        yield rows
        after = rows[-1].id


def _judged(row: sa.Row[Any], policies: DenialPolicies, today: date) -> Row | None:
    """What the row should say; none where it says so already."""
    facts = facts_of(row.kind, row.facts)
    judged = judge(facts, today, policies)
    wanted = judged_columns(judged, facts.at_stake_cents)
    stands = row._mapping
    if all(stands[name] == value for name, value in wanted.items()):
        return None
    return {"id": row.id, **wanted}
