"""Exceptions over acknowledgements and statuses that find no claim, or more than one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.store.engine import allocate, bulk_load, chunks, update_rows
from medcollect.store.tables import correspondence, exceptions

#: Kinds of questions, with what they ask.
LETTER_QUESTIONS: Final = {
    "acknowledgement_without_file": "An acknowledgement answers nothing that is on file.",
    "acknowledgement_not_certain": "An acknowledgement fits several files that were sent.",
    "status_without_claim": "No claim is on file for this status (277CA, 277, 276).",
    "status_not_certain": "Several claims fit this status, or the evidence is too weak.",
}


class Question(msgspec.Struct, frozen=True):
    """What waits for a person over one row of correspondence; no money hangs on it."""

    kind: str
    reason: str
    candidates: str = "[]"


def keep_questions(
    connection: sa.Connection, wanted: Mapping[int, Question | None], import_id: int | None
) -> None:
    """Bring the exceptions over these rows of correspondence in step: open, update or settle."""
    known: dict[int, dict[str, Any]] = {}
    for some in chunks(sorted(wanted)):
        query = sa.select(exceptions).where(exceptions.c.correspondence_id.in_(some))
        for row in connection.execute(query):
            known[row.correspondence_id] = dict(row._mapping)
    update_rows(connection, exceptions, list(_changes(wanted, known, import_id)))
    fresh = {i: q for i, q in wanted.items() if q is not None and i not in known}
    if not fresh:
        return
    sources = _imports(connection, sorted(fresh))
    first = allocate(connection, exceptions, len(fresh))
    rows = [
        {
            "id": first + place,
            "kind": question.kind,
            "claim_payment_id": None,
            "remittance_id": None,
            "claim_id": None,
            "import_id": import_id or sources[letter],
            "amount_cents": 0,
            "reason": question.reason,
            "candidates": question.candidates,
            "status": "open",
            "settled_by": None,
            "correspondence_id": letter,
        }
        for place, (letter, question) in enumerate(sorted(fresh.items()))
    ]
    names = [column.name for column in exceptions.columns]
    bulk_load(connection, exceptions, [tuple(row.get(n) for n in names) for row in rows])


def _imports(connection: sa.Connection, letters: list[int]) -> dict[int, int]:
    """The import of each row."""
    found: dict[int, int] = {}
    for some in chunks(letters):
        query = sa.select(correspondence.c.id, correspondence.c.import_id).where(
            correspondence.c.id.in_(some)
        )
        found.update({int(row[0]): int(row[1]) for row in connection.execute(query)})
    return found


def _changes(
    wanted: Mapping[int, Question | None],
    known: Mapping[int, dict[str, Any]],
    import_id: int | None,
) -> Iterator[dict[str, Any]]:
    """Updates of exceptions that are on file, all with the same columns."""
    for letter, row in known.items():
        question = wanted[letter]
        settled_by = row["settled_by"] if row["status"] == "settled" else import_id
        changed = {
            "kind": question.kind if question else row["kind"],
            "reason": question.reason if question else row["reason"],
            "candidates": question.candidates if question else row["candidates"],
            "status": "open" if question else "settled",
            "settled_by": None if question else settled_by,
        }
        if any(row[name] != value for name, value in changed.items()):
            yield {"id": row["id"], **changed}
