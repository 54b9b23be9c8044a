"""Exceptions for a terminal: the money at stake; candidates beside what the payment states."""

from __future__ import annotations

from typing import Any

from medcollect.cli.output import add_row, console, indent, is_zero, money, table
from medcollect.reports.cells import plain

#: So many candidates stand beside the payment; the others are in the JSON.
_SHOWN_MOST = 3

#: Rows of the comparison: heading and the key of the contract.
_ROWS = (
    ("number", "patient_control_number"),
    ("patient", "patient"),
    ("first day", "service_from"),
    ("last day", "service_to"),
    ("charge", "charge"),
    ("open with payers", "insurance_open"),
)
_MONEY = frozenset({"charge", "insurance_open"})


def show_candidates(item: dict[str, Any]) -> None:
    """What the payment states, beside it the claims it may mean, what fits and what does not."""
    from rich.padding import Padding

    from medcollect.matching import CONFIDENT_SCORE

    candidates = item.get("candidates") or []
    shown = candidates[:_SHOWN_MOST]
    if not shown:
        return
    stated = item.get("states") or {}
    headings = [("", "text"), *([("the payment", "wide")] if stated else [])]
    beside = table("", [*headings, *((c["claim"], "wide") for c in shown)])
    columns = [*([stated] if stated else []), *shown]
    for heading, key in _ROWS:
        add_row(beside, [heading, *(_cell(key, column.get(key)) for column in columns)])
    empty = [""] if stated else []
    add_row(
        beside,
        [f"score ({CONFIDENT_SCORE} posts)", *empty, *(str(c["score"]) for c in shown)],
        style="bold",
    )
    for heading, key in (("for it", "why"), ("against it", "why_not")):
        add_row(beside, [heading, *empty, *("; ".join(c[key]) for c in shown)])
    console().print(Padding(beside, (0, 0, 0, 5)))
    if len(candidates) > len(shown):
        indent(f"{len(candidates) - len(shown)} more candidates: medcollect exceptions --json")


def _cell(key: str, value: object) -> str:
    return money(value) if key in _MONEY and value is not None else plain(value)


def at_stake(answer: dict[str, Any]) -> str:
    """The money at stake; what would come in and what would go back, where there is both."""
    found = answer.get("at_stake") or {"amount": answer["amount"], "negative": "0.00"}
    told = f"{money(found['amount'])} at stake"
    if is_zero(found["negative"]):
        return told
    return f"{told} ({money(found['positive'])} and {money(found['negative'])})"
