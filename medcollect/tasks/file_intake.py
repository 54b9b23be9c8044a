"""One file of an import: its new transactions in batches, each batch one database transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.intake import Intake
from medcollect.bookkeeping.letter_intake import LetterIntake
from medcollect.bookkeeping.plan import DUPLICATE, plan_transactions
from medcollect.bookkeeping.scan import Documents, Scanned, ScannedFile
from medcollect.bookkeeping.taker import Taker
from medcollect.files import InputFile
from medcollect.store.engine import allocate, update_rows
from medcollect.store.raw import keep_raw
from medcollect.store.tables import files
from medcollect.tasks.import_letters import LetterImport
from medcollect.tasks.payer_refund import taken_again
from medcollect.tasks.summary import FileOutcome, Summary

#: Documents that one batch holds before it is matched, posted and, if it may be, committed.
_BATCH_DOCUMENTS = 2_000


class Run(Protocol):
    """What a file needs of the import that it is part of."""

    import_id: int
    today: date
    summary: Summary

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction of the import."""

    def write_file(
        self, connection: sa.Connection, file_id: int, outcome: FileOutcome, size: int
    ) -> None:
        """Write what became of a file."""

    def tell(self, label: str, file_bytes: int) -> None:
        """Report progress."""


class FileIntake:
    """Takes the new transactions of one file in, committing between whole payments."""

    def __init__(
        self,
        run: Run,
        entry: InputFile,
        sha256: str,
        scanned: ScannedFile,
        source: Documents,
        *,
        answers_follow: bool = False,
    ) -> None:
        """``answers_follow``: a later file of the import brings remittances (``later_claims``)."""
        self.run_import = run
        self.entry = entry
        self.sha256 = sha256
        self.scanned = scanned
        self.source = source
        self.answers_follow = answers_follow
        self.file_id = 0
        self.plan: dict[int, str] = {}
        self.begun: set[int] = set()
        self.letters = LetterImport()
        self._documents_done = 0
        self._last_of_payment = self._last_places()

    def _last_places(self) -> dict[str, int]:
        """Where in the file each payment's last transaction stands."""
        return {
            s.payment_key: index for index, s in self.scanned.transactions.items() if s.payment_key
        }

    def run(self) -> None:
        """Write the file's transactions in batches, each batch one database transaction."""
        stream = iter(self.source)
        first = True
        finished = False
        while not finished:
            with self.run_import.writing() as connection:
                if first:
                    self._begin(connection)
                    first = False
                self._plan(connection)
                finished = self._batch(connection, stream)
                if finished and not self.scanned.has_letters:
                    self._end(connection)
        if self.scanned.has_letters:
            run, findings = self.run_import, self.scanned.findings
            self.letters.run(self.entry, findings, run.writing, self._letter_intake, self._end)

    def _letter_intake(self, connection: sa.Connection) -> LetterIntake:
        run = self.run_import
        return LetterIntake(connection, run.import_id, self.file_id, run.today)

    def _begin(self, connection: sa.Connection) -> None:
        """Keep the raw bytes and open the file's row."""
        with self.entry.open() as stream:
            keep_raw(connection, self.sha256, stream)
        self.file_id = allocate(connection, files, 1)
        begun = FileOutcome(self.entry.label, self.sha256, "running", 0, [])
        self.run_import.write_file(connection, self.file_id, begun, self.entry.size)

    def _plan(self, connection: sa.Connection) -> None:
        """Decide what each transaction is that has not begun: new, known, or re-issued.

        Anew for each batch: between two of them another process may have brought it in.
        """
        found = self.scanned.transactions.items()
        left = {index: scanned for index, scanned in found if index not in self.begun}
        self.plan.update(plan_transactions(connection, left))

    def _batch(self, connection: sa.Connection, stream: Iterator[Any]) -> bool:
        """Take documents in until a batch is full and no payment is half-way; True at the end."""
        run = self.run_import
        intake = Intake(connection, run.import_id, run.today, answers_follow=self.answers_follow)
        taker = Taker(intake, self.file_id, self.scanned.transactions, self.plan, self.begun)
        open_payments: set[str] = set()
        full = False
        for document in stream:
            ended = taker.take(document)
            if ended is not None:
                self._follow(ended, open_payments)
            if intake.size >= _BATCH_DOCUMENTS:
                self._flush(intake)
                full = True
            if full and ended is not None and not open_payments:
                self._flush(intake)
                return False
        self._flush(intake)
        return True

    def _flush(self, intake: Intake) -> None:
        """Write a batch, keep what it found, tell how far the file is."""
        self._documents_done += intake.size
        intake.flush()
        self.scanned.findings.add(intake.findings)
        intake.findings = []
        share = self._documents_done / max(self.scanned.documents, 1)
        self.run_import.tell(self.entry.label, int(self.entry.size * share))

    def _follow(self, scanned: Scanned, open_payments: set[str]) -> None:
        """Remember payments whose transactions are not all in yet."""
        key = scanned.payment_key
        if not key:
            return
        if self._last_of_payment[key] > scanned.transaction.index:
            open_payments.add(key)
        else:
            open_payments.discard(key)

    def _end(self, connection: sa.Connection) -> None:
        """Sum the file up and write its row."""
        self.scanned.findings.add(taken_again(connection, self.file_id))
        outcome = FileOutcome(
            self.entry.label,
            self.sha256,
            self._status(),
            self.scanned.transaction_count + self.letters.counts["transactions"],
            self.scanned.findings.as_list(),
        )
        self.run_import.summary.add_file(outcome, self.scanned.transactions, self.plan)
        self.run_import.summary.add_letters(self.letters.counts)
        findings = msgspec.json.encode(outcome.findings).decode()
        row = {"id": self.file_id, "status": outcome.status, "findings": findings}
        update_rows(connection, files, [row])

    def _status(self) -> str:
        """What became of the file."""
        if not self.letters.fresh and all(plan == DUPLICATE for plan in self.plan.values()):
            return "duplicate"
        whole = all(s.complete for s in self.scanned.transactions.values())
        complete = whole and self.letters.complete
        return "imported" if complete and not self.scanned.others else "partial"
