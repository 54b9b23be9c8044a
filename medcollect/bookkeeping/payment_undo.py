"""Take patient payments back; the claims of their accounts are settled without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.paying import post_payments
from medcollect.errors import NotAllowed
from medcollect.ids import name
from medcollect.store.engine import chunks
from medcollect.store.identities import ACTIVE, undo_identities
from medcollect.store.tables import patient_payments


def payments_of_import(connection: sa.Connection, import_id: int) -> list[Any]:
    """The payments of an import, those known from elsewhere too.

    Raises NotAllowed where one came back, or was refunded, since.
    """
    query = sa.select(patient_payments).where(patient_payments.c.import_id == import_id)
    rows = list(connection.execute(query).all())
    refuse_returned(connection, rows)
    return rows


def standing_payments(connection: sa.Connection, numbers: Sequence[int]) -> list[Any]:
    """Rows of the payments and returns among these that count."""
    query = sa.select(patient_payments).where(
        patient_payments.c.id.in_(numbers), patient_payments.c.status == ACTIVE
    )
    return list(connection.execute(query).all())


def refuse_returned(connection: sa.Connection, rows: Sequence[Any]) -> None:
    """A payment whose return or refund is on record is undone after it."""
    for some in chunks([row.id for row in rows]):
        query = sa.select(patient_payments.c.id).where(
            patient_payments.c.returns.in_(some), patient_payments.c.status == ACTIVE
        )
        listed = ", ".join(name("M", row[0]) for row in connection.execute(query))
        if listed:
            message = f"A payment came back, or was refunded, since: {listed}."
            raise NotAllowed(message, f"Undo {listed} first.")


def undo_payments(connection: sa.Connection, rows: Sequence[Any], today: date) -> int:
    """Mark payments and returns undone and settle without them; entries that it reversed."""
    if not rows:
        return 0
    heirs = undo_identities(connection, patient_payments, rows)
    return post_payments(connection, [*(row.id for row in rows), *heirs], None, today)
