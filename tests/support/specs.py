"""What a test or a sample wants to say, as plain records: people, payers, claims and answers.

Amounts are whole cents; ``usd("12.50")`` reads them as people write them and
``cas("CO-45 50, PR-3 25")`` reads a list of adjustments. :mod:`tests.support.builder` turns these
records into real 835 and 837 text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

#: One adjustment: group, reason, cents.
Cas = tuple[str, str, int]


def usd(text: str) -> int:
    """Cents of an amount as people write it: ``usd("12.5")`` is 1250, ``usd("-3")`` is -300."""
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("-").partition(".")
    return sign * (int(whole or "0") * 100 + int(fraction.ljust(2, "0")))


def cas(text: str) -> tuple[Cas, ...]:
    """Adjustments from text such as ``"CO-45 50.00, PR-3 25"``."""
    items = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        code, amount = part.split()
        group, _, reason = code.partition("-")
        items.append((group, reason, usd(amount)))
    return tuple(items)


def with_check_digit(first_nine: str) -> str:
    """An NPI: nine digits and the Luhn check digit over ``80840`` and them."""
    total = 24
    for place, digit in enumerate(reversed(first_nine)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return first_nine + str(-total % 10)


@dataclass(frozen=True)
class Person:
    """An invented person."""

    last: str
    first: str
    birth: date = date(1980, 1, 1)
    gender: str = "F"
    street: str = "12 ELM STREET"
    city: str = "CEDAR HOLLOW"
    state: str = "IA"
    postal: str = "52240"


@dataclass(frozen=True)
class Payer:
    """An invented payer: ``filing`` is its SBR09, ``plan`` its CLP06; the tax id makes TRN03."""

    name: str
    id: str
    tax_id: str
    filing: str = "CI"
    plan: str = "12"
    street: str = "1 INSURANCE PLAZA"
    city: str = "DES MOINES"
    state: str = "IA"
    postal: str = "50309"
    phone: str = "5155550100"


@dataclass(frozen=True)
class Practice:
    """An invented billing provider and the doctor who renders."""

    name: str
    npi: str
    tax_id: str
    doctor_last: str
    doctor_first: str
    doctor_npi: str
    taxonomy: str = "207Q00000X"
    street: str = "400 MAIN STREET"
    city: str = "CEDAR HOLLOW"
    state: str = "IA"
    postal: str = "522400001"
    phone: str = "3195550142"


@dataclass(frozen=True)
class Coverage:
    """One plan of a patient. ``subscriber`` is set where the patient is a dependent."""

    payer: Payer
    member_id: str
    rank: str = "P"
    group_number: str = ""
    subscriber: Person | None = None


@dataclass(frozen=True)
class PriorLine:
    """What an earlier payer decided on one line: loop 2430."""

    paid: int
    cas: tuple[Cas, ...] = ()


@dataclass(frozen=True)
class PriorAnswer:
    """What an earlier payer answered, as a claim to the next payer tells it (2320, 2430)."""

    payer_id: str
    paid: int
    answered: date
    cas: tuple[Cas, ...] = ()
    lines: tuple[PriorLine, ...] = ()
    control_number: str = ""


@dataclass(frozen=True)
class Line:
    """One service line of a claim. ``control`` is REF*6R; ``revenue`` makes it institutional."""

    code: str
    charge: int
    modifiers: tuple[str, ...] = ()
    units: str = "1"
    control: str = ""
    revenue: str = ""
    tooth: str = ""
    surfaces: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True)
class Claim:
    """One claim. The first coverage is the payer it goes to; the others stand in loop 2320."""

    number: str
    patient: Person
    coverages: tuple[Coverage, ...]
    lines: tuple[Line, ...]
    service_from: date
    service_to: date | None = None
    form: str = "P"
    place: str = "11"
    frequency: str = "1"
    diagnoses: tuple[str, ...] = ("J069",)
    patient_paid: int = 0
    prior: tuple[PriorAnswer, ...] = ()
    original_reference: str = ""

    @property
    def charge(self) -> int:
        """CLM02: what the lines add up to."""
        return sum(line.charge for line in self.lines)


@dataclass(frozen=True)
class Service:
    """One SVC loop of an answer. ``submitted`` is SVC06, ``allowed`` AMT*B6.

    With ``last_day`` the days are written as DTM 150 and 151, else ``day`` as DTM 472.
    """

    code: str
    charge: int
    paid: int
    cas: tuple[Cas, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: str = ""
    submitted: str = ""
    submitted_units: str = ""
    control: str = ""
    revenue: str = ""
    remarks: tuple[str, ...] = ()
    allowed: int | None = None
    day: date | None = None
    qualifier: str = "HC"
    last_day: date | None = None


@dataclass(frozen=True)
class Answer:
    """One CLP loop. ``responsibility`` is CLP05 (``None``: left out); ``remarks`` go to MOA.

    ``corrected_id`` is the member id of NM1*74.
    """

    number: str
    status: str
    charge: int
    paid: int
    responsibility: int | None = None
    services: tuple[Service, ...] = ()
    cas: tuple[Cas, ...] = ()
    control_number: str = ""
    patient: Person | None = None
    member_id: str = ""
    plan: str = ""
    remarks: tuple[str, ...] = ()
    original_reference: str = ""
    crossover: Payer | None = None
    service_from: date | None = None
    service_to: date | None = None
    interest: int | None = None
    inpatient: bool = False
    facility: str = "11"
    frequency: str = "1"
    corrected_id: str = ""

    def adjustments(self) -> list[Cas]:
        """Claim-level adjustments and those of every line."""
        return [*self.cas, *(item for service in self.services for item in service.cas)]


@dataclass(frozen=True)
class ProviderAdjustment:
    """One PLB pair: a positive amount lowers the payment."""

    code: str
    reference: str
    cents: int


@dataclass(frozen=True)
class Remit:
    """One 835 transaction. ``amount`` is BPR02, ``None`` for what the claims and PLB add up to."""

    payer: Payer
    trace: str
    day: date
    answers: tuple[Answer, ...] = ()
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    amount: int | None = None
    method: str = ""
    practice: Practice | None = None
    extra: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def proven_amount(self) -> int:
        """What the check must be: claim payments less provider adjustments."""
        paid = sum(answer.paid for answer in self.answers)
        return paid - sum(item.cents for item in self.provider_adjustments)

    @property
    def payment(self) -> int:
        """BPR02 as written."""
        return self.proven_amount if self.amount is None else self.amount


def reversal(answer: Answer, **changes: object) -> Answer:
    """The answer taken back: status 22, every amount and adjustment negated, no CLP05."""
    services = tuple(
        Service(
            **{
                **vars(service),
                "charge": -service.charge,
                "paid": -service.paid,
                "cas": negated(service.cas),
                "allowed": None,
            }
        )
        for service in answer.services
    )
    turned = {
        **vars(answer),
        "status": "22",
        "charge": -answer.charge,
        "paid": -answer.paid,
        "responsibility": None,
        "cas": negated(answer.cas),
        "services": services,
        "interest": None,
        "crossover": None,
    }
    return Answer(**{**turned, **changes})


def negated(items: tuple[Cas, ...]) -> tuple[Cas, ...]:
    """The same adjustments with their signs turned."""
    return tuple((group, reason, -cents) for group, reason, cents in items)


def defects(remit: Remit) -> list[str]:
    """Which of the three equations of an 835 fail (claim_rules.md 3.1); usually none."""
    found = []
    for answer in remit.answers:
        for service in answer.services:
            if service.charge - sum(c for _, _, c in service.cas) != service.paid:
                found.append(f"line {answer.number} {service.code}")
        if answer.charge - sum(c for _, _, c in answer.adjustments()) != answer.paid:
            found.append(f"claim {answer.number}")
    if remit.payment != remit.proven_amount:
        found.append(f"check {remit.trace}")
    return found
