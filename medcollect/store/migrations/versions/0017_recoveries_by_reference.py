"""Recoveries by reference: which remittances took money back that names a claim"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CODES = frozenset({"WO", "72", "TL", "WU"})
_OWNER, _PREFIX, _SHORTEST = "B", "B:", 4


def upgrade() -> None:
    """Upgrade the schema: old remittances are found by the references of their recoveries."""
    connection = op.get_bind()
    remittances = sa.table(
        "remittances", sa.column("id"), sa.column("status"), sa.column("provider_adjustments")
    )
    match_keys = sa.table(
        "match_keys", sa.column("key"), sa.column("owner"), sa.column("document_id")
    )
    query = sa.select(remittances.c.id, remittances.c.provider_adjustments).where(
        remittances.c.status != "undone", sa.func.length(remittances.c.provider_adjustments) > 2
    )
    rows = [
        {"key": key, "owner": _OWNER, "document_id": row.id}
        for row in connection.execute(query).all()
        for key in dict.fromkeys(_keys(msgspec.json.decode(row.provider_adjustments)))
    ]
    if rows:
        connection.execute(sa.insert(match_keys), rows)


def _keys(adjustments: list[dict[str, Any]]) -> Iterator[str]:
    """References as keys (letters and digits, no leading zeros) and their beginnings."""
    for one in adjustments:
        letters = "".join(c for c in one["reference"].upper() if c.isascii() and c.isalnum())
        key = letters.lstrip("0")
        if one["code"] in _CODES and one["cents"]:
            yield from (_PREFIX + key[:length] for length in range(_SHORTEST, len(key) + 1))


def downgrade() -> None:
    """Go back to the schema before."""
    match_keys = sa.table("match_keys", sa.column("owner"))
    op.get_bind().execute(sa.delete(match_keys).where(match_keys.c.owner == _OWNER))
