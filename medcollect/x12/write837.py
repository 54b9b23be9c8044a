"""Claims as an 837 (005010X222A1, X223A2, X224A2): from the records.

A claim that was read and not changed since is written from its own segments, so nothing is lost;
any other from its fields, in the guide's order (claim_rules.md section 5), completed from the
segments it was read from. Billing provider, subscriber and patient loops are shared by claims
that stand under the same ones, and numbered anew.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from medcollect.errors import BadRequest
from medcollect.model.claim import Claim, ClaimsHeader, Coverage, OtherPayer
from medcollect.model.common import Delimiters, Party
from medcollect.x12.write import (
    COMPONENT,
    Body,
    OutgoingEnvelope,
    Segment,
    Statements,
    adjustment_segments,
    amount,
    composite,
    day8,
    facts_of,
    from_raw,
    name_segment,
    party_segments,
    pat_segments,
    places_of,
    read_back,
    reference_segments,
    with_unmodelled,
    write_file,
)
from medcollect.x12.write_lines import date_segment, line_segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medcollect.model.claim import Diagnosis

VERSIONS: Final = {"P": "005010X222A1", "I": "005010X223A2", "D": "005010X224A2"}
BILLING, SUBSCRIBER, PATIENT = "20", "22", "23"
SELF: Final = "18"
#: Diagnoses that share an HI segment; every other qualifier begins its own.
_FURTHER: Final = {"ABF": ("ABK", "ABF"), "BF": ("BK", "BF")}
_CODES_IN_SEGMENT: Final = 12
_PAY_TO: Final = ("87", "PE")


def write_837(
    claims: Iterable[Claim], envelope: OutgoingEnvelope, header: ClaimsHeader | None = None
) -> str:
    """Write claims as one file: a transaction for each run of one form, counts and numbers right.

    ``header`` gives submitter, receiver and reference (BHT, 1000A, 1000B); without one the
    envelope's sender and receiver stand there. Raises BadRequest where a value cannot stand in a
    file with these separators, and where a claim that was not read from a file comes without the
    envelope's statements: signatures and consents are never made up.
    """
    bodies = []
    for form, run in groupby(claims, key=lambda claim: claim.form):
        found = list(run)
        version = VERSIONS[form]
        if header is not None and header.transaction.implementation == "837" + form:
            version = header.transaction.version or version
        written = [claim_segments(claim, version, envelope.statements) for claim in found]
        bodies.append(Body("837", version, [*_header(header, envelope), *under_levels(written)]))
    return write_file(bodies, envelope)


def delimiters_of(claim: Claim) -> Delimiters:
    """The separators of a claim's raw segments: by CLM, whose fifth element is a composite."""
    if not claim.segments:
        return Delimiters()
    element = claim.segments[0][3:4] or "*"
    place = [*claim.segments[0].split(element), "", "", "", "", ""][5]
    component = next((c for c in place if not c.isalnum() and c != " "), ":")
    return Delimiters(element=element, component=component, repetition="")


def raw_claim(
    claim: Claim, marks: Delimiters | None = None
) -> tuple[list[list[Segment]], list[Segment]]:
    """The HL levels above a claim and its own loop, as they were read with these separators."""
    marks = marks or delimiters_of(claim)
    levels: list[list[Segment]] = []
    for text in claim.parent_segments:
        segment = from_raw(text, marks)
        if segment[0] == "HL" or not levels:
            levels.append([])
        levels[-1].append(segment)
    return levels, [from_raw(text, marks) for text in claim.segments]


def claim_segments(
    claim: Claim, version: str = "", statements: Statements | None = None
) -> tuple[list[list[Segment]], list[Segment]]:
    """What stands in a file for a claim: its HL levels and its loop."""
    levels, loop = raw_claim(claim)
    read = read_claims(version or VERSIONS[claim.form], levels, loop) if loop else []
    found = read[0] if len(read) == 1 else None
    marks = delimiters_of(claim)
    if found is not None and facts_of(found) == facts_of(claim, marks):
        return levels, loop
    if found is None or facts_of(_above(found)) != facts_of(_above(claim), marks):
        levels = _levels_from_fields(claim)
    return levels, _loop_from_fields(claim, loop, statements)


