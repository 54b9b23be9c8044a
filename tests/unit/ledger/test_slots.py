"""Which payer an answer comes from, and what a second answer of one payer means: DESIGN 6.2."""

from __future__ import annotations

import pytest

from medcollect.ledger.case import Answer
from medcollect.ledger.slots import Filled, Slot, fill_slots, is_split
from tests.unit.ledger.support import OTHER_PLAN, line, pay, reply


def one(number: int, paid: str, text: str = "", **more: object) -> Answer:
    status = str(more.pop("status", "1"))
    remarks = more.pop("remarks", ())
    return reply(pay(status, paid, text, remarks=remarks), number, **more)


def on_line(number: int, position: int, paid: str, text: str = "", **more: object) -> Answer:
    return reply(pay("1", "0", "", line("99213", paid, text)), number, pairs=(position,), **more)


def filled(*answers: Answer, reported: tuple[Answer, ...] = (), taken_back: object = ()) -> Filled:
    return fill_slots(answers, taken_back, reported, 10000)


def fill(*answers: Answer, **more: object) -> object:
    found = filled(*answers, **more)
    return [ids(slot) for slot in found.slots], [(i.kind, i.answer) for i in found.issues]


def ids(slot: Slot) -> tuple[int, list[int]]:
    return slot.status_rank, [a.id for a in slot.answers]


def test_payers_in_their_order_whatever_came_first() -> None:
    second = one(1, "10", "OA-23 90", status="2", payer_key=OTHER_PLAN)
    assert fill(second, one(2, "80", "CO-45 20")) == ([(1, [2]), (2, [1])], [])


@pytest.mark.parametrize(
    ("status", "rank"),
    [("1", 1), ("19", 1), ("4", 1), ("2", 2), ("20", 2), ("3", 3), ("21", 3)],
)
def test_the_status_says_the_rank(status: str, rank: int) -> None:
    earlier = [
        one(10 + r, "1", "OA-23 9", status=str(r), payer_key=f"P{r},") for r in range(1, rank)
    ]
    found = filled(*earlier, one(1, "5", status=status, payer_key="X,"))
    assert (found.slots[-1].status_rank, found.issues) == (rank, [])


def test_answers_on_other_lines_are_a_split() -> None:
    parts = (on_line(1, 1, "60"), on_line(2, 2, "40"))
    assert fill(*parts) == ([(1, [1, 2])], [])


def test_lines_answered_twice_are_no_split() -> None:
    twice = (on_line(1, 1, "50"), on_line(2, 1, "50"))
    assert fill(*twice) == ([(1, [1])], [("second_answer", 2)])


def test_parts_that_exceed_the_charge_are_no_split() -> None:
    assert not is_split([on_line(1, 1, "60")], on_line(2, 2, "50"), 10000)
    assert is_split([on_line(1, 1, "60")], on_line(2, 2, "40"), 10000)


def test_a_service_that_answers_no_known_line_is_no_split() -> None:
    assert not is_split([on_line(1, 1, "60")], on_line(2, 0, "40"), 10000)


def test_without_lines_only_ma15_makes_a_split() -> None:
    first = one(1, "60")
    assert not is_split([first], one(2, "40"), 10000)
    assert is_split([first], one(2, "40", remarks=("MA15",)), 10000)


def test_an_overturned_denial_replaces_it() -> None:
    found = filled(one(1, "0", "CO-197 100"), one(2, "80", "CO-45 20"))
    assert [a.id for a in found.slots[0].answers] == [2]
    assert [a.id for a in found.slots[0].replaced] == [1]
    assert found.issues == []


def test_a_changed_denial_replaces_it() -> None:
    denials = (one(1, "0", "CO-16 100"), one(2, "0", "CO-197 100"))
    assert fill(*denials) == ([(1, [2])], [])


def test_a_duplicate_after_a_denial_is_an_echo() -> None:
    found = filled(one(1, "0", "CO-197 100"), one(2, "0", "CO-18 100"))
    assert [a.id for a in found.slots[0].answers] == [1]
    assert [a.id for a in found.echoes] == [2]
    assert found.issues == []


def test_a_duplicate_of_what_was_taken_back_is_still_an_echo() -> None:
    """The answer it repeats is gone; 'duplicate' alone is no denial of the claim."""
    gone = one(1, "80", "CO-45 20")
    found = filled(one(2, "0", "CO-18 100"), taken_back=[gone])
    assert (found.slots, [a.id for a in found.echoes]) == ([], [2])


def test_a_duplicate_before_the_real_answer_gives_way() -> None:
    """Only 'duplicate' so far: the answer that follows replaces it."""
    assert fill(one(1, "0", "CO-18 100"), one(2, "80", "CO-45 20")) == ([(1, [2])], [])


def test_duplicate_and_something_else_is_no_echo() -> None:
    mixed = one(2, "0", "CO-18 60, CO-45 40")
    assert fill(one(1, "80", "CO-45 20"), mixed) == ([(1, [1])], [("second_answer", 2)])


def test_a_second_payment_waits_unless_a_person_lets_it() -> None:
    first, again = one(1, "80", "CO-45 20"), one(2, "85", "CO-45 15")
    assert fill(first, again) == ([(1, [1])], [("second_answer", 2)])
    released = one(2, "85", "CO-45 15", post_anyway=True)
    assert fill(first, released) == ([(1, [1, 2])], [])


def test_the_first_answer_is_the_one_paid_first_not_the_one_imported_first() -> None:
    first, again = one(1, "80", "CO-45 20"), one(2, "85", "CO-45 15")
    assert fill(again, first) == fill(first, again)


def test_two_payers_paid_as_first() -> None:
    other = one(2, "70", "CO-45 30", payer_key=OTHER_PLAN)
    assert fill(one(1, "80", "CO-45 20"), other) == ([(1, [1])], [("second_primary", 2)])


def test_a_payer_that_refused_as_first_does_not_stop_the_right_one() -> None:
    wrong = one(1, "0", "CO-22 100", payer_key=OTHER_PLAN)
    assert fill(wrong, one(2, "80", "CO-45 20")) == ([(1, [1]), (1, [2])], [])


def test_a_secondary_waits_for_its_primary() -> None:
    alone = one(1, "10", "OA-23 90", status="2")
    found = filled(alone)
    assert found.slots == []
    assert [(i.kind, i.cents, i.answer) for i in found.issues] == [
        ("waiting_for_earlier_payer", 1000, 1)
    ]


def test_a_tertiary_waits_for_its_secondary() -> None:
    third = one(2, "10", "OA-23 90", status="3", payer_key="THIRD,")
    assert fill(one(1, "80", "CO-45 20"), third) == (
        [(1, [1])],
        [("waiting_for_earlier_payer", 2)],
    )


def test_a_person_may_let_a_secondary_post_alone() -> None:
    alone = one(1, "10", "OA-23 90", status="2", post_anyway=True)
    assert fill(alone) == ([(2, [1])], [])


def reported(paid: str, text: str, rank: int = 1) -> Answer:
    return reply(pay(str(rank), paid, text), -9, remittance=None, rank=rank, payer_key=OTHER_PLAN)


def test_what_the_claim_reports_of_the_primary_counts_until_its_remittance_comes() -> None:
    second = one(3, "10", "OA-23 90", status="2")
    told = reported("70", "CO-45 20, PR-2 10")
    assert fill(second, reported=(told,)) == ([(1, [-9]), (2, [3])], [])
    real = one(1, "70", "CO-45 20, PR-2 10", payer_key=OTHER_PLAN)
    assert fill(second, real, reported=(told,)) == ([(1, [1]), (2, [3])], [])
