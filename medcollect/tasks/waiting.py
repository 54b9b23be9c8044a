"""Whom a claim waits for, since when, until when, and what to do once that day has passed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from medcollect.model.policies import Policies
from medcollect.store.engine import chunks
from medcollect.store.policies import newest
from medcollect.store.tables import claim_payments, claims
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

#: Why a payer is expected (``ledger.coordination.Wait``): what happened, and what to do when the
#: wait is over.
WAITS: dict[str, tuple[str, str]] = {
    "first_answer": (
        "The claim was sent; the payer has yet to answer.",
        "Check the claim's status with the payer (276); where it never arrived, send it again.",
    ),
    "opening": (
        "By the opening balance this payer still owes what is open.",
        "Check the claim's status with the payer (276), or in the system it came from.",
    ),
    "named": (
        "The claim, or a coverage entered by hand, names this payer after the one that answered.",
        (
            "See whether the claim was sent there with the answer before; if not, bill it now. "
            "Else check its status (276)."
        ),
    ),
    "forwarded": (
        "The payer before passed the claim on.",
        (
            "Check the claim's status there (276); where nothing arrived, bill it yourself "
            "with the answer before."
        ),
    ),
    "bill_next_payer": (
        "The payer before did not pass the claim on and says to bill the next one.",
        "Bill the next payer now, with the answer before.",
    ),
    "resent": (
        "The claim was sent to this payer again; it has yet to answer that.",
        (
            "Check the claim's status with the payer (276). Its time to appeal what it refused "
            "before runs on: see the denials with status resent."
        ),
    ),
    "moved": (
        "The patient's part was moved to this payer by hand.",
        "Bill this payer with the answers before; else check the claim's status there (276).",
    ),
    "transfer_failed": (
        "The payer before could not pass the claim on.",
        "Correct the coverage and bill the next payer yourself, with the answer before.",
    ),
}

#: Waits that nobody else will end: there is something to do from the first day on.
_TO_DO_NOW = frozenset({"bill_next_payer", "transfer_failed"})


_ANSWER_HELD = "An answer is on file and not posted: settle its exception first."


def claims_with_held_answers(connection: sa.Connection) -> set[int]:
    """Claims with an answer on file that is not posted: their payer is not to be asked again."""
    query = sa.select(claim_payments.c.claim_id).where(
        claim_payments.c.outcome.in_(("held", "exception")), claim_payments.c.claim_id.is_not(None)
    )
    return {int(row[0]) for row in connection.execute(query.distinct())}


def waits_of_claims(
    connection: sa.Connection, numbers: Collection[int], today: date
) -> dict[int, Row]:
    """The waits of some claims, by their ids."""
    in_force = newest(connection).policies if numbers else Policies()
    found: dict[int, Row] = {}
    for some in chunks(sorted(numbers)):
        for row in connection.execute(sa.select(claims).where(claims.c.id.in_(some))):
            wait = wait_of_row(dict(row._mapping), in_force, today)
            if wait is not None:
                found[row.id] = wait
    return found


def wait_of_row(
    row: Row, policies: Policies, today: date, *, answer_held: bool = False
) -> Row | None:
    """A claim's wait, ``None`` where nobody is waited for or nothing is open.

    For a rejected claim nobody is: no payer will answer it, it is to be corrected (denials).
    """
    is_open = row["waiting_rank"] and row["insurance_receivable_cents"] > 0
    if not is_open or row["state"] == "rejected":
        return None
    payer = row["waiting_payer"] or (row["payer_name"] if row["waiting_rank"] == 1 else "")
    since = row["waiting_since"]
    days = policies.waiting.days_for(payer, row["waiting_rank"], since)
    until = since + timedelta(days=days) if since is not None else None
    overdue = (today - until).days if until is not None else 0
    what, action = WAITS[row["waiting_why"] or "first_answer"]
    if answer_held:
        action = _ANSWER_HELD
    to_do = answer_held or overdue > 0 or row["waiting_why"] in _TO_DO_NOW
    return {
        "payer": payer or None,
        "rank": row["waiting_rank"],
        "why": row["waiting_why"],
        "text": what,
        "since": text_of(since),
        "until": text_of(until),
        "days_overdue": max(overdue, 0),
        "overdue": overdue > 0,
        "action": action if to_do else "Wait.",
    }
