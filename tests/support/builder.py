"""Writes real 835 and 837 files from the plain records of :mod:`tests.support.specs`.

Everything is deterministic: the same records give the same bytes. A segment is a list of elements;
a tuple among them is a composite. ``Envelope`` sets delimiters, dates and control numbers;
``build_835`` and ``build_837`` make whole files; ``build_file`` puts several groups into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tests.support.specs import Claim, Practice, Remit, with_check_digit
from tests.support.write_claim import claim_transaction
from tests.support.write_remit import remit_transaction
from tests.support.write_segments import Segment, day8

VERSIONS = {
    "835": "005010X221A1",
    "P": "005010X222A1",
    "I": "005010X223A2",
    "D": "005010X224A2",
}
FUNCTIONS = {"835": "HP", "P": "HC", "I": "HC", "D": "HC"}

#: The invented practice that tests bill for when they name none.
PRACTICE = Practice(
    name="CEDAR HOLLOW FAMILY MEDICINE",
    npi=with_check_digit("123456789"),
    tax_id="999123456",
    doctor_last="HALVORSEN",
    doctor_first="INGRID",
    doctor_npi=with_check_digit("198765432"),
)


@dataclass(frozen=True)
class Envelope:
    """The ISA and GS around transactions, with the delimiters the file uses."""

    sender: str = "CLEARHOUSE01"
    receiver: str = "CEDARHOLLOW"
    day: date = date(2026, 2, 2)
    time: str = "0815"
    control: int = 1
    element: str = "*"
    component: str = ":"
    terminator: str = "~"
    repetition: str = "^"
    newline: str = "\n"
    usage: str = "P"
    closed: bool = True


@dataclass(frozen=True)
class Group:
    """One functional group: its kind (835, P, I or D) and its transactions' bodies."""

    kind: str
    bodies: tuple[tuple[Segment, ...], ...]


def remit_group(remits: Iterable[Remit], practice: Practice = PRACTICE) -> Group:
    """One GS with one ST per remit."""
    return Group("835", tuple(tuple(remit_transaction(r, practice)) for r in remits))


def claim_group(
    claims: Sequence[Claim], practice: Practice = PRACTICE, *, day: date, reference: str
) -> Group:
    """One GS with one ST for claims of one form."""
    form = claims[0].form
    body = claim_transaction(claims, practice, day=day, reference=reference)
    return Group(form, (tuple(body),))


def build_835(
    remits: Iterable[Remit], envelope: Envelope = Envelope(), practice: Practice = PRACTICE
) -> str:
    """An 835 file with one transaction per remit."""
    return build_file([remit_group(remits, practice)], envelope)


def build_837(
    claims: Sequence[Claim], envelope: Envelope = Envelope(), practice: Practice = PRACTICE
) -> str:
    """An 837 file with one transaction for the claims, which all have one form (P, I or D)."""
    reference = f"B{envelope.control:08d}"
    return build_file(
        [claim_group(claims, practice, day=envelope.day, reference=reference)], envelope
    )


def build_file(groups: Sequence[Group], envelope: Envelope = Envelope()) -> str:
    """One interchange around the groups; ST, SE, GS, GE and IEA counts are right."""
    segments: list[Segment] = []
    for number, group in enumerate(groups, 1):
        segments += _group_segments(group, envelope, number)
    end: list[Segment] = [["IEA", str(len(groups)), f"{envelope.control:09d}"]]
    return isa_text(envelope) + render(segments + (end if envelope.closed else []), envelope)


def render(segments: Iterable[Segment], envelope: Envelope = Envelope()) -> str:
    """Segments as text with the envelope's delimiters; empty elements at the end are left out."""
    return "".join(_text(s, envelope) + envelope.terminator + envelope.newline for s in segments)


def cut_after(text: str, marker: str, extra: int = 0) -> str:
    """The text up to and including the first marker and some characters more: a broken transfer."""
    return text[: text.index(marker) + len(marker) + extra]


def _text(segment: Segment, envelope: Envelope) -> str:
    elements = [
        envelope.component.join(element).rstrip(envelope.component)
        if isinstance(element, tuple)
        else element
        for element in segment
    ]
    return envelope.element.join(elements).rstrip(envelope.element)


def _group_segments(group: Group, envelope: Envelope, number: int) -> list[Segment]:
    version = VERSIONS[group.kind]
    control = str(envelope.control * 10 + number)
    function = FUNCTIONS[group.kind]
    where = [envelope.sender, envelope.receiver, day8(envelope.day), envelope.time]
    segments: list[Segment] = [["GS", function, *where, control, "X", version]]
    for index, body in enumerate(group.bodies, 1):
        kind, mark = ("835", []) if group.kind == "835" else ("837", [version])
        segments.append(["ST", kind, f"{index:04d}", *mark])
        segments += body
        segments.append(["SE", str(len(body) + 2), f"{index:04d}"])
    return [*segments, ["GE", str(len(group.bodies)), control]]


def isa_text(envelope: Envelope) -> str:
    """The ISA with its terminator."""
    elements = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        "ZZ",
        envelope.sender.ljust(15),
        "ZZ",
        envelope.receiver.ljust(15),
        day8(envelope.day)[2:],
        envelope.time,
        envelope.repetition,
        "00501",
        f"{envelope.control:09d}",
        "0",
        envelope.usage,
        envelope.component,
    ]
    return envelope.element.join(elements) + envelope.terminator + envelope.newline
