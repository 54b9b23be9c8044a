"""The reports of what payers sent: denials and remittances."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.store.engine import Store
from medcollect.store.tables import remittances
from medcollect.tasks.ledger_reports import Column
from medcollect.tasks.lists import remittance_rows
from medcollect.tasks.worklists import denial_rows

Row = dict[str, Any]


def denials(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every open denial with category, action and deadline."""
    columns: list[Column] = [
        ("id", "text", "our number of the denial"),
        ("kind", "text", "denied, or rejected before it was judged"),
        ("patient_control_number", "text", "the claim's number"),
        ("payer", "text", "who refused"),
        ("decided_on", "date", "when the payer decided"),
        ("procedure", "text", "procedure or revenue code"),
        ("group", "text", "who bears it, by the payer"),
        ("reason", "text", "claim adjustment reason code"),
        ("category", "text", "the kind of refusal"),
        ("amount", "money", "the refused amount"),
        (
            "at_stake",
            "money",
            "it, or what was taken back or underpaid; of rejected ones what is open",
        ),
        ("expected_value", "money", "amount times chance, less the work"),
        ("next_action", "text", "what to do next"),
        ("deadline", "date", "by when"),
        ("days_left", "number", "days until then"),
    ]
    with store.reading() as connection:
        rows = denial_rows(connection, today=as_of)
    if as_of is not None:
        rows = [r for r in rows if r["decided_on"] is None or r["decided_on"] <= str(as_of)]
    keys = [column for column, _, _ in columns]
    return columns, [{key: row[key] for key in keys} for row in rows]


def remittance_sheet(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every remittance: what it paid, what the payer kept, what is posted and what is not."""
    columns: list[Column] = [
        ("id", "text", "our remittance"),
        ("payment_date", "date", "check or EFT date"),
        ("payer", "text", "who paid"),
        ("trace_number", "text", "check or EFT number"),
        ("payment_method", "text", "ACH, CHK, NON ..."),
        ("claim_payments", "number", "claims answered"),
        ("paid", "money", "sum of the claim payments"),
        ("provider_adjustments", "money", "PLB: positive lowers the payment"),
        ("payment", "money", "BPR02 as it counts: posted and unapplied together"),
        ("posted", "money", "applied to claims and provider adjustments"),
        ("unapplied", "money", "waiting in exceptions"),
        ("reissued", "money", "a payment that is on file already: not counted"),
        ("status", "text", "active, why it is held, or reissued"),
    ]
    query = sa.select(remittances).where(remittances.c.status != "undone")
    if as_of is not None:
        query = query.where(remittances.c.payment_date <= as_of)
    with store.reading() as connection:
        found = [dict(row._mapping) for row in connection.execute(query.order_by("id"))]
        rows = [_counted(row) for row in remittance_rows(connection, found)]
    keys = [column for column, _, _ in columns]
    return columns, [{key: row[key] for key in keys} for row in rows]


def _counted(row: Row) -> Row:
    """A remittance's row with what counts: nothing of a payment that is on file already."""
    if row["status"] != "reissued":
        return {**row, "reissued": "0.00"}
    nothing = dict.fromkeys(("paid", "provider_adjustments", "payment"), "0.00")
    return {**row, **nothing, "reissued": row["payment"]}
