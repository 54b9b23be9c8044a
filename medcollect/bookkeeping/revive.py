"""Let transactions step in for what an undo took back: duplicates and re-issued payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from medcollect.bookkeeping.acknowledgements import keep_sent
from medcollect.bookkeeping.intake import Intake
from medcollect.bookkeeping.letter_undo import revive_letters
from medcollect.bookkeeping.letters import sent_columns, sent_keys
from medcollect.bookkeeping.opening import revive_openings
from medcollect.bookkeeping.release import hold_remittance, judge_claims
from medcollect.bookkeeping.remittances import ACTIVE, REISSUED
from medcollect.bookkeeping.scan import Documents, Scanned, scan
from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.opening import OPENING_KIND
from medcollect.model.remittance import ClaimPayment, RemittanceHeader
from medcollect.store import facts
from medcollect.store.engine import chunks, update_rows
from medcollect.store.raw import open_raw
from medcollect.store.tables import files, imports, remittances, transactions

#: Kinds of transactions that :mod:`intake` takes in; :mod:`letter_intake` takes the others.
_WITH_MONEY = frozenset({"835", "837", OPENING_KIND})


class _RawFile:
    """A file kept in the book, readable like one on disk."""

    def __init__(self, connection: sa.Connection, sha256: str, size: int) -> None:
        self._connection = connection
        self._sha256 = sha256
        self.size = size

    def open(self) -> BinaryIO:
        return cast("BinaryIO", open_raw(self._connection, self._sha256))


def revive(connection: sa.Connection, fingerprints: Sequence[str], today: date) -> list[int]:
    """Bring in what the book knows from other files under these fingerprints.

    Returns the imports that it stands from now.
    """
    imported: set[int] = set()
    by_file: dict[int, list[Any]] = defaultdict(list)
    for row in _duplicates(connection, fingerprints):
        by_file[row.file_id].append(row)
        imported.add(row.import_id)
    for file_id, rows in sorted(by_file.items()):
        update_rows(connection, transactions, [{"id": row.id, "status": "active"} for row in rows])
        sent = [(row.id, sent_keys(row.kind, sent_columns(row._mapping))) for row in rows]
        facts.forget_keys(connection, facts.SENT_OWNER, [row.id for row in rows])
        claims = keep_sent(connection, sent, None)
        openings = [row for row in rows if row.kind == OPENING_KIND]
        if openings:
            intake = Intake(connection, openings[0].import_id, today)
            revive_openings(connection, intake, openings)
            intake.flush()
        letters = [row for row in rows if row.kind not in _WITH_MONEY]
        if letters:
            revive_letters(connection, file_id, letters, today)
        with_money = [row for row in rows if row.kind in _WITH_MONEY - {OPENING_KIND}]
        if with_money:
            _take_in(connection, file_id, with_money, today)
        judge_claims(connection, claims, today)
    return sorted(imported)


def _duplicates(connection: sa.Connection, fingerprints: Sequence[str]) -> list[Any]:
    """The earliest skipped transaction of each fingerprint, of imports that stand."""
    first: dict[str, Any] = {}
    for some in chunks(sorted(set(fingerprints))):
        query = (
            sa.select(transactions)
            .join(imports, imports.c.id == transactions.c.import_id)
            .where(
                transactions.c.fingerprint.in_(some),
                transactions.c.status == "duplicate",
                imports.c.status != "undone",
            )
            .order_by(transactions.c.id)
        )
        for row in connection.execute(query):
            first.setdefault(row.fingerprint, row)
    return list(first.values())


def _take_in(connection: sa.Connection, file_id: int, rows: Sequence[Any], today: date) -> None:
    """Read the kept file again and take these of its transactions in."""
    file = connection.execute(sa.select(files).where(files.c.id == file_id)).one()
    source = Documents(_RawFile(connection, file.sha256, file.size_bytes))
    scanned = scan(source).transactions
    wanted = {row.place: row.id for row in rows}
    intake = Intake(connection, file.import_id, today)
    now: Scanned | None = None
    header: ClaimsHeader | None = None
    status = ACTIVE
    for document in source:
        if isinstance(document, RemittanceHeader | ClaimsHeader):
            index = document.transaction.index
            now = scanned[index] if index in wanted else None
            header = document if isinstance(document, ClaimsHeader) else None
            if now is not None and header is None:
                status = _status(connection, now)
                intake.open_remittance(now, wanted[index], status)
        elif now is None:
            continue
        elif isinstance(document, ClaimPayment):
            intake.add_payment(now, wanted[now.transaction.index], document, status)
        elif isinstance(document, Claim) and header is not None:
            place = now.transaction.index
            intake.add_claim(header, now.fingerprint, wanted[place], document)
    intake.flush()


def _status(connection: sa.Connection, scanned: Scanned) -> str:
    """Active, or re-issued where the same payment stands from another file."""
    if not scanned.payment_key:
        return ACTIVE
    query = sa.select(remittances.c.id).where(
        remittances.c.payment_key == scanned.payment_key, remittances.c.status == ACTIVE
    )
    return REISSUED if connection.execute(query).first() is not None else ACTIVE


def release_reissued(connection: sa.Connection, payment_keys: Sequence[str], today: date) -> None:
    """Where a payment is gone, let its first re-issue stand: all its transactions in one file."""
    for key in sorted(set(payment_keys)):
        query = (
            sa.select(remittances.c.id, remittances.c.held, remittances.c.status)
            .add_columns(transactions.c.file_id)
            .join(transactions, transactions.c.id == remittances.c.id)
            .where(remittances.c.payment_key == key, remittances.c.status != "undone")
            .order_by(remittances.c.id)
        )
        rows = connection.execute(query).all()
        if not rows or any(row.status == ACTIVE for row in rows):
            continue
        for row in rows:
            if row.file_id == rows[0].file_id:
                update_rows(connection, remittances, [{"id": row.id, "reissue": 0}])
                hold_remittance(connection, row.id, row.held, ACTIVE, today)
