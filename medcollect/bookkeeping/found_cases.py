"""What the desk finds without a code of the payer's, as rows of the worklist kept in step.

Nothing of such a row is denied: its denied amount is zero, and what is at stake stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.ranking import WITHDRAWN, judged_columns
from medcollect.denials import Assessment, DenialFacts
from medcollect.store.among import among
from medcollect.store.tables import claim_payments, denials

Row = dict[str, Any]

OPEN: Final = "open"
CLOSED: Final = WITHDRAWN
#: What a person gave up; it stays so while the case asks for it.
GIVEN_UP: Final = "written_off"


def found_row(kind: str, claim: int, answer: int, facts: DenialFacts, judged: Assessment) -> Row:
    """The row of a case on a claim that hangs on an answer, open until told otherwise."""
    return {
        "claim_payment_id": answer,
        "claim_id": claim,
        "service": 0,
        "line": 0,
        "ordinal": 0,
        "group_code": "",
        "reason": facts.reason,
        "remarks": " ".join(facts.remarks),
        "amount_cents": 0,
        "status": OPEN,
        "facts": msgspec.json.encode(facts).decode(),
        "kind": kind,
        "correspondence_id": None,
        **judged_columns(judged, facts.amount_cents),
    }


def known_rows(connection: sa.Connection, claims: Iterable[int], kind: str) -> list[Row]:
    """The rows that claims have so far, but for those whose answers are undone."""
    query = (
        sa.select(denials)
        .join(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .where(among(denials.c.claim_id, sorted(claims)), denials.c.kind == kind)
        .where(claim_payments.c.outcome != "undone")
    )
    return [dict(row._mapping) for row in connection.execute(query)] if claims else []
