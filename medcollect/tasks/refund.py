"""Give money back to a patient: ``medcollect refund``.

What can go back is the patient's credit: what no claim takes of a payment, and what stands on a
claim beyond the patient's responsibility. A refund is a fact with its day and user; it names the
payment it is a part of, or the claim whose own report (AMT*F5) was too much. ``undo`` takes it
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.paying import post_payments
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.money import format_cents, parse_cents
from medcollect.store.engine import Store
from medcollect.store.patient_payments import (
    PAYMENT,
    REFUND,
    NewPayment,
    save_payments,
    standing_payment,
)
from medcollect.store.tables import claims, patient_payments
from medcollect.tasks.figures import figures_of_row
from medcollect.tasks.load import claims_of_account, find_account
from medcollect.tasks.pay import cents_of, check_paid, claim_keys_of, free_identity, one_claim
from medcollect.tasks.payment_view import payment_rows

Row = dict[str, Any]

_CREDIT_IS_DUE = "credit_patient"


class _Part(msgspec.Struct, frozen=True):
    """What of one payment, or of what one claim reports, can go back."""

    cents: int
    payment: int | None = None
    claim: Row | None = None


def refund(  # noqa: PLR0913 - what a refund is
    store: Store,
    target: str,
    amount: str,
    *,
    method: str,
    refunded_on: date | None = None,
    reference: str = "",
    reason: str,
    user: str,
    again: bool = False,
    today: date | None = None,
) -> Row:
    """Enter money given back for an account (A...), a claim (number, C...) or a payment (M...).

    It is taken from payments that no claim needs, the oldest first, then from the credit of the
    claim named, or of the account's claims that no payer has yet to answer. Raises NotFound,
    BadRequest, NotAllowed where there is less credit than that, or the very same refund is on file
    and ``again`` does not say that it is another one.
    """
    day = today or dates.today()
    cents = cents_of(amount)
    back = refunded_on or day
    check_paid(method, back, day)
    if not reason.strip():
        raise BadRequest("A refund needs its reason on record.", "Say it with --reason.")
    with store.writing() as connection:
        parts = list(_taken(cents, list(_parts(connection, target))))
        _insist_on_order(connection, parts, back)
        told = {"method": method, "reference": reference.strip()}
        new = [_new(part, back, told) for part in parts]
        identities = [free_identity(connection, one, again=again) for one in new]
        ids = save_payments(
            connection, new, identities, known=set(), user=user, reason=reason.strip()
        )
        touched = [part.payment or own for part, own in zip(parts, ids, strict=True)]
        post_payments(connection, touched, None, day)
        shown = payment_rows(connection, patient_payments.c.id.in_(touched))
    return {
        "refunds": [
            {
                "id": name("M", own),
                "amount": format_cents(part.cents),
                "payment": name("M", part.payment) if part.payment else None,
                "claim": name("C", part.claim["id"]) if part.claim else None,
            }
            for part, own in zip(parts, ids, strict=True)
        ],
        "amount": format_cents(cents),
        "refunded_on": back.isoformat(),
        "patient_payments": shown,
    }


def _new(part: _Part, back: date, told: Row) -> NewPayment:
    """A refund of a payment, or of what a claim reports, as a fact."""
    named = claim_keys_of(part.claim) if part.claim is not None else {}
    return NewPayment(back, part.cents, kind=REFUND, returns=part.payment, **told, **named)


def _taken(cents: int, parts: list[_Part]) -> Iterator[_Part]:
    """As much of each part as is needed; raises NotAllowed where all are too little."""
    free = sum(part.cents for part in parts)
    if cents > free:
        message = (
            f"The patient's credit there is {format_cents(free)}: {format_cents(cents)} is more."
        )
        raise NotAllowed(message, "'balance' and 'claim' show what stands as credit, and why.")
    for part in parts:
        used = min(cents, part.cents)
        if used:
            cents -= used
            yield msgspec.structs.replace(part, cents=used)


def _parts(connection: sa.Connection, target: str) -> Iterator[_Part]:
    """What can go back for what the person named."""
    number = number_of(target, "M")
    if number is not None:
        yield _of_payment(connection, number)
        return
    if number_of(target, "A") is not None:
        account = find_account(connection, target)["id"]
        named = [
            row for row in claims_of_account(connection, account) if row["state"] == _CREDIT_IS_DUE
        ]
    else:
        claim = one_claim(connection, target)
        account, named = claim["account_id"], [claim]
    standing = payment_rows(
        connection,
        (patient_payments.c.account_id == account) & (patient_payments.c.status == "active"),
    )
    payments = [row for row in standing if row["kind"] == PAYMENT and row["status"] == "active"]
    for row in payments:
        if not row["held"]:
            yield _Part(_cents(row["unapplied"]), payment=number_of(row["id"], "M"))
    for claim in named:
        yield from _of_claim(claim, payments)


def _of_claim(claim: Row, payments: Iterable[Row]) -> Iterator[_Part]:
    """A claim's credit: first what payments put there, then what the claim itself reports."""
    left = figures_of_row(claim)["credit"]
    for row in payments:
        cents = min(left, _applied(row, name("C", claim["id"])))
        if cents:
            left -= cents
            yield _Part(cents, payment=number_of(row["id"], "M"))
    if left:
        yield _Part(left, claim=claim)


def _of_payment(connection: sa.Connection, number: int) -> _Part:
    """What of one payment can go back: what no claim takes, and what is credit where it stands."""
    found = standing_payment(connection, number)
    if found is None or found.kind != PAYMENT:
        raise NotFound("There is no such payment.", "report patient-payments shows their ids.")
    (row,) = payment_rows(connection, patient_payments.c.id == number)
    if row["status"] != "active":
        raise NotAllowed("This payment came back.", "There is nothing of it to give back.")
    free = _cents(row["unapplied"])
    for applied in row["applied"]:
        query = sa.select(claims).where(claims.c.id == number_of(applied["claim"], "C"))
        claim = dict(connection.execute(query).one()._mapping)
        free += min(figures_of_row(claim)["credit"], _applied(row, applied["claim"]))
    return _Part(free, payment=number)


def _applied(row: Row, claim: str) -> int:
    """What of a payment stands on a claim, and is not what the claim reports anyway."""
    return sum(_cents(part["amount"]) for part in row["applied"] if part["claim"] == claim)


def _insist_on_order(connection: sa.Connection, parts: Iterable[_Part], back: date) -> None:
    """Refuse to give back what was not yet paid on that day."""
    for part in parts:
        if part.payment is None:
            continue
        row = standing_payment(connection, part.payment)
        if row is not None and back < row.received_on:
            message = f"{name('M', part.payment)} was paid after {back}, on {row.received_on}."
            raise BadRequest(message, "Give the day of the refund with --date.")


def _cents(amount: str) -> int:
    return parse_cents(amount) or 0
