"""Refund cheques to payers: before or after the payer's correction, and when it takes all the same.

The office fixture checks the laws of the whole book after each test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed, NotFound
from tests.flows.money.office import (
    ANSWERED,
    HARBOR,
    LIFT,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    Office,
    cents,
    claim,
    expect,
    later,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.specs import ProviderAdjustment, reversal, usd

ADA: dict[str, Any] = {"user": "ada", "reason": "the payer's letter", "reference": "4711"}
VOID = claim("PCN1", frequency="8", original_reference="ICN100")


def plb(code: str, amount: str) -> ProviderAdjustment:
    return ProviderAdjustment(code, "ICN100", usd(amount))


def cases(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.book.provider_adjustments()["provider_adjustments"]
    return found


def ledger(office: Office) -> dict[str, int]:
    rows = office.book.report("trial-balance")["rows"]
    return {row["ledger_account"]: cents(row["balance"]) for row in rows if cents(row["balance"])}


@pytest.fixture
def paid(office: Office) -> Office:
    """A claim of 100.00 for which the payer paid 80.00."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    return office


def postponed(office: Office) -> None:
    """The payer takes its answer back and says that it will take the money later."""
    office.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("WO", "-80"),))


@pytest.fixture
def overpaid(paid: Office) -> Office:
    """The claim was a mistake and is void: the payer's 80.00 are its own."""
    paid.bill(VOID, day=later(3))
    owes(paid)
    return paid


def owes(office: Office) -> None:
    expect(office, "PCN1", "credit_payer", "0.00", insurance_paid="80.00", payer_credit="80.00")


def settled(office: Office) -> dict[str, Any]:
    return expect(office, "PCN1", "voided", "0.00")


# -- what it does -----------------------------------------------------------------------------


