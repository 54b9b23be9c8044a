"""The book's database: rows in bulk, ids, and errors in words that say what to do."""

from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import medcollect
from medcollect.errors import BookUnavailable
from medcollect.store import engine
from medcollect.store.engine import (
    CHUNK,
    Store,
    allocate,
    bulk_load,
    chunks,
    translated_errors,
    update_rows,
)
from medcollect.store.tables import accounts, claims, imports, metadata
from tests.support.builder import build_835
from tests.support.specs import Answer, Payer, Remit, cas

PLAN = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'book.db'}")
    yield opened
    opened.close()


def account(number: int, **more: Any) -> tuple[Any, ...]:
    row = {"id": number, "last_name": "MARLOWE", "birth_date": date(1951, 3, 14), **more}
    return tuple(row.get(column.name, "") for column in accounts.columns)


# -- rows ------------------------------------------------------------------------------------


def test_rows_in_bulk_come_back_as_they_were(store: Store) -> None:
    """Text with quotes and other scripts, dates, missing dates; in the order of the columns."""
    rows = [
        account(1, last_name="O'BRIEN; DROP TABLE claims --"),
        account(2, last_name="MÜLLER-ŽIŽEK", birth_date=None),
        account(3, last_name="", birth_date=date(9999, 12, 31)),
    ]
    with store.writing() as connection:
        bulk_load(connection, accounts, rows)
    with store.reading() as connection:
        found = connection.execute(sa.select(accounts).order_by(accounts.c.id)).all()
    assert [tuple(row) for row in found] == rows


def test_no_rows_are_no_work(store: Store) -> None:
    with store.writing() as connection:
        bulk_load(connection, accounts, [])
        update_rows(connection, accounts, [])
        assert connection.execute(sa.select(sa.func.count()).select_from(accounts)).scalar() == 0


def test_one_bad_row_loads_nothing(store: Store) -> None:
    rows = [account(1), account(2), account(1)]
    with pytest.raises(BookUnavailable), store.writing() as connection:
        bulk_load(connection, accounts, rows)
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(accounts)).scalar() == 0


def test_rows_change_by_id_and_only_the_named_columns(store: Store) -> None:
    with store.writing() as connection:
        bulk_load(connection, accounts, [account(1), account(2)])
        update_rows(connection, accounts, [{"id": 2, "last_name": "ASHGROVE"}])
    with store.reading() as connection:
        query = sa.select(accounts.c.last_name, accounts.c.birth_date).order_by(accounts.c.id)
        assert [tuple(r) for r in connection.execute(query)] == [
            ("MARLOWE", date(1951, 3, 14)),
            ("ASHGROVE", date(1951, 3, 14)),
        ]


def test_ids_are_reserved_once_and_per_table(store: Store) -> None:
    with store.writing() as connection:
        assert allocate(connection, claims, 3) == 1
        assert allocate(connection, claims, 1) == 4
        assert allocate(connection, accounts, 2) == 1
    with store.writing() as connection:
        assert allocate(connection, claims, 1) == 5


def test_ids_of_work_that_failed_are_given_again(store: Store) -> None:
    def fail() -> None:
        with store.writing() as connection:
            allocate(connection, claims, 100)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.writing() as connection:
        assert allocate(connection, claims, 1) == 1


def test_trying_leaves_nothing(store: Store) -> None:
    with store.trying() as connection:
        bulk_load(connection, accounts, [account(1)])
    with store.reading() as connection:
        assert connection.execute(sa.select(accounts)).all() == []


def test_a_statement_never_gets_more_values_than_it_takes() -> None:
    pieces = list(chunks(list(range(2 * CHUNK + 1))))
    assert [len(piece) for piece in pieces] == [CHUNK, CHUNK, 1]
    assert list(chunks([])) == []


def test_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    """Columns, types as the database sees them, and indexes agree: no drift."""
    wanted = sa.create_engine("sqlite://")
    metadata.create_all(wanted)
    for table in metadata.sorted_tables:
        made = sa.inspect(store.engine).get_columns(table.name)
        asked = sa.inspect(wanted).get_columns(table.name)
        names = [(c["name"], str(c["type"]), c["nullable"]) for c in made]
        assert names == [(c["name"], str(c["type"]), c["nullable"]) for c in asked]
        indexes = {i["name"] for i in sa.inspect(store.engine).get_indexes(table.name)}
        assert indexes == {i["name"] for i in sa.inspect(wanted).get_indexes(table.name)}


# -- errors ----------------------------------------------------------------------------------


def refused(url: str) -> BookUnavailable:
    with pytest.raises(BookUnavailable) as caught:
        Store(url).close()
    return caught.value


@pytest.mark.parametrize("url", ["", "nonsense", "oracle://x/y", "sqlite", "http://localhost"])
def test_a_url_that_is_none_of_ours(url: str) -> None:
    assert "not understood" in str(refused(url))


