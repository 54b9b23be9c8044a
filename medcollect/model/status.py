"""The status of claims as records: 277CA (X214), 277 (X212) and the 276 that asks for it.

Element numbers name the positions of 005010X214 and 005010X212.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

from medcollect.model.common import (
    Amount,
    Party,
    Procedure,
    Quantity,
    RawSegment,
    Reference,
    Transaction,
)

#: Where a claim stands. ``accepted`` and ``rejected`` are of a 277CA (before adjudication); a
#: rejected claim was never judged and gets no 835, a ``denied`` one was. ``asked``: a 276.
ClaimVerdict: TypeAlias = Literal[
    "accepted",
    "rejected",
    "not_found",
    "pending",
    "paid",
    "denied",
    "finalized",
    "information_requested",
    "error",
    "unknown",
    "asked",
]


class StatusCode(msgspec.Struct, frozen=True, gc=False):
    """One health care claim status composite: category, status, entity, code list."""

    category: str
    status: str
    entity: str = ""
    code_list: str = ""


class Status(msgspec.Struct, frozen=True, gc=False):
    """One STC: ``codes`` are STC01, STC10 and STC11.

    ``action`` is STC03 of a 277CA (``WQ`` accepted, ``U`` rejected); ``check_number`` STC09 and
    ``payment_date`` STC08 are what a 277 says of the payment.
    """

    segment: int
    verdict: ClaimVerdict
    codes: tuple[StatusCode, ...]
    effective_date: date | None = None
    action: str = ""
    charge_cents: int | None = None
    paid_cents: int | None = None
    adjudication_date: date | None = None
    payment_method: str = ""
    payment_date: date | None = None
    check_number: str = ""
    message: str = ""


class LineStatus(msgspec.Struct, frozen=True, gc=False):
    """One SVC loop: ``line_control_number`` is REF*FJ, else REF*6R."""

    position: int
    segment: int
    verdict: ClaimVerdict
    procedure: Procedure
    charge_cents: int | None = None
    paid_cents: int | None = None
    revenue_code: str = ""
    units: str = ""
    statuses: tuple[Status, ...] = ()
    line_control_number: str = ""
    service_from: date | None = None
    service_to: date | None = None
    references: tuple[Reference, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class StatusLevel(msgspec.Struct, frozen=True, gc=False):
    """One HL above the claims: payer (20), receiver (21) or provider (19), and what is said of all.

    ``trace_number`` is TRN02; of the receiver in a 277CA it is the BHT03 of the 837.
    ``accepted_count`` and ``rejected_count`` are QTY*90 and QTY*AA, of a provider QTY*QA and
    QTY*QC; the amounts are AMT*YU and AMT*YY. ``None`` where the level does not say.
    """

    segment: int
    level: str
    party: Party
    verdict: ClaimVerdict
    trace_number: str = ""
    statuses: tuple[Status, ...] = ()
    received_date: date | None = None
    processed_date: date | None = None
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_cents: int | None = None
    rejected_cents: int | None = None
    quantities: tuple[Quantity, ...] = ()
    amounts: tuple[Amount, ...] = ()
    references: tuple[Reference, ...] = ()


class ClaimStatus(msgspec.Struct, frozen=True, gc=False):
    """One claim of a 277CA, 277 or 276: a TRN loop under its patient.

    ``patient_control_number`` is REF*EJ, else, in a 277CA, TRN02; ``payer_claim_control_number``
    REF*1K; ``clearinghouse_number`` REF*D9; ``trace_number`` TRN02. ``patient`` is the subscriber
    where the patient is the subscriber. ``charge_cents`` is STC04, in a 276 AMT*T3.
    """

    position: int
    segment: int
    verdict: ClaimVerdict
    patient_control_number: str = ""
    payer_claim_control_number: str = ""
    clearinghouse_number: str = ""
    trace_number: str = ""
    patient: Party = Party()
    subscriber: Party = Party()
    provider: Party = Party()
    receiver: Party = Party()
    payer: Party = Party()
    charge_cents: int | None = None
    paid_cents: int | None = None
    service_from: date | None = None
    service_to: date | None = None
    statuses: tuple[Status, ...] = ()
    lines: tuple[LineStatus, ...] = ()
    amounts: tuple[Amount, ...] = ()
    references: tuple[Reference, ...] = ()
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    @property
    def is_accepted_for_adjudication(self) -> bool:
        """Whether the payer took the claim in (category A2): proof that it was filed."""
        return any(s.codes and s.codes[0].category in {"A2", "DR02"} for s in self.statuses)


class StatusReport(msgspec.Struct, frozen=True, gc=False):
    """One 277CA, 277 or 276 transaction.

    ``form`` is ``277CA`` (X214, X364), ``277`` or ``276``. ``levels`` stand in file order. Where
    no claim is named, the receiver's or the provider's level speaks for all of theirs.
    """

    transaction: Transaction
    form: str
    reference_id: str = ""
    created_date: date | None = None
    created_time: str = ""
    levels: tuple[StatusLevel, ...] = ()
    claims: tuple[ClaimStatus, ...] = ()
    fingerprint: str = ""
    complete: bool = True
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    def level(self, code: str) -> StatusLevel | None:
        """The first level with this code: ``20`` payer, ``21`` receiver, ``19`` provider."""
        return next((level for level in self.levels if level.level == code), None)


class StatusInquiry(msgspec.Struct, frozen=True, gc=False):
    """What a 276 asks of one claim; ``trace_number`` comes back as TRN02 of the 277.

    ``receiver`` is who asks (electronic transmitter id), ``provider`` who billed (NPI). Leave
    ``patient`` empty where the subscriber is the patient.
    """

    payer: Party
    receiver: Party
    provider: Party
    subscriber: Party
    trace_number: str
    patient: Party = Party()
    patient_control_number: str = ""
    payer_claim_control_number: str = ""
    bill_type: str = ""
    charge_cents: int | None = None
    service_from: date | None = None
    service_to: date | None = None
