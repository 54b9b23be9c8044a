"""Patient payments, and what claims report of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXED = (
    "import_id",
    "returns",
    "number_key",
    "birth_key",
    "member_key",
    "identity",
    "account_id",
)


def upgrade() -> None:
    """Upgrade the schema: so far all that patients paid was what claims report."""
    op.create_table(
        "patient_payments",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("returns", ID, nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("birth_key", sa.Text(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("applied_cents", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_payments")),
    )
    for column in _INDEXED:
        op.create_index(op.f(f"ix_patient_payments_{column}"), "patient_payments", [column])
    zero = sa.text("0")
    op.add_column(
        "claims",
        sa.Column("patient_reported_cents", sa.BigInteger(), nullable=False, server_default=zero),
    )
    op.add_column("claims", sa.Column("reported_until", sa.Date(), nullable=True))
    op.execute("UPDATE claims SET patient_reported_cents = patient_paid_cents")
    op.execute(_reported_until())
    op.add_column("journal_entries", sa.Column("patient_payment_id", ID, nullable=True))
    op.create_index(
        "ix_journal_entries_patient_payment_id",
        "journal_entries",
        ["patient_payment_id"],
        sqlite_where=sa.text("patient_payment_id IS NOT NULL"),
        postgresql_where=sa.text("patient_payment_id IS NOT NULL"),
    )
    for table in ("decisions", "exceptions"):
        op.add_column(table, sa.Column("patient_payment_id", ID, nullable=True))
        op.create_index(op.f(f"ix_{table}_patient_payment_id"), table, ["patient_payment_id"])


def _reported_until() -> str:
    """The day of each claim's latest document, with which its sort key begins."""
    day = "MAX(SUBSTR(d.sort_key, 1, 10))"
    if op.get_bind().dialect.name == "postgresql":
        day = f"CAST({day} AS DATE)"
    return f"""
        UPDATE claims SET reported_until = (
          SELECT {day} FROM claim_documents d
          WHERE d.claim_id = claims.id AND d.sort_key LIKE '____-__-__%')
        WHERE patient_reported_cents <> 0"""  # noqa: S608 - no value of anybody's


def downgrade() -> None:
    """Take the upgrade back."""
    for table in ("decisions", "exceptions"):
        op.drop_index(op.f(f"ix_{table}_patient_payment_id"), table)
        op.drop_column(table, "patient_payment_id")
    op.drop_index("ix_journal_entries_patient_payment_id", "journal_entries")
    op.drop_column("journal_entries", "patient_payment_id")
    op.drop_column("claims", "reported_until")
    op.drop_column("claims", "patient_reported_cents")
    op.drop_table("patient_payments")
