"""Where a patient's payments go: DESIGN section 6, by rule, and the journal that follows.

All payments and claims of one account are judged together, in the order of the days of payment:

1. a payment that names a claim goes there, as far as the patient may come to owe it (the
   patient's responsibility and what payers have yet to settle, less what was paid);
2. then, and a payment that names no claim from the start, to the account's billable balances, the
   oldest first;
3. what is left is the patient's credit on the account, unapplied.

What a claim itself reports as paid (AMT*F5) is posted with the claim. A payment that names the
claim and was received before the claim was made is part of that: where these payments add up to
the reported amount exactly, they are it, and their cash stands in its place; where they do not,
they wait for a person. A payment that came back (bounced check, chargeback) is released on that
day. The order in which facts arrive does not matter.

What is refunded of a payment was never free to pay a claim: it is left out before anything is
applied. Where a claim's own report (AMT*F5) is what was paid too much, the refund is a payment of
less than nothing on that claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from medcollect.model.posting import (
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PATIENT_UNAPPLIED,
    Entry,
    Posting,
)

NO_CLAIM = "patient_payment_no_claim"
SEVERAL = "patient_payment_several_patients"
PERHAPS_REPORTED = "patient_payment_perhaps_reported"

PAYMENT_HOLDS = {
    NO_CLAIM: "No claim and no account with this number is on file; the payment waits unapplied.",
    SEVERAL: "Claims of several patients carry this number; the payment waits unapplied.",
    PERHAPS_REPORTED: "A claim reports an amount that the patient paid (AMT*F5), and this payment "
    "may be a part of it or another one; until a person says, it stays unapplied.",
}


class Refund(msgspec.Struct, frozen=True, gc=False):
    """A part of a payment that went back to the patient."""

    day: date
    cents: int
    method: str


class PatientPayment(msgspec.Struct, frozen=True, gc=False):
    """A payment as posting takes it; ``claim`` is the claim that it names, if it does.

    Negative ``cents`` are a refund of what its claim reports; ``refunds`` are those of a payment.

    ``hold`` says why it may not be applied; ``counts_besides`` that a person called it another
    payment than the one the claim reports; ``returned_on`` when it came back.
    """

    id: int
    received_on: date
    cents: int
    identity: str
    method: str = ""
    claim: int | None = None
    hold: str = ""
    counts_besides: bool = False
    returned_on: date | None = None
    refunds: tuple[Refund, ...] = ()

    @property
    def refunded_cents(self) -> int:
        """What of it went back."""
        return sum(refund.cents for refund in self.refunds)


class PatientShare(msgspec.Struct, frozen=True, gc=False):
    """What of a claim is the patient's; ``since`` is the day it became so.

    ``reported_cents`` is what the claim says was paid when it was made, on ``reported_until``.
    """

    claim: int
    number: str
    since: date | None
    service_from: date | None
    responsibility_cents: int
    held_cents: int
    open_cents: int
    reported_cents: int = 0
    reported_until: date | None = None


class Application(msgspec.Struct, frozen=True, gc=False):
    """A part of a payment on a claim; ``reported`` where it is what the claim reports."""

    claim: int
    cents: int
    day: date
    reported: bool = False


class SettledPayment(msgspec.Struct):
    """A payment with where it went; what is left of it is unapplied."""

    payment: PatientPayment
    applied: list[Application] = []
    hold: str = ""

    @property
    def applied_cents(self) -> int:
        """What stands on claims: nothing once the payment came back."""
        if self.payment.returned_on is not None:
            return 0
        return sum(a.cents for a in self.applied)


class _Room:
    """How much more of a claim a patient may pay."""

    def __init__(self, share: PatientShare) -> None:
        self.share = share
        self.paid = share.reported_cents

    @property
    def order(self) -> tuple[date, date, str, int]:
        """The oldest balance first."""
        share = self.share
        first = share.service_from or date.min
        return (share.since or first, first, share.number, share.claim)

    def named(self) -> int:
        """For a payment that names the claim: also what payers may yet leave to the patient."""
        return max(self.share.responsibility_cents + self.share.open_cents - self.paid, 0)

    def billable(self) -> int:
        """For any other payment."""
        return max(self.share.responsibility_cents - self.share.held_cents - self.paid, 0)


def settle_payments(
    payments: Sequence[PatientPayment], shares: Sequence[PatientShare]
) -> list[SettledPayment]:
    """Apply the payments of one account to its claims; each answers with where it went."""
    settled = {p.id: SettledPayment(p, [], p.hold) for p in payments}
    rooms = {share.claim: _Room(share) for share in shares}
    reported = _reported(payments, shares, settled)
    for payment, comes_back in _events(payments):
        one = settled[payment.id]
        if comes_back:
            for application in one.applied:
                rooms[application.claim].paid -= application.cents
        elif payment.id in reported:
            one.applied = list(_as_reported(payment, rooms[reported[payment.id]]))
        elif payment.cents < 0:
            one.applied = list(_given_back(payment, rooms))
        elif not one.hold:
            one.applied = list(_apply(payment, rooms))
    return [settled[p.id] for p in payments]


def _events(payments: Sequence[PatientPayment]) -> Iterator[tuple[PatientPayment, bool]]:
    """Payments, and the days on which some of them came back, in the order of the days."""
    events = [(p.received_on, False, p.identity, p) for p in payments]
    events += [
        (max(p.returned_on, p.received_on), True, p.identity, p)
        for p in payments
        if p.returned_on is not None
    ]
    for _, comes_back, _, payment in sorted(events, key=lambda e: (e[0], e[1], e[2], e[3].id)):
        yield payment, comes_back


def _as_reported(payment: PatientPayment, room: _Room) -> Iterator[Application]:
    """What the claim reports, less what went back of it."""
    claim = room.share.claim
    yield Application(claim, payment.cents, payment.received_on, reported=True)
    for refund in payment.refunds:
        room.paid -= refund.cents
        yield Application(claim, -refund.cents, max(refund.day, payment.received_on))


def _given_back(payment: PatientPayment, rooms: dict[int, _Room]) -> Iterator[Application]:
    """A refund of what a claim reports as paid: it counts as so much less."""
    room = rooms.get(payment.claim) if payment.claim is not None else None
    if room is not None:
        room.paid += payment.cents
        yield Application(room.share.claim, payment.cents, payment.received_on)


def _apply(payment: PatientPayment, rooms: dict[int, _Room]) -> Iterator[Application]:
    """The named claim first, then billable balances, oldest first."""
    left = payment.cents - payment.refunded_cents
    named = rooms.get(payment.claim) if payment.claim is not None else None
    if named is not None:
        cents = min(left, named.named())
        if cents:
            left -= cents
            named.paid += cents
            yield Application(named.share.claim, cents, payment.received_on)
    for room in sorted(rooms.values(), key=lambda r: r.order):
        cents = min(left, room.billable())
        if cents:
            left -= cents
            room.paid += cents
            since = room.share.since or payment.received_on
            yield Application(room.share.claim, cents, max(payment.received_on, since))


def _reported(
    payments: Sequence[PatientPayment],
    shares: Sequence[PatientShare],
    settled: dict[int, SettledPayment],
) -> dict[int, int]:
    """Payments that are what a claim reports, with the claim; those that may be are held."""
    found: dict[int, int] = {}
    for share in shares:
        if not share.reported_cents:
            continue
        asked = [p for p in payments if not p.hold and not p.counts_besides and p.cents > 0]
        named = [p for p in asked if p.claim == share.claim and _before(p, share)]
        if named and sum(p.cents for p in named) == share.reported_cents:
            found.update({p.id: share.claim for p in named})
            continue
        at_the_desk = [p for p in asked if p.claim is None and _at_the_desk(p, share)]
        for payment in (*named, *at_the_desk):
            settled[payment.id].hold = PERHAPS_REPORTED
    for number in found:
        settled[number].hold = ""
    return found


def _before(payment: PatientPayment, share: PatientShare) -> bool:
    """Whether a payment was there when the claim was made."""
    return share.reported_until is None or payment.received_on <= share.reported_until


def _at_the_desk(payment: PatientPayment, share: PatientShare) -> bool:
    """Whether a payment that names no claim looks like the one that this claim reports."""
    first = share.service_from or date.min
    return (
        payment.cents == share.reported_cents
        and first <= payment.received_on
        and _before(payment, share)
    )


# -- the journal ------------------------------------------------------------------------------


def payment_entries(settled: SettledPayment) -> list[Entry]:
    """The journal of one payment: its receipt, its applications, and its return."""
    payment = settled.payment
    first = "patient_receipt" if payment.cents > 0 else "patient_refunded"
    entries = [_receipt(payment, 1, payment.received_on, first)]
    entries += [_refund(payment, refund) for refund in payment.refunds]
    for application in settled.applied:
        cause = _cause(application)
        account = PATIENT_CASH if application.reported else PATIENT_RECEIVABLE
        legs = _application(payment, application, account, 1)
        entries.append(Entry(cause, payment.id, application.day, legs))
    if payment.returned_on is not None:
        back = max(payment.returned_on, payment.received_on)
        entries.append(_receipt(payment, -1, back, "patient_returned"))
        days: dict[date, list[Posting]] = defaultdict(list)
        for application in settled.applied:
            legs = _application(payment, application, PATIENT_RECEIVABLE, -1)
            days[max(back, application.day)] += legs
        entries += [
            Entry("patient_returned", payment.id, day, tuple(legs)) for day, legs in days.items()
        ]
    return entries


def _cause(application: Application) -> str:
    """Why a part of a payment stands on a claim, or no longer does."""
    if application.reported:
        return "patient_reported"
    return "patient_applied" if application.cents > 0 else "patient_refunded"


def _refund(payment: PatientPayment, refund: Refund) -> Entry:
    """Cash out again, from the patient's credit."""
    legs = (
        Posting(PATIENT_CASH, -refund.cents, detail=refund.method),
        Posting(PATIENT_UNAPPLIED, refund.cents, detail=refund.method),
    )
    day = max(refund.day, payment.received_on)
    return Entry("patient_refunded", payment.id, day, legs)


def _receipt(payment: PatientPayment, sign: int, day: date, cause: str) -> Entry:
    """Cash in, or out again, against the patient's credit."""
    cents = sign * payment.cents
    legs = (
        Posting(PATIENT_CASH, cents, detail=payment.method),
        Posting(PATIENT_UNAPPLIED, -cents, detail=payment.method),
    )
    return Entry(cause, payment.id, day, legs)


def _application(
    payment: PatientPayment, application: Application, account: str, sign: int
) -> tuple[Posting, Posting]:
    """The patient's credit against the claim's receivable, or the cash that it reports."""
    cents, claim = sign * application.cents, application.claim
    return (
        Posting(PATIENT_UNAPPLIED, cents, claim=claim, detail=payment.method),
        Posting(
            account, -cents, claim=claim, detail="" if account == PATIENT_RECEIVABLE else "AMT"
        ),
    )
