"""Where patients' payments go, and what is told apart from what a claim reports."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.ledger.patient_payments import (
    NO_CLAIM,
    PERHAPS_REPORTED,
    PatientPayment,
    PatientShare,
    Refund,
    SettledPayment,
    payment_entries,
    settle_payments,
)

DAY = date(2026, 3, 1)


def pay(number: int, cents: int, **told: Any) -> PatientPayment:
    return PatientPayment(**{"id": number, "received_on": DAY, "cents": cents,
                             "identity": f"{number:03d}", **told})  # fmt: skip


def share(claim: int, responsibility: int, **told: Any) -> PatientShare:
    defaults: dict[str, Any] = {
        "claim": claim,
        "number": f"PCN{claim}",
        "since": date(2026, 2, claim),
        "service_from": date(2026, 1, claim),
        "responsibility_cents": responsibility,
        "held_cents": 0,
        "open_cents": 0,
    }
    return PatientShare(**{**defaults, **told})


def went(found: list[SettledPayment]) -> list[dict[int, int]]:
    return [{a.claim: a.cents for a in one.applied} for one in found]


def left(one: SettledPayment) -> int:
    return one.payment.cents - one.applied_cents


def test_the_oldest_billable_balance_first_and_the_rest_stays() -> None:
    (one,) = settle_payments([pay(1, 100)], [share(2, 30), share(1, 40), share(3, 20)])
    assert [(a.claim, a.cents) for a in one.applied] == [(1, 40), (2, 30), (3, 20)]
    assert left(one) == 10


def test_the_named_claim_first_then_the_oldest() -> None:
    (one,) = settle_payments([pay(1, 100, claim=2)], [share(2, 30), share(1, 40)])
    assert [(a.claim, a.cents) for a in one.applied] == [(2, 30), (1, 40)]
    assert left(one) == 30


def test_a_named_claim_takes_a_deposit_while_a_payer_has_yet_to_answer() -> None:
    (one,) = settle_payments([pay(1, 25, claim=1)], [share(1, 0, open_cents=90)])
    assert went([one]) == [{1: 25}]


def test_without_a_name_nothing_goes_where_it_may_not_be_billed() -> None:
    (one,) = settle_payments([pay(1, 25)], [share(1, 50, held_cents=40, open_cents=90)])
    assert went([one]) == [{1: 10}]


def test_payments_go_in_the_order_of_their_days() -> None:
    later = pay(1, 30, received_on=DAY + timedelta(1))
    found = settle_payments([later, pay(2, 30)], [share(1, 40)])
    assert went(found) == [{1: 10}, {1: 30}]


def test_what_is_paid_before_it_is_owed_counts_from_then_on() -> None:
    (one,) = settle_payments([pay(1, 25)], [share(1, 50, since=date(2026, 4, 1))])
    assert [a.day for a in one.applied] == [date(2026, 4, 1)]


def test_a_payment_that_came_back_frees_its_claim_from_that_day() -> None:
    back = DAY + timedelta(10)
    first = pay(1, 40, returned_on=back)
    between, after = (pay(n, 40, received_on=DAY + timedelta(d)) for n, d in ((2, 5), (3, 15)))
    found = settle_payments([first, between, after], [share(1, 40)])
    assert went(found) == [{1: 40}, {}, {1: 40}]
    assert [left(one) for one in found] == [40, 40, 0]
    entries = payment_entries(found[0])
    assert [(e.cause, e.entry_date) for e in entries] == [
        ("patient_receipt", DAY),
        ("patient_applied", DAY),
        ("patient_returned", back),
        ("patient_returned", back),
    ]
    sums: Counter[tuple[str, int | None]] = Counter()
    for entry in entries:
        for leg in entry.postings:
            sums[leg.account, leg.claim] += leg.cents
    assert not any(sums.values())


# -- AMT*F5 -----------------------------------------------------------------------------------

REPORTED: dict[str, Any] = {"reported_cents": 25, "reported_until": DAY}


def test_the_payment_that_the_claim_reports_is_told_by_amount_and_day() -> None:
    (one,) = settle_payments([pay(1, 25, claim=1)], [share(1, 100, **REPORTED)])
    assert [(a.cents, a.reported) for a in one.applied] == [(25, True)]
    legs = [leg for entry in payment_entries(one) for leg in entry.postings]
    assert sum(leg.cents for leg in legs if leg.account == "patient_cash") == 0
    assert not [leg for leg in legs if leg.account == "patient_receivable"]


def test_two_payments_that_add_up_to_it_are_it() -> None:
    found = settle_payments([pay(1, 10, claim=1), pay(2, 15, claim=1)], [share(1, 100, **REPORTED)])
    assert [a.reported for one in found for a in one.applied] == [True, True]


@pytest.mark.parametrize(
    "told",
    [
        {"cents": 20, "claim": 1},
        {"cents": 30, "claim": 1},
        {"cents": 25},
    ],
)
def test_what_may_be_it_waits(told: dict[str, Any]) -> None:
    """Less or more than it by name; its very amount without a name."""
    (one,) = settle_payments([pay(1, **told)], [share(1, 100, **REPORTED)])
    assert (one.hold, one.applied) == (PERHAPS_REPORTED, [])
    (sure,) = settle_payments([pay(1, **told, counts_besides=True)], [share(1, 100, **REPORTED)])
    assert (sure.hold, went([sure])) == ("", [{1: told["cents"]}])


@pytest.mark.parametrize(
    "told",
    [
        {"cents": 20, "claim": 1, "received_on": DAY + timedelta(1)},
        {"cents": 20},
        {"cents": 25, "received_on": date(2025, 12, 31)},
    ],
)
def test_what_cannot_be_it_goes_its_way(told: dict[str, Any]) -> None:
    """Paid after the claim was made; another amount without a name; before the visit."""
    (one,) = settle_payments([pay(1, **told)], [share(1, 100, **REPORTED)])
    assert (one.hold, went([one])) == ("", [{1: told["cents"]}])


def test_what_the_claim_reports_is_no_room_for_more() -> None:
    late = pay(1, 100, received_on=DAY + timedelta(3))
    (one,) = settle_payments([late], [share(1, 100, **REPORTED)])
    assert went([one]) == [{1: 75}]


def test_a_held_payment_is_received_and_no_more() -> None:
    (one,) = settle_payments([pay(1, 25, hold=NO_CLAIM)], [share(1, 100)])
    assert one.hold == NO_CLAIM
    assert [e.cause for e in payment_entries(one)] == ["patient_receipt"]


# -- properties -------------------------------------------------------------------------------

days = st.integers(0, 40).map(lambda n: date(2026, 2, 1) + timedelta(n))
cents = st.sampled_from([10, 25, 40, 65])
claims = st.sampled_from([None, 1, 2, 3])


@st.composite
def payments(draw: Any) -> list[PatientPayment]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        day = draw(days)
        later = st.none() | st.integers(0, 20).map(lambda n, day=day: day + timedelta(n))
        refund = Refund(day + timedelta(1), 5, "check", draw(later))
        found.append(
            pay(
                number, draw(cents), received_on=day, claim=draw(claims), returned_on=draw(later),
                counts_besides=draw(st.booleans()), refunds=(refund,) * draw(st.integers(0, 2)),
            )
        )  # fmt: skip
    return found


@st.composite
def shares(draw: Any) -> list[PatientShare]:
    return [
        share(
            claim, draw(cents), since=draw(st.none() | days), service_from=draw(st.none() | days),
            held_cents=draw(st.sampled_from([0, 10])), open_cents=draw(st.sampled_from([0, 30])),
            reported_cents=draw(st.sampled_from([0, 0, 25, 35])),
            reported_until=draw(st.none() | days),
        )
        for claim in (1, 2, 3)
    ]  # fmt: skip


def _applied(one: SettledPayment) -> int:
    return sum(application.cents for application in one.applied)


@given(payments(), shares(), st.randoms())
def test_every_cent_is_somewhere_whatever_the_order(paid: Any, owed: Any, shuffler: Any) -> None:
    """Entries balance; cash is what was paid and not returned; no claim takes more than it may;
    the order of arrival does not matter."""
    found = settle_payments(paid, owed)
    applied: Counter[int] = Counter()
    for one in found:
        sums: Counter[str] = Counter()
        for entry in payment_entries(one):
            assert entry.is_balanced
            for leg in entry.postings:
                sums[leg.account] += leg.cents
        reported = sum(a.cents for a in one.applied if a.reported)
        came_back = one.payment.returned_on is not None
        gone = sum(r.cents for r in one.payment.refunds if r.returned_on is None)
        kept = (0 if came_back else one.payment.cents) - gone
        assert sums["patient_cash"] == kept - reported
        assert -sums["patient_unapplied"] == kept - (0 if came_back else _applied(one))
        assert 0 <= left(one) <= one.payment.cents
        if not came_back:
            applied.update({a.claim: a.cents for a in one.applied if not a.reported})
    for item in owed:
        most = item.responsibility_cents + item.open_cents - item.reported_cents
        back = sum(a.cents for one in found for a in one.applied
                   if a.claim == item.claim and a.reported and one.payment.returned_on)  # fmt: skip
        again = sum(a.cents for one in found for a in one.applied
                    if a.claim == item.claim and a.from_patient)  # fmt: skip
        assert applied[item.claim] <= max(most, 0) + back + again
    order = list(range(len(paid)))
    shuffler.shuffle(order)
    again = settle_payments([paid[n] for n in order], owed[::-1])
    assert {one.payment.id: (one.applied, one.hold) for one in again} == {
        one.payment.id: (one.applied, one.hold) for one in found
    }
