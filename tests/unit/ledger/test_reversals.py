"""Which answer a reversal takes back: claim_rules.md 3.2."""

from __future__ import annotations

from datetime import timedelta

from medcollect.ledger.case import Answer
from medcollect.ledger.reversals import pair_reversals
from tests.unit.ledger.support import DAY, OTHER_PLAN, pay, reply, takeback


def paid(number: int, control: str, amount: str = "80", **more: object) -> Answer:
    payment = pay("1", amount, "CO-45 20", payer_claim_control_number=control)
    return reply(payment, number, **more)


def outcome(*answers: Answer) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    ordered = sorted(answers, key=lambda a: a.order)
    pairs, standing, lost = pair_reversals(ordered)
    found = [(pair.original.id, pair.reversal.id) for pair in pairs]
    return found, [a.id for a in standing], [a.id for a in lost]


def test_by_the_payers_number() -> None:
    first, second = paid(1, "ICN1"), paid(2, "ICN2")
    assert outcome(first, second, takeback(first, 3)) == ([(1, 3)], [2], [])


def test_by_ref_f8_where_the_reversal_has_a_new_number() -> None:
    first, second = paid(1, "ICN1"), paid(2, "ICN2")
    back = takeback(first, 3, control="NEW", f8=("ICN1",))
    assert outcome(first, second, back) == ([(1, 3)], [2], [])


def test_the_payers_number_is_stronger_than_ref_f8() -> None:
    first, second = paid(1, "ICN1"), paid(2, "ICN2")
    back = takeback(first, 3, control="ICN2", f8=("ICN1",))
    assert outcome(first, second, back) == ([(2, 3)], [1], [])


def test_by_money_where_no_number_helps_the_newest_of_this_payer() -> None:
    """CLP01 and charge with the sign turned; two candidates: the one answered last."""
    first, second = paid(1, ""), paid(2, "")
    assert outcome(first, second, takeback(first, 3)) == ([(2, 3)], [1], [])


def test_money_of_another_payer_is_not_taken_back_without_its_number() -> None:
    other = paid(1, "", payer_key=OTHER_PLAN)
    assert outcome(other, takeback(other, 2, payer_key="PLAN,")) == ([], [1], [2])


def test_the_payers_number_finds_it_under_another_payer_name() -> None:
    first = paid(1, "ICN1", payer_key=OTHER_PLAN)
    assert outcome(first, takeback(first, 2)) == ([(1, 2)], [], [])


def test_a_part_of_the_money_answers_nothing() -> None:
    first = paid(1, "ICN1")
    assert outcome(first, takeback(first, 2, paid_cents=-4000)) == ([], [1], [2])


def test_an_unknown_original_leaves_the_reversal_alone() -> None:
    first = paid(1, "ICN1")
    assert outcome(takeback(first, 2)) == ([], [], [2])


def test_each_original_is_taken_back_once() -> None:
    first = paid(1, "ICN1")
    assert outcome(first, takeback(first, 2), takeback(first, 3)) == ([(1, 2)], [], [3])


def test_a_correction_behind_the_reversal_in_one_remittance_stands() -> None:
    """3.2: the correction follows in the same 835, here with the original's own figures."""
    first = paid(1, "ICN1")
    back = takeback(first, 2, remittance=5, payment_date=DAY + timedelta(9), place=(1, 1))
    again = paid(3, "ICN1", remittance=5, payment_date=DAY + timedelta(9), place=(1, 2))
    assert outcome(first, back, again) == ([(1, 2)], [3], [])


def test_an_original_before_its_reversal_in_one_remittance_is_taken_back() -> None:
    first = paid(1, "ICN1", remittance=5, place=(1, 1))
    back = takeback(first, 2, remittance=5, payment_date=DAY, place=(1, 2))
    assert outcome(first, back) == ([(1, 2)], [], [])


def test_a_payment_of_a_later_day_is_not_taken_back() -> None:
    """A takeback cannot mean money that was not paid yet: it is the correction."""
    later = paid(1, "ICN1", payment_date=DAY + timedelta(30))
    assert outcome(later, takeback(later, 2, payment_date=DAY)) == ([], [1], [2])


def test_remittances_of_one_day_pair_whichever_file_came_first() -> None:
    first = paid(1, "ICN1", place=(2, 9))
    back = takeback(first, 2, payment_date=DAY, place=(1, 1))
    assert outcome(first, back) == ([(1, 2)], [], [])


def test_undated_remittances_still_pair() -> None:
    first = paid(1, "ICN1", payment_date=None)
    assert outcome(first, takeback(first, 2)) == ([(1, 2)], [], [])


def test_a_chain_pairs_step_by_step() -> None:
    """1 (80), 22 (80), 1 (60), 22 (60), 1 (80): only the last stands."""
    first, second = paid(1, "ICN1"), paid(3, "ICN1", "60")
    last = paid(5, "ICN1")
    chain = (first, takeback(first, 2), second, takeback(second, 4), last)
    assert outcome(*chain) == ([(1, 2), (3, 4)], [5], [])
