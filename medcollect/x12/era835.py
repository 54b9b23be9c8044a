"""The 835 (005010X221A1, 004010X091A1): from segments to header, claim payments and end.

One loop is held at a time. Every segment identifier has one function in a table; what has none
is carried raw. Positions are those of claim_rules.md section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medcollect.model.common import Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)
from medcollect.money import parse_cents
from medcollect.x12.values import (
    BLANKS,
    Context,
    PartyDraft,
    organisation_names,
    parse_date,
    parse_procedure,
    person_names,
    remark_codes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from medcollect.model.common import Adjustment, Procedure

#: CLP02 of 5010, and those of 4010 that old files still carry.
CLAIM_STATUSES: Final = frozenset(
    ("1", "2", "3", "4", "5", "10", "13", "15", "16", "17", "19", "20", "21", "22", "23", "25", "27")
)


class _Header:
    """Table 1 being read."""

    __slots__ = ("context", "fields", "parties", "party", "references", "unmodelled")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.fields: dict[str, list[str]] = {}
        self.parties: dict[str, PartyDraft] = {}
        self.party: PartyDraft | None = None
        self.references: list[Reference] = []
        self.unmodelled: list[RawSegment] = []

    def once(self, elements: list[str], number: int) -> bool:
        """BPR, TRN, CUR and DTM*405: the first one counts."""
        tag = elements[0]
        if tag == "DTM" and elements[1:2] != ["405"]:
            return False
        if tag in self.fields:
            self.context.report("segment-repeated", number, tag)
            return False
        self.fields[tag] = [*elements, *BLANKS]
        return True

    def start_party(self, elements: list[str], _number: int) -> bool:
        """N1: payer and payee have fields, others stay raw with what follows them."""
        self.party = PartyDraft(organisation_names(elements))
        return self.parties.setdefault(self.party.role, self.party) is self.party and (
            self.party.role in {"PR", "PE"}
        )

    def detail(self, elements: list[str], number: int) -> bool:
        """N3, N4 and REF belong to the party before them, a REF before any party to the header."""
        if self.party is not None:
            known = self.parties.get(self.party.role) is self.party
            return self.party.add(elements, number, self.context) and (
                known and self.party.role in {"PR", "PE"}
            )
        if elements[0] == "REF":
            elements += BLANKS[:2]
            self.references.append(Reference(elements[1], elements[2]))
            return True
        return False


_HEADER: Final[dict[str, Callable[[_Header, list[str], int], bool]]] = {
    "BPR": _Header.once,
    "TRN": _Header.once,
    "CUR": _Header.once,
    "DTM": _Header.once,
    "N1": _Header.start_party,
    "N3": _Header.detail,
    "N4": _Header.detail,
    "REF": _Header.detail,
}


def read_header(segments: list[str], first: int, context: Context) -> tuple[RemittanceHeader, int]:
    """Table 1, and how many of its amounts could not be read."""
    draft = _Header(context)
    for number, segment in enumerate(segments, first):
        elements = segment.split(context.element)
        handler = _HEADER.get(elements[0])
        if handler is None or not handler(draft, elements, number):
            draft.unmodelled.append(RawSegment(number, segment))
    for tag in ("BPR", "TRN"):
        if tag not in draft.fields:
            context.report("loop-missing", context.transaction.segment, tag)
    bpr = draft.fields.get("BPR", [*BLANKS])
    trn = draft.fields.get("TRN", BLANKS)
    cents = parse_cents(bpr[2])
    if cents is None and "BPR" in draft.fields:
        context.unreadable_amount(bpr[2], first + _index(segments, "BPR"), "BPR02")
    production = _header_date(draft, segments, first, "DTM", 2)
    group_date = context.transaction.envelope.group_date
    header = RemittanceHeader(
        transaction=context.transaction,
        handling=bpr[1],
        payment_cents=cents,
        credit_or_debit=bpr[3],
        payment_method=bpr[4],
        payment_date=_header_date(draft, segments, first, "BPR", 16) or production or group_date,
        trace_number=trn[2],
        payer_trace_id=trn[3],
        production_date=production,
        currency=draft.fields.get("CUR", BLANKS)[2],
        payer=_party(draft.parties.get("PR")),
        payee=_party(draft.parties.get("PE")),
        references=tuple(draft.references),
        segments=tuple(segments),
        unmodelled=tuple(draft.unmodelled),
    )
    return header, int(cents is None)


def _header_date(
    draft: _Header, segments: list[str], first: int, tag: str, position: int
) -> date | None:
    text = draft.fields.get(tag, BLANKS)[position]
    where = f"{tag}{position:02d}"
    return draft.context.date(text, first + _index(segments, tag), where)


def _index(segments: list[str], tag: str) -> int:
    return next((i for i, segment in enumerate(segments) if segment.startswith(tag)), 0)


def _party(draft: PartyDraft | None) -> Party:
    return draft.build() if draft else Party()


class _Target:
    """What a claim and a service line have in common while they are read."""

    __slots__ = ("adjustments", "amounts", "quantities", "references", "remarks", "unmodelled")

    def __init__(self) -> None:
        self.adjustments: list[Adjustment] = []
        self.references: list[Reference] = []
        self.amounts: list[Amount] = []
        self.quantities: list[Quantity] = []
        self.remarks: list[str] = []
        self.unmodelled: list[RawSegment] = []


class _Service(_Target):
    """An SVC loop being read."""

    __slots__ = ("elements", "end", "number", "rejects", "start")

    def __init__(self, elements: list[str], number: int) -> None:
        super().__init__()
        self.elements = elements
        self.number = number
        self.rejects: list[str] = []
        self.start: date | None = None
        self.end: date | None = None


class _Claim(_Target):
    """A CLP loop being read; ``target`` is the claim or its latest service line."""

    __slots__ = ("context", "dates", "parties", "services", "target", "unreadable")

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.target: _Target = self
        self.parties: list[Party] = []
        self.services: list[_Service] = []
        self.dates: dict[str, date | None] = {}
        self.unreadable = 0

    def cents(self, text: str, number: int, where: str) -> int:
        """A required amount; an unreadable or missing one counts and stands as zero."""
        cents = parse_cents(text)
        if cents is None:
            self.context.unreadable_amount(text, number, where)
            self.unreadable += 1
            return 0
        return cents


def _clp(_claim: _Claim, _elements: list[str], _number: int) -> bool:
    return True


def _svc(claim: _Claim, elements: list[str], number: int) -> bool:
    if len(elements) < 8:
        elements += BLANKS[:7]
    service = _Service(elements, number)
    claim.services.append(service)
    claim.target = service
    return True


def _cas(claim: _Claim, elements: list[str], number: int) -> bool:
    claim.unreadable += claim.context.adjustments(elements, number, claim.target.adjustments)
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
    claim.target.references.append(Reference(elements[1], elements[2]))
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
    target = claim.target
    if isinstance(target, _Service):
        if qualifier in {"472", "150"}:
            target.start = day
        if qualifier in {"472", "151"}:
            target.end = day
        return qualifier in {"472", "150", "151"}
    claim.dates[qualifier] = day
    return qualifier in _CLAIM_DATES


def _lq(claim: _Claim, elements: list[str], _number: int) -> bool:
    elements += BLANKS[:2]
    target, qualifier, code = claim.target, elements[1], elements[2]
    if qualifier == "HE":
        target.remarks.append(code)
        return True
    if qualifier == "RX" and isinstance(target, _Service):
        target.rejects.append(code)
        return True
    return False


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

    ``before`` holds the LX, TS3 and TS2 above it, which are carried raw.
    """
    claim = _Claim(context)
    claim.unmodelled += before
    separator = context.element
    for number, segment in enumerate(segments, first):
        elements = segment.split(separator)
        handler = _CLAIM.get(elements[0])
        if handler is None or not handler(claim, elements, number):
            claim.target.unmodelled.append(RawSegment(number, segment))
    clp = segments[0].split(separator)
    clp += BLANKS[:13]
    if not clp[1]:
        context.report("claim-number-missing", first, "CLP01")
    if clp[2] not in CLAIM_STATUSES:
        context.report("claim-status-unknown", first)
    charge = claim.cents(clp[3], first, "CLP03")
    paid = claim.cents(clp[4], first, "CLP04")
    responsibility = claim.cents(clp[5], first, "CLP05") if clp[5] else None
    services = tuple(
        [_service_payment(claim, service, i) for i, service in enumerate(claim.services, 1)]
    )
    days = claim.dates.get
    return ClaimPayment(
        position=position,
        segment=first,
        patient_control_number=clp[1],
        status=clp[2],
        charge_cents=charge,
        paid_cents=paid,
        patient_responsibility_cents=responsibility,
        filing_indicator=clp[6],
        payer_claim_control_number=clp[7],
        facility_type=clp[8],
        frequency=clp[9],
        adjustments=tuple(claim.adjustments),
        services=services,
        parties=tuple(claim.parties),
        remarks=tuple(claim.remarks),
        references=tuple(claim.references),
        amounts=tuple(claim.amounts),
        quantities=tuple(claim.quantities),
        statement_from=days("232"),
        statement_to=days("233"),
        received_date=days("050"),
        coverage_expiration=days("036"),
        drg_code=clp[11],
        unreadable=claim.unreadable,
        segments=tuple(segments),
        unmodelled=tuple(claim.unmodelled),
    )


