"""People's decisions on exceptions: where a payment belongs, and what posts anyway.

A decision is a fact like a file: recorded with user and reason, followed whenever the payment is
judged, and undoable.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.questions import ACTIONS
from medcollect.bookkeeping.release import hold_remittance, judge_payments, judge_statuses
from medcollect.bookkeeping.remittances import ACTIVE, REISSUED
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.matching.keys import number_key
from medcollect.model.posting import PAYER_CASH, UNAPPLIED
from medcollect.money import format_cents
from medcollect.store.bank import BANK_DECISIONS
from medcollect.store.engine import Store, allocate, bulk_load, last_id, update_rows
from medcollect.store.tables import claims, decisions, exceptions, journal_entries, postings

_RELEASE = "release:"


def resolve(
    store: Store,
    exception_id: str,
    *,
    to: str | None = None,
    open_claim: bool = False,
    post_anyway: bool = False,
    reason: str,
    user: str,
    today: date | None = None,
) -> dict[str, Any]:
    """Settle an exception by a person's decision, on record and undoable.

    Exactly one of ``to`` (a claim's id or number), ``open_claim`` and ``post_anyway`` is given.
    Raises NotFound, NotAllowed (the action does not fit the exception), BadRequest.
    """
    day = today or dates.today()
    action = _action(to, open_claim=open_claim, post_anyway=post_anyway, reason=reason)
    with store.writing() as connection:
        row = _open_exception(connection, exception_id)
        if action not in ACTIONS.get(row.kind, ()):
            allowed = ", ".join(ACTIONS.get(row.kind, ())) or "none yet"
            raise NotAllowed(
                f"This kind of exception ({row.kind}) cannot be settled that way.",
                f"What it allows: {allowed}.",
            )
        before = _open_exceptions(connection)
        decision = add_decision(
            connection,
            kind=_decision_kind(action, row),
            exception_id=row.id,
            claim_payment_id=row.claim_payment_id,
            remittance_id=row.remittance_id if row.claim_payment_id is None else None,
            claim_id=_claim_id(connection, to) if to is not None else None,
            reason=reason,
            user=user,
        )
        last_entry = last_id(connection, journal_entries)
        apply_decision(connection, decision, day)
        posted = _applied_since(connection, last_entry)
        after = _open_exceptions(connection)
    settled = sorted(before - after)
    return {
        "decision": name("D", decision["id"]),
        "exception": name("X", row.id),
        "posted": format_cents(posted),
        "settled": [name("X", number) for number in settled],
        "opened": [name("X", number) for number in sorted(after - before)],
    }


def _action(to: str | None, *, open_claim: bool, post_anyway: bool, reason: str) -> str:
    """The one action asked for."""
    asked = [
        action
        for action, given in (
            ("to", to is not None),
            ("open_claim", open_claim),
            ("post_anyway", post_anyway),
        )
        if given
    ]
    if len(asked) != 1:
        raise BadRequest(
            "Say exactly one thing to do.", "Use --to CLAIM, --open-claim or --post-anyway."
        )
    if not reason.strip():
        raise BadRequest("A decision needs its reason on record.", "Say it with --reason.")
    return asked[0]


def _open_exception(connection: sa.Connection, exception_id: str) -> Any:
    """The exception's row, if it still waits."""
    number = number_of(exception_id, "X")
    query = sa.select(exceptions).where(exceptions.c.id == number, exceptions.c.status == "open")
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such exception, or it is settled already.", "See exceptions.")
    return row


def _decision_kind(action: str, row: Any) -> str:
    """How the decision is recorded; a release names the hold, so that undo can put it back."""
    if action == "to":
        return "to_claim"
    if action == "post_anyway" and row.claim_payment_id is None:
        return f"{_RELEASE}{row.kind}"
    return action


def _claim_id(connection: sa.Connection, text: str) -> int:
    """The claim a person named, by our id or by its number."""
    by_id = claims.c.id == (number_of(text, "C") or 0)
    found = connection.execute(
        sa.select(claims.c.id).where(claims.c.status == "active", by_id)
    ).all()
    if not found:
        by_number = claims.c.number_key == number_key(text)
        query = sa.select(claims.c.id).where(claims.c.status == "active", by_number)
        found = connection.execute(query).all() if number_key(text) else []
    if not found:
        raise NotFound("There is no such claim.", "Name it by its id, such as C000001.")
    if len(found) > 1:
        raise NotAllowed("Several claims carry this number.", "Name one by its id (C000001).")
    return int(found[0][0])


def _open_exceptions(connection: sa.Connection) -> set[int]:
    query = sa.select(exceptions.c.id).where(exceptions.c.status == "open")
    return {int(row[0]) for row in connection.execute(query)}


def _applied_since(connection: sa.Connection, last_entry: int) -> int:
    """Cents that later entries applied: what they brought in less what they left unapplied."""
    query = sa.select(sa.func.sum(postings.c.cents)).where(
        postings.c.entry_id > last_entry, postings.c.account.in_([PAYER_CASH, UNAPPLIED])
    )
    return int(connection.execute(query).scalar() or 0)


def add_decision(
    connection: sa.Connection,
    *,
    kind: str,
    exception_id: int,
    reason: str,
    user: str,
    **concerns: int | None,
) -> dict[str, Any]:
    """Record a decision; it has no effect until it is applied.

    ``concerns`` are the columns that name what it is about (``claim_payment_id``, ``claim_id``,
    ``remittance_id``, ``deposit_id``).
    """
    row = {
        **{c.name: None for c in decisions.columns},
        **concerns,
        "id": allocate(connection, decisions, 1),
        "kind": kind,
        "exception_id": exception_id,
        "reason": reason,
        "user_name": user,
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "active",
        "correspondence_id": _letter_of(connection, exception_id),
    }
    bulk_load(connection, decisions, [tuple(row[c.name] for c in decisions.columns)])
    return row


def _letter_of(connection: sa.Connection, exception_id: int) -> int | None:
    """The 277CA, 277 or 276 that an exception is about, if it is about one."""
    query = sa.select(exceptions.c.correspondence_id).where(exceptions.c.id == exception_id)
    return connection.execute(query).scalar()


def apply_decision(connection: sa.Connection, decision: dict[str, Any], today: date) -> int:
    """Judge anew what a decision concerns; returns how many entries were reversed."""
    if decision["correspondence_id"] is not None:
        return judge_statuses(connection, [decision["correspondence_id"]], today)
    if decision["remittance_id"] is not None:
        return hold_remittance(connection, decision["remittance_id"], "", ACTIVE, today)
    return judge_payments(connection, [decision["claim_payment_id"]], today)


def take_decision_back(connection: sa.Connection, decision: dict[str, Any], today: date) -> int:
    """Undo a decision and judge anew without it; returns how many entries were reversed."""
    update_rows(connection, decisions, [{"id": decision["id"], "status": "undone"}])
    if decision["kind"] in BANK_DECISIONS:
        return 0  # reconcile reads them anew
    if decision["correspondence_id"] is not None:
        return judge_statuses(connection, [decision["correspondence_id"]], today)
    if decision["remittance_id"] is None:
        return judge_payments(connection, [decision["claim_payment_id"]], today)
    held = decision["kind"].removeprefix(_RELEASE)
    status = REISSUED if held == "reissued_payment" else ACTIVE
    held = "" if status == REISSUED else held
    return hold_remittance(connection, decision["remittance_id"], held, status, today)
