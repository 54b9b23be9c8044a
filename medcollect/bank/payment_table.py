"""Patient payments from a table (CSV, XLSX), by a mapping of its columns."""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.bank.problems import problem
from medcollect.findings import Finding
from medcollect.sheets import Mapping, Row, Table

#: The columns that a table of payments may have; a payment names a claim or an account.
PAYMENT_FIELDS = ("date", "amount", "method", "reference", "claim", "account", "service_date")


class PaymentRow(msgspec.Struct, frozen=True):
    """One payment of a table: ``claim`` and ``account`` as they stand there."""

    line: int
    received_on: date
    cents: int
    method: str
    reference: str
    claim: str
    account: str
    service_from: date | None


def read_payment_table(
    data: bytes | str, mapping: Mapping, methods: tuple[str, ...], today: date
) -> tuple[list[PaymentRow], list[Finding]]:
    """Payments of a table and everything that is wrong with it."""
    table = Table(data, mapping, PAYMENT_FIELDS)
    found: list[PaymentRow] = []
    asked = [table.require("date"), table.require("amount"), table.require("claim", "account")]
    if all(asked):
        rows = [_payment(table, row, methods, today) for row in table.rows()]
        found = [row for row in rows if row is not None]
    return found, table.findings


def _payment(table: Table, row: Row, methods: tuple[str, ...], today: date) -> PaymentRow | None:
    """A row as a payment, ``None`` with a finding where it cannot be read."""
    cells = row.cells
    day, cents = table.day(row, "date"), table.cents(row, "amount")
    service = table.day(row, "service_date") if cells.get("service_date") else None
    method = cells.get("method", "").lower() or "other"
    claim, account = cells.get("claim", ""), cells.get("account", "")
    faults = [
        ("bank-field-unreadable", "method", method not in methods),
        ("payment-without-target", "", not claim and not account),
        ("payment-not-positive", "", cents is not None and cents <= 0),
        ("payment-to-come", "", day is not None and day > today),
    ]
    told = [problem(code, row.line, where) for code, where, is_so in faults if is_so]
    table.findings.extend(told)
    if told or day is None or cents is None or (cells.get("service_date") and service is None):
        return None
    return PaymentRow(
        row.line, day, cents, method, cells.get("reference", ""), claim, account, service
    )
