"""Another contract: the claims whose underpayments it changes are judged anew."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import sqlalchemy as sa

from medcollect.bookkeeping.desk import judge_claims
from medcollect.bookkeeping.found_cases import CLOSED, known_rows
from medcollect.bookkeeping.shortfalls import (
    Shortfall,
    below_contract,
    shortfall_known,
    shortfalls_wanted,
    tolerance_of,
)
from medcollect.model.casework import UNDERPAID
from medcollect.store.engine import chunks
from medcollect.store.policies import newest
from medcollect.store.tables import claims


def judge_changed_shortfalls(connection: sa.Connection, today: date) -> None:
    """Bring the desk in step with the contracts that stand now."""
    query = sa.select(claims.c.id).where(claims.c.status == "active").order_by(claims.c.id)
    tolerance = tolerance_of(newest(connection).policies)
    for some in chunks([int(row[0]) for row in connection.execute(query)]):
        wanted: dict[int, set[Shortfall]] = defaultdict(set)
        for claim, shortfall in shortfalls_wanted(below_contract(connection, some, tolerance)):
            wanted[claim].add(shortfall)
        known: dict[int, set[Shortfall]] = defaultdict(set)
        for row in known_rows(connection, some, UNDERPAID):
            if row["status"] != CLOSED:
                known[row["claim_id"]].add(shortfall_known(row))
        concerned = {*wanted, *known}
        judge_claims(connection, sorted(c for c in concerned if wanted[c] != known[c]), today)
