"""Writes one 837 transaction (professional, institutional or dental) without its ST and SE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tests.support.specs import Claim, Coverage, Line, Practice, PriorAnswer
from tests.support.write_segments import (
    Segment,
    address,
    cas_segments,
    day8,
    demographics,
    money,
    organisation,
    person_name,
)


def claim_transaction(
    claims: Sequence[Claim], practice: Practice, *, day: date, reference: str
) -> list[Segment]:
    """BHT to the last line: one billing provider, one subscriber (and patient) loop per claim."""
    body: list[Segment] = [
        ["BHT", "0019", "00", reference, day8(day), "0815", "CH"],
        organisation("41", practice.name, "46", practice.tax_id),
        ["PER", "IC", "BILLING OFFICE", "TE", practice.phone],
        organisation("40", "CLEARHOUSE ONE", "46", "CLEARHOUSE01"),
        ["HL", "1", "", "20", "1"],
    ]
    body += _billing_provider(practice)
    level = 1
    for claim in claims:
        segments, level = _hierarchy(claim, level)
        body += segments + _claim(claim, practice)
    return body


def _billing_provider(practice: Practice) -> list[Segment]:
    return [
        ["PRV", "BI", "PXC", practice.taxonomy],
        organisation("85", practice.name, "XX", practice.npi),
        *address(practice),
        ["REF", "EI", practice.tax_id],
    ]


def _hierarchy(claim: Claim, level: int) -> tuple[list[Segment], int]:
    """HL 22 with subscriber and payer, and HL 23 where the patient is a dependent."""
    coverage = claim.coverages[0]
    dependent = coverage.subscriber is not None
    segments: list[Segment] = [["HL", str(level + 1), "1", "22", "1" if dependent else "0"]]
    relationship = "" if dependent else "18"
    segments.append(_sbr(coverage, relationship))
    subscriber = coverage.subscriber or claim.patient
    segments.append(person_name("IL", subscriber, "MI", coverage.member_id))
    segments += [*address(subscriber), demographics(subscriber)]
    segments.append(organisation("PR", coverage.payer.name, "PI", coverage.payer.id))
    if not dependent:
        return segments, level + 1
    segments += [["HL", str(level + 2), str(level + 1), "23", "0"], ["PAT", "19"]]
    segments += [person_name("QC", claim.patient), *address(claim.patient)]
    return [*segments, demographics(claim.patient)], level + 2


def _sbr(coverage: Coverage, relationship: str) -> Segment:
    start: Segment = ["SBR", coverage.rank, relationship, coverage.group_number]
    return [*start, "", "", "", "", "", coverage.payer.filing]


def _claim(claim: Claim, practice: Practice) -> list[Segment]:
    institutional = claim.form == "I"
    place = (claim.place, "A" if institutional else "B", claim.frequency)
    clm: Segment = ["CLM", claim.number, money(claim.charge), "", "", place]
    clm += ["" if institutional else "Y", "A", "Y", "Y"]
    segments = [clm, *_claim_dates(claim)]
    if claim.patient_paid and not institutional:
        segments.append(["AMT", "F5", money(claim.patient_paid)])
    if claim.original_reference:
        segments.append(["REF", "F8", claim.original_reference])
    segments += _diagnoses(claim) + _doctor(claim, practice)
    for coverage in claim.coverages[1:]:
        segments += _other_payer(claim, coverage)
    for number, line in enumerate(claim.lines, 1):
        segments += _line(claim, line, number)
    return segments


def _claim_dates(claim: Claim) -> list[Segment]:
    last = claim.service_to or claim.service_from
    if claim.form == "I":
        span = f"{day8(claim.service_from)}-{day8(last)}"
        admitted: list[Segment] = [["DTP", "434", "RD8", span]]
        if claim.place.startswith("11"):
            admitted.insert(0, ["DTP", "096", "TM", "1100"])
            admitted.append(["DTP", "435", "DT", f"{day8(claim.service_from)}0930"])
        return [*admitted, ["CL1", "3", "1", "01"]]
    return [["DTP", "472", "D8", day8(claim.service_from)]] if claim.form == "D" else []


def _diagnoses(claim: Claim) -> list[Segment]:
    if claim.form == "D":
        return []
    first, others = claim.diagnoses[0], claim.diagnoses[1:]
    if claim.form == "P":
        return [["HI", ("ABK", first), *(("ABF", code) for code in others)]]
    segments: list[Segment] = [["HI", ("ABK", first)]]
    if claim.place.startswith("11"):
        segments.append(["HI", ("ABJ", first)])
    else:
        segments.append(["HI", ("APR", first)])
    return [*segments, ["HI", *(("ABF", code) for code in others)]] if others else segments


def _doctor(claim: Claim, practice: Practice) -> list[Segment]:
    role = "71" if claim.form == "I" else "82"
    name: Segment = ["NM1", role, "1", practice.doctor_last, practice.doctor_first]
    return [[*name, "", "", "", "XX", practice.doctor_npi]]


def _other_payer(claim: Claim, coverage: Coverage) -> list[Segment]:
    """Loop 2320: another payer of the claim, with its answer where it has given one."""
    prior = _prior(claim, coverage)
    relationship = "19" if coverage.subscriber else "18"
    segments = [_sbr(coverage, relationship)]
    if prior is not None:
        segments += [*cas_segments(prior.cas), ["AMT", "D", money(prior.paid)]]
    person = coverage.subscriber or claim.patient
    segments.append(["OI", "", "", "Y", "", "", "Y"])
    segments += [person_name("IL", person, "MI", coverage.member_id), *address(person)]
    segments.append(organisation("PR", coverage.payer.name, "PI", coverage.payer.id))
    if prior is not None and not prior.lines:
        segments.append(["DTP", "573", "D8", day8(prior.answered)])
    if prior is not None and prior.control_number:
        segments.append(["REF", "F8", prior.control_number])
    return segments


def _prior(claim: Claim, coverage: Coverage) -> PriorAnswer | None:
    return next((p for p in claim.prior if p.payer_id == coverage.payer.id), None)


def _line(claim: Claim, line: Line, number: int) -> list[Segment]:
    day = line.day or claim.service_from
    service = {"P": _professional, "I": _institutional, "D": _dental}[claim.form]
    segments: list[Segment] = [["LX", str(number)], *service(line)]
    if claim.form != "D":
        segments.append(["DTP", "472", "D8", day8(day)])
    if line.control:
        segments.append(["REF", "6R", line.control])
    for prior in claim.prior:
        if prior.lines:
            segments += _adjudication(claim, line, number, prior)
    return segments


def _professional(line: Line) -> list[Segment]:
    procedure = ("HC", line.code, *line.modifiers)
    return [["SV1", procedure, money(line.charge), "UN", line.units, "", "", ("1",)]]


def _institutional(line: Line) -> list[Segment]:
    procedure = ("HC", line.code, *line.modifiers) if line.code else ""
    return [["SV2", line.revenue, procedure, money(line.charge), "UN", line.units]]


def _dental(line: Line) -> list[Segment]:
    sv3: Segment = ["SV3", ("AD", line.code, *line.modifiers), money(line.charge)]
    sv3 += ["", "", "", line.units]
    return [sv3, ["TOO", "JP", line.tooth, line.surfaces]] if line.tooth else [sv3]


def _adjudication(claim: Claim, line: Line, number: int, prior: PriorAnswer) -> list[Segment]:
    """Loop 2430: what an earlier payer decided on this line."""
    decided = prior.lines[number - 1]
    qualifier = "AD" if claim.form == "D" else "HC"
    procedure = (qualifier, line.code, *line.modifiers) if line.code else ""
    svd: Segment = ["SVD", prior.payer_id, money(decided.paid), procedure, line.revenue, line.units]
    day: Segment = ["DTP", "573", "D8", day8(prior.answered)]
    return [svd, *cas_segments(decided.cas), day]
