"""What PostgreSQL does its own way: one writer at a time, COPY, updates by arrays.

Locks. A transaction that writes first takes one advisory lock, which stands for the whole book, and
keeps it to its end. There is one lock and it is taken before anything else, so no two writers can
wait for each other. The transaction is READ COMMITTED: what it reads after the lock is everything
that writers before it committed, so what it decides (is this remittance known? is this exception
open?) still holds when it commits. The lock goes with the connection, so a killed process leaves
none. Files are read and scanned before the lock is taken; people who read take no lock at all and
see one state of the book (REPEATABLE READ, read only).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

#: First half of the advisory lock's number ("medc"); the second is the schema the book is in.
_BOOK_LOCK = 0x6D656463

#: How long a writer waits for the one before it, and how long it may then stand idle. What it
#: looks up it finds by an index: in a large book the server would start other processes for it and
#: compile the statement, which takes longer than the look-up.
_WRITER_SETTINGS = (
    ("lock_timeout", "60s"),
    ("idle_in_transaction_session_timeout", "300s"),
    ("max_parallel_workers_per_gather", "0"),
    ("jit", "off"),
)

#: What readers ask of the server.
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def begin(connection: sa.Connection) -> None:
    """Begin; a writer takes the book's lock before anything else."""
    if not connection.get_execution_options().get("medcollect_writes"):
        return
    names = ", ".join("set_config(%s, %s, true)" for _ in _WRITER_SETTINGS)
    values = tuple(text for setting in _WRITER_SETTINGS for text in setting)
    connection.exec_driver_sql(f"SELECT {names}", values)
    connection.exec_driver_sql(
        "SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", (_BOOK_LOCK,)
    )


def copy_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Sequence[Any]]) -> None:
    """Append rows, given in the order of the table's columns, with COPY."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    statement = f'COPY "{table.name}" ({names}) FROM STDIN'
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the pool hands out open connections only
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _storable(list(table.columns), rows):
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError(statement, None, error) from error


def update_by_id(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    names: Sequence[str],
) -> None:
    """Update rows by ``id`` in one statement: each column's new values travel as one array.

    ``names`` are the columns, ``id`` among them.
    """
    types = {name: _plain_type(connection, table.c[name]) for name in names}
    arrays = ", ".join(f"%({name})s::{types[name]}[]" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'"{name}" = new."{name}"' for name in names if name != "id")
    values = _storable([table.c[name] for name in names], map(itemgetter(*names), rows))
    connection.exec_driver_sql(
        f'UPDATE "{table.name}" SET {sets} '  # noqa: S608 - our own names
        f'FROM unnest({arrays}) AS new ({columns}) WHERE "{table.name}"."id" = new."id"',
        dict(zip(names, map(list, zip(*values, strict=True)), strict=True)),
    )


def storable_text(text: str) -> str:
    """Text as PostgreSQL takes it: a NUL, which only a spoiled file has, becomes U+FFFD."""
    return text.replace("\x00", "\ufffd")


def _storable(
    columns: Sequence[sa.Column[Any]], rows: Iterable[Sequence[Any]]
) -> Sequence[Sequence[Any]]:
    """The rows with text that the server takes; nearly always they are as they should be."""
    kept = [*rows]
    for place, column in enumerate(columns):
        if isinstance(column.type, sa.Text) and "\x00" in "".join(_texts(kept, place)):
            return [[_storable_value(value) for value in row] for row in kept]
    return kept


def _texts(rows: Sequence[Sequence[Any]], place: int) -> list[str]:
    """The texts that stand in one place of the rows."""
    return [row[place] for row in rows if row[place]]


def _storable_value(value: Any) -> Any:
    return storable_text(value) if isinstance(value, str) else value


def _plain_type(connection: sa.Connection, column: sa.Column[Any]) -> str:
    """A column's type in SQL, without the order of its text, which no array takes."""
    return column.type.compile(connection.dialect).partition(" COLLATE")[0]
