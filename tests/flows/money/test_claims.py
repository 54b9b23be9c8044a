"""Which claim an answer means, and claims that change (claim_rules.md 5 and 6).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from medcollect.errors import NotAllowed
from tests.flows.money.office import (
    FIRST_VISIT,
    OSCAR,
    PAID_80,
    SECOND_VISIT,
    SERVED,
    Office,
    answer,
    at,
    by_day,
    claim,
    clean,
    expect,
    later,
    service,
    visits,
    whole,
)
from tests.support.builder import PRACTICE
from tests.support.specs import (
    Line,
    reversal,
    usd,
    with_check_digit,
)

# -- which claim ---------------------------------------------------------------------------------


def test_two_equal_visits_of_one_day_are_two_claims(office: Office) -> None:
    """§6.3 same-day two visits with equal codes: two numbers, two claims, no 837 on file."""
    clean(office.pay(FIRST_VISIT, SECOND_VISIT), "55.00")
    expect(office, "VISITA", "closed", "40.00", insurance_paid="30.00", written_off="10.00")
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")


def test_a_payment_with_a_foreign_number_does_not_take_a_claim_from_its_own(
    office: Office,
) -> None:
    """Only VISITB is on file as an 837; VISITA's earlier payment must not land on it."""
    office.bill(claim("VISITB", Line("99213", usd("40"))))
    office.pay(FIRST_VISIT)
    office.pay(SECOND_VISIT, days=5)
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")
    assert "second_answer" not in office.kinds()


def test_one_payer_number_on_two_claims_of_a_patient(office: Office) -> None:
    """A payer that numbers by batch (equal CLP07): the patient control number tells them apart."""
    batch = replace(SECOND_VISIT, control_number="BATCH001")
    other_day = tuple(replace(s, day=SERVED + timedelta(days=1)) for s in batch.services)
    clean(
        office.pay(
            replace(FIRST_VISIT, control_number="BATCH001"), replace(batch, services=other_day)
        ),
        "55.00",
    )
    expect(office, "VISITA", "closed", "40.00", insurance_paid="30.00", written_off="10.00")
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")


def test_an_account_number_as_claim_number_for_several_visits(office: Office) -> None:
    """DESIGN 8.1: each day is a claim of its own; the number lists them and asks for one."""
    first, second = visits(office, 0, 7)
    clean(office.pay(at(first, "80", "CO-45 20"), at(second, "70", "CO-45 20, PR-3 10")), "150.00")
    listed = by_day(office)
    assert listed[first.isoformat()]["insurance_paid"] == "80.00"
    assert listed[second.isoformat()]["patient_due"] == "10.00"
    ids = [found["id"] for found in listed.values()]
    assert [expect_id for expect_id in ids if not expect_id.startswith("C")] == []


def test_an_answer_without_a_day_asks_which_visit_it_means(office: Office) -> None:
    """Two claims fit equally well: a person chooses, the cash is unapplied; then it posts."""
    first, second = visits(office, 0, 7)
    undated = answer("ACCT7", "1", service("99213", "100", "80", "CO-45 20", day=None))
    result = office.pay(undated)
    assert result["unapplied"] == "80.00"
    question = office.exception("several_claims")
    assert len(question["candidates"]) == 2
    with pytest.raises(NotAllowed):
        office.book.resolve(question["id"], to="ACCT7", reason="that one", user="ann")
    chosen = by_day(office)[second.isoformat()]["id"]
    done = office.book.resolve(question["id"], to=chosen, reason="by the chart", user="ann")
    assert (done["posted"], done["settled"]) == ("80.00", [question["id"]])
    listed = by_day(office)
    assert listed[first.isoformat()]["state"] == "with_payer"
    assert listed[second.isoformat()]["insurance_paid"] == "80.00"
    office.book.undo(done["decision"])
    assert office.kinds() == ["several_claims"]
    assert by_day(office)[second.isoformat()]["insurance_paid"] == "0.00"


def test_a_replacement_replaces_the_visit_of_its_own_day(office: Office) -> None:
    """Frequency 7 under an account number: the claim with the same days is meant, not the first."""
    first, second = visits(office, 0, 7)
    fixed = claim("ACCT7", Line("99214", usd("150")), service_from=second, frequency="7")
    office.bill(fixed, day=second)
    charges = {day: found["charge"] for day, found in by_day(office).items()}
    assert charges == {first.isoformat(): "100.00", second.isoformat(): "150.00"}


def test_a_void_voids_the_visit_of_its_own_day(office: Office) -> None:
    first, second = visits(office, 0, 7)
    office.bill(claim("ACCT7", service_from=second, frequency="8"), day=second)
    charges = {day: found["charge"] for day, found in by_day(office).items()}
    assert charges == {first.isoformat(): "100.00", second.isoformat(): "0.00"}


