"""The 837 (005010X222A1, X223A2, X224A2; 004010X098, X096, X097): from segments to claims.

One CLM loop is held at a time, beside the HL loops above it (parents837.py); its lines are read by
lines837.py. Positions are those of claim_rules.md section 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medcollect.model.claim import Claim, Diagnosis, OtherPayer, ServiceLine
from medcollect.model.common import Amount, Party, Quantity, RawSegment, Reference
from medcollect.x12.lines837 import LINE, SERVICES, LineDraft, build_line
from medcollect.x12.payers837 import PAYER, PayerDraft, build_payer
from medcollect.x12.values import (
    BLANKS,
    Context,
    PartyDraft,
    person_names,
    read_cents,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from medcollect.x12.parents837 import Parents

#: HI qualifiers of diagnoses, ICD-10 and ICD-9; every other HI is a code of another kind.
DIAGNOSES: Final = frozenset(("ABK", "BK", "ABF", "BF", "ABJ", "BJ", "APR", "PR", "ABN", "BN"))
_PRESENT_ON_ADMISSION: Final = 8
_NO_DAYS: Final = (None, None)


class ClaimDraft:
    """A CLM loop being read; ``payer`` and ``line`` are the loops that are open in it."""

    __slots__ = (
        "amounts", "context", "dates", "diagnoses", "line", "lines", "other_codes", "parties",
        "party", "patient_paid", "payer", "payers", "quantities", "references", "unmodelled",
        "unreadable",
    )  # fmt: skip

    def __init__(self, context: Context) -> None:
        self.context = context
        self.amounts: list[Amount] = []
        self.dates: dict[str, tuple[date | None, date | None]] = {}
        self.diagnoses: list[Diagnosis] = []
        self.other_codes: list[Diagnosis] = []
        self.parties: list[PartyDraft] = []
        self.party: PartyDraft | None = None
        self.patient_paid: int | None = None
        self.payer: PayerDraft | None = None
        self.payers: list[PayerDraft] = []
        self.line: LineDraft | None = None
        self.lines: list[LineDraft] = []
        self.quantities: list[Quantity] = []
        self.references: list[Reference] = []
        self.unmodelled: list[RawSegment] = []
        self.unreadable = 0

    def cents(self, text: str, number: int, where: str) -> int:
        """A required amount; an unreadable or missing one counts and stands as zero."""
        cents = read_cents(text)
        if cents is None:
            self.context.unreadable_amount(text, number, where)
            self.unreadable += 1
            return 0
        return cents

    def start_line(self, line_number: str, number: int) -> LineDraft:
        """Open a service line."""
        self.line = LineDraft(line_number, number)
        self.lines.append(self.line)
        return self.line

    def take(self, elements: list[str], number: int) -> bool:
        """Give a segment to the innermost loop that is open; false when nothing models it."""
        tag = elements[0]
        if tag == "LX":
            self.start_line(elements[1] if len(elements) > 1 else "", number)
            return True
        if tag in SERVICES and (self.line is None or self.line.service is not None):
            self.context.report("loop-missing", number, "LX of the line")
            self.start_line("", number)
        if self.line is not None:
            line_handler = LINE.get(tag)
            return line_handler is not None and line_handler(self.line, elements, number, self)
        if tag == "SBR":
            self.payer = PayerDraft([*elements, *BLANKS])
            self.payers.append(self.payer)
            return True
        if self.payer is not None:
            payer_handler = PAYER.get(tag)
            return payer_handler is not None and payer_handler(self.payer, elements, number, self)
        handler = _CLAIM.get(tag)
        return handler is not None and handler(self, elements, number)

    def take_all(self, segments: list[str], first: int) -> None:
        """Give every segment of the loop to the draft; most belong to the line that is open."""
        separator, take, line = self.context.element, self.take, self.line
        for number, segment in enumerate(segments, first):
            elements = segment.split(separator)
            if line is not None and (handler := _IN_LINE.get(elements[0])) is not None:
                known = handler(line, elements, number, self)
            else:
                known = take(elements, number)
                line = self.line
            if not known:
                self.leave_raw(number, segment)

    def drop_bare_lines(self, segments: list[str], first: int) -> None:
        """An LX without SV1, SV2 or SV3 is no service line: report it and carry its loop raw."""
        ends = [line.number for line in self.lines[1:]] + [first + len(segments)]
        for line, end in zip(self.lines, ends, strict=True):
            if line.service is None:
                self.context.report("loop-missing", line.number, "SV1, SV2 or SV3 of the line")
                raw = segments[line.number - first : end - first]
                self.unmodelled += [RawSegment(n, t) for n, t in enumerate(raw, line.number)]
        self.lines = [line for line in self.lines if line.service is not None]

    def leave_raw(self, number: int, text: str) -> None:
        """Carry a segment as it stood, on the nearest loop."""
        target = self.line.unmodelled if self.line is not None else self.unmodelled
        target.append(RawSegment(number, text))


# -- the claim itself (2300, 2310) ---------------------------------------------------------------


def _clm(_claim: ClaimDraft, _elements: list[str], _number: int) -> bool:
    return True


_CLAIM_DATES: Final = frozenset(("434", "472", "435", "096"))


def _claim_date(claim: ClaimDraft, elements: list[str], number: int) -> bool:
    elements += BLANKS[:4]
    qualifier = elements[1]
    if qualifier not in _CLAIM_DATES or elements[2] == "TM":
        return False
    claim.dates[qualifier] = claim.context.period(elements[3], number, "DTP03")
    return True


def _claim_reference(claim: ClaimDraft, elements: list[str], number: int) -> bool:
    if claim.party is not None:
        return claim.party.add(elements, number, claim.context)
    elements += BLANKS[:2]
    claim.references.append(Reference(elements[1], elements[2]))
    return True


def _claim_amount(claim: ClaimDraft, elements: list[str], number: int) -> bool:
    known = claim.context.amount(elements, number, claim.amounts)
    if elements[1] == "F5":
        claim.unreadable += not known
        if known and claim.patient_paid is None:
            claim.patient_paid = claim.amounts[-1].cents
    return known


def _claim_quantity(claim: ClaimDraft, elements: list[str], _number: int) -> bool:
    elements += BLANKS[:2]
    claim.quantities.append(Quantity(elements[1], elements[2]))
    return True


def _codes(claim: ClaimDraft, elements: list[str], _number: int) -> bool:
    """HI: up to twelve composites of qualifier and code; component 9 is present on admission."""
    for composite in elements[1:]:
        parts = composite.split(claim.context.component)
        if len(parts) < 2:
            continue
        admission = parts[_PRESENT_ON_ADMISSION] if len(parts) > _PRESENT_ON_ADMISSION else ""
        target = claim.diagnoses if parts[0] in DIAGNOSES else claim.other_codes
        target.append(Diagnosis(parts[0], parts[1], admission))
    return True


def _claim_party(claim: ClaimDraft, elements: list[str], _number: int) -> bool:
    claim.party = PartyDraft(person_names(elements))
    claim.parties.append(claim.party)
    return True


def _claim_address(claim: ClaimDraft, elements: list[str], number: int) -> bool:
    return claim.party is not None and claim.party.add(elements, number, claim.context)


_CLAIM: Final[dict[str, Callable[[ClaimDraft, list[str], int], bool]]] = {
    "CLM": _clm,
    "DTP": _claim_date,
    "REF": _claim_reference,
    "AMT": _claim_amount,
    "QTY": _claim_quantity,
    "HI": _codes,
    "NM1": _claim_party,
    "N3": _claim_address,
    "N4": _claim_address,
}


#: Segments of a line that cannot open another one.
_IN_LINE: Final = {tag: handler for tag, handler in LINE.items() if tag not in SERVICES}

# -- the finished claim --------------------------------------------------------------------------


class ClaimFacts(NamedTuple):
    """What the segments of the claim itself say (2300)."""

    diagnoses: tuple[Diagnosis, ...]
    codes: tuple[Diagnosis, ...]
    dates: dict[str, tuple[date | None, date | None]]
    patient_paid: int | None
    references: tuple[Reference, ...]
    amounts: tuple[Amount, ...]
    quantities: tuple[Quantity, ...]


class Others(NamedTuple):
    """Who else is named before the first line: providers (2310), other payers (2320, 2330)."""

    payers: tuple[OtherPayer, ...]
    parties: tuple[Party, ...]


def build_facts(draft: ClaimDraft) -> ClaimFacts:
    """What was read of the claim itself."""
    return ClaimFacts(
        tuple(draft.diagnoses),
        tuple(draft.other_codes),
        draft.dates,
        draft.patient_paid,
        tuple(draft.references),
        tuple(draft.amounts),
        tuple(draft.quantities),
    )


def build_others(draft: ClaimDraft) -> Others:
    """What was read of others."""
    payers = tuple([build_payer(payer) for payer in draft.payers])
    return Others(payers, tuple([party.build() for party in draft.parties]))


def read_claim(
    segments: list[str], first: int, position: int, form: str, parents: Parents, context: Context
) -> Claim:
    """One CLM loop; ``first`` is the number of its CLM, ``form`` that of the version, if known."""
    draft = ClaimDraft(context)
    draft.unmodelled += parents.take_orphans()
    draft.take_all(segments, first)
    if None in [line.service for line in draft.lines]:
        draft.drop_bare_lines(segments, first)
    clm = segments[0].split(context.element)
    clm += BLANKS[:8]
    if not clm[1]:
        context.report("claim-number-missing", first, "CLM01")
    place, kind, frequency = facility(clm[5], context.component)
    charge = draft.cents(clm[2], first, "CLM02")
    lines = tuple([build_line(line, i, draft) for i, line in enumerate(draft.lines, 1)])
    return build_claim(
        (
            position,
            first,
            form or _form_seen(draft, kind),
            clm[1],
            charge,
            place,
            frequency,
            clm[7],
        ),
        parents,
        build_facts(draft),
        build_others(draft),
        lines,
        draft.unreadable,
        tuple(segments),
        tuple(draft.unmodelled),
    )


def read_line(
    segments: list[str], first: int, position: int, context: Context
) -> ServiceLine | None:
    """One LX loop by itself, ``None`` when anything about it would be reported."""
    apart = Context(context.transaction, [])
    draft = ClaimDraft(apart)
    draft.take_all(segments, first)
    if apart.findings or len(draft.lines) != 1 or draft.lines[0].service is None:
        return None
    line = build_line(draft.lines[0], position, draft)
    return None if apart.findings else line


def facility(text: str, component: str) -> tuple[str, str, str]:
    """CLM05: place of service or type of bill, which of them (A is a type of bill), frequency."""
    place, kind, frequency, *_ = *text.split(component), "", "", ""
    return place, kind, frequency or "1"


def build_claim(
    start: tuple[int, int, str, str, int, str, str, str],
    parents: Parents,
    facts: ClaimFacts,
    others: Others,
    lines: tuple[ServiceLine, ...],
    unreadable: int,
    segments: tuple[str, ...],
    unmodelled: tuple[RawSegment, ...],
) -> Claim:
    """The record, by position in the order of ``Claim``, which begins with ``start``."""
    diagnoses, codes, dates, patient_paid, references, amounts, quantities = facts
    service_from, service_to = _service_dates(dates, lines)
    return Claim(
        *start,
        parents.billing_provider,
        parents.billing_taxonomy,
        parents.coverage,
        parents.patient,
        others.payers,
        diagnoses,
        codes,
        service_from,
        service_to,
        dates.get("435", _NO_DAYS)[0],
        dates.get("096", _NO_DAYS)[0],
        patient_paid,
        others.parties + parents.pay_to,
        references,
        amounts,
        quantities,
        lines,
        unreadable,
        segments,
        parents.segments,
        unmodelled,
    )


def _form_seen(draft: ClaimDraft, facility_qualifier: str) -> str:
    """The form by the service segments, else by CLM05-2 (A is a type of bill)."""
    for line in draft.lines:
        if line.service is not None:
            return SERVICES[line.service[0]].form
    return "I" if facility_qualifier == "A" else "P"


def _service_dates(
    dates: dict[str, tuple[date | None, date | None]], lines: tuple[ServiceLine, ...]
) -> tuple[date | None, date | None]:
    """DTP*434 or 472 of the claim, else the earliest and the latest day of its lines."""
    for qualifier in ("434", "472") if dates else ():
        if dates.get(qualifier, _NO_DAYS)[0] is not None:
            return dates[qualifier]
    if len(lines) == 1:
        return lines[0].service_from, lines[0].service_to
    starts = [line.service_from for line in lines]
    ends = [line.service_to for line in lines]
    return min(filter(None, starts), default=None), max(filter(None, ends), default=None)
