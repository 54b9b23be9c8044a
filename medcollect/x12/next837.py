"""The claim to the next payer: what earlier payers answered goes along, unchanged and to the cent.

Claim-level adjustments stand in 2320, those of lines in 2430; line charge less CAS is SVD02, and
CLM02 less every CAS is AMT*D (claim_rules.md 5.6). Facts that are missing and sums that do not
meet are refused in plain words: a wrong claim costs more than none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from medcollect.errors import BadRequest
from medcollect.model.claim import LineAdjudication
from medcollect.model.common import Adjustment, Amount
from medcollect.x12.parts837 import (
    RANKS,
    Parts,
    Payer,
    after_references,
    component,
    element,
    flat,
    levels_to,
    other_loop,
    patient_of,
    payers_of,
    put,
)
from medcollect.x12.write import Segment, adjustment_segments, amount, composite, from_raw
from medcollect.x12.write_lines import adjudication_segments, date_segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from medcollect.model.claim import Claim
    from medcollect.model.common import Delimiters
    from medcollect.model.remittance import ClaimPayment, ServicePayment

ORIGINAL: Final = "1"
#: Frequencies that speak of an earlier claim; every other one says what the bill covers.
CORRECTIONS: Final = frozenset(("7", "8"))
#: CAS segments that a loop 2320 or 2430 holds.
_CAS_MOST: Final = 5
#: What follows loop 2430 in a line: forms (2440).
_BEHIND_DECISIONS: Final = frozenset(("LQ", "FRM"))
#: Providers' numbers that one payer gave out; the next one does not know them.
_PAYERS_OWN_NUMBERS: Final = frozenset(("G2", "LU"))
_TAKE_UP: Final = "Take it up with the payer that answered."


class Answered(msgspec.Struct, frozen=True):
    """One standing answer of a payer.

    ``lines`` gives, for each service payment, the claim line it answers, counted from 1;
    ``remarks`` are the MIA and MOA segments of the answer.
    """

    payment: ClaimPayment
    lines: tuple[int, ...]
    day: date | None
    remarks: tuple[Segment, ...] = ()


def bill_to(
    parts: Parts,
    target: int | Payer,
    told: Mapping[int, Sequence[Answered]],
) -> Parts:
    """The claim as it goes to another payer, with what earlier ones answered.

    Payers are counted as :func:`payers_of` gives them (0 is the one the claim was sent to);
    ``target`` is one of them or a payer that the claim does not name yet. ``told`` holds the
    standing answers of those whose answer is to be filled in; what else the claim reports of other
    payers goes along as it stands. With target 0 the claim stays with its payer and only the
    answers are filled in. Raises BadRequest where something is missing or does not balance.
    """
    payers = payers_of(parts)
    claim = parts.read()
    new = parts.copy()
    _insist_on_identifiers(payers, told)
    decided = {place: _decisions(claim, payers[place], told[place]) for place in told}
    if target != 0:
        to = payers[target] if isinstance(target, int) else target
        new.levels = [new.levels[0], *levels_to(to, patient_of(parts))]
        new.head = _head_to(new.head, to)
    others = []
    for place, payer in enumerate(payers):
        if place == target:
            continue
        loop = [*parts.payers[place - 1]] if place else other_loop(payer, parts.form, payers[0])
        if place in told:
            answered = _answered(payer, told[place], decided[place])
            loop = other_loop(answered, parts.form, payers[0])
        others.append((_order(payer), loop))
    new.payers = [loop for _, loop in sorted(others, key=lambda pair: pair[0])]
    ids = {payers[place].id for place in told}
    in_order = sorted(told, key=lambda place: _order(payers[place]))
    new.lines = [
        _line_to(loop, number, ids, [decided[place] for place in in_order], claim)
        for number, loop in enumerate(new.lines, start=1)
    ]
    prove(new.read())
    return new


def _order(payer: Payer) -> int:
    """The place of a payer in the order of payers; one of unknown rank comes last."""
    return RANKS.index(payer.rank) if payer.rank and payer.rank in RANKS else len(RANKS)


def _insist_on_identifiers(payers: Sequence[Payer], told: Iterable[int]) -> None:
    """The lines' decisions name their payer by NM109: it must be there, and once."""
    for place in told:
        mine = payers[place]
        if not mine.id:
            raise BadRequest(
                "The payer that answered has no identifier on the claim (NM109 of its NM1*PR).",
                "It ties the line decisions to the payer; write the claim where it was made.",
            )
        same = [p for p in payers if p.id == mine.id]
        if len(same) > 1:
            raise BadRequest(
                "Two payers of the claim have the same identifier (NM109): the line decisions "
                "(SVD01) could not be told apart.",
                "Give the payers different identifiers with --set or where the claim was made.",
            )


