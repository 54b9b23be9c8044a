"""Remittances in the book: their receipt, their provider adjustments, and what holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect import codes
from medcollect.bookkeeping.cases import payer_key
from medcollect.bookkeeping.scan import Scanned
from medcollect.ids import name
from medcollect.model.policies import by_policy
from medcollect.model.posting import (
    INTEREST,
    PAYER_CASH,
    PROVIDER_ADJUSTMENT,
    UNAPPLIED,
    WRITE_OFF,
    Entry,
    Posting,
)
from medcollect.model.remittance import ProviderAdjustment
from medcollect.money import format_dollars
from medcollect.store import facts
from medcollect.store.engine import allocate, bulk_load, chunks, update_rows
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import exceptions

ACTIVE, REISSUED, UNDONE = "active", "reissued", "undone"

_INTEREST_CODE = "L6"
_NEEDS_PERSON = ("a person decides", "unapplied payer adjustment")

HOLD_REASONS = {
    "remittance_does_not_balance": "BPR02 is not the sum of the claim payments less the provider "
    "adjustments; nothing of this remittance is posted to claims.",
    "payment_unreadable": "The payment or a provider adjustment cannot be read; nothing of this "
    "remittance is posted to claims.",
    "debit_payment": "The payer takes money by this transaction; no rule posts a debit.",
    "payment_difference": "The check is not the sum of its claims and adjustments; a person "
    "released it, and the difference stays unapplied.",
    "foreign_currency": "The remittance is not in US dollars; nothing of it is posted.",
    "reissued_payment": "The same payment (payer, trace number, date) is on file with other "
    "content; this one is kept and not posted.",
}


def remittance_row(
    scanned: Scanned, transaction_id: int, import_id: int, status: str
) -> dict[str, Any]:
    """A remittance's row from the first pass."""
    header, end, totals = scanned.header, scanned.end, scanned.totals
    assert header is not None and end is not None and totals is not None  # noqa: S101, PT018
    return {
        "id": transaction_id,
        "import_id": import_id,
        "payment_key": scanned.payment_key,
        "trace_number": header.trace_number,
        "payer_key": payer_key(header.payer, header.payer_trace_id),
        "payer_name": header.payer.last_name,
        "payment_date": header.payment_date,
        "payment_method": header.payment_method,
        "payment_cents": scanned.counted_cents,
        "claims_paid_cents": totals.paid_cents,
        "provider_adjustment_cents": totals.provider_adjustments_cents,
        "claim_payments": totals.claim_payments,
        "held": scanned.held,
        "status": status,
        "reissue": int(status == REISSUED),
        "document": facts.encode_header(header),
        "provider_adjustments": facts.encode_adjustments(end.provider_adjustments),
    }


def wanted_entries(row: dict[str, Any]) -> list[Entry]:
    """The journal of a remittance itself: its receipt, then its provider adjustments.

    A held remittance posts only its receipt; a re-issued or undone one nothing.
    """
    if row["status"] != ACTIVE:
        return []
    remittance, cents = row["id"], row["payment_cents"]
    entries = []
    if cents:
        legs = (
            Posting(PAYER_CASH, cents, remittance=remittance),
            Posting(UNAPPLIED, -cents, remittance=remittance),
        )
        entries.append(Entry("receipt", remittance, row["payment_date"], legs))
    adjustments = facts.decode_adjustments(row["provider_adjustments"])
    legs_of = [leg for a in adjustments if a.cents for leg in _adjustment_legs(a, remittance)]
    if legs_of and not row["held"]:
        day = row["payment_date"]
        entries.append(Entry("provider_adjustment", remittance, day, tuple(legs_of)))
    return entries


def _adjustment_legs(adjustment: ProviderAdjustment, remittance: int) -> tuple[Posting, Posting]:
    """A PLB amount lowers what the claims of the remittance brought in."""
    account = INTEREST if adjustment.code == _INTEREST_CODE else PROVIDER_ADJUSTMENT
    detail = f"{adjustment.code}:{adjustment.reference}"
    return (
        Posting(account, adjustment.cents, remittance=remittance, detail=detail),
        Posting(UNAPPLIED, -adjustment.cents, remittance=remittance),
    )


def decided_entries(row: dict[str, Any], given_up: Sequence[dict[str, Any]]) -> list[Entry]:
    """What people gave up of a remittance: what the payer kept, or paid too little.

    A decision counts while the remittance still asks for it, and falls with it.
    """
    asked = [(kind, cents) for kind, cents, _ in wanted_exceptions(row)]
    entries = []
    for decision in given_up:
        cents = decision["amount_cents"]
        if (decision["issue"], cents) not in asked:
            continue
        asked.remove((decision["issue"], cents))
        kind = decision["kind"].partition(":")[2]
        detail = by_policy(kind, name("D", decision["id"]))
        legs = (
            Posting(WRITE_OFF, abs(cents), remittance=row["id"], detail=detail),
            _source(row, decision["issue"], cents),
        )
        day = date.fromisoformat(decision["decided_at"][:10])
        entries.append(Entry("decision", row["id"], day, legs))
    return entries


