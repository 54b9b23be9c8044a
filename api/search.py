"""Searches by number: the book's answer as a list of what was found, empty when nothing was."""

from __future__ import annotations

from api.deps import Book, Document
from medcollect.errors import NotFound

_CLAIM_KEYS = (
    "id",
    "patient_control_number",
    "service_from",
    "service_to",
    "charge",
    "state",
)


def found_claims(book: Book, number: str) -> Document:
    """Find the claims that carry a number."""
    try:
        answer = book.claim(number)
    except NotFound:
        return {"claims": [], "count": 0}
    claims = answer["claims"] if answer.get("ambiguous") else [_summary(answer)]
    return {"claims": claims, "count": len(claims)}


def _summary(claim: Document) -> Document:
    return {key: claim[key] for key in _CLAIM_KEYS if key in claim}


def found_accounts(book: Book, number: str) -> Document:
    """Find the accounts that a number leads to: ours, the practice's, or a claim's."""
    try:
        answer = book.balance(number)
    except NotFound:
        return {"accounts": [], "count": 0}
    accounts = answer["accounts"] if answer.get("ambiguous") else [{"id": answer["account"]}]
    return {"accounts": accounts, "count": len(accounts)}
