"""Small FHIR data types from our values: money, codes, identifiers, references, dates.

Money is written from whole cents as an exact decimal with two places, never from a float.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from medcollect.fhir import systems
from medcollect.model.common import Procedure

Node = dict[str, Any]

#: White space that FHIR's strings may not hold (no-break space, control characters and such).
_ODD_BLANK: Final = re.compile(r"[^\S \t\r\n]")

#: CPT Category I codes are five digits; II, III, PLA and MAAA end in one of these letters.
_CPT: Final = re.compile(r"[0-9]{4}[0-9FTUM]")


def filled(**values: Any) -> Node:
    """Keep only the values that are there: FHIR forbids empty text, empty lists and nulls."""
    return {name: value for name, value in values.items() if not _empty(value)}


def _empty(value: object) -> bool:
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())


def tidy(value: Any) -> Any:
    """Give a resource without what FHIR refuses in text: odd blanks become spaces, blanks go."""
    if isinstance(value, str):
        return _ODD_BLANK.sub(" ", value)
    if isinstance(value, list):
        return [tidied for tidied in map(tidy, value) if not _empty(tidied)]
    if isinstance(value, dict):
        return filled(**{name: tidy(item) for name, item in value.items()})
    return value


def words(*parts: str) -> str:
    """Join the parts of a name that are there."""
    return " ".join(" ".join(parts).split())


def money(cents: int) -> Node:
    """Whole cents as FHIR Money in US dollars."""
    return {"value": Decimal(cents).scaleb(-2), "currency": "USD"}


def coding(system: str, code: str) -> Node:
    """Give one code in its system; blanks as sent are no part of a code."""
    return {"system": system, "code": " ".join(code.split())}


def concept(*codings: Node, text: str = "") -> Node:
    """Give one concept by one or more codings, with words where there are any."""
    return filled(coding=[known for known in codings if known["code"]], text=text)


def identifier(value: str, *, system: str = "", kind: str = "") -> Node:
    """Give a business identifier; ``kind`` is its code in HL7 table 0203 (``MB`` member number)."""
    kinds = concept(coding(systems.IDENTIFIER_TYPE, kind)) if kind else None
    return filled(system=system, type=kinds, value=value)


def number(text: str) -> Decimal | None:
    """Give a quantity as sent, exact; ``None`` when it is no finite number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def quantity(text: str) -> Node | None:
    """Give a quantity element, or nothing when the text is no number."""
    value = number(text)
    return None if value is None else {"value": value}


def when(name: str, value: date | None) -> Node:
    """Give a required date under ``name``; FHIR's own "unknown" mark where we have none."""
    if value is not None:
        return {name: value}
    unknown = {"url": systems.ABSENT_EXTENSION, "valueCode": "unknown"}
    return {f"_{name}": {"extension": [unknown]}}


def served(start: date | None, end: date | None) -> Node:
    """Give the service date of a line: one day, or a period."""
    if start is None:
        return {}
    if end is None or end == start:
        return {"servicedDate": start}
    return {"servicedPeriod": {"start": start, "end": end}}


def procedure_system(procedure: Procedure) -> str:
    """Give the system of a procedure code: by qualifier; CPT and HCPCS are told apart by form."""
    known = systems.PROCEDURES.get(procedure.qualifier)
    if known:
        return known
    return systems.CPT if _CPT.fullmatch(procedure.code) else systems.HCPCS


def procedure(value: Procedure) -> Node:
    """Give a procedure as a concept; lines without a code (revenue code only) say so."""
    if not value.code.strip():
        return concept(coding(systems.ABSENT, "not-applicable"))
    return concept(coding(procedure_system(value), value.code), text=value.description)


def modifiers(value: Procedure) -> list[Node]:
    """Give the modifiers of a procedure: two digits or CPT's own letters are CPT, others HCPCS."""
    return [
        concept(coding(_modifier_system(code), code)) for code in value.modifiers if code.strip()
    ]


def _modifier_system(code: str) -> str:
    return systems.CPT if code.isdigit() or re.fullmatch(r"P[1-6]|[1-4]P", code) else systems.HCPCS


def icd(system: str, code: str) -> Node:
    """Give an ICD code with the point that files leave out and FHIR asks for."""
    return coding(system, _with_point(system, code))


def _with_point(system: str, code: str) -> str:
    head = 4 if system == systems.ICD_9_CM and code.startswith("E") else 3
    if "." in code or len(code) <= head:
        return code
    return f"{code[:head]}.{code[head:]}"
