"""Lists of what the book holds: imports, remittances, claims, accounts, page by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import codes
from medcollect.errors import BadRequest, NotFound
from medcollect.ids import name, number_of
from medcollect.model.posting import UNAPPLIED
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.engine import Store, chunks
from medcollect.store.running import status_now
from medcollect.store.tables import (
    accounts,
    claim_payments,
    claims,
    files,
    imports,
    postings,
    remittances,
)
from medcollect.tasks.figures import as_text, claim_summary, figures_of_row, text_of

Row = dict[str, Any]


def _page(
    connection: sa.Connection,
    table: sa.Table,
    letter: str,
    limit: int,
    after: str | None,
    condition: sa.ColumnElement[bool] | None = None,
) -> tuple[list[Row], str | None]:
    """Rows in the order of their ids behind the cursor, and the cursor for the next page."""
    query = sa.select(table).order_by(table.c.id).limit(limit + 1)
    if condition is not None:
        query = query.where(condition)
    if after is not None:
        number = number_of(after, letter)
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        query = query.where(table.c.id > number)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    following = name(letter, rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], following


def _found(connection: sa.Connection, table: sa.Table, letter: str, identifier: str) -> Row:
    """The row behind an id; raises NotFound."""
    number = number_of(identifier, letter)
    row = connection.execute(sa.select(table).where(table.c.id == (number or 0))).first()
    if row is None:
        message = f"There is no {table.name.rstrip('s')} with this id."
        raise NotFound(message, f"The list of {table.name} has the id of every one of them.")
    return dict(row._mapping)


def list_imports(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Imports, oldest first."""
    with store.reading() as connection:
        rows, following = _page(connection, imports, "I", limit, after)
        return {"imports": [_import(connection, row) for row in rows], "next": following}


def all_imports(store: Store) -> list[Row]:
    """Every import, oldest first."""
    with store.reading() as connection:
        found = connection.execute(sa.select(imports).order_by(imports.c.id))
        return [_import(connection, dict(row._mapping)) for row in found]


def _import(connection: sa.Connection, row: Row) -> Row:
    """An import with its files and, once it is done, what it answered."""
    found = connection.execute(
        sa.select(files).where(files.c.import_id == row["id"]).order_by(files.c.id)
    )
    summary = msgspec.json.decode(row["summary"]) if row["summary"] else {}
    return {
        **summary,
        "id": name("I", row["id"]),
        "import": name("I", row["id"]),
        "started_at": row["started_at"],
        "status": status_now(connection, row["id"], row["status"]),
        "files": [
            {
                "id": name("F", f.id),
                "path": f.label,
                "sha256": f.sha256,
                "status": f.status,
                "findings": msgspec.json.decode(f.findings or "[]"),
            }
            for f in found
        ],
    }


def show_import(store: Store, identifier: str) -> Row:
    """One import; raises NotFound."""
    with store.reading() as connection:
        return _import(connection, _found(connection, imports, "I", identifier))


def list_remittances(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Remittances in the order they came."""
    with store.reading() as connection:
        rows, following = _page(connection, remittances, "R", limit, after)
        return {"remittances": remittance_rows(connection, rows), "next": following}


def remittance_rows(connection: sa.Connection, rows: Sequence[Row]) -> list[Row]:
    """Remittances with their money: paid, kept back, posted, not applied."""
    unapplied: dict[int, int] = defaultdict(int)
    for some in chunks([row["id"] for row in rows]):
        query = (
            sa.select(postings.c.remittance_id, sa.func.sum(postings.c.cents))
            .where(postings.c.remittance_id.in_(some), postings.c.account == UNAPPLIED)
            .group_by(postings.c.remittance_id)
        )
        unapplied.update({row[0]: -int(row[1]) for row in connection.execute(query)})
    return [_remittance(row, unapplied[row["id"]]) for row in rows]


def _remittance(row: Row, unapplied: int) -> Row:
    """One remittance in a list."""
    counts = row["status"] == "active"
    posted = row["payment_cents"] - unapplied if counts else 0
    return {
        "id": name("R", row["id"]),
        "import": name("I", row["import_id"]),
        "payer": row["payer_name"],
        "trace_number": row["trace_number"],
        "payment_date": text_of(row["payment_date"]),
        "payment_method": row["payment_method"],
        "claim_payments": row["claim_payments"],
        "paid": format_cents(row["claims_paid_cents"]),
        "provider_adjustments": format_cents(row["provider_adjustment_cents"]),
        "payment": format_cents(row["payment_cents"]),
        "posted": format_cents(posted),
        "unapplied": format_cents(unapplied),
        "status": row["held"] if counts and row["held"] else row["status"],
    }


def show_remittance(store: Store, identifier: str) -> Row:
    """One remittance with its claim payments and provider adjustments; raises NotFound."""
    with store.reading() as connection:
        row = _found(connection, remittances, "R", identifier)
        answer = remittance_rows(connection, [row])[0]
        query = (
            sa.select(claim_payments)
            .where(claim_payments.c.remittance_id == row["id"])
            .order_by(claim_payments.c.id)
        )
        answer["payments"] = [_payment(dict(p._mapping)) for p in connection.execute(query)]
    adjustments = facts.decode_adjustments(row["provider_adjustments"])
    answer["adjustments"] = [
        {
            "code": a.code,
            "label": _label(a.code),
            "reference": a.reference,
            "amount": format_cents(a.cents),
        }
        for a in adjustments
    ]
    return answer


def _label(code: str) -> str:
    known = codes.provider_adjustment_code(code)
    return known.label if known is not None else "unknown code"


def _payment(row: Row) -> Row:
    """One claim payment of a remittance."""
    return {
        "id": name("P", row["id"]),
        "patient_control_number": row["patient_control_number"],
        "claim": name("C", row["claim_id"]) if row["claim_id"] else None,
        "status": row["status_code"],
        "charge": format_cents(row["charge_cents"]),
        "paid": format_cents(row["paid_cents"]),
        "outcome": row["outcome"],
        "held": row["held"],
        "segment": row["segment"],
    }


def list_claims(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Claims in the order they came, with their figures."""
    with store.reading() as connection:
        active = claims.c.status == "active"
        rows, following = _page(connection, claims, "C", limit, after, active)
    return {"claims": [claim_summary(row) for row in rows], "next": following}


def list_accounts(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Accounts with what their patients owe."""
    with store.reading() as connection:
        in_use = accounts.c.id.in_(
            sa.select(claims.c.account_id).where(claims.c.status == "active")
        )
        rows, following = _page(connection, accounts, "A", limit, after, in_use)
        found = [_account(connection, row) for row in rows]
    return {"accounts": found, "next": following}


def _account(connection: sa.Connection, row: Row) -> Row:
    """One account in a list."""
    query = sa.select(claims).where(claims.c.account_id == row["id"], claims.c.status == "active")
    sums: dict[str, int] = defaultdict(int)
    count = 0
    for claim in connection.execute(query):
        count += 1
        for key, cents in figures_of_row(dict(claim._mapping)).items():
            sums[key] += cents
    return {
        "id": name("A", row["id"]),
        "patient": {"last_name": row["last_name"], "first_name": row["first_name"]},
        "claims": count,
        **as_text(dict(sums)),
    }
