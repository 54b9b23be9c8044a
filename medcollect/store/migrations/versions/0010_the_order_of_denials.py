"""The order of the denial worklist, stored with each case"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from medcollect.denials import DenialFacts, assess
from medcollect.denials.rejection import RejectionFacts, assess_rejection

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = ("at_stake_cents", "weight_cents", "priority")
_CASES = "SELECT id, kind, facts FROM denials WHERE id > :after ORDER BY id LIMIT 5000"
_SET = "UPDATE denials SET at_stake_cents = :stake, weight_cents = :weight WHERE id = :id"
_A_DAY = date(2000, 1, 1)  # the weight stands whatever the day


def upgrade() -> None:
    """Upgrade the schema and weigh the cases that are there; the first listing ranks them."""
    for name in _COLUMNS:
        zero = sa.text("0")
        op.add_column(
            "denials", sa.Column(name, sa.BigInteger(), nullable=False, server_default=zero)
        )
    connection = op.get_bind()
    after = 0
    while rows := connection.execute(sa.text(_CASES), {"after": after}).all():
        connection.execute(sa.text(_SET), _weighed(rows))
        after = rows[-1].id
    op.create_index("ix_denials_priority", "denials", ["status", "priority"])
    op.create_index("ix_denials_category_priority", "denials", ["status", "category", "priority"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index("ix_denials_category_priority", "denials")
    op.drop_index("ix_denials_priority", "denials")
    for name in _COLUMNS:
        op.drop_column("denials", name)


def _weighed(rows: Sequence[Any]) -> list[dict[str, int]]:
    """The stake and the weight of each case, by its own facts."""
    return [_weights(row) for row in rows]


def _weights(row: Any) -> dict[str, int]:
    if row.kind == "rejected":
        known = msgspec.json.decode(row.facts, type=RejectionFacts)
        stake, judged = known.open_cents, assess_rejection(known, _A_DAY)
    else:
        facts = msgspec.json.decode(row.facts, type=DenialFacts)
        stake, judged = facts.amount_cents, assess(facts, _A_DAY)
    return {
        "id": row.id,
        "stake": stake,
        "weight": judged.weight_cents,
    }
