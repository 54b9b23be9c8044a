"""The bundle of one claim: every resource validated by fhir.resources before it leaves."""

from __future__ import annotations

import json
from typing import Any

from medcollect.fhir.answers import add_answer, add_payments
from medcollect.fhir.claims import add_claim
from medcollect.fhir.people import Register, add_patient
from medcollect.fhir.pieces import tidy
from medcollect.fhir.view import ClaimForFhir


def claim_bundle(view: ClaimForFhir) -> dict[str, Any]:
    """One claim as a FHIR R4B Bundle (``collection``), ready to be written as JSON.

    Holds the Claim, an ExplanationOfBenefit per payer's answer, a PaymentReconciliation per
    remittance and the Patient, Organization and Coverage resources they refer to. Amounts are
    JSON numbers, as FHIR demands, with exactly our cents.
    """
    register = Register(f"{view.id}:{view.patient_control_number}")
    patient = add_patient(register, view)
    claim = add_claim(register, view, patient)
    responses = {
        answer.id: add_answer(register, view, answer, claim, patient) for answer in view.answers
    }
    add_payments(register, view, claim, responses)
    return _validated(register)


def _validated(register: Register) -> dict[str, Any]:
    from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - heavy, needed here only

    entries = [
        {"fullUrl": register.url(key), "resource": tidy(resource)}
        for key, resource in sorted(register.resources.items(), key=_order)
    ]
    bundle = Bundle.model_validate({"type": "collection", "entry": entries})
    document: dict[str, Any] = json.loads(bundle.model_dump_json())
    return document


#: What a reader looks for comes first.
_FIRST = ("claim", "answer", "payment")


def _order(entry: tuple[str, object]) -> int:
    kind = entry[0].partition(":")[0]
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
