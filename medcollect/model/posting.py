"""Journal entries and postings: what a claim's facts do to the books.

Postings are signed cents, debits positive. A journal entry's postings add up to zero. The accounts
(DESIGN section 6.1):

=======================  ====================================================================
charges                  what the practice asks (credit)
insurance_receivable     what payers have yet to settle, by claim, line and payer rank
patient_receivable       what the patient has yet to settle, by claim and line
payer_cash               what a remittance brought in, exactly its BPR02; what a refund cheque to
                         a payer took out, by claim
payer_cash_reported      what an earlier payer paid according to the claim itself (loop 2320)
unapplied                remittance money not (yet) applied: receipts credit, applications debit
patient_cash             what the patient paid: entered, or reported by the claim (AMT*F5)
patient_unapplied        entered patient payments: receipts credit, applications debit; what is
                         left of one is the patient's credit on the account
contractual              given up by contract or rule, by group and reason
write_off                given up by law, policy or a person's decision, by kind
provider_adjustment      PLB amounts by code and reference; interest (L6) has its own account
interest                 PLB L6
=======================  ====================================================================
"""

from __future__ import annotations

from datetime import date

import msgspec

#: Causes of the entries that charge a claim: charged, changed by a later document, taken back.
CHARGE, REPLACED, VOIDED = "charge", "replaced", "voided"

#: Cause of the entries that write a small rest off: they follow from all claims of a patient.
SMALL_BALANCE = "small_balance"

#: Cause of the entries of refund cheques to payers.
PAYER_REFUND = "payer_refund"
PAYER_REFUND_RETURNED = "payer_refund_returned"
PATIENT_REFUND_RETURNED = "patient_refund_returned"

CHARGES = "charges"
INSURANCE_RECEIVABLE = "insurance_receivable"
PATIENT_RECEIVABLE = "patient_receivable"
PAYER_CASH = "payer_cash"
PAYER_CASH_REPORTED = "payer_cash_reported"
UNAPPLIED = "unapplied"
PATIENT_CASH = "patient_cash"
PATIENT_UNAPPLIED = "patient_unapplied"
CONTRACTUAL = "contractual"
WRITE_OFF = "write_off"
PROVIDER_ADJUSTMENT = "provider_adjustment"
INTEREST = "interest"


class Posting(msgspec.Struct, frozen=True, gc=False):
    """One leg of a journal entry.

    ``line`` is the claim line's position, 0 for the claim as a whole. ``payer_rank`` counts payers
    from 1 on ``insurance_receivable``, else 0. ``remittance`` is the id of the remittance on cash
    accounts, else ``None``. ``claim`` is the claim of a leg in an entry that no claim owns (patient
    payments). ``detail`` is the dimension: ``"CO-45"``, a write-off kind, or a PLB
    code and reference.
    """

    account: str
    cents: int
    line: int = 0
    payer_rank: int = 0
    remittance: int | None = None
    detail: str = ""
    claim: int | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One balanced money event.

    ``cause`` names what led to it (``charge``, ``replaced``, ``voided``, ``patient_payment``,
    ``answer``, ``reversal``, ``reported_answer``, ``policy``, ``decision``, ``moved``,
    ``payer_refund``, ``payer_refund_returned``, ``small_balance``, ``receipt``,
    ``provider_adjustment``, and of patient payments ``patient_receipt``, ``patient_applied``,
    ``patient_reported``, ``patient_returned``, ``patient_refunded``,
    ``patient_refund_returned``); ``document`` is the id of the
    claim document, claim payment, remittance, patient payment or entry by hand behind it.
    """

    cause: str
    document: int
    entry_date: date | None
    postings: tuple[Posting, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether the postings add up to zero."""
        return sum([posting.cents for posting in self.postings]) == 0
