"""The denial worklist in SQL: what the filters keep, in order of work, a page at a time.

The first page reads the stored order by its index and judges only the cases that it shows. Count
and amounts of the whole list are added up once and reused until a case is written.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.ranking import is_ranked, priority_on, rank, times_written
from medcollect.bookkeeping.refusals import REJECTED
from medcollect.errors import BadRequest, BookUnavailable
from medcollect.ids import number_of
from medcollect.money import parse_cents
from medcollect.store.engine import Store
from medcollect.store.tables import claim_payments, claims, denials, remittances

_PAYER: Final = sa.func.coalesce(remittances.c.payer_name, claims.c.payer_name)
_Query = TypeVar("_Query", bound=sa.Select[*tuple[Any, ...]])

_NO_LIMIT: Final = date(9999, 12, 31)


class Totals(NamedTuple):
    """Cases and cents of all that the filters keep; of the rejected among it besides."""

    cases: int
    cents: int
    rejected: int
    rejected_cents: int


class DenialFilter(NamedTuple):
    """Which cases are asked for; ``status`` None or ``all``: whatever became of them."""

    payer: str | None = None
    category: str | None = None
    status: str | None = "open"
    minimum: str | None = None
    kind: str | None = None
    claim_id: int | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the filters ask of a row of :func:`with_names`."""
        found = [denials.c.status != "withdrawn"]
        if self.status not in {None, "all"}:
            found.append(denials.c.status == self.status)
        if self.payer:
            found.append(sa.func.lower(_PAYER).contains(self.payer.lower()))
        if self.category:
            found.append(denials.c.category == self.category)
        if self.minimum:
            found.append(denials.c.at_stake_cents >= _minimum(self.minimum))
        if self.kind:
            found.append(denials.c.kind == self.kind)
        if self.claim_id is not None:
            found.append(denials.c.claim_id == self.claim_id)
        return found

    def narrow(self, query: _Query) -> _Query:
        """A query over cases with these filters, joined only as far as they need it."""
        return (_joined(query) if self.payer else query).where(*self.conditions())


def _minimum(text: str) -> int:
    cents = parse_cents(text)
    if cents is None or cents < 0:
        message = "The minimum is no amount of money denied."
        raise BadRequest(message, "Give dollars such as 100 or 99.50.")
    return cents


def _joined(query: _Query) -> _Query:
    """The query with the documents that name a case's payer and claim."""
    return (
        query.outerjoin(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .outerjoin(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .outerjoin(claims, claims.c.id == denials.c.claim_id)
    )


def with_names() -> sa.Select[Any]:
    """Cases with the claim's number and the payer's name."""
    number = sa.func.coalesce(
        claim_payments.c.patient_control_number, claims.c.patient_control_number
    )
    columns = (number.label("patient_control_number"), _PAYER.label("payer_name"))
    return _joined(sa.select(denials, *columns).select_from(denials))


def keep_ranked(store: Store, day: date) -> None:
    """Rank the book for today where that has not been done; a book not to be written stays."""
    with store.reading() as connection:
        done = is_ranked(connection, day)
    if done or day != dates.today():
        return
    with suppress(BookUnavailable), store.writing() as connection:
        rank(connection, day)


def in_order(
    connection: sa.Connection, wanted: DenialFilter, limit: int | None, after: str | None, day: date
) -> list[dict[str, Any]]:
    """The cases that the filters keep in order of work, from behind ``after``, one more than asked.

    Raises BadRequest for a cursor that is none of ours.
    """
    priority = denials.c.priority if is_ranked(connection, day) else priority_on(day)
    limited = sa.func.coalesce(denials.c.deadline, sa.literal(_NO_LIMIT, sa.Date))
    order = (priority.desc(), limited, denials.c.id)
    ids = wanted.narrow(sa.select(denials.c.id).select_from(denials)).order_by(*order)
    if after is not None:
        number = number_of(after, "N")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        place = connection.execute(
            sa.select(priority, limited).where(denials.c.id == number)
        ).first()
        if place is None:
            return []
        later = (limited > place[1]) | ((limited == place[1]) & (denials.c.id > number))
        ids = ids.where(priority <= place[0], (priority < place[0]) | later)
    if limit is not None:
        ids = ids.limit(limit + 1)
    page = ids.subquery()
    query = with_names().join(page, page.c.id == denials.c.id).order_by(*order)
    return [dict(row._mapping) for row in connection.execute(query)]


#: Of each open book: how often its cases were written, and the totals by filters since then.
_known: WeakKeyDictionary[Store, tuple[int, dict[DenialFilter, Totals]]] = WeakKeyDictionary()


def totals(store: Store, connection: sa.Connection, wanted: DenialFilter) -> Totals:
    """Count and amounts of all that the filters keep.

    Payers' names may change without a case being written, so a list by payer is always added up.
    """
    if wanted.payer:
        return _added_up(connection, wanted)
    written = times_written(connection)
    since, by_filter = _known.get(store, (-1, {}))
    if since != written or len(by_filter) >= _FILTERS_MOST:
        by_filter = {}
    if wanted not in by_filter:
        by_filter[wanted] = _added_up(connection, wanted)
        _known[store] = (written, by_filter)
    return by_filter[wanted]


_FILTERS_MOST: Final = 1000


def _added_up(connection: sa.Connection, wanted: DenialFilter) -> Totals:
    """The totals by the database."""
    rejected = denials.c.kind == REJECTED
    query = sa.select(
        sa.func.count(),
        sa.func.sum(denials.c.amount_cents),
        sa.func.sum(sa.case((rejected, 1), else_=0)),
        sa.func.sum(sa.case((rejected, denials.c.at_stake_cents), else_=0)),
    ).select_from(denials)
    row = connection.execute(wanted.narrow(query)).one()
    return Totals(*(int(value or 0) for value in row))
