"""Open the book's database, bring its schema up to date, and write rows in bulk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from medcollect.errors import BookUnavailable
from medcollect.saving import make_private
from medcollect.store import postgres, tables

#: The revision that this version of the product works with; migrations lead to it.
SCHEMA_REVISION = "0024"

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_WAIT_SECONDS = 20
_LOCK_LOOK_SECONDS = 0.002

#: Pages of SQLite's write-ahead log (64 MB) before they are copied into the book: an import touches
#: the same index pages in each batch, and copying them once for many batches is enough.
_CHECKPOINT_PAGES = 16_384

#: As many as a server's worker threads.
_CONNECTIONS_MOST = 40

#: Most values that one statement takes on every database.
CHUNK = 400

Row = Sequence[Any]


class Store:
    """A book's database: connections for reading and writing, ids, bulk rows."""

    def __init__(self, url: str, *, make: bool = True) -> None:
        """Open the book; where there is none, make it or, without ``make``, say so."""
        self.url = url
        self.engine = _make_engine(url)
        if self.engine.dialect.name == "sqlite":
            (_make_private if make else _insist_on_file)(self.engine.url.database)
        with translated_errors():
            _upgrade(self.engine, make=make)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the book."""
        with translated_errors(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(**postgres.READING)
            yield connection
            connection.commit()  # rolling back would make the driver forget what it has prepared

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection in one transaction: committed at the end, or nothing of it.

        One process writes at a time, on both databases; the others wait for it.
        """
        with translated_errors(), self.engine.connect() as connection:
            writer = connection.execution_options(medcollect_writes=True)
            with writer.begin():
                yield writer

    @contextmanager
    def trying(self) -> Iterator[sa.Connection]:
        """A connection like :meth:`writing` whose work is always rolled back."""
        with translated_errors(), self.engine.connect() as connection:
            writer = connection.execution_options(medcollect_writes=True)
            transaction = writer.begin()
            try:
                yield writer
            finally:
                transaction.rollback()


