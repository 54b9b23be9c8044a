"""The claim as a FHIR Claim: what was billed, for which diagnoses, to which payers."""

from __future__ import annotations

from medcollect.fhir import systems
from medcollect.fhir.people import Register, add_coverage, add_organization
from medcollect.fhir.pieces import (
    Node,
    coding,
    concept,
    filled,
    icd,
    identifier,
    modifiers,
    money,
    procedure,
    quantity,
    served,
    when,
    words,
)
from medcollect.fhir.view import AnswerForFhir, ClaimForFhir
from medcollect.model.claim import Claim, Coverage, Diagnosis, ServiceLine
from medcollect.model.common import Party
from medcollect.model.remittance import ClaimPayment, ServicePayment


def claim_of(view: ClaimForFhir) -> Claim:
    """Give the 837 document, or the claim as the first answer repeats it where there is none."""
    if view.claim is not None:
        return view.claim
    if not view.answers:
        return Claim(
            position=1,
            segment=0,
            form="P",
            patient_control_number=view.patient_control_number,
            charge_cents=view.charge_cents,
        )
    return _claim_from(view.answers[0])


def _claim_from(answer: AnswerForFhir) -> Claim:
    payment = answer.payment
    return Claim(
        position=payment.position,
        segment=payment.segment,
        form=_form_of(payment),
        patient_control_number=payment.patient_control_number,
        charge_cents=payment.charge_cents,
        facility_code=payment.facility_type,
        frequency=payment.frequency or "1",
        billing_provider=answer.payee,
        coverage=coverage_from(answer),
        service_from=payment.statement_from,
        service_to=payment.statement_to,
        lines=tuple(_line_from(service) for service in payment.services),
    )


def coverage_from(answer: AnswerForFhir) -> Coverage:
    """Give a coverage as far as a remittance shows it: the payer and the insured person."""
    insured = answer.payment.party("IL") or answer.payment.party("QC") or Party()
    return Coverage(payer=answer.payer, subscriber=insured)


def _form_of(payment: ClaimPayment) -> str:
    if any(service.procedure.qualifier == "AD" for service in payment.services):
        return "D"
    return "I" if any(service.revenue_code for service in payment.services) else "P"


def _line_from(service: ServicePayment) -> ServiceLine:
    return ServiceLine(
        position=service.position,
        segment=service.segment,
        number=str(service.position),
        procedure=service.submitted_procedure or service.procedure,
        charge_cents=service.charge_cents,
        revenue_code=service.revenue_code,
        units=service.submitted_units or service.units,
        service_from=service.service_from,
        service_to=service.service_to,
        line_control_number=service.line_control_number,
    )


def add_claim(register: Register, view: ClaimForFhir, patient: Node) -> Node:
    """Enter the Claim; gives the reference to it."""
    claim = claim_of(view)
    voided = claim.frequency == "8"
    resource = filled(
        resourceType="Claim",
        id=view.id,
        meta=None if view.claim is not None else _from_remittance(),
        identifier=[identifier(view.patient_control_number)],
        status="cancelled" if voided else "active",
        type=claim_type(claim),
        use="claim",
        patient=patient,
        provider=add_organization(register, claim.billing_provider),
        insurer=add_organization(register, claim.coverage.payer),
        priority=concept(coding(systems.PRIORITY, "normal")),
        billablePeriod=filled(start=claim.service_from, end=claim.service_to),
        related=related(claim.reference("F8")),
        careTeam=_care_team(claim),
        supportingInfo=_supporting(claim),
        diagnosis=[_diagnosis(n, d) for n, d in enumerate(claim.diagnoses, start=1)],
        procedure=_inpatient_procedures(claim),
        insurance=_insurance(register, claim, patient),
        item=[_item(n, line, claim) for n, line in enumerate(claim.lines, start=1)],
        total=money(view.charge_cents),
        **when("created", view.filed_date),
    )
    return register.add("claim", resource)


def claim_type(claim: Claim) -> Node:
    """Professional, institutional or oral."""
    return concept(coding(systems.CLAIM_TYPE, systems.CLAIM_TYPES.get(claim.form, "professional")))


def _from_remittance() -> Node:
    origin = {"system": "urn:medcollect:origin", "code": "remittance"}
    return {"tag": [{**origin, "display": "Rebuilt from the payer's answer; no 837 on file"}]}


def related(prior: str) -> list[Node]:
    """Give the payer's number of the claim that this one replaces or voids (REF*F8)."""
    relationship = concept(coding(systems.RELATED_CLAIM, "prior"))
    return [{"relationship": relationship, "reference": identifier(prior)}] if prior else []


