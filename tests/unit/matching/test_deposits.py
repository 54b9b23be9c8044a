"""Which deposit brought which remittance's money: certain ties only, and no tolerance."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.matching.bank_names import same_payer, trace_key
from medcollect.matching.batches import only_batch
from medcollect.matching.deposits import reconcile_deposits
from medcollect.model.bank_match import BankDeposit, ExpectedPayment, Pair, Reconciled, Ties
from medcollect.model.deposit import Deposit, DepositItem

DAY = date(2026, 2, 9)
PAYER, ID = "PLAINFIELD MUTUAL HEALTH", "1999000101"


def deposit(number: int, cents: int, **told: Any) -> BankDeposit:
    defaults = {"line": number, "deposit_date": DAY, "amount_cents": cents, "kind": "ach"}
    return BankDeposit(number, Deposit(**{**defaults, **told}))


def payment(number: int, cents: int, **told: Any) -> ExpectedPayment:
    defaults: dict[str, Any] = {
        "id": number,
        "remittances": (number,),
        "trace_number": f"T{number}",
        "payer_trace_id": ID,
        "payer_name": PAYER,
        "payment_date": DAY,
        "method": "ACH",
        "cents": cents,
    }
    return ExpectedPayment(**{**defaults, **told})


def check(number: int, cents: int, **told: Any) -> ExpectedPayment:
    return payment(number, cents, method="CHK", **told)


def ties(found: Reconciled) -> list[tuple[tuple[int, ...], tuple[int, ...], str]]:
    return [(m.deposits, m.payments, m.rule) for m in found.matches]


def run(
    deposits: list[BankDeposit], payments: list[ExpectedPayment], decided: Ties | None = None
) -> Reconciled:
    return reconcile_deposits(deposits, payments, decided or Ties())


def test_trace_and_amount_tie_whatever_the_date_and_name() -> None:
    found = run(
        [deposit(1, 500, trace_number="0T-7", payer_trace_id=ID, deposit_date=date(2026, 5, 1))],
        [payment(7, 500), payment(8, 500)],
    )
    assert ties(found) == [((1,), (7,), "trace_and_amount")]


def test_a_trace_of_another_payer_ties_nothing() -> None:
    found = run([deposit(1, 500, trace_number="T7", payer_trace_id="1888")], [payment(7, 500)])
    assert ties(found) == []


def test_one_cent_off_is_a_difference_and_no_tie() -> None:
    found = run([deposit(1, 501, trace_number="T7", payer_trace_id=ID)], [payment(7, 500)])
    assert ties(found) == []
    assert [(m.deposits, m.payments, m.rule) for m in found.differences] == [((1,), (7,), "trace")]
    assert found.candidates == {}


def test_two_deposits_with_one_trace_and_amount_wait() -> None:
    found = run([deposit(n, 500, trace_number="T7") for n in (1, 2)], [payment(7, 500)])
    assert ties(found) == []
    assert [c.payment for c in found.candidates[1]] == [7]


@pytest.mark.parametrize(
    ("day", "tied"),
    [
        (date(2026, 2, 12), True),
        (date(2026, 2, 13), False),
        (date(2026, 2, 4), True),
        (date(2026, 2, 3), False),
    ],
)
def test_amount_and_payer_within_three_bank_days(day: date, tied: bool) -> None:
    found = run(
        [deposit(1, 500, payer_name="PLAINFIELD MUTUA", deposit_date=day)], [payment(7, 500)]
    )
    assert bool(found.matches) is tied


def test_a_holiday_stretches_the_window() -> None:
    """Monday, 16 February 2026 is Washington's Birthday."""
    found = run(
        [deposit(1, 500, payer_name=PAYER, deposit_date=date(2026, 2, 18))],
        [payment(7, 500, payment_date=date(2026, 2, 12))],
    )
    assert ties(found) == [((1,), (7,), "amount_date_and_payer")]


@pytest.mark.parametrize(
    "told",
    [
        {"payer_name": "OTHER MUTUAL HEALTH"},
        {},
        {"payer_name": PAYER, "kind": "lockbox"},
        {"payer_name": PAYER, "trace_number": "T9", "payer_trace_id": ID},
    ],
)
def test_amount_and_date_alone_tie_nothing(told: dict[str, Any]) -> None:
    """Another payer, no payer, another way of payment, another trace."""
    found = run([deposit(1, 500, **told)], [payment(7, 500)])
    assert ties(found) == []
    assert found.candidates[1][0].why_not


def test_two_equal_payments_wait() -> None:
    found = run([deposit(1, 500, payer_name=PAYER)], [payment(7, 500), payment(8, 500)])
    assert ties(found) == []
    assert [c.payment for c in found.candidates[1]] == [7, 8]


def test_the_banks_list_of_checks() -> None:
    items = (DepositItem(2, 200, "T7"), DepositItem(3, 300, "T8"))
    found = run(
        [deposit(1, 500, kind="lockbox", items=items)],
        [check(7, 200), check(8, 300), check(9, 300), check(10, 200)],
    )
    assert ties(found) == [((1,), (7, 8), "checks_of_the_deposit")]


def test_the_only_set_of_checks_that_adds_up() -> None:
    found = run([deposit(1, 600, kind="lockbox")], [check(7, 250), check(8, 350), check(9, 400)])
    assert ties(found) == [((1,), (7, 8), "sum_of_checks")]


