"""The journal in the book: append-only entries, kept in step with what the facts now say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from medcollect.model.posting import Entry, Posting
from medcollect.store.among import among
from medcollect.store.engine import allocate, bulk_load
from medcollect.store.tables import closings, journal_entries, postings

#: What owns journal entries: a claim, a remittance, a patient's payment, or an entry by hand.
Owner = str
OWNER_COLUMNS = {
    "claim": "claim_id",
    "remittance": "remittance_id",
    "patient_payment": "patient_payment_id",
    "desk_entry": "desk_entry_id",
}


#: What says of an entry what it is.
_HEAD = (
    journal_entries.c.id,
    journal_entries.c.cause,
    journal_entries.c.document_id,
    journal_entries.c.entry_date,
    journal_entries.c.reverses,
)

#: An entry's id, then its leg in the order of :class:`Posting`.
_LEG = (
    postings.c.entry_id,
    postings.c.account,
    postings.c.cents,
    postings.c.line,
    postings.c.payer_rank,
    postings.c.remittance_id,
    postings.c.detail,
)


class JournalWriter:
    """Collects changes to the journal and writes them at once."""

    def __init__(
        self, connection: sa.Connection, import_id: int | None, recorded_on: date | None = None
    ) -> None:
        self.connection = connection
        self.import_id = import_id
        self.recorded_on = recorded_on
        self._entries: list[tuple[Owner, int, Entry, int | None]] = []
        self.reversed_count = 0

    def standing(self, owner: Owner, ids: Sequence[int]) -> dict[int, list[tuple[int, Entry]]]:
        """The entries of these owners that no later entry reverses, with their ids."""
        column = journal_entries.c[OWNER_COLUMNS[owner]]
        query = sa.select(column.label("owner"), *_HEAD).where(among(column, ids))
        if owner == "remittance":
            query = query.where(journal_entries.c.claim_id.is_(None))
        rows = self.connection.execute(query.order_by(journal_entries.c.id)).all() if ids else []
        gone = {row.reverses for row in rows if row.reverses is not None}
        kept = [row for row in rows if row.id not in gone and row.reverses is None]
        legs = self._legs([row.id for row in kept], with_claims=owner == "patient_payment")
        found: dict[int, list[tuple[int, Entry]]] = defaultdict(list)
        for row in kept:
            entry = Entry(row.cause, row.document_id, row.entry_date, tuple(legs[row.id]))
            found[row.owner].append((row.id, entry))
        return found

    def _legs(self, entries: Sequence[int], *, with_claims: bool) -> dict[int, list[Posting]]:
        """The postings of these entries; their claims where the entries' owner is none."""
        claim = [postings.c.claim_id] if with_claims else []
        found: dict[int, list[Posting]] = defaultdict(list)
        if not entries:
            return found
        query = sa.select(*_LEG, *claim).where(among(postings.c.entry_id, entries))
        for entry_id, *leg in self.connection.execute(query).all():
            found[entry_id].append(Posting(*leg))
        return found

    def append(self, owner: Owner, owner_id: int, entries: Sequence[Entry]) -> None:
        """Append entries for an owner that has none yet."""
        self._entries += [(owner, owner_id, entry, None) for entry in entries]

    def keep_in_step(
        self,
        owner: Owner,
        owner_id: int,
        standing: Sequence[tuple[int, Entry]],
        wanted: Sequence[Entry],
    ) -> None:
        """Append what is wanted and missing, and reverse what stands and is no longer wanted.

        A reversal counts from the day of the entry it corrects, so that balances as of any day are
        those of what is known now; when it was written is kept beside.
        """
        missing = list(wanted)
        for entry_id, entry in standing:
            same = next((x for x in missing if _is_same(x, entry)), None)
            if same is not None:
                missing.remove(same)
                continue
            negated = tuple(_negated(posting) for posting in entry.postings)
            reversal = Entry("correction", entry.document, entry.entry_date, negated)
            self._entries.append((owner, owner_id, reversal, entry_id))
            self.reversed_count += 1
        self._entries += [(owner, owner_id, entry, None) for entry in missing]

    def write(self) -> None:
        """Write everything collected."""
        if not self._entries:
            return
        first = allocate(self.connection, journal_entries, len(self._entries))
        closed = closed_through(self.connection)
        entry_rows: list[tuple[Any, ...]] = []
        leg_rows: list[tuple[Any, ...]] = []
        for entry_id, (owner, owner_id, entry, reverses) in enumerate(self._entries, start=first):
            if not entry.is_balanced:
                raise AssertionError(f"a {entry.cause} entry does not add up to zero")
            claim = owner_id if owner == "claim" else None
            entry_rows.append(
                (
                    entry_id,
                    claim,
                    owner_id if owner == "remittance" else None,
                    entry.cause,
                    entry.document,
                    entry.entry_date,
                    reverses,
                    self.import_id,
                    self.recorded_on,
                    accounting_date(entry.entry_date, self.recorded_on, closed),
                    owner_id if owner == "patient_payment" else None,
                    owner_id if owner == "desk_entry" else None,
                )
            )
            of_payment = owner == "patient_payment"
            leg_rows += [
                (
                    entry_id,
                    p.account,
                    p.cents,
                    p.claim if of_payment else claim,
                    p.line,
                    p.payer_rank,
                    p.remittance,
                    p.detail,
                )
                for p in entry.postings
            ]
        bulk_load(self.connection, journal_entries, entry_rows)
        bulk_load(self.connection, postings, leg_rows)
        self._entries.clear()


def closed_through(connection: sa.Connection) -> date | None:
    """The last day of the closed periods, ``None`` where none is closed."""
    query = sa.select(sa.func.max(closings.c.closed_through)).where(closings.c.status == "active")
    return connection.execute(query).scalar()


def accounting_date(
    entry_date: date | None, recorded_on: date | None, closed: date | None
) -> date | None:
    """The day of the ledger that a new entry stands on.

    It is the day the entry counts from; what would fall into a closed period stands on the day it
    was written instead, or on the first open day where that is closed as well.
    """
    day = entry_date or recorded_on
    if closed is None or day is None or day > closed:
        return day
    first_open = closed + timedelta(days=1)
    return max(recorded_on, first_open) if recorded_on is not None else first_open


def _is_same(first: Entry, second: Entry) -> bool:
    """Whether two entries say the same, whatever the order of their legs."""
    return (
        first.document == second.document
        and first.cause == second.cause
        and first.entry_date == second.entry_date
        and (
            first.postings == second.postings
            or sorted(first.postings, key=_leg_order) == sorted(second.postings, key=_leg_order)
        )
    )


def _leg_order(leg: Posting) -> tuple[Any, ...]:
    """An order in which equal legs meet."""
    where = (leg.account, leg.line, leg.payer_rank, leg.remittance or 0, leg.claim or 0)
    return (*where, leg.detail, leg.cents)


def _negated(posting: Posting) -> Posting:
    """The same leg with the sign turned."""
    return Posting(
        posting.account,
        -posting.cents,
        posting.line,
        posting.payer_rank,
        posting.remittance,
        posting.detail,
        posting.claim,
    )
