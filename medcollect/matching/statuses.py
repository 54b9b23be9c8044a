"""Which claim a 277CA, 277 or 276 speaks of, and the payer's numbers that are learned from them.

The rules are those of claim payments: number, payer's number, visit, each weighed with charge, days
and patient. A 277 that repeats only the trace of our 276 goes where that question went. Equal
candidates wait, unless only one of the claims was in the batch (BHT03) that a 277CA names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from medcollect.matching.claims import Candidate, ClaimFacts, PaymentFacts, choose
from medcollect.matching.docs import ClaimDoc, Group, PaymentDoc
from medcollect.matching.facts import documents_facts, opener_facts
from medcollect.matching.grouping import group_documents
from medcollect.matching.keys import number_key, prefixes, visit_keys
from medcollect.model.status import ClaimStatus

#: Shorter numbers of a payer tie nothing together.
_PAYER_NUMBER_MIN: Final = 5

#: Candidates this near to the best one are as good.
_NEAR: Final = 5

_TRACE_WHY: Final = "the trace number is that of the question (276) about this claim"


class StatusDoc(msgspec.Struct, frozen=True):
    """The status of a claim in the book; ``batch`` is the BHT03 of the 837 that a 277CA names.

    ``to_claim`` is a person's decision on where it belongs.
    """

    id: int
    kind: str
    status: ClaimStatus
    batch: str
    said_at: str
    prior_claim: int | None = None
    to_claim: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys by which claims find it."""
        return tuple(status_keys(self.kind, self.status))

    @property
    def payer_numbers(self) -> frozenset[str]:
        """The payer's number for the claim as a key."""
        number = number_key(self.status.payer_claim_control_number)
        return frozenset({number} if len(number) >= _PAYER_NUMBER_MIN else ())

    @property
    def trace(self) -> str:
        """The trace that ties question and answer; a 277CA has the claim's own number there."""
        return number_key(self.status.trace_number) if self.kind != "277CA" else ""


class Landing(msgspec.Struct, frozen=True):
    """Where a status belongs: the number of a group, or ``None`` with the kind of question."""

    group: int | None
    rule: str = ""
    score: int = 0
    question: str = ""
    candidates: tuple[Candidate, ...] = ()


def status_keys(kind: str, status: ClaimStatus) -> list[str]:
    """The keys of a status: our number, the payer's, the visit, the trace of the question."""
    number = number_key(status.patient_control_number)
    keys = [f"P:{number}"] if number else []
    payer_number = number_key(status.payer_claim_control_number)
    if len(payer_number) >= _PAYER_NUMBER_MIN:
        keys.append(f"C:{payer_number}")
    for member in _members(status):
        keys += visit_keys(member, status.service_from, status.charge_cents or 0)
    trace = number_key(status.trace_number)
    if kind != "277CA" and trace:
        keys.append(f"T:{trace}")
    return list(dict.fromkeys(keys))


def _members(status: ClaimStatus) -> tuple[str, ...]:
    """Every id that a status gives for patient and subscriber."""
    return tuple(dict.fromkeys(p.id for p in (status.patient, status.subscriber) if p.id))


def learn(documents: Iterable[ClaimDoc], statuses: Sequence[StatusDoc]) -> list[ClaimDoc]:
    """Claim documents with the payer's numbers that payers told of them (277CA, 277).

    A number is learned only where our own number or the visit says which claim is meant.
    """
    known = list(documents)
    if not statuses:
        return known
    groups = [Group(n, documents=list(d)) for n, d in enumerate(group_documents(known))]
    finder = _Finder(groups, {})
    learned: dict[int, set[str]] = defaultdict(set)
    for status in statuses:
        if status.kind == "276" or not status.payer_numbers:
            continue
        landing = finder.find(status)
        if landing.group is not None and landing.rule != "payer_claim_control_number":
            latest = groups[landing.group].documents[-1]
            learned[latest.id] |= {f"C:{number}" for number in status.payer_numbers}
    return [_taught(document, learned.get(document.id, ())) for document in known]


def _taught(document: ClaimDoc, keys: Collection[str]) -> ClaimDoc:
    if not keys:
        return document
    return msgspec.structs.replace(
        document, keys=tuple(dict.fromkeys((*document.keys, *sorted(keys))))
    )


def land(
    groups: Sequence[Group], statuses: Iterable[StatusDoc], batches: Mapping[int, str]
) -> dict[int, Landing]:
    """Find the claim of each status among complete groups; those filed by us come first.

    ``batches`` is the BHT03 that each claim document was sent under.
    """
    filed = _Finder([g for g in groups if g.documents], batches)
    opened = _Finder([g for g in groups if not g.documents], batches)
    landings: dict[int, Landing] = {}
    ordered = sorted(statuses, key=lambda s: (s.said_at, s.id))
    for status in ordered:
        landing = opened.decided(status) or filed.find(status)
        if landing.group is None and not landing.question:
            landing = opened.find(status)
        landings[status.id] = landing
    asked: dict[str, set[int]] = defaultdict(set)
    for status in ordered:
        group = landings[status.id].group
        if status.kind == "276" and status.trace and group is not None:
            asked[status.trace].add(group)
    for status in ordered:
        if status.kind == "277" and landings[status.id].group is None:
            landings[status.id] = _by_trace(status, asked, landings[status.id])
    return {number: _asking(landing) for number, landing in landings.items()}


