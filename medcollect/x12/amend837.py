"""Claims made from claims: replacement, void, and the claim to the next payer.

Each takes a stored claim and gives a new one whose fields and segments agree, ready for
``write_837``. Facts that are missing, and sums that do not meet to the cent, are refused in plain
words: a wrong claim costs more than none (claim_rules.md 5.2 and 5.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from medcollect.errors import BadRequest
from medcollect.model.claim import Claim, Coverage, LineAdjudication, OtherPayer
from medcollect.model.common import Amount, Party, Reference
from medcollect.x12.write import COMPONENT, Segment, composite
from medcollect.x12.write837 import (
    SELF,
    VERSIONS,
    claim_segments,
    cut_loop,
    other_payer_segments,
    read_claims,
    subscriber_levels,
)
from medcollect.x12.write_lines import adjudication_segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medcollect.model.claim import ServiceLine
    from medcollect.model.remittance import ClaimPayment, RemittanceHeader, ServicePayment
    from medcollect.x12.write import Statements

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"
#: Segments of loop 2300 that stand behind the REF of the claim.
_BEHIND_REFERENCES: Final = frozenset(
    ("K3", "NTE", "CR1", "CR2", "CR3", "CRC", "HI", "HCP", "NM1", "SBR", "LX")
)
_REVERSAL: Final = "22"


def replacement(
    claim: Claim, payer_claim_control_number: str, statements: Statements | None = None
) -> Claim:
    """The claim as a replacement (frequency 7) of what the payer knows under this number.

    ``statements`` are needed where the claim was not read from a file, else BadRequest is raised.
    """
    return _again(claim, REPLACEMENT, payer_claim_control_number, statements)


def void(
    claim: Claim, payer_claim_control_number: str, statements: Statements | None = None
) -> Claim:
    """The claim as the void (frequency 8) of what the payer knows under this number.

    ``statements`` are needed where the claim was not read from a file, else BadRequest is raised.
    """
    return _again(claim, VOID, payer_claim_control_number, statements)


def _again(claim: Claim, frequency: str, number: str, statements: Statements | None) -> Claim:
    if not number.strip():
        raise BadRequest(
            "A replacement or void needs the payer's own number of the claim (CLP07).",
            "Take it from the remittance or the 277CA, or send a new claim.",
        )
    levels, loop = claim_segments(claim, statements=statements)
    head, payers, lines = cut_loop(loop)
    head = [[*segment] for segment in head if segment[:2] != ["REF", "F8"]]
    place = [*str(head[0][5] or "").split(COMPONENT), "", ""][:2]
    head[0][5] = composite(*place, frequency)
    head.insert(_after_references(head), ["REF", "F8", number])
    return _finished(claim, levels, [*head, *_flat(payers), *_flat(lines)])


def _after_references(head: Sequence[Segment]) -> int:
    places = (i for i, segment in enumerate(head) if segment[0] in _BEHIND_REFERENCES)
    return next(places, len(head))


def _flat(loops: Sequence[Sequence[Segment]]) -> list[Segment]:
    return [segment for loop in loops for segment in loop]


def _finished(claim: Claim, levels: list[list[Segment]], loop: list[Segment]) -> Claim:
    """Read the new claim from its segments, so that fields and segments agree."""
    found = read_claims(VERSIONS[claim.form], levels, loop)
    if len(found) != 1:
        raise BadRequest(
            "The stored claim cannot be written again: its segments are out of order.",
            "Write the claim anew where it was made.",
        )
    return found[0]


# -- the next payer ------------------------------------------------------------------------------


def secondary(
    claim: Claim,
    answer: ClaimPayment,
    header: RemittanceHeader,
    to: Coverage | None = None,
    statements: Statements | None = None,
) -> Claim:
    """The claim to the next payer, with the answer of the payer it was sent to so far.

    ``to`` is the next payer's coverage; without it, it is the first other payer of the claim that
    has not answered. The answer stands in 2320, 2330B and 2430: adjustments unchanged, those of
    lines on the lines, those of the claim on the claim, balanced to the cent. ``statements`` are
    needed where the claim was not read from a file, else BadRequest is raised.
    """
    if answer.status == _REVERSAL or answer.unreadable or claim.unreadable:
        raise BadRequest(
            "The answer is a reversal, or amounts of it or of the claim could not be read.",
            "Name the answer that stands.",
        )
    target = to or _next_coverage(claim)
    payer_id = _identifier(claim.coverage.payer)
    decided = _line_decisions(claim, answer, header, payer_id)
    told = _answered(claim, answer, header, by_line=bool(decided))
    _prove(claim, told, decided)
    levels, loop = claim_segments(claim, statements=statements)
    if not levels:
        raise BadRequest(
            "The stored claim has no billing provider loop above it.",
            "Write the claim anew where it was made.",
        )
    head, payers, lines = cut_loop(loop)
    kept = [
        loop
        for loop, other in zip(payers, claim.other_payers, strict=True)
        if to is not None or other.coverage != target
    ]
    body = [*head, *other_payer_segments(told), *_flat(kept)]
    for loop, line in zip(lines, claim.lines, strict=True):
        body += loop
        for adjudication in decided.get(line.position, ()):
            body += adjudication_segments(adjudication, line)
    return _finished(claim, [levels[0], *_levels_for(target, claim)], body)


def _next_coverage(claim: Claim) -> Coverage:
    waiting = [o.coverage for o in claim.other_payers if o.paid_cents is None]
    if not waiting:
        raise BadRequest(
            "The claim names no further payer that has yet to answer.",
            "Give the next payer's coverage.",
        )
    return waiting[0]


def _identifier(payer: Party) -> str:
    if not payer.id:
        raise BadRequest(
            "The payer that answered has no identifier on the claim (2010BB NM109).",
            "It ties the line decisions to the payer; write the claim where it was made.",
        )
    return payer.id


def _answered(
    claim: Claim, answer: ClaimPayment, header: RemittanceHeader, *, by_line: bool
) -> OtherPayer:
    """Loop 2320 of the payer that answered."""
    number = answer.payer_claim_control_number
    others = [r for r in claim.coverage.payer.references if r.qualifier == "2U"]
    payer = replace(
        claim.coverage.payer,
        address=(), city="", state="", postal_code="",
        references=(*others, *([Reference("F8", number)] if number else ())),
    )  # fmt: skip
    relationship = claim.coverage.relationship or SELF
    if header.payment_date is None:
        raise BadRequest("The answer has no date (BPR16).", "The next payer asks for it (DTP*573).")
    return OtherPayer(
        coverage=replace(claim.coverage, payer=payer, relationship=relationship),
        adjustments=answer.adjustments,
        amounts=(Amount("D", answer.paid_cents),),
        paid_cents=answer.paid_cents,
        paid_date=None if by_line else header.payment_date,
        payer_claim_control_number=number,
        remarks=answer.remarks[:5],
    )


def _levels_for(target: Coverage, claim: Claim) -> list[list[Segment]]:
    """Subscriber and patient loops for the next payer."""
    insured, patient = target.subscriber, claim.patient
    if target.relationship == SELF:
        patient = replace(
            patient, role="IL", id_qualifier=insured.id_qualifier, id=insured.id,
            references=insured.references,
        )  # fmt: skip
        target = replace(target, subscriber=patient)
    else:
        patient = replace(patient, role="QC", id_qualifier="", id="", references=())
    references = [r for r in target.payer.references if r.qualifier != "F8"]
    payer = replace(target.payer, references=tuple(references))
    return subscriber_levels(replace(target, payer=payer), patient)


# -- lines ---------------------------------------------------------------------------------------


def _line_decisions(
    claim: Claim, answer: ClaimPayment, header: RemittanceHeader, payer_id: str
) -> dict[int, list[LineAdjudication]]:
    """What the answer says on each line, by the line's position; empty for one without lines."""
    found: dict[int, list[LineAdjudication]] = {}
    for service in answer.services:
        line = _line_of(service, claim, taken=found)
        decision = LineAdjudication(
            payer_id=payer_id,
            paid_cents=service.paid_cents,
            procedure=service.procedure if service.procedure.qualifier != "NU" else line.procedure,
            units=service.units,
            adjustments=service.adjustments,
            paid_date=header.payment_date,
        )
        found.setdefault(line.position, []).append(decision)
    return found


