"""Tables of the work on denials: the steps that people take, and where each case stands."""

from __future__ import annotations

import sqlalchemy as sa

from medcollect.store.columns import cents, day, identifier, link, metadata, rare_link, text

#: What people did about a denial (``model.casework``): facts. A case is known by its claim (keys
#: as of entries by hand), the payer that refused, and the reason.
case_steps = sa.Table(
    "case_steps",
    metadata,
    identifier(),
    text("kind"),
    day("day"),
    sa.Column("details", sa.LargeBinary, nullable=False),
    text("named"),
    text("number_key", index=True),
    text("birth_key"),
    text("member_key"),
    day("service_from"),
    text("payer_key"),
    text("cause"),
    link("decision_id", nullable=True, index=False),  # what a write-off posted by
    text("reason"),
    text("user_name"),
    text("recorded_at"),
    text("status"),  # active, undone
    *rare_link("case_steps", "bulk"),  # the first of the steps that were taken at once
)

#: What was learned of tries that have ended, by payer (upper case; empty: all) and category.
denial_experience = sa.Table(
    "denial_experience",
    metadata,
    sa.Column("payer", sa.Text, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("won_basis_points", sa.BigInteger, nullable=False),  # added up over the tries
)

#: Where a case stands that somebody worked on or that later answers moved; all others are new.
denial_cases = sa.Table(
    "denial_cases",
    metadata,
    identifier(),
    link("claim_id", index=False),
    text("payer_key"),
    text("cause"),
    link("denial_id"),  # the first of its amounts: the case goes by its id
    text("state", index=True),
    text("owner"),
    day("follow_up"),  # the next day to look at it
    cents("refused_cents"),
    cents("won_cents"),
    sa.Column("outcomes", sa.LargeBinary, nullable=False),
    sa.Index("ix_denial_cases_claim_id", "claim_id", "payer_key", "cause"),
    sa.Index("ix_denial_cases_owner", "owner", "state"),
)
