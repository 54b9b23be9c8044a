"""What of an answer may stand: claim_rules.md 4.1 and the guards of 4.2 numbers 4 and 5."""

from __future__ import annotations

import pytest

from medcollect.ledger.amounts import Allowed, allow_first, allow_later, state
from tests.support.specs import usd
from tests.unit.ledger.support import line, pay, reply


def first(charge: str, paid: str, text: str) -> Allowed:
    return allow_first(state(reply(pay("1", paid, text)), by_claim=True), usd(charge))


def second(
    text: str, paid: str = "0", *, open_: str = "20", settled: str = "80", denied: str = "0"
) -> Allowed:
    stated = state(reply(pay("2", paid, text)), by_claim=True)
    return allow_later(stated, usd(open_), usd(settled), usd(denied))


def parts(allowed: Allowed) -> tuple[float, float, float]:
    """Dollars written off, left to the patient, denied."""
    return allowed.write_off / 100, allowed.patient / 100, allowed.denied / 100


def told(allowed: Allowed) -> list[tuple[str, float]]:
    return [(issue.kind, issue.cents / 100) for issue in allowed.issues]


# -- what an answer states -------------------------------------------------------------------


def test_money_of_lines_and_of_the_claim_stand_apart() -> None:
    """CLP04 less the sum of SVC03 is claim-level money: line 0 (DESIGN 6.2)."""
    services = (line("99213", "50", "CO-45 10"), line("93000", "20"))
    payment = pay("1", "-5", "CO-253 5", *services)
    stated = state(reply(payment, pairs=(2, 1)), by_claim=False)
    assert stated.paid_by_line == {0: -500, 2: 5000, 1: 2000}
    assert [(p.line, p.adjustment.reason) for p in stated.parts] == [(0, "253"), (2, "45")]


def test_a_service_without_a_line_stands_at_claim_level() -> None:
    stated = state(reply(pay("1", "0", "", line("99213", "50")), pairs=(0,)), by_claim=False)
    assert stated.paid_by_line == {0: 5000}


def test_by_claim_everything_stands_at_claim_level() -> None:
    payment = pay("1", "0", "", line("99213", "50", "CO-45 10"), line("93000", "20"))
    stated = state(reply(payment), by_claim=True)
    assert stated.paid_by_line == {0: 7000}
    assert {p.line for p in stated.parts} == {0}


def test_adjustments_of_zero_are_left_out() -> None:
    assert state(reply(pay("1", "80", "CO-45 0, CO-Z99 0")), by_claim=True).parts == []


# -- the first payer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "text", "expected"),
    [
        ("80", "CO-45 20", (20, 0, 0)),
        ("50", "CO-45 20, PR-1 30", (20, 30, 0)),
        ("0", "CO-197 100", (0, 0, 100)),
        ("0", "CO-45 40, CO-197 60", (40, 0, 60)),
        ("10", "OA-133 90", (0, 0, 0)),
        ("80", "CO-45 -20, PR-2 40", (-20, 40, 0)),
        ("120", "OA-94 -20", (-20, 0, 0)),
        ("-10", "CO-45 110", (110, 0, 0)),
    ],
)
def test_the_first_answer_stands_as_stated(
    paid: str, text: str, expected: tuple[int, int, int]
) -> None:
    allowed = first("100", paid, text)
    assert parts(allowed) == expected
    assert [i for i in told(allowed) if i[0] != "undecided_adjustment"] == []


def test_what_no_rule_settles_is_listed_with_its_codes() -> None:
    allowed = first("100", "70", "OA-257 20, OA-133 10")
    assert told(allowed) == [("undecided_adjustment", 30)]
    assert "OA-133, OA-257" in allowed.issues[0].reason


def test_undecided_amounts_that_cancel_out_are_still_listed() -> None:
    assert told(first("100", "100", "OA-133 20, OA-133 -20")) == [("undecided_adjustment", 0)]


