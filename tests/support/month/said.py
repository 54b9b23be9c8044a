"""Short ways to say what a payer answers about a claim of the month."""

from __future__ import annotations

from tests.support.month.claims import CLAIMS
from tests.support.specs import Answer, Line, Payer, ProviderAdjustment, Service, cas, usd


def line(number: str, position: int) -> Line:
    """A line of a claim of the month, counted from 1."""
    return CLAIMS[number].claim.lines[position - 1]


def paid(number: str, position: int, amount: str, reasons: str, remark: str = "") -> Service:
    """The answer to one line: what was paid and why not more."""
    billed = line(number, position)
    dental = CLAIMS[number].claim.form == "D"
    return Service(
        code=billed.code,
        charge=billed.charge,
        paid=usd(amount),
        cas=cas(reasons),
        modifiers=billed.modifiers,
        units="" if billed.units == "1" else billed.units,
        control=billed.control,
        revenue=billed.revenue,
        remarks=(remark,) if remark else (),
        day=CLAIMS[number].claim.service_from,
        qualifier="AD" if dental else "HC",
    )


def changed(service: Service, **changes: object) -> Service:
    """The same answer with some of its fields said otherwise."""
    return Service(**{**vars(service), **changes})


def answer(number: str, amount: str, owes: str, *services: Service, **more: object) -> Answer:
    """The answer to a claim: status 1, charge as the lines state it, control number by number."""
    claim = CLAIMS[number].claim
    said: dict[str, object] = {
        "status": "1",
        "charge": sum(service.charge for service in services) or claim.charge,
        "control_number": f"P{number}",
        "patient": claim.patient,
        "member_id": claim.coverages[0].member_id,
        "service_from": claim.service_from,
        "service_to": claim.service_to,
        "facility": claim.place,
    }
    owed = {"responsibility": usd(owes)} if owes else {}
    return Answer(number=number, paid=usd(amount), services=services, **{**said, **owed, **more})


def single(number: str, amount: str, owes: str, reasons: str, remark: str = "") -> Answer:
    """The answer to a claim of one line."""
    return answer(number, amount, owes, paid(number, 1, amount, reasons, remark))


def later(number: str, payer: Payer, status: str, amount: str, owes: str, reasons: str) -> Answer:
    """A second or third payer's answer to a claim of one line."""
    claim = CLAIMS[number].claim
    member = next((c.member_id for c in claim.coverages if c.payer == payer), "LS700100")
    return answer(
        number,
        amount,
        owes,
        paid(number, 1, amount, reasons),
        status=status,
        control_number=f"{payer.id[:2]}{number}",
        member_id=member,
    )


def plb(code: str, reference: str, amount: str) -> ProviderAdjustment:
    """One provider adjustment."""
    return ProviderAdjustment(code, reference, usd(amount))
