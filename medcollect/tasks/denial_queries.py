"""The denial worklist in SQL: what the filters keep, in order of work, a page at a time.

The first page reads the stored order by its index and judges only the cases that it shows. Count
and amounts of the whole list are added up once and reused until a case is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.experience import Standing, learn, standing
from medcollect.bookkeeping.ranking import WITHDRAWN, case_limit, priority_on, rank, waits_on
from medcollect.bookkeeping.rejudging import judge_cases_anew
from medcollect.denials import tables_stamp
from medcollect.errors import BadRequest, BookUnavailable
from medcollect.ids import number_of
from medcollect.model.casework import DENIED, ENDED, STILL_OPEN
from medcollect.model.policies import WorkWeights
from medcollect.store.engine import Store
from medcollect.store.tables import claim_payments, claims, denial_cases, denials, remittances
from medcollect.tasks.bounds import bound, insist_on_room

_PAYER: Final = sa.func.coalesce(remittances.c.payer_name, claims.c.payer_name)


def _cause(amounts: sa.FromClause) -> sa.ColumnElement[str]:
    """What tells the cases of a claim and payer apart."""
    return sa.case((amounts.c.kind == DENIED, amounts.c.reason), else_=amounts.c.kind)


#: The row that says where a case stands, if it is anything but new.
_OF_CASE: Final = (
    (denial_cases.c.claim_id == denials.c.claim_id)
    & (denial_cases.c.payer_key == sa.func.coalesce(remittances.c.payer_key, ""))
    & (denial_cases.c.cause == _cause(denials))
)
case_state: Final = sa.func.coalesce(denial_cases.c.state, "new")
case_owner: Final = sa.func.coalesce(denial_cases.c.owner, "")

#: The statuses that find what a later answer replaced.
_WITH_REPLACED: Final = ("all", WITHDRAWN)
_STILL_OPEN: Final = denials.c.status.in_(sorted(STILL_OPEN))

#: How a filter asks for what no one has.
NOBODY: Final = "nobody"
_Query = TypeVar("_Query", bound=sa.Select[*tuple[Any, ...]])


def _first_of_case() -> sa.ColumnElement[int]:
    """The id that the case of an amount goes by: that of its first amount that was not undone."""
    other, paid, told = denials.alias(), claim_payments.alias(), remittances.alias()
    first = (
        sa.select(sa.func.min(other.c.id))
        .select_from(other)
        .outerjoin(paid, paid.c.id == other.c.claim_payment_id)
        .outerjoin(told, told.c.id == paid.c.remittance_id)
        .where(
            other.c.claim_id == denials.c.claim_id,
            told.c.payer_key.is_not_distinct_from(remittances.c.payer_key),
            _cause(other) == _cause(denials),
            sa.func.coalesce(paid.c.outcome, "") != "undone",
        )
        .correlate(denials, remittances)
    )
    return sa.func.coalesce(first.scalar_subquery(), denials.c.id)


class Totals(NamedTuple):
    """Cases and denied cents of all that the filters keep.

    ``kinds``: count of each kind among it and the cents still open; ``waiting`` the same of the
    open ones that wait for somebody, ``to_work`` of all other open ones.
    """

    cases: int
    cents: int
    kinds: dict[str, tuple[int, int]]
    to_work: tuple[int, int]
    waiting: tuple[int, int]


class DenialFilter(NamedTuple):
    """Which cases are asked for.

    ``status`` is what became of an amount; None: whatever did, unless a later answer replaced it;
    ``all``: what was replaced (``withdrawn``) besides. What was undone is never among them.
    ``owner`` is who has it, ``nobody`` where no one has; ``state`` where its work stands;
    ``minimum`` and ``maximum`` bound what was refused; ``due_before`` is a day on or before which
    its limit, or the next look at it, falls. ``free_on``: what somebody could take on that day.
    ``reason`` is a reason code, with or without its group (``197``, ``CO-197``), ``remark`` a
    remark code, ``procedure`` the code of the refused line; ``decided_before``: refused before.
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
    reason: str | None = None
    remark: str | None = None
    procedure: str | None = None
    decided_before: date | None = None

    @classmethod
    def on(cls, day: date, *, older_than: int | None = None, **filters: Any) -> DenialFilter:
        """The filters as somebody gives them on a day: ``older_than`` in days since the answer."""
        before = day - timedelta(days=older_than) if older_than is not None else None
        insist_on_room(filters.get("minimum"), filters.get("maximum"))
        return cls(**filters, decided_before=before)

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the filters ask of a row of :func:`with_names`."""
        found = self._stands()
        if self.payer:
            found.append(sa.func.lower(_PAYER).contains(self.payer.lower()))
        if self.category:
            found.append(denials.c.category == self.category)
        if self.minimum:
            found.append(denials.c.at_stake_cents >= bound(self.minimum, "minimum"))
        if self.maximum:
            found.append(denials.c.at_stake_cents <= bound(self.maximum, "maximum"))
        if self.kind:
            found.append(denials.c.kind == self.kind)
        if self.claim_id is not None:
            found.append(denials.c.claim_id == self.claim_id)
        return [*found, *self._codes(), *self._work()]

    def _stands(self) -> list[sa.ColumnElement[bool]]:
        """What became of an amount; what a later answer replaced only where it is asked for."""
        if self.status not in {None, *_WITH_REPLACED}:
            return [denials.c.status == _told(str(self.status))]
        standing = denials.c.status != _told(WITHDRAWN)
        answered = sa.func.coalesce(claim_payments.c.outcome, "") != "undone"
        replaced = ~standing & (denials.c.kind == DENIED) & answered
        if self.status == WITHDRAWN:
            return [replaced]
        found = standing if self.status is None else standing | replaced
        led_there = denials.c.id == denial_cases.c.denial_id
        return [found if self.state is None else found | led_there]

    def _codes(self) -> list[sa.ColumnElement[bool]]:
        """What the filters ask of what the payer said, of which line, and when."""
        found = []
        if self.reason:
            group, _, code = self.reason.upper().rpartition("-")
            found.append(denials.c.reason == code)
            found += [denials.c.group_code == group] if group else []
        if self.remark:
            spaced = sa.literal(" ") + denials.c.remarks + " "
            found.append(spaced.contains(f" {self.remark.upper()} ", autoescape=True))
        if self.procedure:
            told = f'"procedure_code":"{self.procedure.upper()}"'  # as the facts are written
            found.append(denials.c.facts.contains(told, autoescape=True))
        if self.decided_before:
            found.append(remittances.c.payment_date < self.decided_before)
        return found

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
            found.append((case_owner == "") & ~waits_on(self.free_on))
            found.append(case_state.not_in(sorted(ENDED)) & denials.c.claim_id.is_not(None))
            found.append(_STILL_OPEN)
        return found

    @property
    def joins(self) -> bool:
        """Whether the filters ask for more than a case's own row holds."""
        asked = (self.payer, self.owner, self.state, self.due_before, self.free_on)
        return any((*asked, self.decided_before, self.status in _WITH_REPLACED))

    def narrow(self, query: _Query) -> _Query:
        """A query over cases with these filters, joined only as far as they need it."""
        return (_joined(query) if self.joins else query).where(*self.conditions())


