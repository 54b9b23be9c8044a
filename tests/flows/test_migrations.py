"""A book of any earlier version comes up to date with everything in it, on both databases.

``book-0001.sql`` is a book as version 0.1.0 wrote it. For the revisions since, the sample month is
brought into the tables as they were then: the rows of a book of today, as far as they had a place.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import medcollect
from medcollect.store.engine import SCHEMA_REVISION
from medcollect.store.tables import metadata
from tests.support.book_state import State, connect, differences, proofs_of, state_of

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "edi_samples"
RELEASED = ROOT / "tests/support/data/book-0001.sql"
MIGRATIONS = ROOT / "medcollect/store/migrations"
REPORTS = ("claims", "denials", "remittances", "patient-balances", "aging", "trial-balance")

Tables = dict[str, list[dict[str, Any]]]


def config(connection: sa.Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def revisions() -> list[str]:
    """Every revision, the first one first."""
    script = ScriptDirectory.from_config(config())
    return [found.revision for found in script.walk_revisions()][::-1]


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def tables_of(url: str) -> Tables:
    """Every row of a book, by table and column."""
    engine = engine_of(url)
    reflected = sa.MetaData()
    reflected.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
            for name, table in reflected.tables.items()
            if name != "alembic_version"
        }
    engine.dispose()
    return found


def make_book(url: str, revision: str, rows: Tables) -> None:
    """A book with the tables of a revision, holding of these rows what it has columns for."""
    engine = engine_of(url)
    with engine.begin() as connection:
        command.upgrade(config(connection), revision)
        then = sa.MetaData()
        then.reflect(connection)
        for name, table in then.tables.items():
            names = set(table.columns.keys())
            kept = [{k: v for k, v in row.items() if k in names} for row in rows.get(name, [])]
            if kept:
                connection.execute(sa.insert(table), kept)
    engine.dispose()


def reports_of(url: str) -> dict[str, Any]:
    """What people see, after the book was opened and so upgraded."""
    with medcollect.open_book(url) as book:
        return {name: book.report(name)["rows"] for name in REPORTS}


@pytest.fixture
def old_url(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if database == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server = request.getfixturevalue("server")
    server.psql("CREATE DATABASE old_book")
    yield server.get_uri(database="old_book")
    server.psql("DROP DATABASE old_book WITH (FORCE)")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample month in a book of today, with a decision and an import taken back.

    Claims and remittances only: the tables of the first versions have no place for the rest.
    """
    url = f"sqlite:///{tmp_path_factory.mktemp('month') / 'book.db'}"
    with medcollect.open_book(url) as book:
        book.import_files(sorted(SAMPLES.glob("*-83[57]*-*.edi")))
        book.resolve("X000002", post_anyway=True, reason="seen in the bank", user="ada")
        book.import_files([SAMPLES / "06-835-zero-payment-all-deductible.edi"])
        book.undo("I000002")
    return url


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The book of version 0.1.0 as its SQLite file."""
    path = tmp_path_factory.mktemp("released") / "book.db"
    connection = sqlite3.connect(path)
    connection.executescript(RELEASED.read_text(encoding="utf-8"))
    connection.close()
    return f"sqlite:///{path}"


def test_the_newest_revision_is_the_one_the_code_works_with() -> None:
    assert revisions()[-1] == SCHEMA_REVISION


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("revision", revisions())
def test_a_book_of_every_revision_comes_up_to_date(revision: str, old_url: str, month: str) -> None:
    """All facts and balances are what they were, and reports show what today's book shows."""
    rows = tables_of(month)
    make_book(old_url, revision, rows)
    before = tables_of(old_url)

    shown = reports_of(old_url)

    assert_rows_stand(before, tables_of(old_url))
    assert proofs_of(old_url) == {}
    assert differences(state_of(month), state_of(old_url)) == {}
    assert shown == reports_of(month)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_book_of_the_last_release_comes_up_to_date_and_is_used(
    old_url: str, released: str
) -> None:
    """Its balances are unchanged; then it is imported into, and undone to where it stood."""
    make_book(old_url, "0001", tables_of(released))
    before, rows = state_of(old_url), tables_of(old_url)
    assert len(before["claims"]) > 10

    with medcollect.open_book(old_url) as book:
        assert_rows_stand(rows, tables_of(old_url))
        assert differences(before, state_of(old_url)) == {}
        answer = book.import_files([SAMPLES])
        assert answer["duplicates"] > 5
        assert proofs_of(old_url) == {}
        book.undo(answer["import"])

    assert proofs_of(old_url) == {}
    assert differences(money_of(before), money_of(state_of(old_url))) == {}


def assert_rows_stand(before: Tables, after: Tables) -> None:
    """Every row of before is there after, in every column that it had.

    Match keys follow from the documents and are made anew: ``test_old_books``. Among the counters
    an upgrade may leave a mark of its own.
    """
    for name, rows in before.items():
        if name == "match_keys":
            continue
        kept = [{column: row[column] for column in rows[0]} for row in after[name]] if rows else []
        if name == "counters":
            kept = [row for row in kept if row in rows]
        assert sorted(map(repr, kept)) == sorted(map(repr, rows)), name


def money_of(state: State) -> State:
    """Balances by account and line, and what is open.

    States, the names of write-offs and why a reversal waits may be told more finely by now.
    """
    totals: Counter[tuple[Any, ...]] = Counter()
    for *where, _detail, cents in state["balances"]:
        totals[tuple(where)] += cents
    balances = [(*where, cents) for where, cents in totals.items() if cents]
    waiting = [
        ("reversal", *where, cents) if kind.startswith("reversal") else (kind, *where, cents, why)
        for kind, *where, cents, why in state["exceptions"]
    ]
    return {"balances": balances, "remittances": state["remittances"], "exceptions": waiting}


def index_names(engine: sa.Engine, table: str) -> set[str]:
    """The indexes of a table; SQLAlchemy passes over those of SQLite that hold expressions."""
    if engine.dialect.name == "postgresql":
        return {str(i["name"]) for i in sa.inspect(engine).get_indexes(table)}
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql > '' AND tbl_name = :table"
    with engine.connect() as connection:
        return set(connection.execute(sa.text(query), {"table": table}).scalars())


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_upgraded_tables_are_those_of_the_code(old_url: str, released: str) -> None:
    """Columns, their kinds, and indexes after all migrations are those of ``store/tables.py``."""
    make_book(old_url, "0001", tables_of(released))
    medcollect.open_book(old_url).close()
    engine = engine_of(old_url)
    found = sa.inspect(engine)
    for table in metadata.sorted_tables:
        columns = {
            c["name"]: (str(c["type"]), c["nullable"]) for c in found.get_columns(table.name)
        }
        wanted = {c.name: (c.type.compile(engine.dialect), bool(c.nullable)) for c in table.columns}
        assert columns == wanted, table.name
        indexes = index_names(engine, table.name)
        assert indexes == {i.name for i in table.indexes}, table.name
    engine.dispose()
    with connect(old_url) as book:
        assert book.execute("SELECT version_num FROM alembic_version") == [(SCHEMA_REVISION,)]
