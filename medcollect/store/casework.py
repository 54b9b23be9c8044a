"""The work on denials in the book: steps kept, looked up and taken back; where cases stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.model.casework import Moment, StepDetails
from medcollect.model.desk import Concerns
from medcollect.store.engine import allocate, bulk_load, chunks, last_id, update_rows
from medcollect.store.identities import ACTIVE, UNDONE
from medcollect.store.tables import case_steps, decisions, denial_cases

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(StepDetails)


class CaseStep(msgspec.Struct, frozen=True):
    """A step with what finds its case again: the claim's keys, the payer, the reason."""

    moment: Moment
    concerns: Concerns
    payer_key: str
    cause: str
    status: str = ACTIVE


def save_step(
    connection: sa.Connection,
    moment: Moment,
    concerns: Concerns,
    *,
    payer_key: str,
    cause: str,
) -> CaseStep:
    """Keep a step that a person took."""
    number = allocate(connection, case_steps, 1)
    moment = msgspec.structs.replace(
        moment, id=number, recorded_at=datetime.now(UTC).isoformat(timespec="seconds")
    )
    row = {
        "id": number,
        "kind": moment.kind,
        "day": moment.day,
        "details": _encoder.encode(moment.details),
        **msgspec.structs.asdict(concerns),
        "payer_key": payer_key,
        "cause": cause,
        "decision_id": moment.decision,
        "reason": moment.reason,
        "user_name": moment.user,
        "recorded_at": moment.recorded_at,
        "status": ACTIVE,
        "bulk": moment.details.bulk or None,
    }
    bulk_load(connection, case_steps, [tuple(row[c.name] for c in case_steps.columns)])
    return CaseStep(moment, concerns, payer_key, cause)


def steps_with_numbers(connection: sa.Connection, numbers: Iterable[str]) -> list[CaseStep]:
    """The steps on claims with these numbers (as keys), undone ones too, in their order.

    The numbers are not asked for where nobody has taken any step.
    """
    if not last_id(connection, case_steps):
        return []
    found: list[CaseStep] = []
    for some in chunks(sorted(set(numbers))):
        found += _steps(connection, case_steps.c.number_key.in_(some))
    return found


def step_by_id(connection: sa.Connection, number: int) -> CaseStep | None:
    """One step, undone or not."""
    return next(iter(_steps(connection, case_steps.c.id == number)), None)


def next_step(connection: sa.Connection) -> int:
    """The number that the next step gets; a book has one writer at a time."""
    return last_id(connection, case_steps) + 1


def steps_of_bulk(connection: sa.Connection, number: int) -> list[CaseStep]:
    """The steps taken at once with a first one."""
    return _steps(connection, case_steps.c.bulk == number)


def bulk_steps(
    connection: sa.Connection, limit: int, before: int | None = None
) -> list[tuple[int, list[CaseStep]]]:
    """What was done to many cases at once, the last first: its number and its steps."""
    query = sa.select(case_steps.c.bulk).where(case_steps.c.bulk.is_not(None)).distinct()
    if before is not None:
        query = query.where(case_steps.c.bulk < before)
    numbers = connection.execute(query.order_by(case_steps.c.bulk.desc()).limit(limit)).scalars()
    return [(number, steps_of_bulk(connection, number)) for number in numbers.all()]


def undo_step(connection: sa.Connection, step: CaseStep) -> None:
    """Mark a step undone."""
    update_rows(connection, case_steps, [{"id": step.moment.id, "status": UNDONE}])


def _steps(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[CaseStep]:
    """Steps in their order; a write-off whose decision was undone is undone."""
    query = (
        sa.select(case_steps, decisions.c.status.label("decision_status"))
        .outerjoin(decisions, decisions.c.id == case_steps.c.decision_id)
        .where(wanted)
        .order_by(case_steps.c.id)
    )
    return [_step(dict(row._mapping)) for row in connection.execute(query)]


def _step(row: dict[str, Any]) -> CaseStep:
    moment = Moment(
        kind=row["kind"],
        day=row["day"],
        id=row["id"],
        details=_decoder.decode(row["details"]),
        user=row["user_name"],
        reason=row["reason"],
        recorded_at=row["recorded_at"],
        decision=row["decision_id"],
    )
    concerns = Concerns(**{field: row[field] for field in Concerns.__struct_fields__})
    gone = row["decision_status"] == UNDONE
    status = UNDONE if gone else row["status"]
    return CaseStep(moment, concerns, row["payer_key"], row["cause"], status)


def write_cases(
    connection: sa.Connection, claims: Sequence[int], rows: Sequence[dict[str, Any]]
) -> None:
    """Where the cases of these claims stand now; those without a row are new."""
    if not rows and not last_id(connection, denial_cases):
        return
    for some in chunks(list(claims)):
        connection.execute(sa.delete(denial_cases).where(denial_cases.c.claim_id.in_(some)))
    if rows:
        first = allocate(connection, denial_cases, len(rows))
        names = [column.name for column in denial_cases.columns]
        numbered = [{"id": first + place, **row} for place, row in enumerate(rows)]
        bulk_load(connection, denial_cases, [tuple(row[n] for n in names) for row in numbered])


def earliest(days: Collection[date | None]) -> date | None:
    """The first of some days, of which none may be known."""
    return min((day for day in days if day is not None), default=None)
