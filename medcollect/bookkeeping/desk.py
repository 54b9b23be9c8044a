"""Judge the claims anew that an entry by hand is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derive import derive
from medcollect.store.desk import Concerns, DeskEntry
from medcollect.store.tables import claims

_KEYS = ("number_key", "birth_key", "member_key")


def claims_concerned(connection: sa.Connection, entry: DeskEntry) -> list[int]:
    """The active claims that an entry is about, the oldest first."""
    mine = entry.concerns
    keys = _KEYS[:1] if mine.number_key else _KEYS[1:]
    wanted = [claims.c[key] == getattr(mine, key) for key in keys if getattr(mine, key)]
    query = sa.select(claims.c.id, *(claims.c[field] for field in Concerns.__struct_fields__[1:]))
    rows = connection.execute(
        query.where(claims.c.status == "active", sa.or_(*wanted)).order_by(claims.c.id)
    )
    return [
        int(row.id)
        for row in rows
        if entry.is_about(
            Concerns("", row.number_key, row.birth_key, row.member_key, row.service_from)
        )
    ]


def judge_claims(connection: sa.Connection, concerned: Sequence[int], today: date) -> int:
    """Judge these claims with everything that belongs to them; entries that it reversed."""
    if not concerned:
        return 0
    closure = Closure(connection)
    closure.add_claims(concerned)
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections
