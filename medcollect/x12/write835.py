"""Remittances as an 835 (005010X221A1): from the records, for tests and clearinghouses.

A part that was read and not changed since (header, claim payment, PLB) is written from its own
segments, so nothing is lost; any other from its fields, in the guide's order (claim_rules.md
section 2). Which it is, is found by reading back what would be written.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from medcollect.model.remittance import ClaimPayment, Remittance, RemittanceEnd, RemittanceHeader
from medcollect.x12.values import REMARK_POSITIONS, remark_codes
from medcollect.x12.write import (
    Body,
    OutgoingEnvelope,
    Segment,
    address_segments,
    adjustment_segments,
    amount,
    composite,
    day8,
    facts_of,
    from_raw,
    name_segment,
    places_of,
    read_back,
    reference_segments,
    with_unmodelled,
    write_file,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from medcollect.model.common import Delimiters, Party, Procedure, RawSegment
    from medcollect.model.remittance import ProviderAdjustment, ServicePayment

VERSION: Final = "005010X221A1"
_PLB_PAIRS: Final = 6
#: Roles in the order of loop 2100.
_ROLES: Final = ("QC", "IL", "74", "82", "TT", "PR", "GB")


def write_835(remittances: Iterable[Remittance], envelope: OutgoingEnvelope) -> str:
    """Write remittances as one file: an ST for each, counts and control numbers right.

    Raises BadRequest where a value cannot stand in a file with these separators.
    """
    return write_file([_body(remittance, envelope) for remittance in remittances], envelope)


def _body(remittance: Remittance, envelope: OutgoingEnvelope) -> Body:
    header, end = remittance.header, remittance.end
    version = header.transaction.version or VERSION
    marks = header.transaction.envelope.delimiters
    same_header, same_payments, same_end = _unchanged(remittance, version, marks)
    raw = [from_raw(text, marks) for text in header.segments]
    segments = raw if same_header else _header(header, raw, envelope)
    for payment, same in zip(remittance.claim_payments, same_payments, strict=True):
        segments += _before(payment, marks)
        loop = [from_raw(text, marks) for text in payment.segments]
        segments += loop if same else _claim_payment(payment, loop)
    held = set(end.segments)
    segments += [from_raw(raw.text, marks) for raw in end.unmodelled if raw.text not in held]
    trailer = [from_raw(text, marks) for text in end.segments]
    segments += trailer if same_end else _trailer(end.provider_adjustments)
    return Body("835", version, segments)


def _unchanged(
    remittance: Remittance, version: str, marks: Delimiters
) -> tuple[bool, list[bool], bool]:
    """Which parts read back from their segments as they are: header, each payment, end."""
    payments = remittance.claim_payments
    header = [from_raw(text, marks) for text in remittance.header.segments]
    loops = [[from_raw(text, marks) for text in payment.segments] for payment in payments]
    trailer = [from_raw(text, marks) for text in remittance.end.segments]
    whole = [*header, *(segment for loop in loops for segment in loop), *trailer]
    read = read_back("835", version, whole)
    headers = [d for d in read if isinstance(d, RemittanceHeader)]
    read_payments = iter([d for d in read if isinstance(d, ClaimPayment)])
    ends = [d for d in read if isinstance(d, RemittanceEnd)]
    same = []
    for payment in payments:
        found = next(read_payments, None) if payment.segments else None
        same.append(facts_of(found) == facts_of(payment, marks))
    same_header = bool(header) and [facts_of(h) for h in headers] == [
        facts_of(remittance.header, marks)
    ]
    same_end = [facts_of(e.provider_adjustments) for e in ends] == [
        facts_of(remittance.provider_adjustments, marks)
    ]
    return same_header, same, same_end


# -- table 1 -------------------------------------------------------------------------------------


def _header(
    header: RemittanceHeader, raw: Sequence[Segment], envelope: OutgoingEnvelope
) -> list[Segment]:
    """BPR to the end of 1000B."""
    paid = header.payment_cents or 0
    method = header.payment_method or ("CHK" if paid else "NON")
    handling = header.handling or ("I" if paid else "H")
    bpr: Segment = ["BPR", handling, amount(paid), header.credit_or_debit or "C", method]
    segments: list[Segment] = [[*bpr, *[None] * 11, day8(header.payment_date)]]
    segments.append(["TRN", "1", header.trace_number, header.payer_trace_id])
    if header.currency:
        segments.append(["CUR", "PR", header.currency])
    segments += reference_segments(header.references)
    if header.production_date:
        segments.append(["DTM", "405", day8(header.production_date)])
    segments += _organisation("PR", header.payer)
    named = any(segment[0] == "PER" and segment[1:2] == ["BL"] for segment in raw)
    if not named and not header.transaction.version.startswith("004"):
        segments.append(_technical_contact(header, envelope))
    segments += _organisation("PE", header.payee)
    first = header.transaction.segment + 1
    return with_unmodelled(segments, raw, places_of(header.unmodelled, first, len(raw)))


def _organisation(role: str, party: Party) -> list[Segment]:
    name: Segment = ["N1", party.role or role, party.last_name, party.id_qualifier, party.id]
    return [name, *address_segments(party), *reference_segments(party.references)]


def _technical_contact(header: RemittanceHeader, envelope: OutgoingEnvelope) -> Segment:
    """PER*BL, which the guide requires."""
    contact: Segment = ["PER", "BL", envelope.contact_name or header.payer.last_name]
    return [*contact, "TE", envelope.contact_phone] if envelope.contact_phone else contact


# -- claim payments ------------------------------------------------------------------------------


def _before(payment: ClaimPayment, marks: Delimiters) -> list[Segment]:
    """LX, TS3 and TS2 that stood above a claim payment; one LX above the first that has none."""
    above = [raw for raw in payment.unmodelled if _stands_above(raw, payment)]
    if not above and not payment.segments and payment.position == 1:
        return [["LX", "1"]]
    return [from_raw(raw.text, marks) for raw in above]


def _stands_above(raw: RawSegment, payment: ClaimPayment) -> bool:
    return raw.number < payment.segment


def _claim_payment(payment: ClaimPayment, raw: list[Segment]) -> list[Segment]:
    """One CLP loop from its fields, in the guide's order."""
    owed = payment.patient_responsibility_cents
    clp: Segment = ["CLP", payment.patient_control_number, payment.status]
    clp += [amount(payment.charge_cents), amount(payment.paid_cents)]
    clp += ["" if owed is None else amount(owed), payment.filing_indicator]
    clp += [payment.payer_claim_control_number, payment.facility_type, payment.frequency]
    segments = [[*clp, None, payment.drg_code], *adjustment_segments(payment.adjustments)]
    order = {role: place for place, role in enumerate(_ROLES)}
    parties = sorted(payment.parties, key=lambda party: order.get(party.role, len(order)))
    segments += [name_segment(party) for party in parties]
    claim_raw, service_raws = _cut(raw)
    segments += _remark_segments(payment, claim_raw)
    segments += reference_segments(payment.references)
    dates = (payment.statement_from, payment.statement_to)
    others = (payment.coverage_expiration, payment.received_date)
    segments += _days(zip(("232", "233", "036", "050"), (*dates, *others), strict=True))
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in payment.amounts]
    segments += [["QTY", q.qualifier, q.value] for q in payment.quantities]
    places = places_of(payment.unmodelled, payment.segment, len(claim_raw))
    written = with_unmodelled(segments, claim_raw, places)
    same_lines = len(service_raws) == len(payment.services)
    for service, loop in zip_longest(payment.services, service_raws if same_lines else ()):
        written += _service(service, loop or [])
    return written


