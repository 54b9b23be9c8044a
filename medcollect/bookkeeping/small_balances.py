"""Small rests of claims, written off where the office's policy says so.

Whether a rest is small enough depends on all claims of the patient, so it is judged account by
account once the claims are: all small rests of an account together stay within the limit per
patient, or none is written off. Thus the order in which answers came cannot matter, and a write-off
falls with the answer that it rests on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.closure import WRITE_OFF_DECISION
from medcollect.ids import name
from medcollect.model.policies import Policies, by_policy
from medcollect.model.posting import (
    INSURANCE_RECEIVABLE,
    PATIENT_RECEIVABLE,
    SMALL_BALANCE,
    WRITE_OFF,
    Entry,
    Posting,
)
from medcollect.money import format_dollars
from medcollect.store.engine import allocate, bulk_load, chunks, last_id, update_rows
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import (
    claims,
    decisions,
    exceptions,
    imports,
    journal_entries,
    postings,
)

_POLICY = "small_balance"
_REASON = (
    "A rest of {amount} is within the small-balance policy; it wants a person's approval to be "
    "written off."
)

Row = dict[str, Any]
Standing = list[tuple[int, Entry]]


def kept_apart(standing: Standing | None, policies: Policies) -> Standing | None:
    """A claim's standing entries without those that are judged here, while the policy is on."""
    if standing is None or not policies.small_balance.per_claim_cents:
        return standing
    return [pair for pair in standing if pair[1].cause != SMALL_BALANCE]


class _Rest(msgspec.Struct):
    """A claim's rest before any small-balance write-off, and what is to be written off of it."""

    row: Row
    cents: int
    day: date | None
    wanted: int = 0
    kind: str = _POLICY
    by: str = _POLICY

    @property
    def account(self) -> str:
        """Whose rest it is: the next payer's while one is waited for, else the patient's."""
        return INSURANCE_RECEIVABLE if self.row["waiting_rank"] > 1 else PATIENT_RECEIVABLE


