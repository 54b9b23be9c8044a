"""Opening balances: claims as another system left them when the practice came to this book.

The words are the claim's own; amounts are whole cents. For every claim

    charge = paid by payers + written off + paid by the patient + patient due + insurance open

where a negative patient due is the patient's credit, a negative insurance open a payer's.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

#: The kind of the transaction that an opening balance is; no ST01 of X12 looks like it.
OPENING_KIND: Final = "OPENING"

#: How the sort keys of opening balances begin: before those of all claims that were sent.
OPENING_SORT: Final = "0|"

#: Our reason for what was written off (group CO) or left to the patient (PR) before.
OPENING_REASON: Final = "OPENING"

#: Our reason for what the patient owes (PR) and may not be billed for, as the other system said.
NOT_BILLABLE_REASON: Final = "OPENING-HELD"

#: Our reason for what a payer still owes: this one (OA), or the next one (PR).
AWAITED_REASON: Final = "AWAITED"

#: SBR01 of the payers in their order.
RANK_CODES: Final = "PSTABCDEFGH"


class OpeningPayer(msgspec.Struct, frozen=True):
    """A payer of the claim; ``paid_cents`` is ``None`` where it has not answered.

    ``kind`` is its claim filing indicator (SBR09: MB, MC, CI ...).
    """

    name: str
    id: str = ""
    kind: str = ""
    claim_number: str = ""
    paid_cents: int | None = None
    paid_on: date | None = None


class OpeningLine(msgspec.Struct, frozen=True):
    """A service line: a procedure with its modifiers, a revenue code, or both."""

    charge_cents: int
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    units: str = "1"
    service_from: date | None = None
    service_to: date | None = None


class OpeningPatient(msgspec.Struct, frozen=True):
    """Whose account it is; ``account`` is the patient's number in the other system."""

    account: str = ""
    last_name: str = ""
    first_name: str = ""
    birth_date: date | None = None
    gender: str = ""
    member_id: str = ""


class Opening(msgspec.Struct, frozen=True):
    """One claim with its balances; ``line`` is the row that it stands on.

    ``not_billable_cents`` is the part of the patient due that may not be billed.
    """

    line: int
    claim: str
    patient: OpeningPatient
    service_from: date | None
    service_to: date | None
    charge_cents: int
    written_off_cents: int
    patient_paid_cents: int
    insurance_open_cents: int
    patient_due_cents: int
    payers: tuple[OpeningPayer, ...] = ()
    lines: tuple[OpeningLine, ...] = ()
    practice_id: str = ""
    practice_name: str = ""
    diagnoses: tuple[str, ...] = ()
    not_billable_cents: int = 0

    @property
    def insurance_paid_cents(self) -> int:
        """What all payers paid."""
        return sum(payer.paid_cents or 0 for payer in self.payers)

    @property
    def unexplained_cents(self) -> int:
        """What of the charge nothing explains; zero where the claim adds up."""
        return (
            self.charge_cents
            - self.insurance_paid_cents
            - self.written_off_cents
            - self.patient_paid_cents
            - self.patient_due_cents
            - self.insurance_open_cents
        )


class OpeningCredit(msgspec.Struct, frozen=True):
    """Money of a patient that no claim needs: on the account, to be applied or given back."""

    line: int
    patient: OpeningPatient
    practice_id: str
    cents: int
    paid_on: date | None = None