#: Providers a claim may name (NM101), in words; each stands as a member of the care team.
_ROLES = {
    "82": "Rendering provider",
    "71": "Attending provider",
    "72": "Operating physician",
    "ZZ": "Other operating physician",
    "DN": "Referring provider",
    "P3": "Primary care provider",
    "DQ": "Supervising provider",
}


def _care_team(claim: Claim) -> list[Node]:
    members = [party for party in claim.parties if party.role in _ROLES]
    return [_member(n, party) for n, party in enumerate(members, start=1)]


def _member(sequence: int, party: Party) -> Node:
    system = systems.NPI if party.id_qualifier == "XX" else ""
    known = identifier(party.id, system=system) if party.id else None
    provider = filled(
        identifier=known, display=words(party.first_name, party.last_name) or "Unknown"
    )
    return {"sequence": sequence, "provider": provider, "role": {"text": _ROLES[party.role]}}


def _supporting(claim: Claim) -> list[Node]:
    """Frequency of the claim, type of bill, and what the patient has paid (AMT*F5)."""
    facts = [_frequency(claim.frequency)]
    if claim.form == "I" and claim.facility_code:
        bill = coding(systems.TYPE_OF_BILL, claim.facility_code + claim.frequency)
        kind = concept(coding(systems.CARIN_SUPPORTING_INFO, "typeofbill"))
        facts.append({"category": kind, "code": concept(bill)})
    if claim.patient_paid_cents is not None:
        paid = {"value": money(claim.patient_paid_cents)["value"], "unit": "USD"}
        amount = {**paid, "system": systems.CURRENCY, "code": "USD"}
        facts.append({"category": concept(text="Patient amount paid"), "valueQuantity": amount})
    return [{"sequence": n, **fact} for n, fact in enumerate(facts, start=1)]


def _frequency(code: str) -> Node:
    known = [coding(systems.CLAIM_FREQUENCY, code)] if code in {"1", "7", "8"} else []
    return {"category": concept(text="Claim frequency"), "code": concept(*known, text=code)}


#: A diagnosis or procedure that was sent without a code keeps its place.
_UNKNOWN = concept(coding(systems.ABSENT, "unknown"))


def _diagnosis(sequence: int, diagnosis: Diagnosis) -> Node:
    default = (systems.ICD_10_CM if diagnosis.qualifier.startswith("A") else systems.ICD_9_CM, "")
    system, kind = systems.DIAGNOSES.get(diagnosis.qualifier, default)
    present = diagnosis.present_on_admission.lower()
    return filled(
        sequence=sequence,
        diagnosisCodeableConcept=concept(icd(system, diagnosis.code)) or _UNKNOWN,
        type=[concept(coding(systems.DIAGNOSIS_TYPE, kind))] if kind else [],
        onAdmission=concept(coding(systems.ON_ADMISSION, present))
        if present in {"y", "n", "u", "w"}
        else None,
    )


def _inpatient_procedures(claim: Claim) -> list[Node]:
    known = [code for code in claim.codes if code.qualifier in systems.INPATIENT_PROCEDURES]
    return [
        {"sequence": n, "procedureCodeableConcept": _pcs(code)}
        for n, code in enumerate(known, start=1)
    ]


def _pcs(code: Diagnosis) -> Node:
    return concept(coding(systems.INPATIENT_PROCEDURES[code.qualifier], code.code)) or _UNKNOWN


def _insurance(register: Register, claim: Claim, patient: Node) -> list[Node]:
    """Every payer of the claim; the one it was sent to is the focal one."""
    coverages = [claim.coverage, *(other.coverage for other in claim.other_payers)]
    return [
        {
            "sequence": n,
            "focal": n == 1,
            "coverage": add_coverage(register, coverage, patient),
        }
        for n, coverage in enumerate(coverages, start=1)
    ]


def _item(sequence: int, line: ServiceLine, claim: Claim) -> Node:
    pointed = [int(p) for p in line.diagnosis_pointers if p.isdecimal()]
    place = line.place_of_service or (claim.facility_code if claim.form == "P" else "")
    return filled(
        sequence=sequence,
        diagnosisSequence=[p for p in pointed if 1 <= p <= len(claim.diagnoses)],
        revenue=line.revenue_code and concept(coding(systems.REVENUE, line.revenue_code)),
        productOrService=procedure(line.procedure),
        modifier=modifiers(line.procedure),
        locationCodeableConcept=place and concept(coding(systems.PLACE_OF_SERVICE, place)),
        quantity=quantity(line.units),
        net=money(line.charge_cents),
        detail=_drug(line.drug_code),
        **served(line.service_from, line.service_to),
    )


def _drug(code: str) -> list[Node]:
    """Give the drug of a line (LIN03) as its detail: the line itself is billed by HCPCS."""
    drug = concept(coding(systems.NDC, code))
    return [{"sequence": 1, "productOrService": drug}] if drug else []