def _source(row: dict[str, Any], issue: str, cents: int) -> Posting:
    """Where what was given up stood: a provider adjustment, or short of what the claims took."""
    if issue == "payment_difference":
        return Posting(UNAPPLIED, cents, remittance=row["id"])
    adjustment = next(
        a
        for a in facts.decode_adjustments(row["provider_adjustments"])
        if a.cents == cents and _needs_person(a)
    )
    detail = f"{adjustment.code}:{adjustment.reference}"
    return Posting(PROVIDER_ADJUSTMENT, -cents, remittance=row["id"], detail=detail)


def wanted_exceptions(row: dict[str, Any]) -> list[tuple[str, int, str]]:
    """Kind, cents and reason of what a remittance asks of a person."""
    if row["status"] == UNDONE:
        return []
    if row["status"] == REISSUED:
        return [("reissued_payment", row["payment_cents"], HOLD_REASONS["reissued_payment"])]
    found = []
    if row["held"]:
        found.append((row["held"], row["payment_cents"], HOLD_REASONS[row["held"]]))
        return found
    parts = row["claims_paid_cents"] - row["provider_adjustment_cents"]
    if row["payment_cents"] != parts:
        difference = row["payment_cents"] - parts
        found.append(("payment_difference", difference, HOLD_REASONS["payment_difference"]))
    for adjustment in facts.decode_adjustments(row["provider_adjustments"]):
        if not adjustment.cents:
            continue
        if _needs_person(adjustment):
            known = codes.provider_adjustment_code(adjustment.code)
            label = known.label if known is not None else "unknown code"
            text = (
                f"Provider adjustment {adjustment.code} ({label}) of "
                f"{format_dollars(adjustment.cents)} is posted to its own account; a person says "
                "what it is for."
            )
            found.append(("provider_adjustment", adjustment.cents, text))
    return found


def _needs_person(adjustment: ProviderAdjustment) -> bool:
    """Whether the code table leaves it to a person what the amount is for."""
    known = codes.provider_adjustment_code(adjustment.code)
    return known is None or any(words in known.posting_suggestion for words in _NEEDS_PERSON)


def keep_remittances(
    connection: sa.Connection, rows: Sequence[dict[str, Any]], import_id: int | None, today: date
) -> int:
    """Bring journal and exceptions of these remittances in step with their rows.

    Returns how many entries were reversed.
    """
    if not rows:
        return 0
    journal = JournalWriter(connection, import_id, today)
    standing = journal.standing("remittance", [row["id"] for row in rows])
    given_up = facts.given_up_of_remittances(connection, [row["id"] for row in rows])
    for row in rows:
        old = standing.get(row["id"], [])
        wanted = wanted_entries(row) + decided_entries(row, given_up.get(row["id"], ()))
        journal.keep_in_step("remittance", row["id"], old, wanted)
    journal.write()
    _keep_exceptions(connection, rows, import_id, given_up)
    return journal.reversed_count


def _keep_exceptions(
    connection: sa.Connection,
    rows: Sequence[dict[str, Any]],
    import_id: int | None,
    given_up: dict[int, list[dict[str, Any]]],
) -> None:
    """Open the exceptions that remittances ask for and settle those they no longer do."""
    known: dict[int, list[dict[str, Any]]] = {}
    for some in chunks([row["id"] for row in rows]):
        query = sa.select(exceptions).where(
            exceptions.c.remittance_id.in_(some), exceptions.c.claim_payment_id.is_(None)
        )
        for found in connection.execute(query):
            known.setdefault(found.remittance_id, []).append(dict(found._mapping))
    fresh: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for row in rows:
        old = known.get(row["id"], [])
        decided = [(d["issue"], d["amount_cents"]) for d in given_up.get(row["id"], ())]
        for kind, cents, reason in _undecided(wanted_exceptions(row), decided):
            same = next((x for x in old if x["kind"] == kind and x["amount_cents"] == cents), None)
            if same is None:
                fresh.append(_exception(row, kind, cents, reason, import_id))
                continue
            old.remove(same)
            if same["status"] != "open":
                changed.append({"id": same["id"], "status": "open", "settled_by": None})
        changed += [
            {"id": x["id"], "status": "settled", "settled_by": import_id}
            for x in old
            if x["status"] == "open"
        ]
    update_rows(connection, exceptions, changed)
    if fresh:
        first = allocate(connection, exceptions, len(fresh))
        names = [column.name for column in exceptions.columns]
        numbered = [{"id": first + place, **row} for place, row in enumerate(fresh)]
        bulk_load(connection, exceptions, [tuple(row.get(n) for n in names) for row in numbered])


def _undecided(
    wanted: Sequence[tuple[str, int, str]], decided: list[tuple[str, int]]
) -> Iterable[tuple[str, int, str]]:
    """What a remittance asks of a person, less what people have given up of it."""
    for kind, cents, reason in wanted:
        if (kind, cents) in decided:
            decided.remove((kind, cents))
        else:
            yield kind, cents, reason


def _exception(
    row: dict[str, Any], kind: str, cents: int, reason: str, import_id: int | None
) -> dict[str, Any]:
    """A new exception over a whole remittance."""
    return {
        "kind": kind,
        "claim_payment_id": None,
        "remittance_id": row["id"],
        "claim_id": None,
        "import_id": import_id or row["import_id"],
        "amount_cents": cents,
        "reason": reason,
        "candidates": "[]",
        "status": "open",
        "settled_by": None,
        "correspondence_id": None,
    }
