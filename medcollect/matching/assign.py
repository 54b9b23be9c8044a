"""Assign claim payments to claims: a pure function of the documents that share keys.

It starts from nothing every time, so that the order in which files arrive cannot matter. Documents
of one claim (filed again, to the next payer, replaced, voided) form a group; payments join the
group they answer; a payment that answers nothing on file opens a claim by itself where its status
allows it (DESIGN section 7).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

import msgspec
from rapidfuzz import fuzz

from medcollect.matching.claims import Candidate, ClaimFacts, Match, PaymentFacts, choose
from medcollect.matching.keys import (
    claim_member_ids,
    member_ids,
    name_key,
    number_key,
    prefixes,
    service_dates,
)
from medcollect.matching.lines import billed
from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment

#: Statuses that open a claim when none is on file: first payers and unknown patients.
_OPENING_STATUSES = frozenset({"1", "4", "19"})
_SAME_CLAIM_FREQUENCIES = frozenset({"7", "8"})
_NAME_ALIKE_MIN = 85
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ClaimDoc(msgspec.Struct, frozen=True):
    """A claim document of the book with its keys; ``prior_claim``: the claim it belonged to."""

    id: int
    claim: Claim
    keys: tuple[str, ...]
    sort_key: str
    prior_claim: int | None = None

    @property
    def created(self) -> date | None:
        """The day the document was made (BHT04), with which its sort key begins."""
        day = self.sort_key[:10]
        return date.fromisoformat(day) if _DAY.fullmatch(day) else None


class PaymentDoc(msgspec.Struct, frozen=True):
    """A claim payment of the book with its keys, its rank and what people decided about it.

    ``held`` says why it must not post, empty when it may. ``reissue`` is 1 where the same payment
    was on file already and a person released this one. ``to_claim`` and ``open_claim`` are a
    person's decisions on matching, ``post_anyway`` one on posting.
    """

    id: int
    remittance: int
    payment: ClaimPayment
    keys: tuple[str, ...]
    payment_date: date | None
    place: tuple[int, int]
    fingerprint: str
    payer_key: str
    payer_name: str
    practice_key: str = ""
    held: str = ""
    reissue: int = 0
    prior_claim: int | None = None
    to_claim: int | None = None
    open_claim: bool = False
    post_anyway: bool = False

    @property
    def order(self) -> tuple[date, int, int, int, str]:
        """The rank among answers: payment date, the first issue, place in the file, content."""
        return (self.payment_date or date.min, self.reissue, *self.place, self.fingerprint)


class Group(msgspec.Struct):
    """One claim: its documents in order, its payments with their matches, its opening payments.

    ``rejected`` holds, by payment, the other claims that were considered.
    """

    number: int
    documents: list[ClaimDoc] = []
    payments: list[PaymentDoc] = []
    openers: list[PaymentDoc] = []
    matches: dict[int, Candidate] = {}
    rejected: dict[int, tuple[Candidate, ...]] = {}
    payer_numbers: set[str] = set()

    def prior_claims(self) -> list[int]:
        """The claims that the members belonged to before, documents first."""
        members: list[ClaimDoc | PaymentDoc] = [*self.documents, *self.payments]
        return list(dict.fromkeys(m.prior_claim for m in members if m.prior_claim is not None))


class Unmatched(msgspec.Struct, frozen=True):
    """A payment that found no claim: the kind of exception and the candidates considered."""

    payment: PaymentDoc
    kind: str
    candidates: tuple[Candidate, ...]


class Assignment(msgspec.Struct, frozen=True):
    """Groups with everything assigned, and the payments that wait for a person."""

    groups: tuple[Group, ...]
    unmatched: tuple[Unmatched, ...]


def assign(
    documents: Iterable[ClaimDoc],
    payments: Iterable[PaymentDoc],
    crowded: Collection[str] = (),
) -> Assignment:
    """Assign every payment to a group of claim documents, to a claim it opens, or to nobody.

    All documents that share keys with one another must be given, else the result depends on what
    is left out. ``crowded`` keys are those whose documents are too many to be given: a payment
    with one of them opens no claim.
    """
    return _Assigner(documents, payments, crowded).run()


class _Assigner:
    """One run of :func:`assign`."""

    def __init__(
        self,
        documents: Iterable[ClaimDoc],
        payments: Iterable[PaymentDoc],
        crowded: Collection[str],
    ) -> None:
        self.crowded = frozenset(crowded)
        self.groups: list[Group] = []
        self.facts: list[ClaimFacts | None] = []
        self.by_key: dict[str, set[int]] = defaultdict(set)
        self.by_prefix: dict[str, set[int]] = defaultdict(set)
        self.by_claim: dict[int, int] = {}
        self.payments = sorted(payments, key=lambda p: p.order)
        for members in group_documents(documents):
            self._new_group(documents=members)

    def run(self) -> Assignment:
        """Decided payments first, then those with a claim on file, then openers, then the rest."""
        waiting = [p for p in self.payments if not self._decided(p)]
        waiting = [p for p in waiting if not self._joins(p)]
        openers = [p for p in waiting if p.payment.status in _OPENING_STATUSES and not p.held]
        for payment in openers:
            if self._joins(payment) or not self._may_open(payment):
                continue
            self._open(payment)
        opened = {p.id for group in self.groups for p in group.payments}
        rest = [p for p in waiting if p.id not in opened]
        unmatched = [p for p in rest if not self._joins(p)]
        return Assignment(tuple(self.groups), tuple(self._explain(p) for p in unmatched))

    def _decided(self, payment: PaymentDoc) -> bool:
        """Follow a person's decision on where a payment belongs."""
        if payment.open_claim:
            self._open(payment)
            return True
        if payment.to_claim is None or payment.to_claim not in self.by_claim:
            return False
        number = self.by_claim[payment.to_claim]
        person = Candidate(number, 100, "person", ("a person chose this claim",), ())
        self._attach(number, payment, person)
        return True

    def _candidates(self, payment: PaymentDoc) -> Match:
        """Weigh the groups that share a key with the payment."""
        found: set[int] = set()
        for key in payment.keys:
            found |= self.by_key.get(key, set())
        number = number_key(payment.payment.patient_control_number)
        found |= self.by_prefix.get(number, set())
        return choose(payment_facts(payment), [self._facts_of(n) for n in sorted(found)])

    def _facts_of(self, number: int) -> ClaimFacts:
        """What matching reads of a group, gathered when a payment first looks at it."""
        facts = self.facts[number]
        if facts is None:
            facts = documents_facts(number, self.groups[number].documents)
            self.facts[number] = facts
        return facts

    def _joins(self, payment: PaymentDoc) -> bool:
        """Attach a payment to the group it surely answers."""
        match = self._candidates(payment)
        if match.chosen is None:
            return False
        self._attach(match.chosen.claim, payment, match.chosen)
        if len(match.candidates) > 1:
            others = tuple(c for c in match.candidates if c is not match.chosen)
            self.groups[match.chosen.claim].rejected[payment.id] = others
        return True

    def _may_open(self, payment: PaymentDoc) -> bool:
        """Whether nothing on file could be the claim: then, and only then, one is opened."""
        if self.crowded.intersection(payment.keys):
            return False
        return not any(c.same_claim for c in self._candidates(payment).candidates)

    def _explain(self, payment: PaymentDoc) -> Unmatched:
        """Why a payment found no claim."""
        match = self._candidates(payment)
        able = [c for c in match.candidates if c.same_claim]
        kind = "no_claim"
        if self.crowded.intersection(payment.keys):
            kind = "number_too_common"
        elif match.ambiguous:
            kind = "several_claims"
        elif able:
            kind = "claim_not_certain"
        elif payment.payment.is_reversal:
            kind = "reversal_without_original"
        return Unmatched(payment, kind, match.candidates)

    def _open(self, payment: PaymentDoc) -> None:
        """Open a claim from a payment."""
        number = self._new_group(opener=payment)
        opened = Candidate(number, 100, "opened", ("no claim was on file",), ())
        self._attach(number, payment, opened)

    def _attach(self, number: int, payment: PaymentDoc, match: Candidate) -> None:
        """Put a payment into a group, which learns the payer's numbers from it."""
        group = self.groups[number]
        group.payments.append(payment)
        group.matches[payment.id] = match
        if not group.documents and payment.payment.status in _OPENING_STATUSES and not payment.held:
            group.openers.append(payment)
        learned = [k for k in payment.keys if k.startswith("C:")]
        group.payer_numbers.update(key[2:] for key in learned)
        for key in learned:
            self.by_key[key].add(number)
        facts = self._facts_of(number)
        numbers = frozenset(group.payer_numbers)
        own = number_key(payment.payment.patient_control_number)
        returned = own in {number_key(n) for n in facts.patient_control_numbers}
        self.facts[number] = msgspec.structs.replace(
            facts,
            payer_numbers=numbers,
            number_returned=facts.number_returned or bool(own and returned),
        )

    def _new_group(
        self, documents: Sequence[ClaimDoc] = (), opener: PaymentDoc | None = None
    ) -> int:
        """Make a group and index it by its keys."""
        number = len(self.groups)
        group = Group(number, documents=list(documents))
        self.groups.append(group)
        self.facts.append(None if opener is None else opener_facts(number, opener))
        members: list[ClaimDoc | PaymentDoc] = [*documents, *([opener] if opener else [])]
        for member in members:
            for key in member.keys:
                self.by_key[key].add(number)
            for prefix in prefixes(_number_of(member)):
                self.by_prefix[prefix].add(number)
            if member.prior_claim is not None:
                self.by_claim.setdefault(member.prior_claim, number)
        return number


