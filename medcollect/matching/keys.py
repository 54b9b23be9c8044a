"""Keys by which claims and claim payments find each other: claim_rules.md section 6.1.

Payers upper-case numbers, strip punctuation and leading zeros, and cut them off; a key is the
number without what payers change.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from medcollect.model.claim import Claim
from medcollect.model.remittance import ClaimPayment

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]")

#: Shorter numbers are not taken for the beginning of a longer one: payers keep at least 14.
PREFIX_LENGTH_MIN = 14


@lru_cache(maxsize=65536)
def number_key(number: str) -> str:
    """A number as payers may return it: upper case, letters and digits, no leading zeros.

    Empty for ``0`` and the like, with which a payer says that it had no number.
    """
    return _NOT_ALPHANUMERIC.sub("", number.upper()).lstrip("0")


@lru_cache(maxsize=65536)
def name_key(last: str, first: str) -> str:
    """A person's name for comparison: ``LAST,FIRST`` in letters and digits only."""
    last_key = _NOT_ALPHANUMERIC.sub("", last.upper())
    first_key = _NOT_ALPHANUMERIC.sub("", first.upper())
    return f"{last_key},{first_key}" if last_key else ""


def prefixes(number: str) -> list[str]:
    """The shorter numbers that a payer may have made of this one by cutting it off."""
    return [number[:length] for length in range(PREFIX_LENGTH_MIN, len(number))]


def visit_keys(member_id: str, service_from: date | None, charge_cents: int) -> list[str]:
    """Member, first day of service and charge: a claim whose number was lost."""
    member = number_key(member_id)
    if not member or service_from is None or not charge_cents:
        return []
    return [f"V:{member}|{service_from.isoformat()}|{abs(charge_cents)}"]


def service_dates(payment: ClaimPayment) -> tuple[date | None, date | None]:
    """First and last day of service that a claim payment shows, claim or line."""
    days = [d for s in payment.services for d in (s.service_from, s.service_to) if d is not None]
    days += [d for d in (payment.statement_from, payment.statement_to) if d is not None]
    return (min(days), max(days)) if days else (None, None)


def member_ids(payment: ClaimPayment) -> tuple[str, ...]:
    """Every id the payment gives for the patient or the insured, the corrected one first."""
    parties = [payment.party(role) for role in ("74", "QC", "IL")]
    return tuple(dict.fromkeys(p.id for p in parties if p is not None and p.id))


def payment_keys(payment: ClaimPayment) -> list[str]:
    """The keys of a claim payment: its number, the payer's numbers, the visit."""
    number = number_key(payment.patient_control_number)
    keys = [f"P:{number}"] if number else []
    payer_numbers = (payment.payer_claim_control_number, payment.reference("F8"))
    keys += [f"C:{key}" for key in map(number_key, payer_numbers) if len(key) >= 5]
    first_day, _ = service_dates(payment)
    for member_id in member_ids(payment):
        keys += visit_keys(member_id, first_day, payment.charge_cents)
    return list(dict.fromkeys(keys))


def claim_keys(claim: Claim) -> list[str]:
    """The keys of a claim document: its number, the payer's number it replaces, the visit."""
    number = number_key(claim.patient_control_number)
    keys = [f"P:{number}"] if number else []
    payer_numbers = [claim.reference("F8")]
    payer_numbers += [other.payer_claim_control_number for other in claim.other_payers]
    keys += [f"C:{key}" for key in map(number_key, payer_numbers) if len(key) >= 5]
    for member_id in claim_member_ids(claim):
        keys += visit_keys(member_id, claim.service_from, claim.charge_cents)
    return list(dict.fromkeys(keys))


def claim_member_ids(claim: Claim) -> tuple[str, ...]:
    """Every member id under which payers may know the patient of a claim."""
    coverages = [claim.coverage, *(other.coverage for other in claim.other_payers)]
    ids = [claim.patient.id, *(coverage.subscriber.id for coverage in coverages)]
    return tuple(dict.fromkeys(i for i in ids if i))
