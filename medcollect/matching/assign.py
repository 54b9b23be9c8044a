"""Assign claim payments to claims: a pure function of the documents that share keys.

It starts from nothing every time, so that the order in which files arrive cannot matter. Documents
of one claim (filed again, to the next payer, replaced, voided) form a group; payments join the
group they answer; a payment that answers nothing on file opens a claim by itself where its status
allows it (DESIGN section 7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from medcollect.matching.claims import (
    BEYOND_ALIKE_POINTS,
    Candidate,
    ClaimFacts,
    Match,
    choose,
)
from medcollect.matching.docs import Assignment, ClaimDoc, Group, PaymentDoc, Unmatched
from medcollect.matching.facts import documents_facts, opener_facts, payment_facts
from medcollect.matching.grouping import group_documents
from medcollect.matching.keys import loose_keys, number_key, prefixes

#: Statuses that open a claim when none is on file: first payers and unknown patients.
_OPENING_STATUSES = frozenset({"1", "4", "19"})


def assign(
    documents: Iterable[ClaimDoc],
    payments: Iterable[PaymentDoc],
    crowded: Collection[str] = (),
    *,
    open_claims: bool = True,
) -> Assignment:
    """Assign every payment to a group of claim documents, to a claim it opens, or to nobody.

    All documents that share keys with one another must be given, else the result depends on what
    is left out. ``crowded`` keys are those whose documents are too many to be given: a payment
    with one of them opens no claim. Without ``open_claims`` no payment opens one by itself.
    """
    return _Assigner(documents, payments, crowded).run(open_claims=open_claims)


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
        self.by_key: dict[str, list[int]] = defaultdict(list)
        self.by_loose_key: dict[str, list[int]] = defaultdict(list)
        self.by_claim: dict[int, int] = {}
        self.payments = sorted(payments, key=lambda p: p.order)
        for members in group_documents(documents):
            self._new_group(documents=members)

    def run(self, *, open_claims: bool = True) -> Assignment:
        """Decided payments first, then those with a claim on file, then openers, then the rest."""
        waiting = [p for p in self.payments if not self._decided(p)]
        waiting = [p for p in waiting if not self._joins(p)]
        openers = [p for p in waiting if p.payment.status in _OPENING_STATUSES and not p.held]
        for payment in openers if open_claims else ():
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
        """Weigh the groups that share a key with the payment.

        Those that only share a loose one are many on a busy day: they are weighed unless a claim
        with the payment's own key stands so high that none of them can come near it.
        """
        sharing = {n for key in payment.keys if key in self.by_key for n in self.by_key[key]}
        facts = payment_facts(payment)
        match = choose(facts, [self._facts_of(n) for n in sorted(sharing)])
        if match.chosen and match.chosen.points >= BEYOND_ALIKE_POINTS:
            return match
        alike = {n for k in payment.keys if k in self.by_loose_key for n in self.by_loose_key[k]}
        if alike <= sharing:
            return match
        return choose(facts, [self._facts_of(n) for n in sorted(sharing | alike)])

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
        if match.ambiguous:
            kind = "several_claims"
        elif self.crowded.intersection(payment.keys):
            kind = "number_too_common"
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
        for key in payment.keys:
            if key.startswith("C:"):
                group.payer_numbers.add(key[2:])
                self.by_key[key].append(number)
        facts = self._facts_of(number)
        facts.payer_numbers = frozenset(group.payer_numbers)
        if not facts.number_returned:
            own = number_key(payment.payment.patient_control_number)
            names = [number_key(number) for number in facts.patient_control_numbers]
            facts.number_returned = bool(own) and own in names

    def _new_group(
        self, documents: Sequence[ClaimDoc] = (), opener: PaymentDoc | None = None
    ) -> int:
        """Make a group and index it by its keys."""
        number = len(self.groups)
        group = Group(number, documents=list(documents))
        self.groups.append(group)
        self.facts.append(None if opener is None else opener_facts(number, opener))
        for document in documents:
            self._index(number, document, document.loose or loose_keys(document.claim))
        if opener is not None:
            cut = prefixes(opener.payment.patient_control_number)
            self._index(number, opener, [f"P:{prefix}" for prefix in cut])
        return number

    def _index(self, number: int, member: ClaimDoc | PaymentDoc, loose: Sequence[str]) -> None:
        """Let a group be found by a member's keys.

        ``loose`` are those of payments whose number may fail to name the claim.
        """
        for key in member.keys:
            self.by_key[key].append(number)
        for key in loose:
            self.by_loose_key[key].append(number)
        if member.prior_claim is not None:
            self.by_claim.setdefault(member.prior_claim, number)
