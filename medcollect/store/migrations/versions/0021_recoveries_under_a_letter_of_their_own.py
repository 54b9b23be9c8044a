"""References of recoveries begin with R: they shared their letter with the claims' batches"""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the references of recoveries their own beginning."""
    op.execute("UPDATE match_keys SET key = 'R:' || substr(key, 3) WHERE owner = 'B'")


def downgrade() -> None:
    """Go back to the beginning of before."""
    op.execute("UPDATE match_keys SET key = 'B:' || substr(key, 3) WHERE owner = 'B'")
