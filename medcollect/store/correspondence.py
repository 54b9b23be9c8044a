"""What payers said besides remittances, and what we sent, as the book keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from medcollect.store.engine import bulk_load, chunks
from medcollect.store.tables import (
    answered_transactions,
    claim_documents,
    claims,
    correspondence,
    decisions,
    files,
    transactions,
)

Row = dict[str, Any]

_ACTIVE = correspondence.c.status == "active"

_SENDING_COLUMNS = (
    "fingerprint",
    "sender_id",
    "receiver_id",
    "interchange_control_number",
    "group_control_number",
    "control_number",
)

#: A transaction that stands, also where its content was on file already: it was sent all the same.
STANDING = ("active", "duplicate")


def any_status(connection: sa.Connection) -> bool:
    """Whether the book holds the status of any claim (most imports need not look further)."""
    query = sa.select(correspondence.c.id).where(_ACTIVE, correspondence.c.subject == "claim")
    return connection.execute(query.limit(1)).first() is not None


def any_rejected(connection: sa.Connection) -> bool:
    """Whether any transaction that we sent was rejected as a whole."""
    query = sa.select(answered_transactions.c.transaction_id).where(
        answered_transactions.c.verdict == "rejected"
    )
    return connection.execute(query.limit(1)).first() is not None


def load_letters(connection: sa.Connection, ids: Sequence[int]) -> list[Row]:
    """Standing rows by id, with the claim that a person chose under ``to_claim``."""
    found: list[Row] = []
    for some in chunks(list(ids)):
        query = sa.select(correspondence).where(correspondence.c.id.in_(some), _ACTIVE)
        found += [dict(row._mapping) for row in connection.execute(query)]
    chosen = _chosen(connection, [row["id"] for row in found])
    return [{**row, "to_claim": chosen.get(row["id"])} for row in found]


def _chosen(connection: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    """The claim that people's standing decisions name, by row."""
    found: dict[int, int] = {}
    for some in chunks(list(ids)):
        query = (
            sa.select(decisions.c.correspondence_id, decisions.c.claim_id)
            .where(decisions.c.correspondence_id.in_(some), decisions.c.status == "active")
            .order_by(decisions.c.id)
        )
        found.update({int(row[0]): int(row[1]) for row in connection.execute(query)})
    return found


def statuses_of_claims(connection: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Ids of the rows that landed on these claims."""
    found: list[int] = []
    for some in chunks(list(ids)):
        query = sa.select(correspondence.c.id).where(correspondence.c.claim_id.in_(some), _ACTIVE)
        found += [int(row[0]) for row in connection.execute(query)]
    return found


def load_sent(connection: sa.Connection, ids: Sequence[int]) -> list[Row]:
    """Standing transactions by id."""
    found: list[Row] = []
    for some in chunks(list(ids)):
        query = sa.select(transactions).where(
            transactions.c.id.in_(some), transactions.c.status.in_(STANDING)
        )
        found += [dict(row._mapping) for row in connection.execute(query)]
    return found


def copies_among(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Those of the transactions that another one on file repeats with all its control numbers."""
    other = transactions.alias("other")
    same = [transactions.c[name] == other.c[name] for name in _SENDING_COLUMNS]
    found: set[int] = set()
    for some in chunks(list(ids)):
        query = (
            sa.select(transactions.c.id)
            .join(other, sa.and_(*same, other.c.id < transactions.c.id))
            .where(transactions.c.id.in_(some), other.c.status.in_(STANDING))
        )
        found.update(int(row[0]) for row in connection.execute(query))
    return found


def sendings_of_documents(
    connection: sa.Connection, documents: Sequence[int]
) -> dict[int, list[Row]]:
    """Every time the transaction of a claim document was sent, by document.

    The same content in another envelope is another sending of the same claims.
    """
    own = transactions.alias("own")
    found: dict[int, list[Row]] = defaultdict(list)
    for some in chunks(list(documents)):
        query = (
            sa.select(
                claim_documents.c.id.label("document_id"),
                transactions,
                files.c.label.label("file"),
            )
            .join(own, own.c.id == claim_documents.c.transaction_id)
            .join(transactions, transactions.c.fingerprint == own.c.fingerprint)
            .join(files, files.c.id == transactions.c.file_id)
            .where(claim_documents.c.id.in_(some), transactions.c.status.in_(STANDING))
            .order_by(transactions.c.id)
        )
        for row in connection.execute(query):
            found[int(row.document_id)].append(dict(row._mapping))
    return found


def answers_to(connection: sa.Connection, sent: Sequence[int]) -> list[Row]:
    """Acknowledgements of these transactions: row, the transaction and its verdict."""
    found: list[Row] = []
    for some in chunks(list(sent)):
        query = (
            sa.select(
                correspondence,
                answered_transactions.c.transaction_id.label("answered"),
                answered_transactions.c.verdict.label("own_verdict"),
            )
            .join(correspondence, correspondence.c.id == answered_transactions.c.correspondence_id)
            .where(answered_transactions.c.transaction_id.in_(some), _ACTIVE)
        )
        found += [dict(row._mapping) for row in connection.execute(query)]
    return found


def links_of(connection: sa.Connection, letters: Sequence[int]) -> dict[int, set[tuple[int, str]]]:
    """Which transactions acknowledgements answer, with the verdict, by acknowledgement."""
    table = answered_transactions
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for some in chunks(list(letters)):
        query = sa.select(table).where(table.c.correspondence_id.in_(some))
        for row in connection.execute(query):
            found[row.correspondence_id].add((row.transaction_id, row.verdict))
    return found


def write_links(
    connection: sa.Connection, links: Iterable[tuple[int, Iterable[tuple[int, str]]]]
) -> None:
    """Set which transactions acknowledgements answer."""
    wanted = list(links)
    for some in chunks([letter for letter, _ in wanted]):
        connection.execute(
            sa.delete(answered_transactions).where(
                answered_transactions.c.correspondence_id.in_(some)
            )
        )
    rows = [(letter, sent, verdict) for letter, pairs in wanted for sent, verdict in pairs]
    bulk_load(connection, answered_transactions, rows)


def claims_sent_in(
    connection: sa.Connection, sent: Sequence[int], *, state: str | None = None
) -> list[int]:
    """Claims whose documents stand in these transactions, or in others of the same content.

    With ``state`` only those that are in it.
    """
    own = transactions.alias("own")
    found: set[int] = set()
    for some in chunks(list(sent)):
        query = (
            sa.select(claim_documents.c.claim_id)
            .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
            .join(own, own.c.fingerprint == transactions.c.fingerprint)
            .where(own.c.id.in_(some), claim_documents.c.claim_id.is_not(None))
            .distinct()
        )
        if state is not None:
            query = query.join(claims, claims.c.id == claim_documents.c.claim_id).where(
                claims.c.state == state
            )
        found.update(int(row[0]) for row in connection.execute(query))
    return sorted(found)