def _head_to(head: list[Segment], to: Payer) -> list[Segment]:
    """CLM and its REF for another payer: a first claim, its own consents and authorizations."""
    clm = [*head[0]]
    place = [component(element(clm, 5), i) for i in (1, 2, 3)]
    frequency = ORIGINAL if place[2] in {"", *CORRECTIONS} else place[2]
    put(clm, 5, composite(*place[:2], frequency))
    for at, said in ((8, to.benefits), (9, to.release), (10, to.signature)):
        if said is not None and (said or at < len(clm)):
            put(clm, at, said)
    kept = [
        segment
        for segment in head[1:]
        if segment[0] != "REF"
        or element(segment, 1) not in {"F8", "G1", "9F", *_PAYERS_OWN_NUMBERS}
    ]
    new = [clm, *kept]
    at = after_references(new)
    return [*new[:at], *to.numbers, *new[at:]]


# -- what a payer answered -----------------------------------------------------------------------


def _answered(
    payer: Payer, told: Sequence[Answered], decided: Mapping[int, Sequence[LineAdjudication]]
) -> Payer:
    """The payer with its answers: one loop for all of them, also where it split the claim."""
    if any(answer.day is None for answer in told):
        raise BadRequest("The answer has no date (BPR16).", "The next payer asks for it (DTP*573).")
    adjustments = [a for answer in told for a in answer.payment.adjustments]
    paid = sum(answer.payment.paid_cents for answer in told)
    money = [*_cas(adjustments), ["AMT", "D", amount(paid)]]
    if not decided:
        money.append(["AMT", "EAF", amount(_left_to_patient(adjustments))])
    numbers = [a.payment.payer_claim_control_number for a in told]
    last = max(answer.day for answer in told if answer.day is not None)
    return msgspec.structs.replace(
        payer,
        money=money,
        remarks=next(([*a.remarks] for a in reversed(told) if a.remarks), []),
        dates=[] if decided else [date_segment("573", last, last)],
        number=next((n for n in reversed(numbers) if n), ""),
    )


def _cas(adjustments: Sequence[Adjustment]) -> list[Segment]:
    """CAS as the payer had them; gathered by group only where they would be too many."""
    segments = adjustment_segments(adjustments)
    if len(segments) > _CAS_MOST:
        segments = adjustment_segments(sorted(adjustments, key=lambda a: a.group))
    if len(segments) > _CAS_MOST:
        raise BadRequest(
            "The payer gave more adjustments than a claim to the next payer can hold (5 CAS).",
            "Send this claim on paper with the remittance.",
        )
    return segments


def _left_to_patient(adjustments: Iterable[Adjustment]) -> int:
    return sum(a.cents for a in adjustments if a.group == "PR")


def _decisions(
    claim: Claim, payer: Payer, told: Sequence[Answered]
) -> dict[int, list[LineAdjudication]]:
    """What a payer said on each line, by the line's number; empty where it gave no lines."""
    found: dict[int, list[LineAdjudication]] = {}
    for answer in told:
        for service, number in zip(answer.payment.services, answer.lines, strict=True):
            if not 0 < number <= len(claim.lines):
                raise BadRequest(
                    f"Line {service.position} of the answer matches no line of the claim.",
                    "Bill the next payer where the claim was made.",
                )
            found.setdefault(number, []).append(_decision(claim, payer, answer, service, number))
    return found


