"""Facts that several files may hold: the first one counts, and another steps in when it is undone.

For tables with ``identity``, ``status`` and ``import_id``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from medcollect.store.engine import chunks, update_rows
from medcollect.store.tables import imports

ACTIVE, DUPLICATE, UNDONE = "active", "duplicate", "undone"


def numbered_identities(contents: Iterable[tuple[str, ...]]) -> list[str]:
    """An identity for each row of one file; true twins in it are told apart by a number."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for content in contents:
        seen[content] += 1
        found.append(identity_of(content, seen[content]))
    return found


def identity_of(content: tuple[str, ...], ordinal: int) -> str:
    """The identity of the so-manieth row with this content."""
    text = "\0".join((*content, str(ordinal)))
    return hashlib.sha256(text.encode()).hexdigest()


def known_identities(connection: sa.Connection, table: sa.Table, keys: Sequence[str]) -> set[str]:
    """Which of these stand already."""
    known: set[str] = set()
    for some in chunks(list(keys)):
        query = sa.select(table.c.identity).where(
            table.c.identity.in_(some), table.c.status == ACTIVE
        )
        known.update(str(row[0]) for row in connection.execute(query))
    return known


def undo_identities(connection: sa.Connection, table: sa.Table, rows: Sequence[Any]) -> list[int]:
    """Take rows back; ids of those of other imports that step in."""
    update_rows(connection, table, [{"id": row.id, "status": UNDONE} for row in rows])
    freed = sorted({row.identity for row in rows if row.status == ACTIVE})
    heirs: dict[str, int] = {}
    for some in chunks(freed):
        query = (
            sa.select(table.c.identity, table.c.id)
            .join(imports, imports.c.id == table.c.import_id)
            .where(
                table.c.identity.in_(some),
                table.c.status == DUPLICATE,
                imports.c.status != UNDONE,
            )
            .order_by(table.c.id)
        )
        for identity, number in connection.execute(query):
            heirs.setdefault(identity, number)
    update_rows(connection, table, [{"id": i, "status": ACTIVE} for i in heirs.values()])
    return sorted(heirs.values())
