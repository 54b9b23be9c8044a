"""Many ids or keys asked for at once: the same rows on both databases, found by an index."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from medcollect.store.among import among
from medcollect.store.engine import Store, bulk_load
from medcollect.store.tables import match_keys

KEYS = [f"P:{number}" for number in range(3000)] + ["P:O'BRIEN\"", "P:Ä,[1]"]


@pytest.fixture
def store(book_url: str) -> Iterator[Store]:
    """A book with a row for each of the keys."""
    store = Store(book_url)
    with store.writing() as connection:
        bulk_load(connection, match_keys, [(key, "C", n) for n, key in enumerate(KEYS)])
    yield store
    store.close()


def test_rows_of_many_texts_and_numbers_are_found(store: Store) -> None:
    wanted, numbers = KEYS[5:2000:3] + KEYS[-2:] + ["P:none"], [4, 7, 2999, 5000]

    with store.reading() as connection:
        by_key = connection.execute(
            sa.select(match_keys.c.key).where(among(match_keys.c.key, wanted))
        )
        by_number = connection.execute(
            sa.select(match_keys.c.document_id).where(
                among(match_keys.c.document_id, numbers), match_keys.c.owner == "C"
            )
        )
        nothing = connection.execute(
            sa.select(match_keys.c.key).where(among(match_keys.c.key, []))
        ).all()

        assert sorted(by_key.scalars()) == sorted(wanted[:-1])
        assert sorted(by_number.scalars()) == [4, 7, 2999]
        assert nothing == []


@pytest.mark.parametrize("book_url", ["sqlite"], indirect=True)
def test_sqlite_searches_the_index_and_does_not_read_the_whole_table(store: Store) -> None:
    query = sa.select(match_keys.c.owner).where(
        among(match_keys.c.key, ["P:1"]), match_keys.c.owner == "C"
    )

    with store.reading() as connection:
        compiled = str(query.compile(connection.engine))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ('["P:1"]', "C")).all()

    assert any("SEARCH match_keys" in row[3] for row in plan)
    assert not any("SCAN match_keys" in row[3] for row in plan)
