"""Cases ranked whole: each refused amount knows what its case holds over all lines"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_AMOUNTS = """
    SELECT d.id, d.claim_id, r.payer_key, d.reason, d.status, d.amount_cents, d.facts
    FROM denials d
    JOIN claim_payments p ON p.id = d.claim_payment_id
    JOIN remittances r ON r.id = p.remittance_id
    WHERE d.kind = 'denied' AND d.status != 'withdrawn' AND d.claim_id IN (
        SELECT claim_id FROM denials
        WHERE kind = 'denied' AND status != 'withdrawn' GROUP BY claim_id HAVING count(*) > 1
    )
    ORDER BY d.claim_id, d.id
"""
_SET = "UPDATE denials SET facts = :facts WHERE id = :id"
_JUDGE = "UPDATE counters SET value = 0 WHERE name = 'denials_judged_by'"
_AT_ONCE = 5000


def upgrade() -> None:
    """Write what each case holds into the facts of its amounts; the next listing judges them."""
    connection = op.get_bind()
    changed: list[dict[str, Any]] = []
    for _, rows in groupby(connection.execute(sa.text(_AMOUNTS)).all(), attrgetter("claim_id")):
        changed += _whole(list(rows))
    for begin in range(0, len(changed), _AT_ONCE):
        connection.execute(sa.text(_SET), changed[begin : begin + _AT_ONCE])
    if changed:
        connection.execute(sa.text(_JUDGE))


def downgrade() -> None:
    """Nothing to go back to: earlier versions pass over what they do not know."""


def _whole(rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """The facts of a claim's amounts that are not the whole of their case."""
    cents: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        cents[row.payer_key, row.reason, row.status] += row.amount_cents
    for row in rows:
        whole = cents[row.payer_key, row.reason, row.status]
        facts = msgspec.json.decode(row.facts)
        if whole not in {row.amount_cents, facts.get("case_cents")}:
            facts["case_cents"] = whole
            yield {"id": row.id, "facts": msgspec.json.encode(facts).decode()}
