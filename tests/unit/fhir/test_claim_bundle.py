"""The bundle of a claim: whole, valid, equal to our figures to the cent. All people invented."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.fhir import AnswerForFhir, ClaimForFhir, claim_bundle
from medcollect.model.claim import Claim, Coverage, Diagnosis, OtherPayer, ServiceLine
from medcollect.model.common import Adjustment, Amount, Party, Procedure, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment

PATIENT = Party(
    role="QC",
    last_name="Marlowe",
    first_name="Junia",
    id_qualifier="MI",
    id="WXY0001",
    address=("1 Sample Way",),
    city="Springfield",
    state="IL",
    postal_code="62701",
    birth_date=date(1980, 2, 29),
    gender="F",
)
CLINIC = Party(role="85", last_name="Birchwood Clinic", id_qualifier="XX", id="1234567893")
ALPHA = Party(role="PR", last_name="Alpha Health", id_qualifier="PI", id="ALPHA1")
BETA = Party(role="PR", last_name="Beta Supplement", id_qualifier="PI", id="BETA1")
DAY = date(2026, 1, 5)


def line(position: int, code: str, cents: int, **more: Any) -> ServiceLine:
    procedure = Procedure("HC", code, more.pop("modifiers", ()))
    return ServiceLine(
        position=position,
        segment=position,
        number=str(position),
        procedure=procedure,
        charge_cents=cents,
        service_from=DAY,
        service_to=DAY,
        **more,
    )


CLAIM = Claim(
    position=1,
    segment=20,
    form="P",
    patient_control_number="PCN1",
    charge_cents=25000,
    facility_code="11",
    frequency="7",
    billing_provider=CLINIC,
    coverage=Coverage(
        rank_code="P",
        relationship="18",
        group_number="G-77",
        payer=ALPHA,
        subscriber=PATIENT,
    ),
    patient=PATIENT,
    other_payers=(OtherPayer(coverage=Coverage(rank_code="S", payer=BETA, subscriber=PATIENT)),),
    diagnoses=(Diagnosis("ABK", "E119"), Diagnosis("ABF", "I10")),
    service_from=DAY,
    service_to=DAY,
    patient_paid_cents=2000,
    parties=(Party(role="82", last_name="Ibis", first_name="Ada", id_qualifier="XX", id="1"),),
    references=(Reference("F8", "ALPHA-OLD-9"),),
    lines=(
        line(1, "99213", 15000, modifiers=("25",), diagnosis_pointers=("1", "2", "9")),
        line(2, "J1885", 10000, line_control_number="L2", units="1.333"),
    ),
)

FIRST = AnswerForFhir(
    id="P000001",
    remittance_id="R000001",
    payer=ALPHA,
    payee=CLINIC,
    trace_number="EFT-1",
    payment_date=date(2026, 1, 20),
    payment_cents=987654,
    payment=ClaimPayment(
        position=1,
        segment=9,
        patient_control_number="PCN1",
        status="1",
        charge_cents=25000,
        paid_cents=9990,
        patient_responsibility_cents=3510,
        payer_claim_control_number="ALPHA-10",
        adjustments=(Adjustment("OA", "23", 0),),
        remarks=("MA01",),
        services=(
            ServicePayment(
                position=1,
                segment=10,
                procedure=Procedure("HC", "J1885"),
                charge_cents=10000,
                paid_cents=0,
                line_control_number="L2",
                adjustments=(Adjustment("CO", "16", 10000, "1"),),
                remarks=("N290",),
                service_from=DAY,
            ),
            ServicePayment(
                position=2,
                segment=15,
                procedure=Procedure("HC", "99212", ("25",)),
                submitted_procedure=Procedure("HC", "99213"),
                charge_cents=15000,
                paid_cents=9990,
                amounts=(Amount("B6", 13500),),
                adjustments=(
                    Adjustment("CO", "45", 1500),
                    Adjustment("PR", "1", 2510),
                    Adjustment("PR", "3", 1000),
                ),
                service_from=DAY,
            ),
        ),
    ),
)
SECOND = AnswerForFhir(
    id="P000002",
    remittance_id="R000002",
    payer=BETA,
    payee=CLINIC,
    payment_date=None,
    payment_cents=None,
    payment=ClaimPayment(
        position=1,
        segment=9,
        patient_control_number="PCN1",
        status="22",
        charge_cents=-25000,
        paid_cents=-1001,
    ),
)
VIEW = ClaimForFhir(
    id="C000001",
    patient_control_number="PCN1",
    charge_cents=25000,
    claim=CLAIM,
    answers=(FIRST, SECOND),
    account_id="A000001",
    filed_date=date(2026, 1, 6),
)


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    entries = (entry["resource"] for entry in bundle["entry"])
    return [resource for resource in entries if resource["resourceType"] == kind]


def only(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(bundle, kind)
    return found


def codes(concept: dict[str, Any]) -> list[tuple[str, str]]:
    return [(c["system"], c["code"]) for c in concept["coding"]]


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    return claim_bundle(VIEW)


def test_a_claim_stands_with_every_answer_and_every_payment(bundle: dict[str, Any]) -> None:
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]

    assert bundle["type"] == "collection"
    assert kinds[:5] == [
        "Claim",
        "ExplanationOfBenefit",
        "ExplanationOfBenefit",
        "PaymentReconciliation",
        "PaymentReconciliation",
    ]
    assert sorted(kinds[5:]) == [
        "Coverage",
        "Coverage",
        "Organization",
        "Organization",
        "Organization",
        "Patient",
    ]


def test_every_reference_leads_to_an_entry(bundle: dict[str, Any]) -> None:
    known = {entry["fullUrl"] for entry in bundle["entry"]}

    def references(node: Any) -> list[str]:
        if isinstance(node, list):
            return [r for item in node for r in references(item)]
        if isinstance(node, dict):
            own = [node["reference"]] if isinstance(node.get("reference"), str) else []
            return own + [r for value in node.values() for r in references(value)]
        return []

    found = references(bundle)
    assert len(found) > 10
    assert set(found) <= known


def test_the_same_claim_gives_the_same_bundle(bundle: dict[str, Any]) -> None:
    assert claim_bundle(VIEW) == bundle


def test_claim_carries_number_frequency_relation_diagnoses_and_total(
    bundle: dict[str, Any],
) -> None:
    claim = only(bundle, "Claim")

    assert claim["identifier"] == [{"value": "PCN1"}]
    assert claim["created"] == "2026-01-06"
    assert claim["total"] == {"value": 250.0, "currency": "USD"}
    assert claim["related"][0]["reference"] == {"value": "ALPHA-OLD-9"}
    assert claim["supportingInfo"][0]["code"]["text"] == "7"
    assert claim["supportingInfo"][1]["valueQuantity"]["value"] == 20
    assert [d["sequence"] for d in claim["diagnosis"]] == [1, 2]
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    assert codes(claim["diagnosis"][0]["diagnosisCodeableConcept"]) == [(icd, "E11.9")]
    assert codes(claim["diagnosis"][1]["diagnosisCodeableConcept"]) == [(icd, "I10")]
    assert [coverage["focal"] for coverage in claim["insurance"]] == [True, False]
    assert claim["careTeam"][0]["provider"]["display"] == "Ada Ibis"


def test_lines_carry_codes_modifiers_pointers_and_exact_units(bundle: dict[str, Any]) -> None:
    first, second = only(bundle, "Claim")["item"]

    assert codes(first["productOrService"]) == [("http://www.ama-assn.org/go/cpt", "99213")]
    assert codes(first["modifier"][0]) == [("http://www.ama-assn.org/go/cpt", "25")]
    assert first["diagnosisSequence"] == [1, 2], "a pointer to no diagnosis is left out"
    assert codes(second["productOrService"]) == [
        ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "J1885")
    ]
    assert second["quantity"]["value"] == 1.333
    assert second["net"]["value"] == 100


def test_each_adjustment_is_an_adjudication_with_group_and_reason(bundle: dict[str, Any]) -> None:
    benefit = resources(bundle, "ExplanationOfBenefit")[0]
    adjudications = benefit["item"][1]["adjudication"]
    base = "http://terminology.hl7.org/CodeSystem/adjudication"
    group = "https://x12.org/codes/claim-adjustment-group-codes"
    carin = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudication"

    assert [(codes(a["category"]), a["amount"]["value"]) for a in adjudications] == [
        ([(base, "submitted")], 150),
        ([(base, "eligible")], 135),
        ([(base, "benefit")], 99.9),
        ([(carin, "discount"), (group, "CO")], 15),
        ([(base, "deductible"), (group, "PR")], 25.1),
        ([(base, "copay"), (group, "PR")], 10),
    ]
    assert codes(adjudications[3]["reason"]) == [
        ("https://x12.org/codes/claim-adjustment-reason-codes", "45")
    ]


def test_denied_lines_keep_their_reason_and_remark(bundle: dict[str, Any]) -> None:
    denied = resources(bundle, "ExplanationOfBenefit")[0]["item"][0]
    *_, adjustment, remark = denied["adjudication"]

    assert codes(adjustment["category"])[0][1] == "adjustmentreason"
    assert adjustment["amount"]["value"] == 100
    assert adjustment["value"] == 1
    assert codes(remark["reason"]) == [
        ("https://x12.org/codes/remittance-advice-remark-codes", "N290")
    ]
    assert "amount" not in remark


def test_answer_lines_carry_the_number_of_the_claim_line_they_answer(
    bundle: dict[str, Any],
) -> None:
    """By control number first, then by the code billed (SVC06) and its charge."""
    items = resources(bundle, "ExplanationOfBenefit")[0]["item"]

    assert [item["sequence"] for item in items] == [2, 1]
    notes = resources(bundle, "ExplanationOfBenefit")[0]["processNote"]
    assert notes == [{"number": 1, "text": "Billed as 99213"}]


def test_totals_payment_and_claim_level_adjustments_are_the_payers_own(
    bundle: dict[str, Any],
) -> None:
    benefit = resources(bundle, "ExplanationOfBenefit")[0]

    totals = {codes(t["category"])[0][1]: t["amount"]["value"] for t in benefit["total"]}
    assert totals == {"submitted": 250, "benefit": 99.9, "memberliability": 35.1}
    assert benefit["payment"]["amount"] == {"value": 99.9, "currency": "USD"}
    assert benefit["payment"]["identifier"] == {"value": "EFT-1"}
    assert codes(benefit["adjudication"][0]["category"])[0][1] == "priorpayerpaid"
    assert codes(benefit["adjudication"][1]["reason"])[0][1] == "MA01"


def test_a_reversal_keeps_its_signs_and_unknown_dates_say_so(bundle: dict[str, Any]) -> None:
    reversal = resources(bundle, "ExplanationOfBenefit")[1]

    assert reversal["disposition"] == "Reversal of an earlier payment"
    assert reversal["payment"]["amount"]["value"] == -10.01
    assert "created" not in reversal
    assert reversal["_created"]["extension"][0]["valueCode"] == "unknown"


def test_a_reversal_and_the_answer_it_takes_back_cancel_each_other() -> None:
    """What the active answers paid is what the claim was paid, and so is what all of them paid."""
    reversal = msgspec.structs.replace(
        FIRST,
        id="P000002",
        payment=msgspec.structs.replace(
            FIRST.payment, status="22", charge_cents=-25000, paid_cents=-9990
        ),
    )
    corrected = msgspec.structs.replace(
        FIRST, id="P000003", payment=msgspec.structs.replace(FIRST.payment, paid_cents=12000)
    )
    view = msgspec.structs.replace(VIEW, answers=(FIRST, reversal, corrected))
    benefits = resources(claim_bundle(view), "ExplanationOfBenefit")

    assert [benefit["status"] for benefit in benefits] == ["cancelled", "cancelled", "active"]
    kinds = [
        codes(detail["type"])[0][1]
        for detail in only(claim_bundle(view), "PaymentReconciliation")["detail"]
    ]
    assert kinds == ["payment", "adjustment", "payment"]


def test_a_reversal_of_what_is_not_there_stands_by_itself(bundle: dict[str, Any]) -> None:
    benefits = resources(bundle, "ExplanationOfBenefit")
    assert [benefit["status"] for benefit in benefits] == ["active", "active"]


def test_an_answer_that_waits_for_a_person_is_a_draft() -> None:
    held = msgspec.structs.replace(FIRST, posted=False)
    bundle = claim_bundle(msgspec.structs.replace(VIEW, answers=(held,)))
    assert only(bundle, "ExplanationOfBenefit")["status"] == "draft"


def test_a_drug_stands_under_its_line_by_its_national_drug_code() -> None:
    drug = line(1, "J1885", 10000, drug_code="00409379301")
    claim = msgspec.structs.replace(CLAIM, lines=(drug,))
    bundle = claim_bundle(msgspec.structs.replace(VIEW, claim=claim, answers=()))
    (item,) = only(bundle, "Claim")["item"]

    assert codes(item["productOrService"])[0][1] == "J1885"
    assert codes(item["detail"][0]["productOrService"]) == [
        ("http://hl7.org/fhir/sid/ndc", "00409379301")
    ]


def test_payment_is_of_the_whole_remittance_and_details_of_this_claim(
    bundle: dict[str, Any],
) -> None:
    payment = resources(bundle, "PaymentReconciliation")[0]

    assert payment["id"] == "R000001"
    assert payment["paymentAmount"]["value"] == 9876.54
    assert payment["paymentIdentifier"] == {"value": "EFT-1"}
    assert [detail["amount"]["value"] for detail in payment["detail"]] == [99.9]


def test_answers_in_one_remittance_share_one_payment() -> None:
    second = msgspec.structs.replace(SECOND, remittance_id="R000001")
    bundle = claim_bundle(msgspec.structs.replace(VIEW, answers=(FIRST, second)))

    amounts = [
        detail["amount"]["value"] for detail in only(bundle, "PaymentReconciliation")["detail"]
    ]
    assert amounts == [99.9, -10.01]


def test_a_claim_known_only_from_a_remittance_is_rebuilt_and_says_so() -> None:
    bundle = claim_bundle(msgspec.structs.replace(VIEW, claim=None, patient=PATIENT))
    claim = only(bundle, "Claim")

    assert claim["meta"]["tag"][0]["code"] == "remittance"
    assert [item["net"]["value"] for item in claim["item"]] == [100, 150]
    assert codes(claim["item"][1]["productOrService"])[0][1] == "99213", "the code billed"
    assert only(bundle, "Patient")["name"] == [{"family": "Marlowe", "given": ["Junia"]}]


def test_a_claim_without_answer_or_document_is_still_valid() -> None:
    bundle = claim_bundle(ClaimForFhir(id="C000009", patient_control_number="X", charge_cents=1))

    assert only(bundle, "Claim")["total"]["value"] == 0.01


@pytest.mark.parametrize(
    ("form", "qualifier", "code", "system"),
    [
        ("D", "AD", "D1110", "http://www.ada.org/cdt"),
        ("P", "HC", "0001F", "http://www.ama-assn.org/go/cpt"),
        ("P", "HC", "A0428", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
        ("P", "N4", "00002012345", "http://hl7.org/fhir/sid/ndc"),
    ],
)
def test_codes_stand_in_their_system(form: str, qualifier: str, code: str, system: str) -> None:
    coded = msgspec.structs.replace(line(1, code, 1), procedure=Procedure(qualifier, code))
    claim = msgspec.structs.replace(CLAIM, form=form, lines=(coded,))
    bundle = claim_bundle(msgspec.structs.replace(VIEW, claim=claim, answers=()))

    assert codes(only(bundle, "Claim")["item"][0]["productOrService"]) == [(system, code)]


def test_institutional_claims_show_bill_type_revenue_and_inpatient_procedures() -> None:
    revenue = msgspec.structs.replace(
        line(1, "", 5000, revenue_code="0450"), procedure=Procedure("", "")
    )
    claim = msgspec.structs.replace(
        CLAIM,
        form="I",
        facility_code="13",
        frequency="1",
        diagnoses=(Diagnosis("BK", "E8120", "Y"), Diagnosis("ABJ", "R0789")),
        codes=(Diagnosis("BBR", "0DTJ4ZZ"), Diagnosis("BE", "80")),
        lines=(revenue,),
    )
    shown = only(claim_bundle(msgspec.structs.replace(VIEW, claim=claim)), "Claim")

    assert codes(shown["supportingInfo"][1]["code"]) == [
        ("https://www.nubc.org/CodeSystem/TypeOfBill", "131")
    ]
    assert codes(shown["item"][0]["revenue"]) == [
        ("https://www.nubc.org/CodeSystem/RevenueCodes", "0450")
    ]
    assert codes(shown["item"][0]["productOrService"])[0][1] == "not-applicable"
    assert [codes(p["procedureCodeableConcept"]) for p in shown["procedure"]] == [
        [("http://www.cms.gov/Medicare/Coding/ICD10", "0DTJ4ZZ")]
    ]
    assert codes(shown["diagnosis"][0]["diagnosisCodeableConcept"]) == [
        ("http://hl7.org/fhir/sid/icd-9-cm", "E812.0")
    ]
    assert codes(shown["diagnosis"][0]["onAdmission"])[0][1] == "y"
    assert codes(shown["diagnosis"][1]["type"][0])[0][1] == "admitting"


@given(
    charge=st.integers(-(10**13), 10**13),
    paid=st.integers(-(10**13), 10**13),
    adjusted=st.integers(-(10**13), 10**13),
)
@settings(max_examples=40, deadline=None)
def test_amounts_survive_json_to_the_cent(charge: int, paid: int, adjusted: int) -> None:
    """Whatever the amount, the JSON number reads back as exactly our cents."""
    service = ServicePayment(
        position=1,
        segment=1,
        procedure=Procedure("HC", "99213"),
        charge_cents=charge,
        paid_cents=paid,
        adjustments=(Adjustment("CO", "45", adjusted),),
    )
    payment = ClaimPayment(1, 1, "PCN1", "1", charge, paid, services=(service,))
    answer = AnswerForFhir(id="P1", remittance_id="R1", payment=payment, payment_cents=paid)
    view = ClaimForFhir("C1", "PCN1", charge, answers=(answer,))

    text = json.dumps(claim_bundle(view))
    read = json.loads(text, parse_float=Decimal, parse_int=Decimal)

    item = only(read, "ExplanationOfBenefit")["item"][0]
    amounts = [a["amount"]["value"] * 100 for a in item["adjudication"]]
    assert amounts == [charge, paid, adjusted]
    assert only(read, "Claim")["total"]["value"] * 100 == charge
    assert only(read, "PaymentReconciliation")["paymentAmount"]["value"] * 100 == paid


#: What careless senders put into elements: blanks, marks, other scripts, nothing at all.
careless = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=6),
    st.sampled_from(["", " ", "\xa0", "a\u2003b", "\x1c", "\x00", "a  b"]),
)


@given(text=careless, other=careless, units=st.sampled_from(["", "x", "NaN", "1e3", "-2", "Inf"]))
@settings(max_examples=60, deadline=None)
def test_careless_text_in_a_file_never_stops_the_bundle(text: str, other: str, units: str) -> None:
    party = Party("QC", text, other, text, other, "MI", text, (text, other), text, other, text)
    coded = msgspec.structs.replace(
        line(1, text, 1, modifiers=(text, other), revenue_code=other, place_of_service=text),
        units=units,
        diagnosis_pointers=(text, "٣"),
    )
    claim = msgspec.structs.replace(
        CLAIM,
        billing_provider=party,
        coverage=Coverage(text, other, text, other, text, party, party),
        diagnoses=(Diagnosis("ABK", text, other), Diagnosis(other, other)),
        codes=(Diagnosis("BBR", text),),
        references=(Reference("F8", text),),
        parties=(Party("82", text, id=other),),
        frequency=text,
        lines=(coded,),
    )
    service = ServicePayment(
        1,
        1,
        Procedure(text, other, (text,)),
        1,
        1,
        submitted_procedure=Procedure(text, text),
        units=units,
        adjustments=(Adjustment(text, other, 1, units),),
        remarks=(text,),
    )
    payment = ClaimPayment(1, 1, text, other, 1, 1, services=(service,), remarks=(other,))
    answer = AnswerForFhir("P1", "R1", payment, party, party, text, None, None)
    view = ClaimForFhir("C1", text, 1, claim, (answer,), party, "A1")

    assert claim_bundle(view)["entry"]
    assert claim_bundle(msgspec.structs.replace(view, claim=None))["entry"]
