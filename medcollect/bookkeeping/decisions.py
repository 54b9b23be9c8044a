"""People's decisions as facts of the book: recorded, followed whenever judged, and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.paying import post_payments
from medcollect.bookkeeping.release import hold_remittance, judge_payments, judge_statuses
from medcollect.bookkeeping.remittances import ACTIVE, REISSUED, keep_remittances
from medcollect.store.bank import BANK_DECISIONS
from medcollect.store.engine import allocate, bulk_load, update_rows
from medcollect.store.tables import decisions, exceptions, remittances

#: A release names the hold, so that taking it back can put it back.
RELEASE = "release:"
#: The exception waits on, out of the daily list.
HOLD = "hold"


def add_decision(
    connection: sa.Connection,
    *,
    kind: str,
    exception_id: int,
    reason: str,
    user: str,
    **concerns: Any,
) -> dict[str, Any]:
    """Record a decision; it has no effect until it is applied.

    ``concerns`` are the columns that say what it is about: ``claim_payment_id``,
    ``remittance_id``, ``claim_id``, ``deposit_id``, ``patient_payment_id``, ``desk_entry_id``,
    ``amount_cents``, ``until``.
    """
    row = {
        **{column.name: None for column in decisions.columns},
        "amount_cents": 0,
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
    if decision["kind"].startswith(RELEASE):
        return hold_remittance(connection, decision["remittance_id"], "", ACTIVE, today)
    return _judge(connection, decision, today)


def take_decision_back(connection: sa.Connection, decision: dict[str, Any], today: date) -> int:
    """Undo a decision and judge anew without it; returns how many entries were reversed."""
    update_rows(connection, decisions, [{"id": decision["id"], "status": "undone"}])
    if not decision["kind"].startswith(RELEASE):
        return _judge(connection, decision, today)
    held = decision["kind"].removeprefix(RELEASE)
    status = REISSUED if held == "reissued_payment" else ACTIVE
    held = "" if status == REISSUED else held
    return hold_remittance(connection, decision["remittance_id"], held, status, today)


def _judge(connection: sa.Connection, decision: dict[str, Any], today: date) -> int:
    """Judge the payment, the remittance or the claim that a decision is about."""
    if decision["kind"] == HOLD or decision["kind"] in BANK_DECISIONS:
        return 0  # the list of exceptions and reconcile read them anew
    if decision["patient_payment_id"] is not None:
        return post_payments(connection, [decision["patient_payment_id"]], None, today)
    if decision["correspondence_id"] is not None:
        return judge_statuses(connection, [decision["correspondence_id"]], today)
    if decision["claim_payment_id"] is not None:
        return judge_payments(connection, [decision["claim_payment_id"]], today)
    if decision["remittance_id"] is not None:
        query = sa.select(remittances).where(remittances.c.id == decision["remittance_id"])
        row = dict(connection.execute(query).one()._mapping)
        return keep_remittances(connection, [row], None, today)
    closure = Closure(connection)
    closure.add_claims([decision["claim_id"]])
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections
