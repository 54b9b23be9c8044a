"""Which claim a claim payment answers: ranked rules with scores and reasons (DESIGN section 7).

No tolerance on money: a charge is equal to the cent or it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec
from rapidfuzz import fuzz

from medcollect.matching.keys import is_lost, may_be_cut, name_key, number_key, prefixes

#: From this score on a match posts by itself; out of 100.
CONFIDENT_SCORE = 80

#: From this score on no claim that is found by less than number, or day and charge, comes closer.
SURE_SCORE = 85

#: Two candidates closer than this are equal: a person chooses.
_MARGIN = 5

#: From these points on no claim is equal that shares neither number nor visit with the payment: the
#: most that one can have (member, day and charge 66, charge 10, days 4, controls 8, patient 9,
#: procedures 6) and the margin.
BEYOND_ALIKE_POINTS = 103 + _MARGIN

_NAME_ALIKE_MIN = 85

#: So many candidates are kept with their reasons, the best first.
_LISTED_MOST = 8

#: Line control numbers shorter than this are the payer's own 1, 2, 3.
_CONTROL_LENGTH_MIN = 6


class PaymentFacts(msgspec.Struct, frozen=True, gc=False):
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


class ClaimFacts(msgspec.Struct, gc=False):
    """What matching reads of a claim; ``claim`` is the caller's own key for it.

    ``number_returned`` says that a payment has brought the claim's own number back: its payers do
    return numbers, so another number is another claim. ``earlier_charges`` are those of the
    documents that the latest one replaced: answers to them come late.
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
    earlier_charges: frozenset[int] = frozenset()

    def charges(self, cents: int) -> bool:
        """Whether the claim charges this to the cent, or did before it was replaced."""
        return abs(cents) == self.charge_cents or abs(cents) in self.earlier_charges


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """One claim considered: score out of 100, what speaks for it and what against.

    ``points`` are the sum behind the score: by them candidates are told apart above 100, too.
    """

    claim: int
    score: int
    rule: str
    why: tuple[str, ...]
    why_not: tuple[str, ...]
    same_claim: bool = True
    points: int = 0


class Match(msgspec.Struct, frozen=True, gc=False):
    """The outcome: the chosen candidate or ``None``, and every candidate with its reasons."""

    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    ambiguous: bool = False


def choose(payment: PaymentFacts, claims: Sequence[ClaimFacts]) -> Match:
    """Choose the claim a payment answers; nobody when none is confident or two are equal.

    Claims of the same number but certainly other days of service are other claims: they are
    listed with their why-not and stop nothing.
    """
    ranked = [c for c in [score(payment, claim) for claim in claims] if c is not None]
    if len(ranked) > 1:
        ranked.sort(key=lambda c: (-c.points, c.claim))
    able = [c for c in ranked if c.same_claim]
    listed = tuple(ranked[:_LISTED_MOST])
    if not able or able[0].score < CONFIDENT_SCORE:
        return Match(None, listed)
    if len(able) > 1 and able[0].points - able[1].points < _MARGIN:
        return Match(None, listed, ambiguous=True)
    return Match(able[0], listed)


def score(payment: PaymentFacts, claim: ClaimFacts) -> Candidate | None:
    """Weigh one claim for a payment; ``None`` when no key ties them together."""
    rule, base = _identifying(payment, claim)
    if not base:
        return None
    why = [_RULE_TEXTS[rule]]
    why_not: list[str] = []
    total = base
    other_visit = False
    for weigh in _EVIDENCE_BY_RULE[rule]:
        for points, text in weigh(payment, claim):
            total += points
            (why if points > 0 else why_not).append(text)
            other_visit = other_visit or text == _OTHER_DAYS
    same = not (other_visit and rule in {"patient_control_number", "number_cut_off"})
    if _OTHER_NUMBER in why_not and (claim.number_returned or rule in _ASKING_RULES):
        same = False
    return Candidate(
        claim.claim,
        max(0, min(100, total)),
        rule,
        tuple(why),
        tuple(why_not),
        same_claim=same,
        points=total,
    )


_RULE_TEXTS = {
    "line_control_numbers": "the line control numbers are those of the claim",
    "patient_control_number": "the patient control number is the claim's",
    "payer_claim_control_number": "the payer's claim number is known from this claim",
    "number_cut_off": "the patient control number is the beginning of the claim's",
    "member_date_charge": "member, first day of service and charge are the claim's",
    "name_date_charge": "name, first day of service and charge are the claim's",
    "member_date": "member and first day of service are the claim's",
}

