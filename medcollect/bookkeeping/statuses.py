"""What 277CA, 277 and 276 say, put on the claims that they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.letter_questions import Question, keep_questions
from medcollect.bookkeeping.questions import encode_candidates
from medcollect.matching.statuses import Landing, StatusDoc, land
from medcollect.store.engine import chunks, update_rows
from medcollect.store.tables import claim_documents, correspondence, transactions

_REASONS: Final = {
    "status_without_claim": "No claim is on file that this speaks of.",
    "status_not_certain": "A claim may be meant, but no rule is certain which one.",
}


class StatusKeeper:
    """Writes where every status of a closure lands, and asks a person where none is certain."""

    def __init__(self, connection: sa.Connection, import_id: int | None) -> None:
        self.connection = connection
        self.import_id = import_id

    def keep(self, closure: Closure, settled: Sequence[DerivedClaim]) -> None:
        """Bring the statuses of the closure in step; the claims learn what was said of them."""
        statuses = closure.statuses
        if not statuses:
            return
        batches = self._batches(sorted(closure.documents))
        landings = land([claim.group for claim in settled], statuses.values(), batches)
        by_group = {claim.group.number: claim for claim in settled}
        questions: dict[int, Question | None] = {}
        changes = []
        for number, landing in sorted(landings.items()):
            claim = by_group[landing.group] if landing.group is not None else None
            if claim is not None:
                claim.statuses.append(statuses[number])
            changes.append(_link(number, landing, claim))
            questions[number] = self._question(statuses[number], landing, by_group)
        update_rows(self.connection, correspondence, changes)
        keep_questions(self.connection, questions, self.import_id)

    def _question(
        self, status: StatusDoc, landing: Landing, claims: dict[int, DerivedClaim]
    ) -> Question | None:
        """What a person is asked about a status without a claim."""
        if not landing.question:
            return None
        ids = {number: claim.id for number, claim in claims.items()}
        said = f"{status.kind} {status.status.verdict.replace('_', ' ')}"
        reason = f"{said}: {_REASONS[landing.question]}"
        return Question(landing.question, reason, encode_candidates(landing.candidates, ids))

    def _batches(self, documents: Sequence[int]) -> dict[int, str]:
        """The BHT03 that each claim document was sent under."""
        found: dict[int, str] = {}
        for some in chunks(list(documents)):
            query = (
                sa.select(claim_documents.c.id, transactions.c.reference_id)
                .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
                .where(claim_documents.c.id.in_(some))
            )
            found.update({int(row[0]): str(row[1]) for row in self.connection.execute(query)})
        return found


def _link(number: int, landing: Landing, claim: DerivedClaim | None) -> dict[str, Any]:
    """The columns that say where a status landed."""
    return {
        "id": number,
        "claim_id": claim.id if claim is not None else None,
        "outcome": "landed" if claim is not None else "waiting",
        "match_rule": landing.rule,
        "match_score": landing.score,
    }
