"""Visits of the generated practice, each with the claim that is sent for it.

Two practices bill (two tax ids and NPIs), each with its own numbers: the family practice's have
lower case and punctuation at first and nineteen characters after a change of systems, the therapy
department's are digits with leading zeros, and for a part of its patients the account number. The
two collide where payers strip zeros. The hospital department bills on the 837I.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tests.practice.payers import Insurer
from tests.practice.people import END, START, Patient, Town
from tests.support.builder import PRACTICE
from tests.support.specs import Claim, Coverage, Line, Practice, with_check_digit

FAMILY = PRACTICE
THERAPY = replace(
    PRACTICE,
    name="CEDAR HOLLOW THERAPY",
    npi=with_check_digit("176543210"),
    tax_id="999654321",
    doctor_last="ASHWORTH",
    doctor_first="LINUS",
    doctor_npi=with_check_digit("154321098"),
)
NEW_SYSTEM = date(2025, 1, 1)
_OLD_NUMBERS_UNTIL = date(2024, 2, 1)

_OFFICE = (("99213", 15000), ("99214", 22500), ("99212", 9500), ("99203", 21000))
_EXTRAS = (("93000", 6500), ("36415", 1800), ("81002", 1200), ("87880", 4200), ("90471", 3500))
_THERAPY = (("97110", 9000), ("97140", 8500), ("97530", 9500), ("97112", 8800))
_HOSPITAL = (("0450", "99283", 85000), ("0300", "80053", 12000), ("0320", "71046", 21000))
_BED_DAY = 185000


@dataclass(frozen=True)
class Visit:
    """What happened on a day and the claim as first sent."""

    key: int
    practice: Practice
    patient: Patient
    claim: Claim
    insurers: tuple[Insurer, ...]


class Calendar:
    """Fills the two years with visits."""

    def __init__(self, random: Random, claims: int) -> None:
        self.random = random
        self.wanted = claims
        self.town = Town(random)
        self.made = 0
        self.serial = {"family": 0, "therapy": 0}
        self.treated_until: dict[int, date] = {}

    def visits(self) -> Iterator[Visit]:
        """Every visit, day by day."""
        people = self.town.settle(max(self.wanted // 6, 12))
        by_number = {patient.number: patient for patient in people}
        span = (END - START).days - 60
        for place in range(self.wanted):
            day = START + timedelta(days=place * span // self.wanted)
            day -= timedelta(days=max(day.weekday() - 4, 0))
            patient = self.random.choice(people)
            yield from self._on(day, patient, by_number)
            if self.made >= self.wanted:
                return

    def _on(self, day: date, patient: Patient, people: dict[int, Patient]) -> Iterator[Visit]:
        random = self.random
        luck = random.random()
        if patient.twin:
            lines = self._office_lines()
            for one in (patient, people[patient.twin])[: random.choice((1, 2, 2))]:
                yield self._visit(day, one, FAMILY, lines)
        elif luck < 0.003:
            # two equal visits on one day
            lines = self._office_lines()
            for _ in range(2):
                yield self._visit(day, patient, FAMILY, lines)
        elif luck < 0.22:
            yield self._therapy(day, patient)
        elif luck < 0.28:
            yield self._hospital(day, patient)
        else:
            yield self._visit(day, patient, FAMILY, self._office_lines())

    def _office_lines(self) -> tuple[Line, ...]:
        code, charge = self.random.choice(_OFFICE)
        lines = [Line(code, charge)]
        for extra, cents in self.random.sample(_EXTRAS, self.random.choice((0, 0, 1, 1, 2, 3))):
            lines.append(Line(extra, cents))
        return tuple(lines)

    def _therapy(self, day: date, patient: Patient) -> Visit:
        """One to four lines, on one day or over some days."""
        random = self.random
        several = random.random() < 0.3
        chosen = [random.choice(_THERAPY) for _ in range(random.randrange(1, 5))]
        days = [day + timedelta(days=n * 2 if several else 0) for n in range(len(chosen))]
        lines = tuple(
            Line(code, cents, ("GP",), day=on)
            for (code, cents), on in zip(chosen, days, strict=True)
        )
        return self._visit(day, patient, THERAPY, lines, last=days[-1])

    def _hospital(self, day: date, patient: Patient) -> Visit:
        """An outpatient day, or some nights in a bed."""
        random = self.random
        if random.random() < 0.3:
            nights = random.randrange(2, 6)
            last = day + timedelta(days=nights)
            lines = (
                Line("", _BED_DAY * nights, units=str(nights), revenue="0120", day=day),
                Line("", 4300, revenue="0250", day=day),
            )
            return self._visit(day, patient, THERAPY, lines, last=last, form="I", place="11")
        count = random.randrange(1, 4)
        lines = tuple(Line(code, cents, revenue=rev) for rev, code, cents in _HOSPITAL[:count])
        return self._visit(day, patient, THERAPY, lines, form="I", place="13")

    def _visit(
        self,
        day: date,
        patient: Patient,
        practice: Practice,
        lines: tuple[Line, ...],
        *,
        last: date | None = None,
        form: str = "P",
        place: str = "11",
    ) -> Visit:
        """A visit with its claim; late in the year a patient's second registration may be used."""
        self.made += 1
        number = self._number(day, last or day, patient, practice, form)
        if practice is FAMILY:
            lines = tuple(
                replace(line, control=f"{number[-8:].upper()}{n:02d}")
                for n, line in enumerate(lines, 1)
            )
        person = patient.person
        if patient.alias is not None and self.random.random() < 0.4:
            person = patient.alias
        learned = timedelta(days=120)
        coverages = tuple(
            Coverage(
                cover.insurer.payer,
                cover.newer if cover.newer and day > cover.since + learned else cover.member,
                "PST"[rank],
                subscriber=cover.subscriber,
            )
            for rank, cover in enumerate(patient.covers[: 1 if patient.untold else None])
        )
        claim = Claim(
            number=number,
            patient=person,
            coverages=coverages,
            lines=lines,
            service_from=day,
            service_to=last,
            form=form,
            place=place,
            patient_paid=self._desk(patient, form),
        )
        insurers = tuple(cover.insurer for cover in patient.covers)
        return Visit(self.made, practice, patient, claim, insurers)

    def _desk(self, patient: Patient, form: str) -> int:
        """The copay, where it was taken at the desk (AMT*F5)."""
        copay = patient.covers[0].insurer.copay
        return copay if copay and form == "P" and self.random.random() < 0.3 else 0

    def _number(
        self, day: date, last: date, patient: Patient, practice: Practice, form: str
    ) -> str:
        if practice is THERAPY:
            self.serial["therapy"] += 1
            again = day > self.treated_until.get(patient.number, START - timedelta(days=1))
            if patient.number % 4 == 0 and form == "P" and again:
                self.treated_until[patient.number] = last
                return f"T{patient.number:05d}"
            return f"{self.serial['therapy']:07d}"
        self.serial["family"] += 1
        serial = self.serial["family"]
        if day < _OLD_NUMBERS_UNTIL:
            return str(serial)
        if day < NEW_SYSTEM:
            return f"ch-{day:%y}-{serial:06d}"
        return f"CHFM{day:%Y}{serial:010d}{serial % 7}"
