"""The book's tables.

Facts (what files and people said) are never changed, only marked undone; what follows from them
(claims, journal, denials, exceptions) is kept in step by the use cases, and the journal is append
only. Amounts are whole cents. Documents are kept as the JSON of their records, beside the columns
that are searched.
"""

from __future__ import annotations

import sqlalchemy as sa

from medcollect.store import case_tables, desk_tables
from medcollect.store.columns import ID as _ID
from medcollect.store.columns import cents as _cents
from medcollect.store.columns import day as _date
from medcollect.store.columns import identifier as _id
from medcollect.store.columns import link as _link
from medcollect.store.columns import metadata, ordered_text, rare_link
from medcollect.store.columns import text as _text

deposits, patient_payments = desk_tables.deposits, desk_tables.patient_payments
desk_entries = desk_tables.desk_entries
case_steps, denial_cases = case_tables.case_steps, case_tables.denial_cases
denial_experience = case_tables.denial_experience

#: Last id given out, by table: ids are ours, so that rows can be written in bulk.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", _ID, nullable=False),
)

imports = sa.Table(
    "imports",
    metadata,
    _id(),
    _text("started_at"),
    _text("status"),  # running, done, undone
    _text("summary"),  # the answer of the import as JSON
    _link("policies_id", index=False, nullable=True),  # in force then; none: the defaults
)

#: What the office decided beforehand: versions, of which the newest active one is in force.
policies = sa.Table(
    "policies",
    metadata,
    _id(),
    _text("document"),  # JSON of the record
    _text("sha256"),
    _text("reason"),
    _text("user_name"),
    _text("decided_at"),
    _text("status"),  # active, undone
)