def test_two_sets_that_add_up_wait() -> None:
    checks = [check(7, 250), check(8, 350), check(9, 400), check(10, 200)]
    assert ties(run([deposit(1, 600, kind="lockbox")], checks)) == []


def test_two_deposits_that_want_one_check_wait() -> None:
    deposits = [deposit(1, 600, kind="lockbox"), deposit(2, 650, kind="lockbox")]
    assert ties(run(deposits, [check(7, 250), check(8, 350), check(9, 400)])) == []


def test_transfers_are_in_no_batch() -> None:
    assert ties(run([deposit(1, 600, kind="lockbox")], [check(7, 250), payment(8, 350)])) == []


def test_people_come_first() -> None:
    """A tie is followed whatever the rules say; a pair kept apart is tied by none."""
    pair = Pair(1, 7)
    deposits, payments = [deposit(1, 500, trace_number="T7")], [payment(7, 500), payment(8, 90)]

    apart = run(deposits, payments, Ties(apart=frozenset({pair})))
    other = run(deposits, payments, Ties(together=frozenset({Pair(1, 8)})))

    assert ties(apart) == []
    assert "a person said that they do not belong together" in apart.candidates[1][0].why_not
    assert ties(other) == [((1,), (8,), "person")]


def test_ties_that_share_a_side_hang_together() -> None:
    pairs = frozenset({Pair(1, 7), Pair(2, 7), Pair(3, 9)})
    found = run(
        [deposit(1, 100), deposit(2, 200), deposit(3, 5)],
        [payment(7, 300), payment(9, 5)],
        Ties(together=pairs),
    )
    assert ties(found) == [((1, 2), (7,), "person"), ((3,), (9,), "person")]


def test_what_is_set_aside_is_out_of_it() -> None:
    decided = Ties(deposits_aside=frozenset({1}), payments_aside=frozenset({8}))
    found = run(
        [deposit(n, 500, trace_number="T7") for n in (1, 2)],
        [payment(7, 500), payment(8, 500, trace_number="T7")],
        decided,
    )
    assert ties(found) == [((2,), (7,), "trace_and_amount")]


@given(st.lists(st.integers(1, 60), max_size=10), st.integers(1, 200))
def test_a_batch_is_the_only_set_with_the_sum(amounts: list[int], cents: int) -> None:
    checks = list(enumerate(amounts))
    sets = [
        {n for n in range(len(amounts)) if mask >> n & 1}
        for mask in range(1 << len(amounts))
        if sum(a for n, a in checks if mask >> n & 1) == cents
    ]
    found = only_batch(checks, cents)
    if found:
        assert len([s for s in sets if len(s) <= 8]) == 1
        assert sum(amounts[n] for n in found) == cents
    elif len(sets) == 1:
        assert len(sets[0]) > 8


amounts = st.sampled_from([100, 200, 300])
traces = st.sampled_from(["", "T1", "T2", "T3"])


@given(
    st.lists(st.tuples(amounts, traces, st.sampled_from(["ach", "lockbox"])), max_size=6),
    st.lists(st.tuples(amounts, traces, st.sampled_from(["ACH", "CHK"])), max_size=6),
    st.randoms(),
)
def test_the_order_of_the_files_does_not_matter(
    deposits: Any, payments: Any, shuffler: Any
) -> None:
    """Each deposit and payment is in one tie at most; ties add up; any order gives the same."""
    banked = [
        deposit(n, cents, trace_number=trace, kind=kind, payer_name=PAYER)
        for n, (cents, trace, kind) in enumerate(deposits)
    ]
    due = [
        payment(n, cents, trace_number=trace, method=method)
        for n, (cents, trace, method) in enumerate(payments)
    ]
    found = run(banked, due)
    for match in found.matches:
        received = sum(banked[d].cents for d in match.deposits)
        assert received == sum(due[p].cents for p in match.payments)
    used = [d for m in (*found.matches, *found.differences) for d in m.deposits]
    assert sorted([*used, *found.candidates]) == list(range(len(banked)))
    paid = [p for m in (*found.matches, *found.differences) for p in m.payments]
    assert len(paid) == len(set(paid))
    shuffled, shuffled_due = list(banked), list(due)
    shuffler.shuffle(shuffled)
    shuffler.shuffle(shuffled_due)
    again = run(shuffled, shuffled_due)
    assert sorted(ties(again)) == sorted(ties(found))


@pytest.mark.parametrize(
    ("payer", "bank", "text", "same"),
    [
        (PAYER, "PLAINFIELD MUTUA", "", True),
        (PAYER, "Plainfield Mutual Health, Inc.", "", True),
        (PAYER, "PLAINFIELD", "", True),
        (PAYER, "PLAIN", "", False),
        (PAYER, "PLAINVIEW MUTUAL HEALTH", "", False),
        (PAYER, "", "ACH CREDIT PLAINFIELD MUTUAL HEALTH HCCLAIMPMT", True),
        (PAYER, "", "ACH CREDIT HCCLAIMPMT", False),
        ("GREAT RIVER MEDICARE PART A", "GREAT RIVER MEDICARE PART B", "", False),
        ("AB", "AB", "", False),
    ],
)
def test_names_in_doubt_are_not_the_same(payer: str, bank: str, text: str, same: bool) -> None:
    assert same_payer(payer, bank, text) is same


def test_trace_numbers_without_zeros_and_punctuation() -> None:
    assert trace_key("00-12 a3") == trace_key("12A3") != trace_key("123")
