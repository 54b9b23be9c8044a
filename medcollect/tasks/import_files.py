"""Import files: the use case behind ``medcollect import``.

Read, recognise what is known, store, match, post, commit remittance by remittance. Importing again
changes nothing; killing the process leaves whole remittances or nothing, and running again goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.later_claims import judge_later_claims
from medcollect.bookkeeping.policies import adopt_at_first
from medcollect.bookkeeping.scan import Documents, ScannedFile, begins_with_remittance, scan
from medcollect.errors import BookUnavailable, ImportStopped
from medcollect.files import FileProblem, InputFile, find_files
from medcollect.findings import Finding
from medcollect.ids import import_name
from medcollect.limits import Limits
from medcollect.model.policies import Policies
from medcollect.store import running
from medcollect.store.engine import Store, allocate, bulk_load, update_rows
from medcollect.store.raw import keep_raw
from medcollect.store.tables import files, imports
from medcollect.tasks.collector import rarer_collections
from medcollect.tasks.file_intake import FileIntake
from medcollect.tasks.preview import Preview, Sink
from medcollect.tasks.summary import FileOutcome, Summary

#: What is told and noted of claims that are judged after all files are in.
_CLAIMS_AND_ANSWERS = "claims beside their answers"

Progress = Callable[[int, int, str], None]


def import_files(  # noqa: PLR0913 - one keyword for each of the doors' options
    store: Store,
    paths: Iterable[str | Path],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    today: date | None = None,
    stdin: BinaryIO | None = None,
    policies: Policies | None = None,
    limits: Limits | None = None,
    details: Sink | None = None,
) -> dict[str, Any]:
    """Import files and folders; returns the answer of DESIGN section 8.1.

    ``policies`` are what the settings say; a book that imported before is judged under its own.
    ``limits`` bounds what files and archives may ask of us. With ``dry_run`` the same work is done
    and rolled back at the end; what would post is under ``would_post``, its rows there or, one by
    one, given to ``details``. Raises NotReadable when a named path is missing, BookUnavailable
    when the book is locked or has no room.
    """
    found = list(find_files(paths, stdin=stdin, limits=limits))
    with rarer_collections():
        run = _Import(
            store,
            dry_run=dry_run,
            progress=progress,
            today=today,
            policies=policies,
            limits=limits,
        )
        return run.run(found, details)


def import_within(
    store: Store,
    connection: sa.Connection,
    file: InputFile,
    *,
    today: date,
    before: Callable[[int], None],
) -> dict[str, Any]:
    """Import one file inside a transaction that is open; ``before`` is told the import's id first.

    Whoever opened the transaction keeps it or rolls it back.
    """
    run = _Import(store, dry_run=False, progress=None, today=today)
    return run.within(connection, file, before)


class _Import:
    """One run of the import."""

    def __init__(
        self,
        store: Store,
        *,
        dry_run: bool,
        progress: Progress | None,
        today: date | None,
        policies: Policies | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits
        self.store = store
        self.dry_run = dry_run
        self.today = today or dates.today()
        self.policies = policies
        self.summary = Summary()
        self.import_id = 0
        self._progress = progress
        self._done_bytes = self._total_bytes = 0
        self._outer: sa.Connection | None = None
        self._before: Callable[[int], None] | None = None
        self._commits = -1  # the first one only opens the import

    def run(
        self, found: list[InputFile | FileProblem], details: Sink | None = None
    ) -> dict[str, Any]:
        """Import every file, then sum up."""
        self._total_bytes = sum(entry.size for entry in found if isinstance(entry, InputFile))
        if not self.dry_run:
            return self._kept(found)
        with self.store.trying() as connection:
            self._outer = connection
            preview = Preview(connection)
            answer = {**self._all(found), "import": None, "dry_run": True}
            return {**answer, "would_post": preview.answer(self.import_id, details)}

    def within(
        self, connection: sa.Connection, file: InputFile, before: Callable[[int], None]
    ) -> dict[str, Any]:
        """Import one file on a connection of the caller's."""
        self._outer = connection
        self._before = before
        return self._all([file])

    def _kept(self, found: list[InputFile | FileProblem]) -> dict[str, Any]:
        """Import for good; where it breaks off, say what of it stays."""
        try:
            return self._all(found)
        except BookUnavailable as error:
            if self._commits <= 0:
                raise
            name = import_name(self.import_id)
            raise ImportStopped(
                f"{error.message} What was finished before stays, as import {name}.",
                f"{error.action} Or take it back: undo {name}.",
                name,
            ) from error
        except BaseException:
            running.say_stopped(self.store, self.import_id)
            raise

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction of our own, or the one of the dry run."""
        if self._outer is not None:
            yield self._outer
            return
        with self.store.writing() as connection:
            self._insist_on_standing(connection)
            yield connection
        self._commits += 1

    def _insist_on_standing(self, connection: sa.Connection) -> None:
        """Go on only while nobody has taken this import back in the meantime."""
        if not self.import_id:
            return
        query = sa.select(imports.c.status).where(imports.c.id == self.import_id)
        if connection.execute(query).scalar() != running.RUNNING:
            name = import_name(self.import_id)
            raise ImportStopped(
                f"Import {name} was taken back while it ran; nothing of it stands.",
                "Import the files again if that was not meant.",
                name,
            )
        running.sign_of_life(connection, self.import_id)

    def _all(self, found: list[InputFile | FileProblem]) -> dict[str, Any]:
        with self.writing() as connection:
            self.import_id = allocate(connection, imports, 1)
            started = datetime.now(UTC).isoformat(timespec="seconds")
            in_force = adopt_at_first(connection, self.policies, self.today)
            row = (self.import_id, started, running.RUNNING, "", in_force.id)
            bulk_load(connection, imports, [row])
            running.sign_of_life(connection, self.import_id)
            if self._before is not None:
                self._before(self.import_id)
        last_with_answers = _last_with_remittances(found)
        for place, entry in enumerate(found):
            if isinstance(entry, InputFile):
                self._file(entry, answers_follow=place < last_with_answers)
                self._done_bytes += entry.size
            elif entry.finding.severity == "info":
                self.summary.notes.append((entry.label, entry.finding))
            else:
                self._refuse(entry.label, [entry.finding])
        self._judge_later_claims()
        with self.writing() as connection:
            answer = self.summary.as_json(connection, self.import_id)
            answer["settings"] = in_force.beside(self.policies)
            done = msgspec.json.encode(answer).decode()
            ended = {"id": self.import_id, "status": "done", "summary": done}
            update_rows(connection, imports, [ended])
            running.ended(connection, self.import_id)
        return answer

    def _judge_later_claims(self) -> None:
        """Judge the claims that waited for answers of this import, and those of a killed one."""
        left = True
        while left:
            with self.writing() as connection:
                judged = judge_later_claims(connection, self.import_id, self.today)
            left = judged is not None
            if judged is not None:
                self.summary.notes += [(_CLAIMS_AND_ANSWERS, one) for one in judged.findings]
                self.tell(_CLAIMS_AND_ANSWERS, 0)

    def _refuse(self, label: str, findings: list[Finding], sha256: str = "") -> None:
        """Record a file that could not be read at all."""
        outcome = FileOutcome(label, sha256, "rejected", 0, findings)
        self.summary.files.append(outcome)
        with self.writing() as connection:
            self.write_file(connection, allocate(connection, files, 1), outcome, 0)

    def _file(self, entry: InputFile, *, answers_follow: bool) -> None:
        """Import one file: known bytes are a duplicate, everything else is scanned and taken in."""
        try:
            sha256 = entry.sha256()
            source = Documents(entry, self.limits)
            scanned = scan(source)
        except OSError as error:
            finding = Finding(
                "file-unreadable",
                "error",
                f"The file could not be read to its end ({type(error).__name__}).",
                "Check the disk or the archive, then import again.",
            )
            self._refuse(entry.label, [finding])
            return
        if not scanned.transactions and not scanned.has_letters:
            self._nothing(entry, sha256, scanned)
            return
        FileIntake(self, entry, sha256, scanned, source, answers_follow=answers_follow).run()

    def _nothing(self, entry: InputFile, sha256: str, scanned: ScannedFile) -> None:
        """A file without any remittance or claim: nothing imported, kept only if it is EDI."""
        if not scanned.findings.errors and not scanned.others:
            scanned.findings.add(
                [
                    Finding(
                        "nothing-to-import",
                        "error",
                        "The file holds no remittance (835), no claim (837) and no answer to one.",
                        "Check that the right file was chosen.",
                    )
                ]
            )
        if scanned.others:
            with self.writing() as connection, entry.open() as stream:
                keep_raw(connection, sha256, stream)
        self._refuse(entry.label, scanned.findings.as_list(), sha256)

    def write_file(
        self, connection: sa.Connection, file_id: int, outcome: FileOutcome, size: int
    ) -> None:
        """Write what became of a file."""
        findings = msgspec.json.encode(outcome.findings).decode()
        told = (outcome.path, outcome.sha256, size, outcome.status, findings)
        bulk_load(connection, files, [(file_id, self.import_id, *told)])

    def tell(self, label: str, file_bytes: int) -> None:
        """Report progress: bytes done of all, and the file at hand."""
        if self._progress is not None:
            self._progress(self._done_bytes + file_bytes, self._total_bytes, label)


def _last_with_remittances(found: Sequence[InputFile | FileProblem]) -> int:
    """The place of the last file that brings answers, -1 where none does."""
    for place in range(len(found) - 1, -1, -1):
        entry = found[place]
        if isinstance(entry, InputFile) and begins_with_remittance(entry):
            return place
    return -1
