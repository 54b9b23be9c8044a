"""Close the books up to a day, and open them again: the use cases behind ``medcollect close``.

A closed period takes no new entries: what is learned of it later stands on a day of the open one
(``store.journal.accounting_date``), so that figures once handed in stay as they were.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from medcollect import dates
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name
from medcollect.money import format_cents
from medcollect.store.engine import Store, allocate, bulk_load, update_rows
from medcollect.store.journal import closed_through
from medcollect.store.tables import closings, exceptions, remittances

_MONTH_LENGTH, _DAY_LENGTH = len("2026-03"), len("2026-03-31")


def close_period(
    store: Store, through: str, *, reason: str, user: str, today: date | None = None
) -> dict[str, Any]:
    """Close all days up to a day (``2026-03-31``) or the end of a month (``2026-03``).

    Answers with what still waits in the closed days: it is said, not refused, since a payer's
    mistake must not keep the books open. Raises BadRequest for a text that is no day, NotAllowed
    for days that are not over or closed already.
    """
    last = last_day(through)
    if not reason.strip():
        raise BadRequest("A closing needs its reason on record.", "Say it with --reason.")
    if last >= (today or dates.today()):
        raise NotAllowed(f"{last} is not over yet.", "Close days that lie in the past.")
    with store.writing() as connection:
        closed = closed_through(connection)
        if closed is not None and last <= closed:
            raise NotAllowed(f"The books are closed through {closed} already.", "Name a later day.")
        number = allocate(connection, closings, 1)
        decided = datetime.now(UTC).isoformat(timespec="seconds")
        bulk_load(connection, closings, [(number, last, reason, user, decided, "active")])
        waiting = dict(_waiting(connection, last))
    return {
        "closing": name("K", number),
        "closed_through": last.isoformat(),
        "closed_before": closed.isoformat() if closed is not None else None,
        "waiting": waiting,
    }


def last_day(text: str) -> date:
    """The last day that ``2026-03`` or ``2026-03-31`` names. Raises BadRequest."""
    try:
        if len(text) == _MONTH_LENGTH:
            first = date.fromisoformat(f"{text}-01")
            return first.replace(day=calendar.monthrange(first.year, first.month)[1])
        if len(text) == _DAY_LENGTH:
            return date.fromisoformat(text)
    except ValueError:
        pass  # told below, as any other text that is no day
    raise BadRequest(
        f"{text} is neither a month nor a day.", "Write 2026-03 for a month, 2026-03-31 for a day."
    )


def _waiting(connection: sa.Connection, last: date) -> Iterator[tuple[str, Any]]:
    """Exceptions of remittances paid up to a day: the money that the closed days leave open."""
    query = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(exceptions.c.amount_cents), 0))
        .join(remittances, remittances.c.id == exceptions.c.remittance_id)
        .where(exceptions.c.status == "open", remittances.c.payment_date <= last)
    )
    count, cents = connection.execute(query).one()
    yield "exceptions", int(count)
    yield "amount", format_cents(int(cents))


def reopen(connection: sa.Connection, number: int) -> None:
    """Take a closing back; entries written since stay where they stand.

    Raises NotFound, NotAllowed when a later period is closed.
    """
    active = sa.select(closings).where(closings.c.status == "active")
    rows = connection.execute(active.order_by(closings.c.closed_through.desc())).all()
    if number not in [row.id for row in rows]:
        raise NotFound("There is no such closing, or it is undone already.", "See report closings.")
    if rows[0].id != number:
        raise NotAllowed(
            "A later period is closed.", f"Open that one first: undo {name('K', rows[0].id)}."
        )
    update_rows(connection, closings, [{"id": number, "status": "undone"}])


def closing_rows(store: Store) -> list[dict[str, Any]]:
    """Every closing, oldest first."""
    with store.reading() as connection:
        found = connection.execute(sa.select(closings).order_by(closings.c.id)).all()
    return [
        {
            "id": name("K", row.id),
            "closed_through": row.closed_through.isoformat(),
            "decided": row.decided_at[:10],
            "user": row.user_name,
            "status": row.status,
            "reason": row.reason,
        }
        for row in found
    ]
