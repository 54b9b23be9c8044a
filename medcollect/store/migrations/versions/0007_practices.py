"""Find the practices that accounts are at without reading all accounts."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade the schema."""
    op.create_index(op.f("ix_accounts_practice_key"), "accounts", ["practice_key"])