def _above(claim: Claim) -> tuple[object, ...]:
    """What a claim inherits from the loops above it."""
    pay_to = tuple(party for party in claim.parties if party.role in _PAY_TO)
    billed_by = (claim.billing_provider, claim.billing_taxonomy, pay_to)
    return (*billed_by, claim.coverage, claim.patient)


def read_claims(
    version: str, levels: Sequence[Sequence[Segment]], loop: Sequence[Segment]
) -> list[Claim]:
    """The claims that these segments are read as (one, if they are in order)."""
    above = [segment for level in levels for segment in level]
    read = read_back("837", version, [["BHT", "0019", "00", "0"], *above, *loop])
    return [document for document in read if isinstance(document, Claim)]


# -- the transaction -----------------------------------------------------------------------------


def _header(header: ClaimsHeader | None, envelope: OutgoingEnvelope) -> list[Segment]:
    """BHT, 1000A and 1000B: as read where there are segments, else from the fields."""
    if header is not None and header.segments:
        marks = header.transaction.envelope.delimiters
        return [from_raw(text, marks) for text in header.segments]
    sender = header.submitter if header else _named("41", envelope.sender_id)
    receiver = header.receiver if header else _named("40", envelope.receiver_id)
    created = (f"{envelope.created:%Y%m%d}", f"{envelope.created:%H%M}")
    reference = f"{envelope.control_number:09d}"
    bht: Segment = ["BHT", "0019", "00", header.reference_id if header else reference]
    bht += [day8(header.created_date), header.created_time] if header else created
    contact: Segment = ["PER", "IC", envelope.contact_name or sender.last_name]
    contact += ["TE", envelope.contact_phone] if envelope.contact_phone else []
    return [[*bht, "CH"], name_segment(sender), contact, name_segment(receiver)]


def _named(role: str, identifier: str) -> Party:
    return Party(role=role, last_name=identifier, id_qualifier="46", id=identifier)


def under_levels(
    written: Iterable[tuple[list[list[Segment]], list[Segment]]],
) -> list[Segment]:
    """Every claim (its levels, its loop) under its HL loops; HL01, HL02 and HL04 are set anew."""
    open_levels: list[tuple[list[Segment], int]] = []
    segments: list[Segment] = []
    for levels, loop in written:
        shared = 0
        while shared < min(len(levels) - 1, len(open_levels)) and _same_level(
            levels[shared], open_levels[shared][0]
        ):
            shared += 1
        if len(levels) == len(open_levels) == shared + 1 and _same_level(
            levels[-1], open_levels[-1][0]
        ):
            shared += 1
        del open_levels[shared:]
        for depth, level in enumerate(levels[shared:], shared):
            number = 1 + sum(segment[0] == "HL" for segment in segments)
            parent = str(open_levels[-1][1]) if open_levels else ""
            child = "1" if depth + 1 < len(levels) else "0"
            code = level[0][3] if len(level[0]) > 3 else ""
            segments += [["HL", str(number), parent, code, child], *level[1:]]
            open_levels.append((level, number))
        segments += loop
    return segments


def _same_level(first: list[Segment], second: list[Segment]) -> bool:
    """Whether two HL loops say the same, whatever their numbers (but of the same kind)."""
    return first[0][3:] == second[0][3:] and first[1:] == second[1:]


# -- the levels above a claim --------------------------------------------------------------------


def _levels_from_fields(claim: Claim) -> list[list[Segment]]:
    """Billing provider, subscriber and, where it is another person, patient."""
    billing: list[Segment] = [["HL", "", "", BILLING, "1"]]
    if claim.billing_taxonomy:
        billing.append(["PRV", "BI", "PXC", claim.billing_taxonomy])
    billing += party_segments(claim.billing_provider)
    for role in _PAY_TO:
        found = claim.party(role)
        billing += party_segments(found) if found else []
    return [billing, *subscriber_levels(claim.coverage, claim.patient)]


def subscriber_levels(coverage: Coverage, patient: Party) -> list[list[Segment]]:
    """HL 22 with subscriber and payer, and HL 23 where the patient is a dependent."""
    dependent = bool(patient.role) and patient != coverage.subscriber
    relationship = "" if dependent else (coverage.relationship or SELF)
    level: list[Segment] = [["HL", "", "", SUBSCRIBER, "1" if dependent else "0"]]
    level.append(sbr_segment(coverage, relationship))
    level += pat_segments(None, coverage.subscriber)
    level += party_segments(coverage.subscriber)
    level += party_segments(coverage.payer)
    if not dependent:
        return [level]
    below: list[Segment] = [["HL", "", "", PATIENT, "0"]]
    below += pat_segments(coverage.relationship, patient)
    return [level, [*below, *party_segments(patient)]]


