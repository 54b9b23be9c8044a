"""A claim with fields changed by a person, and what changed, element by element.

A field has a name in the words of the records (``line.2.modifiers``) and one place in the form's
segments; everything around it stays as it was sent. ``CLM02`` follows the charges of the lines.
"""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from medcollect.errors import BadRequest
from medcollect.money import parse_cents
from medcollect.x12.parts837 import Parts, after_references, component, element, put
from medcollect.x12.write import COMPONENT, Segment, amount, composite, day8

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Place(NamedTuple):
    """Where a field stands: segment, its qualifier (element 1), element, component (0: whole)."""

    segment: str
    element: int
    component: int = 0
    qualifier: str = ""
    #: A segment that may be added where there is none.
    may_be_new: bool = False


_LINE: Final = re.compile(r"line\.([0-9]{1,3})(?:\.(.+))?")
_NOTHING: Final = "none"
_MODIFIERS_MOST: Final = 4
_POINTERS_MOST: Final = 4
_DIAGNOSES_MOST: Final = {"P": 12, "D": 4, "I": 25}

#: Fields of loops 2300 and 2310.
_CLAIM: Final = {
    "number": _Place("CLM", 1),
    "place": _Place("CLM", 5, 1),
    "assignment": _Place("CLM", 7),
    "delay_reason": _Place("CLM", 20),
    "authorization": _Place("REF", 2, 0, "G1", may_be_new=True),
    "referral": _Place("REF", 2, 0, "9F", may_be_new=True),
    "clia": _Place("REF", 2, 0, "X4", may_be_new=True),
    "note": _Place("NTE", 2, 0, "ADD", may_be_new=True),
    "admission_type": _Place("CL1", 1),
    "admission_source": _Place("CL1", 2),
    "patient_status": _Place("CL1", 3),
    "rendering": _Place("NM1", 9, 0, "82"),
    "referring": _Place("NM1", 9, 0, "DN"),
    "supervising": _Place("NM1", 9, 0, "DQ"),
    "attending": _Place("NM1", 9, 0, "71"),
    "operating": _Place("NM1", 9, 0, "72"),
}

#: Fields of the subscriber loop, of the payer in it, and of the patient's loop.
_SUBSCRIBER: Final = {
    "member_id": _Place("NM1", 9, 0, "IL"),
    "group_number": _Place("SBR", 3),
    "group_name": _Place("SBR", 4),
    "insurance_type": _Place("SBR", 5),
    "filing_indicator": _Place("SBR", 9),
    "payer": _Place("NM1", 3, 0, "PR"),
    "payer_id": _Place("NM1", 9, 0, "PR"),
}
_PATIENT: Final = {
    "patient.last_name": _Place("NM1", 3),
    "patient.first_name": _Place("NM1", 4),
    "patient.middle_name": _Place("NM1", 5),
    "patient.birth_date": _Place("DMG", 2),
    "patient.gender": _Place("DMG", 3),
}

#: Fields of a line by form.
_LINES: Final = {
    "P": {
        "procedure": _Place("SV1", 1, 2),
        "charge": _Place("SV1", 2),
        "units": _Place("SV1", 4),
        "place": _Place("SV1", 5),
        "diagnoses": _Place("SV1", 7),
        "date": _Place("DTP", 3, 0, "472"),
        "note": _Place("NTE", 2, 0, "ADD", may_be_new=True),
    },
    "I": {
        "revenue_code": _Place("SV2", 1),
        "procedure": _Place("SV2", 2, 2),
        "charge": _Place("SV2", 3),
        "units": _Place("SV2", 5),
        "date": _Place("DTP", 3, 0, "472"),
    },
    "D": {
        "procedure": _Place("SV3", 1, 2),
        "charge": _Place("SV3", 2),
        "place": _Place("SV3", 3),
        "units": _Place("SV3", 6),
        "diagnoses": _Place("SV3", 11),
        "date": _Place("DTP", 3, 0, "472"),
    },
}
_MODIFIERS: Final = "modifiers"
_DRUG: Final = "drug"


def field_names(form: str) -> list[str]:
    """The names of every field that can be changed on a claim of this form."""
    lines = [*_LINES[form], _MODIFIERS, _DRUG]
    named = [*_CLAIM, "diagnoses", *_SUBSCRIBER, *_PATIENT]
    return [*named, "line.N", *(f"line.N.{name}" for name in lines)]