_OTHER_CHARGE = "the charge differs"
_OTHER_DAYS = "the days of service are others"
_OTHER_NUMBER = "the patient control number is another one"


def _identifying(payment: PaymentFacts, claim: ClaimFacts) -> tuple[str, int]:
    """The strongest key that ties payment and claim, with its score; zero when none does."""
    own = number_key(payment.patient_control_number)
    named = own in [number_key(number) for number in claim.patient_control_numbers]
    if named and not payment.line_control_numbers.isdisjoint(claim.line_control_numbers):
        return "line_control_numbers", 94
    if named and own:
        return "patient_control_number", 88
    if payment.payer_numbers & claim.payer_numbers:
        return "payer_claim_control_number", 75
    if _is_cut_off(payment, claim):
        return "number_cut_off", 70
    return _identifying_visit(payment, claim)


def _identifying_visit(payment: PaymentFacts, claim: ClaimFacts) -> tuple[str, int]:
    """The key that ties payment and claim where no number does: the patient's day, the charge."""
    if payment.service_from is None or payment.service_from != claim.service_from:
        return "", 0
    same_charge = claim.charges(payment.charge_cents)
    if _members_agree(payment, claim):
        return ("member_date_charge", 66) if same_charge else ("member_date", 46)
    alike = same_charge and _names(payment, claim) in {_EQUAL, _BEGINS, _ALIKE}
    return ("name_date_charge", 50) if alike else ("", 0)


def _is_cut_off(payment: PaymentFacts, claim: ClaimFacts) -> bool:
    """Whether the payment's number is the beginning of one of the claim's."""
    if not may_be_cut(payment.patient_control_number):
        return False
    own = number_key(payment.patient_control_number)
    return any(own in prefixes(number) for number in claim.patient_control_numbers)


#: What pieces of evidence count and how they are said to a person.
_Evidence = tuple[tuple[int, str], ...]

_NOTHING: _Evidence = ()
_SAME_CHARGE = ((10, "the charge is equal to the cent"),)
_CHARGE_OF_ONE_LINE = ((2, "the charge is that of one line"),)
_CHARGE_DIFFERS = ((-2, _OTHER_CHARGE),)
_NUMBER_FITS_OTHERS = ((-6, "the number fits others as well"),)
_SAME_DAYS = ((4, "the days of service agree"),)
_DAYS_DIFFER = ((-30, _OTHER_DAYS),)
_NUMBER_DIFFERS = ((-25, _OTHER_NUMBER),)
_SAME_PROCEDURES = ((6, "the procedures are those of the claim"),)
_PROCEDURES_DIFFER = ((-10, "other procedures were answered than billed"),)
_CONTROLS_AGREE = ((8, "line control numbers agree"),)
_SAME_MEMBER = (3, "the member id agrees")
_NUMBERLESS = ((0, "no number names the claim"),)


