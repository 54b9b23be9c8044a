"""A derived claim: its group, its case, its books, and the figures people ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from medcollect.bookkeeping.closure import practice_of
from medcollect.filing import Filing
from medcollect.ledger import ClaimCase, PostedClaim
from medcollect.matching.docs import Group, PaymentDoc, reports_patient_paid
from medcollect.matching.keys import member_ids, name_key, number_key, service_dates
from medcollect.matching.statuses import StatusDoc
from medcollect.model.common import Party
from medcollect.model.desk import Concerns
from medcollect.model.posting import (
    CHARGES,
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PATIENT_UNAPPLIED,
    PAYER_CASH,
    PAYER_CASH_REPORTED,
    PROVIDER_ADJUSTMENT,
    UNAPPLIED,
    VOIDED,
    WRITE_OFF,
    Posting,
)


class Patient(msgspec.Struct, frozen=True):
    """Who the claim is for, as its documents say."""

    practice_key: str
    party: Party
    member_id: str


class DerivedClaim(msgspec.Struct):
    """One claim as the facts now make it; ``id`` is its id in the book.

    ``statuses`` is what 277CA, 277 and 276 say of it, ``filing`` where its filing stands;
    ``patient`` is known once its row is made.
    """

    group: Group
    case: ClaimCase
    posted: PostedClaim
    id: int = 0
    statuses: list[StatusDoc] = []
    filing: Filing = Filing()
    patient: Patient | None = None


class Figures(msgspec.Struct, frozen=True):
    """The money of a claim in cents, each a sum of postings (DESIGN section 8.1)."""

    charge: int = 0
    insurance_paid: int = 0
    written_off: int = 0
    patient_responsibility: int = 0
    patient_paid: int = 0
    receivable: int = 0

    @property
    def insurance_open(self) -> int:
        """What payers have yet to settle."""
        return max(self.receivable, 0)

    @property
    def payer_credit(self) -> int:
        """What payers paid beyond the charge."""
        return max(-self.receivable, 0)

    @property
    def patient_due(self) -> int:
        """What the patient still owes."""
        return max(self.patient_responsibility - self.patient_paid, 0)

    @property
    def credit(self) -> int:
        """What the patient paid beyond the responsibility."""
        return max(self.patient_paid - self.patient_responsibility, 0)


#: Which figure each account adds to, and with which sign.
_FIGURE_OF_ACCOUNT: dict[str, tuple[str, int]] = {
    CHARGES: ("charge", -1),
    UNAPPLIED: ("insurance_paid", 1),
    PAYER_CASH_REPORTED: ("insurance_paid", 1),
    PAYER_CASH: ("insurance_paid", 1),
    PROVIDER_ADJUSTMENT: ("insurance_paid", 1),
    CONTRACTUAL: ("written_off", 1),
    WRITE_OFF: ("written_off", 1),
    PATIENT_RECEIVABLE: ("patient_responsibility", 1),
    PATIENT_CASH: ("patient_paid", 1),
    PATIENT_UNAPPLIED: ("patient_paid", 1),
    INSURANCE_RECEIVABLE: ("receivable", 1),
}


def figures_of(legs: Iterable[Posting]) -> Figures:
    """Add up a claim's postings.

    The patient's receivable is net of payments, so what was paid is added back to get the
    responsibility.
    """
    by_account: dict[str, int] = defaultdict(int)
    for leg in legs:
        by_account[leg.account] += leg.cents
    sums = dict.fromkeys(Figures.__struct_fields__, 0)
    for account, cents in by_account.items():
        name, sign = _FIGURE_OF_ACCOUNT[account]
        sums[name] += sign * cents
    sums["patient_responsibility"] += sums["patient_paid"]
    return Figures(*sums.values())


def legs_of(claim: DerivedClaim) -> list[Posting]:
    """Every posting of a derived claim."""
    return [leg for entry in claim.posted.entries for leg in entry.postings]


STATES = {
    "with_payer": "The payer has yet to answer.",
    "with_next_payer": "The next payer has yet to answer.",
    "rejected": "Rejected before it was judged: correct it and send it again.",
    "denied": "Denied, and being worked.",
    "undecided": "An answer is on file, but no rule settles what is open.",
    "patient_billable": "The patient owes it, and it may be billed.",
    "patient_not_billable": "The patient's part may not be billed now.",
    "credit_payer": "A payer paid beyond the charge.",
    "credit_patient": "The patient paid beyond the responsibility.",
    "voided": "The claim was taken back (frequency 8); nothing is left.",
    "closed": "Nothing is left.",
}


def state_of(
    figures: Figures,
    posted: PostedClaim,
    held_cents: int,
    *,
    rejected: bool = False,
    voided: bool = False,
) -> str:
    """Whose money it is (DESIGN section 6.3): payers first, then credits, then the patient.

    A claim that was ``rejected`` before it was judged is with nobody until it is sent again. One
    that was ``voided`` says so once nobody has money of it to give back.
    """
    payers_work = "rejected" if rejected else _insurance_state(posted)
    return state_now(figures, VOIDED if voided else payers_work, held_cents)


def state_now(figures: Figures, insurance_state: str, held_cents: int) -> str:
    """The state of a claim whose open insurance money, if any, is in this state."""
    if figures.payer_credit:
        return "credit_payer"
    if figures.insurance_open:
        return insurance_state
    if figures.credit:
        return "credit_patient"
    if figures.patient_due > held_cents:
        return "patient_billable"
    if figures.patient_due:
        return "patient_not_billable"
    return VOIDED if insurance_state == VOIDED else "closed"


def _insurance_state(posted: PostedClaim) -> str:
    """Which payer's work the open insurance money is."""
    if posted.waiting_rank > 1:
        return "with_next_payer"
    if any(d.status == "open" and d.group != "PR" for d in posted.denials):
        return "denied"
    return "with_payer" if posted.waiting_rank == 1 else "undecided"


