"""Documents as data: a remittance or a claim as JSON, and as flat rows for CSV and Parquet.

JSON keeps every field and every raw segment; amounts are strings such as ``"1234.50"`` and lose the
``_cents`` of their names. Flat rows hold one line of a claim or claim payment each (a claim without
lines: one row), and one row for each provider adjustment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from medcollect.model.claim import Claim, ServiceLine
from medcollect.model.common import Adjustment, Procedure
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    ServicePayment,
)
from medcollect.money import format_cents
from medcollect.reports.cells import Kind

Row = dict[str, Any]

#: The columns of the flat form, with their kinds.
FLAT_COLUMNS: Final[dict[str, Kind]] = {
    "document": "text",
    "transaction": "number",
    "payer": "text",
    "trace_number": "text",
    "payment_date": "date",
    "patient_control_number": "text",
    "payer_claim_control_number": "text",
    "status": "text",
    "claim_charge": "money",
    "claim_paid": "money",
    "claim_patient_responsibility": "money",
    "claim_adjustments": "text",
    "line": "number",
    "procedure": "text",
    "modifiers": "text",
    "revenue_code": "text",
    "diagnoses": "text",
    "service_from": "date",
    "service_to": "date",
    "units": "text",
    "charge": "money",
    "paid": "money",
    "adjustments": "text",
    "remarks": "text",
}


def as_data(document: Remittance | Claim) -> Row:
    """A document as JSON-ready data, nothing left out."""
    kind = "remittance" if isinstance(document, Remittance) else "claim"
    return {"document": kind, **_with_amounts(msgspec.to_builtins(document))}


def _with_amounts(value: Any) -> Any:
    """The same data with amounts as text: ``paid_cents: 100`` becomes ``paid: "1.00"``."""
    if isinstance(value, dict):
        return dict(_with_amount(name, item) for name, item in value.items())
    if isinstance(value, list | tuple):
        return [_with_amounts(item) for item in value]
    return value


def _with_amount(name: str, value: Any) -> tuple[str, Any]:
    if name != "cents" and not name.endswith("_cents"):
        return name, _with_amounts(value)
    plain_name = "amount" if name == "cents" else name.removesuffix("_cents")
    return plain_name, _amount(value)


def flat_rows(document: Remittance | Claim) -> Iterator[Row]:
    """A document as rows of the same columns; amounts as text, dates as dates."""
    if isinstance(document, Claim):
        yield from _claim_rows(document)
        return
    for payment in document.claim_payments:
        yield from _payment_rows(document.header, payment)
    for adjustment in document.provider_adjustments:
        yield _provider_row(document.header, adjustment)


def _claim_rows(claim: Claim) -> Iterator[Row]:
    """The lines of a claim; where it has none, the claim itself."""
    shared = {
        "document": "claim",
        "payer": claim.coverage.payer.last_name,
        "patient_control_number": claim.patient_control_number,
        "claim_charge": format_cents(claim.charge_cents),
        "diagnoses": " ".join(d.code for d in claim.diagnoses),
        "service_from": claim.service_from,
        "service_to": claim.service_to,
    }
    for line in claim.lines:
        yield shared | _line_cells(line)
    if not claim.lines:
        yield shared


def _line_cells(line: ServiceLine) -> Row:
    return {
        "line": line.position,
        **_procedure_cells(line.procedure),
        "revenue_code": line.revenue_code,
        "units": line.units,
        "charge": format_cents(line.charge_cents),
        **({"service_from": line.service_from} if line.service_from else {}),
        **({"service_to": line.service_to} if line.service_to else {}),
    }


def _payment_rows(header: RemittanceHeader, payment: ClaimPayment) -> Iterator[Row]:
    """The lines of a claim payment; where it has none, the claim payment itself."""
    shared = {
        **_payment_cells(header, "claim_payment"),
        "patient_control_number": payment.patient_control_number,
        "payer_claim_control_number": payment.payer_claim_control_number,
        "status": payment.status,
        "claim_charge": format_cents(payment.charge_cents),
        "claim_paid": format_cents(payment.paid_cents),
        "claim_patient_responsibility": _amount(payment.patient_responsibility_cents),
        "claim_adjustments": _adjustments(payment.adjustments),
        "service_from": payment.statement_from,
        "service_to": payment.statement_to,
        "remarks": " ".join(payment.remarks),
    }
    for service in payment.services:
        yield shared | _service_cells(service, payment.remarks)
    if not payment.services:
        yield shared


def _service_cells(service: ServicePayment, claim_remarks: Sequence[str]) -> Row:
    return {
        "line": service.position,
        **_procedure_cells(service.procedure),
        "revenue_code": service.revenue_code,
        "units": service.units,
        "charge": format_cents(service.charge_cents),
        "paid": format_cents(service.paid_cents),
        "adjustments": _adjustments(service.adjustments),
        "remarks": " ".join([*claim_remarks, *service.remarks]),
        **({"service_from": service.service_from} if service.service_from else {}),
        **({"service_to": service.service_to} if service.service_to else {}),
    }


def _provider_row(header: RemittanceHeader, adjustment: ProviderAdjustment) -> Row:
    """One PLB pair: a positive amount lowers the payment, so it stands as paid with a minus."""
    return {
        **_payment_cells(header, "provider_adjustment"),
        "payer_claim_control_number": adjustment.reference,
        "status": adjustment.code,
        "line": adjustment.position,
        "paid": format_cents(-adjustment.cents),
    }


def _payment_cells(header: RemittanceHeader, document: str) -> Row:
    return {
        "document": document,
        "transaction": header.transaction.index,
        "payer": header.payer.last_name,
        "trace_number": header.trace_number,
        "payment_date": header.payment_date,
    }


def _procedure_cells(procedure: Procedure) -> Row:
    return {"procedure": procedure.code, "modifiers": " ".join(procedure.modifiers)}


def _adjustments(adjustments: Sequence[Adjustment]) -> str:
    """``CO-45 50.00 PR-3 25.00``."""
    return " ".join(f"{a.group}-{a.reason} {format_cents(a.cents)}" for a in adjustments)


def _amount(cents: int | None) -> str | None:
    return None if cents is None else format_cents(cents)