def _number_of(member: ClaimDoc | PaymentDoc) -> str:
    """The patient control number of a document as a key."""
    record = member.claim if isinstance(member, ClaimDoc) else member.payment
    return number_key(record.patient_control_number)


def payment_facts(doc: PaymentDoc) -> PaymentFacts:
    """What matching reads of a claim payment."""
    payment = doc.payment
    patient = payment.party("QC")
    first_day, last_day = service_dates(payment)
    return PaymentFacts(
        patient_control_number=payment.patient_control_number,
        charge_cents=payment.charge_cents,
        payer_numbers=frozenset(k[2:] for k in doc.keys if k.startswith("C:")),
        member_ids=member_ids(payment),
        last_name=patient.last_name if patient else "",
        first_name=patient.first_name if patient else "",
        service_from=first_day,
        service_to=last_day,
        line_control_numbers=frozenset(
            s.line_control_number for s in payment.services if s.line_control_number
        ),
        procedure_codes=frozenset(billed(s).code.upper() for s in payment.services),
        is_reversal=payment.is_reversal,
    )


def documents_facts(number: int, documents: Sequence[ClaimDoc]) -> ClaimFacts:
    """What matching reads of a group of claim documents; the latest one speaks for charges."""
    claims = [document.claim for document in documents]
    latest = claims[-1]
    days = [d for c in claims for d in (c.service_from, c.service_to) if d is not None]
    return ClaimFacts(
        claim=number,
        patient_control_numbers=tuple(dict.fromkeys(c.patient_control_number for c in claims)),
        charge_cents=latest.charge_cents,
        payer_numbers=frozenset(k[2:] for d in documents for k in d.keys if k.startswith("C:")),
        member_ids=tuple(i for c in claims for i in claim_member_ids(c)),
        last_name=latest.patient.last_name,
        first_name=latest.patient.first_name,
        service_from=min(days, default=None),
        service_to=max(days, default=None),
        line_control_numbers=frozenset(
            x.line_control_number for c in claims for x in c.lines if x.line_control_number
        ),
        line_charges=frozenset(x.charge_cents for c in claims for x in c.lines),
        procedure_codes=frozenset(x.procedure.code.upper() for c in claims for x in c.lines),
    )


