"""Opening balances from tables: one flat table, or patients, claims, lines and payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from medcollect.findings import Finding
from medcollect.model.opening import (
    Opening,
    OpeningCredit,
    OpeningLine,
    OpeningPatient,
    OpeningPayer,
)
from medcollect.model.opening_columns import (
    FIELDS,
    LINE_FIELDS,
    PAYERS,
)
from medcollect.sheets import Mapping, Row, Table
from medcollect.tasks.opening_problems import problem

#: What a table cannot be read without.
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "claims": ("claim", "service_from", "charge", "insurance_open", "patient_due"),
    "patients": ("account",),
    "lines": ("claim", "line_charge"),
    "payments": ("paid_by", "amount"),
}
_PATIENT = "patient"


class TableFile(msgspec.Struct, frozen=True):
    """One table: the bytes it stands in, and the sheet of a workbook."""

    data: bytes
    sheet: str = ""


class Brought(msgspec.Struct):
    """What the tables hold: claims that can be read, credits, and findings by table.

    ``claims`` counts all claims, those that cannot be read too.
    """

    openings: list[Opening] = []
    credits: list[OpeningCredit] = []
    findings: dict[str, list[Finding]] = {}
    claims: int = 0

    def all_findings(self) -> list[Finding]:
        """The findings of all tables."""
        return [finding for found in self.findings.values() for finding in found]


def read_openings(tables: dict[str, TableFile], mapping: Mapping) -> Brought:
    """The opening balances of tables by name.

    ``claims`` must be there; ``patients``, ``lines`` and ``payments`` may be tables of their own.
    """
    return _Reader(tables, mapping).read()


def open_table(name: str, file: TableFile, mapping: Mapping) -> Table:
    """One of the tables, by the columns that the mapping names for it."""
    columns = {**mapping.columns, **mapping.tables.get(name, {})}
    own = msgspec.structs.replace(mapping, columns=columns, sheet=file.sheet or mapping.sheet)
    return Table(file.data, own, FIELDS[name])


class _Held(Exception):
    """The claim at hand cannot be read; a finding says why."""


class _Reader:
    """Reads the tables together, claim by claim."""

    def __init__(self, tables: dict[str, TableFile], mapping: Mapping) -> None:
        self.tables = {name: open_table(name, file, mapping) for name, file in tables.items()}
        self.brought = Brought(findings={n: t.findings for n, t in self.tables.items()})
        self.patients: dict[str, Row] = {}
        self.lines: dict[str, list[Row]] = defaultdict(list)
        self.payments: dict[str, list[Row]] = defaultdict(list)
        self.claims: dict[str, list[Row]] = defaultdict(list)
        self.accounts: dict[str, list[Row]] = defaultdict(list)
        self.credit_rows: list[Row] = []

    def read(self) -> Brought:
        """Gather the rows of each claim, then read claim by claim."""
        required = [t.require(f) for n, t in self.tables.items() for f in _REQUIRED[n]]
        if not all(required):
            return self.brought
        self._gather()
        self.brought.claims = len(self.claims)
        for number, rows in self.claims.items():
            try:
                self.brought.openings.append(self._opening(number, rows))
            except _Held:
                continue
        for table, row in self._credits():
            try:
                self.brought.credits.append(self._credit(table, row))
            except _Held:
                continue
        return self.brought

    # -- which rows belong together ---------------------------------------------------------

    def _gather(self) -> None:
        for row in self._rows("patients"):
            if row.cells["account"] in self.patients:
                self._tell("patients", "opening-repeated", row.line, "account")
            self.patients.setdefault(row.cells["account"], row)
        for row in self._rows("claims"):
            if row.cells["claim"]:
                self.claims[row.cells["claim"]].append(row)
                self.accounts[row.cells.get("account", "")].append(row)
            else:
                self.credit_rows.append(row)
        for name, found in (("lines", self.lines), ("payments", self.payments)):
            for row in self._rows(name):
                number = row.cells.get("claim", "")
                if number and number not in self.claims:
                    self._tell(name, "opening-parent-missing", row.line, "claim")
                found[number].append(row)

    def _rows(self, name: str) -> Iterator[Row]:
        return self.tables[name].rows() if name in self.tables else iter(())

    def _tell(self, table: str, code: str, line: int, where: str = "") -> None:
        self.tables[table].findings.append(problem(code, line, where))

    def _hold(self, table: str, code: str, line: int, where: str = "") -> _Held:
        self._tell(table, code, line, where)
        return _Held()

    # -- one claim --------------------------------------------------------------------------

    def _opening(self, number: str, rows: list[Row]) -> Opening:
        """One claim; raises _Held, with findings, where it cannot be read."""
        row = self._one_row(rows)
        before = self._errors()
        claims, cells = self.tables["claims"], row.cells
        needed = ("charge", "insurance_open", "patient_due")
        amounts = {field: claims.cents(row, field) or 0 for field in needed}
        paid = self._paid(number)
        found = Opening(
            line=row.line,
            claim=number,
            patient=self._patient(row),
            service_from=self._day("claims", row, "service_from"),
            service_to=self._day("claims", row, "service_to"),
            charge_cents=amounts["charge"],
            written_off_cents=self._cents(row, "written_off"),
            patient_paid_cents=self._agreed(row, "patient_paid", paid.pop(_PATIENT, None)),
            insurance_open_cents=amounts["insurance_open"],
            patient_due_cents=amounts["patient_due"],
            not_billable_cents=self._cents(row, "patient_not_billable"),
            payers=self._payers(row, paid),
            lines=self._lines(number, rows),
            practice_id=cells.get("practice_id", ""),
            practice_name=cells.get("practice_name", ""),
            diagnoses=tuple(cells.get("diagnoses", "").replace(",", " ").upper().split()),
        )
        if paid:
            raise self._hold("claims", "opening-payer-missing", row.line)
        if self._errors() > before:
            raise _Held
        return found

    def _errors(self) -> int:
        """How many findings hold a claim, so far."""
        return sum(len(table.findings) for table in self.tables.values())

    def _one_row(self, rows: list[Row]) -> Row:
        """The claim's row; where each row is a line, what the rows say of the claim together."""
        first, *others = rows
        of_lines = {*LINE_FIELDS}
        if others and not all(row.cells.get("line_charge") for row in rows):
            raise self._hold("claims", "opening-repeated", others[0].line, "claim")
        cells = dict(first.cells)
        for row in others:
            for field, cell in row.cells.items():
                if field in of_lines or not cell:
                    continue
                if cells[field] and cells[field] != cell:
                    raise self._hold("claims", "opening-row-differs", row.line, field)
                cells[field] = cell
        return Row(first.line, cells)

    def _patient(self, row: Row) -> OpeningPatient:
        """Whom the row is about: by its own cells, else by the table of patients."""
        table, account = "claims", row.cells.get("account", "")
        if "patients" in self.tables:
            if account not in self.patients:
                raise self._hold("claims", "opening-parent-missing", row.line, "account")
            table, row = "patients", self.patients[account]
        cells = row.cells
        return OpeningPatient(
            account=account,
            last_name=cells.get("last_name", ""),
            first_name=cells.get("first_name", ""),
            birth_date=self._day(table, row, "birth_date"),
            gender=cells.get("gender", "").upper()[:1],
            member_id=cells.get("member_id", ""),
        )

    def _payers(
        self, row: Row, paid: dict[str, tuple[int, date | None]]
    ) -> tuple[OpeningPayer, ...]:
        """The payers in their order; what the table of payments says of each is taken out."""
        cells = row.cells
        named = [payer for payer in PAYERS if cells.get(f"payer_{payer}")]
        found = []
        for payer in named:
            key = f"payer_{payer}"
            cents, day = paid.pop(str(payer), (None, None))
            if cells.get(f"{key}_paid"):
                cents = self._agreed(row, f"{key}_paid", None if cents is None else (cents, day))
            found.append(
                OpeningPayer(
                    name=cells[key],
                    id=cells.get(f"{key}_id", ""),
                    kind=cells.get(f"{key}_kind", "").upper(),
                    claim_number=cells.get(f"{key}_claim_number", ""),
                    paid_cents=cents,
                    paid_on=self._day("claims", row, f"{key}_paid_on") or day,
                )
            )
        strangers = [p for p in PAYERS if p not in named and cells.get(f"payer_{p}_paid")]
        if strangers or named != list(PAYERS[: len(named)]):
            raise self._hold("claims", "opening-payer-missing", row.line)
        return tuple(found)

    def _paid(self, number: str) -> dict[str, tuple[int, date | None]]:
        """What the table of payments says of a claim, by payer: sum and last day."""
        found: dict[str, tuple[int, date | None]] = {}
        for row in self.payments.get(number, ()) if number else ():
            who = row.cells["paid_by"].lower()
            cents, day = (
                self._cents(row, "amount", "payments"),
                self._day("payments", row, "paid_on"),
            )
            before = found.get(who, (0, None))
            days = [d for d in (day, before[1]) if d is not None]
            found[who] = (before[0] + cents, max(days, default=None))
        return found

    def _agreed(self, row: Row, field: str, paid: tuple[int, date | None] | None) -> int:
        """An amount of the claim's row, which the payments on file for it must add up to."""
        said = row.cells.get(field, "")
        cents = self._cents(row, field)
        if paid is None:
            return cents
        if said and cents != paid[0]:
            raise self._hold("claims", "opening-payments-differ", row.line, field)
        return paid[0]

    def _lines(self, number: str, rows: list[Row]) -> tuple[OpeningLine, ...]:
        if "lines" in self.tables:
            return tuple(self._line("lines", row) for row in self.lines.get(number, ()))
        return tuple(self._line("claims", row) for row in rows if row.cells.get("line_charge"))

    def _line(self, table: str, row: Row) -> OpeningLine:
        cells = row.cells
        return OpeningLine(
            charge_cents=self.tables[table].cents(row, "line_charge") or 0,
            procedure=cells.get("procedure", "").upper(),
            modifiers=tuple(cells.get("modifiers", "").replace(",", " ").upper().split()),
            revenue_code=cells.get("revenue_code", ""),
            units=cells.get("units") or "1",
            service_from=self._day(table, row, "line_from"),
            service_to=self._day(table, row, "line_to"),
        )

    # -- credits ----------------------------------------------------------------------------

    def _credits(self) -> Iterator[tuple[str, Row]]:
        """Rows about money of a patient that name no claim."""
        yield from (("claims", row) for row in self.credit_rows)
        yield from (("payments", row) for row in self.payments.get("", ()))

    def _credit(self, table: str, row: Row) -> OpeningCredit:
        """A payment without a claim, or an account whose patient due is below zero."""
        before = self._errors()
        if table == "payments":
            cents = self._cents(row, "amount", table)
            if row.cells["paid_by"].lower() != _PATIENT:
                raise self._hold(table, "opening-payer-missing", row.line)
            person = self._patient_of_account(row)
        else:
            cents, person = -self._cents(row, "patient_due"), self._patient(row)
        is_known = person.last_name and (person.birth_date or person.member_id)
        if not is_known or cents <= 0:
            raise self._hold(table, "opening-person-missing", row.line)
        day = self._day(table, row, "paid_on") if table == "payments" else None
        if self._errors() > before:
            raise _Held
        return OpeningCredit(row.line, person, self._practice(row), cents, day)

    def _patient_of_account(self, row: Row) -> OpeningPatient:
        """The patient of a payment, by the table of patients or a claim of the account."""
        account = row.cells.get("account", "")
        if account in self.patients or not account:
            return self._patient(row)
        named = self.accounts[account]
        if not named:
            raise self._hold("payments", "opening-parent-missing", row.line, "account")
        return self._patient(named[0])

    def _practice(self, row: Row) -> str:
        """The practice of a credit: its row's, else that of the account's claims."""
        account = row.cells.get("account", "")
        named = self.accounts[account] if account else []
        found = (r.cells.get("practice_id", "") for r in (row, *named))
        return next(filter(None, found), "")

    # -- cells ------------------------------------------------------------------------------

    def _cents(self, row: Row, field: str, table: str = "claims") -> int:
        """An amount that may be left out."""
        return (self.tables[table].cents(row, field) or 0) if row.cells.get(field) else 0

    def _day(self, table: str, row: Row, field: str) -> date | None:
        """A day that may be left out."""
        return self.tables[table].day(row, field) if row.cells.get(field) else None
