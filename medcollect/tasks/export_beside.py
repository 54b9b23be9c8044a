"""What goes out beside open balances for people to see: refusals that are worked, and what waits.

No other system, nor this one, takes it in with the balances: refusals begin with the answers that
come, and what waits in exceptions is on no claim. It stands in tables of its own, so that nobody
has to wonder where it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from medcollect.ids import name
from medcollect.model.casework import DENIED
from medcollect.money import format_cents
from medcollect.store.engine import chunks
from medcollect.store.tables import denials, exceptions
from medcollect.tasks.exception_list import exception_query
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

#: The columns of each table, with their kinds.
BESIDE_FIELDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "denials": (
        ("claim", "text"), ("line", "number"), ("group", "text"), ("reason", "text"),
        ("remarks", "text"), ("amount", "money"), ("deadline", "date"),
    ),
    "exceptions": (
        ("exception", "text"), ("kind", "text"), ("claim", "text"), ("payer", "text"),
        ("trace_number", "text"), ("payment_date", "date"), ("amount", "money"),
        ("reason", "text"),
    ),
}  # fmt: skip


def tables_beside(connection: sa.Connection, numbers: dict[int, str]) -> list[Row]:
    """The tables that have rows; ``numbers`` are the claims that go out, as they are called."""
    rows = {"denials": _denials(connection, numbers), "exceptions": _exceptions(connection)}
    return [
        {
            "report": table,
            "columns": [{"name": n, "type": kind, "means": ""} for n, kind in fields],
            "rows": rows[table],
        }
        for table, fields in BESIDE_FIELDS.items()
        if rows[table]
    ]


def _denials(connection: sa.Connection, numbers: dict[int, str]) -> list[Row]:
    """What payers refused of these claims and is still worked."""
    found: list[Row] = []
    for some in chunks(sorted(numbers)):
        query = sa.select(denials).where(
            denials.c.claim_id.in_(some), denials.c.status == "open", denials.c.kind == DENIED
        )
        rows = connection.execute(query.order_by(denials.c.claim_id, denials.c.id))
        found += [_denial(row, numbers[row.claim_id]) for row in rows]
    return found


def _denial(row: Any, number: str) -> Row:
    """One refusal."""
    return {
        "claim": number,
        "line": row.line,
        "group": row.group_code,
        "reason": row.reason,
        "remarks": row.remarks,
        "amount": format_cents(row.amount_cents),
        "deadline": text_of(row.deadline),
    }


def _exceptions(connection: sa.Connection) -> list[Row]:
    """What waits for a person: its money is on no claim, or not yet."""
    query = exception_query().where(exceptions.c.status == "open").order_by(exceptions.c.id)
    return [_exception(row) for row in connection.execute(query)]


def money_waiting(tables: Sequence[Row]) -> str:
    """How many exceptions stay behind, as a sentence; empty for none."""
    waiting: list[Row] = next((t["rows"] for t in tables if t["report"] == "exceptions"), [])
    if not waiting:
        return ""
    what = f"{len(waiting)} exceptions wait" if len(waiting) > 1 else "1 exception waits"
    return f"{what} for a person and no balance holds what they are about: table exceptions."


def _exception(row: Any) -> Row:
    """One exception."""
    return {
        "exception": name("X", row.id),
        "kind": row.kind,
        "claim": row.patient_control_number,
        "payer": row.payer_name,
        "trace_number": row.trace_number,
        "payment_date": text_of(row.payment_date or row.received_on),
        "amount": format_cents(row.amount_cents),
        "reason": row.reason,
    }