def _line_of(
    service: ServicePayment, claim: Claim, taken: dict[int, list[LineAdjudication]]
) -> ServiceLine:
    """The one line a service payment answers: by control number, else by what was billed."""
    number = service.line_control_number
    if number:
        same = [line for line in claim.lines if line.line_control_number == number]
        if len(same) == 1:
            return same[0]
    billed = service.submitted_procedure or service.procedure
    free = [
        line
        for line in claim.lines
        if line.position not in taken
        and line.charge_cents == service.charge_cents
        and billed.code in {line.procedure.code, line.revenue_code}
        and service.service_from in (None, line.service_from)
    ]
    if not free:
        raise BadRequest(
            f"Line {service.position} of the answer matches no line of the claim.",
            "Bill the next payer where the claim was made.",
        )
    return free[0]


def _prove(claim: Claim, told: OtherPayer, decided: dict[int, list[LineAdjudication]]) -> None:
    """Line charge less CAS is SVD02; CLM02 less every CAS is AMT*D (claim_rules.md 5.6)."""
    lines_cents = 0
    for line in claim.lines:
        decisions = decided.get(line.position, [])
        taken = sum(a.cents for d in decisions for a in d.adjustments)
        paid = sum(d.paid_cents for d in decisions)
        lines_cents += taken
        if decided and line.charge_cents - taken != paid:
            raise BadRequest(
                f"Line {line.position}: charge less adjustments is not what the payer paid on it.",
                "Every line needs its own answer; take it up with the payer that answered.",
            )
    own_cents = sum(a.cents for a in told.adjustments)
    if claim.charge_cents - own_cents - lines_cents != told.paid_cents:
        raise BadRequest(
            "The claim's charge less all adjustments is not what the payer paid.",
            "A claim that does not balance is rejected; take it up with the payer that answered.",
        )
