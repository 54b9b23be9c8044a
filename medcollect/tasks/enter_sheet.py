"""A sheet of explanations of benefits: one row for each service line, as CSV.

Payment and claim stand in the first row that they begin with and may be left out below. A row
without procedure and revenue code speaks of the claim as a whole; one with ``provider_adjustment``
of the payment.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from medcollect.bank.problems import problem
from medcollect.findings import Finding
from medcollect.model.common import Adjustment
from medcollect.model.entered import (
    EnteredClaim,
    EnteredLine,
    EnteredPayment,
    EnteredProviderAdjustment,
)
from medcollect.money import parse_cents
from medcollect.sheets import Mapping, Row, Table

#: Column -> what it holds.
COLUMNS: Final = {
    "payer": "who paid",
    "payer_id": "the payer's number on its remittances, if known",
    "payment_number": "check or transfer number; a notice's own number",
    "payment_date": "2026-03-31",
    "payment_amount": "the whole check",
    "claim": "your number of the claim",
    "status": "1 primary, 2 secondary, 3 tertiary, 4 patient unknown, 22 taken back",
    "payer_claim_number": "the payer's number of the claim",
    "last_name": "the patient's",
    "first_name": "",
    "member_id": "",
    "service_from": "2026-01-19",
    "service_to": "",
    "procedure": "a line's code; empty: the row is about the whole claim",
    "modifiers": "25 59",
    "revenue_code": "",
    "units": "",
    "charge": "100.00",
    "paid": "60.00",
    "adjustments": "CO-45 30.00; PR-3 10.00",
    "remarks": "N130 MA01",
    "provider_adjustment": "WO:number, in a row of its own",
    "provider_adjustment_amount": "positive lowers the check",
}
_ADJUSTMENT: Final = re.compile(r"(CO|PR|OA|PI|CR)-?\s*([A-Z0-9]{1,4})[\s:=]+(\S+)", re.IGNORECASE)
_OF_PAYMENT: Final = ("payer", "payer_id", "payment_number", "payment_date", "payment_amount")


def template() -> str:
    """An empty sheet: the heading, and an invented example to be written over."""
    example = {
        "payer": "PLAINFIELD MUTUAL HEALTH",
        "payment_number": "10442",
        "payment_date": "2026-02-20",
        "payment_amount": "60.00",
        "claim": "CH1001",
        "status": "1",
        "payer_claim_number": "PM81234",
        "service_from": "2026-01-19",
        "procedure": "G0296",
        "units": "1",
        "charge": "100.00",
        "paid": "60.00",
        "adjustments": "CO-45 30.00; PR-3 10.00",
    }
    row = ",".join(example.get(column, "") for column in COLUMNS)
    return ",".join(COLUMNS) + "\n" + row + "\n"


def read_sheet(data: bytes | str) -> tuple[list[EnteredPayment], list[Finding]]:
    """The payments of a sheet, and what in it cannot be read: with findings nothing may post."""
    sheet = _Sheet(data)
    for row in sheet.table.rows():
        sheet.take(row)
    return sheet.payments, [*sheet.table.findings, *sheet.findings]


class _Sheet:
    """Gathers rows to lines, claims, payments; what a row leaves out is that of the row above."""

    def __init__(self, data: bytes | str) -> None:
        self.table = Table(data, Mapping(), tuple(COLUMNS))
        self.payments: list[EnteredPayment] = []
        self.findings: list[Finding] = []
        for column in ("payer", "payment_number", "payment_date", "payment_amount", "claim"):
            self.table.require(column)

    def take(self, row: Row) -> None:
        """Add one row."""
        cells = row.cells
        if any(cells.get(column) for column in _OF_PAYMENT):
            self._open_payment(row)
        if not self.payments:
            self._problem(row, "payment_number")
        elif cells.get("provider_adjustment"):
            self._provider_adjustment(row)
        elif cells.get("claim") or (self.payments[-1].claims and self._is_line(row)):
            self._claim_row(row)
        else:
            self._problem(row, "claim")

    def _open_payment(self, row: Row) -> None:
        day = self.table.day(row, "payment_date")
        cents = self.table.cents(row, "payment_amount")
        if day is None or cents is None:
            return
        cells = row.cells
        payer, number = cells.get("payer", ""), cells.get("payment_number", "")
        if not payer or not number:
            self._problem(row, "payer or payment_number")
        self.payments.append(
            EnteredPayment(payer, number, day, cents, payer_id=cells.get("payer_id", ""))
        )

    def _provider_adjustment(self, row: Row) -> None:
        code, _, reference = row.cells["provider_adjustment"].partition(":")
        cents = self.table.cents(row, "provider_adjustment_amount")
        if cents is not None:
            found = EnteredProviderAdjustment(code.strip().upper(), cents, reference.strip())
            payment = self.payments[-1]
            self._replace(provider_adjustments=(*payment.provider_adjustments, found))

    def _claim_row(self, row: Row) -> None:
        """A row with a claim's number opens that claim, unless it stands below its own rows."""
        cells, claims = row.cells, list(self.payments[-1].claims)
        number = cells.get("claim") or claims[-1].patient_control_number
        status = cells.get("status") or "1"
        same = bool(claims) and number == claims[-1].patient_control_number
        if not same or (cells.get("status") and status != claims[-1].status):
            claims.append(EnteredClaim(number, status=status))
        claims[-1] = self._filled(claims[-1], row)
        self._replace(claims=tuple(claims))

    def _filled(self, claim: EnteredClaim, row: Row) -> EnteredClaim:
        """The claim with what this row adds to it."""
        cells = row.cells
        named = {
            "payer_claim_control_number": cells.get("payer_claim_number", ""),
            **{key: cells.get(key, "") for key in ("last_name", "first_name", "member_id")},
        }
        claim = msgspec.structs.replace(claim, **{k: v for k, v in named.items() if v})
        adjustments, remarks = self._adjustments(row), tuple(cells.get("remarks", "").split())
        charge, paid = self._optional(row, "charge"), self._optional(row, "paid")
        if not self._is_line(row):
            return msgspec.structs.replace(
                claim,
                charge_cents=charge,
                paid_cents=paid,
                adjustments=(*claim.adjustments, *adjustments),
                remarks=(*claim.remarks, *remarks),
            )
        if charge is None or paid is None:
            self._problem(row, "charge or paid")
        line = EnteredLine(
            charge or 0,
            paid or 0,
            cells.get("procedure", "").upper(),
            tuple(cells.get("modifiers", "").upper().split()),
            cells.get("revenue_code", ""),
            cells.get("units") or "1",
            self.table.day(row, "service_from") if cells.get("service_from") else None,
            self.table.day(row, "service_to") if cells.get("service_to") else None,
            adjustments,
            remarks,
        )
        return msgspec.structs.replace(claim, lines=(*claim.lines, line))

    @staticmethod
    def _is_line(row: Row) -> bool:
        return bool(row.cells.get("procedure") or row.cells.get("revenue_code"))

    def _optional(self, row: Row, column: str) -> int | None:
        """An amount that may be left out."""
        return self.table.cents(row, column) if row.cells.get(column) else None

    def _adjustments(self, row: Row) -> tuple[Adjustment, ...]:
        """``CO-45 30.00; PR-3 10.00`` as adjustments; a part that is none is a finding."""
        found = []
        for part in filter(None, map(str.strip, row.cells.get("adjustments", "").split(";"))):
            match = _ADJUSTMENT.fullmatch(part)
            cents = parse_cents(match.group(3)) if match else None
            if match is None or cents is None:
                self._problem(row, "adjustments")
                continue
            found.append(Adjustment(match.group(1).upper(), match.group(2).upper(), cents))
        return tuple(found)

    def _replace(self, **changes: Any) -> None:
        self.payments[-1] = msgspec.structs.replace(self.payments[-1], **changes)

    def _problem(self, row: Row, column: str) -> None:
        self.findings.append(problem("bank-field-unreadable", row.line, column))
