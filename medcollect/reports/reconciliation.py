"""A reconciliation as one table: a row for every deposit and payment, with what became of it."""

from __future__ import annotations

from typing import Any

from medcollect.money import parse_cents
from medcollect.reports.cells import Document

_COLUMNS = (
    ("status", "text", "matched, different, unmatched, set_aside, not_expected, outstanding"),
    ("side", "text", "deposit (the bank), remittance (the payer) or refund cheque (we)"),
    ("id", "text", "our number of it"),
    ("date", "date", "deposit date or payment date (BPR16)"),
    ("amount", "money", "what the bank received, or what the payer announced"),
    ("payer", "text", "the payer, as that side names it"),
    ("trace_number", "text", "TRN02, or the check's number"),
    ("kind", "text", "kind of deposit, or method of payment (BPR04)"),
    ("tied_to", "text", "the other side's numbers"),
    ("why", "text", "by which rule"),
    ("difference", "money", "received beyond what was announced"),
    ("age_days", "number", "days since"),
    ("held", "text", "why the remittance does not post"),
    ("action", "text", "what to do"),
)
_OPEN = (
    ("deposits", "deposit", "unmatched"),
    ("remittances", "remittance", "unmatched"),
    ("set_aside", "deposit", "set_aside"),
    ("not_expected", "remittance", "not_expected"),
    ("refund_cheques", "refund cheque", "outstanding"),
)


def reconciliation_report(answer: Document) -> Document:
    """The answer of ``reconcile`` as a report, so that it can be written like one."""
    rows = [row for key in ("differences", "matched") for m in answer[key] for row in _joined(m)]
    rows += map(_cards, answer["card_batches"])
    rows += [_row(item, side, status) for key, side, status in _OPEN for item in answer[key]]
    return {
        "report": "reconciliation",
        "as_of": answer["as_of"],
        "parameters": {},
        "columns": [{"name": n, "type": t, "means": m} for n, t, m in _COLUMNS],
        "rows": rows,
        "totals": {},
    }


def _joined(match: dict[str, Any]) -> list[dict[str, Any]]:
    """Both sides of a match; its difference stands once."""
    status = "different" if parse_cents(match["difference"]) else "matched"
    rows = []
    for side, other in (("deposits", "remittances"), ("remittances", "deposits")):
        ids = ", ".join(item["id"] for item in match[other])
        for item in match[side]:
            extra = {"tied_to": ids, "why": match["why"], "action": match.get("action", "")}
            rows.append({**_row(item, side[:-1], status), **extra})
    rows[0]["difference"] = match["difference"]
    return rows


def _cards(batch: dict[str, Any]) -> dict[str, Any]:
    """The deposit of a day's card payments."""
    tied = {"tied_to": ", ".join(batch["patient_payments"]), "why": batch["why"]}
    return {**_row(batch["deposit"], "deposit", "matched"), **tied}


def _row(item: dict[str, Any], side: str, status: str) -> dict[str, Any]:
    """One side as a row."""
    return {
        "status": status,
        "side": side,
        "id": item["id"],
        "date": item.get("deposit_date") or item.get("payment_date") or item.get("sent_on"),
        "amount": item["amount"],
        "payer": item["payer"],
        "trace_number": item.get("trace_number", item.get("reference")),
        "kind": item.get("kind") or item.get("payment_method"),
        "tied_to": "",
        "why": "",
        "difference": "0.00",
        "age_days": item.get("age_days"),
        "held": ", ".join(item.get("held", [])),
        "action": item.get("action", ""),
    }