class SmallBalances:
    """Writes small rests off, and takes it back where they are none any more."""

    def __init__(
        self, connection: sa.Connection, policies: Policies, import_id: int | None, today: date
    ) -> None:
        self.connection = connection
        self.policy = policies.small_balance
        self.import_id = import_id
        self.today = today

    def keep(self, accounts: Iterable[int]) -> int:
        """Bring the small rests of these accounts in step; returns how many entries it reversed."""
        if not self.policy.per_claim_cents:
            return self._close()
        journal = JournalWriter(self.connection, self.import_id, self.today)
        waiting: list[_Rest] = []
        known: list[int] = []
        for some in chunks(sorted(accounts)):
            rows = self._rows(some)
            rests = self._judged(rows)
            known += [row["id"] for row in rows]
            waiting += [r for r in rests if not r.wanted and r.by == ""]
            self._write(journal, rows, rests)
        journal.write()
        gone = sa.select(claims.c.id).where(claims.c.status == "gone")
        self._settle((exceptions.c.kind == _POLICY) & exceptions.c.claim_id.in_(gone))
        self._questions(known, waiting)
        return journal.reversed_count

    def _close(self) -> int:
        """Without the policy nothing waits for approval; the entries fall with their claims."""
        if self.import_id is None:
            self._settle(exceptions.c.kind == _POLICY)
        return 0

    def _rows(self, accounts: Sequence[int]) -> list[Row]:
        """The active claims of these accounts."""
        query = sa.select(claims).where(
            claims.c.account_id.in_(accounts), claims.c.status == "active"
        )
        found = self.connection.execute(query.order_by(claims.c.id))
        return [dict(row._mapping) for row in found]

    def _judged(self, rows: Sequence[Row]) -> list[_Rest]:
        """Every small rest with what is to be written off of it."""
        by_account: dict[int, list[_Rest]] = defaultdict(list)
        for row in rows:
            rest = self._rest(row)
            if rest is not None:
                by_account[row["account_id"]].append(rest)
        limit = self.policy.per_patient_cents
        small = [
            rest
            for rests in by_account.values()
            if not limit or sum(rest.cents for rest in rests) <= limit
            for rest in rests
        ]
        approved = self._approved(small) if self.policy.approval else {}
        for rest in small:
            if self.policy.approval:
                rest.by, rest.kind, rest.day = approved.get(
                    (rest.row["id"], rest.cents), ("", rest.kind, rest.day)
                )
            rest.wanted = rest.cents if rest.by else 0
        return small

    def _rest(self, row: Row) -> _Rest | None:
        """A claim's small rest, if it has one and nothing else is open on it."""
        rest = _Rest(row, 0, row["last_answer_date"])
        written = row["small_balance_cents"]
        receivable = row["insurance_receivable_cents"]
        due = row["patient_responsibility_cents"] - row["patient_paid_cents"]
        if rest.account == INSURANCE_RECEIVABLE:
            if self.policy.after != "first_answer" or due or row["denied_cents"]:
                return None
            rest.cents = receivable + written
        elif receivable or row["waiting_rank"] or row["patient_held_cents"]:
            return None
        else:
            rest.cents = due + written
        return rest if self.policy.covers(rest.cents, rest.day) else None

    def _approved(self, rests: Sequence[_Rest]) -> dict[tuple[int, int], tuple[str, str, date]]:
        """Standing approvals by claim and amount: decision, kind of write-off, day."""
        found: dict[tuple[int, int], tuple[str, str, date]] = {}
        for some in chunks([rest.row["id"] for rest in rests]):
            query = sa.select(decisions).where(
                decisions.c.claim_id.in_(some),
                decisions.c.claim_payment_id.is_(None),
                decisions.c.status == "active",
                decisions.c.kind.startswith(WRITE_OFF_DECISION),
            )
            for row in self.connection.execute(query):
                kind = row.kind.removeprefix(WRITE_OFF_DECISION)
                day = date.fromisoformat(row.decided_at[:10])
                found[row.claim_id, row.amount_cents] = (name("D", row.id), kind, day)
        return found

    def _write(self, journal: JournalWriter, rows: Sequence[Row], rests: Sequence[_Rest]) -> None:
        """Keep the entries and the figures of these claims in step."""
        by_claim = {rest.row["id"]: rest for rest in rests}
        ids = [row["id"] for row in rows]
        standing = journal.standing("claim", ids)
        changed: list[_Rest] = []
        for row in rows:
            mine = [p for p in standing.get(row["id"], []) if p[1].cause == SMALL_BALANCE]
            rest = by_claim.get(row["id"])
            wanted = self._entries(rest) if rest is not None and rest.wanted else []
            journal.keep_in_step("claim", row["id"], mine, wanted)
            cents = rest.wanted if rest is not None else 0
            if cents != row["small_balance_cents"]:
                changed.append(rest or _Rest(row, 0, None))
        update_rows(self.connection, claims, [_figures(rest) for rest in changed])

    def _entries(self, rest: _Rest) -> list[Entry]:
        """The entry that writes a rest off, line by line."""
        left = rest.wanted
        legs: list[Posting] = []
        detail = by_policy(rest.kind, rest.by)
        rank = rest.row["waiting_rank"] if rest.account == INSURANCE_RECEIVABLE else 0
        for line, open_cents in self._open_lines(rest):
            cents = min(left, open_cents)
            if cents > 0:
                left -= cents
                legs.append(Posting(WRITE_OFF, cents, line, detail=detail))
                legs.append(Posting(rest.account, -cents, line, rank))
        return [Entry(SMALL_BALANCE, 0, rest.day, tuple(legs))]

    def _open_lines(self, rest: _Rest) -> list[tuple[int, int]]:
        """What is open on the rest's account, by line."""
        query = (
            sa.select(postings.c.line, sa.func.sum(postings.c.cents))
            .join(journal_entries, journal_entries.c.id == postings.c.entry_id)
            .where(
                postings.c.claim_id == rest.row["id"],
                postings.c.account == rest.account,
                journal_entries.c.cause != SMALL_BALANCE,
            )
            .group_by(postings.c.line)
            .order_by(postings.c.line.desc())
        )
        return [(int(row[0]), int(row[1])) for row in self.connection.execute(query)]

    def _questions(self, known: Sequence[int], waiting: Sequence[_Rest]) -> None:
        """Open an exception for each rest that wants approval, settle those that do not."""
        wanted = {rest.row["id"]: rest for rest in waiting}
        old: dict[int, Any] = {}
        for some in chunks(list(known)):
            query = sa.select(exceptions).where(
                exceptions.c.claim_id.in_(some), exceptions.c.kind == _POLICY
            )
            for row in self.connection.execute(query):
                old[row.claim_id] = row
        changes = []
        for claim, row in old.items():
            rest = wanted.get(claim)
            status = "settled" if rest is None else "open"
            cents = row.amount_cents if rest is None else rest.cents
            if (row.status, row.amount_cents) != (status, cents):
                by = self.import_id if rest is None else None
                values = {"status": status, "amount_cents": cents, "settled_by": by}
                changes.append({"id": row.id, **values, "reason": _reason(cents)})
        update_rows(self.connection, exceptions, changes)
        self._open([rest for claim, rest in wanted.items() if claim not in old])

    def _open(self, rests: Sequence[_Rest]) -> None:
        """Write new exceptions."""
        if not rests:
            return
        first = allocate(self.connection, exceptions, len(rests))
        import_id = self.import_id or last_id(self.connection, imports)
        names = [column.name for column in exceptions.columns]
        rows = [
            {
                **dict.fromkeys(names),
                "id": first + place,
                "kind": _POLICY,
                "claim_id": rest.row["id"],
                "import_id": import_id,
                "amount_cents": rest.cents,
                "reason": _reason(rest.cents),
                "candidates": "[]",
                "status": "open",
                "settled_by": None,
            }
            for place, rest in enumerate(rests)
        ]
        bulk_load(self.connection, exceptions, [tuple(row.get(n) for n in names) for row in rows])

    def _settle(self, condition: sa.ColumnElement[bool]) -> None:
        self.connection.execute(
            sa.update(exceptions)
            .where(condition, exceptions.c.status == "open")
            .values(status="settled", settled_by=self.import_id)
        )


def _reason(cents: int) -> str:
    return _REASON.format(amount=format_dollars(cents))


def _figures(rest: _Rest) -> Row:
    """The figures of a claim whose small-balance write-off changed."""
    row = rest.row
    more = rest.wanted - row["small_balance_cents"]
    is_payers = rest.account == INSURANCE_RECEIVABLE
    patient = row["patient_responsibility_cents"] - (0 if is_payers else more)
    receivable = row["insurance_receivable_cents"] - (more if is_payers else 0)
    is_open = receivable > 0 or patient > row["patient_paid_cents"]
    state = "with_next_payer" if is_payers else "patient_billable"
    return {
        "id": row["id"],
        "small_balance_cents": rest.wanted,
        "written_off_cents": row["written_off_cents"] + more,
        "patient_responsibility_cents": patient,
        "insurance_receivable_cents": receivable,
        "state": state if is_open else "closed",
    }
