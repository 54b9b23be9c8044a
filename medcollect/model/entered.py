"""An explanation of benefits on paper, as a person enters it: one payment with its claims.

The words are those of the remittance it becomes; amounts are whole cents, signed as on an 835: a
positive adjustment lowers the payment, a positive provider adjustment too.
"""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.model.common import Adjustment


class EnteredLine(msgspec.Struct, frozen=True):
    """One service line: ``procedure`` is a code with its modifiers, or empty for a revenue code."""

    charge_cents: int
    paid_cents: int
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    units: str = "1"
    service_from: date | None = None
    service_to: date | None = None
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()


class EnteredClaim(msgspec.Struct, frozen=True):
    """One claim of the payment; without lines its own charge and payment count.

    ``status`` is CLP02 (1 primary, 2 secondary, 3 tertiary, 4 patient unknown, 22 reversal).
    """

    patient_control_number: str
    lines: tuple[EnteredLine, ...] = ()
    status: str = "1"
    charge_cents: int | None = None
    paid_cents: int | None = None
    payer_claim_control_number: str = ""
    last_name: str = ""
    first_name: str = ""
    member_id: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()


class EnteredProviderAdjustment(msgspec.Struct, frozen=True):
    """What the payer took or gave beside the claims (PLB code and reference)."""

    code: str
    cents: int
    reference: str = ""


class EnteredPayment(msgspec.Struct, frozen=True):
    """One check, transfer or notice without money; ``method`` is ``CHK``, ``ACH`` or ``NON``."""

    payer: str
    payment_number: str
    payment_date: date
    payment_cents: int
    claims: tuple[EnteredClaim, ...] = ()
    provider_adjustments: tuple[EnteredProviderAdjustment, ...] = ()
    payer_id: str = ""
    method: str = ""
