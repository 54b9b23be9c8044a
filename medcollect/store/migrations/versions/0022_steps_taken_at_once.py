"""Steps that were taken at once are found by their number"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_INDEX, _COLUMN = "ix_case_steps_bulk", "bulk"


def upgrade() -> None:
    """Upgrade the schema, and note of each step with which others it was taken."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("case_steps", sa.Column(_COLUMN, number, nullable=True))
    some = sa.text(f"{_COLUMN} IS NOT NULL")
    op.create_index(_INDEX, "case_steps", [_COLUMN], sqlite_where=some, postgresql_where=some)
    connection = op.get_bind()
    steps = sa.table(
        "case_steps",
        sa.column("id", sa.Integer),
        sa.column("details", sa.LargeBinary),
        sa.column(_COLUMN, sa.Integer),
    )
    for row in connection.execute(sa.select(steps.c.id, steps.c.details)).all():
        bulk = json.loads(row.details).get("bulk")
        if bulk:
            connection.execute(sa.update(steps).where(steps.c.id == row.id).values(bulk=bulk))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(_INDEX, "case_steps")
    op.drop_column("case_steps", _COLUMN)
