"""Match keys that survive what payers do to numbers: made anew from the documents"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from medcollect.matching.keys import claim_keys, payment_keys
from medcollect.store import facts
from medcollect.store.engine import bulk_load
from medcollect.store.tables import match_keys

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CLAIMS = """
    SELECT d.id, d.document FROM claim_documents d JOIN transactions t ON t.id = d.transaction_id
    WHERE t.status = 'active' AND d.id > :after ORDER BY d.id LIMIT 5000"""
_PAYMENTS = """
    SELECT p.id, p.document FROM claim_payments p JOIN remittances r ON r.id = p.remittance_id
    WHERE r.status = 'active' AND p.id > :after ORDER BY p.id LIMIT 5000"""

#: Beginnings of keys are looked for: their order must be that of their bytes.
_ORDERED = (("match_keys", "key"), ("claims", "birth_key"))


def upgrade() -> None:
    """Upgrade the schema: the keys of every document that counts, in order of their bytes."""
    connection = op.get_bind()
    _collate(connection, 'COLLATE "C"')
    op.execute("DELETE FROM match_keys WHERE owner IN ('C', 'P')")
    for owner, query, keys_of in (
        (facts.CLAIM_OWNER, _CLAIMS, lambda data: claim_keys(facts.decode_claim(data))),
        (facts.PAYMENT_OWNER, _PAYMENTS, lambda data: payment_keys(facts.decode_payment(data))),
    ):
        for rows in _batches(connection, query):
            bulk_load(connection, match_keys, list(_key_rows(owner, rows, keys_of)))


def downgrade() -> None:
    """Go back to the schema before; the keys stay as they are."""
    _collate(op.get_bind(), 'COLLATE "default"')


def _collate(connection: sa.Connection, collation: str) -> None:
    """Set the order of the key columns where the database has a choice."""
    if connection.dialect.name == "postgresql":
        for table, column in _ORDERED:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE TEXT {collation}")


def _batches(connection: sa.Connection, query: str) -> Iterator[Sequence[Any]]:
    """Documents some thousands at a time, in order of their ids."""
    after = 0
    while rows := connection.execute(sa.text(query), {"after": after}).all():
        yield rows
        after = rows[-1].id


def _key_rows(
    owner: str, rows: Sequence[Any], keys_of: Callable[[bytes], Sequence[str]]
) -> Iterator[tuple[str, str, int]]:
    """A row for each key of each document."""
    for row in rows:
        for key in keys_of(bytes(row.document)):
            yield key, owner, row.id