def _cut(raw: list[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """The claim's own segments, and those of each service line."""
    starts = [i for i, segment in enumerate(raw) if segment[0] == "SVC"]
    ends = [*starts[1:], *([len(raw)] if starts else [])]
    own = raw[: starts[0]] if starts else raw
    return own, [raw[start:end] for start, end in zip(starts, ends, strict=True)]


def _remark_segments(payment: ClaimPayment, raw: Sequence[Segment]) -> list[Segment]:
    """MIA and MOA as they were read where their codes are the same; else the codes alone."""
    read = [segment for segment in raw if segment[0] in REMARK_POSITIONS]
    codes = [code for segment in read for code in remark_codes([e or "" for e in segment])]
    if read and tuple(codes) == payment.remarks:
        return read
    remarks = payment.remarks
    segments: list[Segment] = []
    if payment.drg_code or len(remarks) > len(REMARK_POSITIONS["MOA"]):
        first, remarks = remarks[:5], remarks[5:]
        mia: Segment = ["MIA", "0", *[""] * 22]
        for place, code in zip(REMARK_POSITIONS["MIA"], first, strict=False):
            mia[place] = code
        segments.append(mia)
    return [*segments, ["MOA", "", "", *remarks]] if remarks else segments


def _days(days: Iterable[tuple[str, date | None]]) -> list[Segment]:
    return [["DTM", qualifier, day8(day)] for qualifier, day in days if day]


def procedure_element(procedure: Procedure) -> str:
    """A medical procedure composite: qualifier, code, four modifiers, description."""
    if not procedure.qualifier:
        return procedure.code
    modifiers = (*procedure.modifiers, "", "", "", "")[:4]
    return composite(procedure.qualifier, procedure.code, *modifiers, procedure.description)


def _service(service: ServicePayment, raw: list[Segment]) -> list[Segment]:
    """One SVC loop from its fields."""
    submitted = service.submitted_procedure
    revenue = "" if service.procedure.qualifier == "NU" else service.revenue_code
    svc: Segment = ["SVC", procedure_element(service.procedure), amount(service.charge_cents)]
    svc += [amount(service.paid_cents), revenue, service.units]
    svc += [procedure_element(submitted) if submitted else "", service.submitted_units]
    segments: list[Segment] = [svc]
    if service.service_from == service.service_to:
        segments += _days([("472", service.service_from)])
    else:
        segments += _days([("150", service.service_from), ("151", service.service_to)])
    segments += adjustment_segments(service.adjustments)
    segments += reference_segments(service.references)
    if service.line_control_number and not any(r.qualifier == "6R" for r in service.references):
        segments.append(["REF", "6R", service.line_control_number])
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in service.amounts]
    segments += [["QTY", q.qualifier, q.value] for q in service.quantities]
    segments += [["LQ", "HE", code] for code in service.remarks]
    segments += [["LQ", "RX", code] for code in service.reject_codes]
    return with_unmodelled(segments, raw, places_of(service.unmodelled, service.segment, len(raw)))


# -- PLB -----------------------------------------------------------------------------------------


def _trailer(adjustments: Sequence[ProviderAdjustment]) -> list[Segment]:
    """PLB segments: neighbours of one provider and fiscal period share one, six pairs in each."""
    segments: list[Segment] = []
    open_for: tuple[str, date | None] | None = None
    pairs = 0
    for adjustment in adjustments:
        provider = (adjustment.provider_id, adjustment.fiscal_period_end)
        if provider != open_for or pairs == _PLB_PAIRS:
            open_for, pairs = provider, 0
            segments.append(["PLB", provider[0], day8(provider[1])])
        element = composite(adjustment.code, adjustment.reference)
        segments[-1] += [element, amount(adjustment.cents)]
        pairs += 1
    return segments
