"""Rejected claims in the worklist, kept in step: opened, updated, settled by what came later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.derived import DerivedClaim, figures_of, legs_of
from medcollect.bookkeeping.letters import BatchAnswer, decode_sending, decode_status
from medcollect.bookkeeping.ranking import judged_columns, keep_in_step
from medcollect.denials import NO_POLICIES
from medcollect.denials.rejection import RejectionFacts, assess_rejection
from medcollect.filing import REFUSALS, Said
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.casework import REJECTED
from medcollect.model.policies import DenialPolicies
from medcollect.model.status import Status
from medcollect.store.among import among
from medcollect.store.correspondence import load_letters
from medcollect.store.tables import denials

Row = dict[str, Any]


class RejectionKeeper:
    """Keeps one row of the worklist for each claim that stands rejected."""

    def __init__(
        self, connection: sa.Connection, today: date, policies: DenialPolicies = NO_POLICIES
    ) -> None:
        self.connection = connection
        self.today = today
        self.policies = policies
        self._letters: dict[int, Row] = {}

    def keep(self, settled: Sequence[DerivedClaim], priors: set[int], gone: Sequence[int]) -> None:
        """Bring the rejections of these claims in step."""
        wanted = {claim.id: row for claim in settled if (row := self._row(claim)) is not None}
        known = self._known(sorted(priors)) if priors else {}
        if not wanted and not known:
            return
        answered = {claim.id for claim in settled} - set(gone)
        keep_in_step(
            self.connection, self.today, wanted, known, self.policies,
            lambda row: self._end(row, answered),
        )  # fmt: skip

    def _row(self, claim: DerivedClaim) -> Row | None:
        """The row that a rejected claim should have; none where nothing is open any more."""
        rejection = claim.filing.rejection
        if rejection is None:
            return None
        open_cents = figures_of(legs_of(claim)).insurance_open
        if not open_cents:
            return None
        facts = self._facts(claim, rejection, open_cents)
        judged = assess_rejection(facts, self.today, self.policies)
        return {
            "claim_payment_id": None,
            "claim_id": claim.id,
            "service": 0,
            "line": 0,
            "ordinal": 0,
            "group_code": "",
            "reason": facts.code,
            "remarks": " ".join(facts.codes[1:]),
            "amount_cents": 0,
            "status": "open",
            "facts": msgspec.json.encode(facts).decode(),
            "kind": REJECTED,
            "correspondence_id": rejection.key,
            **judged_columns(judged, open_cents),
        }

    def _facts(self, claim: DerivedClaim, rejection: Said, open_cents: int) -> RejectionFacts:
        letter = self._letter(rejection.key)
        document = claim.group.documents[-1].claim if claim.group.documents else None
        coverage = document.coverage if document is not None else None
        answers = claim.group.payments
        return RejectionFacts(
            kind=rejection.kind,
            codes=tuple(_codes(letter)),
            rejected_on=date.fromisoformat(rejection.day) if rejection.day else None,
            open_cents=open_cents,
            not_found=rejection.verdict == "not_found",
            rejected_by=letter["payer_name"],
            payer_name=coverage.payer.last_name if coverage else answers[0].payer_name,
            filing_indicator=coverage.filing_indicator if coverage else "",
            service_from=document.service_from if document else None,
            service_to=document.service_to if document else None,
            claim_frequency=document.frequency if document else "",
            form=document.form if document else "",
        )

    def _letter(self, number: int) -> Row:
        """A row of correspondence; one acknowledgement may reject thousands of claims."""
        if number not in self._letters:
            (self._letters[number],) = load_letters(self.connection, [number])
        return self._letters[number]

    def _known(self, claims: Sequence[int]) -> dict[int, Row]:
        """The rows that these claims have so far, by claim."""
        query = sa.select(denials).where(
            among(denials.c.claim_id, claims), denials.c.kind == REJECTED
        )
        return {row.claim_id: dict(row._mapping) for row in self.connection.execute(query)}

    def _end(self, row: Row, claims: set[int]) -> str:
        """Settled by a later sending or answer; withdrawn where the rejection itself is undone."""
        stands = load_letters(self.connection, [row["correspondence_id"]])
        return "settled" if stands and row["claim_id"] in claims else "withdrawn"


def _codes(letter: Row) -> Iterable[str]:
    """The codes by which a row of correspondence rejects, the first refusal first."""
    if letter["subject"] == "claim":
        return status_codes(decode_status(letter["document"]).statuses)
    record = decode_sending(letter["kind"], letter["document"])
    if isinstance(record, InterchangeAcknowledgement):
        return [record.note] if record.note else []
    if isinstance(record, BatchAnswer):
        return status_codes(record.level.statuses)
    refused = [t for t in record.transactions if t.verdict == "rejected"]
    return dict.fromkeys(code for t in refused for code in t.codes)


def status_codes(statuses: Sequence[Status]) -> list[str]:
    """STC composites as text, those that refuse first."""
    ordered = sorted(statuses, key=lambda s: s.verdict not in REFUSALS)
    found = [
        ":".join(filter(None, (c.category, c.status, c.entity))) for s in ordered for c in s.codes
    ]
    return list(dict.fromkeys(found))
