"""The tables that ``parse`` writes: their columns, and the rows that each record gives.

Every row starts with where it came from: file, transaction (its number in the file), segment. A
claim payment, claim or line is named by its position in the loop above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple

from medcollect.balancing import RemittanceTotals
from medcollect.findings import Finding
from medcollect.model.claim import Claim, ServiceLine
from medcollect.model.common import Adjustment, Party, Procedure
from medcollect.model.remittance import (
    ClaimPayment,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)

Kind = Literal["text", "number", "amount", "date", "flag"]
Row = tuple[Any, ...]


class Column(NamedTuple):
    """A column: its name and what it holds; amounts are cents until they are written."""

    name: str
    kind: Kind = "text"


class Place(NamedTuple):
    """The file and the transaction a record stands in."""

    file: str
    transaction: int


def _columns(text: str) -> tuple[Column, ...]:
    """Read ``name`` or ``name:kind``, separated by blanks."""
    columns = []
    for word in text.split():
        name, _, kind = word.partition(":")
        columns.append(Column(name, kind or "text"))  # type: ignore[arg-type]
    return tuple(columns)


_HERE: Final = "file transaction:number segment:number "

TABLES: Final[dict[str, tuple[Column, ...]]] = {
    "remittances": _columns(
        _HERE + "control_number version payer payer_id payee payee_id handling payment_method"
        " credit_or_debit payment:amount payment_date:date production_date:date trace_number"
        " payer_trace_id claim_payments:number service_payments:number charge:amount paid:amount"
        " patient_responsibility:amount provider_adjustments:amount balanced:flag complete:flag"
    ),
    "claim_payments": _columns(
        _HERE + "claim_payment:number patient_control_number status charge:amount paid:amount"
        " patient_responsibility:amount filing_indicator payer_claim_control_number"
        " original_control_number facility_type frequency patient_last_name patient_first_name"
        " member_id rendering_provider_id crossover_payer statement_from:date statement_to:date"
        " received_date:date drg_code remarks"
    ),
    "service_payments": _columns(
        _HERE + "claim_payment:number line:number procedure_qualifier procedure modifiers"
        " revenue_code charge:amount paid:amount allowed:amount units submitted_procedure"
        " submitted_units service_from:date service_to:date line_control_number remarks"
    ),
    "adjustments": _columns(
        _HERE + "claim_payment:number line:number group reason amount:amount quantity"
    ),
    "provider_adjustments": _columns(
        _HERE + "provider_id fiscal_period_end:date code reference amount:amount"
    ),
    "claims": _columns(
        _HERE + "claim:number form patient_control_number charge:amount frequency facility_code"
        " billing_provider billing_provider_id payer payer_id payer_rank filing_indicator"
        " member_id patient_last_name patient_first_name patient_birth_date:date"
        " service_from:date service_to:date diagnoses patient_paid:amount other_payers:number"
        " lines:number"
    ),
    "service_lines": _columns(
        _HERE + "claim:number line:number procedure_qualifier procedure modifiers revenue_code"
        " charge:amount unit units place_of_service diagnosis_pointers service_from:date"
        " service_to:date line_control_number drug_code"
    ),
    "findings": _columns(_HERE + "code severity message action"),
}


def remittance_row(
    place: Place, header: RemittanceHeader, totals: RemittanceTotals, end: RemittanceEnd
) -> Row:
    """Make the row of one remittance, with the sums of its claim payments."""
    transaction = header.transaction
    return (
        *place, transaction.segment, transaction.control_number, transaction.version,
        header.payer.last_name, header.payer.id, header.payee.last_name, header.payee.id,
        header.handling, header.payment_method, header.credit_or_debit, header.payment_cents,
        header.payment_date, header.production_date, header.trace_number, header.payer_trace_id,
        totals.claim_payments, totals.service_payments, totals.charge_cents, totals.paid_cents,
        totals.patient_responsibility_cents, totals.provider_adjustments_cents, totals.balanced,
        end.complete,
    )  # fmt: skip


def provider_adjustment_rows(place: Place, end: RemittanceEnd) -> Iterator[Row]:
    """Make a row for each PLB pair."""
    for adjustment in end.provider_adjustments:
        yield (
            *place, adjustment.segment, adjustment.provider_id, adjustment.fiscal_period_end,
            adjustment.code, adjustment.reference, adjustment.cents,
        )  # fmt: skip


def claim_payment_rows(place: Place, payment: ClaimPayment) -> Iterator[tuple[str, Row]]:
    """Make the rows of a claim payment, its lines and all its adjustments, each with its table."""
    patient = payment.party("QC") or Party()
    yield (
        "claim_payments",
        (
            *place, payment.segment, payment.position, payment.patient_control_number,
            payment.status, payment.charge_cents, payment.paid_cents,
            payment.patient_responsibility_cents, payment.filing_indicator,
            payment.payer_claim_control_number, payment.reference("F8"), payment.facility_type,
            payment.frequency, patient.last_name, patient.first_name, patient.id,
            (payment.party("82") or Party()).id, (payment.party("TT") or Party()).last_name,
            payment.statement_from, payment.statement_to, payment.received_date,
            payment.drg_code, " ".join(payment.remarks),
        ),
    )  # fmt: skip
    here = (*place, payment.segment, payment.position)
    yield from _adjustment_rows(here, None, payment.adjustments)
    for line in payment.services:
        yield "service_payments", _service_payment_row(place, payment.position, line)
        here = (*place, line.segment, payment.position)
        yield from _adjustment_rows(here, line.position, line.adjustments)


def _adjustment_rows(
    here: Row, line: int | None, adjustments: tuple[Adjustment, ...]
) -> Iterator[tuple[str, Row]]:
    for adjustment in adjustments:
        yield (
            "adjustments",
            (*here, line, adjustment.group, adjustment.reason, adjustment.cents,
             adjustment.quantity),
        )  # fmt: skip


def _service_payment_row(place: Place, claim_payment: int, line: ServicePayment) -> Row:
    submitted = line.submitted_procedure
    return (
        *place, line.segment, claim_payment, line.position, *_procedure(line.procedure),
        line.revenue_code, line.charge_cents, line.paid_cents, line.amount("B6"), line.units,
        submitted.code if submitted else "", line.submitted_units, line.service_from,
        line.service_to, line.line_control_number, " ".join(line.remarks),
    )  # fmt: skip


def claim_rows(place: Place, claim: Claim) -> Iterator[tuple[str, Row]]:
    """Make the rows of a claim and its service lines, each with its table."""
    coverage, patient, provider = claim.coverage, claim.patient, claim.billing_provider
    yield (
        "claims",
        (
            *place, claim.segment, claim.position, claim.form, claim.patient_control_number,
            claim.charge_cents, claim.frequency, claim.facility_code, provider.last_name,
            provider.id, coverage.payer.last_name, coverage.payer.id, coverage.rank_code,
            coverage.filing_indicator, coverage.subscriber.id, patient.last_name,
            patient.first_name, patient.birth_date, claim.service_from, claim.service_to,
            " ".join(d.code for d in claim.diagnoses), claim.patient_paid_cents,
            len(claim.other_payers), len(claim.lines),
        ),
    )  # fmt: skip
    for line in claim.lines:
        yield "service_lines", _service_line_row(place, claim.position, line)


def _service_line_row(place: Place, claim: int, line: ServiceLine) -> Row:
    return (
        *place, line.segment, claim, line.position, *_procedure(line.procedure),
        line.revenue_code, line.charge_cents, line.unit, line.units, line.place_of_service,
        " ".join(line.diagnosis_pointers), line.service_from, line.service_to,
        line.line_control_number, line.drug_code,
    )  # fmt: skip


def finding_row(file: str, finding: Finding) -> Row:
    """Make the row of a finding."""
    return (
        file, finding.transaction, finding.segment, finding.code, finding.severity,
        finding.message, finding.action,
    )  # fmt: skip


def _procedure(procedure: Procedure) -> tuple[str, str, str]:
    return procedure.qualifier, procedure.code, " ".join(procedure.modifiers)