def _speaker(group: Group) -> PaymentDoc:
    """The payment that speaks for a claim without documents: the one that opened it."""
    return (group.openers or group.payments)[0]


def patient_of(group: Group) -> Patient:
    """The patient by the latest claim document, else by the payments."""
    if group.documents:
        claim = group.documents[-1].claim
        party = claim.patient
        member = claim.coverage.subscriber.id or party.id
        return Patient(practice_of(claim.billing_provider.id), party, member)
    payment = _speaker(group)
    party = payment.payment.party("QC") or payment.payment.party("IL") or Party()
    found = member_ids(payment.payment)
    return Patient(payment.practice_key, party, found[0] if found else "")


def _days(group: Group) -> tuple[date | None, date | None]:
    """First and last day of service of the claim."""
    if group.documents:
        claim = group.documents[-1].claim
        first, last = claim.service_from, claim.service_to
        if first is not None and last is not None:
            return (first, last) if first <= last else (last, first)
        if first is not None or last is not None:
            return first or last, last or first
    pairs = [service_dates(p.payment) for p in group.openers or group.payments]
    days = [d for pair in pairs for d in pair if d is not None]
    return (min(days, default=None), max(days, default=None))


def _number(group: Group) -> str:
    """The patient control number as the practice knows it."""
    if group.documents:
        return group.documents[-1].claim.patient_control_number
    return _speaker(group).payment.patient_control_number


def _reported_until(group: Group) -> date | None:
    """The day that the document was made whose AMT*F5 says what the patient paid."""
    saying = reports_patient_paid(group.documents)
    return saying.created if saying is not None else None


def keys_of(group: Group) -> Concerns:
    """What finds a claim again: its number, its person by birth date and by member id, its day."""
    return _keys_of(group, patient_of(group), _days(group)[0])


def _keys_of(group: Group, patient: Patient, first_day: date | None) -> Concerns:
    party = patient.party
    name = name_key(party.last_name, party.first_name)
    birth = party.birth_date.isoformat() if party.birth_date else ""
    member = number_key(patient.member_id)
    number = _number(group)
    return Concerns(
        named=number,
        number_key=number_key(number),
        birth_key=f"{patient.practice_key}|{name}|{birth}" if name and birth else "",
        member_key=f"{patient.practice_key}|{name}|{member}" if name and member else "",
        service_from=first_day,
    )


def _holds_as_json(posted: PostedClaim) -> str:
    """The parts of the patient's responsibility, and why each may not be billed now."""
    if not posted.patient_parts:
        return "[]"
    holds = [
        {"line": p.line, "reason": p.reason, "cents": p.cents, "hold": p.hold}
        for p in posted.patient_parts
    ]
    return msgspec.json.encode(holds).decode()


def claim_row(claim: DerivedClaim) -> dict[str, Any]:
    """The claim's row, all columns but the account."""
    group, posted = claim.group, claim.posted
    figures = figures_of(legs_of(claim))
    held = sum([p.cents for p in posted.patient_parts if p.hold])
    denied = sum([d.cents for d in posted.denials if d.status == "open"])
    first_day, last_day = _days(group)
    claim.patient = patient_of(group)
    keys = _keys_of(group, claim.patient, first_day)
    answer_days = [p.payment_date for p in group.payments if p.payment_date and not p.held]
    latest = group.documents[-1].claim if group.documents else None
    payer = latest.coverage.payer.last_name if latest is not None else ""
    return {
        "id": claim.id,
        "account_id": None,
        "patient_control_number": keys.named,
        "number_key": keys.number_key,
        "origin": "claim" if latest is not None else "remittance",
        "status": "active",
        "form": latest.form if latest is not None else "",
        "service_from": keys.service_from,
        "service_to": last_day,
        "payer_name": payer or (_speaker(group).payer_name if group.payments else ""),
        "birth_key": keys.birth_key,
        "member_key": keys.member_key,
        "charge_cents": figures.charge,
        "insurance_paid_cents": figures.insurance_paid,
        "written_off_cents": figures.written_off,
        "patient_responsibility_cents": figures.patient_responsibility,
        "patient_paid_cents": figures.patient_paid,
        "patient_held_cents": held,
        "insurance_receivable_cents": figures.receivable,
        "denied_cents": denied,
        "small_balance_cents": 0,
        "state": state_of(
            figures,
            posted,
            held,
            rejected=claim.filing.rejection is not None,
            voided=claim.case.voided,
        ),
        "waiting_rank": posted.waiting_rank,
        "waiting_payer": posted.waiting_payer,
        "waiting_why": posted.waiting_why,
        "waiting_since": posted.waiting_since,
        "last_answer_date": max(answer_days, default=None),
        "holds": _holds_as_json(posted),
        "patient_reported_cents": figures.patient_paid,
        "reported_until": _reported_until(group),
    }
