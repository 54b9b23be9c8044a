"""Take acknowledgements, status and eligibility out of the book again, or bring them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.acknowledgements import forget_answers, relink
from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.letter_intake import LetterIntake
from medcollect.bookkeeping.letters import (
    CLAIM,
    OWNERS,
    SENDING,
    decode_sending,
    decode_status,
    sending_answer,
    sent_columns,
    sent_keys,
    transaction_of,
)
from medcollect.findings import Finding
from medcollect.matching.sendings import answer_key
from medcollect.matching.statuses import status_keys
from medcollect.model.claim import OtherTransaction
from medcollect.store import facts
from medcollect.store.correspondence import claims_sent_in
from medcollect.store.engine import chunks, update_rows
from medcollect.store.raw import open_raw
from medcollect.store.tables import correspondence, exceptions, files
from medcollect.x12 import life_documents

_UNDONE = "undone"


def letters_in(connection: sa.Connection, transactions: Sequence[int]) -> list[Any]:
    """The standing rows of correspondence of these transactions."""
    found: list[Any] = []
    for some in chunks(list(transactions)):
        query = sa.select(correspondence).where(
            correspondence.c.transaction_id.in_(some), correspondence.c.status == "active"
        )
        found += connection.execute(query).all()
    return found


def forget_letters(
    connection: sa.Connection, letters: Sequence[Any], sent: Sequence[Any], closure: Closure
) -> None:
    """Mark rows undone, and add what they concern to the closure that is judged anew.

    ``sent`` are the transactions, undone by now, that acknowledgements may have answered.
    """
    answered = [row.id for row in letters if row.subject == SENDING]
    claims = set(forget_answers(connection, answered))
    claims.update(row.claim_id for row in letters if row.claim_id is not None)
    changes = [{"id": r.id, "status": _UNDONE, "claim_id": None} for r in letters]
    update_rows(connection, correspondence, changes)
    for subject, owner in OWNERS.items():
        facts.forget_keys(connection, owner, [row.id for row in letters if row.subject == subject])
    facts.forget_keys(connection, facts.SENT_OWNER, [row.id for row in sent])
    for some in chunks([row.id for row in letters]):
        connection.execute(
            sa.update(exceptions)
            .where(exceptions.c.correspondence_id.in_(some))
            .values(status=_UNDONE)
        )
    claims.update(claims_sent_in(connection, [row.id for row in sent]))
    claims.update(relink(connection, _sending_keys(letters, sent), None))
    for row in letters:
        if row.subject == CLAIM:
            closure.add_keys(status_keys(row.kind, decode_status(row.document)))
    closure.add_claims(sorted(claims))


def _sending_keys(letters: Sequence[Any], sent: Sequence[Any]) -> set[str]:
    """The keys under which something that was sent may have another answer now."""
    keys = {key for row in sent for key in sent_keys(row.kind, sent_columns(row._mapping))}
    for row in letters:
        if row.subject == SENDING:
            keys.add(answer_key(sending_answer(row.kind, decode_sending(row.kind, row.document))))
    return keys - {""}


def revive_letters(
    connection: sa.Connection, file_id: int, rows: Sequence[Any], today: date
) -> None:
    """Bring in what transactions say that were skipped as known, from the kept file."""
    file = connection.execute(sa.select(files).where(files.c.id == file_id)).one()
    wanted = {row.segment: row.id for row in rows}
    intake = LetterIntake(connection, file.import_id, file_id, today)
    with open_raw(connection, file.sha256) as stream:
        for document in life_documents(stream):  # type: ignore[arg-type]
            if isinstance(document, Finding | OtherTransaction):
                continue
            transaction_id = wanted.get(transaction_of(document).segment)
            if transaction_id is not None:
                intake.say(document, transaction_id)
    intake.flush()