def test_a_missing_folder(tmp_path: Path) -> None:
    error = refused(f"sqlite:///{tmp_path / 'nowhere' / 'book.db'}")
    assert "cannot be opened" in str(error)
    assert "folder" in error.action


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear patient, " * 100)
    assert "not a medcollect book" in str(refused(f"sqlite:///{path}"))
    assert path.read_text().startswith("Dear patient")


def test_a_folder_in_place_of_a_book(tmp_path: Path) -> None:
    assert "cannot be opened" in str(refused(f"sqlite:///{tmp_path}"))


def test_a_read_only_book_says_so(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'book.db'}").close()
    opened = Store(f"sqlite:///{tmp_path / 'book.db'}")
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(BookUnavailable, match="may not be written"), translated_errors():
            connection.exec_driver_sql("INSERT INTO counters VALUES ('x', 1)")
    opened.close()


def test_a_locked_book_says_who_to_wait_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LOCK_WAIT_SECONDS", 0)
    opened = Store(f"sqlite:///{tmp_path / 'book.db'}")
    other = sqlite3.connect(tmp_path / "book.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BookUnavailable, match="locked"), opened.writing():
        pass
    other.execute("ROLLBACK")
    other.close()
    with opened.writing() as connection:
        assert allocate(connection, claims, 1) == 1
    opened.close()


def test_a_short_gap_between_two_batches_is_enough(tmp_path: Path) -> None:
    """Another process writes batch after batch; a waiting writer still gets its turn."""
    opened = Store(f"sqlite:///{tmp_path / 'book.db'}")
    busy, done = threading.Event(), threading.Event()

    def import_without_end() -> None:
        other = sqlite3.connect(tmp_path / "book.db", isolation_level=None, timeout=20)
        while not done.is_set():
            other.execute("BEGIN IMMEDIATE")
            busy.set()
            time.sleep(0.05)
            other.execute("COMMIT")
            time.sleep(0.004)
        other.close()

    writer = threading.Thread(target=import_without_end)
    writer.start()
    try:
        busy.wait()
        with opened.writing() as connection:
            assert allocate(connection, claims, 1) == 1
    finally:
        done.set()
        writer.join()
        opened.close()


def test_a_book_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """An older program must refuse a schema it does not know, in plain words."""
    Store(f"sqlite:///{tmp_path / 'book.db'}").close()
    with sqlite3.connect(tmp_path / "book.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(f"sqlite:///{tmp_path / 'book.db'}")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "music.db") as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    refused(f"sqlite:///{tmp_path / 'music.db'}")
    with sqlite3.connect(tmp_path / "music.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("songs",)]


def test_a_full_disk_keeps_whole_remittances_or_nothing(tmp_path: Path) -> None:
    """max_page_count plays the full disk; afterwards the same import completes."""
    answers = tuple(Answer(f"PCN{n}", "1", 10000, 8000, cas=cas("CO-45 20")) for n in range(3000))
    file = tmp_path / "big.835"
    file.write_text(build_835([Remit(PLAN, "T1", date(2026, 2, 2), answers)]))
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        engine = book._store.engine
        full = {"pages": 0}

        @sa.event.listens_for(engine, "checkout")
        def _small_disk(connection: Any, *_: object) -> None:
            pages = full["pages"] or 2**30
            connection.execute(f"PRAGMA max_page_count = {pages}")

        full["pages"] = 150
        with pytest.raises(BookUnavailable, match="disk is full"):
            book.import_files([file])
        with book._store.reading() as connection:
            counts = [
                connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar()
                for name in ("remittances", "claim_payments", "journal_entries", "postings")
            ]
        assert counts == [0, 0, 0, 0]
        full["pages"] = 0
        result = book.import_files([file])
        assert (result["claim_payments"], result["posted"]) == (3000, "240000.00")


def test_errors_never_show_statements_or_values(store: Store) -> None:
    row = account(1, last_name="SECRETNAME")
    with pytest.raises(BookUnavailable) as caught, store.writing() as connection:
        bulk_load(connection, accounts, [row, row])
    assert "SECRETNAME" not in f"{caught.value} {caught.value.action}"
    assert "INSERT" not in str(caught.value)


def test_readers_see_the_last_whole_state_while_somebody_writes(store: Store) -> None:
    with store.writing() as writer:
        bulk_load(writer, imports, [(1, "now", "running", "", None)])
        with store.reading() as reader:
            assert reader.execute(sa.select(imports)).all() == []
    with store.reading() as reader:
        assert len(reader.execute(sa.select(imports)).all()) == 1


def test_a_new_book_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    Store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's driver is an extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refused("postgresql://nobody@127.0.0.1:1/nothing")
    assert "driver" in str(error)
    assert "medcollect[postgres]" in error.action
