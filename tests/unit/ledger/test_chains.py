"""Provider adjustments as chains: what hangs together, what is open, what it means."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from medcollect import codes
from medcollect.codes.tables import read_table
from medcollect.ledger.chains import KIND_BY_CODE, Chain, Step, advice_on, chains_of

DAY = date(2026, 2, 2)


def step(number: int, code: str, cents: int, reference: str = "", **more: Any) -> Step:
    """An amount on remittance ``number``, as many days after the first one."""
    stated = {"place": 1, "payer": "PLAN", "trace": f"T{number}", **more}
    return Step(
        remittance=number,
        day=DAY + timedelta(days=number),
        code=code,
        reference=reference,
        cents=cents,
        **stated,
    )


def only(*steps: Step) -> Chain:
    (chain,) = chains_of(steps)
    return chain


def test_a_recovery_postponed_is_open_until_it_is_taken() -> None:
    """3.3: WO negative first, positive later."""
    postponed = step(1, "WO", -8000, "ICN100")
    chain = only(postponed)
    assert (chain.balance, chain.is_open, chain.since) == (-8000, True, postponed.day)
    assert advice_on(chain).direction == "payer_will_take"
    done = only(postponed, step(9, "WO", 8000, "ICN100"))
    assert (done.balance, done.is_open) == (0, False)
    assert advice_on(done).direction == "settled"


def test_a_recovery_in_parts_leaves_the_rest() -> None:
    chain = only(
        step(1, "WO", -8000, "ICN100"), step(2, "WO", 3000, "ICN100"), step(3, "WO", 2000, "ICN100")
    )
    assert (chain.balance, len(chain.steps)) == (-3000, 3)


def test_a_recovery_that_nothing_announced_was_taken() -> None:
    assert advice_on(only(step(1, "WO", 8000, "ICN100"))).direction == "payer_took"


def test_references_that_differ_are_tied_by_the_claim_they_name() -> None:
    """Postponed under CLP07, taken under CLP01 + CLP07 + TRN02."""
    chain = only(
        step(1, "WO", -8000, "ICN100", claim=7), step(5, "WO", 8000, "PCN1ICN100T5", claim=7)
    )
    assert (chain.is_open, chain.claims) == (False, (7,))


def test_a_refund_cheque_acknowledged_beside_the_recovery_is_one_matter() -> None:
    """E15: 72 -80 and WO 80 on one check, whatever they call it."""
    chain = only(
        step(1, "WO", 8000, "ICN100"), step(1, "72", -8000, "CHEQUE77", place=2),
    )  # fmt: skip
    assert not chain.is_open


def test_a_refund_settles_what_was_postponed() -> None:
    chain = only(
        step(1, "WO", -8000, "ICN100"),
        step(4, "WO", 8000, "ICN100"),
        step(4, "72", -8000, "ICN100", place=2),
        step(6, "WO", 8000, "ICN100"),
    )
    assert chain.balance == 0


@pytest.mark.parametrize(
    ("first", "second"), [("F1", "F1"), ("", "T1"), ("T2", ""), ("FORWARD", "BALANCE")]
)
def test_a_balance_carried_forward_ties_to_the_check_that_takes_it_over(
    first: str, second: str
) -> None:
    """By reference, by the check that either names, or by the amount where nothing tells."""
    assert not only(step(1, "FB", -8000, first), step(2, "FB", 8000, second)).is_open


def test_a_balance_goes_over_several_checks() -> None:
    """Taken over and carried on again: one chain, open since the first check."""
    chain = only(
        step(1, "FB", -10000, "A1"),
        step(2, "FB", 10000, "A1"),
        step(2, "FB", -6000, "B2", place=2),
        step(3, "FB", 6000, "B2"),
    )
    assert [s.remittance for s in chain.steps] == [1, 2, 2, 3]
    assert not chain.is_open
    still = only(step(1, "FB", -10000, "A1"), step(2, "FB", 10000, "A1"),
                 step(2, "FB", -6000, "B2", place=2))  # fmt: skip
    assert (still.balance, still.since) == (-6000, DAY + timedelta(days=2))


def test_equal_amounts_under_other_references_stay_apart() -> None:
    chains = chains_of([step(1, "FB", -8000, "A1"), step(2, "FB", 8000, "B2")])
    assert [chain.is_open for chain in chains] == [True, True]


def test_payers_stay_apart() -> None:
    steps = [step(1, "WO", -8000, "ICN100"), step(2, "WO", 8000, "ICN100", payer="OTHER")]
    assert len(chains_of(steps)) == 2


def test_a_withhold_is_owed_until_it_is_returned() -> None:
    held = step(1, "E3", 500, "W")
    assert advice_on(only(held)).direction == "payer_owes"
    assert not only(held, step(300, "E3", -500, "W")).is_open


def test_an_advance_is_taken_back_bit_by_bit() -> None:
    chain = only(step(1, "AP", -9000, "A"), step(2, "AP", 4000, "A"), step(3, "AP", 4000, "A"))
    assert (chain.balance, advice_on(chain).direction) == (-1000, "payer_will_take")


@pytest.mark.parametrize("code", ["L6", "IR", "LE", "51", "CT", "BN"])
def test_income_expense_and_tax_are_done_when_posted(code: str) -> None:
    chain = only(step(1, code, 500, "X"))
    assert (chain.is_open, advice_on(chain).direction) == (False, "final")


def test_what_a_person_gave_up_closes_the_chain() -> None:
    chain = only(step(1, "CS", 1500, "X"), step(1, "CS", -1500, "X", given_up=True))
    assert not chain.is_open


def test_every_code_of_the_table_that_leaves_a_debt_has_its_kind() -> None:
    """plb_codes.csv: carry-forward, recovery, advance, withhold and settlement accounts."""
    debts = ("recovery", "carry-forward", "advance liability", "withhold receivable", "loan",
             "settlement", "due from", "unapplied", "clear the refund")  # fmt: skip
    for row in read_table("provider_adjustments"):
        known = codes.provider_adjustment_code(row["code"])
        assert known is not None
        leaves_debt = any(word in known.posting_suggestion for word in debts)
        assert leaves_debt == (known.code in KIND_BY_CODE), known.code