def test_a_cheque_settles_what_the_payer_postponed(paid: Office) -> None:
    postponed(paid)
    before = ledger(paid)
    entry = paid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    assert (entry["id"], entry["kind"], entry["payer"]) == ("E000001", "payer_refund", PLAIN.name)
    assert (entry["amount"], entry["method"], entry["reference"]) == ("80.00", "check", "4711")
    assert cases(paid) == []
    found = expect(paid, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    (recovery,) = found["recoveries"]
    assert [(s["what"], s["balance"], s["entry"]) for s in recovery["steps"]] == [
        ("postponed", "-80.00", None),
        ("refund cheque sent", "0.00", "E000001"),
    ]
    (step,) = [s for s in found["steps"] if s["what"] == "payer_refund"]
    assert step["amounts"] == {"sent_back": "80.00"}
    now = ledger(paid)
    assert now.get("provider_adjustment", 0) - before["provider_adjustment"] == 8000
    assert now.get("payer_cash", 0) - before["payer_cash"] == -8000
    (day,) = [d for d in paid.book.report("day-sheet")["rows"] if d["day"] == str(later(6))]
    assert (day["payer_payments"], day["provider_adjustments"]) == ("-80.00", "80.00")


def test_the_payer_acknowledges_the_cheque(paid: Office) -> None:
    postponed(paid)
    paid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    done = paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"), plb("72", "-80")))
    assert done["files"][0]["findings"] == []
    assert cases(paid) == []


def test_a_part_leaves_the_rest_to_be_taken(paid: Office) -> None:
    postponed(paid)
    paid.book.refund_payer("PCN1", "30.00", refunded_on=later(6), **ADA)
    (case,) = cases(paid)
    assert (case["direction"], case["amount"]) == ("payer_will_take", "50.00")
    with pytest.raises(NotAllowed, match=r"may ask for 50\.00"):
        paid.book.refund_payer("PCN1", "50.01", **ADA)


def test_a_cheque_settles_a_credit_before_any_notice(overpaid: Office) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", **ADA)
    found = settled(overpaid)
    assert [s["what"] for s in found["provider_adjustments"]] == [
        "refund cheque sent",
        "credit of the claim settled",
    ]
    assert cases(overpaid) == []
    overpaid.book.undo("E000001")
    owes(overpaid)


def test_of_two_payers_the_one_is_named_whose_money_it_is(office: Office) -> None:
    """The primary pays more when the secondary has paid: its 15.00 are too much."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    office.pay(reversal(PRIMARY), days=20, trace="R1")
    office.pay(whole("PCN1", "1", "100", "80", "CO-45 20", control_number="P2"), days=20)
    assert office.book.claim("PCN1")["payer_credit"] == "15.00"
    with pytest.raises(NotAllowed, match="Which payer"):
        office.book.refund_payer("PCN1", "15.00", **ADA)
    entry = office.book.refund_payer("PCN1", "15.00", payer="harbor benefit fund", **ADA)
    assert entry["payer"] == HARBOR.name
    found = office.book.claim("PCN1")
    assert (found["payer_credit"], found["insurance_paid"]) == ("0.00", "80.00")
    assert sum(cents(line["insurance_paid"]) for line in found["lines"]) == 8000


def test_a_payer_that_takes_all_the_same_has_it_twice(overpaid: Office) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", refunded_on=later(1), **ADA)
    done = overpaid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    (finding,) = done["files"][0]["findings"]
    assert (finding["code"], finding["severity"]) == ("recovery-after-refund", "warning")
    assert "E000001" in finding["message"]
    (case,) = cases(overpaid)
    assert (case["direction"], case["amount"]) == ("payer_took", "80.00")
    assert "twice" in case["text"]
    with pytest.raises(NotAllowed, match=r"has taken 80\.00"):
        overpaid.book.refund_payer("PCN1", "80.00", **ADA)
    back = overpaid.pay(
        whole("X9", "1", "30", "30", ""), days=20, provider_adjustments=(plb("72", "-80"),)
    )
    assert back["files"][0]["findings"] == []
    assert cases(overpaid) == []


def test_a_postponed_recovery_that_is_taken_after_the_cheque_is_said(paid: Office) -> None:
    postponed(paid)
    paid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    done = paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    assert [f["code"] for f in done["files"][0]["findings"]] == ["recovery-after-refund"]
    (case,) = cases(paid)
    assert (case["direction"], case["amount"]) == ("payer_took", "80.00")


# -- any order --------------------------------------------------------------------------------


def corrected(office: Office) -> None:
    office.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("WO", "-80"),), trace="COR1")


def taken(office: Office) -> None:
    pair = (plb("WO", "80"), plb("72", "-80"))
    office.pay(LIFT, days=9, provider_adjustments=pair, trace="TAKE1")


def sent(office: Office) -> None:
    office.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)


@pytest.mark.parametrize("order", list(permutations([corrected, taken, sent])))
def test_cheque_correction_and_acknowledgement_come_in_any_order(
    overpaid: Office, order: tuple[Callable[[Office], None], ...]
) -> None:
    for fact in order:
        fact(overpaid)
    settled(overpaid)
    assert cases(overpaid) == []
    assert "provider_adjustment" not in ledger(overpaid)


def test_undo_leaves_what_the_remaining_facts_give(paid: Office) -> None:
    postponed(paid)
    url = f"sqlite:///{paid.database}"
    before = state_of(url)
    paid.book.refund_payer("PCN1", "80.00", refunded_on=later(6), **ADA)
    assert paid.book.undo("E000001")["kind"] == "entry"
    assert not differences(state_of(url), before)


def test_a_cheque_waits_for_its_claim_to_come_again(overpaid: Office) -> None:
    overpaid.book.refund_payer("PCN1", "80.00", **ADA)
    answer = overpaid.book.imports()["imports"][-2]["id"]
    assert overpaid.book.undo(answer)["entries_by_hand"] == ["E000001"]
    (case,) = cases(overpaid)
    assert (case["id"], case["amount"]) == ("E000001", "80.00")
    assert "nothing on file says" in case["text"]
    overpaid.pay(PAID_80)
    settled(overpaid)


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "told", "error", "words"),
    [
        ("80.01", {}, NotAllowed, "is more"),
        ("80.00", {"payer": HARBOR.name}, NotAllowed, "paid nothing"),
        ("80.00", {"method": "barter"}, NotAllowed, "no method"),
        ("80.00", {"refunded_on": ANSWERED + timedelta(days=5000)}, NotAllowed, "to come"),
        ("0", {}, BadRequest, "no amount"),
        ("80.00", {"reason": " "}, BadRequest, "reason"),
    ],
)
def test_what_cannot_go_back_is_refused(
    overpaid: Office, amount: str, told: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        overpaid.book.refund_payer("PCN1", amount, **{**ADA, **told})
    with pytest.raises(NotFound):
        overpaid.book.refund_payer("NOBODY", "80.00", **ADA)
    assert overpaid.book.entries()["entries"] == []


def test_nothing_goes_back_where_the_payer_has_no_credit(paid: Office) -> None:
    with pytest.raises(NotAllowed, match=r"may ask for 0\.00"):
        paid.book.refund_payer("PCN1", "1.00", **ADA)
