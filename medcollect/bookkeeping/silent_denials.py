"""Money that payers took back without a word, on the desk: opened, and closed by what explains it.

Which it is says ``ledger.silent``; here the claim's own answers and the recoveries that name it
become rows of the worklist. Nothing of them is denied: their denied amount is zero, and what is at
stake is the money that was taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.closure import TAKEN_BACK
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.found_cases import CLOSED, OPEN, found_row, known_rows
from medcollect.bookkeeping.ranking import keep_in_step
from medcollect.bookkeeping.refusals import denial_facts
from medcollect.bookkeeping.takebacks import Recoveries
from medcollect.denials import NO_POLICIES, DenialFacts, assess
from medcollect.denials.facts import TakebackFacts, Taken
from medcollect.ids import name
from medcollect.ledger import Answer, DenialItem
from medcollect.ledger.chains import Chain
from medcollect.ledger.silent import Recovery, Said, Silence, silent_recovery, silent_reversals
from medcollect.matching.docs import PaymentDoc
from medcollect.model.casework import SILENT
from medcollect.model.policies import DenialPolicies

Row = dict[str, Any]
_Key = tuple[int, str, int]

#: The rows of ``denial_findings.csv`` that these cases are.
REVERSAL: Final = "reversal"
RECOVERY: Final = "recovery"


class SilentKeeper:
    """Keeps the rows of the worklist over money that payers took back without a word."""

    def __init__(
        self, connection: sa.Connection, today: date, policies: DenialPolicies = NO_POLICIES
    ) -> None:
        self.connection = connection
        self.today = today
        self.policies = policies

    def keep(self, settled: Sequence[DerivedClaim], priors: set[int]) -> None:
        """Bring the rows of these claims in step."""
        answered = [claim for claim in settled if claim.group.payments and not claim.case.voided]
        recoveries = Recoveries(self.connection, answered)
        told = [c for c in answered if c.id in recoveries.chains or _is_reversed(c)]
        wanted = {_key(row): row for claim in told for row in self._rows(claim, recoveries)}
        known = {_key(row): row for row in known_rows(self.connection, priors, SILENT)}
        if wanted or known:
            keep_in_step(self.connection, self.today, wanted, known, self.policies)

    def _rows(self, claim: DerivedClaim, recoveries: Recoveries) -> Iterator[Row]:
        """What a claim should have on the desk."""
        docs = {doc.id: doc for doc in claim.group.payments}
        if _is_reversed(claim):
            held = [_said(doc) for doc in docs.values() if _answers_held(doc)]
            for silence in silent_reversals(claim.case.answers, held):
                taken = docs[silence.pair.reversal.id]
                facts = _reversal_facts(claim, silence, taken)
                yield self._row(claim, facts, (taken.id, 0), is_open=silence.is_open)
        places: Counter[int] = Counter()
        for chain in recoveries.chains.get(claim.id, ()):
            mine = [a for a in claim.case.answers if a.payer_key == chain.steps[0].payer]
            found = silent_recovery(chain, mine) if mine else None
            if found is not None:
                paid = docs[_paid_by(mine, found.since).id]
                facts = _recovery_facts(claim, found, paid, recoveries)
                place = places[paid.id]
                places[paid.id] += 1
                yield self._row(claim, facts, (paid.id, place), is_open=found.open_cents > 0)

    def _row(
        self, claim: DerivedClaim, facts: TakebackFacts, place: tuple[int, int], *, is_open: bool
    ) -> Row:
        """The row of a takeback; ``place`` is the answer that it hangs on, and which one there."""
        judged = assess(facts, self.today, self.policies)
        row = found_row(SILENT, claim.id, place[0], facts, judged)
        return {**row, "ordinal": place[1], "status": OPEN if is_open else CLOSED}


def _is_reversed(claim: DerivedClaim) -> bool:
    """Whether any answer takes another one back."""
    return any(doc.payment.is_reversal for doc in claim.group.payments)


def _key(row: Row) -> _Key:
    """What a row is known by from import to import."""
    return row["claim_payment_id"], row["reason"], row["ordinal"]


def _answers_held(doc: PaymentDoc) -> bool:
    """Whether a payer has answered by what does not post."""
    return bool(doc.held) and doc.held != TAKEN_BACK and not doc.payment.is_reversal


def _said(doc: PaymentDoc) -> Said:
    return Said(doc.id, doc.payer_key, doc.remittance, doc.order)


def _paid_by(answers: Sequence[Answer], since: date | None) -> Answer:
    """The answer whose money was taken: the last one before that paid, else the first."""
    day = since or date.max
    paying = [a for a in answers if a.payment.paid_cents > 0]
    before = [a for a in paying if (a.payment_date or date.min) <= day]
    ordered = sorted(before or paying or answers, key=lambda a: a.order)
    return ordered[-1] if before else ordered[0]


def _reversal_facts(claim: DerivedClaim, silence: Silence, doc: PaymentDoc) -> TakebackFacts:
    payment = doc.payment
    remarks = (*payment.remarks, *(r for service in payment.services for r in service.remarks))
    item = _item(doc, REVERSAL, silence.cents, tuple(dict.fromkeys(remarks)))
    taken = Taken(silence.cents, doc.payment_date, name("R", doc.remittance), "")
    return _facts(denial_facts(item, doc, claim), (taken,), silence.pair.original.payment_date)


def _recovery_facts(
    claim: DerivedClaim, found: Recovery, doc: PaymentDoc, recoveries: Recoveries
) -> TakebackFacts:
    item = _item(doc, RECOVERY, found.open_cents or found.cents)
    known = msgspec.structs.replace(denial_facts(item, doc, claim), decided_on=found.since)
    return _facts(known, tuple(_taken(found.chain, recoveries)), doc.payment_date)


def _item(doc: PaymentDoc, reason: str, cents: int, remarks: tuple[str, ...] = ()) -> DenialItem:
    return DenialItem(doc.id, 0, 0, "", reason, cents, OPEN, remarks)


def _facts(known: DenialFacts, taken: tuple[Taken, ...], paid_on: date | None) -> TakebackFacts:
    """The facts of the claim as those of a takeback; no line of it is paid any more."""
    given = {**msgspec.structs.asdict(known), "line_paid_cents": 0}
    return TakebackFacts(**given, taken=taken, paid_on=paid_on)


def _taken(chain: Chain, recoveries: Recoveries) -> Iterable[Taken]:
    for step in chain.steps:
        adjustment = recoveries.adjustments[step.remittance, step.place]
        trace = recoveries.remittances[step.remittance]["trace_number"]
        remittance = name("R", step.remittance)
        yield Taken(step.cents, step.day, remittance, trace, step.code, adjustment.reference)
