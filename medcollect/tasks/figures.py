"""The figures of a claim or account as the contract gives them: exact text, one set of words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from medcollect.bookkeeping.derived import STATES, Figures
from medcollect.ids import name
from medcollect.ledger.responsibility import HOLD_TEXTS
from medcollect.money import format_cents

Row = dict[str, Any]


def figures_of_row(row: Row) -> dict[str, int]:
    """The figures of a claim's row in cents."""
    figures = Figures(
        charge=row["charge_cents"],
        insurance_paid=row["insurance_paid_cents"],
        written_off=row["written_off_cents"],
        patient_responsibility=row["patient_responsibility_cents"],
        patient_paid=row["patient_paid_cents"],
        receivable=row["insurance_receivable_cents"],
    )
    billable = figures.patient_responsibility - row["patient_held_cents"] - figures.patient_paid
    return {
        "charge": figures.charge,
        "insurance_paid": figures.insurance_paid,
        "written_off": figures.written_off,
        "patient_responsibility": figures.patient_responsibility,
        "patient_paid": figures.patient_paid,
        "patient_due": figures.patient_due,
        "patient_billable": min(max(billable, 0), figures.patient_due),
        "insurance_open": figures.insurance_open,
        "credit": figures.credit,
        "payer_credit": figures.payer_credit,
    }


def as_text(figures: dict[str, int]) -> dict[str, str]:
    """Figures as exact text."""
    return {key: format_cents(cents) for key, cents in figures.items()}


def not_billable(rows: Iterable[Row]) -> list[Row]:
    """The patient's parts that may not be billed, with the reason and what to do."""
    return [
        {
            "claim": name("C", row["id"]),
            "line": part["line"],
            "amount": format_cents(part["cents"]),
            "reason": part["hold"],
            "text": HOLD_TEXTS[part["hold"]],
        }
        for row in rows
        for part in msgspec.json.decode(row["holds"] or "[]")
        if part["hold"]
    ]


def claim_summary(row: Row) -> Row:
    """A claim in a list: who, when, its figures and its state."""
    return {
        "id": name("C", row["id"]),
        "patient_control_number": row["patient_control_number"],
        "account": name("A", row["account_id"]) if row["account_id"] else None,
        "payer": row["payer_name"],
        "origin": row["origin"],
        "service_from": text_of(row["service_from"]),
        "service_to": text_of(row["service_to"]),
        **as_text(figures_of_row(row)),
        "denied": format_cents(row["denied_cents"]),
        "state": row["state"],
        "state_reason": state_reason(row),
    }


def state_reason(row: Row) -> str:
    """The state as a sentence, with the payer that is waited for."""
    sentence = STATES[row["state"]]
    if row["state"] in {"with_payer", "with_next_payer"}:
        payer = row["waiting_payer"] or (row["payer_name"] if row["state"] == "with_payer" else "")
        return f"{sentence[:-1]}: {payer}." if payer else sentence
    return sentence


def text_of(day: Any) -> str | None:
    """A date as ISO text."""
    return day.isoformat() if day is not None else None
