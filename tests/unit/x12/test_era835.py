"""The 835: every element where it belongs, nothing lost, nothing guessed."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.findings import Finding
from medcollect.model.common import Adjustment, Amount, Quantity, Reference
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from tests.unit.x12.support import (
    CLP,
    ERA_HEAD,
    claim_payment,
    codes,
    era,
    interchange,
    records,
    remittances,
    text,
    transaction,
)


def header(*segments: str) -> RemittanceHeader:
    (found,) = records(text(era(*segments)), RemittanceHeader)
    return found


def plb(*segments: str) -> RemittanceEnd:
    (found,) = records(text(era(*ERA_HEAD, *CLP, *segments)), RemittanceEnd)
    return found


def test_table_one_has_payment_payer_and_payee() -> None:
    found = header(*ERA_HEAD)
    assert found.payment_cents == 8000
    assert found.payment_method == "ACH"
    assert found.handling == "I"
    assert found.credit_or_debit == "C"
    assert found.payment_date == date(2025, 3, 5)
    assert found.production_date == date(2025, 3, 1)
    assert (found.trace_number, found.payer_trace_id) == ("EFT77", "1999999999")
    assert found.payer.last_name == "MUSTER PLAN"
    assert found.payer.city == "SPRINGFIELD"
    assert found.payer.reference("2U") == "99"
    assert (found.payee.id_qualifier, found.payee.id) == ("XX", "1234567893")
    assert found.payee.reference("TJ") == "999999999"
    assert [raw.text for raw in found.unmodelled] == [ERA_HEAD[7]]
    assert found.segments == ERA_HEAD[:-1]


@pytest.mark.parametrize(
    ("bpr16", "dtm", "expected"),
    [
        ("20250305", "DTM*405*20250301", date(2025, 3, 5)),
        ("", "DTM*405*20250301", date(2025, 3, 1)),
        ("20251399", "DTM*405*20250301", date(2025, 3, 1)),
        ("", "DTM*405*", date(2025, 3, 2)),
    ],
)
def test_the_payment_date_is_bpr16_else_dtm_405_else_the_groups(
    bpr16: str, dtm: str, expected: date
) -> None:
    bpr = "BPR*I*0*C*NON************" + bpr16
    assert header(bpr, "TRN*1*1*1999999999", dtm).payment_date == expected


def test_a_missing_or_unreadable_payment_is_none_and_counted() -> None:
    data = text(era("BPR*I*ABC*C*NON", *ERA_HEAD[1:]))
    assert records(data, RemittanceHeader)[0].payment_cents is None
    assert records(data, RemittanceEnd)[0].unreadable == 1
    assert "amount-unreadable" in codes(data)
    assert "loop-missing" in codes(text(era("TRN*1*1*1")))


def test_a_second_bpr_does_not_win() -> None:
    data = text(era(*ERA_HEAD[:2], "BPR*I*999*C*ACH", *ERA_HEAD[2:], *CLP))
    assert records(data, RemittanceHeader)[0].payment_cents == 8000
    assert codes(data) == ["segment-repeated"]


def test_several_transactions_keep_their_own_payment_and_claims() -> None:
    second = [s.replace("BPR*I*80", "BPR*I*55").replace("EFT77", "EFT78") for s in ERA_HEAD]
    data = text(
        interchange(
            transaction("835", (*ERA_HEAD, *CLP)),
            transaction("835", (*second, "CLP*PCN2*1*55*55**12*ICN2"), st02="0002"),
        )
    )
    first, other = remittances(data)
    assert (first.header.payment_cents, other.header.payment_cents) == (8000, 5500)
    assert [c.patient_control_number for c in first.claim_payments] == ["PCN1"]
    assert [c.patient_control_number for c in other.claim_payments] == ["PCN2"]


def test_the_clp_has_every_element() -> None:
    found = claim_payment("CLP*PCN1*22*-100*-80*-20*MC*ICN1*11*7**DRG5*1.2*1")
    assert (found.charge_cents, found.paid_cents) == (-10000, -8000)
    assert found.patient_responsibility_cents == -2000
    assert found.is_reversal
    assert found.filing_indicator == "MC"
    assert found.payer_claim_control_number == "ICN1"
    assert (found.facility_type, found.frequency, found.drg_code) == ("11", "7", "DRG5")


def test_an_absent_clp05_is_not_zero() -> None:
    assert claim_payment("CLP*PCN1*1*100*100**12*ICN1").patient_responsibility_cents is None


@pytest.mark.parametrize(
    ("amount", "cents"),
    [("100", 10000), ("100.", 10000), (".5", 50), ("-12.3", -1230), ("100.000", 10000), ("-0", 0)],
)
def test_amount_forms(amount: str, cents: int) -> None:
    found = claim_payment(f"CLP*PCN1*1*{amount}*{amount}**12*ICN1")
    assert (found.charge_cents, found.paid_cents, found.unreadable) == (cents, cents, 0)


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("INVALID", "amount-unreadable"),
        ("1.234", "amount-more-than-cents"),
        ("", "amount-missing"),
        ("1,000.00", "amount-unreadable"),
        ("1E3", "amount-unreadable"),
    ],
)
def test_an_amount_that_cannot_be_read_is_zero_counted_and_reported(amount: str, code: str) -> None:
    data = text(era(*ERA_HEAD, f"CLP*PCN1*1*100*{amount}**12*ICN1"))
    (found,) = records(data, ClaimPayment)
    assert (found.paid_cents, found.unreadable) == (0, 1)
    (finding,) = records(data, Finding)
    assert (finding.code, finding.segment, finding.transaction) == (code, 15, 1)
    assert "CLP04" in finding.message


def test_shifted_elements_are_reported_not_repaired() -> None:
    data = text(era(*ERA_HEAD, "CLP*PCN1**1*125.00*100.00"))
    (found,) = records(data, ClaimPayment)
    assert found.status == ""
    assert found.charge_cents == 100
    assert "claim-status-unknown" in codes(data)
    assert "claim-status-unknown" in codes(text(era(*ERA_HEAD, "CLP*PCN1*125.00*1*2*3")))


def test_all_six_triplets_of_a_cas_count_at_claim_and_line() -> None:
    six = "CAS*CO*1*1**2*2*1*3*3**4*4**5*5**6*6*2"
    found = claim_payment(CLP[0], six, "CAS*OA*23*-5", CLP[2], six, "CAS*CO*45*.5")
    expected = [Adjustment("CO", str(n), n * 100, {2: "1", 6: "2"}.get(n, "")) for n in range(1, 7)]
    assert list(found.adjustments) == [*expected, Adjustment("OA", "23", -500)]
    assert list(found.services[0].adjustments) == [*expected, Adjustment("CO", "45", 50)]
    assert found.unreadable == 0


@pytest.mark.parametrize(
    ("cas", "code", "unreadable"),
    [
        ("CAS*CO*45", "adjustment-without-amount", 1),
        ("CAS*CO*45*1**97", "adjustment-without-amount", 1),
        ("CAS*CO**45*25.00", "adjustment-without-reason", 0),
        ("CAS**45*25.00", "adjustment-without-reason", 0),
        ("CAS*CO*45*X", "amount-unreadable", 1),
        ("CAS*CO*1*1**2*2**3*3**4*4**5*5**6*6**7*7", "elements-too-many", 0),
    ],
)
def test_a_faulty_cas_is_a_finding(cas: str, code: str, unreadable: int) -> None:
    data = text(era(*ERA_HEAD, CLP[0], cas))
    assert code in codes(data)
    assert records(data, ClaimPayment)[0].unreadable == unreadable


def test_a_bad_line_does_not_lose_the_rest_of_the_transaction() -> None:
    data = text(
        era(*ERA_HEAD, "CLP", "SVC", "CAS", "NM1", "DTM", "MOA", "LQ", "REF", "AMT", "QTY", *CLP)
    )
    found = records(data, ClaimPayment)
    assert [c.patient_control_number for c in found] == ["", "PCN1"]
    assert found[1].paid_cents == 8000


def test_claim_level_details_are_kept() -> None:
    found = claim_payment(
        CLP[0], "CAS*PR*1*5", "NM1*QC*1*MUSTER*ANNA*B**JR*MI*W1", "NM1*74*1*MUSTERMANN",
        "NM1*82*1*DOKTOR*DORA****XX*1234567893", "NM1*TT*2*SUPPLEMENT CO*****PI*77",
        "MIA*1*2*3*4*MA01***************N1*N2*N3*N4", "MOA***MA18*MA07*M1*M2*M3",
        "REF*F8*OLDICN", "REF*EA*MR1", "DTM*232*20250201", "DTM*233*20250203", "DTM*050*20250210",
        "DTM*036*20251231", "PER*CX*DESK*TE*5550100", "AMT*AU*80", "AMT*I*1.5", "QTY*CA*3",
    )  # fmt: skip
    assert [p.role for p in found.parties] == ["QC", "74", "82", "TT"]
    patient = found.party("QC")
    assert patient is not None
    assert (patient.last_name, patient.middle_name, patient.suffix) == ("MUSTER", "B", "JR")
    assert (patient.id_qualifier, patient.id) == ("MI", "W1")
    expected = ("MA01", "N1", "N2", "N3", "N4", "MA18", "MA07", "M1", "M2", "M3")
    assert found.remarks == expected
    assert found.reference("F8") == "OLDICN"
    assert (found.statement_from, found.statement_to) == (date(2025, 2, 1), date(2025, 2, 3))
    assert found.received_date == date(2025, 2, 10)
    assert found.coverage_expiration == date(2025, 12, 31)
    assert found.amounts == (Amount("AU", 8000), Amount("I", 150))
    assert found.quantities == (Quantity("CA", "3"),)
    assert "PER*CX*DESK*TE*5550100" in [raw.text for raw in found.unmodelled]


def test_line_details_are_kept() -> None:
    found = claim_payment(
        CLP[0], "SVC*HC:99213:25:59*100*80*0510*1.333*HC:99214*2", "DTM*150*20250201",
        "DTM*151*20250203", "CAS*PR*2*20", "REF*6R*L77", "REF*0K*POLICY", "AMT*B6*100", "QTY*ZK*1",
        "LQ*HE*N130", "LQ*HE*M15", "LQ*RX*75", "SVC*NU:0120*0*0", "DTM*472*20250202",
    )  # fmt: skip
    line, room = found.services
    assert line.procedure.modifiers == ("25", "59")
    assert line.submitted_procedure is not None
    assert line.submitted_procedure.code == "99214"
    assert (line.units, line.submitted_units, line.revenue_code) == ("1.333", "2", "0510")
    assert (line.service_from, line.service_to) == (date(2025, 2, 1), date(2025, 2, 3))
    assert line.line_control_number == "L77"
    assert line.references == (Reference("6R", "L77"), Reference("0K", "POLICY"))
    assert line.amount("B6") == 10000
    assert (line.remarks, line.reject_codes) == (("N130", "M15"), ("75",))
    assert (room.revenue_code, room.units, room.submitted_procedure) == ("0120", "1", None)
    assert room.service_from == room.service_to == date(2025, 2, 2)
    assert [s.position for s in found.services] == [1, 2]


def test_every_segment_of_a_claim_payment_is_kept_raw_and_unknown_ones_stand_where_they_were() -> (
    None
):
    loop = (CLP[0], "ZZZ*1*2", "PER*CX*DESK", CLP[2], "ABC*9", "DTM*999*20250101")
    found = claim_payment(*loop)
    assert found.segments == loop
    assert [r.text for r in found.unmodelled] == ["LX*1", "ZZZ*1*2", "PER*CX*DESK"]
    assert [r.text for r in found.services[0].unmodelled] == ["ABC*9", "DTM*999*20250101"]
    assert found.unmodelled[1].number == found.segment + 1


def test_provider_summaries_are_carried_by_the_claim_that_follows() -> None:
    data = text(era(*ERA_HEAD, "TS3*1*11*20251231*1*100", "TS2*1", *CLP, "LX*2"))
    (found,) = records(data, ClaimPayment)
    assert [r.text for r in found.unmodelled] == ["LX*1", "TS3*1*11*20251231*1*100", "TS2*1"]
    assert [r.text for r in records(data, RemittanceEnd)[0].unmodelled] == ["LX*2"]


def test_every_plb_and_all_six_pairs_count() -> None:
    six = "PLB*123*20251231*WO:R1*1*FB:R2*-2*L6*3*72:R4*4*CS:R5*5*J1:R6*6"
    found = plb(six, "PLB*123*20251231*WO:R7*7.5")
    adjustments = found.provider_adjustments
    assert [a.cents for a in adjustments] == [100, -200, 300, 400, 500, 600, 750]
    assert [a.code for a in adjustments] == ["WO", "FB", "L6", "72", "CS", "J1", "WO"]
    assert [a.reference for a in adjustments] == ["R1", "R2", "", "R4", "R5", "R6", "R7"]
    assert adjustments[0].fiscal_period_end == date(2025, 12, 31)
    assert [a.position for a in adjustments] == [1, 2, 3, 4, 5, 6, 7]
    assert found.segments[0] == six


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        ("PLB*1*20251231**5", "provider-adjustment-incomplete"),
        ("PLB*1*20251231*REFERENCE9*5", "provider-adjustment-incomplete"),
        ("PLB*1*20251231*WO:R*X", "amount-unreadable"),
        ("PLB*1*20251231*WO:R", "amount-missing"),
        ("PLB*1*2025*WO:R*5", "date-unreadable"),
    ],
)
def test_a_faulty_plb_is_a_finding(segment: str, code: str) -> None:
    assert code in codes(text(era(*ERA_HEAD, *CLP, segment)))
    assert len(plb(segment).provider_adjustments) == 1


def test_a_transaction_without_claims_is_whole() -> None:
    data = text(era(*ERA_HEAD[:-1], "PLB*1*20251231*WO:R*-80"))
    (remittance,) = remittances(data)
    assert remittance.claim_payments == ()
    assert remittance.header.payment_cents == 8000
    assert remittance.provider_adjustments[0].cents == -8000
    assert codes(data) == []


def test_4010_is_tolerated() -> None:
    segments = interchange(transaction("835", (*ERA_HEAD, *CLP)), version="004010X091A1")
    segments[0] = segments[0].replace("^*00501", "U*00401")
    data = text(segments)
    assert codes(data) == []
    (found,) = records(data, RemittanceHeader)
    assert found.transaction.envelope.delimiters.repetition == ""
    assert len(records(data, ClaimPayment)) == 1