def with_fields(parts: Parts, fields: Mapping[str, str]) -> Parts:
    """The claim with these fields set; BadRequest names a field that it does not have.

    ``none`` takes a field away, ``line.2=none`` a line. Dates are ``2026-01-12``, or two of them
    with a slash between; modifiers, diagnoses and pointers are lists with commas.
    """
    new = parts.copy()
    removed: set[int] = set()
    for name, value in fields.items():
        text = "" if value.strip().lower() == _NOTHING else value.strip()
        line = _LINE.fullmatch(name)
        if line is not None:
            number = int(line[1])
            loop = _line(new, number, name)
            if line[2] is None:
                _insist(not text, name, "takes only none: it leaves the line out")
                removed.add(number)
            else:
                _set_on_line(new.form, loop, line[2], name, text)
        else:
            _set_on_claim(new, name, text)
    new.lines = [loop for at, loop in enumerate(new.lines, start=1) if at not in removed]
    _insist(bool(new.lines) or not parts.lines, "line", "cannot take the last line away")
    for number, loop in enumerate(new.lines, start=1):
        loop[0][1] = str(number) if removed else loop[0][1]
    if any(name.endswith(".charge") for name in fields) or removed:
        _add_up(new)
    _check_pointers(new)
    return new


def _insist(holds: bool, name: str, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise BadRequest(f"{name} {otherwise}.", "See --help for fields and examples.")


def _line(parts: Parts, number: int, name: str) -> list[Segment]:
    _insist(0 < number <= len(parts.lines), name, f"is no line: there are {len(parts.lines)}")
    return parts.lines[number - 1]


def _unknown(name: str, known: list[str]) -> BadRequest:
    close = get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
    return BadRequest(f"There is no field {name}.", hint)


def _set_on_claim(parts: Parts, name: str, text: str) -> None:
    if name == "diagnoses":
        _set_diagnoses(parts, text)
    elif name in _CLAIM:
        _set(parts.head, _CLAIM[name], name, text)
    elif name in _SUBSCRIBER:
        _set(_level(parts, ("22",), name), _SUBSCRIBER[name], name, text)
    elif name in _PATIENT:
        _set(_level(parts, ("23", "22"), name), _PATIENT[name], name, text)
    else:
        raise _unknown(name, field_names(parts.form))


def _level(parts: Parts, codes: tuple[str, ...], name: str) -> list[Segment]:
    found = (level for code in codes for level in parts.levels if element(level[0], 3) == code)
    level = next(found, None)
    if level is None:
        raise BadRequest(f"{name} has no loop on this claim.", "Write the claim where it was made.")
    return level


def _set_on_line(form: str, loop: list[Segment], field: str, name: str, text: str) -> None:
    places = _LINES[form]
    if field == _MODIFIERS:
        _set_modifiers(loop, places["procedure"], name, text)
    elif field == _DRUG:
        _set_drug(loop, name, text)
    elif field in places:
        _set(loop, places[field], name, text)
    else:
        raise _unknown(f"line.N.{field}", field_names(form))


def _set(segments: list[Segment], place: _Place, name: str, text: str) -> None:
    """Write one element; a date with its format, an amount as the guides want it."""
    segment = _find(segments, place)
    if segment is None:
        if not text:
            return
        if not place.may_be_new:
            raise BadRequest(
                f"{name} has no {place.segment} segment to stand in.",
                "What the claim does not have yet is added where it was made, or in the lines of "
                "medcollect segments.",
            )
        segment = [place.segment, place.qualifier, ""]
        segments.insert(_new_place(segments, place.segment), segment)
    if not text and place.may_be_new:
        segments.remove(segment)
        return
    leaf = name.rpartition(".")[2]
    value = _READ.get(leaf, _as_text)(name, text)
    if place.segment == "DTP":
        put(segment, 2, "RD8" if "-" in value else "D8")
    if place.component:
        inner = [*element(segment, place.element).split(COMPONENT)]
        inner += [""] * (place.component - len(inner))
        inner[place.component - 1] = value
        value = composite(*inner)
    put(segment, place.element, value)


def _find(segments: list[Segment], place: _Place) -> Segment | None:
    found = (
        s
        for s in segments
        if s[0] == place.segment and (not place.qualifier or element(s, 1) == place.qualifier)
    )
    return next(found, None)


def _new_place(segments: list[Segment], tag: str) -> int:
    """Where a new REF or NTE belongs: behind the REF of the claim, or those of the line."""
    if segments[0][0] == "CLM":
        at = after_references(segments)
        while tag == "NTE" and at < len(segments) and segments[at][0] in {"K3", "NTE"}:
            at += 1
        return at
    behind = ("PS1", "HCP", "LIN", "NM1", "SVD", "LQ")
    return next((i for i, s in enumerate(segments) if s[0] in behind), len(segments))


def _as_text(name: str, text: str) -> str:
    _insist(text.isprintable(), name, "holds a character that cannot be written")
    return text


def _as_amount(name: str, text: str) -> str:
    cents = parse_cents(text)
    if cents is None or cents < 0:
        raise BadRequest(f"{name} is no amount.", "Write it as 120.00.")
    return amount(cents)


def _as_day(name: str, text: str) -> str:
    try:
        days = [date.fromisoformat(day) for day in text.split("/")]
    except ValueError:
        days = []
    if not 1 <= len(days) <= 2:
        raise BadRequest(f"{name} is no date.", "Write 2026-01-12, or 2026-01-12/2026-01-14.")
    return "-".join(day8(day) for day in days)


def _as_pointers(name: str, text: str) -> str:
    found = _list(text)
    _insist(
        0 < len(found) <= _POINTERS_MOST and all(p.isdigit() for p in found),
        name,
        "takes up to four positions of the claim's diagnoses, such as 1,2",
    )
    return composite(*found)


_READ: Final[dict[str, Callable[[str, str], str]]] = {
    "charge": _as_amount,
    "date": _as_day,
    "birth_date": _as_day,
    "diagnoses": _as_pointers,
}


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.replace(":", ",").split(",") if part.strip()]


