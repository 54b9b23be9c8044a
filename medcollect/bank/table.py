"""Deposits from a table (CSV, XLSX), by a mapping of its columns."""

from __future__ import annotations

from medcollect.bank.problems import left_aside, problem
from medcollect.bank.trace import Trace, find_trace
from medcollect.findings import Finding
from medcollect.model.deposit import DEPOSIT_KINDS, Deposit
from medcollect.sheets import Mapping, Row, Table

#: The columns that a table of deposits may have; ``credit`` and ``debit`` stand for ``amount``.
DEPOSIT_FIELDS = (
    "date", "amount", "credit", "debit", "kind", "trace_number", "payer_trace_id", "payer",
    "reference", "account", "description",
)  # fmt: skip


def read_deposit_table(data: bytes | str, mapping: Mapping) -> tuple[list[Deposit], list[Finding]]:
    """Deposits of a table and everything that is wrong with it.

    Rows that take money off the account are left aside, unless their kind is ``returned``.
    """
    table = Table(data, mapping, DEPOSIT_FIELDS)
    deposits: list[Deposit] = []
    debits = 0
    if table.require("date") & table.require("amount", "credit"):
        for row in table.rows():
            deposit = _deposit(table, row)
            if deposit is not None and deposit.amount_cents < 0 and deposit.kind != "returned":
                debits += 1
            elif deposit is not None and deposit.amount_cents:
                deposits.append(deposit)
    if debits:
        table.findings.append(left_aside(debits))
    return deposits, table.findings


def _amount(table: Table, row: Row) -> int | None:
    """The row's amount: one column with a sign, or a column for each direction."""
    if "amount" in row.cells:
        return table.cents(row, "amount")
    if row.cells["credit"]:
        return table.cents(row, "credit")
    debit = table.cents(row, "debit") if row.cells.get("debit") else 0
    return None if debit is None else -abs(debit)


def _deposit(table: Table, row: Row) -> Deposit | None:
    """A row as a deposit, ``None`` with a finding where it cannot be read."""
    day, cents = table.day(row, "date"), _amount(table, row)
    kind = row.cells.get("kind", "").lower() or "other"
    if kind not in DEPOSIT_KINDS:
        table.findings.append(problem("bank-field-unreadable", row.line, "kind"))
        return None
    if day is None or cents is None:
        return None
    cells = row.cells
    description = cells.get("description", "")
    trace = find_trace(description) or Trace("", "")
    return Deposit(
        line=row.line,
        deposit_date=day,
        amount_cents=-abs(cents) if kind == "returned" else cents,
        kind=kind,
        trace_number=cells.get("trace_number", "") or trace.number,
        payer_trace_id=cells.get("payer_trace_id", "") or trace.payer_id,
        payer_name=cells.get("payer", ""),
        reference=cells.get("reference", ""),
        account_ending=cells.get("account", "")[-4:],
        description=description,
    )
