"""Bank deposits, and people's decisions on them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema."""
    op.create_table(
        "deposits",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("deposit_date", sa.Date(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposits")),
    )
    for column in ("import_id", "identity", "deposit_date"):
        op.create_index(op.f(f"ix_deposits_{column}"), "deposits", [column])
    op.add_column("decisions", sa.Column("deposit_id", ID, nullable=True))
    op.create_index(op.f("ix_decisions_deposit_id"), "decisions", ["deposit_id"])


def downgrade() -> None:
    """Take the upgrade back."""
    op.drop_index(op.f("ix_decisions_deposit_id"), "decisions")
    op.drop_column("decisions", "deposit_id")
    op.drop_table("deposits")
