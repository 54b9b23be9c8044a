"""Cases that wait: until when, and whether their limit still counts"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: A case without a day to look at it again comes back so many days after the upgrade, at the
#: latest: once its claim is judged anew, the day is that of the settings.
_DAYS = 30
_NEVER = date.max

_AMOUNTS = """
    SELECT d.id, c.state, c.follow_up
    FROM denial_cases c
    JOIN denials d ON d.claim_id = c.claim_id
    LEFT JOIN claim_payments p ON p.id = d.claim_payment_id
    LEFT JOIN remittances r ON r.id = p.remittance_id
    WHERE coalesce(r.payer_key, '') = c.payer_key
        AND CASE WHEN d.kind = 'denied' THEN d.reason ELSE d.kind END = c.cause
"""
_SENT = frozenset({"corrected", "appealed"})
_ENDED = frozenset({"overturned", "written_off", "closed"})
_RANK = "UPDATE counters SET value = 0 WHERE name = 'denials_ranked_on'"


def upgrade() -> None:
    """Upgrade the schema, and note of the cases that wait until when; the next listing ranks."""
    op.add_column("denials", sa.Column("waits_until", sa.Date(), nullable=True))
    op.add_column(
        "denials", sa.Column("limit_counts", sa.Integer(), nullable=False, server_default="1")
    )
    connection = op.get_bind()
    number, until_column = sa.column("id", sa.Integer), sa.column("waits_until", sa.Date)
    denials = sa.table("denials", number, until_column, sa.column("limit_counts", sa.Integer))
    query = sa.text(_AMOUNTS).columns(id=sa.Integer, state=sa.Text, follow_up=sa.Date)
    for row in connection.execute(query).all():
        until = _until(row.state, row.follow_up)
        if until is not None:
            counts = 0 if row.state in {*_SENT, *_ENDED} else 1
            told = {"waits_until": until, "limit_counts": counts}
            connection.execute(sa.update(denials).where(number == row.id).values(told))
    connection.execute(sa.text(_RANK))


def _until(state: str, follow_up: date | None) -> date | None:
    if state in _ENDED:
        return _NEVER
    if follow_up is None and state in {*_SENT, "waiting"}:
        return datetime.now(UTC).date() + timedelta(days=_DAYS)
    return follow_up


def downgrade() -> None:
    """Go back to the schema before."""
    for column in ("waits_until", "limit_counts"):
        op.drop_column("denials", column)
    op.execute(_RANK)
