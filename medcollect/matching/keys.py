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

#: Shorter numbers are not taken for the beginning of a longer one: payers keep at least 14
#: characters, punctuation and leading zeros among them.
_CUT_LENGTH_MIN = 14

#: What is left of a number that was cut off says something from this many letters and digits on.
_PREFIX_LENGTH_MIN = 8

#: A shorter number is as good as none: ``0``, or the payer's own running number.
_NUMBER_LENGTH_MIN = 4

#: So much of a member id stays when payers add or cut its suffix.
_MEMBER_STEM = 6


@lru_cache(maxsize=65536)
def number_key(number: str) -> str:
    """A number as payers may return it: upper case, letters and digits, no leading zeros.

    Empty for ``0`` and the like, with which a payer says that it had no number.
    """
    return _letters_and_digits(number).lstrip("0")


def _letters_and_digits(text: str) -> str:
    """A text in upper case without anything else."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _NOT_ALPHANUMERIC.sub("", text.upper())


@lru_cache(maxsize=65536)
def name_key(last: str, first: str) -> str:
    """A person's name for comparison: ``LAST,FIRST`` in letters and digits only."""
    last_key = _letters_and_digits(last)
    return f"{last_key},{_letters_and_digits(first)}" if last_key else ""


def may_be_cut(number: str) -> bool:
    """Whether a number that a payer returned may be the beginning of a longer one."""
    whole = len(number.strip()) >= _CUT_LENGTH_MIN
    return whole and len(number_key(number)) >= _PREFIX_LENGTH_MIN


@lru_cache(maxsize=65536)
def prefixes(number: str) -> tuple[str, ...]:
    """The keys of the shorter numbers that a payer may have made of this one by cutting it off.

    Some cut the number as it stands, some what is left of it without punctuation.
    """
    whole = number_key(number)
    if len(number.strip()) <= _CUT_LENGTH_MIN:
        return ()
    cut = {number_key(number[:length]) for length in range(_CUT_LENGTH_MIN, len(number))}
    cut.update(whole[:length] for length in range(_CUT_LENGTH_MIN, len(whole)))
    return tuple(sorted(key for key in cut - {whole} if len(key) >= _PREFIX_LENGTH_MIN))


def is_lost(number: str) -> bool:
    """Whether a returned number says nothing: ``0``, or the payer's own running number."""
    return len(number_key(number)) < _NUMBER_LENGTH_MIN


def is_weak(number: str) -> bool:
    """Whether a returned number may fail to name its claim: it is lost, or may be cut off."""
    return is_lost(number) or may_be_cut(number)


def _member_days(member_ids: tuple[str, ...], service_from: date | None) -> list[str]:
    """First day of service with what payers leave of each member id."""
    if service_from is None:
        return []
    stems = [number_key(member_id)[:_MEMBER_STEM] for member_id in member_ids]
    if len(stems) > 1:
        stems = list(dict.fromkeys(stems))
    day = _iso(service_from)
    return [f"{day}|{stem}" for stem in stems if stem]


@lru_cache(maxsize=4096)
def _iso(day: date) -> str:
    """A day as text: claims share few of them."""
    return day.isoformat()


def visit_keys(member_id: str, service_from: date | None, charge_cents: int) -> list[str]:
    """Member, first day of service and charge: a claim whose number was lost."""
    return _visits(_member_days((member_id,), service_from), charge_cents)


def _visits(member_days: list[str], charge_cents: int) -> list[str]:
    """The visits of members on a day, if something was charged."""
    return [f"V:{day}|{abs(charge_cents)}" for day in member_days] if charge_cents else []


def _name_day(name: str, service_from: date | None) -> list[str]:
    """First day of service with the patient's name."""
    return [f"{_iso(service_from)}|{name}"] if name and service_from is not None else []


def service_dates(payment: ClaimPayment) -> tuple[date | None, date | None]:
    """First and last day of service that a claim payment shows, claim or line."""
    found = {payment.statement_from, payment.statement_to}
    for service in payment.services:
        found.add(service.service_from)
        found.add(service.service_to)
    days = [day for day in found if day is not None]
    return (min(days), max(days)) if days else (None, None)


def member_ids(payment: ClaimPayment) -> tuple[str, ...]:
    """Every id the payment gives for the patient or the insured, the corrected one first."""
    parties = [payment.party(role) for role in ("74", "QC", "IL")]
    return tuple(dict.fromkeys([p.id for p in parties if p is not None and p.id]))


def payment_keys(payment: ClaimPayment) -> list[str]:
    """The keys of a claim payment: its number (P), the payer's numbers (C), the visit (V).

    Where the number may fail to name the claim, member or name and day (D) let claims find it.
    """
    number = number_key(payment.patient_control_number)
    keys = [f"P:{number}"] if number else []
    payer_numbers = (payment.payer_claim_control_number, payment.reference("F8"))
    keys += [f"C:{key}" for key in map(number_key, payer_numbers) if len(key) >= 5]
    first_day, _ = service_dates(payment)
    days = _member_days(member_ids(payment), first_day)
    keys += _visits(days, payment.charge_cents)
    if is_weak(payment.patient_control_number):
        keys += [f"D:{day}" for day in days]
    if is_lost(payment.patient_control_number):
        keys += [f"D:{day}" for day in _name_day(patient_name(payment), first_day)]
    return list(dict.fromkeys(keys))


def patient_name(payment: ClaimPayment) -> str:
    """The patient's name key as a claim payment gives it."""
    patient = payment.party("QC")
    return name_key(patient.last_name, patient.first_name) if patient is not None else ""


def claim_keys(claim: Claim) -> tuple[str, ...]:
    """The keys of a claim document: its number, the payer's number it replaces, the visit."""
    return own_and_loose_keys(claim)[0]


def loose_keys(claim: Claim) -> tuple[str, ...]:
    """The keys under which a claim finds payments whose number may fail to name it."""
    return own_and_loose_keys(claim)[1]


def own_and_loose_keys(claim: Claim) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both kinds of keys of a claim document at once: they are made of the same days and ids."""
    number = number_key(claim.patient_control_number)
    keys = [f"P:{number}"] if number else []
    payer_numbers = [claim.reference("F8")]
    payer_numbers += [other.payer_claim_control_number for other in claim.other_payers]
    keys += [f"C:{key}" for key in map(number_key, payer_numbers) if len(key) >= 5]
    days = _member_days(claim_member_ids(claim), claim.service_from)
    keys += _visits(days, claim.charge_cents)
    name = name_key(claim.patient.last_name, claim.patient.first_name)
    loose = [f"P:{prefix}" for prefix in prefixes(claim.patient_control_number)]
    loose += [f"D:{day}" for day in (*days, *_name_day(name, claim.service_from))]
    return tuple(dict.fromkeys(keys)), tuple(loose)


def claim_member_ids(claim: Claim) -> tuple[str, ...]:
    """Every member id under which payers may know the patient of a claim."""
    ids = [claim.patient.id, claim.coverage.subscriber.id]
    if claim.other_payers:
        ids += [other.coverage.subscriber.id for other in claim.other_payers]
    return tuple(dict.fromkeys([i for i in ids if i]))
