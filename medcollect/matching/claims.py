"""Which claim a claim payment answers: ranked rules with scores and reasons (DESIGN section 7).

No tolerance on money: a charge is equal to the cent or it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from rapidfuzz import fuzz

from medcollect.matching.keys import PREFIX_LENGTH_MIN, name_key, number_key

#: From this score on a match posts by itself; out of 100.
CONFIDENT_SCORE = 80

#: Two candidates closer than this are equal: a person chooses.
_MARGIN = 5

_NAME_ALIKE_MIN = 85


class PaymentFacts(msgspec.Struct, frozen=True):
    """What matching reads of a claim payment."""

    patient_control_number: str
    charge_cents: int
    payer_numbers: frozenset[str]
    member_ids: tuple[str, ...]
    last_name: str
    first_name: str
    service_from: date | None
    service_to: date | None
    line_control_numbers: frozenset[str]
    procedure_codes: frozenset[str]
    is_reversal: bool = False


class ClaimFacts(msgspec.Struct, frozen=True):
    """What matching reads of a claim; ``claim`` is the caller's own key for it.

    ``number_returned`` says that a payment has brought the claim's own number back: its payers do
    return numbers, so another number is another claim.
    """

    claim: int
    patient_control_numbers: tuple[str, ...]
    charge_cents: int
    payer_numbers: frozenset[str]
    member_ids: tuple[str, ...]
    last_name: str
    first_name: str
    service_from: date | None
    service_to: date | None
    line_control_numbers: frozenset[str]
    line_charges: frozenset[int]
    procedure_codes: frozenset[str]
    number_returned: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """One claim considered: score out of 100, what speaks for it and what against."""

    claim: int
    score: int
    rule: str
    why: tuple[str, ...]
    why_not: tuple[str, ...]
    same_claim: bool = True


class Match(msgspec.Struct, frozen=True):
    """The outcome: the chosen candidate or ``None``, and every candidate with its reasons."""

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    ambiguous: bool = False


def choose(payment: PaymentFacts, claims: Sequence[ClaimFacts]) -> Match:
    """Choose the claim a payment answers; nobody when none is confident or two are equal.

    Claims of the same number but certainly other days of service are other claims: they are
    listed with their why-not and stop nothing.
    """
    considered = [score(payment, claim) for claim in claims]
    ranked = sorted((c for c in considered if c is not None), key=lambda c: (-c.score, c.claim))
    able = [c for c in ranked if c.same_claim]
    if not able or able[0].score < CONFIDENT_SCORE:
        return Match(None, tuple(ranked))
    if len(able) > 1 and able[0].score - able[1].score < _MARGIN:
        return Match(None, tuple(ranked), ambiguous=True)
    return Match(able[0], tuple(ranked))


def score(payment: PaymentFacts, claim: ClaimFacts) -> Candidate | None:
    """Weigh one claim for a payment; ``None`` when no key ties them together."""
    rule, base = _identifying(payment, claim)
    if not base:
        return None
    why = [_RULE_TEXTS[rule]]
    why_not: list[str] = []
    total = base
    other_visit = False
    evidences = [_charge(payment, claim), _dates(payment, claim), _patient(payment, claim)]
    if rule == "member_date_charge":
        evidences.append(_procedures(payment, claim))
    if rule in {"member_date_charge", "payer_claim_control_number"}:
        evidences.append(_other_number(payment, claim))
    for evidence in evidences:
        if evidence is None:
            continue
        points, text = evidence
        total += points
        (why if points > 0 else why_not).append(text)
        other_visit = other_visit or text == _OTHER_DAYS
    same = not (other_visit and rule in {"patient_control_number", "number_cut_off"})
    if claim.number_returned and _OTHER_NUMBER in why_not:
        same = False
    return Candidate(
        claim.claim, max(0, min(100, total)), rule, tuple(why), tuple(why_not), same_claim=same
    )


_RULE_TEXTS = {
    "line_control_numbers": "the line control numbers are those of the claim",
    "patient_control_number": "the patient control number is the claim's",
    "payer_claim_control_number": "the payer's claim number is known from this claim",
    "number_cut_off": "the patient control number is the beginning of the claim's",
    "member_date_charge": "member, first day of service and charge are the claim's",
}

_OTHER_DAYS = "the days of service are others"
_OTHER_NUMBER = "the patient control number is another one"


def _identifying(payment: PaymentFacts, claim: ClaimFacts) -> tuple[str, int]:
    """The strongest key that ties payment and claim, with its score; zero when none does."""
    own = number_key(payment.patient_control_number)
    numbers = {number_key(n) for n in claim.patient_control_numbers}
    if payment.line_control_numbers & claim.line_control_numbers and own in numbers:
        return "line_control_numbers", 94
    if own and own in numbers:
        return "patient_control_number", 88
    if payment.payer_numbers & claim.payer_numbers:
        return "payer_claim_control_number", 75
    if len(own) >= PREFIX_LENGTH_MIN and any(n.startswith(own) for n in numbers):
        return "number_cut_off", 72
    if _same_visit(payment, claim):
        return "member_date_charge", 66
    return "", 0


def _same_visit(payment: PaymentFacts, claim: ClaimFacts) -> bool:
    """Whether member, first day of service and charge all agree."""
    return (
        _members_agree(payment, claim)
        and payment.service_from is not None
        and payment.service_from == claim.service_from
        and abs(payment.charge_cents) == claim.charge_cents
    )


def _charge(payment: PaymentFacts, claim: ClaimFacts) -> tuple[int, str] | None:
    """The charge, equal to the cent, or one that lines of the claim make up (a split)."""
    charge = abs(payment.charge_cents)
    if charge == claim.charge_cents:
        return 6, "the charge is equal to the cent"
    if charge in claim.line_charges:
        return 2, "the charge is that of one line"
    return -2, "the charge differs"


def _dates(payment: PaymentFacts, claim: ClaimFacts) -> tuple[int, str] | None:
    """Days of service: within the claim's, unknown, or certainly others."""
    if payment.service_from is None or claim.service_from is None:
        return None
    last = payment.service_to or payment.service_from
    claim_last = claim.service_to or claim.service_from
    if payment.service_from <= claim_last and last >= claim.service_from:
        return 4, "the days of service agree"
    return -30, _OTHER_DAYS


