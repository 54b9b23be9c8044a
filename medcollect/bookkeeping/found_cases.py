"""What the desk finds without a code of the payer's, as rows of the worklist kept in step.

Nothing of such a row is denied: its denied amount is zero, and what is at stake stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.ranking import ranked, write_denials
from medcollect.denials import Assessment, DenialFacts
from medcollect.model.policies import DenialPolicies
from medcollect.store.among import among
from medcollect.store.tables import claim_payments, denials

Row = dict[str, Any]

OPEN: Final = "open"
CLOSED: Final = "withdrawn"
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
        "category": judged.category,
        "next_action": judged.next_action,
        "deadline": judged.deadline,
        "expected_value_cents": judged.expected_value_cents,
        "facts": msgspec.json.encode(facts).decode(),
        "kind": kind,
        "correspondence_id": None,
        **ranked(judged, facts.amount_cents),
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


def keep_in_step(
    connection: sa.Connection,
    today: date,
    wanted: Mapping[Any, Row],
    known: Mapping[Any, Row],
    policies: DenialPolicies,
) -> None:
    """Insert rows that are new, update those that changed, close those that nothing asks for."""
    fresh = [row for key, row in wanted.items() if key not in known]
    changed = [
        {"id": known[key]["id"], **row}
        for key, row in wanted.items()
        if key in known and any(known[key][name] != value for name, value in row.items())
    ]
    closed = [
        {"id": row["id"], "status": CLOSED}
        for key, row in known.items()
        if key not in wanted and row["status"] != CLOSED
    ]
    write_denials(connection, today, fresh, changed, closed, policies)
