"""What each transaction of a file is to the book: new, known already, or a payment issued again."""

from __future__ import annotations

import sqlalchemy as sa

from medcollect.bookkeeping.remittances import ACTIVE, REISSUED
from medcollect.bookkeeping.scan import Scanned
from medcollect.store.engine import chunks
from medcollect.store.tables import remittances, transactions

DUPLICATE = "duplicate"


def plan_transactions(connection: sa.Connection, scanned: dict[int, Scanned]) -> dict[int, str]:
    """Decide for each transaction of a file: ``active``, ``duplicate`` or ``reissued``.

    A fingerprint on file, or earlier in this file, is a duplicate. A payment on file from elsewhere
    with other content is re-issued: stored, never posted by itself.
    """
    known = _known_fingerprints(connection, [s.fingerprint for s in scanned.values()])
    payments = _known_payments(connection, [s.payment_key for s in scanned.values()])
    plan: dict[int, str] = {}
    for index, transaction in sorted(scanned.items()):
        if transaction.fingerprint in known:
            plan[index] = DUPLICATE
            continue
        known.add(transaction.fingerprint)
        plan[index] = REISSUED if transaction.payment_key in payments else ACTIVE
    return plan


def _known_fingerprints(connection: sa.Connection, fingerprints: list[str]) -> set[str]:
    """Fingerprints of transactions on file."""
    found: set[str] = set()
    for some in chunks(fingerprints):
        query = sa.select(transactions.c.fingerprint).where(
            transactions.c.fingerprint.in_(some), transactions.c.status == "active"
        )
        found.update(str(row[0]) for row in connection.execute(query))
    return found


def _known_payments(connection: sa.Connection, keys: list[str]) -> set[str]:
    """Payment keys of remittances on file."""
    found: set[str] = set()
    for some in chunks([key for key in keys if key]):
        query = sa.select(remittances.c.payment_key).where(
            remittances.c.payment_key.in_(some), remittances.c.status == ACTIVE
        )
        found.update(str(row[0]) for row in connection.execute(query))
    return found
