"""Refund cheques to payers that come back, and those for recoveries that name no claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.money import format_cents
from tests.flows.money.office import LIFT, PAID_80, PLAIN, Office, cents, claim, expect, later
from tests.flows.money.test_payer_refunds import (
    ADA,
    VOID,
    cases,
    ledger,
    owes,
    postponed,
    settled,
)
from tests.support.book_state import differences, state_of
from tests.support.specs import ProviderAdjustment, usd

BACK: dict[str, Any] = {"user": "ada", "reason": "wrong address"}


@pytest.fixture
def overpaid(office: Office) -> Office:
    """A claim of 100.00 that the payer paid with 80.00, and that is void."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.bill(VOID, day=later(3))
    return office


def day_of(office: Office, days: int) -> dict[str, Any]:
    rows = office.book.report("day-sheet")["rows"]
    (day,) = [row for row in rows if row["day"] == str(later(days))]
    return dict(day)


# -- a cheque that comes back ------------------------------------------------------------------


def test_the_credit_of_the_claim_is_open_again_from_the_day_of_the_return(
    overpaid: Office,
) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    settled(overpaid)
    entry = overpaid.book.bounce("E000001", received_on=later(20), **BACK)
    assert (entry["id"], entry["kind"]) == ("E000002", "payer_refund_returned")
    assert (entry["returns"], entry["amount"]) == ("E000001", "80.00")
    owes(overpaid)
    sent, back = day_of(overpaid, 6), day_of(overpaid, 20)
    assert (sent["payer_payments"], back["payer_payments"]) == ("-80.00", "80.00")
    assert (sent["receivable_change"], back["receivable_change"]) == ("80.00", "-80.00")
    steps = overpaid.book.claim("PCN1")["steps"]
    dated = [(s["what"], s["date"]) for s in steps if s["what"].startswith("payer_refund")]
    assert dated == [("payer_refund", str(later(6))), ("payer_refund_returned", str(later(20)))]


def test_a_closed_period_keeps_the_cheque_that_came_back_later(overpaid: Office) -> None:
    """Undoing it would correct the closed month; a return stands in the open one."""
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    overpaid.book.close_period("2026-02", reason="handed in", user="ada")
    before = overpaid.book.report("trial-balance", as_of=later(20))
    overpaid.book.bounce("E000001", received_on=later(40), **BACK)
    assert overpaid.book.report("trial-balance", as_of=later(20)) == before
    owes(overpaid)


