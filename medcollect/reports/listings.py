"""Columns for the lists that are no reports of their own: the denial worklist, the exceptions."""

from __future__ import annotations

from medcollect.reports.cells import Document

_DENIAL_COLUMNS = (
    ("id", "text", "our number of the denial"),
    ("priority", "number", "order of work: higher comes first"),
    ("patient_control_number", "text", "the claim, as the practice knows it"),
    ("payer", "text", "who refused"),
    ("amount", "money", "what was refused"),
    ("group", "text", "who bears it (CAS group code)"),
    ("reason", "text", "claim adjustment reason code"),
    ("remarks", "text", "remark codes beside it"),
    ("category", "text", "kind of denial"),
    ("cause", "text", "what led to it"),
    ("preventable", "text", "whether it could have been avoided"),
    ("appealable", "text", "whether an appeal can win it"),
    ("next_action", "text", "what to do next"),
    ("deadline", "date", "last day for it"),
    ("deadline_rule", "text", "where the deadline comes from"),
    ("days_left", "number", "days until the deadline"),
    ("expected_value", "money", "what working it should bring"),
    ("status", "text", "open, worked, won, lost ..."),
    ("kind", "text", "denied, or rejected before it was judged"),
    ("at_stake", "money", "what was refused, or what is open of a rejected claim"),
    ("explanation", "text", "the denial in plain words"),
)

#: The keys of an item that is shown in the table of the contract, in its order.
DENIAL_COLUMNS = [
    {"name": name, "type": kind, "means": means} for name, kind, means in _DENIAL_COLUMNS
]


def denials_report(answer: Document) -> Document:
    """The worklist as a report, so that it can be written like one."""
    return {
        "report": "denials",
        "as_of": answer.get("as_of"),
        "parameters": {},
        "columns": DENIAL_COLUMNS,
        "rows": answer["denials"],
        "totals": {"amount": answer["amount"]},
    }
