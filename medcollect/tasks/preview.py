"""What a dry run of an import would post: claim by claim, entry by entry, exceptions and all.

Read from the transaction that is rolled back afterwards, row after row, so that a large import
needs no more room than a small one. Ids are those the rows would get. What one file of the import
posts and another one posts anew (a claim opened by a remittance, and the claim itself later) is
shown once, as it would stand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.remittances import REISSUED
from medcollect.ids import name
from medcollect.money import format_cents
from medcollect.store.engine import chunks, last_id
from medcollect.store.tables import (
    claim_payments,
    claims,
    exceptions,
    journal_entries,
    postings,
    remittances,
)
from medcollect.tasks.figures import text_of

Row = dict[str, Any]
Sink = Callable[[Row], None]

#: Causes of entries that belong to one claim payment.
_OF_PAYMENT = frozenset({"answer", "reversal", "policy", "decision"})
_OUTCOMES = ("posted", "held", "exception", "noted", REISSUED)


class Preview:
    """What changes from the moment this is made to the moment it is asked."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._last_entry = last_id(connection, journal_entries)
        self._last_payment = last_id(connection, claim_payments)
        self._last_claim = last_id(connection, claims)

    def answer(self, import_id: int, sink: Sink | None = None) -> Row:
        """Counts and sums; every row goes to ``sink``, or stands in the answer without one."""
        kept: list[Row] = []
        give = kept.append if sink is None else sink
        counts: Counter[str] = Counter()
        paid: Counter[str] = Counter()
        for row in self.rows(import_id):
            kind = row["outcome"] if row["row"] == "claim_payment" else row["row"]
            counts[kind] += 1
            paid[kind] += row.pop("_cents")
            give(row)
        summary = {
            "claim_payments": {
                outcome: {"count": counts[outcome], "paid": format_cents(paid[outcome])}
                for outcome in _OUTCOMES
                if counts[outcome]
            },
            "accounts": self._accounts(),
            "opens": {"count": counts["opens"], "amount": format_cents(paid["opens"])},
            "settles": {"count": counts["settles"], "amount": format_cents(paid["settles"])},
        }
        return summary if sink is not None else {**summary, "rows": kept}

    def rows(self, import_id: int) -> Iterator[Row]:
        """Claim payments with their entries, other entries, exceptions that open and settle."""
        yield from self._payments()
        yield from self._others()
        yield from self._exceptions("opens", exceptions.c.import_id == import_id, "open")
        earlier = exceptions.c.import_id != import_id
        yield from self._exceptions(
            "settles", (exceptions.c.settled_by == import_id) & earlier, "settled"
        )

    def _payments(self) -> Iterator[Row]:
        """Every new claim payment: claim, rule and score, what it posts."""
        for rows in self._pages(claim_payments, claim_payments.c.id > self._last_payment):
            ids = {row.id for row in rows}
            on_claims = sorted({row.claim_id for row in rows if row.claim_id is not None})
            entries = self._entries(journal_entries.c.claim_id.in_(on_claims), on_claims)
            mine: dict[int, list[Row]] = defaultdict(list)
            for entry in entries:
                if entry["cause"] in _OF_PAYMENT and entry["document"] in ids:
                    mine[entry["document"]].append(_shown(entry))
            numbers = self._numbers(on_claims)
            again = self._reissued(sorted({row.remittance_id for row in rows}))
            for row in rows:
                outcome = REISSUED if row.remittance_id in again else row.outcome
                yield self._payment(row, outcome, mine[row.id], numbers)

    def _reissued(self, ids: Sequence[int]) -> set[int]:
        """Remittances that are another issue of a payment on file: counted apart."""
        query = sa.select(remittances.c.id).where(
            remittances.c.id.in_(ids), remittances.c.status == REISSUED
        )
        return {int(row[0]) for row in self._connection.execute(query)}

    def _payment(self, row: Any, outcome: str, entries: list[Row], numbers: dict[int, str]) -> Row:
        reasons = msgspec.json.decode(row.match_reasons or "{}")
        claim = row.claim_id
        return {
            "row": "claim_payment",
            "remittance": name("R", row.remittance_id),
            "segment": row.segment,
            "patient_control_number": row.patient_control_number,
            "paid": format_cents(row.paid_cents),
            "outcome": outcome,
            "claim": name("C", claim) if claim is not None else None,
            "claim_is_new": claim is not None and claim > self._last_claim,
            "claim_number": numbers.get(claim),
            "rule": row.match_rule,
            "score": row.match_score,
            "why": reasons.get("why", []),
            "entries": entries,
            "_cents": row.paid_cents,
        }

    def _others(self) -> Iterator[Row]:
        """Receipts, provider adjustments, charges, and corrections of what was posted before."""
        query = sa.select(journal_entries).where(self._stands())
        of_payment = journal_entries.c.cause.in_(sorted(_OF_PAYMENT))
        is_new = journal_entries.c.document_id > self._last_payment
        others = query.where(~(of_payment & is_new & journal_entries.c.claim_id.is_not(None)))
        for entry in self._read(others):
            row = _shown(entry)
            yield {
                "row": "entry",
                "claim": name("C", entry["claim"]) if entry["claim"] else None,
                "remittance": name("R", entry["remittance"]) if entry["remittance"] else None,
                **row,
                "_cents": 0,
            }

    def _entries(self, condition: sa.ColumnElement[bool], wanted: Sequence[int]) -> Iterator[Row]:
        """New entries that fit a condition."""
        if not wanted:
            return iter(())
        return self._read(sa.select(journal_entries).where(condition, self._stands()))

    def _stands(self) -> sa.ColumnElement[bool]:
        """New entries, without those that the import itself takes back, and that taking back."""
        own = journal_entries.c
        later = journal_entries.alias()
        gone = sa.select(later.c.reverses).where(
            later.c.id > self._last_entry, later.c.reverses > self._last_entry
        )
        earlier = own.reverses.is_(None) | (own.reverses <= self._last_entry)
        return (own.id > self._last_entry) & earlier & own.id.not_in(gone)

    def _read(self, query: sa.Select[Any]) -> Iterator[Row]:
        """Entries with their postings, page by page in the order of their ids."""
        last = 0
        while True:
            page = query.where(journal_entries.c.id > last).order_by(journal_entries.c.id)
            found = self._connection.execute(page.limit(400)).all()
            if not found:
                return
            last = found[-1].id
            legs: dict[int, list[Any]] = defaultdict(list)
            wanted = sa.select(postings).where(postings.c.entry_id.in_([e.id for e in found]))
            for leg in self._connection.execute(wanted):
                legs[leg.entry_id].append(leg)
            for entry in found:
                yield {
                    "cause": entry.cause,
                    "document": entry.document_id,
                    "claim": entry.claim_id,
                    "remittance": entry.remittance_id,
                    "date": text_of(entry.entry_date),
                    "takes_back": entry.reverses is not None,
                    "postings": legs[entry.id],
                }

    def _exceptions(self, what: str, condition: Any, status: str) -> Iterator[Row]:
        """Exceptions that would open or settle."""
        for rows in self._pages(exceptions, condition & (exceptions.c.status == status)):
            payments = self._payment_numbers([r.claim_payment_id for r in rows])
            for row in rows:
                yield {
                    "row": what,
                    "exception": name("X", row.id),
                    "kind": row.kind,
                    "remittance": name("R", row.remittance_id) if row.remittance_id else None,
                    "patient_control_number": payments.get(row.claim_payment_id),
                    "amount": format_cents(row.amount_cents),
                    "reason": row.reason,
                    "_cents": row.amount_cents,
                }

    def _pages(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> Iterator[Sequence[Any]]:
        """Rows of a table in pieces, in the order of their ids; documents are left out."""
        columns = [column for column in table.columns if column.name != "document"]
        last = 0
        while True:
            query = sa.select(*columns).where(condition, table.c.id > last).order_by(table.c.id)
            rows = self._connection.execute(query.limit(400)).all()
            if not rows:
                return
            last = rows[-1].id
            yield rows

    def _numbers(self, ids: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for some in chunks(list(ids)):
            query = sa.select(claims.c.id, claims.c.patient_control_number)
            rows = self._connection.execute(query.where(claims.c.id.in_(some)))
            found.update({row.id: row.patient_control_number for row in rows})
        return found

    def _payment_numbers(self, ids: Sequence[int | None]) -> dict[int, str]:
        wanted = sorted({i for i in ids if i is not None})
        query = sa.select(claim_payments.c.id, claim_payments.c.patient_control_number)
        rows = self._connection.execute(query.where(claim_payments.c.id.in_(wanted)))
        return {row.id: row.patient_control_number for row in rows}

    def _accounts(self) -> dict[str, str]:
        """The change of each account, in all."""
        query = (
            sa.select(postings.c.account, sa.func.sum(postings.c.cents))
            .where(postings.c.entry_id > self._last_entry)
            .group_by(postings.c.account)
            .order_by(postings.c.account)
        )
        return {row[0]: format_cents(int(row[1])) for row in self._connection.execute(query)}


def _shown(entry: Row) -> Row:
    """An entry as people and scripts see it."""
    return {
        "cause": entry["cause"],
        "date": entry["date"],
        "takes_back": entry["takes_back"],
        "postings": [
            {
                "account": leg.account,
                "amount": format_cents(leg.cents),
                "line": leg.line,
                "payer_rank": leg.payer_rank,
                "detail": leg.detail,
            }
            for leg in entry["postings"]
        ],
    }