def _other_number(payment: PaymentFacts, claim: ClaimFacts) -> tuple[int, str] | None:
    """A complete other number, asked where no number of ours ties them."""
    own = number_key(payment.patient_control_number)
    numbers = {number_key(n) for n in claim.patient_control_numbers} - {""}
    if not own or not numbers or any(_starts(own, number) for number in numbers):
        return None
    return -25, _OTHER_NUMBER


def _procedures(payment: PaymentFacts, claim: ClaimFacts) -> tuple[int, str] | None:
    """Procedures, asked where no number ties payment and claim."""
    if not payment.procedure_codes or not claim.procedure_codes:
        return None
    if payment.procedure_codes <= claim.procedure_codes:
        return 6, "the procedures are those of the claim"
    return -10, "other procedures were answered than billed"


def _members_agree(payment: PaymentFacts, claim: ClaimFacts) -> bool:
    """Whether a member id agrees, give or take two trailing characters and leading zeros."""
    theirs = {number_key(i) for i in payment.member_ids} - {""}
    ours = {number_key(i) for i in claim.member_ids} - {""}
    return any(
        a == b or (abs(len(a) - len(b)) <= 2 and len(min(a, b, key=len)) >= 6 and _starts(a, b))
        for a in theirs
        for b in ours
    )


def _starts(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def _patient(payment: PaymentFacts, claim: ClaimFacts) -> tuple[int, str] | None:
    """The patient: by member id or name, unknown, or somebody else."""
    if _members_agree(payment, claim):
        return 3, "the member id agrees"
    theirs = name_key(payment.last_name, payment.first_name)
    ours = name_key(claim.last_name, claim.first_name)
    if not theirs or not ours:
        return None
    if fuzz.ratio(theirs, ours) >= _NAME_ALIKE_MIN or _first_name_cut(theirs, ours):
        return 3, "the patient's name agrees"
    return -30, "the patient is another person by name and member id"


def _first_name_cut(theirs: str, ours: str) -> bool:
    """Whether the last names are equal and one first name begins the other."""
    their_last, _, their_first = theirs.partition(",")
    our_last, _, our_first = ours.partition(",")
    return their_last == our_last and _starts(their_first, our_first)
