"""One claim's facts from the book, as posting saw them, for people to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.closure import loaded_payment
from medcollect.errors import NotFound
from medcollect.ids import number_of
from medcollect.matching.docs import ClaimDoc, Group, PaymentDoc
from medcollect.matching.keys import number_key
from medcollect.model.remittance import RemittanceHeader
from medcollect.store import facts
from medcollect.store.tables import accounts, claim_documents, claims, match_keys

_OPENING_STATUSES = frozenset({"1", "4", "19"})

Row = dict[str, Any]


class LoadedClaim(msgspec.Struct):
    """A claim's row and its documents; ``headers`` by claim payment id."""

    row: Row
    group: Group
    headers: dict[int, RemittanceHeader]
    payment_rows: dict[int, Row]


def find_claims(connection: sa.Connection, number: str) -> list[Row]:
    """Rows of the claims that a number names: our id, or the patient control number.

    Raises NotFound when there is none.
    """
    found = _claims_named(connection, number)
    if not found:
        raise NotFound(
            "There is no claim with this number.",
            "Check the number; report claims lists every claim.",
        )
    return found


def _claims_named(connection: sa.Connection, number: str) -> list[Row]:
    """Rows of the claims with this id, else of those with this patient control number."""
    by_id = number_of(number, "C")
    found: list[Row] = []
    if by_id is not None:
        found = _claims_where(connection, claims.c.id == by_id)
    if not found and number_key(number):
        found = _claims_where(connection, claims.c.number_key == number_key(number))
    if not found and number_key(number):
        found = _claims_where(connection, claims.c.id.in_(_with_document(number)))
    return found


def _with_document(number: str) -> sa.Select[tuple[int]]:
    """Ids of claims that an earlier document of theirs carries this number for."""
    return (
        sa.select(claim_documents.c.claim_id)
        .join(match_keys, match_keys.c.document_id == claim_documents.c.id)
        .where(
            match_keys.c.key == f"P:{number_key(number)}",
            match_keys.c.owner == facts.CLAIM_OWNER,
        )
    )


def _claims_where(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[Row]:
    query = sa.select(claims).where(condition, claims.c.status == "active").order_by(claims.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def claims_of_account(connection: sa.Connection, account: int) -> list[Row]:
    """Rows of an account's claims."""
    return _claims_where(connection, claims.c.account_id == account)


def find_account(connection: sa.Connection, text: str) -> Row:
    """The account that a text names: its id, or a claim of it; one that went into another leads on.

    Raises NotFound, also where claims of several accounts carry the number.
    """
    number = number_of(text, "A")
    if number is None:
        ids = {row["account_id"] for row in _claims_named(connection, text)}
        if not ids:
            raise NotFound(
                "There is no such account, and no claim with this number.",
                "Check the number; report claims shows the account of every claim.",
            )
        if len(ids) > 1:
            raise NotFound(
                "Claims of several accounts carry this number.",
                "Name the account by its id (A000001); report claims shows it for each.",
            )
        number = next(iter(ids))
    while number is not None:
        row = connection.execute(sa.select(accounts).where(accounts.c.id == number)).first()
        if row is None:
            break
        number = row.joined_into
        if number is None:
            return dict(row._mapping)
    raise NotFound("There is no such account.", "report claims shows the account of every claim.")


def former_accounts(connection: sa.Connection, account: int) -> list[int]:
    """The accounts that went into this one, directly or over others."""
    found: list[int] = []
    fresh = [account]
    while fresh:
        query = sa.select(accounts.c.id).where(accounts.c.joined_into.in_(fresh))
        fresh = [int(row[0]) for row in connection.execute(query.order_by(accounts.c.id))]
        found += fresh
    return sorted(found)


def load_claims(connection: sa.Connection, rows: Sequence[Row]) -> Iterator[tuple[Row, Group]]:
    """Many claims with their documents and posted payments, in the order given."""
    ids = [row["id"] for row in rows]
    documents: dict[int, list[ClaimDoc]] = defaultdict(list)
    for d in facts.load_claim_documents(connection, facts.documents_of_claims(connection, ids)):
        document = ClaimDoc(d["id"], d["claim"], (), d["sort_key"], d["claim_id"])
        documents[d["claim_id"]].append(document)
    payments: dict[int, list[PaymentDoc]] = defaultdict(list)
    waiting: dict[int, list[PaymentDoc]] = defaultdict(list)
    for p in facts.load_claim_payments(connection, facts.payments_of_claims(connection, ids)):
        place = payments if p["outcome"] == "posted" else waiting
        place[p["claim_id"]].append(loaded_payment(p))
    for row in rows:
        number = row["id"]
        yield row, _group(documents[number], payments[number] or waiting[number])


def _group(documents: Sequence[ClaimDoc], payments: Sequence[PaymentDoc]) -> Group:
    """A claim's documents and payments in their order; without documents, what opened it."""
    ordered = sorted(payments, key=lambda p: p.order)
    openers = [p for p in ordered if p.payment.status in _OPENING_STATUSES and not p.held]
    return Group(
        0,
        documents=sorted(documents, key=lambda d: (d.sort_key, d.id)),
        payments=ordered,
        openers=[] if documents else openers,
    )


def load_claim(connection: sa.Connection, row: Row) -> LoadedClaim:
    """Load a claim's documents and payments in their order."""
    document_ids = facts.documents_of_claims(connection, [row["id"]])
    documents = [
        ClaimDoc(d["id"], d["claim"], (), d["sort_key"], row["id"])
        for d in facts.load_claim_documents(connection, document_ids)
    ]
    rows = facts.load_claim_payments(connection, facts.payments_of_claims(connection, [row["id"]]))
    group = _group(documents, [loaded_payment(r) for r in rows])
    headers = {r["id"]: r["header"] for r in rows}
    return LoadedClaim(row, group, headers, {r["id"]: r for r in rows})
