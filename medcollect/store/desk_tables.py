"""Tables of what comes in outside of X12: deposits, patients' payments, contracts."""

from __future__ import annotations

import sqlalchemy as sa

from medcollect.store.columns import cents, day, identifier, link, metadata, text

#: What patients paid, by command or table: facts. ``returned`` takes the payment it names back.
patient_payments = sa.Table(
    "patient_payments",
    metadata,
    identifier(),
    link("import_id", nullable=True),
    link("file_id", index=False, nullable=True),
    sa.Column("line", sa.Integer, nullable=False, default=0),
    text("kind"),  # payment, returned, refund
    link("returns", nullable=True),
    day("received_on"),
    cents("amount_cents"),
    text("method"),  # card, check, cash, other
    text("reference"),
    text("named"),  # the claim's number as it was given; empty: the account as a whole
    text("number_key", index=True),
    text("birth_key", index=True),
    text("member_key", index=True),
    day("service_from"),  # which of the patient's claims with this number
    text("identity", index=True),
    text("reason"),
    text("user_name"),
    text("recorded_at"),
    text("status"),  # active, duplicate, undone
    # what follows from the facts
    link("account_id", nullable=True),
    link("claim_id", nullable=True, index=False),
    cents("applied_cents"),
    text("held"),  # why it is not applied by rule, else empty
)

#: What people enter by hand about a patient or a claim (``model.desk``), and whom it is about.
desk_entries = sa.Table(
    "desk_entries",
    metadata,
    identifier(),
    text("kind"),  # coverage, coverage_end, move
    sa.Column("details", sa.LargeBinary, nullable=False),
    link("replaces", nullable=True, index=False),  # the entry that this one corrects
    text("named"),  # the claim's number as it was given; empty: the patient
    text("number_key", index=True),
    text("birth_key", index=True),
    text("member_key", index=True),
    day("service_from"),
    text("reason"),
    text("user_name"),
    text("recorded_at"),
    text("status"),  # active, undone
)

#: Versions of contracts and fee schedules: facts, of which the newest start decides.
contracts = sa.Table(
    "contracts",
    metadata,
    identifier(),
    text("kind"),  # contract, fee_schedule
    text("name"),
    text("payer"),
    text("plans"),  # kinds of plan (CLP06) it is limited to, separated by spaces
    sa.Column("valid_from", sa.Date, nullable=False),
    day("valid_to"),
    sa.Column("terms", sa.LargeBinary, nullable=False),  # the record as JSON, compressed
    sa.Column("row_count", sa.Integer, nullable=False, default=0),
    text("label"),  # the file it came from
    text("sha256"),
    text("findings"),
    text("reason"),
    text("user_name"),
    text("recorded_at"),
    text("status"),  # active, undone
)

#: What banks say came in: facts, one row for each deposit of each file.
deposits = sa.Table(
    "deposits",
    metadata,
    identifier(),
    link("import_id"),
    link("file_id", index=False),
    sa.Column("line", sa.Integer, nullable=False),
    text("identity", index=True),  # what makes it the same deposit in another file
    day("deposit_date", index=True),
    cents("amount_cents"),
    text("kind"),
    text("status"),  # active, duplicate, undone
    sa.Column("document", sa.LargeBinary, nullable=False),
)
