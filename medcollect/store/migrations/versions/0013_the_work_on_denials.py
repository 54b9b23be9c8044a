"""The work on denials: steps that people take, and where each case stands"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema: so far nobody could say what was done about a denial."""
    op.create_table(
        "case_steps",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("birth_key", sa.Text(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("payer_key", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
    )
    op.create_index(op.f("ix_case_steps_number_key"), "case_steps", ["number_key"])
    op.create_table(
        "denial_cases",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("claim_id", ID, nullable=False),
        sa.Column("payer_key", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("denial_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("follow_up", sa.Date(), nullable=True),
        sa.Column("refused_cents", sa.BigInteger(), nullable=False),
        sa.Column("won_cents", sa.BigInteger(), nullable=False),
        sa.Column("outcomes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_cases")),
    )
    op.create_index("ix_denial_cases_claim_id", "denial_cases", ["claim_id", "payer_key", "cause"])
    op.create_index("ix_denial_cases_owner", "denial_cases", ["owner", "state"])
    for column in ("denial_id", "state"):
        op.create_index(op.f(f"ix_denial_cases_{column}"), "denial_cases", [column])


def downgrade() -> None:
    """Go back to the schema before, without what was done about denials."""
    op.drop_table("denial_cases")
    op.drop_table("case_steps")
