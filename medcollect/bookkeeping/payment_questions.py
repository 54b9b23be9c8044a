"""Exceptions over patient payments: what waits for a person, kept in step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from medcollect.ledger.patient_payments import PAYMENT_HOLDS, SettledPayment
from medcollect.store.engine import allocate, bulk_load, chunks, update_rows
from medcollect.store.tables import exceptions

Row = dict[str, Any]


def keep_payment_questions(
    connection: sa.Connection,
    payments: dict[int, Row],
    settled: Sequence[SettledPayment],
    import_id: int | None,
) -> None:
    """Open an exception for each payment that is held, settle those that are not any more."""
    held = {one.payment.id: one for one in settled if one.hold and one.payment.returned_on is None}
    known = _known(connection, sorted(payments))
    changes = []
    for (kind, number), row in known.items():
        one = held.get(number)
        is_open = one is not None and one.hold == kind
        if is_open != (row.status == "open"):
            status = "open" if is_open else "settled"
            by = None if is_open else import_id
            changes.append({"id": row.id, "status": status, "settled_by": by})
    update_rows(connection, exceptions, changes)
    fresh = [one for number, one in held.items() if (one.hold, number) not in known]
    if fresh:
        first = allocate(connection, exceptions, len(fresh))
        rows = [
            _row(first + place, one, payments[one.payment.id], import_id)
            for place, one in enumerate(fresh)
        ]
        names = [column.name for column in exceptions.columns]
        bulk_load(connection, exceptions, [tuple(row.get(n) for n in names) for row in rows])


def _known(connection: sa.Connection, payments: Sequence[int]) -> dict[tuple[str, int], Any]:
    """Exceptions of these payments by kind and payment."""
    found: dict[tuple[str, int], Any] = {}
    for some in chunks(payments):
        query = sa.select(exceptions).where(exceptions.c.patient_payment_id.in_(some))
        for row in connection.execute(query):
            found[row.kind, row.patient_payment_id] = row
    return found


def _row(number: int, one: SettledPayment, payment: Row, import_id: int | None) -> Row:
    """A new exception."""
    return {
        "id": number,
        "kind": one.hold,
        "claim_id": payment["link"][1],
        "import_id": import_id or payment["import_id"] or 0,
        "amount_cents": one.payment.cents,
        "reason": PAYMENT_HOLDS[one.hold],
        "candidates": "[]",
        "status": "open",
        "patient_payment_id": one.payment.id,
    }
