"""Which money was taken back without a word: claim_rules.md 3.2 and 3.3."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from medcollect.ledger.case import Answer
from medcollect.ledger.chains import chains_of
from medcollect.ledger.silent import said_by, silent_recovery, silent_reversals, unexplained_cents
from tests.unit.ledger.support import DAY, OTHER_PLAN, line, pay, reply, takeback
from tests.unit.ledger.test_chains import step

PAID = reply(pay("1", "80", "CO-45 20"), 1)
NOTHING = reply(pay("1", "0", "CO-197 100"), 1)


def found(*answers: Answer, held: tuple[Answer, ...] = ()) -> list[tuple[int, int, bool]]:
    silences = silent_reversals(answers, map(said_by, held))
    return [(s.pair.reversal.id, s.cents, s.is_open) for s in silences]


def judged(number: int, paid: str = "60", rest: str = "CO-45 40", **more: object) -> Answer:
    return reply(pay("1", paid, rest), number, **more)


def test_a_reversal_without_an_answer_is_silent() -> None:
    assert found(PAID, takeback(PAID, 5)) == [(5, 8000, True)]


def test_a_correction_on_the_same_remittance_says_why_wherever_it_stands() -> None:
    back = takeback(PAID, 5, remittance=5, place=(1, 2))
    for place in ((1, 1), (1, 3)):
        assert found(PAID, back, judged(6, remittance=5, place=place)) == []


def test_a_correction_that_comes_later_ends_it() -> None:
    assert found(PAID, takeback(PAID, 5), judged(9)) == [(5, 8000, False)]


def test_an_answer_that_does_not_post_is_an_answer() -> None:
    assert found(PAID, takeback(PAID, 5), held=(judged(9),)) == [(5, 8000, False)]


def test_one_that_only_says_duplicate_is_none() -> None:
    echo = reply(pay("1", "0", "CO-18 100"), 9)
    assert found(PAID, takeback(PAID, 5), echo) == [(5, 8000, True)]


def test_another_payers_answer_is_none() -> None:
    other = reply(pay("2", "10", "OA-23 90"), 9, payer_key=OTHER_PLAN)
    assert found(PAID, takeback(PAID, 5), other) == [(5, 8000, True)]


def test_an_answer_that_stands_beside_it_says_enough() -> None:
    """The payer paid twice and takes one of the payments back."""
    again = judged(2, "80", "CO-45 20")
    assert found(PAID, again, takeback(again, 5)) == []


def test_an_answer_on_another_line_is_none() -> None:
    one = reply(pay("1", "0", "", line("99211", "50", "CO-45 10")), 1, pairs=(1,))
    two = reply(pay("1", "0", "", line("99212", "40")), 2, pairs=(2,))
    assert found(one, two, takeback(one, 5)) == [(5, 5000, True)]
    fixed = reply(pay("1", "0", "", line("99211", "30", "CO-45 30")), 7, pairs=(1,))
    assert found(one, two, takeback(one, 5), fixed) == [(5, 5000, False)]


def test_a_correction_that_is_reversed_too_leaves_one_silence() -> None:
    second = judged(6)
    assert found(PAID, takeback(PAID, 5), second, takeback(second, 9)) == [
        (5, 8000, False),
        (9, 6000, True),
    ]


def test_a_denial_taken_back_took_no_money() -> None:
    assert found(NOTHING, takeback(NOTHING, 5)) == []


def test_a_reversal_of_what_is_not_on_file_is_for_a_person() -> None:
    assert found(takeback(PAID, 5)) == []


# -- recoveries -----------------------------------------------------------------------------------

SINCE = DAY + timedelta(days=10)


def unexplained(taken: int, *answers: Answer) -> int:
    return unexplained_cents(taken, SINCE, sorted(answers, key=lambda a: a.order))


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ([PAID], 8000),  # nothing but the payment
        ([PAID, takeback(PAID, 5)], 0),  # the payer's own reversal took as much
        ([PAID, takeback(PAID, 5), judged(6, "40", "CO-45 60")], 4000),  # and gave 40.00 again
        ([PAID, takeback(PAID, 5), judged(6, "80", "CO-45 20")], 8000),  # and gave all again
        ([PAID, judged(15, "0", "CO-197 100")], 0),  # it refuses the claim by now
        ([PAID, judged(15, "80", "CO-45 20")], 0),  # it paid it once more
        ([PAID, takeback(PAID, 15), judged(16, "80", "CO-45 20")], 8000),  # it owes it by now
        ([PAID, judged(3, "80", "CO-45 20")], 8000),  # a second payment before says nothing
    ],
)
def test_what_the_answers_account_for(answers: list[Answer], left: int) -> None:
    assert unexplained(8000, *answers) == left


def recovery(*cents: int, answers: tuple[Answer, ...] = (PAID,)) -> tuple[date | None, int] | None:
    steps = [step(10 * n, "WO", c, "ICN1", claim=1) for n, c in enumerate(cents, 1)]
    (chain,) = chains_of(steps)
    known = silent_recovery(chain, answers)
    return known and (known.since, known.open_cents)


def test_a_recovery_counts_from_the_day_it_was_taken() -> None:
    assert recovery(8000) == (DAY + timedelta(days=10), 8000)
    assert recovery(-8000, 8000, 8000) == (DAY + timedelta(days=30), 8000)


def test_one_that_was_postponed_or_never_taken_is_none() -> None:
    assert recovery(-8000) is None
    assert recovery(-8000, 8000) is None


def test_one_that_was_given_back_is_on_record_and_open_no_more() -> None:
    assert recovery(8000, -8000) == (DAY + timedelta(days=10), 0)
    assert recovery(8000, -3000) == (DAY + timedelta(days=10), 5000)


def test_other_provider_adjustments_recover_nothing() -> None:
    for code in ("FB", "L6", "CS", "E3"):
        (chain,) = chains_of([step(10, code, 8000, "ICN1", claim=1)])
        assert silent_recovery(chain, [PAID]) is None
