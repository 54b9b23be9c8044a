"""The 835 as records: a remittance is one transaction, one payment with its claim payments.

Element numbers name the 005010X221A1 positions the fields come from (claim_rules.md section 2).
"""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.model.common import (
    Adjustment,
    Amount,
    Party,
    Procedure,
    Quantity,
    RawSegment,
    Reference,
    Transaction,
)


class RemittanceHeader(msgspec.Struct, frozen=True, gc=False):
    """Table 1 of an 835: everything before the first LX or CLP.

    ``payment_cents`` is BPR02, ``None`` when it cannot be read. ``payment_date`` is BPR16, else
    DTM*405, else the group's date. ``payer_trace_id`` is TRN03. ``trace_number`` is TRN02.
    """

    transaction: Transaction
    handling: str = ""
    payment_cents: int | None = None
    credit_or_debit: str = ""
    payment_method: str = ""
    payment_date: date | None = None
    trace_number: str = ""
    payer_trace_id: str = ""
    production_date: date | None = None
    currency: str = ""
    payer: Party = Party()
    payee: Party = Party()
    references: tuple[Reference, ...] = ()
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class ServicePayment(msgspec.Struct, frozen=True, gc=False):
    """One SVC loop (2110): what the payer decided on one line.

    ``procedure`` is the adjudicated code (SVC01), ``submitted_procedure`` SVC06 where the payer
    judged another code than the one billed. ``units`` is SVC05 as sent, ``"1"`` when absent.
    ``service_from`` and ``service_to`` are DTM 472 or 150/151, ``None`` when the line has none.
    ``line_control_number`` is REF*6R. ``remarks`` are LQ*HE codes, ``reject_codes`` LQ*RX.
    """

    position: int
    segment: int
    procedure: Procedure
    charge_cents: int
    paid_cents: int
    revenue_code: str = ""
    units: str = "1"
    submitted_procedure: Procedure | None = None
    submitted_units: str = ""
    service_from: date | None = None
    service_to: date | None = None
    adjustments: tuple[Adjustment, ...] = ()
    line_control_number: str = ""
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    remarks: tuple[str, ...] = ()
    reject_codes: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    def amount(self, qualifier: str) -> int | None:
        """The cents of the first AMT with this qualifier (``B6``: allowed), else ``None``."""
        return next((a.cents for a in self.amounts if a.qualifier == qualifier), None)


class ClaimPayment(msgspec.Struct, frozen=True, gc=False):
    """One CLP loop (2100) with its service payments.

    ``position`` counts the CLP of the transaction from 1; ``segment`` is where the CLP stands in
    the file. ``patient_responsibility_cents`` is CLP05, ``None`` when absent. ``remarks`` are the
    claim-level remark codes of MIA05, MIA20-23 and MOA03-07. ``parties`` holds every NM1 of the
    loop (QC, IL, 74, 82, TT, PR, GB ...). ``statement_from``/``statement_to`` are DTM 232/233.
    ``unreadable`` counts the amounts that could not be read (they stand as zero and hold the
    claim payment).
    """

    position: int
    segment: int
    patient_control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int | None = None
    filing_indicator: str = ""
    payer_claim_control_number: str = ""
    facility_type: str = ""
    frequency: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    services: tuple[ServicePayment, ...] = ()
    parties: tuple[Party, ...] = ()
    remarks: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    statement_from: date | None = None
    statement_to: date | None = None
    received_date: date | None = None
    coverage_expiration: date | None = None
    drg_code: str = ""
    unreadable: int = 0
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    def party(self, role: str) -> Party | None:
        """The first NM1 with this role (``QC`` patient, ``TT`` crossover carrier ...)."""
        for party in self.parties:
            if party.role == role:
                return party
        return None

    def reference(self, *qualifiers: str) -> str:
        """The value of the first claim REF with one of these qualifiers, else empty text."""
        for reference in self.references:
            if reference.qualifier in qualifiers:
                return reference.value
        return ""

    @property
    def is_reversal(self) -> bool:
        """Whether this takes an earlier answer back (CLP02 22)."""
        return self.status == "22"

    def all_adjustments(self) -> list[Adjustment]:
        """Claim-level adjustments, then those of every line, in file order."""
        found = [*self.adjustments]
        for service in self.services:
            found += service.adjustments
        return found


class ProviderAdjustment(msgspec.Struct, frozen=True, gc=False):
    """One PLB pair. A positive amount lowers this payment, a negative one raises it."""

    position: int
    segment: int
    provider_id: str
    fiscal_period_end: date | None
    code: str
    reference: str
    cents: int


class RemittanceEnd(msgspec.Struct, frozen=True, gc=False):
    """What is known once a transaction's last segment is read.

    ``fingerprint`` is the SHA-256 of the segments between ST and SE with separators normalised
    (no envelope, no control numbers, no line breaks). ``complete`` is false when the file ends or
    another transaction starts before the SE. ``unreadable`` counts amounts outside claim payments
    (BPR, PLB) that could not be read. ``segments`` are the raw segments from the first PLB on.
    """

    transaction: Transaction
    provider_adjustments: tuple[ProviderAdjustment, ...]
    fingerprint: str
    complete: bool
    segment_count: int
    unreadable: int = 0
    unmodelled: tuple[RawSegment, ...] = ()
    segments: tuple[str, ...] = ()


class Remittance(msgspec.Struct, frozen=True):
    """One 835 transaction, whole: what :func:`medcollect.read` yields for an 835."""

    header: RemittanceHeader
    claim_payments: tuple[ClaimPayment, ...]
    end: RemittanceEnd

    @property
    def provider_adjustments(self) -> tuple[ProviderAdjustment, ...]:
        """Every PLB pair in file order."""
        return self.end.provider_adjustments