def _decision(
    claim: Claim, payer: Payer, answer: Answered, service: ServicePayment, number: int
) -> LineAdjudication:
    line = claim.lines[number - 1]
    procedure = line.procedure if service.procedure.qualifier == "NU" else service.procedure
    left = _left_to_patient(service.adjustments)
    return LineAdjudication(
        payer_id=payer.id,
        paid_cents=service.paid_cents,
        procedure=msgspec.structs.replace(procedure, description=""),
        units=service.units,
        bundled_line=_bundled_into(claim, answer, service, number),
        adjustments=service.adjustments,
        paid_date=answer.day,
        amounts=(Amount("EAF", left),),
    )


def _bundled_into(claim: Claim, answer: Answered, service: ServicePayment, number: int) -> str:
    """LX of the line into which the payer bundled this one (SVD06), else empty.

    SVC06 shows the submitted code, and the code it was judged as is paid on another line.
    """
    if service.submitted_procedure is None or service.paid_cents:
        return ""
    for other, line in zip(answer.payment.services, answer.lines, strict=True):
        same_code = other.procedure.code == service.procedure.code
        if line != number and same_code and other.paid_cents:
            return claim.lines[line - 1].number
    return ""


def _line_to(
    loop: list[Segment],
    number: int,
    ids: set[str],
    decided: Sequence[Mapping[int, Sequence[LineAdjudication]]],
    claim: Claim,
) -> list[Segment]:
    """A line with the decisions that are told anew in the place of those it had of these payers."""
    at = next((i for i, s in enumerate(loop) if s[0] in {"SVD", *_BEHIND_DECISIONS}), len(loop))
    end = next((i for i, s in enumerate(loop) if s[0] in _BEHIND_DECISIONS), len(loop))
    kept = flat(block for block in _blocks(loop[at:end]) if element(block[0], 1) not in ids)
    fresh: list[Segment] = []
    for payer in decided:
        for decision in payer.get(number, ()):
            _cas(decision.adjustments)  # as many as the loop can hold, or it is refused
            fresh += adjudication_segments(decision, claim.lines[number - 1])
    return [*loop[:at], *kept, *fresh, *loop[end:]]


def _blocks(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Loops 2430, each with its SVD."""
    blocks: list[list[Segment]] = []
    for segment in segments:
        if segment[0] == "SVD":
            blocks.append([])
        blocks[-1].append(segment)
    return blocks


def prove(claim: Claim) -> None:
    """Line charge less CAS is SVD02, CLM02 less every CAS is AMT*D, for each payer's answer.

    Raises BadRequest where it is not (claim_rules.md 5.6).
    """
    for payer in claim.other_payers:
        if payer.paid_cents is None:
            continue
        told = payer.coverage.payer.id
        own = sum(a.cents for a in payer.adjustments)
        by_line = [
            [d for d in line.adjudications if d.payer_id == told and told] for line in claim.lines
        ]
        taken = [sum(a.cents for d in found for a in d.adjustments) for found in by_line]
        for line, found, cents in zip(claim.lines, by_line, taken, strict=True):
            paid = sum(d.paid_cents for d in found)
            if any(by_line) and line.charge_cents - cents != paid:
                raise BadRequest(
                    f"Line {line.position}: charge less adjustments is not what the payer paid on "
                    f"it ({payer.coverage.rank_code} in SBR01).",
                    f"Every line needs its own answer. {_TAKE_UP}",
                )
        if claim.charge_cents - own - sum(taken) != payer.paid_cents:
            raise BadRequest(
                "The claim's charge less all adjustments is not what the payer paid "
                f"({payer.coverage.rank_code} in SBR01).",
                f"A claim that does not balance is rejected. {_TAKE_UP}",
            )


def remark_segments(texts: Iterable[str], marks: Delimiters) -> tuple[Segment, ...]:
    """The MIA and MOA segments among a claim payment's raw segments."""
    found = (from_raw(text, marks) for text in texts)
    return tuple(segment for segment in found if segment[0] in {"MIA", "MOA"})
