"""Patient payments as people see them: on a claim, on an account, in lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.errors import BadRequest
from medcollect.ids import name, number_of
from medcollect.ledger.patient_payments import PAYMENT_HOLDS
from medcollect.model.posting import PATIENT_REFUND_RETURNED, PATIENT_UNAPPLIED
from medcollect.money import format_cents, format_dollars
from medcollect.store.engine import Store, chunks
from medcollect.store.identities import ACTIVE, UNDONE
from medcollect.store.journal import JournalWriter
from medcollect.store.patient_payments import (
    OF_ITS_OWN,
    PAYMENT,
    REFUND,
    RETURNED,
    parts_back,
)
from medcollect.store.tables import journal_entries, patient_payments, postings
from medcollect.tasks.figures import text_of

Row = dict[str, Any]
Column = tuple[str, str, str]

_WORDS = {
    "patient_applied": "The patient paid",
    "patient_reported": "The payment at the desk, as the claim reports it, was entered",
    "patient_returned": "The patient's payment came back",
    "patient_refunded": "Money was given back to the patient",
    PATIENT_REFUND_RETURNED: "Money given back to the patient came back",
}


def payment_rows(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Row]:
    """Payments with where they went, and refunds of what claims report, by day."""
    query = (
        sa.select(patient_payments)
        .where(condition, OF_ITS_OWN, patient_payments.c.status != "duplicate")
        .order_by(patient_payments.c.received_on, patient_payments.c.id)
    )
    rows = [dict(row._mapping) for row in connection.execute(query)]
    ids = [row["id"] for row in rows]
    back: dict[int, list[Any]] = defaultdict(list)
    for part in parts_back(connection, ids):
        back[part.returns].append(part)
    refunds = [part.id for parts in back.values() for part in parts if part.kind == REFUND]
    for part in parts_back(connection, refunds):
        back[part.returns].append(part)
    applied = _applied(connection, ids)
    return [_payment(row, back, applied[row["id"]]) for row in rows]


def list_payments(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Payments in the order they were entered; raises BadRequest for a cursor that is none."""
    wanted = OF_ITS_OWN
    if after is not None:
        number = number_of(after, "M")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        wanted &= patient_payments.c.id > number
    query = sa.select(patient_payments.c.id).where(wanted, patient_payments.c.status != "duplicate")
    with store.reading() as connection:
        found = connection.execute(query.order_by(patient_payments.c.id).limit(limit + 1))
        ids = [int(row[0]) for row in found]
        rows = payment_rows(connection, patient_payments.c.id.in_(ids[:limit]))
    shown = sorted(rows, key=lambda row: row["id"])
    following = shown[-1]["id"] if len(ids) > limit else None
    return {"patient_payments": shown, "next": following}


def payments_of_claim(connection: sa.Connection, claim: int) -> list[Row]:
    """Payments that name a claim, or stand on it in part."""
    touching = (
        sa.select(journal_entries.c.patient_payment_id)
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .where(postings.c.claim_id == claim, journal_entries.c.patient_payment_id.is_not(None))
    )
    named = (patient_payments.c.claim_id == claim) & (patient_payments.c.status == ACTIVE)
    rows = payment_rows(connection, patient_payments.c.id.in_(touching) | named)
    return [row for row in rows if row["status"] != UNDONE]


