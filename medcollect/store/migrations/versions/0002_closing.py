"""Periods close: the day of the ledger that an entry stands on, and what closed the books"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema: no period was closed, so entries stand on the day they count from."""
    op.create_table(
        "closings",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closings")),
    )
    op.add_column("journal_entries", sa.Column("accounting_date", sa.Date(), nullable=True))
    op.execute("UPDATE journal_entries SET accounting_date = COALESCE(entry_date, recorded_on)")


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("journal_entries", "accounting_date")
    op.drop_table("closings")
