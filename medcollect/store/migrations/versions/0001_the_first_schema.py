"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Upgrade the schema."""
    op.create_table(
        "accounts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("practice_key", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_table(
        "claim_documents",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("transaction_id", ID, nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("patient_control_number", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_documents")),
    )
    op.create_index(
        op.f("ix_claim_documents_claim_id"), "claim_documents", ["claim_id"], unique=False
    )
    op.create_index(
        op.f("ix_claim_documents_transaction_id"),
        "claim_documents",
        ["transaction_id"],
        unique=False,
    )
    op.create_table(
        "claim_payments",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("remittance_id", ID, nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("patient_control_number", sa.Text(), nullable=False),
        sa.Column("status_code", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("match_rule", sa.Text(), nullable=False),
        sa.Column("match_score", sa.Integer(), nullable=False),
        sa.Column("match_reasons", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_payments")),
    )
    op.create_index(
        op.f("ix_claim_payments_claim_id"), "claim_payments", ["claim_id"], unique=False
    )
    op.create_index(
        op.f("ix_claim_payments_remittance_id"), "claim_payments", ["remittance_id"], unique=False
    )
    op.create_table(
        "claims",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("patient_control_number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("birth_key", sa.Text(), nullable=False),
        sa.Column("member_key", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("insurance_paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("written_off_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_responsibility_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_held_cents", sa.BigInteger(), nullable=False),
        sa.Column("insurance_receivable_cents", sa.BigInteger(), nullable=False),
        sa.Column("denied_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waiting_rank", sa.Integer(), nullable=False),
        sa.Column("waiting_payer", sa.Text(), nullable=False),
        sa.Column("last_answer_date", sa.Date(), nullable=True),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_account_id"), "claims", ["account_id"], unique=False)
    op.create_index(op.f("ix_claims_birth_key"), "claims", ["birth_key"], unique=False)
    op.create_index(op.f("ix_claims_member_key"), "claims", ["member_key"], unique=False)
    op.create_index(op.f("ix_claims_number_key"), "claims", ["number_key"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("exception_id", ID, nullable=False),
        sa.Column("claim_payment_id", ID, nullable=True),
        sa.Column("remittance_id", ID, nullable=True),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_claim_id"), "decisions", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_decisions_claim_payment_id"), "decisions", ["claim_payment_id"], unique=False
    )
    op.create_index(
        op.f("ix_decisions_remittance_id"), "decisions", ["remittance_id"], unique=False
    )
    op.create_table(
        "denials",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("claim_payment_id", ID, nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("service", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("next_action", sa.Text(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("expected_value_cents", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denials")),
    )
    op.create_index(op.f("ix_denials_claim_id"), "denials", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_denials_claim_payment_id"), "denials", ["claim_payment_id"], unique=False
    )
    op.create_index(
        "ix_denials_worklist", "denials", ["status", "expected_value_cents"], unique=False
    )
    op.create_table(
        "exceptions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("claim_payment_id", ID, nullable=True),
        sa.Column("remittance_id", ID, nullable=True),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("settled_by", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
    )
    op.create_index(
        op.f("ix_exceptions_claim_payment_id"), "exceptions", ["claim_payment_id"], unique=False
    )
    op.create_index(op.f("ix_exceptions_import_id"), "exceptions", ["import_id"], unique=False)
    op.create_index(
        op.f("ix_exceptions_remittance_id"), "exceptions", ["remittance_id"], unique=False
    )
    op.create_index(op.f("ix_exceptions_status"), "exceptions", ["status"], unique=False)
    op.create_table(
        "files",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_import_id"), "files", ["import_id"], unique=False)
    op.create_index(op.f("ix_files_sha256"), "files", ["sha256"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("remittance_id", ID, nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=True),
        sa.Column("reverses", ID, nullable=True),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
    )
    op.create_index(
        op.f("ix_journal_entries_claim_id"), "journal_entries", ["claim_id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_entries_remittance_id"), "journal_entries", ["remittance_id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_entries_reverses"), "journal_entries", ["reverses"], unique=False
    )
    op.create_table(
        "match_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("document_id", ID, nullable=False),
    )
    op.create_index("ix_match_keys_document", "match_keys", ["document_id", "owner"], unique=False)
    op.create_index(
        "ix_match_keys_key", "match_keys", ["key", "owner", "document_id"], unique=False
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("payer_rank", sa.Integer(), nullable=False),
        sa.Column("remittance_id", ID, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_postings_claim_id"), "postings", ["claim_id"], unique=False)
    op.create_index(op.f("ix_postings_entry_id"), "postings", ["entry_id"], unique=False)
    op.create_index(op.f("ix_postings_remittance_id"), "postings", ["remittance_id"], unique=False)
    op.create_table(
        "raw_chunks",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "position", name=op.f("pk_raw_chunks")),
    )
    op.create_table(
        "remittances",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("payment_key", sa.Text(), nullable=False),
        sa.Column("trace_number", sa.Text(), nullable=False),
        sa.Column("payer_key", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("payment_date", sa.Date(), nullable=True),
        sa.Column("payment_method", sa.Text(), nullable=False),
        sa.Column("payment_cents", sa.BigInteger(), nullable=False),
        sa.Column("claims_paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("provider_adjustment_cents", sa.BigInteger(), nullable=False),
        sa.Column("claim_payments", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reissue", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("provider_adjustments", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittances")),
    )
    op.create_index(op.f("ix_remittances_import_id"), "remittances", ["import_id"], unique=False)
    op.create_index(
        op.f("ix_remittances_payment_key"), "remittances", ["payment_key"], unique=False
    )
    op.create_index(
        op.f("ix_remittances_trace_number"), "remittances", ["trace_number"], unique=False
    )
    op.create_table(
        "transactions",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
    )
    op.create_index(op.f("ix_transactions_file_id"), "transactions", ["file_id"], unique=False)
    op.create_index(
        op.f("ix_transactions_fingerprint"), "transactions", ["fingerprint"], unique=False
    )
    op.create_index(op.f("ix_transactions_import_id"), "transactions", ["import_id"], unique=False)


def downgrade() -> None:
    """Take the upgrade back."""
    op.drop_index(op.f("ix_transactions_import_id"), table_name="transactions")
    op.drop_index(op.f("ix_transactions_fingerprint"), table_name="transactions")
    op.drop_index(op.f("ix_transactions_file_id"), table_name="transactions")
    op.drop_table("transactions")
    op.drop_index(op.f("ix_remittances_trace_number"), table_name="remittances")
    op.drop_index(op.f("ix_remittances_payment_key"), table_name="remittances")
    op.drop_index(op.f("ix_remittances_import_id"), table_name="remittances")
    op.drop_table("remittances")
    op.drop_table("raw_chunks")
    op.drop_index(op.f("ix_postings_remittance_id"), table_name="postings")
    op.drop_index(op.f("ix_postings_entry_id"), table_name="postings")
    op.drop_index(op.f("ix_postings_claim_id"), table_name="postings")
    op.drop_table("postings")
    op.drop_index("ix_match_keys_key", table_name="match_keys")
    op.drop_index("ix_match_keys_document", table_name="match_keys")
    op.drop_table("match_keys")
    op.drop_index(op.f("ix_journal_entries_reverses"), table_name="journal_entries")
    op.drop_index(op.f("ix_journal_entries_remittance_id"), table_name="journal_entries")
    op.drop_index(op.f("ix_journal_entries_claim_id"), table_name="journal_entries")
    op.drop_table("journal_entries")
    op.drop_table("imports")
    op.drop_index(op.f("ix_files_sha256"), table_name="files")
    op.drop_index(op.f("ix_files_import_id"), table_name="files")
    op.drop_table("files")
    op.drop_index(op.f("ix_exceptions_status"), table_name="exceptions")
    op.drop_index(op.f("ix_exceptions_remittance_id"), table_name="exceptions")
    op.drop_index(op.f("ix_exceptions_import_id"), table_name="exceptions")
    op.drop_index(op.f("ix_exceptions_claim_payment_id"), table_name="exceptions")
    op.drop_table("exceptions")
    op.drop_index("ix_denials_worklist", table_name="denials")
    op.drop_index(op.f("ix_denials_claim_payment_id"), table_name="denials")
    op.drop_index(op.f("ix_denials_claim_id"), table_name="denials")
    op.drop_table("denials")
    op.drop_index(op.f("ix_decisions_remittance_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_claim_payment_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_claim_id"), table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("counters")
    op.drop_index(op.f("ix_claims_number_key"), table_name="claims")
    op.drop_index(op.f("ix_claims_member_key"), table_name="claims")
    op.drop_index(op.f("ix_claims_birth_key"), table_name="claims")
    op.drop_index(op.f("ix_claims_account_id"), table_name="claims")
    op.drop_table("claims")
    op.drop_index(op.f("ix_claim_payments_remittance_id"), table_name="claim_payments")
    op.drop_index(op.f("ix_claim_payments_claim_id"), table_name="claim_payments")
    op.drop_table("claim_payments")
    op.drop_index(op.f("ix_claim_documents_transaction_id"), table_name="claim_documents")
    op.drop_index(op.f("ix_claim_documents_claim_id"), table_name="claim_documents")
    op.drop_table("claim_documents")
    op.drop_table("accounts")
