"""Claims that are kept now and judged later in the same import, beside the answers it brings.

An import of years of claims and remittances at once would judge every claim twice: when it is
filed and when it is answered. Where remittances follow, claims are written with their keys only;
an answer finds them by these and both are judged together, as if the claim had come with it (in any
order of files the balances are the same, DESIGN section 6.1). What no answer has found is judged
at the end. A counter in the book says from which document on some may wait, so that an import that
was killed leaves nothing behind that the next one does not judge.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derive import Derived, derive
from medcollect.bookkeeping.links import NewRows, load_new
from medcollect.store.engine import counted, set_counter
from medcollect.store.tables import claim_documents, transactions

#: The counter of the first document that may wait; zero where none does.
_WAITING_FROM = "claim_documents_waiting_from"

#: Documents that are judged at once.
_AT_ONCE = 2_000


def keep_later_claims(connection: sa.Connection, documents: NewRows) -> None:
    """Write claim documents that wait for the end of the import, or for their answers."""
    load_new(connection, claim_documents, documents)
    if not counted(connection, _WAITING_FROM)[0]:
        set_counter(connection, _WAITING_FROM, min(documents))


def judge_later_claims(connection: sa.Connection, import_id: int, today: date) -> Derived | None:
    """Judge some of the claims that wait; ``None`` where none does any more."""
    first = counted(connection, _WAITING_FROM)[0]
    if not first:
        return None
    query = (
        sa.select(claim_documents.c.id)
        .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
        .where(claim_documents.c.id >= first, claim_documents.c.claim_id.is_(None))
        .where(transactions.c.status == "active")
        .order_by(claim_documents.c.id)
        .limit(_AT_ONCE)
    )
    waiting = [row[0] for row in connection.execute(query)]
    if not waiting:
        set_counter(connection, _WAITING_FROM, 0)
        return None
    closure = Closure(connection)
    closure.load_documents(waiting)
    closure.complete()
    return derive(connection, closure, import_id=import_id, today=today, new_documents={})
