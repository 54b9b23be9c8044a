"""The journal only grows: what is no longer wanted is reversed by a new entry (DESIGN 6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from medcollect.model.posting import CHARGES, INSURANCE_RECEIVABLE, Entry, Posting
from medcollect.store.engine import Store
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import journal_entries, postings

TODAY = date(2026, 3, 1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    store = Store(f"sqlite:///{tmp_path / 'book.db'}")
    with store.writing() as opened:
        yield opened
    store.close()


def entry(cents: int, document: int = 1, day: date | None = date(2026, 1, 12)) -> Entry:
    legs = (Posting(CHARGES, -cents, 1), Posting(INSURANCE_RECEIVABLE, cents, 1, 1))
    return Entry("charge", document, day, legs)


def keep(connection: sa.Connection, *wanted: Entry, claim: int = 5) -> int:
    """Bring the claim's journal in step; how many entries were reversed."""
    writer = JournalWriter(connection, 1, TODAY)
    standing = writer.standing("claim", [claim]).get(claim, [])
    writer.keep_in_step("claim", claim, standing, wanted)
    writer.write()
    return writer.reversed_count


def rows(connection: sa.Connection) -> list[tuple[int, str, int | None]]:
    columns = (journal_entries.c.id, journal_entries.c.cause, journal_entries.c.reverses)
    return [tuple(r) for r in connection.execute(sa.select(*columns).order_by("id"))]


def balance(connection: sa.Connection) -> int:
    query = sa.select(sa.func.sum(postings.c.cents)).where(postings.c.account == CHARGES)
    return int(connection.execute(query).scalar() or 0)


def standing(connection: sa.Connection) -> list[Entry]:
    return [e for _, e in JournalWriter(connection, 1, TODAY).standing("claim", [5]).get(5, [])]


def test_what_is_wanted_and_missing_is_appended(connection: sa.Connection) -> None:
    assert keep(connection, entry(100)) == 0
    assert rows(connection) == [(1, "charge", None)]
    assert standing(connection) == [entry(100)]


def test_the_same_again_writes_nothing(connection: sa.Connection) -> None:
    keep(connection, entry(100), entry(50))
    before = rows(connection)
    assert keep(connection, entry(50), entry(100)) == 0
    assert rows(connection) == before


def test_the_order_of_legs_does_not_matter(connection: sa.Connection) -> None:
    keep(connection, entry(100))
    turned = Entry("charge", 1, date(2026, 1, 12), tuple(reversed(entry(100).postings)))
    assert keep(connection, turned) == 0
    assert len(rows(connection)) == 1


def test_a_change_reverses_and_appends_and_never_edits(connection: sa.Connection) -> None:
    keep(connection, entry(100))
    assert keep(connection, entry(120)) == 1
    assert rows(connection) == [(1, "charge", None), (2, "correction", 1), (3, "charge", None)]
    assert balance(connection) == -120
    assert standing(connection) == [entry(120)]


def test_another_date_or_document_is_another_entry(connection: sa.Connection) -> None:
    keep(connection, entry(100))
    assert keep(connection, entry(100, document=2)) == 1
    assert keep(connection, entry(100, document=2, day=None)) == 1


def test_equal_entries_are_counted(connection: sa.Connection) -> None:
    """Two equal entries are wanted: both stand; one is wanted: one is reversed."""
    keep(connection, entry(100), entry(100))
    assert balance(connection) == -200
    assert keep(connection, entry(100)) == 1
    assert balance(connection) == -100


def test_there_and_back_and_there_again(connection: sa.Connection) -> None:
    """Import, undo, import: reversed entries and their reversals never stand again."""
    for wanted in ((entry(100),), (), (entry(100),), (), (entry(100),)):
        keep(connection, *wanted)
        assert balance(connection) == -100 * len(wanted)
        assert standing(connection) == list(wanted)
    assert len(rows(connection)) == 5


def test_a_correction_counts_from_the_day_it_corrects_and_keeps_its_dimensions(
    connection: sa.Connection,
) -> None:
    keep(connection, entry(100))
    keep(connection)
    correction = connection.execute(sa.select(journal_entries).where(sa.text("id = 2"))).one()
    assert (correction.entry_date, correction.document_id) == (entry(100).entry_date, 1)
    assert correction.recorded_on == TODAY
    legs = connection.execute(sa.select(postings).where(postings.c.entry_id == 2)).all()
    assert sorted((leg.account, leg.cents, leg.line, leg.payer_rank) for leg in legs) == [
        (CHARGES, 100, 1, 0),
        (INSURANCE_RECEIVABLE, -100, 1, 1),
    ]


def test_claims_do_not_mix(connection: sa.Connection) -> None:
    keep(connection, entry(100), claim=5)
    keep(connection, entry(70), claim=6)
    keep(connection, claim=6)
    assert standing(connection) == [entry(100)]


def test_a_remittances_own_entries_are_not_a_claims(connection: sa.Connection) -> None:
    writer = JournalWriter(connection, 1, TODAY)
    writer.append("remittance", 5, [entry(10)])
    writer.append("claim", 5, [entry(20)])
    writer.write()
    assert [e for _, e in writer.standing("remittance", [5])[5]] == [entry(10)]
    assert [e for _, e in writer.standing("claim", [5])[5]] == [entry(20)]
