"""What came of denials, by payer and category: the office's own chances"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade the schema: so far the chances were the shipped ones."""
    op.create_table(
        "denial_experience",
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("won_basis_points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("payer", "category", name=op.f("pk_denial_experience")),
    )


def downgrade() -> None:
    """Go back to the schema before: the first listing judges by the shipped chances."""
    op.drop_table("denial_experience")
