"""Eligibility and benefits as records: 271 (X279) and the 270 that asks for them.

Element numbers name the positions of 005010X279A1.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

from medcollect.model.common import Party, Procedure, RawSegment, Reference, Transaction

#: What a payer says of one person. ``mixed``: active for one plan or service, inactive for another;
#: ``rejected``: the question was refused (AAA); ``asked``: a 270.
CoverageVerdict: TypeAlias = Literal["active", "inactive", "mixed", "rejected", "unknown", "asked"]
#: Whether a benefit holds in the plan's network (EB12): ``both`` where it makes no difference.
Network: TypeAlias = Literal["in", "out", "both", "unknown", ""]


class Period(msgspec.Struct, frozen=True, gc=False):
    """One DTP: qualifier, first and last day (the same for a single date)."""

    qualifier: str
    start: date | None
    end: date | None


class Reject(msgspec.Struct, frozen=True, gc=False):
    """One AAA: the payer refuses the question, or a part of it.

    ``level`` is ``payer``, ``receiver``, ``subscriber``, ``dependent`` or ``benefit``; ``code`` is
    AAA03 with its ``reason``, ``follow_up`` AAA04 with what to do (``action``).
    """

    segment: int
    level: str
    code: str
    reason: str
    follow_up: str
    action: str
    request_valid: str = ""


class Benefit(msgspec.Struct, frozen=True, gc=False):
    """One EB loop (2110C or 2110D).

    ``code`` is EB01 and ``kind`` its word (``active``, ``deductible``, ``other_payer`` ...);
    ``service_types`` EB03; ``insurance_type`` EB04; ``plan`` EB05; ``period`` EB06 and
    ``period_kind`` its word. ``percent`` (EB08, ``.2`` is 20 %) and ``quantity`` stand as sent.
    ``parties`` are the related entities (2120), with an other payer its name and address.
    """

    position: int
    segment: int
    code: str
    kind: str
    coverage_level: str = ""
    service_types: tuple[str, ...] = ()
    insurance_type: str = ""
    plan: str = ""
    period: str = ""
    period_kind: str = ""
    amount_cents: int | None = None
    percent: str = ""
    quantity_qualifier: str = ""
    quantity: str = ""
    authorization: str = ""
    network: Network = ""
    procedure: Procedure | None = None
    periods: tuple[Period, ...] = ()
    references: tuple[Reference, ...] = ()
    messages: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    rejects: tuple[Reject, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class CostShare(msgspec.Struct, frozen=True, gc=False):
    """What the patient bears of one kind, the benefits that belong together taken as one.

    ``kind`` is ``deductible``, ``out_of_pocket``, ``copayment`` or ``coinsurance``. ``limit_cents``
    is the whole amount over ``period_kind`` (``calendar_year`` ...), ``used_cents`` what is met so
    far and ``remaining_cents`` what is left; ``None`` where the payer does not say. ``percent`` is
    of a coinsurance. Two shares of one kind differ in level, network, service types, insurance
    type, dates or notes.
    """

    kind: str
    coverage_level: str
    network: Network
    service_types: tuple[str, ...]
    insurance_type: str
    period_kind: str = ""
    limit_cents: int | None = None
    used_cents: int | None = None
    remaining_cents: int | None = None
    percent: str = ""
    periods: tuple[Period, ...] = ()
    messages: tuple[str, ...] = ()


class Member(msgspec.Struct, frozen=True, gc=False):
    """One person that is asked or answered about: the subscriber or a dependent.

    ``trace_numbers`` are TRN02 of a 271's TRN*2, which repeat those of the 270, else of its TRN*1.
    ``plan`` is the description of the first active benefit.
    ``inquired_service_types`` are the EQ of a 270, whose days stand in ``periods``.
    """

    segment: int
    relationship: str
    verdict: CoverageVerdict
    party: Party
    subscriber: Party
    trace_numbers: tuple[str, ...] = ()
    plan: str = ""
    plan_from: date | None = None
    plan_to: date | None = None
    benefits: tuple[Benefit, ...] = ()
    cost_shares: tuple[CostShare, ...] = ()
    rejects: tuple[Reject, ...] = ()
    periods: tuple[Period, ...] = ()
    inquired_service_types: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    @property
    def other_payers(self) -> tuple[Benefit, ...]:
        """The benefits that name another payer (EB01 R); who it is stands in their ``parties``."""
        return tuple(b for b in self.benefits if b.code == "R")

    @property
    def group_number(self) -> str:
        """REF*6P, REF*1L or REF*18 of the person."""
        return self.party.reference("6P", "1L", "18")


class EligibilityReport(msgspec.Struct, frozen=True, gc=False):
    """One 271 or 270 transaction; ``rejects`` are those of the payer's and receiver's levels."""

    transaction: Transaction
    form: str
    verdict: CoverageVerdict
    reference_id: str = ""
    created_date: date | None = None
    created_time: str = ""
    payer: Party = Party()
    receiver: Party = Party()
    rejects: tuple[Reject, ...] = ()
    members: tuple[Member, ...] = ()
    fingerprint: str = ""
    complete: bool = True
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()


class EligibilityInquiry(msgspec.Struct, frozen=True, gc=False):
    """What a 270 asks of one person; ``trace_number`` comes back as TRN02 of the 271.

    Leave ``dependent`` empty where the question is about the subscriber. ``service_types`` are
    EQ01 (``30``: health benefit plan coverage).
    """

    payer: Party
    receiver: Party
    subscriber: Party
    trace_number: str
    dependent: Party = Party()
    service_types: tuple[str, ...] = ("30",)
    service_from: date | None = None
    service_to: date | None = None