def opener_facts(number: int, opener: PaymentDoc) -> ClaimFacts:
    """What matching reads of a claim that a payment opened."""
    facts = payment_facts(opener)
    payment = opener.payment
    return ClaimFacts(
        claim=number,
        patient_control_numbers=(payment.patient_control_number,),
        charge_cents=payment.charge_cents,
        payer_numbers=facts.payer_numbers,
        member_ids=facts.member_ids,
        last_name=facts.last_name,
        first_name=facts.first_name,
        service_from=facts.service_from,
        service_to=facts.service_to,
        line_control_numbers=facts.line_control_numbers,
        line_charges=frozenset(s.charge_cents for s in payment.services),
        procedure_codes=facts.procedure_codes,
    )


def group_documents(documents: Iterable[ClaimDoc]) -> list[list[ClaimDoc]]:
    """Gather the documents of one claim: same number, same patient, same days of service.

    A replacement or void (frequency 7, 8) belongs to the only claim of its number and patient
    whatever its days. Documents without a usable number stand alone unless patient, days and charge
    agree.
    """
    by_number: dict[str, list[list[ClaimDoc]]] = defaultdict(list)
    for document in sorted(documents, key=lambda d: (d.sort_key, d.id)):
        groups = by_number[number_key(document.claim.patient_control_number)]
        home = _home(document.claim, groups)
        if home is None:
            groups.append([document])
        else:
            home.append(document)
    return [group for groups in by_number.values() for group in groups]


def _home(claim: Claim, groups: Sequence[list[ClaimDoc]]) -> list[ClaimDoc] | None:
    """The claim that a document belongs to: that of its days, else the one it replaces or voids."""
    known = [g for g in groups if _may_belong(claim, g[-1].claim)]
    same_days = [g for g in known if _same_days(claim, g[-1].claim)]
    if same_days:
        return same_days[0]
    replaces = claim.frequency in _SAME_CLAIM_FREQUENCIES
    return known[0] if replaces and len(known) == 1 else None


def _may_belong(claim: Claim, earlier: Claim) -> bool:
    """Whether a document may speak of the same claim as an earlier one of its number."""
    if not _same_patient(claim, earlier):
        return False
    has_number = bool(number_key(claim.patient_control_number))
    return has_number or claim.charge_cents == earlier.charge_cents


def _same_patient(claim: Claim, earlier: Claim) -> bool:
    """Whether name and birth date agree as far as both are known."""
    births = {claim.patient.birth_date, earlier.patient.birth_date} - {None}
    if len(births) > 1:
        return False
    mine = name_key(claim.patient.last_name, claim.patient.first_name)
    theirs = name_key(earlier.patient.last_name, earlier.patient.first_name)
    return not mine or not theirs or fuzz.ratio(mine, theirs) >= _NAME_ALIKE_MIN


def _same_days(claim: Claim, earlier: Claim) -> bool:
    """Whether the days of service overlap, or are unknown."""
    if claim.service_from is None or earlier.service_from is None:
        return True
    last = claim.service_to or claim.service_from
    earlier_last = earlier.service_to or earlier.service_from
    return claim.service_from <= earlier_last and last >= earlier.service_from


__all__ = ["Assignment", "ClaimDoc", "Group", "PaymentDoc", "assign"]
