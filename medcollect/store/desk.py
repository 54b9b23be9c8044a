"""What people entered by hand about patients and claims: kept, looked up, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from medcollect.model.desk import Concerns, DeskFact
from medcollect.store.engine import allocate, bulk_load, update_rows
from medcollect.store.identities import ACTIVE, UNDONE
from medcollect.store.tables import desk_entries

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(DeskFact)


class DeskEntry(msgspec.Struct, frozen=True):
    """An entry of the book: what was entered, about whom, by whom, why, when."""

    id: int
    fact: DeskFact
    concerns: Concerns
    replaces: int | None = None
    reason: str = ""
    user: str = ""
    recorded_at: str = ""
    status: str = ACTIVE


def save_entry(
    connection: sa.Connection,
    fact: DeskFact,
    concerns: Concerns,
    *,
    replaces: int | None = None,
    reason: str,
    user: str,
) -> DeskEntry:
    """Keep what a person entered."""
    entry = DeskEntry(
        id=allocate(connection, desk_entries, 1),
        fact=fact,
        concerns=concerns,
        replaces=replaces,
        reason=reason,
        user=user,
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    row = {
        "id": entry.id,
        "kind": kind_of(fact),
        "details": _encoder.encode(fact),
        "replaces": replaces,
        **msgspec.structs.asdict(concerns),
        "reason": reason,
        "user_name": user,
        "recorded_at": entry.recorded_at,
        "status": ACTIVE,
    }
    bulk_load(connection, desk_entries, [tuple(row[c.name] for c in desk_entries.columns)])
    return entry


def kind_of(fact: DeskFact) -> str:
    """Its tag, such as ``coverage``, ``move`` or ``payer_refund``."""
    return str(fact.__struct_config__.tag)


def standing_entries(connection: sa.Connection) -> list[DeskEntry]:
    """Every entry that counts, in the order they were entered; a correction stands in its place.

    They are few beside the claims: people type them.
    """
    query = sa.select(desk_entries).where(desk_entries.c.status == ACTIVE)
    found = [_entry(row) for row in connection.execute(query.order_by(desk_entries.c.id))]
    replaced = {entry.replaces for entry in found}
    return [entry for entry in found if entry.id not in replaced]


def entries_by_id(connection: sa.Connection, ids: Sequence[int]) -> list[DeskEntry]:
    """Entries by their ids, undone ones too."""
    query = sa.select(desk_entries).where(desk_entries.c.id.in_(ids))
    return [_entry(row) for row in connection.execute(query.order_by(desk_entries.c.id))]


def all_entries(connection: sa.Connection, after: int, limit: int) -> list[DeskEntry]:
    """A page of entries in the order they were entered, undone ones too."""
    query = sa.select(desk_entries).where(desk_entries.c.id > after)
    rows = connection.execute(query.order_by(desk_entries.c.id).limit(limit))
    return [_entry(row) for row in rows]


def undo_entry(connection: sa.Connection, entry: DeskEntry) -> None:
    """Mark an entry undone."""
    update_rows(connection, desk_entries, [{"id": entry.id, "status": UNDONE}])


def _entry(row: sa.Row[tuple[object, ...]]) -> DeskEntry:
    found = row._mapping
    concerns = {field: found[field] for field in Concerns.__struct_fields__}
    return DeskEntry(
        id=found["id"],
        fact=_decoder.decode(found["details"]),
        concerns=Concerns(**concerns),
        replaces=found["replaces"],
        reason=found["reason"],
        user=found["user_name"],
        recorded_at=found["recorded_at"],
        status=found["status"],
    )
