"""The rows that each record gives, in the order of the columns of ``parse_columns``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from medcollect.balancing import RemittanceTotals
from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsHeader, OtherPayer, OtherTransaction, ServiceLine
from medcollect.model.common import Adjustment, Party, Procedure
from medcollect.model.remittance import (
    ClaimPayment,
    RemittanceEnd,
    RemittanceHeader,
    ServicePayment,
)
from medcollect.tasks.parse_columns import Place, Row
from medcollect.x12 import Document

if TYPE_CHECKING:
    from medcollect.x12.tables835 import ClaimSums


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
    here: Row = (*place, payment.segment, payment.position, None)
    for adjustment in payment.adjustments:
        yield "adjustments", here + _adjustment(adjustment)
    for remark in payment.remarks:
        yield "remarks", (*here, "HE", remark)
    for line in payment.services:
        yield "service_payments", _service_payment_row(place, payment.position, line)
        here = (*place, line.segment, payment.position, line.position)
        for adjustment in line.adjustments:
            yield "adjustments", here + _adjustment(adjustment)
        for remark in line.remarks:
            yield "remarks", (*here, "HE", remark)
        for reject in line.reject_codes:
            yield "remarks", (*here, "RX", reject)


def _adjustment(adjustment: Adjustment) -> Row:
    return adjustment.group, adjustment.reason, adjustment.cents, adjustment.quantity


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
    here = (*place, claim.segment, claim.position)
    for position, code in enumerate((*claim.diagnoses, *claim.codes), 1):
        yield (
            "diagnoses",
            (*here, position, code.qualifier, code.code, code.present_on_admission),
        )
    for position, other in enumerate(claim.other_payers, 1):
        yield "other_payers", here + _other_payer(position, other)
        for adjustment in other.adjustments:
            row = (*here, None, other.coverage.payer.id, *_adjustment(adjustment))
            yield "other_payer_adjustments", row
    for line in claim.lines:
        yield "service_lines", _service_line_row(place, claim.position, line)
        yield from _line_adjudication_rows(place, claim.position, line)


def _other_payer(position: int, other: OtherPayer) -> Row:
    coverage = other.coverage
    return (
        position, coverage.payer.last_name, coverage.payer.id, coverage.rank_code,
        coverage.filing_indicator, coverage.subscriber.id, other.paid_cents, other.paid_date,
        other.payer_claim_control_number,
    )  # fmt: skip


def _line_adjudication_rows(
    place: Place, claim: int, line: ServiceLine
) -> Iterator[tuple[str, Row]]:
    """What other payers adjusted on a line (2430)."""
    here = (*place, line.segment, claim, line.position)
    for answer in line.adjudications:
        for adjustment in answer.adjustments:
            yield (
                "other_payer_adjustments",
                (*here, answer.payer_id, *_adjustment(adjustment)),
            )


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


class Rows:
    """Turns records into rows as they pass and gives each to ``add`` with its table.

    A remittance's row waits for its sums, so it comes after those of its claim payments.
    """

    def __init__(self, add: Callable[[str, Row], object]) -> None:
        self._add = add
        self._transaction = 0
        self._header: RemittanceHeader | None = None
        self._totals = RemittanceTotals()

    def take(self, file: str, document: Document) -> None:
        """Give the rows of one record."""
        if isinstance(document, RemittanceHeader | ClaimsHeader | OtherTransaction):
            self._transaction = document.transaction.index
        place = Place(file, self._transaction)
        if isinstance(document, ClaimPayment):
            self._totals.add(document)
            self._add_all(claim_payment_rows(place, document))
        elif isinstance(document, Claim):
            self._add_all(claim_rows(place, document))
        elif isinstance(document, RemittanceHeader):
            self._header, self._totals = document, RemittanceTotals()
        elif isinstance(document, RemittanceEnd):
            self._end(place, document)
        elif isinstance(document, Finding):
            self._add("findings", finding_row(file, document))

    def take_sums(self, sums: ClaimSums) -> int:
        """Count claim payments whose rows are made elsewhere; returns their transaction."""
        self._totals.add_sums(sums)
        return self._transaction

    def _add_all(self, rows: Iterator[tuple[str, Row]]) -> None:
        for table, row in rows:
            self._add(table, row)

    def _end(self, place: Place, end: RemittanceEnd) -> None:
        if self._header is None:
            return
        self._totals.finish(self._header, end)
        row = remittance_row(place, self._header, self._totals, end)
        self._add("remittances", row)
        for adjustment in provider_adjustment_rows(place, end):
            self._add("provider_adjustments", adjustment)
        self._header = None
