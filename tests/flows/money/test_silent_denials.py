"""Money taken back without a word is a case of the desk, and no denied money.

Rules: claim_rules.md 3.2 (a correction belongs into the remittance of its reversal) and 3.3 (what a
recovery takes). The figures were worked out by hand; the office fixture checks the laws of the
whole book after each test.
"""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.errors import NotAllowed
from tests.flows.money.office import (
    HARBOR,
    LIFT,
    PAID_80,
    PLAIN,
    SERVED,
    Office,
    a_837,
    an_835,
    answer,
    claim,
    expect,
    later,
    service,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.specs import Line, ProviderAdjustment, reversal, usd

CORRECTED = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", control_number="ICN100")
REFUSED = whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN100")


def plb(code: str, amount: str, reference: str = "ICN100") -> ProviderAdjustment:
    return ProviderAdjustment(code, reference, usd(amount))


def silent(office: Office, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = office.book.denials(category="silent_denial", **more)["denials"]
    return rows


def only(office: Office, **more: Any) -> dict[str, Any]:
    (row,) = silent(office, **more)
    return row


@pytest.fixture
def paid(office: Office) -> Office:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    return office


def test_a_reversal_without_correction_is_a_case(paid: Office) -> None:
    paid.pay(reversal(PAID_80), LIFT, days=14)
    row = only(paid)
    assert (row["kind"], row["category"], row["refusal"]) == ("silent_denial",) * 3
    assert (row["patient_control_number"], row["payer"]) == ("PCN1", PLAIN.name)
    assert (row["at_stake"], row["amount"], row["decided_on"]) == ("80.00", "0.00", "2026-02-16")
    assert (row["next_action"], row["appealable"]) == ("call_payer", True)
    assert row["rules"] == ["finding reversal"]
    assert row["deadline"] == "2026-08-14"
    assert "Source: " in row["deadline_rule"]
    assert "CLP02 22 on remittance R00000" in row["explanation"]
    assert "It had been paid on 2026-02-02." in row["evidence"]
    assert row["steps"]
    assert row["prevented_by"] == "payer"
    listed = paid.book.denials()
    assert (listed["count"], listed["amount"]) == (1, "0.00")
    assert listed["silent_denials"] == {"count": 1, "open": "80.00"}
    assert listed["rejected"] == {"count": 0, "open": "0.00"}
    assert paid.book.claim("PCN1")["silent_denials"] == [row]


def test_a_correction_with_the_reversal_leaves_no_case(paid: Office) -> None:
    paid.pay(reversal(PAID_80), CORRECTED, LIFT, days=14)
    assert silent(paid, status="all") == []


def test_a_correction_that_comes_later_closes_the_case(paid: Office) -> None:
    paid.pay(reversal(PAID_80), LIFT, days=14)
    number = only(paid)["id"]
    paid.book.work_denial(number, "take", user="kim", day=later(15))
    came = paid.pay(CORRECTED, days=20)
    assert silent(paid) == []
    case = paid.book.denial(number)
    assert (case["state"], case["refused"], case["won"], case["open"]) == (
        "overturned_in_part",
        "80.00",
        "60.00",
        "0.00",
    )
    assert [m["kind"] for m in case["history"]] == ["taken_silently", "take", "paid"]
    paid.book.undo(came["import"], with_decisions=True)
    assert only(paid)["owner"] == "kim"


def test_a_denial_that_comes_later_is_the_case_then(paid: Office) -> None:
    """The money is counted once: as taken back until the payer refuses it in words."""
    paid.pay(reversal(PAID_80), LIFT, days=14)
    paid.pay(REFUSED, days=20)
    listed = paid.book.denials()
    assert [(d["kind"], d["amount"]) for d in listed["denials"]] == [("denied", "100.00")]
    assert (listed["amount"], listed["silent_denials"]["count"]) == ("100.00", 0)


def test_an_answer_about_another_line_explains_nothing(office: Office) -> None:
    office.bill(claim("PCN1", Line("99213", usd("60")), Line("93000", usd("40"))))
    one = answer("PCN1", "1", service("99213", "60", "50", "CO-45 10"), control_number="ICNAAA")
    two = answer("PCN1", "1", service("93000", "40", "40"), control_number="ICNBBB")
    office.pay(one, two)
    office.pay(reversal(one), LIFT, days=9)
    assert only(office)["at_stake"] == "50.00"
    office.pay(reversal(two), LIFT, days=10)
    assert sorted(row["at_stake"] for row in silent(office)) == ["40.00", "50.00"]
    assert len({row["case"] for row in silent(office)}) == 1
    assert office.book.denial(only_id(office))["open"] == "90.00"


def only_id(office: Office) -> str:
    return str(silent(office)[0]["id"])


def test_another_payers_answer_explains_nothing(office: Office) -> None:
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    first = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", control_number="P1")
    office.pay(first)
    second = whole("PCN1", "2", "100", "15", "OA-23 80, PR-2 5", member_id="W200")
    office.pay(second, payer=HARBOR, days=4)
    office.pay(reversal(first), LIFT, days=9)
    assert only(office)["at_stake"] == "60.00"


def test_a_reversal_of_a_denial_took_nothing(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(REFUSED)
    office.pay(reversal(REFUSED), days=9)
    assert silent(office, status="all") == []


def test_a_claim_that_the_practice_voided_is_none(paid: Office) -> None:
    paid.bill(claim("PCN1", frequency="8"), day=SERVED.replace(day=28))
    paid.pay(reversal(PAID_80), LIFT, days=14)
    assert silent(paid, status="all") == []


def test_a_recovery_that_names_the_claim_is_a_case(paid: Office) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    row = only(paid)
    assert (row["at_stake"], row["amount"], row["decided_on"]) == ("80.00", "0.00", "2026-02-11")
    assert row["rules"] == ["finding recovery"]
    assert "PLB WO ICN100 on remittance" in row["explanation"]
    assert any("takes $80.00 by PLB WO" in fact for fact in row["evidence"])
    expect(paid, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


@pytest.mark.parametrize("reference", ["PCN1", "PCN1ICN100", "PCN1 ICN100 T00002"])
def test_the_reference_names_the_claim_in_every_form(paid: Office, reference: str) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80", reference),))
    assert only(paid)["patient_control_number"] == "PCN1"


@pytest.mark.parametrize("code", ["FB", "L6", "CS", "J1"])
def test_other_adjustments_recover_nothing_of_a_claim(paid: Office, code: str) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb(code, "80"),))
    assert silent(paid, status="all") == []


def test_a_refund_cheque_acknowledged_leaves_no_case(paid: Office) -> None:
    both = (plb("WO", "80"), plb("72", "-80"))
    paid.pay(LIFT, days=9, provider_adjustments=both)
    assert silent(paid, status="all") == []


def test_a_recovery_that_was_postponed_before_is_explained(paid: Office) -> None:
    paid.pay(reversal(PAID_80), CORRECTED, days=5, provider_adjustments=(plb("WO", "-20"),))
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "20"),))
    assert silent(paid, status="all") == []


