"""The 837 as records: a claim is one CLM loop with what its parents say about it.

Element numbers name the 005010X222A1 / X223A2 / X224A2 positions (claim_rules.md section 5).
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


class ClaimsHeader(msgspec.Struct, frozen=True, gc=False):
    """The start of an 837 transaction: BHT and loops 1000A and 1000B."""

    transaction: Transaction
    reference_id: str = ""
    created_date: date | None = None
    created_time: str = ""
    purpose: str = ""
    submitter: Party = Party()
    receiver: Party = Party()
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """The payer the claim is sent to: SBR of 2000B with 2010BA and 2010BB.

    ``rank_code`` is SBR01 (P, S, T, A-H, U); ``filing_indicator`` SBR09; ``relationship`` SBR02.
    """

    rank_code: str = ""
    relationship: str = ""
    group_number: str = ""
    group_name: str = ""
    filing_indicator: str = ""
    payer: Party = Party()
    subscriber: Party = Party()


class OtherPayer(msgspec.Struct, frozen=True, gc=False):
    """One other payer of the claim: loop 2320 with 2330A and 2330B.

    ``paid_cents`` is AMT*D, ``None`` when the loop has none (the payer has not answered).
    """

    coverage: Coverage
    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[Amount, ...] = ()
    paid_cents: int | None = None
    paid_date: date | None = None
    payer_claim_control_number: str = ""
    remarks: tuple[str, ...] = ()


class LineAdjudication(msgspec.Struct, frozen=True, gc=False):
    """What another payer decided on a line: loop 2430. ``payer_id`` equals that payer's NM109."""

    payer_id: str
    paid_cents: int
    procedure: Procedure
    units: str = ""
    bundled_line: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    paid_date: date | None = None
    amounts: tuple[Amount, ...] = ()


class Diagnosis(msgspec.Struct, frozen=True, gc=False):
    """One HI diagnosis: qualifier (ABK, BK, ABF ...), code as sent, present-on-admission flag."""

    qualifier: str
    code: str
    present_on_admission: str = ""


class ServiceLine(msgspec.Struct, frozen=True, gc=False):
    """One LX loop (2400) with SV1, SV2 or SV3.

    ``number`` is LX01; ``line_control_number`` REF*6R; ``diagnosis_pointers`` the 1-based
    positions in the claim's HI diagnoses. ``units`` as sent with their ``unit`` (UN, MJ, DA).
    """

    position: int
    segment: int
    number: str
    procedure: Procedure
    charge_cents: int
    revenue_code: str = ""
    unit: str = ""
    units: str = "1"
    place_of_service: str = ""
    diagnosis_pointers: tuple[str, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    line_control_number: str = ""
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    adjudications: tuple[LineAdjudication, ...] = ()
    drug_code: str = ""
    parties: tuple[Party, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class Claim(msgspec.Struct, frozen=True, gc=False):
    """One CLM loop (2300) with its billing provider, subscriber, patient, payers and lines.

    ``form`` is ``"P"``, ``"I"`` or ``"D"``. ``patient`` is 2010CA, or the subscriber where the
    patient is the subscriber. ``service_from``/``service_to`` are DTP*434 (institutional) or 472
    of the claim, else the earliest and latest line date. ``patient_paid_cents`` is AMT*F5.
    ``unreadable`` counts amounts that could not be read (they stand as zero). ``segments`` holds
    the CLM loop; ``parent_segments`` the HL, billing provider, subscriber and patient loops above.
    """

    position: int
    segment: int
    form: str
    patient_control_number: str
    charge_cents: int
    facility_code: str = ""
    frequency: str = "1"
    assignment: str = ""
    billing_provider: Party = Party()
    billing_taxonomy: str = ""
    coverage: Coverage = Coverage()
    patient: Party = Party()
    other_payers: tuple[OtherPayer, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    codes: tuple[Diagnosis, ...] = ()
    service_from: date | None = None
    service_to: date | None = None
    admission_date: date | None = None
    discharge_date: date | None = None
    patient_paid_cents: int | None = None
    parties: tuple[Party, ...] = ()
    references: tuple[Reference, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    lines: tuple[ServiceLine, ...] = ()
    unreadable: int = 0
    segments: tuple[str, ...] = ()
    parent_segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    def reference(self, *qualifiers: str) -> str:
        """The value of the first claim REF with one of these qualifiers, else empty text."""
        for reference in self.references:
            if reference.qualifier in qualifiers:
                return reference.value
        return ""

    def party(self, role: str) -> Party | None:
        """The first NM1 of the claim with this role (82, 77, DN, 71 ...)."""
        return next((p for p in self.parties if p.role == role), None)


class ClaimsEnd(msgspec.Struct, frozen=True, gc=False):
    """What is known once an 837's last segment is read; fields as in ``RemittanceEnd``.

    ``unmodelled`` holds the segments of HL loops that led to no claim.
    """

    transaction: Transaction
    fingerprint: str
    complete: bool
    segment_count: int
    claim_count: int
    unmodelled: tuple[RawSegment, ...] = ()


class OtherTransaction(msgspec.Struct, frozen=True, gc=False):
    """A transaction that is neither 835 nor 837; its segments are counted, not modelled."""

    transaction: Transaction
    segment_count: int
