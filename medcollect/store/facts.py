"""Facts in the book: documents with their keys, as they were read.

Documents are stored as the JSON of their records, without the raw segments: those stay in the raw
file, which the segment numbers point into.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment, ProviderAdjustment, RemittanceHeader
from medcollect.store.among import among
from medcollect.store.engine import bulk_load, chunks
from medcollect.store.tables import (
    claim_documents,
    claim_payments,
    claims,
    decisions,
    exceptions,
    match_keys,
    remittances,
    transactions,
)

PAYMENT_OWNER = "P"
CLAIM_OWNER = "C"
STATUS_OWNER = "S"
PERSON_OWNER = "E"
ANSWER_OWNER = "A"
SENT_OWNER = "T"
RECOVERY_OWNER = "B"

_encoder = msgspec.json.Encoder()
_claim_decoder = msgspec.json.Decoder(Claim)
_payment_decoder = msgspec.json.Decoder(ClaimPayment)
_header_decoder = msgspec.json.Decoder(RemittanceHeader)
_adjustments_decoder = msgspec.json.Decoder(tuple[ProviderAdjustment, ...])


def encode_claim(claim: Claim) -> bytes:
    """A claim's record as JSON; its raw segments stay in the raw file."""
    return _encoder.encode(msgspec.structs.replace(claim, segments=(), parent_segments=()))


def encode_payment(payment: ClaimPayment) -> bytes:
    """A claim payment's record as JSON; its raw segments stay in the raw file."""
    return _encoder.encode(msgspec.structs.replace(payment, segments=()))


def encode_header(header: RemittanceHeader) -> bytes:
    """A remittance header's record as JSON."""
    return _encoder.encode(header)


def encode_adjustments(adjustments: tuple[ProviderAdjustment, ...]) -> bytes:
    """The provider adjustments of a remittance as JSON."""
    return _encoder.encode(adjustments)


def decode_claim(data: bytes) -> Claim:
    """A claim as it was stored."""
    return _claim_decoder.decode(data)


def decode_payment(data: bytes) -> ClaimPayment:
    """A claim payment as it was stored."""
    return _payment_decoder.decode(data)


def decode_header(data: bytes) -> RemittanceHeader:
    """A remittance header as it was stored."""
    return _header_decoder.decode(data)


def decode_adjustments(data: bytes) -> tuple[ProviderAdjustment, ...]:
    """Provider adjustments as they were stored."""
    return _adjustments_decoder.decode(data)


def save_keys(
    connection: sa.Connection, owner: str, keys_by_document: Iterable[tuple[int, Sequence[str]]]
) -> None:
    """Index documents by the keys that others find them by."""
    rows = [(key, owner, document) for document, keys in keys_by_document for key in keys]
    rows.sort()  # an index is written faster in its own order
    bulk_load(connection, match_keys, rows)


def documents_with_keys(
    connection: sa.Connection, keys: Sequence[str]
) -> dict[str, list[tuple[str, int]]]:
    """Owner and id of every document that has one of these keys, by key."""
    found: dict[str, list[tuple[str, int]]] = {}
    if not keys:
        return found
    query = sa.select(match_keys.c.key, match_keys.c.owner, match_keys.c.document_id)
    rows = connection.execute(query.where(among(match_keys.c.key, keys))).all()
    for key, owner, document in rows:
        found.setdefault(key, []).append((owner, document))
    return found


def unsure_with_keys(
    connection: sa.Connection, keys: Sequence[str], sure: int
) -> dict[str, list[tuple[str, int]]]:
    """Owner and id by key, as :func:`documents_with_keys`, without payments that are settled.

    A payment is settled that found a claim on file with at least this score.
    """
    found: dict[str, list[tuple[str, int]]] = {}
    if not keys:
        return found
    matched = claim_payments.c
    # asked row by row: joined, a database may read all payments for the few that are meant
    settled = (
        sa.select(matched.id)
        .where(match_keys.c.owner == PAYMENT_OWNER, matched.id == match_keys.c.document_id)
        .where(matched.claim_id.is_not(None), matched.match_rule != "opened")
        .where(matched.match_score >= sure)
        .scalar_subquery()
    )
    query = sa.select(match_keys.c.key, match_keys.c.owner, match_keys.c.document_id).where(
        among(match_keys.c.key, keys), settled.is_(None)
    )
    for key, owner, document in connection.execute(query).all():
        found.setdefault(key, []).append((owner, document))
    return found


def documents_beginning(connection: sa.Connection, key: str, *, most: int) -> list[int] | None:
    """Claim documents with a key that begins with this one; ``None`` when there are too many."""
    query = (
        sa.select(match_keys.c.document_id)
        .where(match_keys.c.key > key, match_keys.c.key < key + "~")
        .where(match_keys.c.owner == CLAIM_OWNER)
        .limit(most + 1)
    )
    found = [int(row[0]) for row in connection.execute(query)]
    return found if len(found) <= most else None


