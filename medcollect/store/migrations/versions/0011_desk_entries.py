"""What people enter by hand about a patient or a claim: coverages, balances moved"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXED = ("number_key", "birth_key", "member_key")


def upgrade() -> None:
    """Upgrade the schema: so far everything on coverage came in files."""
    op.create_table(
        "desk_entries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", ID, nullable=True),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("birth_key", sa.Text(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_entries")),
    )
    for column in _INDEXED:
        op.create_index(op.f(f"ix_desk_entries_{column}"), "desk_entries", [column])


def downgrade() -> None:
    """Go back to the schema before, without what was entered."""
    op.drop_table("desk_entries")
