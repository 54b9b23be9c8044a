"""Import bank deposits: the use case behind ``medcollect deposits``.

BAI2, NACHA or CSV. A file with an error is not taken in at all; a deposit that is on file from
another file counts once. ``undo`` takes the import back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa

from medcollect.bank import BankFile, Mapping, read_bank_file
from medcollect.bank.problems import is_fatal, problem
from medcollect.files import FileProblem, InputFile, find_files
from medcollect.findings import Finding
from medcollect.ids import import_name
from medcollect.model.deposit import Deposit
from medcollect.money import format_cents
from medcollect.store.bank import save_deposits
from medcollect.store.engine import Store, allocate, bulk_load
from medcollect.store.raw import keep_raw
from medcollect.store.tables import files, imports

Row = dict[str, Any]

#: What a folder is searched for; any other file is named itself.
_ENDINGS = (".bai", ".bai2", ".ach", ".nacha")


def import_deposits(
    store: Store,
    paths: Iterable[str | Path],
    *,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    stdin: BinaryIO | None = None,
) -> Row:
    """Import files of a bank; with ``dry_run`` the same is done and nothing kept.

    Raises NotReadable when a named path is missing.
    """
    found = list(find_files(_expanded(paths), stdin=stdin))
    with store.trying() if dry_run else store.writing() as connection:
        answer = _Import(connection, mapping).run(found)
    return {**answer, "import": None, "dry_run": True} if dry_run else answer


def _expanded(paths: Iterable[str | Path]) -> Iterable[str]:
    """Files as named, and those of a folder that look like a bank's."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from (str(p) for p in sorted(path.iterdir()) if p.suffix.lower() in _ENDINGS)
        else:
            yield str(path)


class _Import:
    """One run, in one database transaction."""

    def __init__(self, connection: sa.Connection, mapping: Mapping | None) -> None:
        self.connection = connection
        self.mapping = mapping
        self.import_id = allocate(connection, imports, 1)
        self.files: list[Row] = []
        self.new: list[Deposit] = []
        self.known = 0

    def run(self, found: list[InputFile | FileProblem]) -> Row:
        """Take every file in, then sum up."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        for entry in found:
            if isinstance(entry, InputFile):
                self._file(entry)
            else:
                status = "rejected" if entry.finding.severity == "error" else "set aside"
                self._keep(entry.label, "", 0, status, BankFile("", (), (entry.finding,)))
        answer: Row = {
            "import": import_name(self.import_id),
            "files": self.files,
            "deposits": len(self.new),
            "deposits_total": format_cents(sum(d.amount_cents for d in self.new)),
            "returned": sum(d.kind == "returned" for d in self.new),
            "known": self.known,
        }
        done = msgspec.json.encode(answer).decode()
        bulk_load(self.connection, imports, [(self.import_id, started, "done", done, None)])
        return answer

    def _file(self, entry: InputFile) -> None:
        """Read a file; all of its deposits are taken in, or none."""
        with entry.open() as stream:
            read = read_bank_file(stream.read(), self.mapping)
        sha256 = entry.sha256()
        if is_fatal(list(read.findings)):
            self._keep(entry.label, sha256, entry.size, "rejected", read)
            return
        with entry.open() as stream:
            keep_raw(self.connection, sha256, stream)
        file_id = self._keep(entry.label, sha256, entry.size, "imported", read)
        fresh = save_deposits(self.connection, self.import_id, file_id, read.deposits)
        pairs = list(zip(read.deposits, fresh, strict=True))
        self.new += [deposit for deposit, is_new in pairs if is_new]
        self.known += fresh.count(False)
        if pairs and not any(fresh):
            self._amend(file_id, "duplicate", read.findings)
        elif not all(fresh):
            told = [problem("deposit-known", d.line) for d, is_new in pairs if not is_new]
            self._amend(file_id, "imported", (*read.findings, *told))

    def _keep(self, label: str, sha256: str, size: int, status: str, read: BankFile) -> int:
        """Write a file's row and its line of the answer."""
        file_id = allocate(self.connection, files, 1)
        findings = msgspec.json.encode(read.findings).decode()
        row = (file_id, self.import_id, label, sha256, size, status, findings)
        bulk_load(self.connection, files, [row])
        self.files.append(
            {
                "path": label,
                "sha256": sha256,
                "status": status,
                "format": read.format,
                "deposits": len(read.deposits),
                "amount": format_cents(sum(d.amount_cents for d in read.deposits)),
                "findings": [finding_json(finding) for finding in read.findings],
            }
        )
        return file_id

    def _amend(self, file_id: int, status: str, findings: tuple[Finding, ...]) -> None:
        """What became of the file, once its deposits are known."""
        told = msgspec.json.encode(findings).decode()
        change = sa.update(files).where(files.c.id == file_id)
        self.connection.execute(change.values(status=status, findings=told))
        shown = [finding_json(finding) for finding in findings]
        self.files[-1].update(status=status, findings=shown)


def finding_json(finding: Finding) -> Row:
    """A finding of a text file: its place is a line."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "line": finding.segment,
        "message": finding.message,
        "action": finding.action,
    }