def _charge(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """The charge, equal to the cent, or one that lines of the claim make up (a split)."""
    if claim.charges(payment.charge_cents):
        return _SAME_CHARGE
    one_line = abs(payment.charge_cents) in claim.line_charges
    return _CHARGE_OF_ONE_LINE if one_line else _CHARGE_DIFFERS


def _charge_of_a_cut_number(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """Many claims begin alike: one with another charge is for a person to choose."""
    cents = abs(payment.charge_cents)
    fits = claim.charges(cents) or cents in claim.line_charges
    return _NOTHING if fits else _NUMBER_FITS_OTHERS


def _dates(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """Days of service: within the claim's, unknown, or certainly others."""
    if payment.service_from is None or claim.service_from is None:
        return _NOTHING
    last = payment.service_to or payment.service_from
    claim_last = claim.service_to or claim.service_from
    agree = payment.service_from <= claim_last and last >= claim.service_from
    return _SAME_DAYS if agree else _DAYS_DIFFER


def _other_number(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """A complete other number, asked where no number of ours ties them."""
    own = number_key(payment.patient_control_number)
    numbers = {number_key(n) for n in claim.patient_control_numbers} - {""}
    if not is_lost(own) and numbers and not any(_starts(own, number) for number in numbers):
        return _NUMBER_DIFFERS
    return _NOTHING


def _procedures(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """Procedures, asked where no number ties payment and claim."""
    if not payment.procedure_codes or not claim.procedure_codes:
        return _NOTHING
    within = payment.procedure_codes <= claim.procedure_codes
    return _SAME_PROCEDURES if within else _PROCEDURES_DIFFER


def _members_agree(payment: PaymentFacts, claim: ClaimFacts) -> bool:
    """Whether a member id agrees, give or take two trailing characters and leading zeros."""
    if any(number_key(member) for member in payment.member_ids if member in claim.member_ids):
        return True
    theirs = {number_key(i) for i in payment.member_ids} - {""}
    ours = {number_key(i) for i in claim.member_ids} - {""}
    return any(
        a == b or (abs(len(a) - len(b)) <= 2 and len(min(a, b, key=len)) >= 6 and _starts(a, b))
        for a in theirs
        for b in ours
    )


def _starts(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def _controls(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """Line control numbers long enough to be ours, where they agree."""
    shared = payment.line_control_numbers & claim.line_control_numbers
    return _CONTROLS_AGREE if any(map(_is_long_control, shared)) else _NOTHING


def _is_long_control(number: str) -> bool:
    return len(number) >= _CONTROL_LENGTH_MIN


_EQUAL, _BEGINS, _ALIKE = "equal", "begins", "alike"
_FIRST, _OTHER = "first", "other"


def _names(payment: PaymentFacts, claim: ClaimFacts) -> str:
    """How the patient's names agree; empty where one is unknown.

    ``begins``: the payer cut the name; ``first``: only the first names are equal (a marriage).
    """
    theirs = name_key(payment.last_name, payment.first_name)
    ours = name_key(claim.last_name, claim.first_name)
    if not theirs or not ours:
        return ""
    if theirs == ours:
        return _EQUAL
    their_last, _, their_first = theirs.partition(",")
    our_last, _, our_first = ours.partition(",")
    if our_last.startswith(their_last) and our_first.startswith(their_first):
        return _BEGINS
    if fuzz.ratio(theirs, ours) >= _NAME_ALIKE_MIN or (
        their_last == our_last and _starts(their_first, our_first)
    ):
        return _ALIKE
    return _FIRST if their_first and their_first == our_first else _OTHER


_ANOTHER = "the patient is another person by name and member id"

#: Points and words for the patient by how the names agree.
_BY_NAME = {
    _EQUAL: (6, "the patient's name agrees"),
    _BEGINS: (4, "the patient's name agrees as far as it goes"),
    _ALIKE: (1, "the patient's name almost agrees"),
    _FIRST: (-24, _ANOTHER),
    _OTHER: (-30, _ANOTHER),
}

#: What another name under an agreeing member id counts: families and twins share an id, and some
#: payers name the insured for the patient.
_OTHER_OF_THE_FAMILY, _OTHER_WHERE_NO_NUMBER_TELLS = -4, -20


def _patient(
    payment: PaymentFacts, claim: ClaimFacts, family: int = _OTHER_OF_THE_FAMILY
) -> _Evidence:
    """The patient: by member id and name, unknown, or somebody else."""
    names = _names(payment, claim)
    points, text = _BY_NAME.get(names, (0, ""))
    if not _members_agree(payment, claim):
        return ((points, text),) if text else _NOTHING
    if names == _FIRST:
        points, text = 1, "the first name agrees, the last name is another"
    elif points < 0:
        points, text = family - 3, "the name is that of another person with this member id"
    return (_SAME_MEMBER, (points, text)) if text else (_SAME_MEMBER,)


def _patient_told_weakly(payment: PaymentFacts, claim: ClaimFacts) -> _Evidence:
    """The patient where no number of ours names the claim."""
    return _patient(payment, claim, _OTHER_WHERE_NO_NUMBER_TELLS)


def _no_number(_payment: PaymentFacts, _claim: ClaimFacts) -> _Evidence:
    """Said of a claim that only patient and visit point to."""
    return _NUMBERLESS


_Weigh = Callable[[PaymentFacts, ClaimFacts], _Evidence]

_ALWAYS: tuple[_Weigh, ...] = (_charge, _dates, _controls)

#: What is weighed, in this order, by the rule that ties the two.
_EVIDENCE_BY_RULE: dict[str, tuple[_Weigh, ...]] = {
    "line_control_numbers": (*_ALWAYS, _patient),
    "patient_control_number": (*_ALWAYS, _patient),
    "payer_claim_control_number": (*_ALWAYS, _patient_told_weakly, _other_number),
    "number_cut_off": (*_ALWAYS, _patient_told_weakly, _charge_of_a_cut_number),
    "member_date_charge": (*_ALWAYS, _patient_told_weakly, _procedures, _other_number),
    "name_date_charge": (*_ALWAYS, _patient_told_weakly, _procedures, _no_number, _other_number),
    "member_date": (*_ALWAYS, _patient_told_weakly, _procedures, _no_number, _other_number),
}

#: Rules that never suffice by themselves: they find claims for a person to choose from.
_ASKING_RULES = frozenset({"name_date_charge", "member_date"})
