"""Reversals and corrections: claim_rules.md 3.2 and 7 no. 7.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

import pytest

from medcollect.errors import NotAllowed, NotFound
from tests.flows.money.office import (
    OSCAR,
    PAID_80,
    THIRD_VISIT,
    Office,
    claim,
    clean,
    expect,
    whole,
)
from tests.support.specs import (
    ProviderAdjustment,
    reversal,
    usd,
)


def test_a_reversal_before_its_original_waits_and_settles(office: Office) -> None:
    """§6.3: the original comes with a later file although it was paid before."""
    office.bill(claim("PCN1"))
    kept = ProviderAdjustment("FB", "CARRY", usd("-80"))
    first = office.pay(reversal(PAID_80), days=14, provider_adjustments=(kept,))
    assert (first["payments_total"], first["unapplied"], first["posted"]) == (
        "0.00",
        "-80.00",
        "80.00",
    )
    assert office.kinds() == ["reversal_without_original"]
    assert office.exception("reversal_without_original")["amount"] == "-80.00"
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    second = office.pay(PAID_80)
    assert second["settled"] == {"count": 1, "amount": "-80.00"}
    assert office.kinds() == []
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_reversal_of_what_is_known_to_nobody_waits_without_a_claim(office: Office) -> None:
    """§7 no. 7: 22 without prior, and no claim on file: it opens none."""
    kept = ProviderAdjustment("FB", "CARRY", usd("-80"))
    office.pay(reversal(PAID_80), provider_adjustments=(kept,))
    assert office.kinds() == ["reversal_without_original"]
    with pytest.raises(NotFound):
        office.book.claim("PCN1")


def test_a_reversal_after_the_patient_paid_leaves_a_deposit(office: Office) -> None:
    """§7 no. 7: the copay taken at the desk becomes the patient's credit, the claim is open."""
    office.bill(claim("PCN1", patient_paid=usd("30")))
    original = whole("PCN1", "1", "100", "50", "CO-45 20, PR-3 30", control_number="ICN1")
    office.pay(original)
    expect(
        office,
        "PCN1",
        "closed",
        "100.00",
        insurance_paid="50.00",
        written_off="20.00",
        patient_responsibility="30.00",
        patient_paid="30.00",
    )
    other = whole("PCN2", "1", "90", "90", "", patient=OSCAR, member_id="W200")
    clean(office.pay(reversal(original), other, days=14), "40.00")
    expect(
        office,
        "PCN1",
        "with_payer",
        "100.00",
        insurance_open="100.00",
        patient_paid="30.00",
        credit="30.00",
    )


@pytest.mark.parametrize("new_number", ["ICN100", "ICN999"])
def test_reversal_and_correction_in_one_remittance(office: Office, new_number: str) -> None:
    """§3.2: the correction may carry a new payer number; net effect = the correction."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    corrected = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", control_number=new_number)
    taken = reversal(PAID_80, control_number="ICN100")
    other = whole("PCN2", "1", "90", "90", "", patient=OSCAR, member_id="W200")
    clean(office.pay(taken, corrected, other, days=14), "70.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def test_a_correction_that_repeats_the_original_is_not_taken_back_with_it(office: Office) -> None:
    """Original, reversal and an equal correction: exactly one of them stands."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    clean(office.pay(reversal(PAID_80), PAID_80, days=14), "0.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_taken_back_twice_the_second_one_waits(office: Office) -> None:
    """Two reversals of one payment: only one finds something to take back."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(reversal(PAID_80), other, days=14)
    office.pay(reversal(PAID_80), THIRD_VISIT, days=28)
    assert office.kinds() == ["reversal_without_original"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_partial_takeback_goes_to_a_person(office: Office) -> None:
    """§3.2: every amount is negated; a reversal of half the money answers no payment on file."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    half = whole("PCN1", "22", "-100", "-40", "CO-45 -60", control_number="ICN100")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(half, other, days=14)
    question = office.exception("reversal_differs")
    assert (question["amount"], question["actions"]) == ("-40.00", ["post_anyway", "to", "hold"])
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    with pytest.raises(NotAllowed, match="on this claim already"):
        office.book.resolve(question["id"], to="PCN1", reason="it is", user="ann")


def test_a_partial_takeback_posts_as_it_stands_once_a_person_says_so(office: Office) -> None:
    """What was taken is open with the payer again, what was given up as well; undo ends it."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    half = whole("PCN1", "22", "-50", "-40", "CO-45 -10", control_number="ICN100")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(half, other, days=14)
    question = office.exception("reversal_differs")["id"]
    done = office.book.resolve(question, post_anyway=True, reason="the payer says so", user="ann")
    assert (done["posted"], done["settled"]) == ("-40.00", [question])
    figures = {"insurance_paid": "40.00", "written_off": "10.00", "insurance_open": "50.00"}
    expect(office, "PCN1", "undecided", "100.00", **figures)
    office.book.undo(done["decision"])
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.exception("reversal_differs")["id"] == question


def test_a_chain_of_three_corrections_leaves_the_last(office: Office) -> None:
    """1, 22, 1, 22, 1 over three remittances, newest file first."""
    office.bill(claim("PCN1"))
    second = whole("PCN1", "1", "100", "60", "CO-45 40", control_number="ICN200")
    third = whole("PCN1", "1", "100", "70", "CO-45 20, PR-2 10", control_number="ICN300")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    remits = [
        office.payment(PAID_80, trace="A1"),
        office.payment(reversal(PAID_80), second, other, days=10, trace="A2"),
        office.payment(reversal(second), third, THIRD_VISIT, days=20, trace="A3"),
    ]
    for remit in reversed(remits):
        office.remit(remit)
    assert office.kinds() == []
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="70.00",
        written_off="20.00",
        patient_responsibility="10.00",
    )


def test_a_reversed_denial_closes_its_case(office: Office) -> None:
    """A denial taken back and paid leaves no case open, and the denied amount nets to the rest."""
    office.bill(claim("PCN1"))
    denied = whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN1")
    office.pay(denied)
    assert office.denied() == [("CO-197", "100.00")]
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    result = office.pay(reversal(denied), PAID_80, days=14)
    clean(result, "80.00")
    assert result["denied_amount"] == "-100.00"
    assert office.denied() == []
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_what_waits_is_at_stake_whatever_its_sign(office: Office) -> None:
    """A takeback that waits takes nothing off a payment that waits: both are to be decided."""
    office.bill(claim("PCN1"))
    kept = ProviderAdjustment("FB", "CARRY", usd("-80"))
    office.pay(reversal(PAID_80), days=14, provider_adjustments=(kept,))
    office.pay(whole("LOST", "2", "50", "10", "OA-23 40", patient=OSCAR), days=15)
    found = office.book.exceptions()
    assert (found["count"], found["amount"]) == (2, "-70.00")
    assert found["at_stake"] == {"positive": "10.00", "negative": "-80.00", "amount": "90.00"}
    waiting = office.exception("no_claim")["id"]
    office.book.resolve(waiting, hold=True, reason="asked", user="kim")
    found = office.book.exceptions()
    assert found["at_stake"] == {"positive": "0.00", "negative": "-80.00", "amount": "80.00"}
    assert found["held"]["at_stake"]["amount"] == found["held"]["amount"] == "10.00"
