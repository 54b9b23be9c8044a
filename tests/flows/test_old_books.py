"""Books of earlier versions, with what was in them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

import medcollect
from tests.flows.test_migrations import config

SAMPLES = Path(__file__).parents[2] / "edi_samples"


def _keys(engine: sa.Engine) -> list[tuple[str, str, int]]:
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT key, owner, document_id FROM match_keys WHERE owner IN ('C', 'P')")
        )
        return sorted(tuple(row) for row in rows)


def test_the_keys_of_an_earlier_book_are_made_anew(book_url: str) -> None:
    """Before revision 0009 the visit's key began with the member id."""
    with medcollect.open_book(book_url) as book:
        book.import_files([SAMPLES])
        book.undo(book.remittances(limit=1)["remittances"][0]["id"])
    engine = sa.create_engine(book_url)
    wanted = _keys(engine)
    with engine.begin() as connection:
        command.downgrade(config(connection), "0008")
        connection.execute(sa.text("DELETE FROM match_keys WHERE document_id > 20"))
        connection.execute(sa.text("UPDATE match_keys SET key = 'V:W100|2026-01-12|1'"))

    medcollect.open_book(book_url).close()

    assert len(wanted) > 100
    assert _keys(engine) == wanted
    engine.dispose()
