"""What the FHIR room needs to know of a claim: facts that the book fills in.

The records of the model travel as they were read, so that nothing is lost between the file and
the resource.
"""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.model.claim import Claim
from medcollect.model.common import Party
from medcollect.model.remittance import ClaimPayment


class AnswerForFhir(msgspec.Struct, frozen=True, gc=False):
    """One payer's answer to the claim, with the payment that carried it.

    ``id`` is our claim payment id (``P000001``), ``remittance_id`` ours too (``R000001``).
    ``payment_cents`` is BPR02 of the whole remittance, ``None`` when it cannot be read. ``posted``
    is false for an answer that waits for a person: it is shown, and counts nowhere.
    """

    id: str
    remittance_id: str
    payment: ClaimPayment
    payer: Party = Party()
    payee: Party = Party()
    trace_number: str = ""
    payment_date: date | None = None
    payment_cents: int | None = None
    posted: bool = True


class ClaimForFhir(msgspec.Struct, frozen=True, gc=False):
    """A claim with every payer's answer, in the order of the answers' rank.

    ``id`` is our claim id (``C000001``) and ``account_id`` our account (``A000001``). ``claim`` is
    the latest 837 document, ``None`` when the claim was opened from a remittance: then the first
    answer stands in for it. ``charge_cents`` is the charge as the book holds it, ``filed_date``
    the date of the 837 (BHT04). An empty ``patient`` is taken from the claim or its answers.
    """

    id: str
    patient_control_number: str
    charge_cents: int
    claim: Claim | None = None
    answers: tuple[AnswerForFhir, ...] = ()
    patient: Party = Party()
    account_id: str = ""
    filed_date: date | None = None
