"""Judges codes by their form alone, where a licence forbids to ship the list (CPT, CDT, UB-04).

Rules: code_sources.md section 3 (shape of CPT, HCPCS level II, CDT; number ranges with generic
section names, ranges from memory and unverified), claim_rules.md section 5.4 (which HI qualifier
carries ICD-9 and which ICD-10).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: HI qualifiers of diagnoses, and those of procedures, by version of the code set.
ICD10_DIAGNOSIS_QUALIFIERS: Final = frozenset({"ABK", "ABF", "ABJ", "APR", "ABN"})
ICD9_DIAGNOSIS_QUALIFIERS: Final = frozenset({"BK", "BF", "BJ", "PR", "BN"})
ICD10_PROCEDURE_QUALIFIERS: Final = frozenset({"BBR", "BBQ"})
ICD9_PROCEDURE_QUALIFIERS: Final = frozenset({"BR", "BQ"})

#: What a procedure code must look like, by the qualifier of its composite (SVC01-1, SV101-1).
_PROCEDURE_FORMS: Final = {
    "HC": re.compile(r"\d{4}[0-9FTUM]|[A-CE-V]\d{4}|D\d{4}"),
    "AD": re.compile(r"D\d{4}"),
    "HP": re.compile(r"[A-Z0-9]{5}"),
    "N4": re.compile(r"\d{11}"),
    "NU": re.compile(r"\d{3,4}"),
}
_MODIFIER: Final = re.compile(r"[A-Z0-9]{2}")
_ICD10_DIAGNOSIS: Final = re.compile(r"[A-Z]\d[0-9A-Z]\.?[0-9A-Z]{0,4}")
_ICD9_DIAGNOSIS: Final = re.compile(r"(?:\d{3}|V\d{2})\.?\d{0,2}|E\d{3}\.?\d?")
_ICD10_PROCEDURE: Final = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_ICD9_PROCEDURE: Final = re.compile(r"\d{2}\.?\d{1,2}")
_NPI: Final = re.compile(r"[12]\d{9}")

#: Five-digit CPT ranges with generic names, then HCPCS letters.
_CPT_SECTIONS: Final = (
    (100, 1999, "anesthesia"),
    (10004, 69990, "surgery"),
    (70010, 79999, "radiology"),
    (80047, 89398, "pathology and laboratory"),
    (90281, 99199, "medicine"),
    (99202, 99499, "evaluation and management"),
    (99500, 99607, "medicine"),
)
_CPT_SUFFIXES: Final = {
    "F": "performance measurement",
    "T": "emerging technology",
    "U": "proprietary laboratory test",
    "M": "proprietary laboratory test",
}
_HCPCS_SECTIONS: Final = {
    "A": "ambulance and medical supplies",
    "D": "dental",
    "E": "durable medical equipment",
    "J": "drugs",
    "L": "orthotics and prosthetics",
    "P": "pathology and laboratory",
    "V": "vision and hearing",
}


def is_procedure_form(qualifier: str, code: str) -> bool:
    """Whether the code has the form its qualifier asks for; unknown qualifiers pass."""
    form = _PROCEDURE_FORMS.get(qualifier)
    return form is None or form.fullmatch(code) is not None


def is_modifier_form(modifier: str) -> bool:
    """Whether a modifier is two capital letters or digits."""
    return _MODIFIER.fullmatch(modifier) is not None


def is_icd_diagnosis_form(qualifier: str, code: str) -> bool:
    """Whether a diagnosis has the form of the code set its HI qualifier names."""
    form = _ICD10_DIAGNOSIS if qualifier in ICD10_DIAGNOSIS_QUALIFIERS else _ICD9_DIAGNOSIS
    return form.fullmatch(code) is not None


def is_icd_procedure_form(qualifier: str, code: str) -> bool:
    """Whether an inpatient procedure has the form of the code set its HI qualifier names."""
    form = _ICD10_PROCEDURE if qualifier in ICD10_PROCEDURE_QUALIFIERS else _ICD9_PROCEDURE
    return form.fullmatch(code) is not None


@lru_cache(maxsize=4096)
def is_npi(number: str) -> bool:
    """Whether a national provider identifier has ten digits and a right check digit.

    The check is Luhn's over the number with 80840 before it (45 CFR 162.406), which adds 24. An
    office's providers come back on every claim, so the last answers are kept.
    """
    if _NPI.fullmatch(number) is None:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (24 + sum(digits[0::2]) + sum(doubled)) % 10 == 0


def procedure_section(code: str) -> str:
    """Name the broad section a CPT, HCPCS or CDT code falls into; empty text when none fits.

    Only number ranges with generic names: the codes' own descriptions are licensed.
    """
    if not is_procedure_form("HC", code):
        return ""
    if code[0].isalpha():
        return _HCPCS_SECTIONS.get(code[0], "supplies and services")
    if code[4].isalpha():
        return _CPT_SUFFIXES[code[4]]
    number = int(code)
    return next((name for low, high, name in _CPT_SECTIONS if low <= number <= high), "")
