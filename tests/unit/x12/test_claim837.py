"""The 837: who is who, what was billed, what other payers said."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, Diagnosis
from medcollect.model.common import Adjustment, Reference
from tests.unit.x12.support import (
    CLAIM_HEAD,
    CLM,
    SUBSCRIBER,
    claim_of,
    claims,
    codes,
    records,
    text,
)

SECOND_SUBSCRIBER = (
    "HL*3*1*22*1",
    "SBR*S**GROUP2******MB",
    "NM1*IL*1*BEISPIEL*BRUNO****MI*W2",
    "NM1*PR*2*ESEMPIO PLAN*****PI*88888",
)
CHILD = ("HL*4*3*23*0", "PAT*19", "NM1*QC*1*BEISPIEL*CLARA", "N3*3 CHILD LANE", "DMG*D8*20150506*F")


def of(*segments: str, version: str = "005010X222A1") -> list[Claim]:
    return records(text(claims(*CLAIM_HEAD, *segments, version=version)), Claim)


def test_the_header_names_submitter_and_receiver() -> None:
    (header,) = records(text(claims()), ClaimsHeader)
    assert (header.reference_id, header.created_date) == ("BATCH1", date(2025, 3, 1))
    assert (header.submitter.id, header.receiver.id) == ("S1", "R1")
    assert [raw.text for raw in header.unmodelled] == ["PER*IC*DESK*TE*5550100000"]


def test_a_claim_has_its_provider_subscriber_and_payer() -> None:
    (claim,) = of(*SUBSCRIBER, *CLM)
    provider = claim.billing_provider
    assert (provider.id_qualifier, provider.id) == ("XX", "1234567893")
    assert provider.reference("EI") == "123456789"
    assert provider.postal_code == "62701"
    assert claim.billing_taxonomy == "207Q00000X"
    pay_to = claim.party("87")
    assert pay_to is not None
    assert pay_to.last_name == "BEISPIEL LOCKBOX"
    assert claim.coverage.rank_code == "P"
    assert claim.coverage.relationship == "18"
    assert claim.coverage.group_number == "GROUP1"
    assert claim.coverage.filing_indicator == "CI"
    assert claim.coverage.payer.id == "99999"
    assert claim.patient == claim.coverage.subscriber
    assert claim.patient.birth_date == date(1980, 1, 2)
    assert claim.parent_segments == (*CLAIM_HEAD[4:], *SUBSCRIBER)
    assert claim.segments == CLM


def test_nothing_of_the_next_subscriber_lands_on_an_earlier_claim() -> None:
    first, second, third = of(
        *SUBSCRIBER, *CLM, *SECOND_SUBSCRIBER, *CHILD, "CLM*PCN2*5***11:B:1", "HL*5*1*22*0",
        "SBR*P*18", "NM1*IL*1*EXEMPLE*DAVID****MI*W3", "CLM*PCN3*7***11:B:1",
    )  # fmt: skip
    assert first.patient.first_name == "ANNA"
    assert first.coverage.payer.id == "99999"
    assert second.patient.first_name == "CLARA"
    assert second.patient.birth_date == date(2015, 5, 6)
    assert second.coverage.subscriber.first_name == "BRUNO"
    assert second.coverage.relationship == "19"
    assert second.coverage.rank_code == "S"
    assert third.patient.first_name == "DAVID"
    assert third.coverage.payer.id == ""
    assert third.coverage.subscriber.id == "W3"
    assert {c.billing_provider.id for c in (first, second, third)} == {"1234567893"}


def test_a_new_billing_provider_ends_the_subscriber_before_it() -> None:
    claim = of(*SUBSCRIBER, *CLM, "HL*9**20*1", "NM1*85*2*OTHER CLINIC*****XX*1111111112", CLM[0])[
        1
    ]
    assert claim.billing_provider.last_name == "OTHER CLINIC"
    assert claim.billing_taxonomy == ""
    assert claim.patient.last_name == ""
    assert claim.coverage.payer.id == ""


def test_several_claims_of_one_patient_share_the_parents() -> None:
    found = of(*SUBSCRIBER, *CLM, *(s.replace("PCN1", "PCN2") for s in CLM))
    assert [c.patient_control_number for c in found] == ["PCN1", "PCN2"]
    assert found[0].parent_segments == found[1].parent_segments
    assert [c.position for c in found] == [1, 2]


def test_a_wrong_hierarchy_is_a_finding() -> None:
    data = text(claims(*CLAIM_HEAD, "HL*2*9*22*0", *SUBSCRIBER[1:], *CLM))
    assert "hierarchy-unexpected" in codes(data)
    assert len(records(data, Claim)) == 1
    assert "hierarchy-unexpected" in codes(text(claims(*CLAIM_HEAD, "HL*2*1*77*0")))


def test_hl_loops_without_a_claim_are_carried_on() -> None:
    data = text(claims(*CLAIM_HEAD, *SUBSCRIBER, *SECOND_SUBSCRIBER, CLM[0]))
    (claim,) = records(data, Claim)
    assert [r.text for r in claim.unmodelled] == list(SUBSCRIBER)
    last = text(claims(*CLAIM_HEAD, *SUBSCRIBER, *CLM, *SECOND_SUBSCRIBER))
    assert [r.text for r in records(last, ClaimsEnd)[0].unmodelled] == list(SECOND_SUBSCRIBER)


def test_a_claim_has_charge_place_frequency_codes_and_money() -> None:
    claim = claim_of(
        "CLM*PCN1*250.5***21:A:7*Y*C*Y*Y", "DTP*434*RD8*20250201-20250204",
        "DTP*435*DT*202502011530", "DTP*096*TM*1200", "DTP*439*D8*20250131", "CL1*1*7*30",
        "AMT*F5*12.5", "REF*F8*ICN9", "REF*G1*AUTH1", "QTY*CA*3",
        "HI*ABK:J069:::::::Y*ABF:R05", "HI*BH:A1:D8:20250101", "NM1*71*1*DOKTOR*DORA****XX*1",
        "REF*1G*U1", "PRV*AT*PXC*207Q00000X", "NM1*77*2*SITE", "N3*4 SITE ROAD",
        "N4*SPRINGFIELD*IL*62703",
    )  # fmt: skip
    assert (claim.charge_cents, claim.patient_paid_cents) == (25050, 1250)
    assert (claim.facility_code, claim.frequency, claim.assignment) == ("21", "7", "C")
    assert (claim.service_from, claim.service_to) == (date(2025, 2, 1), date(2025, 2, 4))
    assert claim.admission_date == date(2025, 2, 1)
    assert claim.discharge_date is None
    assert claim.diagnoses == (Diagnosis("ABK", "J069", "Y"), Diagnosis("ABF", "R05"))
    assert claim.codes == (Diagnosis("BH", "A1"),)
    assert claim.references == (Reference("F8", "ICN9"), Reference("G1", "AUTH1"))
    attending, site = claim.parties[:2]
    assert attending.references == (Reference("1G", "U1"),)
    assert (site.address, site.city) == (("4 SITE ROAD",), "SPRINGFIELD")
    raw = [r.text for r in claim.unmodelled]
    assert raw == ["DTP*096*TM*1200", "DTP*439*D8*20250131", "CL1*1*7*30", "PRV*AT*PXC*207Q00000X"]


def test_without_claim_dates_the_lines_give_the_period() -> None:
    claim = claim_of(
        CLM[0],
        "LX*1",
        CLM[3],
        "DTP*472*D8*20250203",
        "LX*2",
        CLM[3],
        "DTP*472*RD8*20250201-20250202",
    )
    assert (claim.service_from, claim.service_to) == (date(2025, 2, 1), date(2025, 2, 3))


def test_professional_lines() -> None:
    claim = claim_of(
        CLM[0], "LX*1", "SV1*HC:J1885:59*30.5*UN*1.333*12**1:2", "DTP*472*D8*20250201",
        "REF*6R*L1", "AMT*T*1", "LIN**N4*00000000001", "CTP****2*ML", "REF*XZ*9",
        "NM1*DN*1*DOKTOR*DORA****XX*1", "REF*0B*77", "SV5*HC:E0100*DA*1*1",
    )  # fmt: skip
    (line,) = claim.lines
    assert (line.number, line.procedure.code, line.procedure.modifiers) == ("1", "J1885", ("59",))
    assert (line.charge_cents, line.unit, line.units) == (3050, "UN", "1.333")
    assert (line.place_of_service, line.diagnosis_pointers) == ("12", ("1", "2"))
    assert line.line_control_number == "L1"
    assert line.drug_code == "00000000001"
    assert line.parties[0].references == (Reference("0B", "77"),)
    assert [r.text for r in line.unmodelled] == ["CTP****2*ML", "SV5*HC:E0100*DA*1*1"]


def test_institutional_and_dental_lines() -> None:
    (claim,) = of(*SUBSCRIBER, CLM[0], "LX*1", "SV2*0120**100*DA*3", version="005010X223A2")
    (line,) = claim.lines
    assert (line.revenue_code, line.charge_cents, line.unit, line.units) == (
        "0120",
        10000,
        "DA",
        "3",
    )
    assert line.procedure.code == ""
    (claim,) = of(
        *SUBSCRIBER, CLM[0], "LX*1", "SV3*AD:D2740*100***1*2*****1", "TOO*JP*3*M:O",
        version="005010X224A2",
    )  # fmt: skip
    (line,) = claim.lines
    assert (line.procedure.qualifier, line.procedure.code, line.units) == ("AD", "D2740", "2")
    assert line.diagnosis_pointers == ("1",)
    assert [r.text for r in line.unmodelled] == ["TOO*JP*3*M:O"]


def test_lines_without_lx_and_lx_without_line_are_reported() -> None:
    data = text(
        claims(*CLAIM_HEAD, *SUBSCRIBER, CLM[0], CLM[3], CLM[3], "LX*3", "DTP*472*D8*20250101")
    )
    (claim,) = records(data, Claim)
    assert len(claim.lines) == 2
    assert [r.text for r in claim.unmodelled] == ["LX*3", "DTP*472*D8*20250101"]
    assert codes(data) == ["loop-missing"] * 3


def test_other_payers_keep_what_they_decided() -> None:
    claim = claim_of(
        *CLM[:2], "SBR*P*18*GROUP9**12****MB", "CAS*CO*45*20**253*1.6", "AMT*D*60", "AMT*EAF*20",
        "OI***Y***Y", "MOA***MA01*MA07", "NM1*IL*1*MUSTER*ANNA****MI*M1", "N3*2 PATIENT LANE",
        "NM1*PR*2*FIRST PLAN*****PI*777", "DTP*573*D8*20250220", "REF*F8*ICN1",
        "NM1*82*1", "REF*G2*5", "SBR*T*18", "NM1*PR*2*THIRD PLAN*****PI*333",
        *CLM[2:], "SVD*777*60*HC:99213**1*2", "CAS*CO*45*20", "CAS*PR*2*20", "DTP*573*D8*20250220",
        "AMT*EAF*20", "SVD*333*0*HC:99213**1", "LQ*HE*N1",
    )  # fmt: skip
    first, third = claim.other_payers
    assert first.coverage.rank_code == "P"
    assert first.coverage.payer.id == "777"
    assert first.coverage.subscriber.id == "M1"
    assert first.coverage.filing_indicator == "MB"
    assert first.paid_cents == 6000
    assert first.paid_date == date(2025, 2, 20)
    assert first.payer_claim_control_number == "ICN1"
    assert first.remarks == ("MA01", "MA07")
    assert first.adjustments == (Adjustment("CO", "45", 2000), Adjustment("CO", "253", 160))
    assert third.paid_cents is None
    assert third.coverage.payer.id == "333"
    (line,) = claim.lines
    decided, silent = line.adjudications
    assert (decided.payer_id, decided.paid_cents, decided.procedure.code) == ("777", 6000, "99213")
    assert (decided.units, decided.bundled_line) == ("1", "2")
    assert decided.adjustments == (Adjustment("CO", "45", 2000), Adjustment("PR", "2", 2000))
    assert decided.paid_date == date(2025, 2, 20)
    assert [a.cents for a in decided.amounts] == [2000]
    assert (silent.payer_id, silent.paid_cents, silent.adjustments) == ("333", 0, ())
    raw = [r.text for r in claim.unmodelled]
    assert raw == ["OI***Y***Y", "NM1*82*1", "REF*G2*5"]
    assert claim.references == ()


@pytest.mark.parametrize(
    ("old", "new", "unreadable"),
    [
        (CLM[0], "CLM*PCN1*ABC***11:B:1", 1),
        (CLM[3], "SV1*HC:99213*X*UN*1", 1),
        (CLM[1], "AMT*F5*X", 1),
        (CLM[1], "AMT*ZZ*X", 0),
    ],
)
def test_an_amount_that_cannot_be_read_is_counted(old: str, new: str, unreadable: int) -> None:
    segments = [new if s == old else s for s in CLM]
    data = text(claims(*CLAIM_HEAD, *SUBSCRIBER, *segments))
    assert codes(data) == ["amount-unreadable"]
    assert records(data, Claim)[0].unreadable == unreadable


def test_a_bad_date_is_left_out_and_reported() -> None:
    segments = [s.replace("20250201", "20250231") for s in CLM]
    data = text(claims(*CLAIM_HEAD, *SUBSCRIBER, *segments))
    assert codes(data) == ["date-unreadable"]
    assert records(data, Claim)[0].lines[0].service_from is None


def test_a_bad_claim_does_not_lose_the_others() -> None:
    broken = ("CLM", "HI", "SBR", "CAS", "AMT", "NM1", "LX", "SV1", "SVD", "CAS", "DTP", "LIN")
    found = of(*SUBSCRIBER, *broken, *CLM)
    assert [c.patient_control_number for c in found] == ["", "PCN1"]
    assert found[1].lines[0].charge_cents == 10000