@pytest.mark.parametrize("cut", [14, 15, 17, 20])
def test_a_number_cut_off_by_the_payer_finds_its_claim(office: Office, cut: int) -> None:
    """Payers cut at 14 to 20 characters and upper-case."""
    number = "clinic-2026-0000-123456789"
    office.bill(claim(number))
    returned = "CLINIC20260000123456789"[:cut]
    clean(office.pay(replace(PAID_80, number=returned)), "80.00")
    expect(office, number, "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_remittance_without_any_number_finds_the_visit(office: Office) -> None:
    """CLP01 = 0 (paper): member, day and charge tie it; 6.1 no. 5."""
    office.bill(claim("PCN1"))
    clean(office.pay(replace(PAID_80, number="0")), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_the_wrong_patient_under_the_right_number_is_asked_about(office: Office) -> None:
    """The number agrees, name and member id do not: never posted by rule, no second claim."""
    office.bill(claim("PCN1"))
    stranger = replace(PAID_80, patient=OSCAR, member_id="W777")
    result = office.pay(stranger)
    assert result["unapplied"] == "80.00"
    assert office.kinds() == ["claim_not_certain"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_one_patient_at_two_practices_in_one_file(office: Office) -> None:
    """§6.3: two payees in one file; balances are kept apart."""
    other = replace(PRACTICE, name="RIVERSIDE CLINIC", npi=with_check_digit("198700000"))
    here = office.payment(whole("PCNA", "1", "100", "80", "CO-45 10, PR-3 10"), trace="T1")
    there = office.payment(
        whole("PCNB", "1", "100", "70", "CO-45 10, PR-3 20"), trace="T2", practice=other
    )
    clean(office.remit(here, there), "150.00")
    accounts = {number: office.book.claim(number)["account"] for number in ("PCNA", "PCNB")}
    assert accounts["PCNA"] != accounts["PCNB"]
    assert office.book.balance("PCNA")["patient_due"] == "10.00"
    assert office.book.balance("PCNB")["patient_due"] == "20.00"


# -- claims that change --------------------------------------------------------------------------


def test_a_claim_sent_again_is_one_claim(office: Office) -> None:
    """Same number, patient and days: its charge and its desk payment count once."""
    office.bill(claim("PCN1", patient_paid=usd("25")))
    office.bill(claim("PCN1", patient_paid=usd("25")), day=SERVED + timedelta(days=30))
    office.pay(whole("PCN1", "1", "100", "55", "CO-45 20, PR-3 25"))
    expect(
        office,
        "PCN1",
        "closed",
        "100.00",
        insurance_paid="55.00",
        written_off="20.00",
        patient_responsibility="25.00",
        patient_paid="25.00",
    )


def test_a_corrected_claim_after_a_denial(office: Office) -> None:
    """Frequency 7 with another charge: denied 100, then 120 answered in full."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-16 100", control_number="ICN1", remarks=("M20",)))
    fixed = claim("PCN1", Line("99214", usd("120")), frequency="7", original_reference="ICN1")
    office.bill(fixed, day=later(5))
    found = office.book.claim("PCN1")
    assert (found["charge"], found["insurance_open"]) == ("120.00", "120.00")
    paid = answer("PCN1", "1", service("99214", "120", "90", "CO-45 30"), control_number="ICN2")
    clean(office.pay(paid, days=20), "90.00")
    expect(office, "PCN1", "closed", "120.00", insurance_paid="90.00", written_off="30.00")
    assert office.denied() == []


def test_a_voided_claim_with_money_owes_it_back(office: Office) -> None:
    """Frequency 8: the charge is gone; what was paid is the payer's until it is taken back."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.bill(claim("PCN1", frequency="8", original_reference="ICN100"), day=later(3))
    expect(office, "PCN1", "credit_payer", "0.00", insurance_paid="80.00", payer_credit="80.00")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    clean(office.pay(reversal(PAID_80), other, days=14), "220.00")
    expect(office, "PCN1", "voided", "0.00")


def test_a_claim_that_comes_after_its_remittance_brings_its_charge(office: Office) -> None:
    """DESIGN 7: its charge wins, the difference is posted, and somebody is told."""
    office.pay(PAID_80)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    result = office.bill(claim("PCN1", Line("99213", usd("110"))))
    expect(
        office,
        "PCN1",
        "undecided",
        "110.00",
        insurance_paid="80.00",
        written_off="20.00",
        insurance_open="10.00",
    )
    told = [f["code"] for file in result["files"] for f in file["findings"]]
    assert "charge-differs" in told


def test_a_smaller_claim_after_its_remittance(office: Office) -> None:
    """Paid 80 and written off 20 on a claim of 90: cut to the charge, and somebody is told."""
    office.pay(PAID_80)
    result = office.bill(claim("PCN1", Line("99213", usd("90"))))
    found = office.book.claim("PCN1")
    assert found["charge"] == "90.00"
    assert found["insurance_paid"] == "80.00"
    assert (found["payer_credit"], found["written_off"]) == ("0.00", "10.00")
    told = [f["code"] for file in result["files"] for f in file["findings"]]
    assert "charge-differs" in told
