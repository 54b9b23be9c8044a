"""Enter a patient's payment, and that one came back: ``medcollect pay`` and ``bounce``.

A payment is a fact with its user and day; where it goes follows by rule
(:mod:`medcollect.ledger.patient_payments`), and ``undo`` takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.paying import post_payments
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.model.desk import Concerns
from medcollect.money import format_cents, parse_cents
from medcollect.store.desk import standing_entries
from medcollect.store.engine import Store
from medcollect.store.identities import identity_of, known_identities
from medcollect.store.patient_payments import (
    METHODS,
    REFUND,
    RETURNED,
    NewPayment,
    owners_of,
    parts_back,
    save_payments,
    standing_payment,
)
from medcollect.store.tables import patient_payments
from medcollect.tasks.load import claims_of_account, find_account, find_claims
from medcollect.tasks.payment_view import payment_rows
from medcollect.tasks.refund_cheques import insist_on_not_cashed

Row = dict[str, Any]


def pay(  # noqa: PLR0913 - what a payment is
    store: Store,
    target: str,
    amount: str,
    *,
    method: str,
    received_on: date | None = None,
    reference: str = "",
    reason: str = "",
    user: str,
    again: bool = False,
    today: date | None = None,
) -> Row:
    """Enter a payment for an account (A...) or a claim (its number or C...); says where it went.

    Raises NotFound, BadRequest (amount, method, a day to come), NotAllowed where the very same
    payment is on file and ``again`` does not say that it is another one.
    """
    day = today or dates.today()
    cents = cents_of(amount)
    check_paid(method, received_on or day, day)
    with store.writing() as connection:
        who = payer_of(connection, target)
        new = NewPayment(received_on or day, cents, method, reference.strip(), **who)
        identity = free_identity(connection, new, again=again)
        (number,) = save_payments(
            connection, [new], [identity], known=set(), user=user, reason=reason
        )
        post_payments(connection, [number], None, day)
        return payment_rows(connection, patient_payments.c.id == number)[0]


def bounce(
    store: Store,
    payment: str,
    *,
    received_on: date | None = None,
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Enter that a payment (a bounced check, a chargeback), or a refund (M...), came back.

    A fact of its own, with its day: a refund that came back is the patient's credit again.

    Raises NotFound, NotAllowed where it came back already or before it was paid, BadRequest.
    """
    day = today or dates.today()
    if not reason.strip():
        raise BadRequest("A returned payment needs its reason on record.", "Say it with --reason.")
    back = received_on or day
    with store.writing() as connection:
        row = standing_payment(connection, number_of(payment, "M"))
        if row is None or row.kind == RETURNED:
            raise NotFound("There is no such payment.", "report patient-payments shows their ids.")
        back_before = list(parts_back(connection, [row.id]))
        if any(part.kind == RETURNED for part in back_before):
            message = f"This {row.kind} came back already."
            raise NotAllowed(message, "Look at report patient-payments.")
        insist_on_not_cashed(connection, row.id, "M")
        if not row.received_on <= back <= day:
            message = f"A {row.kind} comes back after it was made, and not on a day to come."
            raise BadRequest(message, "Give the day of the return with --date.")
        new = NewPayment(back, row.amount_cents, row.method, kind=RETURNED, returns=row.id)
        identity = identity_of(new.content, 1)
        (number,) = save_payments(
            connection, [new], [identity], known=set(), user=user, reason=reason
        )
        post_payments(connection, [row.id], None, day)
        (owner,) = owners_of(connection, [row.id])
        shown = payment_rows(connection, patient_payments.c.id == owner)[0]
    return {"id": name("M", number), "returns": shown, "notes": _notes(row, shown)}


def _notes(row: Any, shown: Row) -> list[str]:
    """What else follows from a return: of a payment, what went back of it; of a refund, whose."""
    if row.kind == REFUND:
        what = f"It is the refund {name('M', row.id)} of {format_cents(row.amount_cents)}: that is"
        return [f"{what} the patient's money again, and goes where a payment of that day would go."]
    return [
        f"{part['amount']} of it went back to the patient as {part['id']}: the patient owes "
        "that now, and the unapplied money is less by it."
        for part in shown["refunds"]
        if part["returned"] is None
    ]


def cents_of(amount: str) -> int:
    """An amount as a person types it; raises BadRequest where it is none."""
    cents = parse_cents(amount.replace(",", "").removeprefix("$"))
    if cents is None or cents <= 0:
        raise BadRequest(f"{amount} is no amount of money paid.", "Write it as 25 or 25.00.")
    return cents


def check_paid(method: str, received_on: date, today: date) -> None:
    """Raise BadRequest for a method that there is not, or a day to come."""
    if method not in METHODS:
        raise BadRequest(f"{method} is no method of payment.", f"There are: {', '.join(METHODS)}.")
    if received_on > today:
        raise BadRequest(f"{received_on} is still to come.", "Give the day it was paid.")


def free_identity(connection: sa.Connection, new: NewPayment, *, again: bool) -> str:
    """An identity that is free; raises NotAllowed where the same payment is on file."""
    ordinal = 1
    while known_identities(
        connection, patient_payments, [identity := identity_of(new.content, ordinal)]
    ):
        if not again:
            query = sa.select(patient_payments.c.id).where(
                patient_payments.c.identity == identity, patient_payments.c.status == "active"
            )
            number = connection.execute(query).scalar_one()
            raise NotAllowed(
                f"The same payment is on file as {name('M', number)} "
                f"({format_cents(new.cents)} on {new.received_on}).",
                "If this is another one, say --again, or give its reference.",
            )
        ordinal += 1
    return identity


def payer_of(connection: sa.Connection, target: str) -> Row:
    """What finds the account, and the claim if one is named, again: number and person.

    Raises NotFound, NotAllowed where claims of several visits or people carry the number.
    """
    if number_of(target, "A") is not None:
        account = find_account(connection, target)
        found = claims_of_account(connection, account["id"])
        keyed = [row for row in found if row["birth_key"] or row["member_key"]]
        if keyed:
            return _person_of(connection, keyed)
        if not found:
            raise NotFound("There is no claim on this account.", "Name the claim that was paid.")
        return claim_keys_of(found[0])
    return claim_keys_of(one_claim(connection, target))


def _person_of(connection: sa.Connection, found: Sequence[Row]) -> Row:
    """The keys of the patient of these claims.

    Raises NotAllowed for an account that bears the keys of the one it was split from.
    """
    people = People(standing_entries(connection))
    for row in found:
        keys = {"birth_key": row["birth_key"], "member_key": row["member_key"]}
        if people.side(Concerns(**keys)) == people.side(concerns_of(row)):
            return keys
    listed = ", ".join(name("C", row["id"]) for row in found)
    message = "This account was split off, and nothing tells its patient from the other one."
    raise NotAllowed(message, f"Name one of its claims instead: {listed}.")


def one_claim(connection: sa.Connection, target: str) -> Row:
    """The claim that a number or id means; raises NotFound, NotAllowed where there are several."""
    found = find_claims(connection, target)
    if len(found) > 1:
        listed = ", ".join(name("C", row["id"]) for row in found)
        raise NotAllowed(
            f"Several claims carry this number: {listed}.", "Name one of them, or the account."
        )
    return found[0]


def claim_keys_of(row: Row) -> Row:
    """What finds a claim again when it comes under another id of ours."""
    return {
        "named": row["patient_control_number"],
        "number_key": row["number_key"],
        "birth_key": row["birth_key"],
        "member_key": row["member_key"],
        "service_from": row["service_from"],
    }
