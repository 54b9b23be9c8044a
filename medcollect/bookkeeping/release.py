"""Release a remittance or hold it again, and judge payments anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.closure import Closure, loaded_status
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.intake import hold_of
from medcollect.bookkeeping.remittances import ACTIVE, keep_remittances
from medcollect.bookkeeping.takebacks import claims_named
from medcollect.matching.keys import payment_keys
from medcollect.store import facts
from medcollect.store.correspondence import load_letters
from medcollect.store.engine import update_rows
from medcollect.store.tables import claim_payments, remittances


def hold_remittance(
    connection: sa.Connection, remittance: int, held: str, status: str, today: date
) -> int:
    """Release a remittance, or hold it again, with everything that follows."""
    query = sa.select(remittances).where(remittances.c.id == remittance)
    row = dict(connection.execute(query).one()._mapping)
    row["held"], row["status"] = held, status
    update_rows(connection, remittances, [{"id": remittance, "held": held, "status": status}])
    corrections = keep_remittances(connection, [row], None, today)
    found = connection.execute(
        sa.select(claim_payments.c.id, claim_payments.c.document).where(
            claim_payments.c.remittance_id == remittance
        )
    ).all()
    payments = [(int(p.id), facts.decode_payment(p.document)) for p in found]
    holds = [{"id": i, "held": hold_of(payment, held)} for i, payment in payments]
    update_rows(connection, claim_payments, holds)
    ids = [i for i, _ in payments]
    facts.forget_keys(connection, facts.PAYMENT_OWNER, ids)
    if status == ACTIVE:
        keys = [(i, payment_keys(payment)) for i, payment in payments]
        facts.save_keys(connection, facts.PAYMENT_OWNER, keys)
        corrections += judge_payments(connection, ids, today)
    else:
        corrections += _set_aside(connection, payments, today)
    return corrections + judge_claims(connection, claims_named(connection, [row]), today)


def _set_aside(connection: sa.Connection, payments: list[tuple[int, Any]], today: date) -> int:
    """Take the payments of a re-issued remittance out of their claims again."""
    closure = Closure(connection)
    ids = [i for i, _ in payments]
    touched = connection.execute(
        sa.select(claim_payments.c.claim_id).where(claim_payments.c.id.in_(ids)).distinct()
    )
    claim_ids = sorted(int(row[0]) for row in touched if row[0] is not None)
    changes = [{"id": i, "claim_id": None, "outcome": "exception"} for i in ids]
    update_rows(connection, claim_payments, changes)
    closure.add_claims(claim_ids)
    for _, payment in payments:
        closure.add_keys(payment_keys(payment))
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections


def judge_payments(connection: sa.Connection, payments: list[int], today: date) -> int:
    """Judge these payments and everything that hangs on them anew."""
    closure = Closure(connection)
    closure.load_payments(payments)
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections


def judge_statuses(connection: sa.Connection, statuses: list[int], today: date) -> int:
    """Judge these statuses of claims and everything that hangs on them anew."""
    closure = Closure(connection)
    closure.add_statuses(map(loaded_status, load_letters(connection, statuses)))
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections


def judge_claims(connection: sa.Connection, claims: list[int], today: date) -> int:
    """Judge these claims anew."""
    if not claims:
        return 0
    closure = Closure(connection)
    closure.add_claims(claims)
    closure.complete()
    return derive(connection, closure, import_id=None, today=today).corrections