def _service_payment(claim: _Claim, service: _Service, position: int) -> ServicePayment:
    e, number, component = service.elements, service.number, claim.context.component
    procedure = parse_procedure(e[1], component)
    submitted: Procedure | None = parse_procedure(e[6], component) if e[6] else None
    references = service.references
    return ServicePayment(
        position=position,
        segment=number,
        procedure=procedure,
        charge_cents=claim.cents(e[2], number, "SVC02"),
        paid_cents=claim.cents(e[3], number, "SVC03"),
        revenue_code=e[4] or (procedure.code if procedure.qualifier == "NU" else ""),
        units=e[5] or "1",
        submitted_procedure=submitted,
        submitted_units=e[7],
        service_from=service.start,
        service_to=service.end,
        adjustments=tuple(service.adjustments),
        line_control_number=next((r.value for r in references if r.qualifier == "6R"), ""),
        references=tuple(references),
        amounts=tuple(service.amounts),
        quantities=tuple(service.quantities),
        remarks=tuple(service.remarks),
        reject_codes=tuple(service.rejects),
        unmodelled=tuple(service.unmodelled),
    )


_PLB_PAIRS_END: Final = 15


class _Trailer:
    """What follows the last claim payment: PLB, and raw what should not be there."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.adjustments: list[ProviderAdjustment] = []
        self.segments: list[str] = []
        self.unmodelled: list[RawSegment] = []
        self.unreadable = 0

    def add(self, segments: list[str], first: int) -> None:
        """Take segments from a PLB on."""
        self.segments += segments
        for number, segment in enumerate(segments, first):
            elements = segment.split(self.context.element)
            if elements[0] == "PLB":
                self._plb(elements, number)
            else:
                self.unmodelled.append(RawSegment(number, segment))

    def _plb(self, elements: list[str], number: int) -> None:
        if any(elements[_PLB_PAIRS_END:]):
            self.context.report("elements-too-many", number, "PLB")
        end = min(len(elements), _PLB_PAIRS_END)
        elements += BLANKS
        period = self.context.date(elements[2], number, "PLB02")
        for index in range(3, end, 2):
            if elements[index] or elements[index + 1]:
                self._pair(elements, index, number, period)

    def _pair(self, elements: list[str], index: int, number: int, period: date | None) -> None:
        code, _, reference = elements[index].partition(self.context.component)
        if len(code) != 2:
            self.context.report("provider-adjustment-incomplete", number, f"PLB{index:02d}")
        text = elements[index + 1]
        cents = parse_cents(text)
        if cents is None:
            self.context.unreadable_amount(text, number, f"PLB{index + 1:02d}")
            self.unreadable += 1
        self.adjustments.append(
            ProviderAdjustment(
                len(self.adjustments) + 1, number, elements[1], period, code, reference, cents or 0
            )
        )


class RemittanceBody:
    """Reads one 835 transaction loop by loop; the reader hands it segments in file order."""

    boundaries: Final = frozenset(("CLP", "LX", "TS3", "TS2", "PLB"))

    def __init__(self, context: Context) -> None:
        self.context = context
        self._claims = 0
        self._between: list[RawSegment] = []
        self._trailer = _Trailer(context)
        self._unreadable = 0

    def read_loop(
        self, tag: str, segments: list[str], first: int
    ) -> Iterator[RemittanceHeader | ClaimPayment]:
        """Read one finished loop; ``tag`` is the boundary it began with, empty for table 1."""
        if tag == "CLP":
            self._claims += 1
            before, self._between = self._between, []
            yield read_claim_payment(segments, first, self._claims, self.context, before)
        elif tag == "PLB":
            self._trailer.add(segments, first)
        elif tag:
            self._between += [RawSegment(n, text) for n, text in enumerate(segments, first)]
        else:
            header, self._unreadable = read_header(segments, first, self.context)
            yield header

    def finish(
        self, fingerprint: str, segment_count: int, *, complete: bool
    ) -> Iterator[RemittanceEnd]:
        """The record that closes the transaction."""
        trailer = self._trailer
        yield RemittanceEnd(
            transaction=self.context.transaction,
            provider_adjustments=tuple(trailer.adjustments),
            fingerprint=fingerprint,
            complete=complete,
            segment_count=segment_count,
            unreadable=self._unreadable + trailer.unreadable,
            unmodelled=(*self._between, *trailer.unmodelled),
            segments=tuple(trailer.segments),
        )
