"""Import patient payments from a CSV table: the use case behind ``medcollect payments``.

A preview (``dry_run``) and control totals show what would be posted; a row that is on file from
another table, or from a command, counts once. ``undo`` takes the import back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bank.payment_table import PaymentRow, read_payment_table
from medcollect.bank.problems import is_fatal, problem
from medcollect.bookkeeping.paying import post_payments
from medcollect.errors import NotAllowed, NotFound
from medcollect.files import InputFile, find_files
from medcollect.findings import Finding
from medcollect.ids import import_name, number_of
from medcollect.matching.keys import number_key
from medcollect.money import format_cents, parse_cents
from medcollect.sheets import Mapping
from medcollect.store.engine import Store, allocate, bulk_load
from medcollect.store.identities import known_identities, numbered_identities
from medcollect.store.patient_payments import METHODS, NewPayment, save_payments
from medcollect.store.raw import keep_raw
from medcollect.store.tables import files, imports, patient_payments
from medcollect.tasks.import_deposits import finding_json
from medcollect.tasks.pay import payer_of
from medcollect.tasks.payment_view import payment_rows

Row = dict[str, Any]


def import_payments(  # noqa: PLR0913 - a table with its control totals
    store: Store,
    path: str | Path,
    *,
    mapping: Mapping | None = None,
    expect_count: int | None = None,
    expect_total: str | None = None,
    dry_run: bool = False,
    user: str,
    stdin: BinaryIO | None = None,
    today: date | None = None,
) -> Row:
    """Import a table of payments; with ``dry_run`` the same is done and nothing kept.

    ``expect_count`` and ``expect_total`` are control totals: where the table's rows differ, nothing
    of it is taken in. Raises NotReadable when the file is missing.
    """
    found = list(find_files([path], stdin=stdin))
    entry = next(item for item in found)
    if not isinstance(entry, InputFile):
        finding = entry.finding
        raise NotFound(f"{entry.label}: {finding.message}", finding.action)
    expected = (expect_count, parse_cents(expect_total) if expect_total is not None else None)
    with store.trying() if dry_run else store.writing() as connection:
        run = _Import(connection, user, today or dates.today())
        answer = run.run(entry, mapping or Mapping(), expected)
    return {**answer, "import": None, "dry_run": True} if dry_run else answer


class _Import:
    """One run, in one database transaction."""

    def __init__(self, connection: sa.Connection, user: str, today: date) -> None:
        self.connection = connection
        self.user = user
        self.today = today
        self.import_id = allocate(connection, imports, 1)
        self.file_id = allocate(connection, files, 1)
        self.findings: list[Finding] = []

    def run(
        self, entry: InputFile, mapping: Mapping, expected: tuple[int | None, int | None]
    ) -> Row:
        """Read the table, take all of it in or nothing, and sum up."""
        with entry.open() as stream:
            data = stream.read()
        rows, self.findings = read_payment_table(data, mapping, METHODS, self.today)
        new = [self._named(row) for row in rows]
        self._control(rows, expected)
        ids: list[int] = []
        known = 0
        if not is_fatal(self.findings):
            with entry.open() as stream:
                keep_raw(self.connection, entry.sha256(), stream)
            ids, known = self._take([one for one in new if one is not None])
        status = "rejected" if is_fatal(self.findings) else "imported"
        if status == "imported" and rows and not ids:
            status = "duplicate"
        return self._finish(entry, rows, status, ids, known)

    def _named(self, row: PaymentRow) -> NewPayment | None:
        """A row with what finds its claim and account; a finding where it names none of ours."""
        target = row.account or row.claim
        keys: Row = {"named": target, "number_key": number_key(target)}
        if number_of(target, "AC") is not None:
            try:
                keys = payer_of(self.connection, target)
            except (NotFound, NotAllowed):
                self.findings.append(problem("payment-target-unknown", row.line))
                return None
        keys = {"service_from": row.service_from, **keys}
        return NewPayment(
            row.received_on, row.cents, row.method, row.reference, line=row.line, **keys
        )

    def _control(self, rows: Sequence[PaymentRow], expected: tuple[int | None, int | None]) -> None:
        """Hold the table against the control totals that were given."""
        found = (len(rows), sum(row.cents for row in rows))
        for what, asked, is_ in zip(("count", "total"), expected, found, strict=True):
            if asked is not None and asked != is_:
                self.findings.append(problem("payment-control-differs", None, what))

    def _take(self, new: Sequence[NewPayment]) -> tuple[list[int], int]:
        """Keep the payments and post those that are new; their ids, and how many were known."""
        identities = numbered_identities(one.content for one in new)
        known = known_identities(self.connection, patient_payments, identities)
        ids = save_payments(
            self.connection,
            new,
            identities,
            known=known,
            user=self.user,
            import_id=self.import_id,
            file_id=self.file_id,
        )
        pairs = list(zip(new, identities, ids, strict=True))
        for one, identity, _ in pairs:
            if identity in known:
                self.findings.append(problem("payment-known", one.line))
        fresh = [number for _, identity, number in pairs if identity not in known]
        post_payments(self.connection, fresh, self.import_id, self.today)
        return fresh, len(pairs) - len(fresh)

    def _finish(
        self, entry: InputFile, rows: Sequence[PaymentRow], status: str, ids: list[int], known: int
    ) -> Row:
        """Write the import and its file, and answer."""
        told = msgspec.json.encode(self.findings).decode()
        file_row = (
            self.file_id, self.import_id, entry.label, entry.sha256(), entry.size, status, told,
        )  # fmt: skip
        bulk_load(self.connection, files, [file_row])
        mine = patient_payments.c.import_id == self.import_id
        shown = payment_rows(self.connection, mine) if ids else []
        answer: Row = {
            "import": import_name(self.import_id),
            "files": [
                {
                    "path": entry.label,
                    "sha256": entry.sha256(),
                    "status": status,
                    "rows": len(rows),
                    "amount": format_cents(sum(row.cents for row in rows)),
                    "findings": [finding_json(finding) for finding in self.findings],
                }
            ],
            "payments": len(ids),
            "known": known,
            **_sums(shown),
        }
        started = datetime.now(UTC).isoformat(timespec="seconds")
        done = msgspec.json.encode(answer).decode()
        bulk_load(self.connection, imports, [(self.import_id, started, "done", done, None)])
        return {**answer, "rows": shown}


def _sums(shown: Sequence[Row]) -> Row:
    """What the new payments add up to, and where they went."""
    total: dict[str, int] = defaultdict(int)
    for row in shown:
        cents = parse_cents(row["amount"]) or 0
        unapplied = parse_cents(row["unapplied"]) or 0
        total[row["method"]] += cents
        total["all"] += cents
        total["unapplied"] += unapplied
        total["held"] += unapplied if row["held"] else 0
    return {
        "payments_total": format_cents(total["all"]),
        "by_method": {m: format_cents(total[m]) for m in METHODS if total[m]},
        "applied": format_cents(total["all"] - total["unapplied"]),
        "unapplied": format_cents(total["unapplied"]),
        "held": format_cents(total["held"]),
        "exceptions": sum(bool(row["held"]) for row in shown),
    }
