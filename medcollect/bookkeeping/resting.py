"""Until when denial cases wait for somebody, kept with each amount for the order of work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.ranking import place_again
from medcollect.denials.kinds import facts_of, limits_rest_on
from medcollect.denials.life import CaseLife
from medcollect.model.policies import Waiting, WorkWeights
from medcollect.store.engine import chunks, last_id, update_rows
from medcollect.store.tables import denial_cases, denials

Row = dict[str, Any]


def keep_waits(
    connection: sa.Connection,
    today: date,
    cases: Sequence[tuple[CaseLife, Sequence[Row]]],
    others: Collection[int],
    waiting: Waiting,
    work: WorkWeights,
) -> bool:
    """Bring the amounts of these cases in step, and those of claims on which nothing happened.

    ``waiting`` says how long an answer is waited for where nobody said so. Tells whether any
    changed; those that did are put in their place in the order anew.
    """
    wanted = {row["id"]: (row, _wait(life, row, waiting)) for life, rows in cases for row in rows}
    changed = [
        {"id": number, **wait}
        for number, (row, wait) in wanted.items()
        if any(row[name] != value for name, value in wait.items())
    ]
    changed += [{"id": number, **_NO_WAIT} for number in _stale(connection, others)]
    update_rows(connection, denials, changed)
    for some in chunks([row["id"] for row in changed]):
        place_again(connection, today, work, denials.c.id.in_(some))
    return bool(changed)


_NO_WAIT: Mapping[str, Any] = {"waits_until": None, "limit_counts": 1}


def _wait(life: CaseLife, row: Row, waiting: Waiting) -> Row:
    """What an amount's row says of the wait of its case."""
    since, days = life.rests_since(), 0
    if since is not None:
        payer = limits_rest_on(facts_of(row["kind"], row["facts"])).payer_name
        days = waiting.days_for(payer, 1, since)
    met = life.sent is not None and (row["deadline"] is None or life.sent.day <= row["deadline"])
    counts = life.limit_counts or not (met or life.sent is None)
    return {"waits_until": life.rests_until(days), "limit_counts": int(counts)}


def _stale(connection: sa.Connection, claims: Collection[int]) -> list[int]:
    """The amounts of claims without any work that still say that they wait."""
    if not claims or not last_id(connection, denial_cases):
        return []
    found: list[int] = []
    for some in chunks(sorted(claims)):
        query = sa.select(denials.c.id).where(
            denials.c.claim_id.in_(some), denials.c.waits_until.is_not(None)
        )
        found += connection.execute(query).scalars()
    return found
