"""What was done to many denials at once: who, when, what, how many, and whether it still stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from medcollect.errors import BadRequest
from medcollect.ids import name, number_of
from medcollect.store.casework import CaseStep, bulk_steps
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.tasks.figures import text_of

Row = dict[str, Any]


def list_bulk(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Bulk steps, the last first, undone ones too; raises BadRequest for a wrong cursor."""
    before = number_of(after, "J") if after is not None else None
    if after is not None and before is None:
        raise BadRequest("The cursor is not one of ours.", "Start without one.")
    with store.reading() as connection:
        found = bulk_steps(connection, limit + 1, before)
    rows = [_told(number, steps) for number, steps in found[:limit]]
    return {"bulk_steps": rows, "next": rows[-1]["id"] if len(found) > limit else None}


def _told(number: int, steps: Sequence[CaseStep]) -> Row:
    """One of them; a write-off may be several steps on one case."""
    first = steps[0].moment
    cases, standing = _cases(steps), _cases([s for s in steps if s.status == ACTIVE])
    undone = "yes" if not standing else "no" if standing == cases else "partly"
    return {
        "id": name("J", number),
        "step": first.kind,
        "date": text_of(first.day),
        "recorded_at": first.recorded_at,
        "user": first.user,
        "reason": first.reason,
        "count": cases,
        "standing": standing,
        "undone": undone,
    }


def _cases(steps: Sequence[CaseStep]) -> int:
    return len({(step.concerns, step.payer_key, step.cause) for step in steps})
