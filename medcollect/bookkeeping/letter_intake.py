"""Acknowledgements, status and eligibility of a file taken into the book, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from medcollect.bookkeeping.acknowledgements import ask_about_numberless, keep_sent, relink
from medcollect.bookkeeping.closure import Closure, loaded_status
from medcollect.bookkeeping.derive import derive
from medcollect.bookkeeping.letters import (
    CLAIM,
    OWNERS,
    SENDING,
    Letter,
    LifeRecord,
    SentHeader,
    identity_of,
    letters_of,
    sent_keys,
    transaction_columns,
    transaction_of,
)
from medcollect.bookkeeping.plan import DUPLICATE
from medcollect.findings import Finding
from medcollect.model.claim import OtherTransaction
from medcollect.model.eligibility import EligibilityReport
from medcollect.model.status import StatusReport
from medcollect.store import facts
from medcollect.store.correspondence import load_letters
from medcollect.store.engine import allocate, bulk_load
from medcollect.store.tables import correspondence, transactions
from medcollect.x12 import LifeDocument

#: Rows that one batch holds before it is written and, if it may be, committed.
_BATCH_ROWS: Final = 1_000

#: What a kind of row is counted as in the answer of an import.
_COUNTED_AS: Final = {
    "TA1": "acknowledgements",
    "999": "acknowledgements",
    "997": "acknowledgements",
    "277CA": "claim_statuses",
    "277": "claim_statuses",
    "276": "inquiries",
    "270": "inquiries",
    "271": "eligibility_answers",
}


class LetterIntake:
    """Rows of one batch, in memory until they are flushed into one database transaction."""

    def __init__(
        self, connection: sa.Connection, import_id: int, file_id: int, today: date
    ) -> None:
        self.connection = connection
        self.import_id = import_id
        self.file_id = file_id
        self.today = today
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.complete = True
        self._seen: set[str] = set()
        self._transactions: list[tuple[Any, ...]] = []
        self._sent: list[tuple[int, list[str]]] = []
        self._letters: list[tuple[int, Letter]] = []

    def take(self, documents: Iterator[LifeDocument]) -> bool:
        """Take documents in until the batch is full; False at the end of the file."""
        for document in documents:
            if isinstance(document, Finding):
                self.findings.append(document)
            elif not isinstance(document, OtherTransaction):
                self.add(document)
            if len(self._letters) >= _BATCH_ROWS:
                self.flush()
                return True
        self.flush()
        return False

    def add(self, record: LifeRecord) -> None:
        """Note a record: new ones with all that they say, known ones as a duplicate."""
        transaction, identity = transaction_of(record), identity_of(record)
        self.complete &= getattr(record, "complete", True)
        self.counts["transactions"] += 1
        known = identity in self._seen or self._is_known(identity)
        self._seen.add(identity)
        transaction_id = allocate(self.connection, transactions, 1)
        columns = transaction_columns(transaction, _header(record))
        self._transactions.append(
            (
                transaction_id, self.import_id, self.file_id, transaction.kind, transaction.index,
                transaction.segment, identity, DUPLICATE if known else "active", *columns,
            )
        )  # fmt: skip
        self._sent.append((transaction_id, sent_keys(transaction.kind, columns)))
        if known:
            self.counts["duplicates"] += 1
        else:
            self.say(record, transaction_id)

    def say(self, record: LifeRecord, transaction_id: int) -> None:
        """Note what a record says, under a transaction that has its row."""
        for letter in letters_of(record):
            self._letters.append((transaction_id, letter))
            self.counts[_COUNTED_AS[letter.kind]] += 1
            rejected = letter.subject == CLAIM and letter.verdict == "rejected"
            self.counts["rejected_claims"] += rejected

    def _is_known(self, identity: str) -> bool:
        query = sa.select(transactions.c.id).where(
            transactions.c.fingerprint == identity, transactions.c.status == "active"
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def flush(self) -> None:
        """Write everything noted, find where it belongs, and derive what follows."""
        connection, import_id = self.connection, self.import_id
        bulk_load(connection, transactions, self._transactions)
        closure = Closure(connection)
        closure.add_claims(keep_sent(connection, self._sent, import_id))
        written = self._write()
        keys = {key for _, letter in written if letter.subject == SENDING for key in letter.keys}
        closure.add_claims(relink(connection, keys, import_id))
        numberless = [n for n, x in written if x.subject == SENDING and not x.keys]
        ask_about_numberless(connection, numberless, import_id)
        statuses = [number for number, letter in written if letter.subject == CLAIM]
        closure.add_statuses(map(loaded_status, load_letters(connection, statuses)))
        if closure.claims or closure.statuses:
            closure.complete()
            found = derive(connection, closure, import_id=import_id, today=self.today)
            self.findings += found.findings
        self._transactions, self._sent, self._letters = [], [], []

    def _write(self) -> list[tuple[int, Letter]]:
        """Write the rows and the keys they are found by; returns them with their ids."""
        if not self._letters:
            return []
        first = allocate(self.connection, correspondence, len(self._letters))
        numbered = list(enumerate(self._letters, first))
        rows = [letter.row(n, self.import_id, sent) for n, (sent, letter) in numbered]
        bulk_load(self.connection, correspondence, rows)
        for subject, owner in OWNERS.items():
            keys = [(n, letter.keys) for n, (_, letter) in numbered if letter.subject == subject]
            facts.save_keys(self.connection, owner, keys)
        return [(number, letter) for number, (_, letter) in numbered]


def _header(record: LifeRecord) -> SentHeader:
    """BHT of a transaction that has one."""
    if isinstance(record, StatusReport | EligibilityReport):
        return SentHeader(record.reference_id, record.created_date, record.created_time)
    return SentHeader()
