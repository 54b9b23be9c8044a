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
applied. A refund that comes back is the patient's money again from that day, and goes where a
payment of that day would go. Where a claim's own report (AMT*F5) is what was paid too much, the
refund is a payment of less than nothing on that claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from medcollect.model.posting import (
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PATIENT_REFUND_RETURNED,
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


#: What happens to a payment beside its refunds coming back: it is made, it comes back itself.
_PAID, _GONE = "paid", "gone"


class Refund(msgspec.Struct, frozen=True, gc=False):
    """A part of a payment that went back to the patient; ``returned_on`` where that came back."""

    day: date
    cents: int
    method: str
    returned_on: date | None = None


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
        """What of it went back, for good or for a time."""
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
    """A part of a payment on a claim; ``reported`` where it is what the claim reports.

    ``from_patient`` where it is a refund of that which came back.
    """

    claim: int
    cents: int
    day: date
    reported: bool = False
    from_patient: bool = False


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
    for day, payment, what in _events(payments):
        one = settled[payment.id]
        if what is _GONE:
            for application in one.applied:
                rooms[application.claim].paid -= application.cents
        elif isinstance(what, Refund):
            room = rooms[reported[payment.id]] if payment.id in reported else None
            one.applied += _from_patient(one, what, day, room, rooms)
        elif payment.id in reported:
            one.applied = list(_as_reported(payment, rooms[reported[payment.id]]))
        elif payment.cents < 0:
            one.applied = list(_given_back(payment, rooms))
        elif not one.hold:
            left = payment.cents - payment.refunded_cents
            one.applied = list(_apply(payment, left, day, rooms))
    return [settled[p.id] for p in payments]


def _events(
    payments: Sequence[PatientPayment],
) -> Iterator[tuple[date, PatientPayment, Refund | str]]:
    """Payments, and the days on which they, or refunds of them, came back, in order of days."""
    events: list[tuple[date, int, PatientPayment, Refund | str]] = []
    for payment in payments:
        events.append((payment.received_on, 0, payment, _PAID))
        events += [
            (_back(payment, refund), 1, payment, refund)
            for refund in payment.refunds
            if refund.returned_on is not None
        ]
        if payment.returned_on is not None:
            events.append((max(payment.returned_on, payment.received_on), 2, payment, _GONE))
    for day, _, payment, what in sorted(events, key=lambda e: (e[0], e[1], e[2].identity, e[2].id)):
        yield day, payment, what


def _back(payment: PatientPayment, refund: Refund) -> date:
    """The day from which a refund that came back is the patient's credit again."""
    return max(refund.returned_on or refund.day, refund.day, payment.received_on)


def _from_patient(
    one: SettledPayment, refund: Refund, day: date, reported: _Room | None, rooms: dict[int, _Room]
) -> list[Application]:
    """A refund that came back, where it was taken from; nothing once the payment is gone."""
    gone = one.payment.returned_on
    if one.hold or (gone is not None and gone <= day):
        return []
    if reported is None:
        return list(_apply(one.payment, refund.cents, day, rooms))
    reported.paid += refund.cents
    return [Application(reported.share.claim, refund.cents, day, from_patient=True)]


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


def _apply(
    payment: PatientPayment, left: int, day: date, rooms: dict[int, _Room]
) -> Iterator[Application]:
    """What is ``left`` on a day: the named claim first, then billable balances, oldest first."""
    named = rooms.get(payment.claim) if payment.claim is not None else None
    if named is not None:
        cents = min(left, named.named())
        if cents:
            left -= cents
            named.paid += cents
            yield Application(named.share.claim, cents, day)
    for room in sorted(rooms.values(), key=lambda r: r.order):
        cents = min(left, room.billable())
        if cents:
            left -= cents
            room.paid += cents
            yield Application(room.share.claim, cents, max(day, room.share.since or day))


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
    paid = payment.cents > 0
    first = "patient_receipt" if paid else "patient_refunded"
    last = "patient_returned" if paid else PATIENT_REFUND_RETURNED
    entries = [_receipt(payment, 1, payment.received_on, first)]
    for refund in payment.refunds:
        entries += _refund(payment, refund)
    for application in settled.applied:
        cause = _cause(application)
        account = PATIENT_CASH if application.reported else PATIENT_RECEIVABLE
        legs = _application(payment, application, account, 1)
        entries.append(Entry(cause, payment.id, application.day, legs))
    if payment.returned_on is not None:
        back = max(payment.returned_on, payment.received_on)
        entries.append(_receipt(payment, -1, back, last))
        days: dict[date, list[Posting]] = defaultdict(list)
        for application in settled.applied:
            legs = _application(payment, application, PATIENT_RECEIVABLE, -1)
            days[max(back, application.day)] += legs
        entries += [Entry(last, payment.id, day, tuple(legs)) for day, legs in days.items()]
    return entries


def _cause(application: Application) -> str:
    """Why a part of a payment stands on a claim, or no longer does."""
    if application.reported:
        return "patient_reported"
    if application.from_patient:
        return PATIENT_REFUND_RETURNED
    return "patient_applied" if application.cents > 0 else "patient_refunded"


def _refund(payment: PatientPayment, refund: Refund) -> list[Entry]:
    """Cash out again, from the patient's credit; and in once more, where that came back."""
    out = (
        Posting(PATIENT_CASH, -refund.cents, detail=refund.method),
        Posting(PATIENT_UNAPPLIED, refund.cents, detail=refund.method),
    )
    day = max(refund.day, payment.received_on)
    entries = [Entry("patient_refunded", payment.id, day, out)]
    if refund.returned_on is not None:
        back = tuple(msgspec.structs.replace(leg, cents=-leg.cents) for leg in out)
        day = _back(payment, refund)
        entries.append(Entry(PATIENT_REFUND_RETURNED, payment.id, day, back))
    return entries


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
