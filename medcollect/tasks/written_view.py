"""What was written from the book for a claim: to whom, when, by whom, and whether it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from medcollect.ids import name
from medcollect.matching.docs import ClaimDoc
from medcollect.store.written import written_of_documents


def written_view(connection: sa.Connection, documents: Sequence[ClaimDoc]) -> list[dict[str, Any]]:
    """Every claim that was written from these documents, oldest first."""
    rows = written_of_documents(connection, [document.sort_key for document in documents])
    return [
        {
            "kind": row.kind,
            "frequency": row.frequency,
            "payer": row.payer_name,
            "payer_claim_control_number": row.payer_claim_control_number or None,
            "control_number": row.control_number,
            "sha256": row.sha256,
            "written_at": row.written_at,
            "user": row.user_name,
            "reason": row.reason,
            "import": name("I", row.import_id),
            "taken_back": row.import_status == "undone",
        }
        for row in rows
    ]