def sbr_segment(coverage: Coverage, relationship: str) -> Segment:
    """SBR."""
    start: Segment = ["SBR", coverage.rank_code, relationship, coverage.group_number]
    return [*start, coverage.group_name, None, None, None, None, coverage.filing_indicator]


# -- the claim's own loop ------------------------------------------------------------------------


def _loop_from_fields(
    claim: Claim, raw: list[Segment], statements: Statements | None
) -> list[Segment]:
    """CLM to the last line, completed from the segments it was read from."""
    head_raw, payers_raw, lines_raw = cut_loop(raw)
    head_places = places_of(claim.unmodelled, claim.segment, len(head_raw))
    written = with_unmodelled(_head(claim, head_raw, statements), head_raw, head_places)
    at = len(head_raw)
    for index, payer in enumerate(claim.other_payers):
        was = payers_raw[index] if len(payers_raw) == len(claim.other_payers) else []
        places = places_of(claim.unmodelled, claim.segment + at, len(was))
        segments = other_payer_segments(payer, was, _consents(claim.form, written[0]))
        written += with_unmodelled(segments, was, places)
        at += len(was)
    for index, line in enumerate(claim.lines):
        was = lines_raw[index] if len(lines_raw) == len(claim.lines) else []
        places = places_of(line.unmodelled, line.segment, len(was))
        written += with_unmodelled(line_segments(claim.form, line), was, places)
    return written


def cut_loop(
    loop: list[Segment],
) -> tuple[list[Segment], list[list[Segment]], list[list[Segment]]]:
    """A CLM loop as its head (2300, 2310), its other payers (2320) and its lines (2400)."""
    parts: list[list[Segment]] = [[]]
    kinds = ["CLM"]
    for segment in loop:
        in_line = kinds[-1] == "LX"
        if segment[0] == "LX" or (segment[0] == "SBR" and not in_line):
            parts.append([])
            kinds.append(str(segment[0]))
        parts[-1].append(segment)
    found = list(zip(kinds, parts, strict=True))
    payers = [part for kind, part in found if kind == "SBR"]
    return parts[0], payers, [part for kind, part in found if kind == "LX"]


def _head(claim: Claim, raw: Sequence[Segment], statements: Statements | None) -> list[Segment]:
    """Loops 2300 and 2310."""
    institutional = claim.form == "I"
    place = composite(claim.facility_code, "A" if institutional else "B", claim.frequency)
    clm: Segment = ["CLM", claim.patient_control_number, amount(claim.charge_cents), "", "", place]
    stated, admission = _as_read(claim, raw[0]) if raw else _as_stated(claim, statements)
    segments: list[Segment] = [[*clm, *stated]]
    segments += _claim_dates(claim)
    segments += admission
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in claim.amounts]
    if claim.patient_paid_cents is not None and not any(a.qualifier == "F5" for a in claim.amounts):
        segments.append(["AMT", "F5", amount(claim.patient_paid_cents)])
    segments += [["QTY", q.qualifier, q.value] for q in claim.quantities]
    segments += reference_segments(claim.references)
    segments += _code_segments(claim, raw)
    for party in claim.parties:
        segments += party_segments(party) if party.role not in _PAY_TO else []
    return segments


def _as_read(claim: Claim, clm: Segment) -> tuple[Segment, list[Segment]]:
    """CLM06 to CLM09 as the claim was read; its CL1, if any, is carried with the raw segments."""
    signature, _, benefits, release = [*clm[6:10], "", "", "", ""][:4]
    return [signature, claim.assignment, benefits, release], []


def _as_stated(claim: Claim, said: Statements | None) -> tuple[Segment, list[Segment]]:
    """CLM06 to CLM09 and CL1 as the sender states them."""
    if said is None:
        raise BadRequest(
            "A claim that was not read from a file states no signature, assignment or release.",
            "Give them as the envelope's statements.",
        )
    institutional = claim.form == "I"
    signature = "" if institutional else said.provider_signature
    assignment = claim.assignment or said.assignment
    admission: Segment = [
        "CL1", said.admission_type, said.admission_source, said.patient_status
    ]  # fmt: skip
    stated: Segment = [
        signature, assignment, said.benefits_assigned, said.release_of_information
    ]  # fmt: skip
    return stated, [admission] if institutional and any(admission[1:]) else []


