"""How old open money is: the columns of the aging reports, and from which day a claim ages.

A claim ages from its days of service (of a stay the last one; the statement's where no line has
one). A claim that tells none ages from the earliest day that is known of it, and says which: when
its payer received it (DTM*050), when the file with the claim was made, when it was first answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.store import facts
from medcollect.store.engine import chunks
from medcollect.store.tables import claim_payments, claims, journal_entries, remittances
from medcollect.store.tables import transactions as documents

Row = dict[str, Any]

SERVICE, RECEIPT, CLAIM_FILE, ANSWER = "service", "receipt", "claim_file", "answer"

#: Days of age at which each aging column begins.
_BUCKETS = ((0, "days_0_30"), (31, "days_31_60"), (61, "days_61_90"), (91, "days_91_120"))
_LAST_BUCKET = "days_over_120"
BUCKET_NAMES = (*(bucket for _, bucket in _BUCKETS), _LAST_BUCKET)


def bucket(day: date | None, as_of: date) -> str:
    """The aging column for money that is open since a day."""
    age = (as_of - day).days if day is not None else 0
    passed = [name for start, name in _BUCKETS if age >= start]
    return _LAST_BUCKET if age > 120 else (passed[-1] if passed else _BUCKETS[0][1])


def days_of(name: str) -> str:
    """``0 to 30`` for ``days_0_30``, ``over 120`` for the last column."""
    first, last = name.removeprefix("days_").split("_")
    return f"over {last}" if first == "over" else f"{first} to {last}"


def date_claims(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Give each claim's row ``aged_since``, and ``aged_by``: what day that is."""
    undated = [row["id"] for row in rows if not (row["service_to"] or row["service_from"])]
    known: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for some in chunks(undated):
        for claim, day, what in (*_charged(connection, some), *_answered(connection, some)):
            if day is not None:
                known[claim].append((day, what))
    for row in rows:
        served = row["service_to"] or row["service_from"]
        first = min(known.get(row["id"], ()), default=(None, ""))
        row["aged_since"], row["aged_by"] = (served, SERVICE) if served else first


def _charged(
    connection: sa.Connection, numbers: Sequence[int]
) -> Iterator[tuple[int, date | None, str]]:
    """The day on which claims of files were charged: without a day of service the file's own."""
    query = (
        sa.select(journal_entries.c.claim_id, sa.func.min(journal_entries.c.entry_date))
        .join(claims, claims.c.id == journal_entries.c.claim_id)
        .where(claims.c.id.in_(numbers), claims.c.origin == "claim")
        .where(journal_entries.c.cause == "charge")
        .group_by(journal_entries.c.claim_id)
    )
    for claim, day in connection.execute(query):
        yield claim, day, CLAIM_FILE


def _answered(
    connection: sa.Connection, numbers: Sequence[int]
) -> Iterator[tuple[int, date | None, str]]:
    """When payers received claims, as their answers tell, and when they answered."""
    query = (
        sa.select(claim_payments.c.claim_id, claim_payments.c.document, remittances.c.payment_date)
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
        .join(documents, documents.c.id == remittances.c.id)
        .where(claim_payments.c.claim_id.in_(numbers), documents.c.status == "active")
    )
    for claim, document, paid_on in connection.execute(query):
        yield claim, facts.decode_payment(document).received_date, RECEIPT
        yield claim, paid_on, ANSWER