def test_a_recovery_beside_the_reversal_that_lacks_its_correction_is_one_case(paid: Office) -> None:
    """The payer postponed what it reversed, then took it: 80.00 are missing, once."""
    paid.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("WO", "-80"),))
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    assert [(r["reason"], r["at_stake"]) for r in silent(paid)] == [("reversal", "80.00")]


def test_a_recovery_that_is_given_back_closes(paid: Office) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    number = only(paid)["id"]
    back = paid.pay(LIFT, days=30, provider_adjustments=(plb("WO", "-50"),))
    assert only(paid)["at_stake"] == "30.00"
    paid.pay(LIFT, days=40, provider_adjustments=(plb("WO", "-30"),))
    assert silent(paid) == []
    assert paid.book.denial(number)["state"] == "closed"
    paid.book.undo(back["import"])
    assert only(paid)["at_stake"] == "50.00"


def test_a_reversal_that_comes_after_the_recovery_explains_it(paid: Office) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "20"),))
    assert only(paid)["at_stake"] == "20.00"
    last = paid.pay(reversal(PAID_80), CORRECTED, days=20, provider_adjustments=(plb("WO", "-20"),))
    assert silent(paid) == []
    paid.book.undo(last["import"])
    assert only(paid)["at_stake"] == "20.00"


def test_undo_of_the_recovery_takes_the_case_along(paid: Office) -> None:
    taken = paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80"),))
    paid.book.undo(taken["import"])
    assert silent(paid, status="all") == []


def test_a_silent_denial_is_worked_like_a_denial(paid: Office) -> None:
    paid.pay(reversal(PAID_80), LIFT, days=14)
    number = only(paid)["id"]
    book = paid.book
    assert book.take_next_denial(user="kim")["id"] == number
    book.work_denial(number, "note", reason="called, they look", user="kim")
    book.work_denial(number, "appeal", user="kim")
    case = book.denial(number)
    assert (case["state"], case["level"], case["refused"]) == ("appealed", 1, "80.00")
    assert case["history"][0]["text"] == "The payer took 80.00 back and sent no new decision."
    assert [limit["step"] for limit in case["limits"]]
    with pytest.raises(NotAllowed):
        book.work_denial(number, "write_off", reason="no", user="kim")
    assert book.letter(number)["amount"] == "80.00"
    assert book.work_denial(number, "outcome", reason="no", user="kim", result="lost")["state"] == (
        "upheld"
    )


FILES = {
    "billed": a_837(claim("PCN1")),
    "paid": an_835(PAID_80),
    "taken": an_835(reversal(PAID_80), LIFT, days=5),
    "recovered": an_835(LIFT, days=9, plb=[("WO", "30")]),
    "corrected": an_835(CORRECTED, days=20),
}


@pytest.mark.parametrize("left_out", [(), ("corrected",), ("taken", "corrected"), ("paid",)])
def test_any_order_of_files_gives_the_same_cases(tmp_path: Path, left_out: tuple[str, ...]) -> None:
    names = [name for name in FILES if name not in left_out]
    for name in names:
        (tmp_path / f"{name}.edi").write_text(FILES[name], encoding="ascii", newline="")
    states = []
    orders = list(permutations(names))[:: 17 if len(names) == 5 else 5]
    for number, order in enumerate(orders):
        url = f"sqlite:///{tmp_path / f'{number}.db'}"
        with medcollect.open_book(url) as book:
            for name in order:
                book.import_files([tmp_path / f"{name}.edi"])
            rows = book.denials(status="all")["denials"]
        shown = sorted((r["reason"], r["at_stake"], r["status"], r["state"]) for r in rows)
        states.append((shown, state_of(url)))
    for shown, state in states[1:]:
        assert shown == states[0][0]
        assert differences(state, states[0][1]) == {}
