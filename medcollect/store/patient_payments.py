"""Patient payments in the book: facts, entered by command or from a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.money import format_cents
from medcollect.store.engine import allocate, bulk_load, chunks
from medcollect.store.identities import ACTIVE, DUPLICATE
from medcollect.store.tables import patient_payments

PAYMENT, RETURNED, REFUND = "payment", "returned", "refund"
METHODS = ("card", "check", "cash", "other")

#: What stands for itself: payments, and refunds of what a claim reports. Other refunds, and
#: returns, belong to the payment that they name.
OF_ITS_OWN = (patient_payments.c.kind == PAYMENT) | (
    (patient_payments.c.kind == REFUND) & patient_payments.c.returns.is_(None)
)


class NewPayment(msgspec.Struct, frozen=True):
    """A payment, the return of one or a refund, as it is entered.

    ``named`` is the claim's number as given; the keys find its claim and account again.
    """

    received_on: date
    cents: int
    method: str
    reference: str = ""
    named: str = ""
    number_key: str = ""
    birth_key: str = ""
    member_key: str = ""
    service_from: date | None = None
    kind: str = PAYMENT
    returns: int | None = None
    line: int = 0

    @property
    def content(self) -> tuple[str, ...]:
        """What makes it the same payment in another table: whose, when, how much, how."""
        return (
            self.kind,
            str(self.returns or ""),
            self.received_on.isoformat(),
            format_cents(self.cents),
            self.method,
            " ".join(self.reference.upper().split()),
            self.number_key or self.birth_key or self.member_key,
        )


def save_payments(
    connection: sa.Connection,
    found: Sequence[NewPayment],
    identities: Sequence[str],
    *,
    known: set[str],
    user: str,
    reason: str = "",
    import_id: int | None = None,
    file_id: int | None = None,
) -> list[int]:
    """Keep payments; those known already are kept as duplicates. Returns their ids."""
    if not found:
        return []
    first = allocate(connection, patient_payments, len(found))
    recorded = datetime.now(UTC).isoformat(timespec="seconds")
    rows: list[dict[str, Any]] = [
        {
            "id": first + place,
            "import_id": import_id,
            "file_id": file_id,
            "line": one.line,
            "kind": one.kind,
            "returns": one.returns,
            "received_on": one.received_on,
            "amount_cents": one.cents,
            "method": one.method,
            "reference": one.reference,
            "named": one.named,
            "number_key": one.number_key,
            "birth_key": one.birth_key,
            "member_key": one.member_key,
            "service_from": one.service_from,
            "identity": identities[place],
            "reason": reason,
            "user_name": user,
            "recorded_at": recorded,
            "status": DUPLICATE if identities[place] in known else ACTIVE,
            "account_id": None,
            "claim_id": None,
            "applied_cents": 0,
            "held": "",
        }
        for place, one in enumerate(found)
    ]
    names = [column.name for column in patient_payments.columns]
    bulk_load(connection, patient_payments, [tuple(row[n] for n in names) for row in rows])
    return [row["id"] for row in rows]


def standing_payment(connection: sa.Connection, number: int | None) -> Any | None:
    """The row of a payment, or of a return, that counts."""
    query = sa.select(patient_payments).where(
        patient_payments.c.id == (number or 0), patient_payments.c.status == ACTIVE
    )
    return connection.execute(query).first()


def parts_back(connection: sa.Connection, payments: Sequence[int]) -> Iterator[Any]:
    """The standing returns and refunds of payments, in the order of their days."""
    for some in chunks(payments):
        query = sa.select(patient_payments).where(
            patient_payments.c.returns.in_(some), patient_payments.c.status == ACTIVE
        )
        order = (patient_payments.c.received_on, patient_payments.c.id)
        yield from connection.execute(query.order_by(*order))


def owners_of(connection: sa.Connection, numbers: Sequence[int]) -> list[int]:
    """What these are parts of, or stand for themselves: a return of a refund of a payment."""
    found: set[int] = set()
    asked = set(numbers)
    while asked:
        above: set[int] = set()
        for some in chunks(sorted(asked)):
            query = sa.select(patient_payments.c.id, patient_payments.c.returns)
            for number, returns in connection.execute(query.where(patient_payments.c.id.in_(some))):
                (found if returns is None else above).add(returns or number)
        asked = above
    return sorted(found)


def card_payments(connection: sa.Connection) -> list[tuple[date, int, int]]:
    """Day, id and cents of every card payment that counts; refunds to cards are negative."""
    query = sa.select(
        patient_payments.c.received_on,
        patient_payments.c.id,
        patient_payments.c.kind,
        patient_payments.c.amount_cents,
    ).where(
        patient_payments.c.method == "card",
        patient_payments.c.status == ACTIVE,
        patient_payments.c.kind.in_((PAYMENT, REFUND)),
    )
    return [
        (row.received_on, row.id, row.amount_cents if row.kind == PAYMENT else -row.amount_cents)
        for row in connection.execute(query.order_by(patient_payments.c.id))
    ]
