"""Claims written from the book"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = (
    "sort_key",
    "source_sort_key",
    "number_key",
    "source_number_key",
    "kind",
    "frequency",
    "payer_name",
    "payer_claim_control_number",
    "control_number",
    "sha256",
    "reason",
    "user_name",
    "written_at",
)
INDEXED = ("import_id", "sort_key", "source_sort_key")


def upgrade() -> None:
    """Upgrade the schema."""
    op.create_table(
        "written_claims",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_claims")),
    )
    for name in INDEXED:
        op.create_index(op.f(f"ix_written_claims_{name}"), "written_claims", [name])


def downgrade() -> None:
    """Go back to the schema before."""
    for name in INDEXED:
        op.drop_index(op.f(f"ix_written_claims_{name}"), table_name="written_claims")
    op.drop_table("written_claims")
