"""Policies in force, what a claim waits for and since when, write-offs and holds of exceptions.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = ("document", "sha256", "reason", "user_name", "decided_at", "status")
_PROVIDER_ACCOUNTS = sa.text("account IN ('provider_adjustment', 'interest')")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _cents(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")


def upgrade() -> None:
    """Take the schema one step up."""
    op.create_table(
        "policies",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.add_column("imports", sa.Column("policies_id", _ID, nullable=True))
    op.add_column("claims", _text("waiting_why"))
    op.add_column("claims", sa.Column("waiting_since", sa.Date(), nullable=True))
    op.add_column("claims", _cents("small_balance_cents"))
    op.add_column("decisions", _cents("amount_cents"))
    op.add_column("decisions", sa.Column("until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_decisions_exception_id"), "decisions", ["exception_id"])
    op.create_index(
        "ix_postings_provider_adjustments",
        "postings",
        ["remittance_id"],
        sqlite_where=_PROVIDER_ACCOUNTS,
        postgresql_where=_PROVIDER_ACCOUNTS,
    )
    # What waits in books made before: since the last answer, else since the day of service.
    op.execute(
        "UPDATE claims SET waiting_since = COALESCE(last_answer_date, service_from),"
        " waiting_why = CASE WHEN waiting_rank = 1 THEN 'first_answer' ELSE 'named' END"
        " WHERE waiting_rank > 0"
    )


def downgrade() -> None:
    """Take the upgrade back."""
    op.drop_index("ix_postings_provider_adjustments", table_name="postings")
    op.drop_index(op.f("ix_decisions_exception_id"), table_name="decisions")
    op.drop_column("decisions", "until")
    op.drop_column("decisions", "amount_cents")
    op.drop_column("claims", "small_balance_cents")
    op.drop_column("claims", "waiting_since")
    op.drop_column("claims", "waiting_why")
    op.drop_column("imports", "policies_id")
    op.drop_table("policies")
