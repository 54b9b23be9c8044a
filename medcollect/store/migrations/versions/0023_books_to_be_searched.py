"""Books that may hold silent denials or underpayments which nobody has looked for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: What such cases come of: reversals, recoveries, contracts.
_GROUNDS = (
    "SELECT count(*) FROM claim_payments WHERE status_code = '22'",
    "SELECT count(*) FROM remittances WHERE provider_adjustment_cents != 0",
    "SELECT count(*) FROM contracts",
)
_FOUND = "SELECT count(*) FROM denials WHERE kind IN ('silent_denial', 'underpayment')"
_NOTE = "INSERT INTO counters (name, value) VALUES ('desk_to_be_searched', 1)"
_FORGET = "DELETE FROM counters WHERE name = 'desk_to_be_searched'"


def upgrade() -> None:
    """Note where such cases may be and none is listed: the worklist then says what to do."""
    connection = op.get_bind()
    grounds = sum(connection.execute(sa.text(query)).scalar_one() for query in _GROUNDS)
    if grounds and not connection.execute(sa.text(_FOUND)).scalar_one():
        connection.execute(sa.text(_NOTE))


def downgrade() -> None:
    """Forget it."""
    op.execute(_FORGET)