def test_the_recovery_that_it_was_sent_for_is_open_again(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    postponed(office)
    before = ledger(office)
    office.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    assert cases(office) == []
    office.book.bounce("E000001", received_on=later(20), **BACK)
    (case,) = cases(office)
    assert (case["direction"], case["amount"]) == ("payer_will_take", "80.00")
    assert (case["since"], "came back" in case["text"]) == (str(later(20)), True)
    assert [(s["what"], s["balance"]) for s in case["steps"]] == [
        ("postponed", "-80.00"),
        ("refund cheque sent", "0.00"),
        ("refund cheque returned", "-80.00"),
    ]
    assert ledger(office) == before


def test_what_the_payer_takes_after_the_return_it_has_once(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    postponed(office)
    office.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    office.book.bounce("E000001", received_on=later(7), **BACK)
    taken = ProviderAdjustment("WO", "ICN100", usd("80"))
    done = office.pay(LIFT, days=9, provider_adjustments=(taken,))
    assert done["files"][0]["findings"] == []
    assert cases(office) == []


def test_a_new_cheque_may_follow_and_both_are_undone_in_turn(overpaid: Office) -> None:
    url = f"sqlite:///{overpaid.database}"
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    before = state_of(url)
    overpaid.book.bounce("E000001", received_on=later(20), **BACK)
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(21), **ADA)
    settled(overpaid)
    with pytest.raises(NotAllowed, match="E000002"):
        overpaid.book.undo("E000001")
    overpaid.book.undo("E000003")
    owes(overpaid)
    overpaid.book.undo("E000002")
    assert not differences(state_of(url), before)


def test_what_cannot_come_back_is_refused(overpaid: Office) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    with pytest.raises(NotFound, match="refund cheque"):
        overpaid.book.bounce("E000009", **BACK)
    with pytest.raises(BadRequest, match="after that"):
        overpaid.book.bounce("E000001", received_on=later(5), **BACK)
    with pytest.raises(BadRequest, match="on a day that was"):
        overpaid.book.bounce("E000001", received_on=later(0) + timedelta(days=5000), **BACK)
    with pytest.raises(BadRequest, match="reason"):
        overpaid.book.bounce("E000001", user="ada", reason=" ")
    overpaid.book.bounce("E000001", received_on=later(20), **BACK)
    with pytest.raises(NotAllowed, match="already: E000002"):
        overpaid.book.bounce("E000001", received_on=later(21), **BACK)


# -- a recovery that names no claim -------------------------------------------------------------


def nameless(office: Office, amount: str, days: int, code: str = "WO") -> Any:
    """A payer postpones, or takes, money of a claim that it does not name."""
    taken = ProviderAdjustment(code, "WO77120", usd(amount))
    return office.pay(LIFT, days=days, provider_adjustments=(taken,), trace=f"N{days}")


def test_a_cheque_closes_a_recovery_without_a_claim(office: Office) -> None:
    url = f"sqlite:///{office.database}"
    nameless(office, "-40", 5)
    (case,) = cases(office)
    assert (case["claim"], case["amount"], case["reference"]) == (None, "40.00", "WO77120")
    before, books = state_of(url), ledger(office)
    entry = office.book.refund_payer(case["id"], "40.00", refunded_on=later(8), **ADA)
    assert (entry["payer"], entry["recovery"], entry["claims"]) == (PLAIN.name, "WO77120", [])
    assert entry["patient_control_number"] is None
    assert cases(office) == []
    now = ledger(office)
    assert "provider_adjustment" not in now
    assert now["payer_cash"] - books["payer_cash"] == -4000
    assert day_of(office, 8)["payer_payments"] == "-40.00"
    expect(office, "LIFT", "closed", "500.00", insurance_paid="500.00")
    assert office.book.undo("E000001")["entries_reversed"] == 1
    assert not differences(state_of(url), before)


@pytest.mark.parametrize("first", ["cheque", "acknowledgement"])
def test_taken_and_acknowledged_it_adds_up(office: Office, first: str) -> None:
    nameless(office, "-40", 5)
    (case,) = cases(office)
    pair = tuple(ProviderAdjustment(c, "WO77120", usd(a)) for c, a in (("WO", "40"), ("72", "-40")))
    if first == "cheque":
        office.book.refund_payer(case["id"], "40.00", refunded_on=later(8), **ADA)
    done = office.pay(LIFT, days=9, provider_adjustments=pair, trace="ACK")
    assert done["files"][0]["findings"] == []
    if first == "acknowledgement":
        office.book.refund_payer(case["id"], "40.00", refunded_on=later(8), **ADA)
    assert cases(office) == []


def test_the_payer_that_takes_it_all_the_same_is_said(office: Office) -> None:
    nameless(office, "-40", 5)
    (case,) = cases(office)
    office.book.refund_payer(case["id"], "40.00", refunded_on=later(8), **ADA)
    done = nameless(office, "40", 9)
    assert [f["code"] for f in done["files"][0]["findings"]] == ["recovery-after-refund"]
    assert [c["amount"] for c in cases(office)] == ["40.00"]


def test_it_comes_back_on_its_day_too(office: Office) -> None:
    nameless(office, "-40", 5)
    (case,) = cases(office)
    office.book.refund_payer(case["id"], "40.00", refunded_on=later(8), **ADA)
    office.book.bounce("E000001", received_on=later(12), **BACK)
    assert [(c["amount"], c["since"]) for c in cases(office)] == [("40.00", str(later(12)))]
    assert day_of(office, 12)["payer_payments"] == "40.00"
    with pytest.raises(NotAllowed, match="came back"):
        office.book.undo("E000001")
    office.book.undo("E000002")
    assert cases(office) == []


def test_no_more_goes_back_than_the_recovery_wants(office: Office) -> None:
    nameless(office, "-40", 5)
    (case,) = cases(office)
    with pytest.raises(NotAllowed, match=r"may ask for 40\.00 of it"):
        office.book.refund_payer(case["id"], "40.01", **ADA)
    with pytest.raises(NotAllowed, match="wants this back"):
        office.book.refund_payer(case["id"], "40.00", payer="SOMEBODY ELSE", **ADA)
    with pytest.raises(NotFound):
        office.book.refund_payer("R999999-1", "40.00", **ADA)


def test_a_recovery_that_names_a_claim_goes_by_the_claim(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    postponed(office)
    (case,) = cases(office)
    with pytest.raises(NotAllowed, match="names C0"):
        office.book.refund_payer(case["id"], "80.00", **ADA)


def test_without_a_reference_a_cheque_has_nothing_to_go_against(office: Office) -> None:
    office.pay(LIFT, days=5, provider_adjustments=(ProviderAdjustment("WO", "", usd("-40")),))
    (case,) = cases(office)
    with pytest.raises(NotAllowed, match="no reference"):
        office.book.refund_payer(case["id"], "40.00", **ADA)


# -- money out of the bank ----------------------------------------------------------------------


def outstanding(office: Office, days: int = 6) -> list[tuple[str, str, int]]:
    answer = office.book.reconcile(as_of=later(days))
    rows = [(c["id"], c["amount"], c["age_days"]) for c in answer["refund_cheques"]]
    assert answer["totals"]["refund_cheques"] == format_cents(sum(cents(a) for _, a, _ in rows))
    return rows


def test_reconcile_lists_a_cheque_until_it_is_cashed(overpaid: Office) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    assert outstanding(overpaid, 16) == [("E000001", "80.00", 10)]
    (cheque,) = overpaid.book.reconcile(as_of=later(16))["refund_cheques"]
    assert (cheque["payer"], cheque["reference"]) == (PLAIN.name, "4711")
    decided = overpaid.book.set_deposit_aside("E000001", reason="cashed", user="ada")
    assert decided["refund_cheque"] == "E000001"
    assert outstanding(overpaid, 16) == []
    with pytest.raises(NotAllowed, match="D000001 says that"):
        overpaid.book.set_deposit_aside("E000001", reason="cashed", user="ada")
    with pytest.raises(NotAllowed, match="D000001 says that it was cashed"):
        overpaid.book.bounce("E000001", **BACK)
    with pytest.raises(NotAllowed, match="D000001 says that it was cashed"):
        overpaid.book.undo("E000001")
    overpaid.book.undo("D000001")
    assert outstanding(overpaid, 16) == [("E000001", "80.00", 10)]


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Wait"), (30, "Ask the payer"), (180, "medcollect bounce E000001")]
)
def test_what_to_do_about_a_cheque_goes_by_its_age(overpaid: Office, days: int, words: str) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    (cheque,) = overpaid.book.reconcile(as_of=later(6 + days))["refund_cheques"]
    assert words in cheque["action"]


def test_a_cheque_that_came_back_or_was_acknowledged_waits_for_nobody(office: Office) -> None:
    nameless(office, "-40", 5)
    (case,) = cases(office)
    office.book.refund_payer(case["id"], "15.00", refunded_on=later(8), **ADA)
    office.book.bounce("E000001", received_on=later(9), **BACK)
    assert outstanding(office, 9) == []
    office.book.refund_payer(case["id"], "40.00", refunded_on=later(10), **ADA)
    assert outstanding(office, 10) == [("E000003", "40.00", 0)]
    pair = tuple(ProviderAdjustment(c, "WO77120", usd(a)) for c, a in (("WO", "40"), ("72", "-40")))
    office.pay(LIFT, days=15, provider_adjustments=pair, trace="ACK")
    assert outstanding(office, 15) == []


def test_a_refund_to_a_patient_by_check_is_listed_by_card_not(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.book.pay("PCN1", "30.00", method="card", received_on=later(1), user="ada")
    told: dict[str, Any] = {"refunded_on": later(2), "reason": "paid twice", "user": "ada"}
    office.book.refund("PCN1", "10.00", method="card", **told)
    office.book.refund("PCN1", "20.00", method="check", reference="3301", **told)
    ((number, amount, _),) = outstanding(office)
    assert amount == "20.00"
    (cheque,) = office.book.reconcile(as_of=later(6))["refund_cheques"]
    assert (cheque["to"], cheque["payer"]) == ("patient", None)
    office.book.set_deposit_aside(number, reason="cashed", user="ada")
    assert outstanding(office) == []
    with pytest.raises(NotFound, match="no such refund cheque"):
        office.book.set_deposit_aside("M000001", reason="no refund", user="ada")
