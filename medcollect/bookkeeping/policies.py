"""The policies in force: facts of the book, under which everything derived is judged.

A book is judged under one version at a time, whatever the order in which files came: the newest
that stands. A new version counts for what is posted already as well, so taking one over
(``repost``) judges everything anew and corrects it by counter-entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.experience import judging
from medcollect.bookkeeping.ranking import TO_BE_SEARCHED
from medcollect.bookkeeping.rejudging import judge_cases_anew
from medcollect.model.policies import Policies
from medcollect.store.engine import allocate, bulk_load, last_id, set_counter
from medcollect.store.policies import InForce, encoded, newest
from medcollect.store.tables import claim_payments, claims, policies, remittances, transactions

#: Claims judged in one go while everything is judged anew.
_CLAIMS_AT_ONCE = 500


def digest(wanted: Policies) -> str:
    """What tells one set of policies from another."""
    return hashlib.sha256(encoded(wanted).encode()).hexdigest()


def adopt(
    connection: sa.Connection, wanted: Policies, *, reason: str, user: str, today: date
) -> int:
    """Put a version in force, on record; the caller judges anew what it touches."""
    number = allocate(connection, policies, 1)
    now = datetime.combine(today, datetime.now(UTC).timetz()).isoformat(timespec="seconds")
    row = (number, encoded(wanted), digest(wanted), reason, user, now, "active")
    bulk_load(connection, policies, [row])
    return number


def adopt_at_first(connection: sa.Connection, wanted: Policies | None, today: date) -> InForce:
    """The policies in force; a book that never imported takes these over first."""
    in_force = newest(connection)
    is_new = last_id(connection, transactions) == 0
    if is_new and wanted is not None and wanted != in_force.policies:
        adopt(connection, wanted, reason="first import", user="medcollect", today=today)
        return newest(connection)
    return in_force


def judge_everything(connection: sa.Connection, today: date) -> int:
    """Judge all claims and all payments that wait anew; returns how many entries were reversed."""
    corrections = 0
    done: set[int] = set()
    for some in _pieces(_ids(connection, claims.c.id, claims.c.status == "active")):
        left = [claim for claim in some if claim not in done]
        closure = Closure(connection)
        closure.add_claims(left)
        corrections += _judge(connection, closure, today)
        done |= closure.claims | _claims_of(closure)
    for some in _pieces(_waiting(connection)):
        closure = Closure(connection)
        closure.load_payments(list(some))
        corrections += _judge(connection, closure, today)
    judge_cases_anew(connection, judging(connection), today)
    set_counter(connection, TO_BE_SEARCHED, 0)
    return corrections


def _judge(connection: sa.Connection, closure: Closure, today: date) -> int:
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections


def _claims_of(closure: Closure) -> set[int]:
    """Claims that the documents of a closure belonged to before."""
    documents = {d.prior_claim for d in closure.documents.values()}
    payments = {p.prior_claim for p in closure.payments.values()}
    return {claim for claim in documents | payments if claim is not None}


def _waiting(connection: sa.Connection) -> list[int]:
    """Payments of standing remittances that are on no claim."""
    query = (
        sa.select(claim_payments.c.id)
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .where(claim_payments.c.claim_id.is_(None), remittances.c.status == "active")
        .order_by(claim_payments.c.id)
    )
    return [int(row[0]) for row in connection.execute(query)]


def _ids(
    connection: sa.Connection, column: sa.Column[int], condition: sa.ColumnElement[bool]
) -> list[int]:
    query = sa.select(column).where(condition).order_by(column)
    return [int(row[0]) for row in connection.execute(query)]


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CLAIMS_AT_ONCE):
        yield ids[start : start + _CLAIMS_AT_ONCE]
