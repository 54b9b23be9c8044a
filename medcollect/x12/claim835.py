"""The claim payments of an 835: a CLP loop (2100) with its SVC loops (2110).

This is where reading a remittance spends its time, so the loop is read by one table of functions,
one per segment identifier, and the records are filled by position. What has no function is carried
raw. Positions are those of claim_rules.md section 2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medcollect.model.common import Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment
from medcollect.money import parse_cents
from medcollect.x12.values import (
    BLANKS,
    Context,
    parse_adjustment,
    parse_date,
    parse_procedure,
    person_names,
    remark_codes,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from medcollect.model.common import Adjustment

#: CLP02 of 5010, and those of 4010 that old files still carry.
CLAIM_STATUSES: Final = frozenset(
    (
        "1",
        "2",
        "3",
        "4",
        "5",
        "10",
        "13",
        "15",
        "16",
        "17",
        "19",
        "20",
        "21",
        "22",
        "23",
        "25",
        "27",
    )
)


class _Claim:
    """A CLP loop being read; ``service`` is its latest service line, ``target`` claim or line."""

    __slots__ = (
        "adjustments", "amounts", "context", "dates", "parties", "quantities", "references",
        "remarks", "service", "services", "target", "unmodelled", "unreadable",
    )  # fmt: skip

    def __init__(self, context: Context, before: list[RawSegment]) -> None:
        self.context = context
        self.target: _Claim | _Service = self
        self.service: _Service | None = None
        self.services: list[ServicePayment] = []
        self.parties: list[Party] = []
        self.dates: dict[str, date] = {}
        self.adjustments: list[Adjustment] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.quantities: list[Quantity] = []
        self.remarks: list[str] = []
        self.unmodelled = before
        self.unreadable = 0

    def unreadable_amount(self, text: str, number: int, where: str) -> int:
        """Report and count a required amount that stands as zero."""
        self.context.unreadable_amount(text, number, where)
        self.unreadable += 1
        return 0

    def cents(self, text: str, number: int, where: str) -> int:
        """A required amount."""
        cents = parse_cents(text)
        return self.unreadable_amount(text, number, where) if cents is None else cents

    def close_service(self) -> None:
        """Finish the service line that is open."""
        if self.service is not None:
            self.services.append(self.service.build(self))


class _Service:
    """An SVC loop being read."""

    __slots__ = (
        "adjustments", "amounts", "control_number", "elements", "end", "number", "quantities",
        "references", "rejects", "remarks", "start", "unmodelled",
    )  # fmt: skip

    def __init__(self, elements: list[str], number: int) -> None:
        self.elements = elements
        self.number = number
        self.start: date | None = None
        self.end: date | None = None
        self.control_number = ""
        self.adjustments: list[Adjustment] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.quantities: list[Quantity] = []
        self.remarks: list[str] = []
        self.rejects: list[str] = []
        self.unmodelled: list[RawSegment] = []

    def build(self, claim: _Claim) -> ServicePayment:
        """The finished record, filled by position: the order is that of ``ServicePayment``."""
        _, code, charge, paid, revenue, units, submitted, submitted_units = self.elements[:8]
        number, component = self.number, claim.context.component
        procedure = parse_procedure(code, component)
        return ServicePayment(
            len(claim.services) + 1,
            number,
            procedure,
            claim.cents(charge, number, "SVC02"),
            claim.cents(paid, number, "SVC03"),
            revenue or (procedure.code if procedure.qualifier == "NU" else ""),
            units or "1",
            parse_procedure(submitted, component) if submitted else None,
            submitted_units,
            self.start,
            self.end,
            tuple(self.adjustments),
            self.control_number,
            tuple(self.references),
            tuple(self.amounts),
            tuple(self.quantities),
            tuple(self.remarks),
            tuple(self.rejects),
            tuple(self.unmodelled),
        )


def _clp(_claim: _Claim, _elements: list[str], _number: int) -> bool:
    return True


def _svc(claim: _Claim, elements: list[str], number: int) -> bool:
    if len(elements) < 8:
        elements += BLANKS[:7]
    claim.close_service()
    claim.service = claim.target = _Service(elements, number)
    return True


def _cas(claim: _Claim, elements: list[str], number: int) -> bool:
    found = claim.target.adjustments
    if len(elements) == 4:  # nearly always: one reason, no quantity
        adjustment = parse_adjustment(elements[1], elements[2], elements[3], "")
        if adjustment is not None:
            found.append(adjustment)
            return True
    claim.unreadable += claim.context.adjustments(elements, number, found)
    return True


def _nm1(claim: _Claim, elements: list[str], _number: int) -> bool:
    claim.parties.append(Party(*person_names(elements)))
    return True


def _remarks(claim: _Claim, elements: list[str], _number: int) -> bool:
    claim.remarks += remark_codes(elements)
    return True


def _ref(claim: _Claim, elements: list[str], _number: int) -> bool:
    if len(elements) < 3:
        elements += BLANKS[:2]
    reference = Reference(elements[1], elements[2])
    claim.target.references.append(reference)
    service = claim.service
    if service is not None and reference.qualifier == "6R" and not service.control_number:
        service.control_number = reference.value
    return True


def _amt(claim: _Claim, elements: list[str], number: int) -> bool:
    return claim.context.amount(elements, number, claim.target.amounts)


def _qty(claim: _Claim, elements: list[str], _number: int) -> bool:
    elements += BLANKS[:2]
    claim.target.quantities.append(Quantity(elements[1], elements[2]))
    return True


_CLAIM_DATES: Final = frozenset(("232", "233", "050", "036"))


def _dtm(claim: _Claim, elements: list[str], number: int) -> bool:
    if len(elements) < 3:
        elements += BLANKS[:2]
    qualifier, day = elements[1], parse_date(elements[2])
    if day is None:
        claim.context.report("date-unreadable", number, "DTM02")
        return False
    service = claim.service
    if service is None:
        claim.dates[qualifier] = day
        return qualifier in _CLAIM_DATES
    if qualifier == "472":
        service.start = service.end = day
    elif qualifier == "150":
        service.start = day
    elif qualifier == "151":
        service.end = day
    else:
        return False
    return True


def _lq(claim: _Claim, elements: list[str], _number: int) -> bool:
    elements += BLANKS[:2]
    qualifier, code = elements[1], elements[2]
    if qualifier == "HE":
        claim.target.remarks.append(code)
    elif qualifier == "RX" and claim.service is not None:
        claim.service.rejects.append(code)
    else:
        return False
    return True


_CLAIM: Final[dict[str, Callable[[_Claim, list[str], int], bool]]] = {
    "CLP": _clp,
    "SVC": _svc,
    "CAS": _cas,
    "NM1": _nm1,
    "MIA": _remarks,
    "MOA": _remarks,
    "REF": _ref,
    "AMT": _amt,
    "QTY": _qty,
    "DTM": _dtm,
    "LQ": _lq,
}


def read_claim_payment(
    segments: list[str],
    first: int,
    position: int,
    context: Context,
    before: list[RawSegment],
) -> ClaimPayment:
    """One CLP loop; ``first`` is the number of its CLP, ``position`` counts the CLP.

    ``before`` holds the LX, TS3 and TS2 above it, which are carried raw. The record is filled by
    position: the order is that of ``ClaimPayment``.
    """
    claim = _Claim(context, before)
    separator, handlers, number = context.element, _CLAIM, first
    for segment in segments:
        elements = segment.split(separator)
        handler = handlers.get(elements[0])
        if handler is None or not handler(claim, elements, number):
            claim.target.unmodelled.append(RawSegment(number, segment))
        number += 1
    claim.close_service()
    e = segments[0].split(separator)
    e += BLANKS[:13]
    _check_identity(e, first, context)
    day = claim.dates.get
    return ClaimPayment(
        position,
        first,
        e[1],
        e[2],
        claim.cents(e[3], first, "CLP03"),
        claim.cents(e[4], first, "CLP04"),
        claim.cents(e[5], first, "CLP05") if e[5] else None,
        e[6],
        e[7],
        e[8],
        e[9],
        tuple(claim.adjustments),
        tuple(claim.services),
        tuple(claim.parties),
        tuple(claim.remarks),
        tuple(claim.references),
        tuple(claim.amounts),
        tuple(claim.quantities),
        day("232"),
        day("233"),
        day("050"),
        day("036"),
        e[11],
        claim.unreadable,
        tuple(segments),
        tuple(claim.unmodelled),
    )


def _check_identity(clp: list[str], number: int, context: Context) -> None:
    """CLP01 and CLP02 say which claim and what became of it."""
    if not clp[1]:
        context.report("claim-number-missing", number, "CLP01")
    if clp[2] not in CLAIM_STATUSES:
        context.report("claim-status-unknown", number)
