"""Accounts that went into another one: where their claims are now"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema: an account that lost its claims to another one did not say so."""
    op.add_column("accounts", sa.Column("joined_into", ID, nullable=True))
    op.create_index(op.f("ix_accounts_joined_into"), "accounts", ["joined_into"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(op.f("ix_accounts_joined_into"), "accounts")
    op.drop_column("accounts", "joined_into")