files = sa.Table(
    "files",
    metadata,
    _id(),
    _link("import_id"),
    _text("label"),
    _text("sha256", index=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    _text("status"),  # imported, duplicate, partial, rejected
    _text("findings"),
)

raw_chunks = sa.Table(
    "raw_chunks",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

transactions = sa.Table(
    "transactions",
    metadata,
    _id(),
    _link("import_id"),
    _link("file_id"),
    _text("kind"),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("segment", sa.Integer, nullable=False),
    _text("fingerprint", index=True),
    _text("status"),  # active, duplicate, undone
    _text("sender_id"),  # ISA06
    _text("receiver_id"),  # ISA08
    _text("interchange_control_number"),  # ISA13
    _text("group_control_number"),  # GS06
    _text("control_number"),  # ST02
    _text("reference_id"),  # BHT03 of what we sent
    _date("sent_on"),  # ISA09, else GS04, else BHT04
    _text("made_at"),  # BHT04 and BHT05 of what we sent
)

remittances = sa.Table(
    "remittances",
    metadata,
    _id(),  # the transaction's id
    _link("import_id"),
    _text("payment_key", index=True),
    _text("trace_number", index=True),
    _text("payer_key"),
    _text("payer_name"),
    _date("payment_date"),
    _text("payment_method"),
    _cents("payment_cents"),  # BPR02 as it counts once in its group
    _cents("claims_paid_cents"),
    _cents("provider_adjustment_cents"),
    sa.Column("claim_payments", sa.Integer, nullable=False, default=0),
    _text("held"),  # why nothing of it posts, else empty
    _text("status"),  # active, reissued, undone
    sa.Column("reissue", sa.Integer, nullable=False, default=0),  # 1: the payment was on file
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("provider_adjustments", sa.LargeBinary, nullable=False),
)

claim_payments = sa.Table(
    "claim_payments",
    metadata,
    _id(),
    _link("remittance_id"),
    _link("claim_id", nullable=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("segment", sa.Integer, nullable=False),
    _text("patient_control_number"),
    _text("status_code"),
    _cents("charge_cents"),
    _cents("paid_cents"),
    _text("held"),
    _text("outcome"),  # posted, held, exception, noted
    _text("match_rule"),
    sa.Column("match_score", sa.Integer, nullable=False, default=0),
    _text("match_reasons"),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

claim_documents = sa.Table(
    "claim_documents",
    metadata,
    _id(),
    _link("transaction_id"),
    _link("claim_id", nullable=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("segment", sa.Integer, nullable=False),
    _text("patient_control_number"),
    _text("sort_key"),
    _cents("charge_cents"),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

#: How documents find each other: ``owner`` is ``P`` (claim payment), ``C`` (claim document), ``S``
#: (status of a claim), ``E`` (eligibility of a person), ``A`` (answer to what we sent), ``T``
#: (transaction that we sent) or ``B`` (remittance with a recovery that names a claim).
match_keys = sa.Table(
    "match_keys",
    metadata,
    sa.Column("key", ordered_text(), nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("document_id", _ID, nullable=False),
    sa.Index("ix_match_keys_key", "key", "owner", "document_id"),
    sa.Index("ix_match_keys_document", "document_id", "owner"),
)

#: What payers said besides remittances, and what we asked them: one row for each interchange or
#: group acknowledged (TA1, 999, 997), claim told of (277CA, 277, 276), person (271, 270).
correspondence = sa.Table(
    "correspondence",
    metadata,
    _id(),
    _link("import_id"),
    _link("transaction_id"),
    _text("kind"),  # TA1, 999, 997, 277CA, 277, 276, 271, 270
    _text("subject"),  # sending, claim, person
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("segment", sa.Integer, nullable=False),
    _text("verdict"),
    _text("said_at"),  # day and time that it states
    _text("payer_name"),
    _text("patient_control_number"),
    _text("payer_claim_control_number"),
    _text("batch"),  # BHT03 of the 837 that it names
    _text("status"),  # active, undone
    _text("outcome"),  # landed, waiting, noted
    _link("claim_id", nullable=True),  # where the status of a claim landed
    _text("match_rule"),
    sa.Column("match_score", sa.Integer, nullable=False, default=0),
    sa.Column("document", sa.LargeBinary, nullable=False),
)

#: Which of the transactions that we sent an acknowledgement answers.
answered_transactions = sa.Table(
    "answered_transactions",
    metadata,
    _link("correspondence_id"),
    _link("transaction_id"),
    sa.Column("verdict", sa.Text, nullable=False, index=True),
)

accounts = sa.Table(
    "accounts",
    metadata,
    _id(),
    _text("practice_key", index=True),
    _text("last_name"),
    _text("first_name"),
    _date("birth_date"),
    _text("member_id"),
    _link("joined_into", nullable=True),  # without claims: the account that they went to
)

claims = sa.Table(
    "claims",
    metadata,
    _id(),
    _link("account_id", nullable=True),
    _text("patient_control_number"),
    _text("number_key", index=True),
    _text("origin"),  # claim, remittance
    _text("status"),  # active, gone
    _text("form"),
    _date("service_from"),
    _date("service_to"),
    _text("payer_name"),
    sa.Column("birth_key", ordered_text(), nullable=False, default="", index=True),
    _text("member_key", index=True),
    _cents("charge_cents"),
    _cents("insurance_paid_cents"),
    _cents("written_off_cents"),
    _cents("patient_responsibility_cents"),
    _cents("patient_paid_cents"),
    _cents("patient_held_cents"),
    _cents("insurance_receivable_cents"),
    _cents("denied_cents"),
    _text("state"),
    sa.Column("waiting_rank", sa.Integer, nullable=False, default=0),
    _text("waiting_payer"),
    _date("last_answer_date"),
    _text("holds"),  # JSON list of the patient parts with their holds
    _text("waiting_why"),  # first_answer, named, forwarded, bill_next_payer, transfer_failed
    _date("waiting_since"),
    _cents("small_balance_cents"),  # of what is written off: by the small-balance policy
    _cents("patient_reported_cents"),  # of what the patient paid: what the claim says (AMT*F5)
    _date("reported_until"),  # the day that document was made
)

journal_entries = sa.Table(
    "journal_entries",
    metadata,
    _id(),
    _link("claim_id", nullable=True),
    _link("remittance_id", nullable=True),
    _text("cause"),
    _link("document_id", index=False),
    _date("entry_date"),
    _link("reverses", nullable=True),
    _link("import_id", index=False, nullable=True),
    _date("recorded_on"),  # when it was written; entry_date is when it counts
    _date("accounting_date"),  # the day of the ledger it stands on, never in a closed period
    *rare_link("journal_entries", "patient_payment_id"),
    *rare_link("journal_entries", "desk_entry_id"),  # an entry by hand that is about no claim
)

#: The few postings that provider adjustments (PLB) make, found without reading all others.
PROVIDER_ACCOUNTS = "account IN ('provider_adjustment', 'interest')"

postings = sa.Table(
    "postings",
    metadata,
    _link("entry_id"),
    _text("account"),
    _cents("cents"),
    _link("claim_id", nullable=True),
    sa.Column("line", sa.Integer, nullable=False, default=0),
    sa.Column("payer_rank", sa.Integer, nullable=False, default=0),
    _link("remittance_id", nullable=True),
    _text("detail"),
    sa.Index(
        "ix_postings_provider_adjustments",
        "remittance_id",
        sqlite_where=sa.text(PROVIDER_ACCOUNTS),
        postgresql_where=sa.text(PROVIDER_ACCOUNTS),
    ),
)

#: Highest priority first, then the nearest limit, then as they came.
_ORDER_OF_WORK = (sa.text("priority DESC"), sa.text("coalesce(deadline, '9999-12-31')"), "id")

denials = sa.Table(
    "denials",
    metadata,
    _id(),
    _link("claim_payment_id", nullable=True),
    _link("claim_id", nullable=True),
    sa.Column("service", sa.Integer, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    _text("group_code"),
    _text("reason"),
    _text("remarks"),
    _cents("amount_cents"),
    _text("status"),
    _text("category"),
    _text("next_action"),
    _date("deadline"),
    _cents("expected_value_cents"),
    _text("facts"),  # JSON of the facts the assessment rests on
    _text("kind"),  # of ``model.casework``: denied, rejected, silent_denial
    _link("correspondence_id", nullable=True),  # what rejected the claim
    _cents("at_stake_cents"),  # what can still be won
    _cents("weight_cents"),  # what its priority is made of, whatever the day
    sa.Column("priority", sa.BigInteger, nullable=False, default=0),  # on the day last ranked
    _date("waits_until"),  # when to look at it again; none: it can be worked
    sa.Column("limit_counts", sa.Integer, nullable=False, server_default="1"),  # 0: met, or ended
    sa.Index("ix_denials_worklist", "status", "expected_value_cents"),
    sa.Index("ix_denials_priority", "status", *_ORDER_OF_WORK),
    sa.Index("ix_denials_category_priority", "status", "category", *_ORDER_OF_WORK),
)

exceptions = sa.Table(
    "exceptions",
    metadata,
    _id(),
    _text("kind"),
    _link("claim_payment_id", nullable=True),
    _link("remittance_id", nullable=True),
    _link("claim_id", nullable=True, index=False),
    _link("import_id"),
    _cents("amount_cents"),
    _text("reason"),
    _text("candidates"),
    sa.Column("status", sa.Text, nullable=False, index=True),  # open, settled, undone
    _link("settled_by", nullable=True, index=False),
    _link("correspondence_id", nullable=True),
    _link("patient_payment_id", nullable=True),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _id(),
    #: to_claim, open_claim, post_anyway, let_post, hold, write_off:KIND, release:HOLD; of deposits
    #: see store/bank.py
    _text("kind"),
    _link("exception_id"),
    _link("claim_payment_id", nullable=True),
    _link("remittance_id", nullable=True),
    _link("claim_id", nullable=True),
    _text("reason"),
    _text("user_name"),
    _text("decided_at"),
    _text("status"),  # active, undone
    _link("deposit_id", nullable=True),
    _link("correspondence_id", nullable=True),
    _cents("amount_cents"),  # what is written off
    _date("until"),  # to when an exception is held
    _link("patient_payment_id", nullable=True),
    _link("desk_entry_id", nullable=True, index=False),  # a refund cheque to a payer
)

#: What closes the books up to a day; a closed period takes no new entries.
closings = sa.Table(
    "closings",
    metadata,
    _id(),
    sa.Column("closed_through", sa.Date, nullable=False),
    _text("reason"),
    _text("user_name"),
    _text("decided_at"),
    _text("status"),  # active, undone
)

#: Claims that were written from the book: which document each follows, by the documents' sort keys,
#: so that the written file is the same claim whenever it is imported.
written_claims = sa.Table(
    "written_claims",
    metadata,
    _id(),
    _link("import_id"),  # the import that brought the written file in
    _text("sort_key", index=True),
    _text("source_sort_key", index=True),
    _text("number_key"),
    _text("source_number_key"),
    _text("kind"),  # replacement, void, again, next_payer
    _text("frequency"),
    _text("payer_name"),
    _text("payer_claim_control_number"),
    _text("control_number"),
    _text("sha256"),
    _text("reason"),
    _text("user_name"),
    _text("written_at"),
)
