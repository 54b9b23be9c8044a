"""The denial worklist in SQL: what the filters keep, in order of work, a page at a time.

The first page reads the stored order by its index and judges only the cases that it shows. Count
and amounts of the whole list are added up once and reused until a case is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.experience import LEARNED_ON, judging, learn
from medcollect.bookkeeping.ranking import (
    JUDGED_BY,
    RANKED_ON,
    case_limit,
    is_ranked,
    priority_on,
    rank,
    times_written,
)
from medcollect.bookkeeping.refusals import REJECTED
from medcollect.bookkeeping.rejudging import judge_cases_anew
from medcollect.denials import tables_stamp
from medcollect.errors import BadRequest, BookUnavailable
from medcollect.ids import number_of
from medcollect.model.casework import ENDED, REJECTED_CAUSE
from medcollect.model.policies import DenialPolicies
from medcollect.money import parse_cents
from medcollect.store.engine import Store, chunks, counted
from medcollect.store.policies import newest
from medcollect.store.tables import claim_payments, claims, denial_cases, denials, remittances

_PAYER: Final = sa.func.coalesce(remittances.c.payer_name, claims.c.payer_name)
_CAUSE: Final = sa.case((denials.c.kind == REJECTED, REJECTED_CAUSE), else_=denials.c.reason)
#: The row that says where a case stands, if it is anything but new.
_OF_CASE: Final = (
    (denial_cases.c.claim_id == denials.c.claim_id)
    & (denial_cases.c.payer_key == sa.func.coalesce(remittances.c.payer_key, ""))
    & (denial_cases.c.cause == _CAUSE)
)
case_state: Final = sa.func.coalesce(denial_cases.c.state, "new")
case_owner: Final = sa.func.coalesce(denial_cases.c.owner, "")

#: How a filter asks for what no one has.
NOBODY: Final = "nobody"
#: States in which a case waits for somebody to take it.
_TO_TAKE: Final = ("new", "in_work", "upheld", "overturned_in_part")

_Query = TypeVar("_Query", bound=sa.Select[*tuple[Any, ...]])


def first_of_cases(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> dict[int, int]:
    """By the id of each row of :func:`with_names`: the id that its case goes by, its first."""
    first: dict[tuple[object, ...], int] = {}
    for some in chunks(sorted({row["claim_id"] for row in rows if row["claim_id"]})):
        query = (
            sa.select(denials.c.id, denials.c.claim_id, remittances.c.payer_key, _CAUSE.label("c"))
            .outerjoin(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
            .outerjoin(remittances, remittances.c.id == claim_payments.c.remittance_id)
            .where(denials.c.claim_id.in_(some))
            .where(sa.func.coalesce(claim_payments.c.outcome, "") != "undone")
            .order_by(denials.c.id)
        )
        for number, claim, payer, cause in connection.execute(query):
            first.setdefault((claim, payer, cause), number)
    return {
        row["id"]: first.get((row["claim_id"], row["payer_key"], _cause(row)), row["id"])
        for row in rows
    }


def _cause(row: dict[str, Any]) -> str:
    return REJECTED_CAUSE if row["kind"] == REJECTED else str(row["reason"])


class Totals(NamedTuple):
    """Cases and cents of all that the filters keep; of the rejected among it besides."""

    cases: int
    cents: int
    rejected: int
    rejected_cents: int


class DenialFilter(NamedTuple):
    """Which cases are asked for; ``status`` None or ``all``: whatever became of them.

    ``owner`` is who has it, ``nobody`` where no one has; ``state`` where its work stands;
    ``minimum`` and ``maximum`` bound what can be won; ``due_before`` is a day on or before which
    its limit, or the next look at it, falls. ``free_on``: what somebody could take on that day.
    """

    payer: str | None = None
    category: str | None = None
    status: str | None = "open"
    minimum: str | None = None
    kind: str | None = None
    claim_id: int | None = None
    owner: str | None = None
    state: str | None = None
    maximum: str | None = None
    due_before: date | None = None
    free_on: date | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the filters ask of a row of :func:`with_names`."""
        found = [self._stands()]
        if self.status not in {None, "all"}:
            found.append(denials.c.status == self.status)
        if self.payer:
            found.append(sa.func.lower(_PAYER).contains(self.payer.lower()))
        if self.category:
            found.append(denials.c.category == self.category)
        if self.minimum:
            found.append(denials.c.at_stake_cents >= _bound(self.minimum, "minimum"))
        if self.maximum:
            found.append(denials.c.at_stake_cents <= _bound(self.maximum, "maximum"))
        if self.kind:
            found.append(denials.c.kind == self.kind)
        if self.claim_id is not None:
            found.append(denials.c.claim_id == self.claim_id)
        return [*found, *self._work()]

    def _stands(self) -> sa.ColumnElement[bool]:
        """What a later answer replaced counts only where the state it led to is asked for."""
        stands = denials.c.status != "withdrawn"
        if self.state is None or self.status not in {None, "all"}:
            return stands
        return stands | (denials.c.id == denial_cases.c.denial_id)

    def _work(self) -> list[sa.ColumnElement[bool]]:
        """What the filters ask of the work on a case."""
        found = []
        if self.owner:
            found.append(case_owner == ("" if self.owner == NOBODY else self.owner))
        if self.state:
            found.append(case_state == self.state)
        if self.due_before:
            limit, next_look = denials.c.deadline, denial_cases.c.follow_up
            found.append((limit <= self.due_before) | (next_look <= self.due_before))
        if self.free_on:
            is_due = denial_cases.c.follow_up <= self.free_on
            found.append((case_owner == "") & (case_state.in_(_TO_TAKE) | is_due))
            found.append(case_state.not_in(sorted(ENDED)) & denials.c.claim_id.is_not(None))
        return found

    @property
    def joins(self) -> bool:
        """Whether the filters ask for more than a case's own row holds."""
        return any((self.payer, self.owner, self.state, self.due_before, self.free_on))

    def narrow(self, query: _Query) -> _Query:
        """A query over cases with these filters, joined only as far as they need it."""
        return (_joined(query) if self.joins else query).where(*self.conditions())