def _make_engine(url: str) -> sa.Engine:
    """An engine for the URL; SQLite gets real transactions and a write-ahead log."""
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(parsed, pool_size=_CONNECTIONS_MOST)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        if getattr(error, "name", "") == "psycopg":
            raise BookUnavailable(
                "The driver for PostgreSQL is not installed.",
                "Install it: pip install 'medcollect[postgres]'.",
            ) from error
        raise BookUnavailable(
            "The book's URL is not understood.",
            "Use sqlite:///office.db or postgresql://user@host/name.",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", postgres.begin)
    return engine


def _make_private(database: str | None) -> None:
    """Make a new book's file readable to its owner only: it holds patients' data.

    SQLite gives its side files the same permissions. What cannot be made here is said when the
    file is opened.
    """
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    with suppress(OSError):
        make_private(database)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Take transactions into our own hands and let readers go on while one process writes."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_LOCK_WAIT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin; a writer takes the lock at once, so that it never has to give up half-way."""
    if connection.get_execution_options().get("medcollect_writes"):
        _take_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _take_turn(connection: sa.Connection) -> None:
    """Begin as the one writer, and wait for it in short steps.

    SQLite's own waiting looks only every tenth of a second, and would never meet the moment that a
    long import of another process leaves between two batches.
    """
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the pool hands out open connections only
    end = time.monotonic() + _LOCK_WAIT_SECONDS
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    break
            else:
                return
            time.sleep(_LOCK_LOOK_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last try says what is wrong
    finally:
        driver.execute(f"PRAGMA busy_timeout = {_LOCK_WAIT_SECONDS * 1000}")


@contextmanager
def translated_errors() -> Iterator[None]:
    """Say in the field's words what the database refused; never show its statements or values."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise BookUnavailable(*_explain(error)) from error
    except sa.exc.TimeoutError as error:
        raise BookUnavailable("The book is busy.", "Wait a moment, then try again.") from error


def _explain(error: sa.exc.DBAPIError) -> tuple[str, str]:
    """Message and action for a database error, chosen by what the driver says."""
    text = str(error.orig).lower()
    for words, message, action in _DATABASE_TROUBLE:
        if words in text:
            return message, action
    kind = type(error.orig).__name__
    return f"The book's database refused the work ({kind}).", "Check the database and try again."


#: Words in the driver's error, our message, what to do.
_DATABASE_TROUBLE: tuple[tuple[str, str, str], ...] = (
    *(
        (
            words,
            "The book is locked by another process.",
            "Wait until its work is done, then try again.",
        )
        for words in ("locked", "lock timeout")
    ),
    (
        "full",
        "The disk is full.",
        "Free some space, then run the same command again.",
    ),
    (
        "readonly",
        "The book may not be written.",
        "Check the permissions of the file and of its folder.",
    ),
    (
        "unable to open",
        "The book cannot be opened.",
        "Check that its folder exists and may be written.",
    ),
    (
        "not a database",
        "The file is not a medcollect book.",
        "Check the path given with --book.",
    ),
    ("malformed", "The book is damaged.", "Restore the latest backup."),
    ("disk i/o", "The disk failed while the book was used.", "Check the disk, then try again."),
    (
        "permission denied",
        "This role of the database may not do that.",
        "Name a role that may write the book in --book, or ask who keeps the database.",
    ),
    (
        "connection",
        "The database server does not answer.",
        "Check the URL and that the server runs.",
    ),
)


def _insist_on_file(database: str | None) -> None:
    """Refuse a SQLite file that is not there, before the driver makes an empty one."""
    if database and not database.startswith("file:") and not Path(database).exists():
        raise _no_book(database)


def _no_book(place: str) -> BookUnavailable:
    """There is nothing to read: a typo in the name, the wrong folder, or a new office."""
    return BookUnavailable(
        f"There is no book at {place}.", "Import files first, or name the book with --book."
    )


def _upgrade(engine: sa.Engine, *, make: bool) -> None:
    """Make or upgrade the schema; a book that is up to date costs one small query.

    The work is one transaction under the writers' lock: of several processes that open a new or an
    old book at once, one does it, and the others find it done.
    """
    with engine.connect() as connection:
        known = _revision(connection)
    if known == SCHEMA_REVISION:
        return
    if known is None and not make:
        raise _no_book(engine.url.database or "this URL")
    from alembic import command  # noqa: PLC0415 - slow to import, seldom needed
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.connect().execution_options(medcollect_writes=True) as writer, writer.begin():
        _refuse_foreign(writer, _revision(writer))
        config.attributes["connection"] = writer
        command.upgrade(config, "head")


def _refuse_foreign(connection: sa.Connection, known: str | None) -> None:
    """Leave another program's tables, and the book of a newer version, as they are."""
    if known is not None and known > SCHEMA_REVISION:
        raise BookUnavailable(
            "The book was written by a newer version of medcollect.",
            "Install that version, then try again.",
        )
    if known is None and sa.inspect(connection).get_table_names():
        raise BookUnavailable(
            "The file or database is another program's, not a medcollect book.",
            "Check what --book names; a book needs a database of its own.",
        )


def _revision(connection: sa.Connection) -> str | None:
    """The schema revision of the book, ``None`` for a new one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def allocate(connection: sa.Connection, table: sa.Table, count: int) -> int:
    """Reserve ``count`` ids of a table; returns the first one."""
    return next_numbers(connection, table.name, count)


def next_numbers(connection: sa.Connection, name: str, count: int) -> int:
    """Reserve ``count`` numbers of a counter; returns the first one."""
    counters = tables.counters
    update = (
        sa.update(counters)
        .where(counters.c.name == name)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    last = connection.execute(update).scalar()
    if last is None:
        connection.execute(sa.insert(counters).values(name=name, value=count))
        last = count
    return int(last) - count + 1


def last_id(connection: sa.Connection, table: sa.Table) -> int:
    """The last id given out for a table, 0 where none was."""
    return counted(connection, table.name)[0]


def counted(connection: sa.Connection, *names: str) -> list[int]:
    """Where counters stand, in the order they are named; 0 where nothing was counted."""
    counters = tables.counters
    query = sa.select(counters.c.name, counters.c.value).where(counters.c.name.in_(names))
    known = {name: int(value) for name, value in connection.execute(query)}
    return [known.get(name, 0) for name in names]


def set_counter(connection: sa.Connection, name: str, value: int) -> None:
    """Let a counter stand at a value."""
    counters = tables.counters
    stored = sa.update(counters).where(counters.c.name == name).values(value=value)
    if not connection.execute(stored).rowcount:
        connection.execute(sa.insert(counters).values(name=name, value=value))


def bulk_load(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert many rows, given as tuples in the order of the table's columns, the driver's way."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        postgres.copy_rows(connection, table, rows)
        return
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
    connection.exec_driver_sql(statement, _with_iso_dates(list(table.columns), rows))


def _with_iso_dates(columns: Sequence[sa.Column[Any]], rows: Iterable[Row]) -> list[Any]:
    """Rows with dates as the text that SQLite keeps them as."""
    places = [i for i, column in enumerate(columns) if isinstance(column.type, sa.Date)]
    if not places:
        return [tuple(row) for row in rows]
    turned: list[Any] = list(zip(*rows, strict=True))
    for place in places if turned else ():
        days = turned[place]
        texts = {day: day.isoformat() if isinstance(day, date) else day for day in set(days)}
        turned[place] = map(texts.__getitem__, days)
    return list(zip(*turned, strict=True))


def update_rows(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str] = (),
) -> None:
    """Update many rows by id, the driver's way; every dict has ``id`` and the same columns.

    With ``columns`` only these are written, else all that the dicts hold.
    """
    if not rows:
        return
    columns = columns or list(rows[0])
    if connection.dialect.name == "postgresql":
        postgres.update_by_id(connection, table, rows, columns)
        return
    names = [*(name for name in columns if name != "id"), "id"]
    sets = ", ".join(f'"{name}" = ?' for name in names[:-1])
    statement = f'UPDATE "{table.name}" SET {sets} WHERE "id" = ?'  # noqa: S608
    values = _with_iso_dates([table.c[name] for name in names], map(itemgetter(*names), rows))
    connection.exec_driver_sql(statement, values)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values in pieces that one statement can take."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def sqlite_version() -> str:
    """The version of the SQLite library in use, for benchmark notes."""
    return sqlite3.sqlite_version
