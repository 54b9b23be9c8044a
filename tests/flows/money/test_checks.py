"""Checks: split, repeated, re-issued, debits, fractions of a cent, PLB (claim_rules.md 3.3, 3.4).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

import pytest

from tests.flows.money.office import (
    OSCAR,
    PAID_80,
    STONE,
    Office,
    altered,
    claim,
    clean,
    expect,
    whole,
)
from tests.support.specs import (
    ProviderAdjustment,
    usd,
)


def test_one_check_in_two_transactions_that_each_repeat_the_whole(office: Office) -> None:
    """§3.4: BPR02 150 stands in both; the group proves; it counts once."""
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    parts = [
        office.payment(PAID_80, trace="T1", amount=usd("150")),
        office.payment(other, trace="T1", amount=usd("150")),
    ]
    clean(office.remit(*parts), "150.00")


def test_one_check_in_two_transactions_with_their_own_amounts(office: Office) -> None:
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    clean(
        office.remit(office.payment(PAID_80, trace="T1"), office.payment(other, trace="T1")),
        "150.00",
    )


def test_the_same_trace_number_from_two_payers_is_two_payments(office: Office) -> None:
    """§7 no. 14: TRN02 alone is not a key."""
    clean(office.pay(PAID_80, trace="SAME"), "80.00")
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    result = office.pay(other, trace="SAME", payer=STONE)
    clean(result, "70.00")
    assert (result["duplicates"], result["reissued"]) == (0, 0)


def test_an_equal_transaction_twice_in_one_file_is_one(office: Office) -> None:
    remit = office.payment(PAID_80, trace="T1")
    result = office.remit(remit, remit)
    assert (result["remittances"], result["duplicates"]) == (1, 1)
    clean(result, "80.00")


def test_a_check_issued_again_with_other_content_is_kept_aside(office: Office) -> None:
    """DESIGN 5: re-issued; a person may release it, and may take that back."""
    office.bill(claim("PCN1"), claim("PCN2", patient=OSCAR))
    office.pay(PAID_80, trace="T1")
    other = whole("PCN2", "1", "100", "70", "CO-45 30", patient=OSCAR, member_id="W100")
    result = office.pay(other, trace="T1")
    assert (result["reissued"], result["payments_total"]) == (1, "0.00")
    expect(office, "PCN2", "with_payer", "100.00", insurance_open="100.00")
    question = office.exception("reissued_payment")
    done = office.book.resolve(question["id"], post_anyway=True, reason="both came", user="ann")
    expect(office, "PCN2", "closed", "100.00", insurance_paid="70.00", written_off="30.00")
    assert office.kinds() == []
    office.book.undo(done["decision"])
    assert office.kinds() == ["reissued_payment"]
    expect(office, "PCN2", "with_payer", "100.00", insurance_open="100.00")


def test_provider_adjustments_alone(office: Office) -> None:
    """§7 no. 8: BPR02 = minus the sum of PLB, no CLP; balance carried forward and taken over."""
    clean(
        office.pay(provider_adjustments=(ProviderAdjustment("L6", "INT", usd("-12.50")),)), "12.50"
    )
    held = whole("PCN1", "1", "100", "80", "CO-45 20")
    clean(
        office.pay(held, provider_adjustments=(ProviderAdjustment("FB", "F", usd("80")),)), "0.00"
    )
    clean(office.pay(provider_adjustments=(ProviderAdjustment("FB", "F", usd("-80")),)), "80.00")
    assert office.sql("SELECT SUM(cents) FROM postings WHERE account = 'interest'") == [(-1250,)]
    carried = "SELECT SUM(cents) FROM postings WHERE account = 'provider_adjustment'"
    assert office.sql(carried) == [(0,)]


def test_interest_never_touches_the_patient(office: Office) -> None:
    """§7 no. 19, 4.2 no. 14: AMT*I informs, PLB L6 pays."""
    office.bill(claim("PCN1"))
    paid = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", interest=usd("3.21"))
    interest = ProviderAdjustment("L6", "ICN1", usd("-3.21"))
    clean(office.pay(paid, provider_adjustments=(interest,)), "63.21")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def test_a_debit_is_held(office: Office) -> None:
    """BPR03 D: the payer takes money; no rule posts it."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "BPR*I*80*C", "BPR*I*80*D")
    assert result["posted"] == "0.00"
    assert office.kinds() == ["debit_payment"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


@pytest.mark.parametrize("handling", ["H", "P", "I"])
def test_zero_payments_of_any_handling_post(office: Office, handling: str) -> None:
    """§3.4: BPR04 NON, BPR01 H (some I): posted like any other."""
    office.bill(claim("PCN1"))
    remit = office.payment(whole("PCN1", "1", "100", "0", "CO-45 70, PR-1 30"))
    result = altered(office, remit, "BPR*H*0*C*NON", f"BPR*{handling}*0*C*NON")
    clean(result, "0.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        written_off="70.00",
        patient_responsibility="30.00",
    )


def test_an_amount_with_a_fraction_of_a_cent_is_held(office: Office) -> None:
    """DESIGN 6: three decimals go to a person; nothing is rounded."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "CAS*CO*45*20~", "CAS*CO*45*20.005~")
    assert (result["posted"], result["unapplied"], result["balanced"]) == ("0.00", "80.00", False)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_check_with_a_fraction_of_a_cent_counts_zero_and_holds(office: Office) -> None:
    """DESIGN 8.1: a BPR02 that cannot be read counts as zero and holds the remittance."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "BPR*I*80*", "BPR*I*80.001*")
    assert (result["payments_total"], result["posted"]) == ("0.00", "0.00")
    assert office.kinds() == ["payment_unreadable"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


@pytest.mark.parametrize("amount", ["80.", "80.000", "+80", "080.0"])
def test_amounts_in_other_forms_are_the_same_money(office: Office, amount: str) -> None:
    """§7 no. 2."""
    office.bill(claim("PCN1"))
    clean(altered(office, office.payment(PAID_80), "BPR*I*80*", f"BPR*I*{amount}*"), "80.00")


def test_a_remittance_that_does_not_prove_is_released_by_a_person(office: Office) -> None:
    """DESIGN 7: post anyway; the difference stays visible on the remittance; undo holds again."""
    office.bill(claim("PCN1"))
    result = office.pay(PAID_80, amount=usd("85"))
    assert (result["payments_total"], result["unapplied"]) == ("85.00", "85.00")
    question = office.exception("remittance_does_not_balance")
    done = office.book.resolve(question["id"], post_anyway=True, reason="bank says 85", user="ann")
    assert done["posted"] == "80.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    (row,) = office.book.report("remittances")["rows"]
    assert (row["payment"], row["posted"], row["unapplied"]) == ("85.00", "80.00", "5.00")
    office.book.undo(done["decision"])
    assert office.kinds() == ["remittance_does_not_balance"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_the_difference_of_a_released_remittance_stays_in_the_exceptions(office: Office) -> None:
    """DESIGN 6.1: what could not be applied stands in unapplied *and* in the exception list."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80, amount=usd("85"))
    question = office.exception("remittance_does_not_balance")
    office.book.resolve(question["id"], post_anyway=True, reason="bank says 85", user="ann")
    assert office.book.exceptions()["amount"] == "5.00"


def test_a_claim_payment_that_does_not_prove_holds_only_itself(office: Office) -> None:
    """DESIGN 7: the others of the check post; post anyway releases it, undo holds it again."""
    office.bill(claim("PCN1"))
    wrong = whole("PCN1", "1", "100", "80", "CO-45 15")
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    result = office.pay(wrong, other)
    assert (result["posted"], result["unapplied"], result["balanced"]) == ("70.00", "80.00", False)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    question = office.exception("claim_payment_does_not_balance")
    done = office.book.resolve(question["id"], post_anyway=True, reason="called", user="ann")
    expect(
        office,
        "PCN1",
        "undecided",
        "100.00",
        insurance_paid="80.00",
        written_off="15.00",
        insurance_open="5.00",
    )
    office.book.undo(done["decision"])
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert office.kinds() == ["claim_payment_does_not_balance"]
