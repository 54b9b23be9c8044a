"""Searches by number: the book's answer as a list of what was found, empty when nothing was."""

from __future__ import annotations

from api.deps import Book, Document
from api.schemas.accounts import AccountSummary
from api.schemas.claims import ClaimSummary
from medcollect.errors import NotFound


def found_claims(book: Book, number: str) -> Document:
    """Find the claims that carry a number."""
    try:
        answer = book.claim(number)
    except NotFound:
        return {"claims": [], "count": 0}
    claims = answer["claims"] if answer.get("ambiguous") else [_claim(answer)]
    return {"claims": claims, "count": len(claims)}


def found_accounts(book: Book, number: str) -> Document:
    """Find the accounts that a number leads to: ours, or those of the claims that carry it."""
    try:
        names = [str(book.balance(number)["account"])]
    except NotFound:
        claims = found_claims(book, number)["claims"]
        names = sorted({claim["account"] for claim in claims if claim["account"]})
    accounts = [_account(book.balance(name)) for name in names]
    return {"accounts": accounts, "count": len(accounts)}


def _claim(claim: Document) -> Document:
    """Take what a list shows of a claim."""
    return {key: claim[key] for key in ClaimSummary.model_fields if key in claim}


def _account(balance: Document) -> Document:
    """Take what a list shows of an account."""
    figures = {key: balance[key] for key in AccountSummary.model_fields if key in balance}
    return {**figures, "id": balance["account"], "claims": len(balance["claims"])}
