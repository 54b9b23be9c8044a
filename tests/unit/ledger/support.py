"""Answers and cases for ledger tests, in whole dollars where that is enough.

``pay("1", "80", "CO-45 20")`` is a claim payment without lines, charge worked out from the money;
``line("99213", "80", "CO-45 20")`` a service; ``reply(...)`` the answer around a payment.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from medcollect.ledger.case import Answer, ClaimCase, ClaimLine, ExpectedPayer, PostedClaim
from medcollect.model.common import Adjustment, Party, Procedure, Reference
from medcollect.model.posting import (
    CHARGES,
    CONTRACTUAL,
    INSURANCE_RECEIVABLE,
    PATIENT_CASH,
    PATIENT_RECEIVABLE,
    PAYER_CASH_REPORTED,
    UNAPPLIED,
    WRITE_OFF,
)
from medcollect.model.remittance import ClaimPayment, ServicePayment
from tests.support.specs import cas, usd

DAY = date(2026, 2, 2)
PLAN = "PLAN,"
OTHER_PLAN = "OTHER,"


def adjustments(text: str) -> tuple[Adjustment, ...]:
    """``"CO-45 20, PR-1 5"`` as adjustments."""
    return tuple(Adjustment(group, reason, cents) for group, reason, cents in cas(text))


def line(code: str, paid: str, text: str = "", **more: Any) -> ServicePayment:
    """A service whose charge is what was paid and adjusted."""
    found = adjustments(text)
    charge = usd(paid) + sum(a.cents for a in found)
    stated = {"position": 1, "segment": 1, "charge_cents": charge, "paid_cents": usd(paid), **more}
    return ServicePayment(procedure=Procedure("HC", code), adjustments=found, **stated)


def pay(status: str, paid: str, text: str = "", *services: ServicePayment, **more: Any) -> Any:
    """A claim payment that proves, unless ``more`` says otherwise; money of lines is added."""
    found = adjustments(text)
    cents = usd(paid) + sum(s.paid_cents for s in services)
    charge = usd(paid) + sum(a.cents for a in found) + sum(s.charge_cents for s in services)
    stated = {"position": 1, "segment": 1, "patient_control_number": "PCN1", **more}
    stated = {"charge_cents": charge, "paid_cents": cents, **stated}
    return ClaimPayment(status=status, adjustments=found, services=services, **stated)


def reply(payment: ClaimPayment, number: int = 1, **more: Any) -> Answer:
    """An answer; the first of them on :data:`DAY`, each further one a day later."""
    stated = {
        "remittance": number,
        "payment_date": DAY + timedelta(days=number - 1),
        "place": (1, 1),
        "fingerprint": f"f{number:03d}",
        "payer_key": PLAN,
        "payer_name": "PLAN",
        "pairs": tuple(range(1, len(payment.services) + 1)),
        **more,
    }
    return Answer(id=number, payment=payment, **stated)


def takeback(answer: Answer, number: int, **more: Any) -> Answer:
    """The reversal of an answer."""
    original = answer.payment
    turned = ClaimPayment(
        position=more.pop("position", 1),
        segment=1,
        patient_control_number="PCN1",
        status="22",
        charge_cents=-original.charge_cents,
        paid_cents=more.pop("paid_cents", -original.paid_cents),
        payer_claim_control_number=more.pop("control", original.payer_claim_control_number),
        references=tuple(Reference("F8", value) for value in more.pop("f8", ())),
        adjustments=tuple(Adjustment(a.group, a.reason, -a.cents) for a in original.adjustments),
    )
    return reply(turned, number, **more)


def billed(*charges: str, modifiers: tuple[str, ...] = ()) -> tuple[ClaimLine, ...]:
    """Claim lines with these charges."""
    return tuple(
        ClaimLine(n, f"9921{n}", usd(charge), modifiers) for n, charge in enumerate(charges, 1)
    )


def case(charge: str, *answers: Answer, **more: Any) -> ClaimCase:
    """A claim case; one line with the whole charge unless lines are given."""
    stated = {"charge_document": 900, "lines": billed(charge), **more}
    return ClaimCase(charge_cents=usd(charge), answers=answers, **stated)


def named(*keys: str) -> tuple[ExpectedPayer, ...]:
    """Payers that the claim names, primary first."""
    return tuple(ExpectedPayer(n, key, key.rstrip(",")) for n, key in enumerate(keys, 1))


def party(role: str, name: str) -> Party:
    """A company in a role."""
    return Party(role=role, last_name=name)


def totals(posted: PostedClaim) -> dict[str, int]:
    """Dollars by account, in debits; accounts at zero are left out."""
    sums: dict[str, int] = {}
    for entry in posted.entries:
        assert entry.is_balanced
        for leg in entry.postings:
            sums[leg.account] = sums.get(leg.account, 0) + leg.cents
    return {account: cents / 100 for account, cents in sums.items() if cents}


def by_line(posted: PostedClaim, account: str) -> dict[int, float]:
    """Dollars of one account by line; lines at zero are left out."""
    sums: dict[int, int] = {}
    for entry in posted.entries:
        for leg in entry.postings:
            if leg.account == account:
                sums[leg.line] = sums.get(leg.line, 0) + leg.cents
    return {number: cents / 100 for number, cents in sums.items() if cents}


def books(posted: PostedClaim) -> dict[str, float]:
    """The claim's figures in dollars, zeros left out."""
    sums = totals(posted)
    paid_by_patient = sums.get(PATIENT_CASH, 0)
    figures = {
        "charge": -sums.get(CHARGES, 0),
        "paid": sums.get(UNAPPLIED, 0) + sums.get(PAYER_CASH_REPORTED, 0),
        "off": sums.get(CONTRACTUAL, 0) + sums.get(WRITE_OFF, 0),
        "patient": sums.get(PATIENT_RECEIVABLE, 0) + paid_by_patient,
        "open": sums.get(INSURANCE_RECEIVABLE, 0),
        "patient_paid": paid_by_patient,
    }
    return {name: value for name, value in figures.items() if value}


def issues(posted: PostedClaim) -> list[tuple[str, float, int]]:
    """Kind, dollars and answer of each issue."""
    return [(i.kind, i.cents / 100, i.answer) for i in posted.issues]