def _claim_dates(claim: Claim) -> list[Segment]:
    qualifier = "434" if claim.form == "I" else "472"
    own = (claim.service_from, claim.service_to or claim.service_from)
    days = [
        (qualifier, *own, claim.form != "P"),
        ("435", claim.admission_date, claim.admission_date, True),
        ("096", claim.discharge_date, claim.discharge_date, True),
    ]
    ranged = claim.form == "I"
    return [
        date_segment(name, start, end, ranged=ranged and name == "434")
        for name, start, end, wanted in days
        if start and wanted and not (name == "472" and _lines_say(claim))
    ]


def _lines_say(claim: Claim) -> bool:
    """Whether the claim's days are those of its lines."""
    starts = [line.service_from for line in claim.lines if line.service_from]
    ends = [line.service_to for line in claim.lines if line.service_to]
    told = (min(starts, default=None), max(ends, default=None))
    return told == (claim.service_from, claim.service_to)


def _code_segments(claim: Claim, raw: Sequence[Segment]) -> list[Segment]:
    """HI as read where it says the same (dates and amounts of codes have no field)."""
    read = [segment for segment in raw if segment[0] == "HI"]
    told = sorted(_code_texts(claim))
    if read and told == sorted(_raw_codes(read)):
        return read
    segments: list[Segment] = []
    last = ""
    for code in (*claim.diagnoses, *claim.codes):
        together = last in _FURTHER.get(code.qualifier, (code.qualifier,))
        apart = claim.form == "I" and code.qualifier in _FURTHER and last != code.qualifier
        if not together or apart or len(segments[-1]) > _CODES_IN_SEGMENT:
            segments.append(["HI"])
        segments[-1].append(_code_element(code))
        last = code.qualifier
    return segments


def _code_element(code: Diagnosis) -> str:
    return composite(code.qualifier, code.code, *[""] * 6, code.present_on_admission)


def _code_texts(claim: Claim) -> Iterator[tuple[str, str, str]]:
    for code in (*claim.diagnoses, *claim.codes):
        yield code.qualifier, code.code, code.present_on_admission


def _raw_codes(segments: Sequence[Segment]) -> Iterator[tuple[str, str, str]]:
    for segment in segments:
        for element in segment[1:]:
            parts = (element or "").split(COMPONENT)
            if len(parts) > 1:
                yield parts[0], parts[1], parts[8] if len(parts) > 8 else ""


def _consents(form: str, clm: Segment) -> Segment:
    """OI as the claim's own CLM08, CLM10 and CLM09 say it: nothing is made up for other payers."""
    benefits, release, signature = [*clm[8:11], "", "", ""][:3]
    return ["OI", "", "", benefits, signature if form == "P" else "", "", release]


def other_payer_segments(
    payer: OtherPayer, raw: Sequence[Segment], consents: Segment
) -> list[Segment]:
    """Loop 2320 with 2330A and 2330B; ``consents`` is its OI where it was read without one."""
    coverage = payer.coverage
    segments = [sbr_segment(coverage, coverage.relationship)]
    segments += adjustment_segments(payer.adjustments)
    if payer.paid_cents is not None and not any(a.qualifier == "D" for a in payer.amounts):
        segments.append(["AMT", "D", amount(payer.paid_cents)])
    segments += [["AMT", a.qualifier, amount(a.cents)] for a in payer.amounts]
    if not any(segment[0] == "OI" for segment in raw):
        segments.append(consents)
    remarks = [segment for segment in raw if segment[0] in {"MIA", "MOA"}]
    if remarks:
        segments += remarks
    elif payer.remarks:
        segments.append(["MOA", "", "", *payer.remarks[:5]])
    insured = party_segments(coverage.subscriber) if coverage.subscriber.role else []
    segments += [s for s in insured if s[0] != "DMG"]
    named = [s for s in party_segments(coverage.payer) if s[0] != "REF"]
    if payer.paid_date:
        named.append(date_segment("573", payer.paid_date, payer.paid_date))
    segments += named + reference_segments(coverage.payer.references)
    number = payer.payer_claim_control_number
    if number and not coverage.payer.reference("F8"):
        segments.append(["REF", "F8", number])
    return segments
