"""The order within equal priorities: the indexes have it whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_denials_priority": ("status",),
    "ix_denials_category_priority": ("status", "category"),
}
_ORDER = (sa.text("priority DESC"), sa.text("coalesce(deadline, '9999-12-31')"), "id")


def upgrade() -> None:
    """Upgrade the schema: where many cases are equal, a page needs no sorting."""
    for name, columns in _INDEXES.items():
        op.drop_index(name, "denials")
        op.create_index(name, "denials", [*columns, *_ORDER])


def downgrade() -> None:
    """Go back to the schema before."""
    for name, columns in _INDEXES.items():
        op.drop_index(name, "denials")
        op.create_index(name, "denials", [*columns, "priority"])
