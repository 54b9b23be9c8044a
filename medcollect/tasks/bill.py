"""Bill claims of the book again: replacement, void, the same once more, the next payer.

A written file is a fact like any other: it is imported as it is written, so that the book knows
what was sent, imports it again as a duplicate, and takes it back with ``undo``. Nothing is made up:
what the claim on file does not say, and no option gives, is refused.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.intake import sort_key
from medcollect.errors import BadRequest, NotAllowed
from medcollect.files import InputFile
from medcollect.ids import name
from medcollect.matching.keys import number_key
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader
from medcollect.money import format_cents
from medcollect.saving import save
from medcollect.store.engine import Store
from medcollect.store.written import save_written
from medcollect.tasks.bill_envelope import Outgoing, outgoing
from medcollect.tasks.bill_facts import BillFacts, bill_facts
from medcollect.tasks.bill_kinds import KINDS, BillOrder, Prepared, prepared
from medcollect.tasks.import_files import import_within
from medcollect.x12 import documents
from medcollect.x12.changes837 import changes_between
from medcollect.x12.write import facts_of

Row = dict[str, Any]

_MINUTE: Final = timedelta(minutes=1)


def bill(
    store: Store,
    numbers: Sequence[str],
    order: BillOrder,
    *,
    output: Path | None = None,
    keep: bool = False,
    now: datetime | None = None,
) -> Row:
    """Write claims to one file and into the book; without ``output`` or ``keep``, only show it.

    Everything is done, proved and read back before anything is kept: the answer is the same either
    way. Raises NotFound, NotAllowed (a rule or a missing fact forbids it), BadRequest.
    """
    _insist(numbers, order, output)
    kept = keep or output is not None
    unit = store.writing() if kept else store.trying()
    with unit as connection:
        found = [(facts := bill_facts(connection, n), prepared(facts, order)) for n in numbers]
        _insist_on_different(found)
        moment = _moment(now, [facts for facts, _ in found])
        sent = outgoing(connection, [made for _, made in found], order, moment)
        told = _kept(store, connection, found, order, sent, output, moment)
    return {**told, "import": told["import"] if kept else None, "written": kept}


def _insist(numbers: Sequence[str], order: BillOrder, output: Path | None) -> None:
    if order.kind not in KINDS:
        raise BadRequest(
            "Say exactly one thing to do.", f"One of: {', '.join(KINDS)}; --help shows examples."
        )
    if not numbers:
        raise BadRequest("Name at least one claim.", "By its number or its id (C000001).")
    if len(numbers) > 1 and (order.fields or order.payer_number or order.coverage):
        raise NotAllowed(
            "Fields, a payer's number and a coverage belong to one claim.", "Name one claim."
        )
    if output is not None and output.exists():
        raise NotAllowed(f"{output} is there already.", "Name a file that is not there yet.")


def _insist_on_different(found: Sequence[tuple[BillFacts, Prepared]]) -> None:
    ids = Counter(facts.loaded.row["id"] for facts, _ in found)
    twice = [name("C", number) for number, count in ids.items() if count > 1]
    if twice:
        raise BadRequest(f"Claims named twice: {', '.join(twice)}.", "Name each claim once.")


def _moment(now: datetime | None, found: Sequence[BillFacts]) -> datetime:
    """When the file is made: now, but behind every document of its claims that is on file."""
    moment = (now or datetime.now(UTC)).replace(second=0, microsecond=0)
    latest = max(document.sort_key for facts in found for document in facts.documents)
    day, clock = latest[:10], latest[11:15]
    if day == f"{moment:%Y-%m-%d}" and clock.isdigit() and clock >= f"{moment:%H%M}":
        at = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H%M").replace(tzinfo=UTC)
        moment = at + _MINUTE
    return moment


def _kept(
    store: Store,
    connection: sa.Connection,
    found: Sequence[tuple[BillFacts, Prepared]],
    order: BillOrder,
    sent: Outgoing,
    output: Path | None,
    moment: datetime,
) -> Row:
    """Read the file back, remember it, import it, write it: all or nothing."""
    data = sent.text.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    keys = _read_back(data, sent.claims)
    rows = [
        _row(made, keys[number], order, sent, sha256, moment)
        for number, (_, made) in enumerate(found)
    ]
    label = str(output) if output is not None else f"billed {sent.control_number}"
    import_id, answer = _imported(store, connection, rows, InputFile(label, len(data), _Made(data)))
    if output is not None:
        save(output, data)
    return {
        "kind": order.kind,
        "import": import_id,
        "file": str(output) if output is not None else None,
        "sha256": sha256,
        "control_number": sent.control_number,
        "claims": [_told(facts, made) for facts, made in found],
        "findings": [f for file in answer["files"] for f in file["findings"]],
        "edi": sent.text,
    }


class _Made(msgspec.Struct, frozen=True):
    """A file that was just made."""

    data: bytes

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


def _imported(
    store: Store, connection: sa.Connection, rows: list[Row], file: InputFile
) -> tuple[str, Row]:
    """Remember which documents the new ones follow, then take the file in."""

    def remember(import_id: int) -> None:
        save_written(connection, [{**row, "import_id": import_id} for row in rows])

    answer = import_within(store, connection, file, today=_today(rows), before=remember)
    return answer["import"], answer


def _today(rows: Sequence[Row]) -> date:
    return max(dates.today(), date.fromisoformat(rows[0]["written_at"][:10]))


def _row(
    made: Prepared,
    key: str,
    order: BillOrder,
    sent: Outgoing,
    sha256: str,
    moment: datetime,
) -> Row:
    """What is remembered of a written claim."""
    claim = made.claim
    return {
        "sort_key": key,
        "source_sort_key": made.source.sort_key,
        "number_key": number_key(claim.patient_control_number),
        "source_number_key": number_key(made.source.claim.patient_control_number),
        "kind": order.kind,
        "frequency": claim.frequency,
        "payer_name": claim.coverage.payer.last_name,
        "payer_claim_control_number": claim.reference("F8"),
        "control_number": sent.control_number,
        "sha256": sha256,
        "reason": order.reason,
        "user_name": order.user,
        "written_at": moment.isoformat(timespec="seconds"),
    }


def _told(facts: BillFacts, made: Prepared) -> Row:
    """One claim of the answer: what is sent, to whom, and what differs from what was on file."""
    claim = made.claim
    return {
        "claim": name("C", facts.loaded.row["id"]),
        "patient_control_number": claim.patient_control_number,
        "form": claim.form,
        "frequency": claim.frequency,
        "payer": claim.coverage.payer.last_name,
        "payer_id": claim.coverage.payer.id,
        "rank": claim.coverage.rank_code,
        "payer_claim_control_number": claim.reference("F8") or None,
        "charge": format_cents(claim.charge_cents),
        "changes": [msgspec.to_builtins(c) for c in changes_between(made.before, made.parts)],
        "notes": made.notes,
    }


def _read_back(data: bytes, claims: Sequence[tuple[int, Claim]]) -> dict[int, str]:
    """The sort keys of the written claims, by their place in the order; each reads as it was meant.

    What differs would be a fault of ours: it stops everything before anything is kept.
    """
    read: list[tuple[ClaimsHeader, Claim]] = []
    found: list[tuple[ClaimsHeader, Claim, str]] = []
    header: ClaimsHeader | None = None
    for document in documents(io.BytesIO(data)):
        if isinstance(document, ClaimsHeader):
            header = document
        elif isinstance(document, Claim) and header is not None:
            read.append((header, document))
        elif isinstance(document, ClaimsEnd):
            found += [(h, c, document.fingerprint) for h, c in read]
            read = []
    keys: dict[int, str] = {}
    for (number, meant), (above, claim, fingerprint) in zip(claims, found, strict=True):
        if facts_of(claim) != facts_of(meant):
            raise AssertionError("a written claim does not read as it was meant")
        keys[number] = sort_key(above, claim, fingerprint)
    return keys


__all__ = ["BillOrder", "bill"]
