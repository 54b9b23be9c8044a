"""What payers say besides remittances, what we asked, and the control numbers of what we sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_NUMBERS = (
    "sender_id",
    "receiver_id",
    "interchange_control_number",
    "group_control_number",
    "control_number",
    "reference_id",
)


def upgrade() -> None:
    """Upgrade the schema."""
    _transactions()
    _correspondence()
    with op.batch_alter_table("denials") as table:
        table.alter_column("claim_payment_id", existing_type=ID, nullable=True)
    op.add_column("denials", _text("kind", "denied"))
    for name in ("denials", "exceptions", "decisions"):
        op.add_column(name, sa.Column("correspondence_id", ID, nullable=True))
        op.create_index(op.f(f"ix_{name}_correspondence_id"), name, ["correspondence_id"])


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _transactions() -> None:
    for name in _NUMBERS:
        op.add_column("transactions", _text(name))
    op.add_column("transactions", sa.Column("sent_on", sa.Date(), nullable=True))
    op.add_column("transactions", _text("made_at"))


def _correspondence() -> None:
    op.create_table(
        "correspondence",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("transaction_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("said_at", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("patient_control_number", sa.Text(), nullable=False),
        sa.Column("payer_claim_control_number", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("match_rule", sa.Text(), nullable=False),
        sa.Column("match_score", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correspondence")),
    )
    op.create_table(
        "answered_transactions",
        sa.Column("correspondence_id", ID, nullable=False),
        sa.Column("transaction_id", ID, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
    )
    for table, columns in (
        ("correspondence", ("import_id", "transaction_id", "claim_id")),
        ("answered_transactions", ("correspondence_id", "transaction_id", "verdict")),
    ):
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
