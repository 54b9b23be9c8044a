"""A payer with prices: claims, its answers, and which of them fall short of the contract.

Invented; the right amounts are worked out here in plain whole numbers, apart from the product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.support.builder import Envelope, build_835, build_837
from tests.support.choices import Choices
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Person, Remit, Service

PAYER = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12")
OTHER = Payer("GREYWATER HEALTH", "GWH09", "999000109", "CI", "12")
PERSON = Person("MARLOWE", "EDITH", date(1951, 3, 14), "F")

#: Cents for a unit; 60% of the base for the last.
FEES = {"99213": 9250, "99214": 13175, "93000": 1733, "36415": 305}
SURGERY = {"20610": 6415, "11200": 8890}
BASE = {"J1100": 123}  # dollars 1.23 in the base fee schedule; the contract pays 110%

CONTRACT = """procedure,modifiers,place,amount,percent,base
99213,,,92.50,,
99213,,22,70.01,,
99214,,,131.75,,
93000,,,17.33,,
93000,26,,6.00,,
36415,,,3.05,,
20610,,,64.15,,
11200,,,88.90,,
J*,,,,110,asp
97*,,,,62.5,charge
"""
SCHEDULE = "procedure,amount\nJ1100,1.23\nJ3301,0.123\n"
TERMS = {
    "lesser_of_charge": True,
    "multiple_procedures": {"percents": ["100", "50", "25"], "procedures": ["10004-29999"]},
    "modifiers": {"50": "150", "80": "16"},
}


@dataclass(frozen=True)
class Visit:
    """A claim with its answer; ``short`` are the cents missing by line, from 1."""

    claim: Claim
    answer: Answer
    short: dict[int, int]


def visit(choices: Choices, number: int, day: date, payer: Payer = PAYER) -> Visit:
    """One visit with one to three lines, some of them allowed too little."""
    lines, allowed = [], []
    for _ in range(choices.whole(1, 3)):
        line, right = _line(choices)
        lines.append(line)
        allowed.append(right)
    surgeries = [n for n, line in enumerate(lines) if line.code in SURGERY]
    surgeries.sort(key=lambda n: (-allowed[n], n))
    for place, n in enumerate(surgeries):
        allowed[n] = half_up(allowed[n] * (100, 50, 25)[place], 100)
    allowed = [min(right, line.charge) for right, line in zip(allowed, lines, strict=True)]
    short = {
        n: choices.whole(100, right - 1)
        for n, right in enumerate(allowed, start=1)
        if right > 101 and choices.one_in(4) and n - 1 not in surgeries
    }
    claim = Claim(
        number=f"U{number:05d}",
        patient=PERSON,
        coverages=(Coverage(payer, "W1001"),),
        lines=tuple(lines),
        service_from=day,
    )
    paid = [right - short.get(n, 0) for n, right in enumerate(allowed, start=1)]
    return Visit(claim, answer_of(claim, paid, choices), short)


def _line(choices: Choices) -> tuple[Line, int]:
    kind = choices.whole(0, 5)
    if kind == 0:
        code = sorted(SURGERY)[choices.whole(0, 1)]
        return Line(code, 20_000), SURGERY[code]
    if kind == 1:
        units = choices.whole(1, 9)
        return Line("J1100", 5_000, units=str(units)), half_up(BASE["J1100"] * units * 110, 100)
    if kind == 2:
        charge = choices.whole(100, 20_000)
        return Line("97110", charge), half_up(charge * 625, 1000)
    if kind == 3:
        return Line("93000", 4_000, ("26",)), 600
    code = sorted(FEES)[choices.whole(0, 3)]
    units = choices.whole(1, 2)
    charge = choices.whole(200, 40_000)
    return Line(code, charge, units=str(units)), FEES[code] * units


def half_up(value: int, over: int) -> int:
    """``value / over`` to the whole cent, half a cent up."""
    return (2 * value + over) // (2 * over)


def answer_of(claim: Claim, allowed: list[int], choices: Choices) -> Answer:
    """The payer's answer that allows these amounts, some of it left to the patient."""
    services = []
    for line, cents in zip(claim.lines, allowed, strict=True):
        patient = choices.whole(0, cents)
        adjustments = [("CO", "45", line.charge - cents), ("PR", "2", patient)]
        services.append(
            Service(
                line.code,
                line.charge,
                cents - patient,
                tuple(a for a in adjustments if a[2]),
                modifiers=line.modifiers,
                units=line.units,
                day=claim.service_from,
            )
        )
    owed = sum(cents for s in services for group, _, cents in s.cas if group == "PR")
    paid = sum(service.paid for service in services)
    return Answer(
        claim.number,
        "1",
        claim.charge,
        paid,
        owed,
        tuple(services),
        control_number=f"P{claim.number}",
        patient=claim.patient,
        member_id="W1001",
    )


def claims_file(visits: list[Visit], control: int = 100) -> str:
    """Their claims as one 837."""
    return build_837([one.claim for one in visits], Envelope(control=control))


def remit_file(answers: list[Answer], day: date, control: int = 500, payer: Payer = PAYER) -> str:
    """Answers as one payment."""
    remit = Remit(payer, f"PM{day:%y%m%d}{control}", day, tuple(answers))
    return build_835([remit], Envelope(day=day, control=control))


def simple(
    number: int, day: date, allowed: int, charge: int = 20_000, payer: Payer = PAYER
) -> Visit:
    """A visit of one line, 99213, with a given allowed amount."""
    claim = Claim(
        number=f"S{number:05d}",
        patient=PERSON,
        coverages=(Coverage(payer, "W1001"),),
        lines=(Line("99213", charge),),
        service_from=day,
    )
    cas = (("CO", "45", charge - allowed), ("PR", "3", 1000))
    service = Service("99213", charge, allowed - 1000, cas, day=day)
    answer = Answer(
        claim.number,
        "1",
        charge,
        allowed - 1000,
        1000,
        (service,),
        control_number=f"P{claim.number}",
        patient=PERSON,
        member_id="W1001",
    )
    return Visit(claim, answer, {})


def year(choices: Choices, count: int) -> list[Visit]:
    """Visits over a year."""
    first = date(2026, 1, 2)
    return [visit(choices, n, first + timedelta(days=n % 300)) for n in range(count)]


__all__ = ["CONTRACT", "SCHEDULE", "TERMS", "Visit", "replace", "visit", "year"]
