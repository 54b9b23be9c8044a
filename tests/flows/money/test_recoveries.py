"""Overpayment recoveries and other provider adjustments, from notice to money.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from typing import Any

import pytest

from medcollect.errors import NotFound
from tests.flows.money.office import (
    HARBOR,
    LIFT,
    OSCAR,
    PAID_80,
    PLAIN,
    Office,
    altered,
    claim,
    clean,
    expect,
    whole,
)
from tests.support.specs import ProviderAdjustment, reversal, usd


def plb(code: str, amount: str, reference: str) -> ProviderAdjustment:
    return ProviderAdjustment(code, reference, usd(amount))


def cases(office: Office, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.book.provider_adjustments(**more)["provider_adjustments"]
    return found


def only(office: Office, **more: Any) -> dict[str, Any]:
    (found,) = cases(office, **more)
    return found


@pytest.fixture
def paid(office: Office) -> Office:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    return office


def test_a_recovery_is_followed_from_the_postponement_to_the_money(paid: Office) -> None:
    paid.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("WO", "-80", "ICN100"),))
    case = only(paid)
    assert {k: case[k] for k in ("direction", "amount", "patient_control_number", "since")} == {
        "direction": "payer_will_take",
        "amount": "80.00",
        "patient_control_number": "PCN1",
        "since": "2026-02-07",
    }
    assert paid.book.provider_adjustments()["to_be_taken"] == "80.00"
    found = expect(paid, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert [c["id"] for c in found["recoveries"]] == [case["id"]]
    clean(paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80", "ICN100"),)), "420.00")
    assert cases(paid) == []
    done = only(paid, settled=True)
    assert [(s["what"], s["balance"]) for s in done["steps"]] == [
        ("postponed", "-80.00"),
        ("taken", "0.00"),
    ]


@pytest.mark.parametrize(
    "reference",
    ["ICN100", "PCN1", "PCN1ICN100", "PCN1ICN100T00002", "PCN1 ICN100 T00002", "icn-100"],
)
def test_the_reference_names_the_claim_in_every_form(paid: Office, reference: str) -> None:
    """CLP07, CLP01, or CLP01, CLP07 and TRN02 run together (the check of the claim: T00002)."""
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80", reference),))
    assert only(paid)["patient_control_number"] == "PCN1"


@pytest.mark.parametrize("reference", ["ICN1", "PCN", "PCN1X", "XICN100", "12", ""])
def test_a_reference_that_is_not_the_claims_names_none(paid: Office, reference: str) -> None:
    paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80", reference),))
    assert only(paid)["claim"] is None


def test_another_payers_number_names_no_claim(paid: Office) -> None:
    paid.pay(LIFT, days=9, payer=HARBOR, provider_adjustments=(plb("WO", "80", "ICN100"),))
    assert only(paid)["claim"] is None


def test_a_number_that_two_claims_carry_names_none(office: Office) -> None:
    office.bill(claim("PCN1"), claim("PCN2", patient=OSCAR))
    second = whole("PCN2", "1", "100", "80", "CO-45 20", patient=OSCAR, member_id="W100",
                   control_number="ICN100")  # fmt: skip
    office.pay(PAID_80, second, provider_adjustments=(plb("WO", "-5", "ICN100"),))
    assert only(office)["claim"] is None


def test_a_refund_cheque_settles_the_recovery(paid: Office) -> None:
    """E15: the payer books the cheque (72) against the recovery; nothing is taken."""
    both = (plb("WO", "80", "ICN100"), plb("72", "-80", "ICN100"))
    clean(paid.pay(LIFT, days=9, provider_adjustments=both), "500.00")
    assert cases(paid) == []
    found = paid.book.claim("PCN1")
    assert [s["what"] for s in found["provider_adjustments"]] == [
        "taken",
        "refund cheque acknowledged",
    ]


def test_a_balance_is_carried_over_three_checks(office: Office) -> None:
    """E13: a check below zero carries the rest on until a later one covers it."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("FB", "-80", "T00003"),))
    office.pay(
        whole("X1", "1", "30", "30", "", patient=OSCAR, member_id="W3"),
        days=6,
        provider_adjustments=(plb("FB", "80", "T00003"), plb("FB", "-50", "T00004")),
    )
    case = only(office)
    assert (case["kind"], case["amount"], case["since"]) == (
        "carried_forward",
        "50.00",
        "2026-02-08",
    )
    assert len(case["steps"]) == 3
    clean(office.pay(LIFT, days=9, provider_adjustments=(plb("FB", "50", "T00004"),)), "450.00")
    assert cases(office) == []


