"""What payers said besides remittances, and what we sent, as the book keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.model.opening import OPENING_KIND
from medcollect.store.engine import bulk_load, chunks
from medcollect.store.facts import PERSON_OWNER
from medcollect.store.tables import (
    accounts,
    answered_transactions,
    claim_documents,
    claims,
    correspondence,
    decisions,
    files,
    match_keys,
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
            .where(transactions.c.kind != OPENING_KIND)
            .order_by(transactions.c.id)
        )
        for row in connection.execute(query):
            found[int(row.document_id)].append(dict(row._mapping))
    return found


def answers_to(connection: sa.Connection, sent: Sequence[int]) -> list[Row]:
    """Acknowledgements of these transactions: row, file, the transaction and its verdict."""
    own = transactions.alias("own")
    found: list[Row] = []
    for some in chunks(list(sent)):
        query = (
            sa.select(
                correspondence,
                answered_transactions.c.transaction_id.label("answered"),
                answered_transactions.c.verdict.label("own_verdict"),
                transactions.c.control_number.label("sent_number"),
                files.c.label.label("file"),
            )
            .join(correspondence, correspondence.c.id == answered_transactions.c.correspondence_id)
            .join(transactions, transactions.c.id == answered_transactions.c.transaction_id)
            .join(own, own.c.id == correspondence.c.transaction_id)
            .join(files, files.c.id == own.c.file_id)
            .where(answered_transactions.c.transaction_id.in_(some), _ACTIVE)
        )
        found += [dict(row._mapping) for row in connection.execute(query)]
    return found


def letters_of_claim(connection: sa.Connection, claim: int) -> list[Row]:
    """What 277CA, 277 and 276 say of a claim, with the file that each came in."""
    query = (
        sa.select(correspondence, files.c.label.label("file"))
        .join(transactions, transactions.c.id == correspondence.c.transaction_id)
        .join(files, files.c.id == transactions.c.file_id)
        .where(correspondence.c.claim_id == claim, _ACTIVE)
        .order_by(correspondence.c.said_at, correspondence.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def all_letters(connection: sa.Connection) -> Iterator[Row]:
    """Every standing row in the order of what was said, with the file that each came in."""
    query = (
        sa.select(correspondence, files.c.label.label("file"))
        .join(transactions, transactions.c.id == correspondence.c.transaction_id)
        .join(files, files.c.id == transactions.c.file_id)
        .where(_ACTIVE)
        .order_by(correspondence.c.said_at, correspondence.c.id)
    )
    for row in connection.execute(query):
        yield dict(row._mapping)


def places_of_transactions(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Row]:
    """File and import of each transaction."""
    found: dict[int, Row] = {}
    for some in chunks(list(ids)):
        query = (
            sa.select(transactions.c.id, transactions.c.import_id, files.c.label.label("file"))
            .join(files, files.c.id == transactions.c.file_id)
            .where(transactions.c.id.in_(some))
        )
        found.update({int(row.id): dict(row._mapping) for row in connection.execute(query)})
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


def persons_with_keys(connection: sa.Connection, keys: Sequence[str]) -> list[Row]:
    """What 271 say and 270 ask of persons under these keys, with the file that each came in."""
    found: dict[int, Row] = {}
    for some in chunks(list(keys)):
        query = (
            sa.select(correspondence, files.c.label.label("file"))
            .join(match_keys, match_keys.c.document_id == correspondence.c.id)
            .join(transactions, transactions.c.id == correspondence.c.transaction_id)
            .join(files, files.c.id == transactions.c.file_id)
            .where(match_keys.c.key.in_(some), match_keys.c.owner == PERSON_OWNER, _ACTIVE)
        )
        found.update({int(row.id): dict(row._mapping) for row in connection.execute(query)})
    return list(found.values())


def practices(connection: sa.Connection) -> list[str]:
    """The practices that accounts are at, by looking for the next one each time: there are few."""
    found: list[str] = []
    query = sa.select(sa.func.min(accounts.c.practice_key))
    following = connection.execute(query).scalar()
    while following is not None:
        found.append(str(following))
        following = connection.execute(query.where(accounts.c.practice_key > found[-1])).scalar()
    return found


def accounts_of_keys(
    connection: sa.Connection, keys: Sequence[str], practice_keys: Sequence[str]
) -> list[tuple[int, str, str]]:
    """Accounts of persons under these keys (``N:`` name and birth, ``M:`` name and member id).

    Each with its practice and the key that fits, as often as it fits.
    """
    columns = {"N": claims.c.birth_key, "M": claims.c.member_key}
    found: set[tuple[int, str, str]] = set()
    for key in keys:
        column = columns[key[0]]
        wanted = {f"{practice}|{key[2:]}": practice for practice in practice_keys}
        for some in chunks(sorted(wanted)):
            query = sa.select(claims.c.account_id, column).where(
                column.in_(some), claims.c.status == "active", claims.c.account_id.is_not(None)
            )
            for account, value in connection.execute(query.distinct()):
                found.add((int(account), wanted[value], key))
    return sorted(found)


def unanswered_claims(connection: sa.Connection, before: date) -> list[Row]:
    """Claims that wait for a payer, were last sent by a day, and were not asked about since."""
    sent = (
        sa.select(claim_documents.c.claim_id, sa.func.max(transactions.c.sent_on).label("day"))
        .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
        .group_by(claim_documents.c.claim_id)
        .subquery()
    )
    asked = (
        sa.select(correspondence.c.id)
        .where(
            correspondence.c.claim_id == claims.c.id,
            correspondence.c.kind == "276",
            correspondence.c.said_at > before.isoformat(),
            _ACTIVE,
        )
        .exists()
    )
    query = (
        sa.select(claims)
        .join(sent, sent.c.claim_id == claims.c.id)
        .where(
            claims.c.status == "active",
            claims.c.state.in_(["with_payer", "with_next_payer"]),
            sent.c.day <= before,
            ~asked,
        )
        .order_by(claims.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]
