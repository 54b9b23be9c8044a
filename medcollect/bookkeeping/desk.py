"""Judge the claims anew that an entry by hand is about, or post what is about no claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.entered import sent_refunds
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.ledger.refund_cheques import refund_entries
from medcollect.model.desk import AccountMerge, AccountSplit, Concerns, PayerRefund, ReturnedCheque
from medcollect.store.desk import DeskEntry, standing_entries
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import claims

_KEYS = ("number_key", "birth_key", "member_key")


def claims_concerned(connection: sa.Connection, entry: DeskEntry) -> list[int]:
    """The active claims that an entry is about, the oldest first.

    Of merged or split accounts: all claims of theirs, as other entries follow the accounts. A
    refund cheque for a recovery that names no claim is about none.
    """
    if cheque_without_claim(entry) is not None:
        return []
    people = People(standing_entries(connection))
    query = sa.select(claims).where(claims.c.status == "active").order_by(claims.c.id)
    rows = connection.execute(query.where(_may_be_about(people, entry))).all()
    if isinstance(entry.fact, AccountMerge | AccountSplit):
        touched = sorted({row.account_id for row in rows} - {None})
        return [row.id for row in connection.execute(query.where(claims.c.account_id.in_(touched)))]
    return [int(row.id) for row in rows if people.is_about(entry, concerns_of(row._mapping))]


def claims_meant(connection: sa.Connection, keys: Concerns) -> list[int]:
    """The active claims that the keys of a claim mean, the oldest first."""
    query = sa.select(claims).where(claims.c.number_key == keys.number_key)
    rows = connection.execute(query.where(claims.c.status == "active").order_by(claims.c.id))
    return [int(row.id) for row in rows if keys.covers(concerns_of(row._mapping))]


def _may_be_about(people: People, entry: DeskEntry) -> sa.ColumnElement[bool]:
    """Claims that share a key with what an entry names, or with what belongs to that by hand."""
    named = getattr(entry.fact, "claims", (entry.concerns,))
    if entry.concerns.number_key:
        return claims.c.number_key == entry.concerns.number_key
    related = people.related(named)
    wanted = {key: sorted({getattr(one, key) for one in related} - {""}) for key in _KEYS}
    return sa.or_(*(claims.c[key].in_(values) for key, values in wanted.items() if values))


def judge_claims(connection: sa.Connection, concerned: Sequence[int], today: date) -> int:
    """Judge these claims with everything that belongs to them; entries that it reversed."""
    if not concerned:
        return 0
    closure = Closure(connection)
    closure.add_claims(concerned)
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections


def cheque_without_claim(entry: DeskEntry) -> int | None:
    """The entry of the refund cheque that this one is, or returns, where it names no claim."""
    if entry.concerns.number_key or not isinstance(entry.fact, PayerRefund | ReturnedCheque):
        return None
    return entry.id if isinstance(entry.fact, PayerRefund) else entry.fact.cheque


def judge_entry(
    connection: sa.Connection, entry: DeskEntry, concerned: Sequence[int], today: date
) -> int:
    """Follow an entry, or its undoing: its claims, or its own postings; entries reversed."""
    number = cheque_without_claim(entry)
    if number is None:
        return judge_claims(connection, concerned, today)
    sent = [one for one in sent_refunds(standing_entries(connection)) if one.number == number]
    journal = JournalWriter(connection, None, today)
    standing = journal.standing("desk_entry", [number]).get(number, [])
    journal.keep_in_step("desk_entry", number, standing, [*refund_entries(sent, ())])
    journal.write()
    return journal.reversed_count