def payment_report(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Every patient payment, with where it went."""
    columns: list[Column] = [
        ("id", "text", "our payment: what undo takes back, and bounce returns"),
        ("received_on", "date", "the day it was made"),
        ("account", "text", "our account"),
        ("patient_control_number", "text", "the claim it was made for, if it names one"),
        ("amount", "money", "what the patient paid"),
        ("method", "text", "card, check, cash, other"),
        ("reference", "text", "check number, receipt"),
        ("applied_to", "text", "claims that it pays, with the amounts"),
        ("refunded", "money", "what was given back to the patient"),
        ("unapplied", "money", "the patient's credit that is left of it"),
        ("status", "text", "active, returned, undone; or why it waits for a person"),
        ("user", "text", "who entered it"),
    ]
    with store.reading() as connection:
        rows = payment_rows(connection, sa.true())
    shown = [
        {
            **{name_: row[name_] for name_, _, _ in columns if name_ in row},
            "applied_to": ", ".join(f"{a['claim']} {a['amount']}" for a in row["applied"]),
            "amount": row["amount"] if _is_receipt(row) else "0.00",
            "status": row["held"] or row["status"],
        }
        for row in rows
        if as_of is None or row["received_on"] <= as_of.isoformat()
    ]
    return columns, shown


def _is_receipt(row: Row) -> bool:
    """Whether a row counts as money that came in and stayed."""
    return bool(row["status"] == "active" and row["kind"] == PAYMENT)


def _applied(connection: sa.Connection, payments: Sequence[int]) -> dict[int, dict[int, int]]:
    """What of each payment stands on which claim."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for some in chunks(payments):
        query = (
            sa.select(
                journal_entries.c.patient_payment_id,
                postings.c.claim_id,
                sa.func.sum(postings.c.cents),
            )
            .join(journal_entries, journal_entries.c.id == postings.c.entry_id)
            .where(
                journal_entries.c.patient_payment_id.in_(some),
                postings.c.account == PATIENT_UNAPPLIED,
                postings.c.claim_id.is_not(None),
            )
            .group_by(journal_entries.c.patient_payment_id, postings.c.claim_id)
        )
        for payment, claim, cents in connection.execute(query):
            if cents:
                found[payment][claim] = int(cents)
    return found


def _payment(row: Row, back: Mapping[int, Sequence[Any]], applied: dict[int, int]) -> Row:
    """One payment, or refund of what a claim reports, as the contract gives it.

    ``back`` has what came or went back, by the payment or refund that it was.
    """
    returned = _returned(back, row["id"])
    refunds = [part for part in back.get(row["id"], ()) if part.kind == REFUND]
    is_active = row["status"] == ACTIVE
    counts = is_active and returned is None and row["kind"] == PAYMENT
    refunded = sum(part.amount_cents for part in refunds if _returned(back, part.id) is None)
    unapplied = row["amount_cents"] - sum(applied.values()) if counts else 0
    if row["kind"] == REFUND and is_active and returned is None:
        refunded = row["amount_cents"]
    status = row["status"] if row["status"] == UNDONE else ("returned" if returned else "active")
    return {
        "id": name("M", row["id"]),
        "kind": row["kind"],
        "import": name("I", row["import_id"]) if row["import_id"] else None,
        "account": name("A", row["account_id"]) if row["account_id"] else None,
        "claim": name("C", row["claim_id"]) if row["claim_id"] else None,
        "patient_control_number": row["named"] or None,
        "received_on": text_of(row["received_on"]),
        "amount": format_cents(row["amount_cents"]),
        "method": row["method"],
        "reference": row["reference"],
        "applied": [
            {"claim": name("C", claim), "amount": format_cents(cents)}
            for claim, cents in sorted(applied.items())
        ],
        "refunded": format_cents(refunded),
        "refunds": [_refund(part, _returned(back, part.id)) for part in refunds],
        "unapplied": format_cents(unapplied - (refunded if is_active and refunds else 0)),
        "status": status,
        "held": row["held"] if counts else "",
        "held_reason": PAYMENT_HOLDS.get(row["held"], "") if counts else "",
        "returned": _return(returned),
        "user": row["user_name"],
        "recorded_at": row["recorded_at"],
        "reason": row["reason"],
    }


def _returned(back: Mapping[int, Sequence[Any]], number: int) -> Any | None:
    """The row that says that a payment, or a refund, came back."""
    return next((part for part in back.get(number, ()) if part.kind == RETURNED), None)


def _refund(row: Any, returned: Any | None) -> Row:
    """A part of a payment that was given back."""
    return {
        "id": name("M", row.id),
        "refunded_on": text_of(row.received_on),
        "amount": format_cents(row.amount_cents),
        "method": row.method,
        "reference": row.reference,
        "reason": row.reason,
        "user": row.user_name,
        "returned": _return(returned),
    }


def _return(row: Any | None) -> Row | None:
    """The return of a payment, or of a refund."""
    if row is None:
        return None
    return {
        "id": name("M", row.id),
        "received_on": text_of(row.received_on),
        "reason": row.reason,
        "user": row.user_name,
    }


class UnappliedPayment(msgspec.Struct, frozen=True):
    """What is left of a payment, the account it stands on, and the day it was made."""

    account: int | None
    received_on: date
    cents: int


def unapplied_payments(
    connection: sa.Connection, *, account: int | None = None, as_of: date | None = None
) -> list[UnappliedPayment]:
    """Payments that are not applied in full: patients' credit, now or as of a day."""
    query = (
        sa.select(
            patient_payments.c.account_id,
            patient_payments.c.received_on,
            sa.func.sum(postings.c.cents),
        )
        .join(journal_entries, journal_entries.c.patient_payment_id == patient_payments.c.id)
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .where(postings.c.account == PATIENT_UNAPPLIED)
        .group_by(patient_payments.c.id, patient_payments.c.account_id)
        .group_by(patient_payments.c.received_on)
        .having(sa.func.sum(postings.c.cents) != 0)
        .order_by(patient_payments.c.id)
    )
    if account is not None:
        query = query.where(patient_payments.c.account_id == account)
    if as_of is not None:
        query = query.where(journal_entries.c.entry_date <= as_of)
    return [UnappliedPayment(a, day, -int(cents)) for a, day, cents in connection.execute(query)]


def with_payment_steps(steps: list[Row], added: list[Row]) -> list[Row]:
    """A claim's steps with what patient payments did, each behind what came before it."""
    found = list(steps)
    for step in sorted(added, key=lambda s: s["date"]):
        later = (
            place
            for place, other in enumerate(found)
            if other["date"] is None
            or other["what"] == "waiting"
            or (place > 0 and other["date"] > step["date"])
        )
        found.insert(next(later, len(found)), step)
    return found


def claim_payment_steps(connection: sa.Connection, claim: int) -> list[Row]:
    """What patient payments did on a claim, as steps of its walk."""
    touching = (
        sa.select(journal_entries.c.patient_payment_id)
        .join(postings, postings.c.entry_id == journal_entries.c.id)
        .where(postings.c.claim_id == claim, journal_entries.c.patient_payment_id.is_not(None))
        .distinct()
    )
    payments = sorted(int(row[0]) for row in connection.execute(touching))
    standing = JournalWriter(connection, None).standing("patient_payment", payments)
    steps = []
    for payment in payments:
        for _, entry in standing.get(payment, []):
            legs = [
                p for p in entry.postings if p.claim == claim and p.account == PATIENT_UNAPPLIED
            ]
            cents = sum(leg.cents for leg in legs)
            if not cents:
                continue
            shown = (
                {} if entry.cause == "patient_reported" else {"patient_paid": format_cents(cents)}
            )
            method = legs[0].detail
            steps.append(
                {
                    "date": text_of(entry.entry_date),
                    "what": entry.cause,
                    "payer": None,
                    "amounts": shown,
                    "text": f"{_WORDS[entry.cause]} ({method}, {name('M', payment)}): "
                    f"{format_dollars(abs(cents))}.",
                    "trace_number": None,
                    "remittance": None,
                    "claim_payment": None,
                    "patient_payment": name("M", payment),
                }
            )
    return steps
