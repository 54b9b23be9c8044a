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
    ("why", "text", "why it stands at its place in the order"),
    ("owner", "text", "who has it"),
    ("state", "text", "where the work on it stands"),
    ("follow_up", "date", "the next day to look at it"),
    ("waits_until", "date", "what waits is not to be worked before; it comes last"),
    ("status", "text", "open, worked, won, lost ..."),
    (
        "kind",
        "text",
        "denied, rejected (never judged), silent_denial (taken back), underpayment",
    ),
    (
        "at_stake",
        "money",
        "what was refused, taken back or underpaid; of rejected ones what is open",
    ),
    ("explanation", "text", "the denial in plain words"),
    ("prevented_by", "text", "who could have prevented it"),
    ("root_cause", "text", "what went wrong"),
    ("refusal", "text", "true, soft, partial or silent denial, rejected, underpayment"),
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


#: The columns of the patterns among denials, in their order.
PATTERN_COLUMNS = (
    ("kind", "text", "stands_out: oftener than usual; jump: oftener since a day; new_code: new"),
    ("payer", "text", "the payer; empty: whichever"),
    ("code", "text", "group and reason, with the remarks that tell what is missing"),
    ("meaning", "text", "what the reason says, in our words"),
    ("procedure", "text", "the procedure; empty: whichever"),
    ("provider", "text", "who did the work (NPI, else name); empty: whoever"),
    ("since", "date", "the day from which on it is so"),
    ("lines", "number", "lines answered there"),
    ("refused", "number", "of them, refused with this code"),
    ("expected", "number", "how many refusals would be usual there, rounded"),
    ("confidence_percent", "number", "how sure it is that this is no chance, in whole percent"),
    ("amount", "money", "what was refused"),
    ("open", "money", "of it, what is still open"),
    ("next_action", "text", "what to do with each"),
    ("denials", "text", "the open denials that one fix would serve"),
    ("id", "text", "our number of the pattern"),
    ("rate_percent", "number", "refused of a hundred lines"),
    ("expected_percent", "number", "how many of a hundred would be usual"),
    ("cases", "text", "every case behind it, ended ones too"),
)


def patterns_report(answer: Document) -> Document:
    """The patterns as a report, so that they can be written like one."""
    return {
        "report": "patterns",
        "as_of": None,
        "parameters": {},
        "columns": [
            {"name": name, "type": kind, "means": means} for name, kind, means in PATTERN_COLUMNS
        ],
        "rows": answer["patterns"],
        "totals": {"open": answer["open"]},
    }


_UNDERPAYMENT_COLUMNS = (
    ("id", "text", "our number of the line"),
    ("kind", "text", "underpaid, overpaid, or no_term: no term speaks"),
    ("basis", "text", "contract, or usual: the payer's own pattern"),
    ("claim", "text", "our claim"),
    ("patient_control_number", "text", "the claim, as the practice knows it"),
    ("payer", "text", "who answered"),
    ("payment_date", "date", "when it answered"),
    ("line", "number", "the claim's line"),
    ("service_date", "date", "the day of service"),
    ("procedure", "text", "the procedure as billed"),
    ("place", "text", "place of service"),
    ("units", "text", "units billed"),
    ("charge", "money", "what the practice asks"),
    ("expected", "money", "what was to be allowed"),
    ("allowed", "money", "what the payer allowed"),
    ("difference", "money", "what is missing; below zero too much was allowed"),
    ("contract", "text", "the version that spoke"),
    ("contract_line", "number", "its row"),
    ("since", "date", "from when on every such line is below"),
    ("deadline", "date", "last day to ask the payer again"),
    ("deadline_rule", "text", "where the deadline comes from"),
    ("explanation", "text", "the arithmetic in words"),
)


def underpayments_report(answer: Document) -> Document:
    """The list of underpayments as a report, so that it can be written like one."""
    return {
        "report": "underpayments",
        "as_of": None,
        "parameters": {},
        "columns": [
            {"name": name, "type": kind, "means": means}
            for name, kind, means in _UNDERPAYMENT_COLUMNS
        ],
        "rows": answer["underpayments"],
        "totals": {"difference": answer["amount"]},
    }
