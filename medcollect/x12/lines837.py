"""The service lines of an 837: LX with SV1, SV2 or SV3, and what other payers decided on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medcollect.model.claim import LineAdjudication, ServiceLine
from medcollect.model.common import Procedure, RawSegment, Reference
from medcollect.x12.values import (
    BLANKS,
    PartyDraft,
    parse_procedure,
    person_names,
    read_cents,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from medcollect.model.common import Adjustment, Amount
    from medcollect.x12.claim837 import ClaimDraft


class ServicePositions(NamedTuple):
    """Where a service segment keeps what a line needs; 0 where it has no such element."""

    form: str
    procedure: int
    charge: int
    unit: int
    units: int
    place: int
    pointers: int
    revenue: int


#: SV1 professional, SV2 institutional, SV3 dental (claim_rules.md 5.5).
SERVICES: Final = {
    "SV1": ServicePositions("P", 1, 2, 3, 4, 5, 7, 0),
    "SV2": ServicePositions("I", 2, 3, 4, 5, 0, 0, 1),
    "SV3": ServicePositions("D", 1, 2, 0, 6, 3, 11, 0),
}


class _Adjudication:
    """An SVD loop (2430) being read."""

    __slots__ = ("adjustments", "amounts", "elements", "number", "paid_date")

    def __init__(self, elements: list[str], number: int) -> None:
        self.elements = elements
        self.number = number
        self.adjustments: list[Adjustment] = []
        self.amounts: list[Amount] = []
        self.paid_date: date | None = None


class LineDraft:
    """An LX loop (2400) being read."""

    __slots__ = (
        "adjudications", "amounts", "drug", "end", "line_number", "number", "parties", "party",
        "references", "service", "start", "unmodelled",
    )  # fmt: skip

    def __init__(self, line_number: str, number: int) -> None:
        self.line_number = line_number
        self.number = number
        self.service: list[str] | None = None
        self.start: date | None = None
        self.end: date | None = None
        self.drug = ""
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.parties: list[PartyDraft] = []
        self.party: PartyDraft | None = None
        self.adjudications: list[_Adjudication] = []
        self.unmodelled: list[RawSegment] = []


def _service(line: LineDraft, elements: list[str], _number: int, _claim: ClaimDraft) -> bool:
    elements += BLANKS
    line.service = elements
    return True


def _date(line: LineDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    elements += BLANKS[:4]
    if elements[1] == "472":
        line.start, line.end = claim.context.period(elements[3], number, "DTP03")
        return True
    if elements[1] == "573" and line.adjudications:
        days = claim.context.period(elements[3], number, "DTP03")
        line.adjudications[-1].paid_date = days[0]
        return True
    return False


def _reference(line: LineDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    if line.party is not None:
        return line.party.add(elements, number, claim.context)
    elements += BLANKS[:2]
    line.references.append(Reference(elements[1], elements[2]))
    return True


def _address(line: LineDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    return line.party is not None and line.party.add(elements, number, claim.context)


def _amount(line: LineDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    found = line.adjudications[-1].amounts if line.adjudications else line.amounts
    return claim.context.amount(elements, number, found)


def _drug(line: LineDraft, elements: list[str], _number: int, _claim: ClaimDraft) -> bool:
    elements += BLANKS[:4]
    line.drug = line.drug or elements[3]
    return True


def _party(line: LineDraft, elements: list[str], _number: int, _claim: ClaimDraft) -> bool:
    line.party = PartyDraft(person_names(elements))
    line.parties.append(line.party)
    return True


def _adjudication(line: LineDraft, elements: list[str], number: int, _claim: ClaimDraft) -> bool:
    elements += BLANKS[:7]
    line.adjudications.append(_Adjudication(elements, number))
    line.party = None
    return True


def _adjustment(line: LineDraft, elements: list[str], number: int, claim: ClaimDraft) -> bool:
    if not line.adjudications:
        return False
    found = line.adjudications[-1].adjustments
    claim.unreadable += claim.context.adjustments(elements, number, found)
    return True


LINE: Final[dict[str, Callable[[LineDraft, list[str], int, ClaimDraft], bool]]] = {
    "SV1": _service,
    "SV2": _service,
    "SV3": _service,
    "DTP": _date,
    "REF": _reference,
    "N3": _address,
    "N4": _address,
    "AMT": _amount,
    "LIN": _drug,
    "NM1": _party,
    "SVD": _adjudication,
    "CAS": _adjustment,
}


def build_line(line: LineDraft, position: int, claim: ClaimDraft) -> ServiceLine:
    """The finished line, which has a service segment; the order is that of ``ServiceLine``."""
    component = claim.context.component
    e: list[str] = line.service or ["SV1", *BLANKS]
    at = SERVICES[e[0]]
    charge = read_cents(e[at.charge])
    if charge is None:
        charge = claim.cents(e[at.charge], line.number, f"{e[0]}{at.charge:02d}")
    control_number = ""
    for reference in line.references:
        if reference.qualifier == "6R":
            control_number = reference.value
            break
    return ServiceLine(
        position,
        line.number,
        line.line_number,
        read_procedure(e[at.procedure], component),
        charge,
        e[at.revenue] if at.revenue else "",
        e[at.unit] if at.unit else "",
        e[at.units] or "1",
        e[at.place] if at.place else "",
        read_pointers(e[at.pointers], component) if at.pointers else (),
        line.start,
        line.end,
        control_number,
        tuple(line.references),
        tuple(line.amounts),
        tuple([_build_adjudication(a, claim) for a in line.adjudications]),
        line.drug,
        tuple([party.build() for party in line.parties]),
        tuple(line.unmodelled),
    )


def read_procedure(text: str, component: str) -> Procedure:
    """The procedure of a line, empty where there is none."""
    return parse_procedure(text, component) if text else Procedure("", "")


def read_pointers(text: str, component: str) -> tuple[str, ...]:
    """The diagnosis pointers of a line."""
    return tuple(filter(None, text.split(component)))


def _build_adjudication(draft: _Adjudication, claim: ClaimDraft) -> LineAdjudication:
    e = draft.elements
    return LineAdjudication(
        payer_id=e[1],
        paid_cents=claim.cents(e[2], draft.number, "SVD02"),
        procedure=read_procedure(e[3], claim.context.component),
        units=e[5],
        bundled_line=e[6],
        adjustments=tuple(draft.adjustments),
        paid_date=draft.paid_date,
        amounts=tuple(draft.amounts),
    )