def documents_of_patient(connection: sa.Connection, birth_key: str, day: date | None) -> list[int]:
    """Claim documents of this day for patients whose birth key (practice, name) begins so."""
    query = (
        sa.select(claim_documents.c.id)
        .join(claims, claims.c.id == claim_documents.c.claim_id)
        .where(claims.c.birth_key > birth_key, claims.c.birth_key < birth_key + "~")
        .where(claims.c.service_from == day, claims.c.status == "active")
    )
    return [int(row[0]) for row in connection.execute(query)]


def any_claim_documents(connection: sa.Connection) -> bool:
    """Whether the book holds any claim as the practice billed it."""
    return connection.execute(sa.select(claim_documents.c.id).limit(1)).first() is not None


def forget_keys(connection: sa.Connection, owner: str, documents: Sequence[int]) -> None:
    """Take documents out of the index: they are undone."""
    for some in chunks(list(documents)):
        connection.execute(
            sa.delete(match_keys).where(
                match_keys.c.document_id.in_(some), match_keys.c.owner == owner
            )
        )


def load_claim_documents(connection: sa.Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of claim documents with the decoded record under ``claim``."""
    if not ids:
        return []
    query = sa.select(claim_documents).where(among(claim_documents.c.id, ids))
    query = query.order_by(claim_documents.c.id)  # ids of what follows must not vary
    rows = [dict(row._mapping) for row in connection.execute(query).all()]
    for row in rows:
        row["claim"] = decode_claim(row.pop("document"))
    return rows


def load_claim_payments(connection: sa.Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of claim payments with what their remittance says, record under ``payment``."""
    columns: list[Any] = [
        claim_payments,
        remittances.c.payment_date,
        remittances.c.payer_key,
        remittances.c.payer_name,
        remittances.c.reissue,
        remittances.c.status.label("remittance_status"),
        remittances.c.document.label("header"),
        transactions.c.place,
        transactions.c.fingerprint,
    ]
    if not ids:
        return []
    query = (
        sa.select(*columns)
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .join(transactions, transactions.c.id == remittances.c.id)
        .where(among(claim_payments.c.id, ids))
        .order_by(claim_payments.c.id)
    )
    rows = [dict(row._mapping) for row in connection.execute(query).all()]
    for row in rows:
        row["payment"] = decode_payment(row.pop("document"))
        row["header"] = decode_header(row["header"])
    return rows


def active_decisions(
    connection: sa.Connection, payments: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """People's standing decisions on these claim payments, oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    for some in chunks(list(payments)):
        query = (
            sa.select(decisions, exceptions.c.kind.label("issue"))
            .outerjoin(exceptions, exceptions.c.id == decisions.c.exception_id)
            .where(decisions.c.claim_payment_id.in_(some), decisions.c.status == "active")
            .order_by(decisions.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(int(row.claim_payment_id), []).append(dict(row._mapping))
    return found


def given_up_of_remittances(
    connection: sa.Connection, ids: Sequence[int]
) -> dict[int, list[dict[str, Any]]]:
    """Standing decisions to give up money of whole remittances, oldest first."""
    found: dict[int, list[dict[str, Any]]] = {}
    if not any_decisions(connection):
        return found
    for some in chunks(list(ids)):
        query = (
            sa.select(decisions, exceptions.c.kind.label("issue"))
            .join(exceptions, exceptions.c.id == decisions.c.exception_id)
            .where(
                decisions.c.remittance_id.in_(some),
                decisions.c.kind.startswith("write_off:"),
                decisions.c.status == "active",
            )
            .order_by(decisions.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(int(row.remittance_id), []).append(dict(row._mapping))
    return found


def any_decisions(connection: sa.Connection) -> bool:
    """Whether the book holds any standing decision at all (most imports need not look further)."""
    query = sa.select(decisions.c.id).where(decisions.c.status == "active").limit(1)
    return connection.execute(query).first() is not None


def payments_of_claims(connection: sa.Connection, claims: Sequence[int]) -> list[int]:
    """Ids of the claim payments that are assigned to these claims."""
    return _ids_by_claim(connection, claim_payments, claims)


def documents_of_claims(connection: sa.Connection, claims: Sequence[int]) -> list[int]:
    """Ids of the claim documents that belong to these claims."""
    return _ids_by_claim(connection, claim_documents, claims)


def _ids_by_claim(connection: sa.Connection, table: sa.Table, claims: Sequence[int]) -> list[int]:
    query = sa.select(table.c.id).where(among(table.c.claim_id, claims))
    return [row[0] for row in connection.execute(query).all()] if claims else []


def iso(day: date | None) -> str:
    """A date as text, empty when unknown."""
    return day.isoformat() if day is not None else ""
