"""Contracts and fee schedules in the book: versions kept, listed, taken back."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from medcollect.contracts import Contract, Terms
from medcollect.contracts.terms import Kind
from medcollect.findings import Finding
from medcollect.store.desk_tables import contracts
from medcollect.store.engine import allocate, bulk_load, update_rows
from medcollect.store.identities import ACTIVE, UNDONE

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Terms)

#: The columns that tell about a version, without its rows.
_HEADER = tuple(column for column in contracts.columns if column.name != "terms")


class Source(msgspec.Struct, frozen=True):
    """Where a version came from, who entered it and why."""

    label: str
    sha256: str
    user: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()


def save_contract(connection: sa.Connection, contract: Contract, source: Source) -> int:
    """Keep a new version; gives its id."""
    number = allocate(connection, contracts, 1)
    row = {
        "id": number,
        "kind": contract.kind,
        "name": contract.name,
        "payer": contract.payer,
        "plans": " ".join(contract.plans),
        "valid_from": contract.valid_from,
        "valid_to": contract.valid_to,
        "terms": zlib.compress(_encoder.encode(contract.terms)),
        "row_count": len(contract.terms.rows),
        "label": source.label,
        "sha256": source.sha256,
        "findings": msgspec.json.encode(source.findings).decode(),
        "reason": source.reason,
        "user_name": source.user,
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": ACTIVE,
    }
    bulk_load(connection, contracts, [tuple(row[c.name] for c in contracts.columns)])
    return number


def standing_contracts(connection: sa.Connection) -> list[Contract]:
    """Every version that counts, with its rows."""
    query = sa.select(contracts).where(contracts.c.status == ACTIVE).order_by(contracts.c.id)
    return [contract_of(row) for row in connection.execute(query)]


def standing_versions(connection: sa.Connection) -> tuple[tuple[int, ...], ...]:
    """The ids of the versions that count: the same ids, the same contracts."""
    query = sa.select(contracts.c.id).where(contracts.c.status == ACTIVE).order_by(contracts.c.id)
    return tuple(tuple(row) for row in connection.execute(query))


def contract_of(row: sa.Row[Any]) -> Contract:
    """A version as the rules take it."""
    found = row._mapping
    return Contract(
        id=found["id"],
        name=found["name"],
        kind=cast("Kind", found["kind"]),
        valid_from=found["valid_from"],
        valid_to=found["valid_to"],
        payer=found["payer"],
        plans=tuple(found["plans"].split()),
        terms=_terms(bytes(found["terms"])),
    )


@lru_cache(maxsize=64)
def _terms(data: bytes) -> Terms:
    """The rows of a version as they were kept."""
    return _decoder.decode(zlib.decompress(data))


def contract_rows(
    connection: sa.Connection, after: int, limit: int | None
) -> Sequence[sa.Row[Any]]:
    """Versions in the order they were entered, undone ones too, without their rows of prices."""
    query = sa.select(*_HEADER).where(contracts.c.id > after).order_by(contracts.c.id)
    return connection.execute(query.limit(limit) if limit is not None else query).all()


def contract_row(connection: sa.Connection, number: int) -> sa.Row[Any] | None:
    """One version with everything."""
    return connection.execute(sa.select(contracts).where(contracts.c.id == number)).first()


def undo_contract(connection: sa.Connection, number: int) -> bool:
    """Mark a version undone; false where there is none that stands."""
    row = contract_row(connection, number)
    if row is None or row.status != ACTIVE:
        return False
    update_rows(connection, contracts, [{"id": number, "status": UNDONE}])
    return True
