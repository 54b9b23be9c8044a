"""Import opening balances: the use case behind ``medcollect open-balances``.

A preview shows how the columns are read, a dry run what would post, control totals prove the table
before anything is kept. What does not add up is held with its row; the rest is taken in, each claim
once. ``undo`` takes the import back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping import opening as kept
from medcollect.bookkeeping.closure import practice_of
from medcollect.bookkeeping.intake import Intake
from medcollect.bookkeeping.paying import post_payments
from medcollect.bookkeeping.policies import adopt_at_first
from medcollect.errors import BadRequest
from medcollect.files import InputFile
from medcollect.findings import Finding
from medcollect.ids import import_name, name
from medcollect.matching.keys import name_key, number_key
from medcollect.model.claim import Claim
from medcollect.model.opening import OPENING_KIND, Opening, OpeningCredit
from medcollect.model.policies import Policies
from medcollect.money import format_cents, parse_cents
from medcollect.sheets import Mapping
from medcollect.store.engine import Store, allocate, bulk_load
from medcollect.store.identities import known_identities, numbered_identities
from medcollect.store.patient_payments import NewPayment, save_payments
from medcollect.store.raw import keep_raw
from medcollect.store.tables import (
    claim_documents,
    claims,
    files,
    imports,
    patient_payments,
    transactions,
)
from medcollect.tasks.figures import as_text, figures_of_row, text_of
from medcollect.tasks.import_deposits import finding_json
from medcollect.tasks.opening_files import OpeningFiles, find_openings
from medcollect.tasks.opening_problems import is_fatal, problem
from medcollect.tasks.opening_rows import Brought, read_openings

Row = dict[str, Any]

#: Claims that one batch holds before it is posted.
_BATCH: Final = 2_000

_REFERENCE: Final = "opening balance"


class ControlTotals(msgspec.Struct, frozen=True):
    """What a person says that the table holds; what is not given is not asked for.

    Amounts as text: ``charges``, ``insurance`` and ``patient`` (what is open with each; a credit
    counts below zero) and ``total``, both together.
    """

    count: int | None = None
    total: str | None = None
    charges: str | None = None
    insurance: str | None = None
    patient: str | None = None


def import_balances(  # noqa: PLR0913 - a table with its control totals
    store: Store,
    path: str | Path,
    *,
    mapping: Mapping | None = None,
    as_of: date | None = None,
    expected: ControlTotals | None = None,
    dry_run: bool = False,
    policies: Policies | None = None,
    user: str,
    stdin: BinaryIO | None = None,
    today: date | None = None,
) -> Row:
    """Import a table of opening balances, or a set of tables (``opening_files``).

    ``as_of`` is the day that they were drawn up for, else today. Where ``expected`` is not what the
    table holds, nothing of it is taken in; with ``dry_run`` the same is done and nothing kept.
    Raises NotReadable when the file is missing, BadRequest for a control total that is no amount.
    """
    found = find_openings(path, stdin)
    brought = read_openings(found.tables, mapping or Mapping())
    _control(brought, expected or ControlTotals())
    day = today or dates.today()
    with store.trying() if dry_run else store.writing() as connection:
        run = _Import(connection, user, day, as_of or day)
        answer = run.run(found, brought, policies)
    return {**answer, "import": None, "dry_run": True} if dry_run else answer


def _control(brought: Brought, expected: ControlTotals) -> None:
    """Hold the table against the control totals that were given; what differs is a finding."""
    sums = totals_of(brought.openings, brought.credits)
    is_ = {
        "charges": sums["charge"],
        "insurance": sums["insurance_open"],
        "patient": sums["patient_due"],
        "total": sums["insurance_open"] + sums["patient_due"],
    }
    differs = ["count"] if expected.count not in {None, brought.claims} else []
    for what, cents in is_.items():
        asked = getattr(expected, what)
        if asked is not None and _amount(what, asked) != cents:
            differs.append(what)
    table = brought.findings["claims"]
    table.extend(problem("opening-control-differs", None, what) for what in differs)


def _amount(what: str, text: str) -> int:
    cents = parse_cents(text)
    if cents is None:
        raise BadRequest(f"The expected {what} is no amount.", "Write it as 1234.50.")
    return cents


def totals_of(openings: Iterable[Opening], credits_: Iterable[OpeningCredit]) -> dict[str, int]:
    """What claims and credits add up to, in cents; a credit is a patient due below zero."""
    found = list(openings)
    on_accounts = sum(credit.cents for credit in credits_)
    return {
        "charge": sum(o.charge_cents for o in found),
        "insurance_paid": sum(o.insurance_paid_cents for o in found),
        "written_off": sum(o.written_off_cents for o in found),
        "patient_paid": sum(o.patient_paid_cents for o in found) + on_accounts,
        "insurance_open": sum(o.insurance_open_cents for o in found),
        "patient_due": sum(o.patient_due_cents for o in found) - on_accounts,
    }


class _Import:
    """One run, in one database transaction."""

    def __init__(self, connection: sa.Connection, user: str, today: date, as_of: date) -> None:
        self.connection = connection
        self.user = user
        self.today = today
        self.as_of = as_of
        self.import_id = allocate(connection, imports, 1)
        self.file_ids: dict[str, int] = {}
        self.findings: dict[str, list[Finding]] = {}
        self.taken: list[Opening] = []
        self.known = 0
        self.status = ""
        self.credits: list[OpeningCredit] = []

    def run(self, found: OpeningFiles, brought: Brought, policies: Policies | None) -> Row:
        """Take what proves, all in one piece, and sum up."""
        self.findings = brought.findings
        in_force = adopt_at_first(self.connection, policies, self.today)
        refused = is_fatal(brought.all_findings())
        first = allocate(self.connection, files, len(found.files))
        for file_id, (file, tables) in enumerate(found.files, first):
            self.file_ids.update(dict.fromkeys(tables, file_id))
            if not refused:
                with file.open() as stream:
                    keep_raw(self.connection, file.sha256(), stream)
        if not refused:
            self._take([o for o in brought.openings if self._proves(o)])
            self._take_credits(brought.credits)
        held = 0 if refused else brought.claims - len(self.taken) - self.known
        self.status = "rejected" if refused else self._status(held)
        return self._finish(found, brought, held, in_force.id)

    def _status(self, held: int) -> str:
        """What became of a table that was read."""
        if held:
            return "partial"
        return "duplicate" if self.known and not (self.taken or self.credits) else "imported"

    # -- claims -----------------------------------------------------------------------------

    def _proves(self, opening: Opening) -> bool:
        """Whether a claim adds up; a finding says where it does not."""
        apart = opening.unexplained_cents
        lines = sum(line.charge_cents for line in opening.lines)
        is_open = opening.insurance_open_cents
        faults = (
            ("opening-sum-differs", format_cents(apart), apart != 0),
            ("opening-lines-differ", "", bool(opening.lines) and lines != opening.charge_cents),
            ("opening-payer-missing", "", is_open != 0 and not opening.payers),
        )
        told = [problem(code, opening.line, where) for code, where, is_so in faults if is_so]
        if not told and not kept.posts_as_given(opening):
            told = [problem("opening-not-postable", opening.line)]
        self.findings["claims"] += told
        return not told

    def _take(self, openings: list[Opening]) -> None:
        """Take the claims in that are new, in batches."""
        on_file = kept.known_openings(self.connection, [o.claim for o in openings])
        intake = Intake(self.connection, self.import_id, self.today)
        for opening in openings:
            claim = kept.claim_of(opening)
            known = on_file.get(opening.claim, set())
            same = kept.fingerprint_of(claim) in known
            if known and not same:
                self.findings["claims"].append(problem("opening-known-otherwise", opening.line))
                continue
            self._note(intake, opening, claim, known=same)
            if intake.size >= _BATCH:
                intake.flush()
        intake.flush()
        if self.known:
            self.findings["claims"].append(problem("opening-known", None, str(self.known)))
        self.findings["claims"] += intake.findings

    def _note(self, intake: Intake, opening: Opening, claim: Claim, *, known: bool) -> None:
        kept.take_in(intake, self.file_ids["claims"], claim, self.as_of, known=known)
        if known:
            self.known += 1
        else:
            self.taken.append(opening)

    # -- credits ----------------------------------------------------------------------------

    def _take_credits(self, found: list[OpeningCredit]) -> None:
        """Credits become payments that no claim needs yet."""
        new = [self._payment(credit) for credit in found]
        identities = numbered_identities(one.content for one in new)
        known = known_identities(self.connection, patient_payments, identities)
        ids = save_payments(
            self.connection, new, identities, known=known, user=self.user, reason=_REFERENCE,
            import_id=self.import_id, file_id=self.file_ids["claims"],
        )  # fmt: skip
        pairs = list(zip(found, identities, ids, strict=True))
        self.credits = [credit for credit, identity, _ in pairs if identity not in known]
        fresh = [number for _, identity, number in pairs if identity not in known]
        post_payments(self.connection, fresh, self.import_id, self.today)

    def _payment(self, credit: OpeningCredit) -> NewPayment:
        person = kept.person_of(credit.patient)
        whose = f"{practice_of(credit.practice_id)}|{name_key(person.last_name, person.first_name)}"
        birth, member = person.birth_date, number_key(person.id)
        return NewPayment(
            credit.paid_on or self.as_of,
            credit.cents,
            "other",
            _REFERENCE,
            birth_key=f"{whose}|{birth}" if birth else "",
            member_key=f"{whose}|{member}" if member else "",
            line=credit.line,
        )

    # -- the answer -------------------------------------------------------------------------

    def _finish(
        self, found: OpeningFiles, brought: Brought, held: int, policies: int | None
    ) -> Row:
        """Write the import and its files, and answer."""
        shown = [self._file(file, tables) for file, tables in found.files]
        answer: Row = {
            "import": import_name(self.import_id),
            "as_of": self.as_of.isoformat(),
            "files": shown,
            "claims": len(self.taken),
            "known": self.known,
            "held_claims": held,
            "credits": len(self.credits),
            "totals": as_text(totals_of(self.taken, self.credits)),
            "table": {
                "claims": brought.claims,
                "credits": len(brought.credits),
                **as_text(totals_of(brought.openings, brought.credits)),
            },
        }
        started = datetime.now(UTC).isoformat(timespec="seconds")
        done = msgspec.json.encode(answer).decode()
        bulk_load(self.connection, imports, [(self.import_id, started, "done", done, policies)])
        return {**answer, "rows": self._rows()}

    def _file(self, file: InputFile, tables: list[str]) -> Row:
        """One file with its findings, in the order of their rows; its row is written."""
        told = [
            self._told(table, finding, alone=len(tables) == 1)
            for table in tables
            for finding in sorted(self.findings[table], key=lambda f: f.segment or 0)
        ]
        encoded = msgspec.json.encode(told).decode()
        sha256 = file.sha256()
        row = (
            self.file_ids[tables[0]], self.import_id, file.label, sha256, file.size,
            self.status, encoded,
        )  # fmt: skip
        bulk_load(self.connection, files, [row])
        shown = [finding_json(finding) for finding in told]
        return {"path": file.label, "sha256": sha256, "status": self.status, "findings": shown}

    @staticmethod
    def _told(table: str, finding: Finding, *, alone: bool) -> Finding:
        """A finding that says in which sheet it stands, where a file holds several."""
        if alone:
            return finding
        return msgspec.structs.replace(finding, message=f"Sheet {table}: {finding.message}")

    def _rows(self) -> list[Row]:
        """The claims of this import as they stand now."""
        query = (
            sa.select(claims)
            .join(claim_documents, claim_documents.c.claim_id == claims.c.id)
            .join(transactions, transactions.c.id == claim_documents.c.transaction_id)
            .where(transactions.c.import_id == self.import_id, transactions.c.kind == OPENING_KIND)
            .order_by(claim_documents.c.id)
        )
        found = self.connection.execute(query)
        return [_shown(dict(row._mapping)) for row in found]


def _shown(row: Row) -> Row:
    """A claim with its balances."""
    return {
        "id": name("C", row["id"]),
        "account": name("A", row["account_id"]),
        "patient_control_number": row["patient_control_number"],
        "service_from": text_of(row["service_from"]),
        "state": row["state"],
        "waiting_for": row["waiting_payer"] or None,
        **as_text(figures_of_row(row)),
    }
