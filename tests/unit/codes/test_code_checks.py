"""Checks of codes in claim payments and claims: bad codes are findings, never errors."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect import codes
from medcollect.codes import forms
from medcollect.model.claim import Claim, Diagnosis, ServiceLine
from medcollect.model.common import Adjustment, Party, Procedure
from medcollect.model.remittance import ClaimPayment, ServicePayment


def payment(*adjustments: Adjustment, status: str = "1", remarks: tuple[str, ...] = ()):
    service = ServicePayment(
        position=1,
        segment=12,
        procedure=Procedure("HC", "99213"),
        charge_cents=100_00,
        paid_cents=0,
        adjustments=adjustments,
        remarks=remarks,
    )
    return ClaimPayment(
        position=1,
        segment=9,
        patient_control_number="PCN1",
        status=status,
        charge_cents=100_00,
        paid_cents=0,
        services=(service,),
    )


def found(claim_payment, day=date(2026, 3, 1), **kwargs):
    findings = codes.check_payment_codes(claim_payment, day, 2, **kwargs)
    return [(f.code, f.severity) for f in findings]


def test_ordinary_codes_raise_nothing():
    adjustments = [
        Adjustment("CO", "45", 20_00),
        Adjustment("PR", "3", 20_00),
        Adjustment("OA", "23", 60_00),
    ]
    assert found(payment(*adjustments, remarks=("N1",))) == []


def test_an_unknown_reason_is_a_warning_at_its_place_told_once():
    claim_payment = payment(Adjustment("CO", "ZZ9", 1), Adjustment("CO", "ZZ9", 1))
    findings = codes.check_payment_codes(claim_payment, None, 2)
    assert [(f.code, f.segment, f.transaction) for f in findings] == [("reason-unknown", 12, 2)]


def test_a_retired_reason_is_told_after_its_last_day_only():
    claim_payment = payment(Adjustment("CO", "62", 100_00))
    assert found(claim_payment, date(2007, 4, 1)) == []
    assert found(claim_payment) == [("reason-retired", "warning")]
    assert found(claim_payment, None) == [], "without a date nothing counts as retired"


def test_a_retired_reason_stays_valid_in_a_reversal():
    assert found(payment(Adjustment("CO", "62", -100_00), status="22")) == []


def test_the_group_cr_belongs_to_4010_only():
    claim_payment = payment(Adjustment("CR", "45", 1))
    assert ("group-unknown", "warning") in found(claim_payment)
    assert ("group-unknown", "warning") not in found(claim_payment, version="004010X091A1")


def test_a_group_against_the_published_list_is_pointed_out():
    assert found(payment(Adjustment("CO", "23", 1))) == [("group-unusual", "info")]


def test_a_remark_outside_our_table_is_unknown_to_us_not_invalid():
    assert found(payment(remarks=("N9999",))) == [("remark-unknown", "info")]


def test_a_claim_status_of_4010_is_a_warning_in_5010():
    assert found(payment(status="5")) == [("claim-status-unknown", "warning")]


def claim(**changes):
    values = {
        "position": 1,
        "segment": 30,
        "form": "P",
        "patient_control_number": "PCN1",
        "charge_cents": 100_00,
        "facility_code": "11",
        "billing_provider": Party(role="85", id_qualifier="XX", id="1234567893"),
        "diagnoses": (Diagnosis("ABK", "E119"), Diagnosis("ABF", "I10")),
        "service_from": date(2026, 1, 5),
        "lines": (line(),),
    }
    return Claim(**{**values, **changes})


def line(**changes):
    values = {
        "position": 1,
        "segment": 40,
        "number": "1",
        "procedure": Procedure("HC", "99213", ("25",)),
        "charge_cents": 100_00,
        "diagnosis_pointers": ("1", "2"),
    }
    return ServiceLine(**{**values, **changes})


def problems(claim_, **kwargs):
    return [f.code for f in codes.check_claim_codes(claim_, 1, **kwargs)]


def test_a_sound_claim_raises_nothing():
    assert problems(claim()) == []
    assert problems(claim(), lookup_icd10=True) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": (line(procedure=Procedure("HC", "9921")),)}, "procedure-form"),
        ({"lines": (line(procedure=Procedure("HC", "")),)}, "procedure-form"),
        ({"lines": (line(procedure=Procedure("AD", "99213")),)}, "procedure-form"),
        ({"lines": (line(procedure=Procedure("HC", "99213", ("2",))),)}, "modifier-form"),
        ({"lines": (line(diagnosis_pointers=("3",)),)}, "diagnosis-pointer"),
        ({"lines": (line(diagnosis_pointers=("A",)),)}, "diagnosis-pointer"),
        ({"lines": (line(place_of_service="48"),)}, "place-of-service-unknown"),
        ({"facility_code": "00"}, "place-of-service-unknown"),
        ({"diagnoses": (Diagnosis("ABK", "25000"), Diagnosis("ABF", "I10"))}, "icd-form"),
        ({"diagnoses": (Diagnosis("BK", "25000"), Diagnosis("ABF", "I10"))}, "icd-version"),
        ({"billing_provider": Party("85", id_qualifier="XX", id="1234567890")}, "npi-check-digit"),
    ],
)
def test_each_defect_is_one_warning(changes, code):
    assert problems(claim(**changes)) == [code]


def test_an_institutional_line_may_have_no_procedure():
    revenue_only = line(procedure=Procedure("", ""), diagnosis_pointers=(), revenue_code="0450")
    assert problems(claim(form="I", facility_code="13", lines=(revenue_only,))) == []


ICD9 = (Diagnosis("BK", "25000"), Diagnosis("BF", "4019"))


def test_icd_9_before_october_2015_is_right_for_an_office_visit():
    assert problems(claim(diagnoses=ICD9, service_from=date(2015, 9, 30))) == []


def test_a_stay_over_the_switch_follows_its_discharge_date():
    """ICD-SWITCH: discharged on or after 2015-10-01 means ICD-10, whenever it began."""
    stay = {"form": "I", "facility_code": "11", "service_from": date(2015, 9, 28)}
    october = claim(discharge_date=date(2015, 10, 2), **stay)
    september = claim(discharge_date=date(2015, 9, 30), **stay)
    assert problems(october) == []
    assert problems(september) == ["icd-version", "icd-version"]


def test_a_diagnosis_the_release_lacks_is_a_warning_and_is_not_named():
    sick = claim(diagnoses=(Diagnosis("ABK", "E11"), Diagnosis("ABF", "I10")))
    findings = codes.check_claim_codes(sick, 1, lookup_icd10=True)
    assert [(f.code, f.severity) for f in findings] == [("diagnosis-unknown", "warning")]
    assert "E11" not in findings[0].message


def test_a_diagnosis_label_comes_with_and_without_the_dot():
    assert codes.diagnosis_label("E11.9") == codes.diagnosis_label("E119")
    assert codes.diagnosis_label("XXX") is None
    assert codes.diagnosis_label("") is None


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("99213", "evaluation and management"),
        ("00100", "anesthesia"),
        ("27447", "surgery"),
        ("71046", "radiology"),
        ("80053", "pathology and laboratory"),
        ("0001U", "proprietary laboratory test"),
        ("J3490", "drugs"),
        ("D1110", "dental"),
        ("G0463", "supplies and services"),
        ("oops", ""),
        ("", ""),
    ],
)
def test_a_procedure_is_named_by_its_broad_section_only(code, section):
    assert codes.procedure_section(code) == section


def test_the_npi_check_digit():
    assert forms.is_npi("1234567893")
    assert not forms.is_npi("1234567894")
    assert not forms.is_npi("123456789")


@pytest.mark.parametrize("code", ["A00", "C4A0", "E1165", "S72001A", "U071", "Z3A10", "E11.9"])
def test_icd_10_forms(code):
    assert forms.is_icd_diagnosis_form("ABK", code)


@pytest.mark.parametrize("code", ["001", "25000", "V270", "E8889", "250.00"])
def test_icd_9_forms(code):
    assert forms.is_icd_diagnosis_form("BK", code)
