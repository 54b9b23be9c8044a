"""Refund cheques that are about no claim, and that they were cashed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEX, _COLUMN = "ix_journal_entries_desk_entry_id", "desk_entry_id"


def upgrade() -> None:
    """Upgrade the schema: an entry by hand may own journal entries."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    some = sa.text(f"{_COLUMN} IS NOT NULL")
    for table in ("journal_entries", "decisions"):
        op.add_column(table, sa.Column(_COLUMN, number, nullable=True))
    op.create_index(_INDEX, "journal_entries", [_COLUMN], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(_INDEX, "journal_entries")
    for table in ("journal_entries", "decisions"):
        op.drop_column(table, _COLUMN)
