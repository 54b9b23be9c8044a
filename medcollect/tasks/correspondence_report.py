"""The report of what payers said besides remittances, and of what was asked of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.letters import PERSON
from medcollect.ids import import_name, name
from medcollect.model.desk import SentLetter
from medcollect.store.correspondence import all_letters
from medcollect.store.desk import standing_entries
from medcollect.store.engine import Store
from medcollect.tasks.coverage import Placer
from medcollect.tasks.ledger_reports import Column, Sheet

Row = dict[str, Any]


def correspondence(store: Store, as_of: date | None) -> Sheet:
    """Acknowledgements, statuses and eligibility, where each belongs and what still waits."""
    columns: list[Column] = [
        ("id", "text", "our number of it"),
        ("date", "date", "when it was said"),
        (
            "kind",
            "text",
            "TA1, 999, 997, 277CA, 277, 276, 271, 270; letter: an appeal that we sent",
        ),
        ("verdict", "text", "accepted, rejected, active ...; sent"),
        ("payer", "text", "who said it, or was asked"),
        ("patient_control_number", "text", "the claim's number as it came"),
        ("payer_claim_control_number", "text", "the payer's number of the claim"),
        ("outcome", "text", "landed, waiting for what it answers, or noted: no concern of claims"),
        ("claim", "text", "our claim, of 277CA, 277 and 276"),
        ("account", "text", "our account, of 271 and 270"),
        ("import", "text", "the import it came with"),
        ("file", "text", "the file it came in"),
    ]
    with store.reading() as connection:
        rows = [_row(row, placed) for row, placed in _placed(connection, as_of)]
        rows += _letters_sent(connection, as_of)
    return columns, sorted(rows, key=lambda row: row["date"] or "")


def _letters_sent(connection: sa.Connection, as_of: date | None) -> list[Row]:
    """The appeal letters that people entered as sent; their id is that of the entry."""
    return [
        {
            **dict.fromkeys(("payer_claim_control_number", "claim", "account", "import", "file")),
            "id": name("E", entry.id),
            "date": entry.fact.sent_on.isoformat(),
            "kind": "letter",
            "verdict": "sent",
            "payer": entry.fact.payer or None,
            "patient_control_number": entry.concerns.named or None,
            "outcome": "landed",
        }
        for entry in standing_entries(connection)
        if isinstance(entry.fact, SentLetter) and (as_of is None or entry.fact.sent_on <= as_of)
    ]


def _placed(connection: sa.Connection, as_of: date | None) -> list[tuple[Row, int | None]]:
    """Every row with the account of its person."""
    placer = Placer(connection)
    last = as_of.isoformat() if as_of is not None else None
    return [
        (row, placer.account_of(row) if row["subject"] == PERSON else None)
        for row in all_letters(connection)
        if last is None or row["said_at"][:10] <= last
    ]


def _row(row: Row, account: int | None) -> Row:
    outcome = row["outcome"]
    if row["subject"] == PERSON:
        outcome = "landed" if account is not None else "waiting"
    return {
        "id": name("L", row["id"]),
        "date": row["said_at"][:10] or None,
        "kind": row["kind"],
        "verdict": row["verdict"],
        "payer": row["payer_name"] or None,
        "patient_control_number": row["patient_control_number"] or None,
        "payer_claim_control_number": row["payer_claim_control_number"] or None,
        "outcome": outcome,
        "claim": name("C", row["claim_id"]) if row["claim_id"] else None,
        "account": name("A", account) if account is not None else None,
        "import": import_name(row["import_id"]),
        "file": row["file"],
    }