def _bound(text: str, what: str) -> int:
    cents = parse_cents(text)
    if cents is None or cents < 0:
        message = f"The {what} is no amount of money denied."
        raise BadRequest(message, "Give dollars such as 100 or 99.50.")
    return cents


def _joined(query: _Query) -> _Query:
    """The query with the documents that name a case's payer and claim."""
    return (
        query.outerjoin(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .outerjoin(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .outerjoin(claims, claims.c.id == denials.c.claim_id)
        .outerjoin(denial_cases, _OF_CASE)
    )


def with_names() -> sa.Select[Any]:
    """Cases with the claim's number and the payer's name."""
    number = sa.func.coalesce(
        claim_payments.c.patient_control_number, claims.c.patient_control_number
    )
    columns = (
        number.label("patient_control_number"),
        _PAYER.label("payer_name"),
        remittances.c.payer_key,
        case_state.label("state"),
        case_owner.label("owner"),
        denial_cases.c.follow_up,
    )
    return _joined(sa.select(denials, *columns).select_from(denials))


def keep_ranked(store: Store, day: date) -> None:
    """Judge and rank the book for today where that is due; a book not to be written stays."""
    today = dates.today()
    with store.reading() as connection:
        if not any(_due(connection, judging(connection), day, today)):
            return
    with suppress(BookUnavailable), store.writing() as connection:
        if _due(connection, judging(connection), day, today).learning:
            learn(connection, day)
        judged_by = judging(connection)
        due = _due(connection, judged_by, day, today)
        if due.judging:
            judge_cases_anew(connection, judged_by, today)
        if day == today:
            rank(connection, day, judged_by.work)


class _Due(NamedTuple):
    """What the stored order lacks."""

    learning: bool
    judging: bool
    ranking: bool


def _due(connection: sa.Connection, policies: DenialPolicies, day: date, today: date) -> _Due:
    """What is to be done before the stored order is that of a day; another day stores none."""
    learned, judged, ranked = counted(connection, LEARNED_ON, JUDGED_BY, RANKED_ON)
    number, is_today = day.toordinal(), day == today
    return _Due(
        is_today and learned != number,
        judged != tables_stamp(policies),
        is_today and ranked != number,
    )


def in_order(
    connection: sa.Connection, wanted: DenialFilter, limit: int | None, after: str | None, day: date
) -> list[dict[str, Any]]:
    """The cases that the filters keep in order of work, from behind ``after``, one more than asked.

    Raises BadRequest for a cursor that is none of ours.
    """
    if is_ranked(connection, day):
        priority: sa.ColumnElement[int] = denials.c.priority
    else:
        priority = priority_on(day, newest(connection).policies.denials.work)
    order = (priority.desc(), case_limit, denials.c.id)
    ids = wanted.narrow(sa.select(denials.c.id).select_from(denials)).order_by(*order)
    if after is not None:
        number = number_of(after, "N")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        place = connection.execute(
            sa.select(priority, case_limit).where(denials.c.id == number)
        ).first()
        if place is None:
            return []
        later = (case_limit > place[1]) | ((case_limit == place[1]) & (denials.c.id > number))
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
    if wanted.payer or wanted.free_on:
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
