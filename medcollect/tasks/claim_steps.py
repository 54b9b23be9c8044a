"""The walk of one claim, step by step, from the charge to what is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from medcollect import codes
from medcollect.ids import name, number_of
from medcollect.matching.docs import ClaimDoc
from medcollect.model.opening import NOT_BILLABLE_REASON, OPENING_REASON
from medcollect.model.policies import split_policy
from medcollect.model.posting import (
    CHARGE,
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PAYER_CASH,
    PAYER_CASH_REPORTED,
    REPLACED,
    UNAPPLIED,
    VOIDED,
    WRITE_OFF,
    Entry,
    Posting,
)
from medcollect.money import format_cents, format_dollars, parse_cents
from medcollect.tasks.figures import as_text, figures_of_row, text_of
from medcollect.tasks.load import LoadedClaim

Row = dict[str, Any]

#: Causes of entries that say what a claim charges.
CHARGING = frozenset({CHARGE, REPLACED, VOIDED})

#: Outcomes of claim payments that are on file and not posted.
WAITING_OUTCOMES = frozenset({"held", "exception"})

#: What a later document does to the earlier one, by its frequency (CLM05-3).
_AGAIN = {"7": REPLACED, "8": VOIDED}

_MADE = {REPLACED: "replaced by a corrected claim", VOIDED: "taken back by a void claim"}

_CAUSE_ORDER = {
    "charge": 0, "patient_payment": 1, "reported_answer": 2, "moved": 4, "payer_refund": 5,
    "payer_refund_returned": 6, "small_balance": 7,
}  # fmt: skip


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """The charge, the patient's payment, then answers by date, policies behind their answer.

    A claim charged anew after a void stands on its day, not at the start.
    """
    first = min((text_of(e.entry_date) or "" for e in entries if e.cause == CHARGE), default="")

    def place(entry: Entry) -> tuple[int, str]:
        day = text_of(entry.entry_date) or ""
        is_anew = entry.cause == CHARGE and day > first
        return (3 if is_anew else _CAUSE_ORDER.get(entry.cause, 3), day)

    return sorted(entries, key=place)


def _again(documents: Sequence[ClaimDoc]) -> Iterable[tuple[ClaimDoc, str]]:
    """The documents that replace or void an earlier one, with what they do."""
    for document in documents[1:]:
        if document.claim.frequency in _AGAIN:
            yield document, _AGAIN[document.claim.frequency]


def made_of(documents: Sequence[ClaimDoc]) -> str:
    """What the last replacement or void made of the claim, as a sentence to follow its state."""
    last = next(reversed(list(_again(documents))), None)
    if last is None:
        return ""
    document, cause = last
    on = f" on {document.created}" if document.created else ""
    return f" It was {_MADE[cause]}{on}."


def _silent_documents(documents: Sequence[ClaimDoc], entries: Sequence[Entry]) -> list[Entry]:
    """Replacements and voids that changed no amount: steps all the same."""
    shown = {entry.document for entry in entries if entry.cause in CHARGING}
    return [
        Entry(cause, document.id, document.created, ())
        for document, cause in _again(documents)
        if document.id not in shown
    ]


def claim_steps(
    loaded: LoadedClaim, entries: list[Entry], row: Row, refused: list[Row]
) -> list[Row]:
    """The walk: charge, what the patient paid, each answer with what it did, what is left."""
    shown = {entry.document for entry in entries if entry.cause in {"answer", "reversal"}}
    silent = [
        Entry("answer", p.id, p.payment_date, ())
        for p in loaded.group.payments
        if p.id not in shown and loaded.payment_rows[p.id]["outcome"] == "posted"
    ]
    silent += _silent_documents(loaded.group.documents, entries)
    steps = [_step(loaded, entry, refused) for entry in in_order([*entries, *silent])]
    steps += [
        _waiting_step(loaded, p.id)
        for p in loaded.group.payments
        if loaded.payment_rows[p.id]["outcome"] in WAITING_OUTCOMES
    ]
    left = {k: v for k, v in figures_of_row(row).items() if v and k in _LEFT}
    sentence = "Nothing is left." if not left else f"Left: {_sentence(left)}."
    steps.append(
        {"date": None, "what": "left", "payer": None, "amounts": as_text(left), "text": sentence}
    )
    return steps


def _waiting_step(loaded: LoadedClaim, payment_id: int) -> Row:
    """A payment of this claim that is not posted, as a step."""
    row = loaded.payment_rows[payment_id]
    return {
        "date": text_of(row["payment_date"]),
        "what": "waiting",
        "payer": row["payer_name"],
        "amounts": {"paid": format_cents(row["paid_cents"])},
        "text": "An answer is on file and not posted: see exceptions.",
        "trace_number": row["header"].trace_number,
        "claim_payment": name("P", payment_id),
    }


_LEFT = ("insurance_open", "patient_due", "patient_billable", "credit", "payer_credit")


#: How a step shows money that came in or went out, and with which sign.
_CASH = {
    UNAPPLIED: ("paid", 1),
    PAYER_CASH_REPORTED: ("paid", 1),
    PAYER_CASH: ("sent_back", -1),
    PATIENT_CASH: ("patient_paid", 1),
}


def _step(loaded: LoadedClaim, entry: Entry, refused: list[Row]) -> Row:
    """One journal entry as people read it, with what the answer refused."""
    amounts: dict[str, int] = defaultdict(int)
    details: list[str] = []
    for leg in entry.postings:
        if leg.account in _CASH:
            key, sign = _CASH[leg.account]
            amounts[key] += sign * leg.cents
        elif leg.account in {CONTRACTUAL, WRITE_OFF}:
            amounts["written_off"] += leg.cents
            details.append(_detail(leg))
        elif leg.account == PATIENT_RECEIVABLE and entry.cause != "patient_payment":
            amounts["patient_responsibility"] += leg.cents
            details.append(_detail(leg))
    moved = _moved_on(entry)
    if moved:
        amounts["to_next_payer"] = moved
    if entry.cause == "answer":
        mine = [d for d in refused if d["claim_payment"] == name("P", entry.document)]
        amounts["denied"] = sum(parse_cents(d["amount"]) or 0 for d in mine if d["group"] != "PR")
        details += [_refusal(d) for d in mine if d["group"] != "PR"]
    if entry.cause in CHARGING:
        amounts = defaultdict(int, {"charge": -sum(_charges(entry)), **amounts})
    header = loaded.headers.get(entry.document) if entry.cause in _FROM_PAYMENT else None
    payer = header.payer.last_name if header is not None else None
    remittance = None
    if header is not None:
        remittance = name("R", loaded.payment_rows[entry.document]["remittance_id"])
    shown = {key: cents for key, cents in amounts.items() if cents}
    return {
        "date": text_of(entry.entry_date),
        "what": entry.cause,
        "payer": payer,
        "amounts": as_text(shown),
        "text": _text(entry, header, remittance, shown, details),
        "trace_number": header.trace_number if header is not None else None,
        "remittance": remittance,
        "claim_payment": name("P", entry.document) if entry.cause in _FROM_PAYMENT else None,
    }


_FROM_PAYMENT = frozenset({"answer", "reversal", "policy"})

_CAUSES = {
    "charge": "The claim was charged",
    "replaced": "A corrected claim replaced the earlier one",
    "voided": "The claim was taken back (void)",
    "patient_payment": "The patient paid at the desk",
    "answer": "The payer answered",
    "reversal": "The payer took an earlier answer back",
    "reported_answer": "An earlier payer answered, as the claim reports it",
    "policy": "A rule wrote off what may not be collected",
    "decision": "A person gave up what was left open",
    "moved": "A person moved what is open to whom it belongs",
    "payer_refund": "The practice sent a refund to the payer",
    "payer_refund_returned": "The refund cheque came back from the payer",
    "small_balance": "The small rest was written off",
}


def _charges(entry: Entry) -> list[int]:
    return [leg.cents for leg in entry.postings if leg.account == "charges"]


def _moved_on(entry: Entry) -> int:
    """Cents that an answer passed on to the next payer."""
    ranks = [leg.payer_rank for leg in entry.postings if leg.account == INSURANCE_RECEIVABLE]
    if entry.cause not in {"answer", "reported_answer", "reversal"} or not ranks:
        return 0
    top = max(ranks)
    raised = sum(
        leg.cents
        for leg in entry.postings
        if leg.account == INSURANCE_RECEIVABLE and leg.payer_rank == top
    )
    return raised if top > min(ranks) and (raised > 0) == (entry.cause != "reversal") else 0


#: How the detail of a posting begins that an adjustment led to.
_GROUPS = frozenset({"CO-", "PI-", "OA-", "PR-"})


#: Reasons of ours that stand where a payer's would.
_OWN_REASONS = dict.fromkeys((OPENING_REASON, NOT_BILLABLE_REASON), "by the opening balance")


def _detail(leg: Posting) -> str:
    """One write-off or patient part with its code and our words for it."""
    label, by = split_policy(leg.detail)
    if leg.account == CONTRACTUAL or label[:3] in _GROUPS:
        reason = codes.reason(label.partition("-")[2])
        told = reason.label if reason is not None else _OWN_REASONS.get(label[3:])
        label = f"{label} ({told})" if told else label
    said = f"{label} {format_dollars(leg.cents)}"
    return f"{said}, by {_made_by(by)} {by}" if by else said


def _made_by(by: str) -> str:
    """What kind of thing led to a posting."""
    if number_of(by, "D"):
        return "decision"
    return "entry" if number_of(by, "E") else "policy"


def _refusal(denial: Row) -> str:
    """A refused amount with its code, what it means and where it stands."""
    code = f"{denial['group']}-{denial['reason']}"
    return f"{code} ({denial['cause']}) {denial['amount']} denied, {denial['status']}"


def _text(
    entry: Entry,
    header: Any,
    remittance: str | None,
    amounts: dict[str, int],
    details: list[str],
) -> str:
    """The step as one sentence."""
    parts = [_CAUSES.get(entry.cause, entry.cause)]
    if header is not None:
        parts[0] += f" (trace {header.trace_number or 'none'}, {remittance})"
    if amounts:
        parts.append(_sentence(amounts))
    if details:
        parts.append("; ".join(details))
    return ": ".join(parts) + "."


def _sentence(amounts: dict[str, int]) -> str:
    """Amounts as words: ``paid 75.00, written off 50.00``."""
    return ", ".join(
        f"{key.replace('_', ' ')} {format_dollars(cents)}" for key, cents in amounts.items()
    )