def _by_trace(status: StatusDoc, asked: Mapping[str, set[int]], found: Landing) -> Landing:
    """Where the question with this trace went, if it went to one claim only."""
    groups = asked.get(status.trace, set())
    if len(groups) != 1 or number_key(status.status.patient_control_number):
        return found
    (group,) = groups
    candidate = Candidate(group, 90, "trace_number", (_TRACE_WHY,), ())
    return Landing(group, candidate.rule, candidate.score, "", (candidate,))


def _asking(landing: Landing) -> Landing:
    """A status without a claim asks a person: no claim, or none that is certain."""
    if landing.group is not None or landing.question:
        return landing
    kind = "status_not_certain" if landing.candidates else "status_without_claim"
    return msgspec.structs.replace(landing, question=kind)


class _Finder:
    """Groups by the keys of their members."""

    def __init__(self, groups: Sequence[Group], batches: Mapping[int, str]) -> None:
        self.groups = {group.number: group for group in groups}
        self.batches = batches
        self.by_key: dict[str, set[int]] = defaultdict(set)
        self.by_claim: dict[int, int] = {}
        self.facts: dict[int, ClaimFacts] = {}
        for group in groups:
            members: list[ClaimDoc | PaymentDoc] = [*group.documents, *group.payments]
            for member in members:
                for key in member.keys:
                    self.by_key[key].add(group.number)
                if member.prior_claim is not None:
                    self.by_claim.setdefault(member.prior_claim, group.number)
            for document in group.documents:
                for prefix in prefixes(document.claim.patient_control_number):
                    self.by_key[f"P:{prefix}"].add(group.number)

    def decided(self, status: StatusDoc) -> Landing | None:
        """The group that a person chose, if it is one of these."""
        if status.to_claim is None or status.to_claim not in self.by_claim:
            return None
        return Landing(self.by_claim[status.to_claim], "person", 100)

    def find(self, status: StatusDoc) -> Landing:
        """The group that a status surely speaks of."""
        decided = self.decided(status)
        if decided is not None:
            return decided
        near: set[int] = set()
        for key in status.keys:
            near |= self.by_key.get(key, set())
        match = choose(status_facts(status), [self._facts_of(n) for n in sorted(near)])
        able = tuple(c for c in match.candidates if c.same_claim)
        chosen = match.chosen or (self._of_batch(status, able) if match.ambiguous else None)
        if chosen is not None:
            return Landing(chosen.claim, chosen.rule, chosen.score, "", match.candidates)
        question = "status_not_certain" if match.ambiguous else ""
        return Landing(None, "", 0, question, match.candidates)

    def _of_batch(self, status: StatusDoc, able: Sequence[Candidate]) -> Candidate | None:
        """Of equal candidates the one that was sent in the batch that the answer names."""
        if not status.batch:
            return None
        best = [c for c in able if able[0].score - c.score < _NEAR]
        sent = [c for c in best if status.batch in self._batches_of(c.claim)]
        return sent[0] if len(sent) == 1 else None

    def _batches_of(self, number: int) -> set[str]:
        documents = self.groups[number].documents
        return {self.batches[d.id] for d in documents if d.id in self.batches}

    def _facts_of(self, number: int) -> ClaimFacts:
        """What matching reads of a group, with the payer's numbers that its answers taught."""
        if number not in self.facts:
            group = self.groups[number]
            if group.documents:
                facts = documents_facts(number, group.documents)
            else:
                facts = opener_facts(number, (group.openers or group.payments)[0])
            numbers = facts.payer_numbers | group.payer_numbers
            self.facts[number] = msgspec.structs.replace(facts, payer_numbers=numbers)
        return self.facts[number]


def status_facts(doc: StatusDoc) -> PaymentFacts:
    """What matching reads of a status, in the form it has for claim payments."""
    status = doc.status
    return PaymentFacts(
        patient_control_number=status.patient_control_number,
        charge_cents=status.charge_cents or 0,
        payer_numbers=doc.payer_numbers,
        member_ids=_members(status),
        last_name=status.patient.last_name,
        first_name=status.patient.first_name,
        service_from=status.service_from,
        service_to=status.service_to,
        line_control_numbers=frozenset(
            line.line_control_number for line in status.lines if line.line_control_number
        ),
        procedure_codes=frozenset(
            line.procedure.code.upper() for line in status.lines if line.procedure.code
        ),
    )
