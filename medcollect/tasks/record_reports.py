"""The reports of what was done to the book: imports, decisions, closings, each with its id."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.ids import name
from medcollect.store import tables
from medcollect.store.engine import Store
from medcollect.store.identities import UNDONE
from medcollect.tasks.closing import closing_rows
from medcollect.tasks.figures import text_of
from medcollect.tasks.ledger_reports import Column, Sheet
from medcollect.tasks.lists import all_imports

Row = dict[str, Any]


def imports(store: Store, as_of: date | None) -> Sheet:
    """Every import, for whoever looks for what to undo; figures are those it answered with."""
    columns: list[Column] = [
        ("id", "text", "our import: what undo takes back"),
        ("started", "date", "the day it began"),
        ("status", "text", "done, undone, running, or stopped: killed before it was done"),
        ("files", "number", "files it read"),
        ("remittances", "number", "remittances (835) that were new"),
        ("claims", "number", "claims (837) that were new"),
        ("paid", "money", "sum of their claim payments"),
        ("exceptions", "number", "what it left for a person"),
        ("undone", "money", "what it paid, where it was taken back: not counted"),
    ]
    rows = [
        {
            "id": item["id"],
            "started": item["started_at"][:10],
            "status": item["status"],
            "files": len(item["files"]),
            **{key: item.get(key) for key in ("remittances", "claims", "exceptions")},
            **_paid(item),
        }
        for item in all_imports(store)
        if as_of is None or item["started_at"][:10] <= as_of.isoformat()
    ]
    return columns, rows


def _paid(item: Row) -> Row:
    """What an import paid, as it counts: apart where the import was taken back."""
    paid = item.get("paid")
    if item["status"] == UNDONE and paid is not None:
        return {"paid": "0.00", "undone": paid}
    return {"paid": paid, "undone": "0.00"}


def decisions(store: Store, as_of: date | None) -> Sheet:
    """Every decision and every version of the settings: who, what, why, and the id for undo."""
    columns: list[Column] = [
        ("id", "text", "our decision: what undo takes back"),
        ("decided", "date", "the day it was taken"),
        ("user", "text", "who took it"),
        ("kind", "text", "what was decided"),
        ("exception", "text", "the exception it settled"),
        ("claim", "text", "the claim it names"),
        ("status", "text", "active or undone"),
        ("reason", "text", "why, in the person's words"),
    ]
    with store.reading() as connection:
        found = connection.execute(sa.select(tables.decisions).order_by("id")).all()
        versions = connection.execute(sa.select(tables.policies).order_by("id")).all()
    rows = [
        {
            "id": name("D", row.id),
            "decided": row.decided_at[:10],
            "user": row.user_name,
            "kind": row.kind,
            "exception": name("X", row.exception_id) if row.exception_id else None,
            "claim": name("C", row.claim_id) if row.claim_id else None,
            "status": row.status,
            "reason": row.reason,
        }
        for row in found
    ]
    rows += [
        {
            "id": name("S", row.id),
            "decided": row.decided_at[:10],
            "user": row.user_name,
            "kind": "settings",
            "exception": None,
            "claim": None,
            "status": row.status,
            "reason": row.reason,
        }
        for row in versions
    ]
    return columns, [row for row in rows if as_of is None or row["decided"] <= as_of.isoformat()]


def closings(store: Store, as_of: date | None, since: date | None) -> Sheet:
    """Every closing of a period, for whoever asks who closed what, or what to undo."""
    columns: list[Column] = [
        ("id", "text", "our closing: what undo takes back"),
        ("closed_through", "date", "the last day that is closed"),
        ("decided", "date", "the day it was taken"),
        ("user", "text", "who took it"),
        ("status", "text", "active or undone"),
        ("reason", "text", "why, in the person's words"),
    ]
    first, last = text_of(since) or "", text_of(as_of) or "9999"
    return columns, [row for row in closing_rows(store) if first <= row["decided"] <= last]
