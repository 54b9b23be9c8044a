"""Claims made from claims: sent again, as replacement, as void, and to the next payer.

Each takes a stored claim and gives a new one whose fields and segments agree, ready for
``write_837``. Facts that are missing are refused in plain words (claim_rules.md 5.2 and 5.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medcollect.errors import BadRequest
from medcollect.x12.next837 import CORRECTIONS, Answered, bill_to
from medcollect.x12.parts837 import (
    Parts,
    after_references,
    component,
    element,
    parts_of,
    payer_from,
    payers_of,
    put,
)
from medcollect.x12.write import composite
from medcollect.x12.write837 import claim_segments

if TYPE_CHECKING:
    from medcollect.model.claim import Claim, Coverage, ServiceLine
    from medcollect.model.remittance import ClaimPayment, RemittanceHeader, ServicePayment
    from medcollect.x12.write import Statements

REPLACEMENT, VOID = "7", "8"
_REVERSAL: Final = "22"


def again(parts: Parts, frequency: str, payer_claim_control_number: str = "") -> Parts:
    """The claim once more: a replacement (7), a void (8), or a first claim (1, a hospital's 2 ...).

    Replacement and void name the payer's own number of the claim in REF*F8; a first claim names
    none. Raises BadRequest where the number is missing.
    """
    number = payer_claim_control_number.strip()
    if frequency in CORRECTIONS and not number:
        raise BadRequest(
            "A replacement or void needs the payer's own number of the claim (CLP07).",
            "Take it from the remittance or the 277CA, or send a new claim.",
        )
    new = parts.copy()
    new.head = [segment for segment in new.head if segment[:2] != ["REF", "F8"]]
    clm = new.head[0]
    place = [component(element(clm, 5), i) for i in (1, 2)]
    put(clm, 5, composite(*place, frequency))
    if frequency in CORRECTIONS:
        new.head.insert(after_references(new.head), ["REF", "F8", number])
    return new


def replacement(
    claim: Claim, payer_claim_control_number: str, statements: Statements | None = None
) -> Claim:
    """The claim as a replacement (frequency 7) of what the payer knows under this number.

    ``statements`` are needed where the claim was not read from a file, else BadRequest is raised.
    """
    return again(_parts(claim, statements), REPLACEMENT, payer_claim_control_number).read()


def void(
    claim: Claim, payer_claim_control_number: str, statements: Statements | None = None
) -> Claim:
    """The claim as the void (frequency 8) of what the payer knows under this number.

    ``statements`` are needed where the claim was not read from a file, else BadRequest is raised.
    """
    return again(_parts(claim, statements), VOID, payer_claim_control_number).read()


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
    parts = _parts(claim, statements)
    target = payer_from(to) if to is not None else _waiting(parts)
    told = Answered(answer, _lines_of(answer, claim), header.payment_date)
    return bill_to(parts, target, {0: [told]}).read()


def _parts(claim: Claim, statements: Statements | None) -> Parts:
    levels, loop = claim_segments(claim, statements=statements)
    if not levels:
        raise BadRequest(
            "The stored claim has no billing provider loop above it.",
            "Write the claim anew where it was made.",
        )
    return parts_of(claim.form, levels, loop)


def _waiting(parts: Parts) -> int:
    """The first other payer that has not answered."""
    for place, payer in enumerate(payers_of(parts)):
        if place and not any(s[:2] == ["AMT", "D"] for s in payer.money):
            return place
    raise BadRequest(
        "The claim names no further payer that has yet to answer.",
        "Give the next payer's coverage.",
    )


def _lines_of(answer: ClaimPayment, claim: Claim) -> tuple[int, ...]:
    """The claim line that each service payment answers, 0 where there is none."""
    taken: set[int] = set()
    found = []
    for service in answer.services:
        number = _line_of(service, claim, taken)
        taken.add(number)
        found.append(number)
    return tuple(found)


def _line_of(service: ServicePayment, claim: Claim, taken: set[int]) -> int:
    """The one line a service payment answers: by control number, else by what was billed."""
    numbered = list(enumerate(claim.lines, start=1))
    number = service.line_control_number
    same = [at for at, line in numbered if number and line.line_control_number == number]
    if len(same) == 1:
        return same[0]
    free = (at for at, line in numbered if at not in taken and _billed(service, line))
    return next(free, 0)


def _billed(service: ServicePayment, line: ServiceLine) -> bool:
    billed = service.submitted_procedure or service.procedure
    return (
        line.charge_cents == service.charge_cents
        and billed.code in {line.procedure.code, line.revenue_code}
        and service.service_from in (None, line.service_from)
    )