def test_undoing_a_check_opens_the_case_again(paid: Office) -> None:
    paid.pay(reversal(PAID_80), days=5, provider_adjustments=(plb("WO", "-80", "ICN100"),))
    taken = paid.pay(LIFT, days=9, provider_adjustments=(plb("WO", "80", "ICN100"),))
    paid.book.undo(taken["import"])
    assert only(paid)["amount"] == "80.00"


def test_a_held_check_is_no_case_until_it_is_released(paid: Office) -> None:
    remit = paid.payment(LIFT, days=9, provider_adjustments=(plb("WO", "80", "ICN100"),))
    altered(paid, remit, "BPR*I*420*", "BPR*I*400*")
    assert cases(paid) == []
    held = paid.exception("remittance_does_not_balance")
    paid.book.resolve(held["id"], post_anyway=True, reason="called", user="ann")
    assert only(paid)["direction"] == "payer_took"


def test_a_code_that_says_nothing_is_open_until_a_person_decides(either_office: Office) -> None:
    paid = either_office
    paid.bill(claim("PCN1"))
    paid.pay(PAID_80)
    paid.pay(LIFT, days=9, provider_adjustments=(plb("CS", "15", "ADJ9"),))
    case = only(paid)
    assert (case["direction"], case["amount"]) == ("undecided", "15.00")
    waiting = paid.exception("provider_adjustment")
    paid.book.resolve(waiting["id"], write_off="administrative", reason="small", user="ann")
    assert cases(paid) == []
    assert only(paid, settled=True)["steps"][-1]["what"] == "written off"


def test_interest_is_income_and_no_case(paid: Office) -> None:
    clean(paid.pay(LIFT, days=9, provider_adjustments=(plb("L6", "-3.21", "ICN100"),)), "503.21")
    assert cases(paid) == []
    found = expect(paid, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert [s["what"] for s in found["provider_adjustments"]] == ["interest paid"]


def test_cases_are_paged_filtered_and_reported(paid: Office) -> None:
    for days, payer in ((3, PLAIN), (4, HARBOR)):
        paid.pay(LIFT, days=days, payer=payer, trace=f"L{days}",
                 provider_adjustments=(plb("WO", "10", f"REF{days}"),))  # fmt: skip
    assert [c["payer"] for c in cases(paid, payer="harbor")] == [HARBOR.name]
    first = paid.book.provider_adjustments(limit=1)
    (second,) = cases(paid, limit=1, after=first["next"])
    assert second["payer"] == HARBOR.name
    with pytest.raises(NotFound):
        paid.book.provider_adjustments(after="R999999-1")
    report = paid.book.report("provider-adjustments")
    assert report["totals"]["amount"] == "20.00"


def test_a_corrected_share_after_the_patient_paid_is_a_refund_due(office: Office) -> None:
    """E12 with money from the patient: 25.00 paid at the desk, the corrected share is 10.00."""
    office.bill(claim("PCN1", patient_paid=usd("25")))
    first = whole("PCN1", "1", "100", "55", "CO-45 20, PR-2 25", control_number="ICN1")
    office.pay(first)
    right = whole("PCN1", "1", "100", "70", "CO-45 20, PR-2 10", control_number="ICN2")
    found = office.book.claim("PCN1")
    assert (found["credit"], found["refund_due"]) == ("0.00", "0.00")
    office.pay(reversal(first), right, LIFT, days=9)
    found = expect(
        office, "PCN1", "credit_patient", "100.00",
        insurance_paid="70.00", written_off="20.00", patient_responsibility="10.00",
        patient_paid="25.00", credit="15.00",
    )  # fmt: skip
    assert found["refund_due"] == "15.00"


def test_the_cases_are_found_by_the_index_of_their_postings(paid: Office) -> None:
    """A book of a million claims is not read through for its few provider adjustments."""
    import sqlalchemy as sa

    from medcollect.tasks.provider_adjustments import _with_adjustments

    with sa.create_engine(f"sqlite:///{paid.database}").connect() as connection:
        query = str(_with_adjustments().compile(compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert any("ix_postings_provider_adjustments" in row[-1] for row in plan)