def _told(value: str | int) -> sa.BindParameter[Any]:
    """A value that stands in the statement's text: PostgreSQL then plans by it, and only once."""
    return sa.bindparam(None, value, literal_execute=True)


def _joined(query: _Query) -> _Query:
    """The query with the documents that name a case's payer and claim."""
    return (
        query.outerjoin(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .outerjoin(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .outerjoin(claims, claims.c.id == denials.c.claim_id)
        .outerjoin(denial_cases, _OF_CASE)
    )


def with_cases() -> sa.Select[Any]:
    """Cases as :func:`with_names` gives them, and the id that the whole case goes by."""
    return with_names().add_columns(_first_of_case().label("case_id"))


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


@contextmanager
def reading_ranked(store: Store, day: date) -> Iterator[tuple[sa.Connection, Standing]]:
    """A connection like ``store.reading``, to a book that is judged and ranked as far as it can be.

    What is due for today is done first; a book not to be written stays.
    """
    today = dates.today()
    with store.reading() as connection:
        stands = standing(connection)
        if not any(_due(stands, day, today)):
            yield connection, stands
            return
    _bring_up(store, day, today)
    with store.reading() as connection:
        yield connection, standing(connection)


def keep_ranked(store: Store, day: date) -> None:
    """Judge and rank the book for today where that is due; a book not to be written stays."""
    with reading_ranked(store, day):
        return


def _bring_up(store: Store, day: date, today: date) -> None:
    """Learn, judge and rank, as far as another process has not done it meanwhile."""
    with suppress(BookUnavailable), store.writing() as connection:
        if _due(standing(connection), day, today).learning:
            learn(connection, day)
        stands = standing(connection)
        if _due(stands, day, today).judging:
            judge_cases_anew(connection, stands.policies, today)
        if day == today:
            rank(connection, day, stands.policies.work)


class _Due(NamedTuple):
    """What the stored order lacks."""

    learning: bool
    judging: bool
    ranking: bool


def _due(stands: Standing, day: date, today: date) -> _Due:
    """What is to be done before the stored order is that of a day; another day stores none."""
    number, is_today = day.toordinal(), day == today
    return _Due(
        is_today and stands.learned_on != number,
        stands.judged_by != tables_stamp(stands.policies),
        is_today and stands.ranked_on != number,
    )


def in_order(
    connection: sa.Connection,
    wanted: DenialFilter,
    day: date,
    stands: Standing,
    *,
    limit: int | None = None,
    after: str | None = None,
) -> list[dict[str, Any]]:
    """The cases that the filters keep in order of work, from behind ``after``, one more than asked.

    Another day's order than the stored one is made for this list. Raises BadRequest for a cursor
    that is none of ours.
    """
    is_stored = stands.ranked_on == day.toordinal()
    as_of = None if is_stored else (day, stands.policies.work)
    place = None
    if after is not None:
        number = number_of(after, "N")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        query = sa.select(*_order(as_of)).where(denials.c.id == number)
        place = connection.execute(query).first()
        if place is None:
            return []
    query = _page(wanted, as_of, limit, place and tuple(place))
    found = connection.execute(query)
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


#: A day whose order is not stored, and the weights that it goes by.
_AsOf = tuple[date, WorkWeights] | None


def _order(as_of: _AsOf) -> tuple[sa.ColumnElement[Any], ...]:
    """What the order of work goes by: the stored one, or as of another day."""
    priority = denials.c.priority if as_of is None else priority_on(*as_of)
    return priority, case_limit, denials.c.id


@lru_cache(maxsize=64)
def _page(
    wanted: DenialFilter, as_of: _AsOf, limit: int | None, after: tuple[Any, ...] | None
) -> sa.Select[Any]:
    """The statement that gives a page; making it anew would take longer than asking it."""
    priority, limited, number = _order(as_of)
    order = (priority.desc(), limited, number)
    ids = wanted.narrow(sa.select(number).select_from(denials)).order_by(*order)
    if after is not None:
        later = (limited > after[1]) | ((limited == after[1]) & (number > after[2]))
        ids = ids.where(priority <= after[0], (priority < after[0]) | later)
    if limit is not None:
        ids = ids.limit(_told(limit + 1))
    page = ids.subquery()
    return with_cases().join(page, page.c.id == number).order_by(*order)


#: Of each open book: how often its cases were written, and the totals by filters and day since.
_known: WeakKeyDictionary[Store, tuple[int, dict[tuple[DenialFilter, date], Totals]]] = (
    WeakKeyDictionary()
)


def totals(
    store: Store, connection: sa.Connection, wanted: DenialFilter, day: date, stands: Standing
) -> Totals:
    """Count and amounts of all that the filters keep, on a day.

    Payers' names may change without a case being written, so a list by payer is always added up.
    """
    is_stored = stands.ranked_on == day.toordinal()
    waits = denials.c.priority < 0 if is_stored else waits_on(day)
    if wanted.payer or wanted.free_on:
        return _added_up(connection, wanted, waits)
    since, by_filter = _known.get(store, (-1, {}))
    if since != stands.written or len(by_filter) >= _FILTERS_MOST:
        by_filter = {}
    if (wanted, day) not in by_filter:
        by_filter[wanted, day] = _added_up(connection, wanted, waits)
        _known[store] = (stands.written, by_filter)
    return by_filter[wanted, day]


_FILTERS_MOST: Final = 1000


def _added_up(
    connection: sa.Connection, wanted: DenialFilter, waits: sa.ColumnElement[bool]
) -> Totals:
    """The totals by the database: to work (0), waiting (1), and with nothing open any more (2)."""
    part = sa.case((~_STILL_OPEN, 2), (waits, 1), else_=0).label("part")
    sums = (sa.func.count(), sa.func.sum(denials.c.amount_cents))
    query = sa.select(denials.c.kind, part, *sums, sa.func.sum(denials.c.at_stake_cents))
    query = wanted.narrow(query.select_from(denials)).group_by(denials.c.kind, sa.text("part"))
    rows = [(kind, *map(int, found)) for kind, *found in connection.execute(query)]
    kinds: dict[str, tuple[int, int]] = {}
    parts = [(0, 0), (0, 0), (0, 0)]
    for kind, place, count, _, stake in rows:
        still_open = stake if place < len(parts) - 1 else 0
        before, whole = kinds.get(kind, (0, 0)), parts[place]
        kinds[kind] = (before[0] + count, before[1] + still_open)
        parts[place] = (whole[0] + count, whole[1] + still_open)
    count, cents = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return Totals(count, cents, kinds, to_work=parts[0], waiting=parts[1])
