"""Checks the codes of a claim: procedures, modifiers, diagnoses, pointers, places, providers.

Rules: code_sources.md section 3 (form only where the list is licensed), claim_rules.md section 5.4
(ICD-9 or ICD-10 by date of service, for inpatient stays by the discharge date, from 2015-10-01 on
ICD-10) and 5.5 (pointers go to positions of HI). Findings name places, never a patient's codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from medcollect.codes import forms
from medcollect.codes.icd10 import is_complete_diagnosis
from medcollect.codes.tables import place_of_service
from medcollect.findings import Finding
from medcollect.model.claim import Claim, Diagnosis, ServiceLine
from medcollect.model.common import Procedure

#: The first day of ICD-10 (CMS transition rule).
ICD10_START: Final = date(2015, 10, 1)

#: Types of bill (first two digits) of stays, whose code set follows the discharge date.
_INPATIENT_BILLS: Final = frozenset({"11", "18", "21", "41"})

#: A position among at most twelve (dental: four) diagnoses; endless digits are no number.
_POINTER: Final = re.compile(r"[0-9]{1,2}")

#: SV107 counts these HI positions only; admitting and external-cause codes are not pointed at.
_POINTED_AT: Final = frozenset({"ABK", "ABF", "BK", "BF"})


def check_claim_codes(
    claim: Claim, transaction: int, *, lookup_icd10: bool = False
) -> list[Finding]:
    """Find codes of wrong form or for the wrong date in one claim.

    ``lookup_icd10`` also looks diagnoses up in ICD-10-CM, which takes seconds the first time.
    """
    return [
        *_place(claim, transaction),
        *_providers(claim, transaction),
        *_diagnoses(claim, transaction),
        *(_unknown_diagnoses(claim, transaction) if lookup_icd10 else ()),
        *_lines(claim, transaction),
    ]


def diagnosis_date(claim: Claim) -> date | None:
    """Give the day that decides the ICD version: discharge of a stay, else first service."""
    if claim.form == "I" and claim.facility_code[:2] in _INPATIENT_BILLS:
        return claim.discharge_date or claim.service_to or claim.service_from
    return claim.service_from or claim.service_to


def _diagnoses(claim: Claim, transaction: int) -> Iterator[Finding]:
    """Check code set by date, and form, of every ICD code of the claim."""
    here = (claim.segment, transaction)
    day = diagnosis_date(claim)
    coded = [*claim.diagnoses, *(c for c in claim.codes if _is_procedure(c))]
    for number, code in enumerate(coded, start=1):
        if day is not None and _is_icd10(code) != (day >= ICD10_START):
            right = "ICD-10" if day >= ICD10_START else "ICD-9"
            yield _warn(
                "icd-version",
                f"Medical code {number} ({code.qualifier}) is not {right}, as its date asks.",
                "ICD-10 applies from 2015-10-01 on, by service date (stays: discharge date).",
                here,
            )
        if not _has_form(code):
            yield _warn(
                "icd-form",
                f"Medical code {number} ({code.qualifier}) does not look like a code of its set.",
                "Correct the code before the claim is sent again.",
                here,
            )


_PROCEDURES: Final = forms.ICD10_PROCEDURE_QUALIFIERS | forms.ICD9_PROCEDURE_QUALIFIERS
_ICD10: Final = forms.ICD10_DIAGNOSIS_QUALIFIERS | forms.ICD10_PROCEDURE_QUALIFIERS


def _is_procedure(code: Diagnosis) -> bool:
    return code.qualifier in _PROCEDURES


def _is_icd10(code: Diagnosis) -> bool:
    return code.qualifier in _ICD10


def _has_form(code: Diagnosis) -> bool:
    if _is_procedure(code):
        return forms.is_icd_procedure_form(code.qualifier, code.code)
    return forms.is_icd_diagnosis_form(code.qualifier, code.code)


def _unknown_diagnoses(claim: Claim, transaction: int) -> Iterator[Finding]:
    """Check ICD-10 diagnoses against the current release; what it lacks is only a warning."""
    for number, code in enumerate(claim.diagnoses, start=1):
        if not _is_icd10(code) or not _has_form(code) or is_complete_diagnosis(code.code):
            continue
        yield _warn(
            "diagnosis-unknown",
            f"Diagnosis {number} is not a complete code of the current ICD-10-CM release.",
            "Check that it was valid, and fully specific, on the date of service.",
            (claim.segment, transaction),
        )


def _lines(claim: Claim, transaction: int) -> Iterator[Finding]:
    """Check the service lines."""
    positions = sum([code.qualifier in _POINTED_AT for code in claim.diagnoses])
    for line in claim.lines:
        yield from _line(claim, line, transaction, positions)


def _line(claim: Claim, line: ServiceLine, transaction: int, positions: int) -> Iterator[Finding]:
    """Check one service line: procedure, modifiers, place, pointers.

    ``positions`` of the claim's diagnoses can be pointed at.
    """
    here = (line.segment, transaction)
    yield from _procedure(claim.form, line.procedure, here)
    if line.place_of_service and place_of_service(line.place_of_service) is None:
        yield _unknown_place(here)
    for pointer in line.diagnosis_pointers:
        if not (_POINTER.fullmatch(pointer) and 1 <= int(pointer) <= positions):
            yield _warn(
                "diagnosis-pointer",
                f"A diagnosis pointer of line {line.number} points at no diagnosis of the claim.",
                "Point each line at positions of the claim's diagnoses (SV107, SV311).",
                here,
            )


def _procedure(form: str, procedure: Procedure, here: tuple[int, int]) -> Iterator[Finding]:
    """Check a procedure and its modifiers by form; an institutional line may have none."""
    missing = not procedure.code and form != "I"
    if missing or (
        procedure.code and not forms.is_procedure_form(procedure.qualifier, procedure.code)
    ):
        yield _warn(
            "procedure-form",
            "The procedure code is missing or does not have the form its qualifier asks for.",
            "Correct the code before the claim is sent again.",
            here,
        )
    for modifier in procedure.modifiers:
        if modifier and not forms.is_modifier_form(modifier):
            yield _warn(
                "modifier-form",
                "A modifier is not two letters or digits.",
                "Correct the modifier before the claim is sent again.",
                here,
            )


def _place(claim: Claim, transaction: int) -> Iterator[Finding]:
    """Check the place of service of professional and dental claims (CLM05-1)."""
    code = claim.facility_code
    if claim.form in {"P", "D"} and code and place_of_service(code) is None:
        yield _unknown_place((claim.segment, transaction))


def _unknown_place(here: tuple[int, int]) -> Finding:
    return _warn(
        "place-of-service-unknown",
        "The place of service is not in the CMS list.",
        "Correct the place of service before the claim is sent again.",
        here,
    )


def _providers(claim: Claim, transaction: int) -> Iterator[Finding]:
    """Check the NPI of every provider named on the claim or its lines."""
    named = [(party, claim.segment) for party in (claim.billing_provider, *claim.parties)]
    named += [(party, line.segment) for line in claim.lines for party in line.parties]
    for party, segment in named:
        if party.id_qualifier == "XX" and not forms.is_npi(party.id):
            yield _warn(
                "npi-check-digit",
                f"The NPI of provider {party.role} is not a valid NPI (check digit).",
                "Correct the provider's NPI in your system.",
                (segment, transaction),
            )


def _warn(code: str, message: str, action: str, here: tuple[int, int]) -> Finding:
    return Finding(code, "warning", message, action, *here)
