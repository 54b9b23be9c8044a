"""What law and contract keep off the patient (claim_rules.md 4.2, 4.3).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

import pytest

from tests.flows.money.office import (
    HARBOR,
    MEDICAID,
    MEDICARE,
    Office,
    claim,
    expect,
    one_answer,
    whole,
)
from tests.support.specs import (
    Payer,
    usd,
)

QMB_ANSWER = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", remarks=("N781",))


def test_a_qmb_share_with_no_payer_left_is_written_off(office: Office) -> None:
    """§4.3 QMB: not collectible, although the remittance shows PR."""
    one_answer(office, QMB_ANSWER, payer=MEDICARE)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="60.00", written_off="40.00")


def test_a_qmb_share_goes_to_medicaid_first(office: Office) -> None:
    """DESIGN 6.2: written off only when no payer is left to ask."""
    office.bill(claim("PCN1", payers=(MEDICARE, MEDICAID)))
    office.pay(QMB_ANSWER, payer=MEDICARE)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    office.pay(whole("PCN1", "2", "100", "5", "OA-23 80, CO-45 15"), payer=MEDICAID, days=9)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="65.00", written_off="35.00")


@pytest.mark.parametrize("supplement", [MEDICAID, HARBOR])
def test_a_qmb_share_that_the_last_payer_leaves_is_never_billable(
    office: Office, supplement: Payer
) -> None:
    """§4.3: "even if Medicaid pays 0"; neither Medicaid nor a supplement makes it collectible."""
    office.bill(claim("PCN1", payers=(MEDICARE, supplement)))
    office.pay(QMB_ANSWER, payer=MEDICARE)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 80, PR-2 20"), payer=supplement, days=9)
    found = office.book.claim("PCN1")
    assert found["patient_billable"] == "0.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="60.00", written_off="40.00")


def test_medicaid_leaves_only_its_copay_billable(office: Office) -> None:
    """§7 no. 15, 4.3: deductible under Medicaid is not billable, the nominal copay is."""
    one_answer(office, whole("PCN1", "1", "100", "50", "CO-45 20, PR-1 27, PR-3 3"), payer=MEDICAID)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="50.00",
        written_off="20.00",
        patient_responsibility="30.00",
        billable="3.00",
    )


@pytest.mark.parametrize(
    ("adjustment", "remarks", "hold"),
    [
        ("PR-45", (), "balance_billing"),
        ("PR-227", (), "patient_action_needed"),
        ("PR-204", (), "open_denial"),
        ("PR-96", ("N179",), "patient_action_needed"),
        ("PR-27", (), "open_denial"),
        ("PR-197", (), "contract"),
        ("PR-45", ("N830",), "no_surprises"),
    ],
)
def test_patient_amounts_that_wait(
    office: Office, adjustment: str, remarks: tuple[str, ...], hold: str
) -> None:
    """§4.2 nos. 10, 12; DESIGN 6.2: the patient's, and not billable yet, with the reason."""
    one_answer(
        office, whole("PCN1", "1", "100", "60", f"CO-45 20, {adjustment} 20", remarks=remarks)
    )
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
    assert [(p["reason"], p["amount"]) for p in found["not_billable"]] == [(hold, "20.00")]


def test_patient_paid_too_much(office: Office) -> None:
    """§4.2 no. 15: credit once nobody else has to answer."""
    office.bill(claim("PCN1", patient_paid=usd("60")))
    office.pay(whole("PCN1", "1", "100", "55", "CO-45 20, PR-3 25"))
    expect(
        office,
        "PCN1",
        "credit_patient",
        "100.00",
        insurance_paid="55.00",
        written_off="20.00",
        patient_responsibility="25.00",
        patient_paid="60.00",
        credit="35.00",
    )


def test_a_partly_held_share_and_a_part_payment(office: Office) -> None:
    """A payment at the desk settles what may be billed first: nothing held becomes billable."""
    office.bill(claim("PCN1", patient_paid=usd("10")))
    office.pay(whole("PCN1", "1", "100", "40", "CO-45 20, PR-3 15, PR-204 25"))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="40.00",
        written_off="20.00",
        patient_responsibility="40.00",
        patient_paid="10.00",
        due="30.00",
        billable="5.00",
    )
