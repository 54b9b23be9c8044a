"""Claims that were written from the book, and which documents they follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from medcollect.store.engine import allocate, bulk_load, chunks
from medcollect.store.tables import imports, written_claims


def save_written(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Remember claims that are written; their ids are given out here."""
    first = allocate(connection, written_claims, len(rows))
    names = [column.name for column in written_claims.columns]
    numbered = ({"id": number, **row} for number, row in enumerate(rows, first))
    bulk_load(connection, written_claims, [tuple(row[n] for n in names) for row in numbered])


def any_written(connection: sa.Connection) -> bool:
    """Whether any claim was ever written from this book (most imports need not look further)."""
    return connection.execute(sa.select(written_claims.c.id).limit(1)).first() is not None


def written_of_documents(connection: sa.Connection, sort_keys: Sequence[str]) -> list[Any]:
    """Rows of what was written from these documents, oldest first, with the import's status."""
    found: list[Any] = []
    for some in chunks(list(sort_keys)):
        query = (
            sa.select(written_claims, imports.c.status.label("import_status"))
            .join(imports, imports.c.id == written_claims.c.import_id)
            .where(written_claims.c.source_sort_key.in_(some))
        )
        found.extend(connection.execute(query).all())
    return sorted(found, key=lambda row: row.id)


def written_links(connection: sa.Connection, sort_keys: Sequence[str]) -> list[Any]:
    """Rows of the written claims that these documents are or that follow them."""
    found: list[Any] = []
    for some in chunks(list(sort_keys)):
        query = sa.select(written_claims).where(
            written_claims.c.sort_key.in_(some) | written_claims.c.source_sort_key.in_(some)
        )
        found.extend(connection.execute(query).all())
    return found
