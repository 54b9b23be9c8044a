"""Payers in a row: who answers first, who is expected, whose money is it (claim_rules.md 4).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace

from tests.flows.money.office import (
    ANSWERED,
    BOTH_PAID,
    HARBOR,
    MEDICAID,
    MEDICARE,
    OSCAR,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    STONE,
    Office,
    claim,
    clean,
    expect,
    whole,
)
from tests.support.specs import (
    Line,
    PriorAnswer,
    cas,
    reversal,
    usd,
)


def test_secondary_before_primary_waits_then_posts(office: Office) -> None:
    """§6.3: the secondary's money stays unapplied until the primary has answered."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    early = office.pay(SECONDARY, payer=HARBOR)
    assert (early["unapplied"], early["posted"]) == ("15.00", "0.00")
    assert office.kinds() == ["waiting_for_earlier_payer"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    settled = office.pay(PRIMARY, days=3)
    assert settled["settled"] == {"count": 1, "amount": "15.00"}
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_primary_patient_share_waits_for_the_secondary(office: Office) -> None:
    """§4.1: while another payer is expected, PR is insurance open, not the patient's."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    clean(office.pay(PRIMARY), "60.00")
    found = expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    assert found["waiting_for"] == HARBOR.name


def test_one_payer_with_two_plans_of_the_patient_is_waited_for_twice(office: Office) -> None:
    """Both parents are insured with the same company: its second plan has yet to answer."""
    office.bill(claim("PCN1", payers=(PLAIN, PLAIN)))
    office.pay(PRIMARY)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    office.pay(SECONDARY, days=10)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_a_reversed_primary_sends_the_secondary_back_to_wait(office: Office) -> None:
    """Primary taken back after the secondary paid: the secondary's answer waits for the new one."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(reversal(PRIMARY), other, days=10)
    assert office.kinds() == ["waiting_for_earlier_payer"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    office.pay(replace(PRIMARY, control_number="P2"), days=20)
    assert office.kinds() == []
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_the_claim_itself_reports_the_primary(office: Office) -> None:
    """DESIGN 7: a secondary's answer posts where the 837 carries the primary's (loop 2320)."""
    prior = PriorAnswer(PLAIN.id, usd("60"), ANSWERED, cas("CO-45 20, PR-2 20"))
    filed = claim("PCN1", payers=(HARBOR, PLAIN), prior=(prior,))
    ranked = (replace(filed.coverages[0], rank="S"), replace(filed.coverages[1], rank="P"))
    office.bill(replace(filed, coverages=ranked))
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    clean(office.pay(SECONDARY, payer=HARBOR, days=20), "15.00")
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    clean(office.pay(PRIMARY, days=1), "60.00")
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_two_payers_that_both_pay_first(office: Office) -> None:
    """The second primary's money waits for a person."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    result = office.pay(whole("PCN1", "1", "100", "70", "CO-45 30"), payer=STONE, days=3)
    assert result["unapplied"] == "70.00"
    assert office.kinds() == ["second_primary"]
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_secondary_that_pays_too_much_makes_a_payer_credit(office: Office) -> None:
    """DESIGN 6.3: beyond the charge is payer credit, never a negative open amount."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(whole("PCN1", "1", "100", "80", "CO-45 20"))
    office.pay(whole("PCN1", "2", "100", "30", "OA-23 70"), payer=HARBOR, days=4)
    expect(
        office,
        "PCN1",
        "credit_payer",
        "100.00",
        insurance_paid="110.00",
        written_off="20.00",
        payer_credit="30.00",
    )


def test_secondary_writes_off_with_45_what_the_primary_already_took(office: Office) -> None:
    """§7 no. 9 (guard 4.2 no. 4): charge 500, paid 300 + 65, written off 125 + 10, nothing left."""
    office.bill(claim("PCN1", Line("99213", usd("500")), payers=(MEDICARE, MEDICAID)))
    office.pay(whole("PCN1", "1", "500", "300", "CO-45 125, PR-2 75"), payer=MEDICARE)
    office.pay(whole("PCN1", "2", "500", "65", "CO-45 435"), payer=MEDICAID, days=9)
    expect(office, "PCN1", "closed", "500.00", insurance_paid="365.00", written_off="135.00")
    assert office.exception("write_off_exceeds_open")["amount"] == "425.00"


def test_a_secondary_share_above_what_was_open_is_cut_and_asked_about(office: Office) -> None:
    """§4.2 no. 5: 20.00 were open, the secondary leaves 60.00 to the patient."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 40, PR-2 60"), payer=HARBOR, days=4)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )
    assert office.exception("patient_responsibility_exceeds_open")["amount"] == "40.00"


def test_a_crossover_waits_for_the_carrier_it_names(office: Office) -> None:
    """§4.4: status 19 and NM1*TT; no claim to the supplement is on file."""
    office.bill(claim("PCN1", payers=(MEDICARE,)))
    crossed = whole(
        "PCN1",
        "19",
        "100",
        "60",
        "CO-45 20, PR-2 20",
        crossover=HARBOR,
        remarks=("MA18", "N89"),
    )
    office.pay(crossed, payer=MEDICARE)
    found = expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    assert found["waiting_for"] == HARBOR.name
    office.pay(SECONDARY, payer=HARBOR, days=9)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_statuses_20_and_21_pass_the_claim_on_twice(office: Office) -> None:
    """Primary 19, secondary 20, tertiary 21: the rest is the patient's only when nobody is left."""
    office.pay(
        replace(PRIMARY, status="19", crossover=HARBOR),
    )
    office.pay(replace(SECONDARY, status="20", crossover=STONE), payer=HARBOR, days=5)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="75.00",
        written_off="20.00",
        insurance_open="5.00",
    )
    office.pay(whole("PCN1", "3", "100", "4", "OA-23 95, PR-3 1"), payer=STONE, days=9)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="79.00",
        written_off="20.00",
        patient_responsibility="1.00",
    )


def test_a_failed_transfer_is_billed_to_the_next_payer_not_to_the_patient(office: Office) -> None:
    """§4.4: MA19 says that the transfer failed; no other payer is on file."""
    office.pay(replace(PRIMARY, status="19", remarks=("MA19",)), payer=MEDICARE)
    found = expect(
        office,
        "PCN1",
        "patient_not_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
        billable="0.00",
    )
    assert [p["reason"] for p in found["not_billable"]] == ["transfer_failed"]