def _set_modifiers(loop: list[Segment], place: _Place, name: str, text: str) -> None:
    """Components 3 to 6 of the procedure; what stands behind them stays."""
    found = [modifier.upper() for modifier in _list(text)]
    _insist(
        len(found) <= _MODIFIERS_MOST and all(len(m) == 2 and m.isalnum() for m in found),
        name,
        "takes up to four modifiers of two characters, such as 25,59",
    )
    segment = _find(loop, place)
    if segment is None or not component(element(segment, place.element), 2):
        raise BadRequest(f"{name} has no procedure to belong to.", "Set its procedure first.")
    inner = [*element(segment, place.element).split(COMPONENT), *[""] * 6]
    padded = [*found, *[""] * (_MODIFIERS_MOST - len(found))]
    put(segment, place.element, composite(*inner[:2], *padded, *inner[6:]))


def _set_drug(loop: list[Segment], name: str, text: str) -> None:
    """LIN03, an NDC of eleven digits; a new one needs its quantity, which nobody can guess."""
    digits = text.replace("-", "")
    _insist(len(digits) == 11 and digits.isdigit(), name, "takes an NDC of eleven digits")
    _set(loop, _Place("LIN", 3), name, digits)


def _set_diagnoses(parts: Parts, text: str) -> None:
    """HI of the diagnoses, the first as principal; other HI stay."""
    codes = [code.replace(".", "").upper() for code in _list(text)]
    most = _DIAGNOSES_MOST[parts.form]
    _insist(0 < len(codes) <= most, "diagnoses", f"takes 1 to {most} codes, the first one leads")
    old = [s for s in parts.head if s[0] == "HI" and _leads(s)]
    nine = any(component(element(s, 1), 1) in {"BK", "BF"} for s in old)
    first, further = ("BK", "BF") if nine else ("ABK", "ABF")
    kept = {c: e for s in old for e in s[1:] if e for c in [component(e, 2)]}
    elements = [
        _diagnosis(first if at == 0 else further, code, kept.get(code, ""))
        for at, code in enumerate(codes)
    ]
    place = next((i for i, s in enumerate(parts.head) if s in old), None)
    at = after_references(parts.head) if place is None else place
    parts.head = [s for s in parts.head if not any(s is one for one in old)]
    runs = [elements[:1], elements[1:]] if parts.form == "I" else [elements]
    segments: list[Segment] = [
        ["HI", *run[start : start + 12]] for run in runs for start in range(0, len(run), 12)
    ]
    parts.head[at:at] = segments


def _leads(segment: Segment) -> bool:
    return component(element(segment, 1), 1) in {"ABK", "ABF", "BK", "BF"}


def _diagnosis(qualifier: str, code: str, was: str) -> str:
    """A diagnosis with what the claim said of it before (present on admission)."""
    return composite(qualifier, code, *was.split(COMPONENT)[2:])


def _add_up(parts: Parts) -> None:
    """CLM02 is the sum of the lines."""
    place = _LINES[parts.form]["charge"]
    charges = [_find(loop, place) or [] for loop in parts.lines]
    total = sum(parse_cents(element(segment, place.element)) or 0 for segment in charges)
    put(parts.head[0], 2, amount(total))


def _check_pointers(parts: Parts) -> None:
    place = _LINES[parts.form].get("diagnoses")
    if place is None:
        return
    known = sum(len(s) - 1 for s in parts.head if s[0] == "HI" and _leads(s))
    for number, loop in enumerate(parts.lines, start=1):
        segment = _find(loop, place)
        pointers = element(segment or [], place.element).split(COMPONENT)
        wrong = [p for p in pointers if p.isdigit() and not 0 < int(p) <= known]
        if wrong:
            raise BadRequest(
                f"Line {number} points to diagnosis {wrong[0]}, and the claim has {known}.",
                f"Set line.{number}.diagnoses as well.",
            )
