"""A claim of the month beside the figures it must end with, and short ways to say both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.support.month.people import MEMBER_IDS, PLAINFIELD
from tests.support.specs import Claim, Coverage, Line, Payer, Person, usd


@dataclass(frozen=True)
class Figures:
    """What a claim must end with. ``billable`` is what may be billed to the patient now."""

    paid: str
    written_off: str
    responsibility: str
    open: str
    billable: str = "0.00"
    patient_paid: str = "0.00"
    due: str = "0.00"
    credit: str = "0.00"
    state: str = "closed"


@dataclass(frozen=True)
class SampleClaim:
    """A claim, what it shows, and what it must end with."""

    claim: Claim
    figures: Figures
    shows: str


def plan(payer: Payer, person: Person, rank: str = "P", holder: Person | None = None) -> Coverage:
    """The person's coverage with a payer; ``holder`` is the subscriber of a dependent."""
    return Coverage(payer, payer.id[:2] + MEMBER_IDS[holder or person], rank, subscriber=holder)


def lines(number: str, *specs: str) -> tuple[Line, ...]:
    """Lines from texts such as ``"99213 150.00"`` or ``"G0270 400 x4"`` or ``"G0463-GA 90"``."""
    built = []
    for position, spec in enumerate(specs, 1):
        code, amount, *units = spec.split()
        procedure, *modifiers = code.split("-")
        count = units[0].removeprefix("x") if units else "1"
        control = f"{number}L{position}"
        built.append(Line(procedure, usd(amount), tuple(modifiers), count, control))
    return tuple(built)


def visit(
    number: str,
    person: Person,
    day: int,
    specs: str,
    figures: Figures,
    shows: str,
    *,
    payers: tuple[Coverage, ...] = (),
    desk: str = "0",
) -> SampleClaim:
    """A professional claim of a visit in January 2026; without payers it goes to Plainfield."""
    claim = Claim(
        number=number,
        patient=person,
        coverages=payers or (plan(PLAINFIELD, person),),
        lines=lines(number, *specs.split(" + ")),
        service_from=date(2026, 1, day),
        patient_paid=usd(desk),
    )
    return SampleClaim(claim, figures, shows)


def closed(paid: str, written_off: str) -> Figures:
    """Payers and write-offs settle all of it."""
    return Figures(paid, written_off, "0.00", "0.00")


def patient(paid: str, written_off: str, owes: str) -> Figures:
    """The patient owes a part and may be billed for it."""
    return Figures(
        paid, written_off, owes, "0.00", billable=owes, due=owes, state="patient_billable"
    )


def held(owes: str) -> Figures:
    """All of it is the patient's part, but may not be billed yet."""
    return Figures("0.00", "0.00", owes, "0.00", due=owes, state="patient_not_billable")


def denied(amount: str) -> Figures:
    """All of it is refused and may still be won."""
    return Figures("0.00", "0.00", "0.00", amount, state="denied")


def waiting(amount: str) -> Figures:
    """The payer has not answered in a way that could be posted."""
    return Figures("0.00", "0.00", "0.00", amount, state="with_payer")