def test_a_first_answer_larger_than_the_claim_is_cut_to_its_charge() -> None:
    """The payer answers for 120, the claim says 100: money stands, the rest is cut and told."""
    allowed = first("100", "80", "PR-1 40")
    assert parts(allowed) == (0, 20, 0)
    assert told(allowed) == [("patient_responsibility_exceeds_open", 20)]


def test_oa23_of_a_first_answer_explains_nothing_known() -> None:
    assert told(first("100", "20", "OA-23 80")) == [("earlier_payer_unknown", 80)]


# -- later payers ----------------------------------------------------------------------------


def test_oa23_moves_nothing_twice() -> None:
    """E03: charge 100, primary paid 60 and wrote off 20; nothing new is written off."""
    allowed = second("OA-23 80, PR-3 5", "15")
    assert parts(allowed) == (0, 5, 0)
    assert allowed.issues == []


def test_medicaid_writes_off_what_is_left() -> None:
    """4.2 no. 4, right: charge 500, OA-23 425 + CO-45 10, paid 65 of the 75 that were open."""
    allowed = second("OA-23 425, CO-45 10", "65", open_="75", settled="425")
    assert parts(allowed) == (10, 0, 0)
    assert allowed.issues == []


def test_medicaid_that_repeats_everything_as_45() -> None:
    """4.2 no. 4, wrong: CO-45 435 must not leave the account at -425."""
    allowed = second("CO-45 435", "65", open_="75", settled="425")
    assert parts(allowed) == (10, 0, 0)
    assert told(allowed) == [("write_off_exceeds_open", 425)]


def test_a_later_answer_for_a_larger_charge_writes_off_no_more_than_is_open() -> None:
    """It answers for 110 on a claim of 100: 15 by its own figures, 5 by what is open."""
    allowed = second("OA-23 80, CO-45 15", "15", open_="20", settled="80")
    assert parts(allowed) == (5, 0, 0)
    assert told(allowed) == [("write_off_exceeds_open", 10)]


def test_a_later_answer_for_a_smaller_charge_writes_off_no_more_than_it_says_anew() -> None:
    """It answers for 90 on a claim of 100: 15 would fit, 5 are new; the guards disagree: ask."""
    allowed = second("OA-23 70, CO-45 15", "5", open_="20", settled="80")
    assert parts(allowed) == (5, 0, 0)
    assert told(allowed) == [("write_off_exceeds_open", 10), ("earlier_payers_differ", 10)]


def test_a_share_above_what_was_open_is_cut() -> None:
    allowed = second("OA-23 40, PR-2 60")
    assert parts(allowed) == (0, 20, 0)
    assert ("patient_responsibility_exceeds_open", 40) in told(allowed)


def test_a_denial_above_what_was_open_is_cut() -> None:
    allowed = second("CO-197 100")
    assert parts(allowed) == (0, 0, 20)
    assert ("denial_exceeds_open", 80) in told(allowed)


def test_more_counted_for_earlier_payers_than_they_settled() -> None:
    """OA-23 95 of 100 although only 80 were settled: 15 unexplained stay open, a person is told."""
    allowed = second("OA-23 95", "5")
    assert parts(allowed) == (0, 0, 0)
    assert told(allowed) == [("earlier_payers_differ", 15)]


def test_what_an_earlier_payer_denied_is_not_unexplained() -> None:
    """The primary denied 15 of the 20 open; the secondary counts it under OA-23."""
    allowed = second("OA-23 95", "5", denied="15")
    assert allowed.issues == []


def test_a_negative_94_against_a_larger_oa23_writes_off_nothing() -> None:
    """§7 no. 10: OA-23 90 and OA-94 -10 are the 80 of the primary."""
    allowed = second("OA-23 90, OA-94 -10", "20")
    assert parts(allowed) == (0, 0, 0)
    assert allowed.issues == []


def test_an_overpayment_leaves_no_room_for_anything() -> None:
    allowed = second("OA-23 60, PR-1 10", "30", open_="20", settled="80")
    assert parts(allowed) == (0, 0, 0)
    assert ("patient_responsibility_exceeds_open", 10) in told(allowed)
