"""Note on documents which claim they belong to, by which rule, and what came of their money."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.questions import encode_candidates
from medcollect.matching.docs import Assignment, PaymentDoc
from medcollect.store.engine import bulk_load, update_rows
from medcollect.store.tables import claim_documents, claim_payments

#: Rows by id that the book does not hold yet: they are written when it is known which claim each
#: belongs to, once and not twice.
NewRows = dict[int, dict[str, Any]]


def write_document_links(
    connection: sa.Connection, settled: Sequence[DerivedClaim], new: NewRows
) -> None:
    """Write the claim of each claim document whose claim changed; new ones as whole rows."""
    changed = []
    for claim in settled:
        for document in claim.group.documents:
            if document.id in new:
                new[document.id]["claim_id"] = claim.id
            elif document.prior_claim != claim.id:
                changed.append({"id": document.id, "claim_id": claim.id})
    update_rows(connection, claim_documents, changed)
    load_new(connection, claim_documents, new)


def load_new(connection: sa.Connection, table: sa.Table, new: NewRows) -> None:
    """Write rows that the book does not hold yet."""
    values = itemgetter(*(column.name for column in table.columns))
    bulk_load(connection, table, [values(row) for row in new.values()])


def write_payment_links(
    connection: sa.Connection,
    assignment: Assignment,
    settled: Sequence[DerivedClaim],
    new: NewRows,
) -> None:
    """Write claim, match and outcome of every payment of the closure; new ones as whole rows."""
    claim_ids = {claim.group.number: claim.id for claim in settled}
    rows = [
        _row(payment, claim, _reasons(claim, payment, claim_ids))
        for claim in settled
        for payment in claim.group.payments
    ]
    rows += [_row(unmatched.payment, None, "{}") for unmatched in assignment.unmatched]
    known = [row for row in rows if row["id"] not in new]
    for row in rows:
        if row["id"] in new:
            new[row["id"]].update(row)
    update_rows(connection, claim_payments, known)
    load_new(connection, claim_payments, new)


def _reasons(claim: DerivedClaim, payment: PaymentDoc, claim_ids: dict[int, int]) -> str:
    """Why this claim, and which others were considered and why not, as JSON."""
    match = claim.group.matches[payment.id]
    rejected = claim.group.rejected.get(payment.id, ())
    others = encode_candidates(rejected, claim_ids) if rejected else "[]"
    return f'{{"why": {_as_json(match.why)}, "rejected": {others}}}'


@lru_cache(maxsize=1024)
def _as_json(why: tuple[str, ...]) -> str:
    """Reasons as JSON: most matches have the same ones."""
    return msgspec.json.encode(why).decode()


def _row(payment: PaymentDoc, claim: DerivedClaim | None, reasons: str) -> dict[str, Any]:
    """The columns of a claim payment that follow from matching and posting."""
    match = claim.group.matches[payment.id] if claim is not None else None
    return {
        "id": payment.id,
        "claim_id": claim.id if claim is not None else None,
        "outcome": _outcome(payment, claim),
        "match_rule": match.rule if match is not None else "",
        "match_score": match.score if match is not None else 0,
        "match_reasons": reasons,
    }


def _outcome(payment: PaymentDoc, claim: DerivedClaim | None) -> str:
    """What came of a payment: posted, held, waiting for a person, or merely noted."""
    if payment.held:
        return "held"
    if claim is not None and payment.id in claim.posted.posted:
        return "posted"
    carries_nothing = payment.payment.status in {"23", "25"} and not payment.payment.paid_cents
    return "noted" if carries_nothing else "exception"
