"""What payers do to a claim payment on its way: the truth stays outside, nothing of it is money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.practice.payers import Habit
from tests.practice.stories import Event
from tests.support.specs import Answer, Person, Service

_NUMBERS: dict[str, Callable[[str], str]] = {
    "same": str,
    "upper": str.upper,
    "plain": lambda number: "".join(c for c in number.upper() if c.isalnum()),
    "no_zeros": lambda number: number.upper().lstrip("0"),
}
_MEMBERS: dict[str, Callable[[str], str]] = {
    "same": str,
    "suffix": lambda member: member + "01",
    "cut": lambda member: member[:-2],
    "no_zeros": lambda member: member.lstrip("0"),
}


def returned(random: Random, event: Event) -> Answer:
    """The event's answer as this payer sends it."""
    habit = event.insurer.habit
    said = event.answer
    number, member = _number(random, habit, said.number), _MEMBERS[habit.member](event.member)
    if number == "0" and said.original_reference and random.random() < 0.5:
        member = ""  # the payer's own numbers only
    patient = said.patient
    if patient is not None:
        patient = _named(random, habit, patient)
    told = replace(
        said,
        number=number,
        member_id=member,
        patient=patient,
        corrected_id=_MEMBERS[habit.member](event.corrected) if event.corrected else "",
        services=tuple(_service(habit, n, s) for n, s in enumerate(said.services, 1)),
    )
    return _dated(habit, told)


def _number(random: Random, habit: Habit, number: str) -> str:
    """CLP01 as it comes back; ``0`` where the claim came on paper."""
    if random.randrange(1000) < habit.paper:
        return "0"
    if isinstance(habit.number, int):
        return number.upper()[: habit.number]
    return _NUMBERS[habit.number](number)


def _named(random: Random, habit: Habit, patient: Person) -> Person:
    """The patient's name cut short, or with a letter typed wrong."""
    if habit.short_names:
        patient = replace(patient, last=patient.last[:12], first=patient.first[:6])
    if random.randrange(1000) < habit.misspells:
        place = random.randrange(1, len(patient.last))
        letters = patient.last[:place] + random.choice("AEIOU") + patient.last[place + 1 :]
        patient = replace(patient, last=letters)
    return patient


def _service(habit: Habit, number: int, service: Service) -> Service:
    """Control numbers dropped or invented, SVC06 dropped, the day written another way."""
    controls = {"returned": service.control, "dropped": "", "invented": str(number)}
    return replace(
        service,
        control=controls[habit.controls],
        submitted=service.submitted if habit.keeps_submitted else "",
        day=None if habit.dates in {"claim", "first"} else service.day,
        last_day=service.day if habit.dates == "range" else None,
    )


def _dated(habit: Habit, answer: Answer) -> Answer:
    """The claim's dates: only where the lines have none (DTM 232 alone, or 232 and 233)."""
    if habit.dates in {"line", "range"}:
        has_lines = bool(answer.services)
        first = None if has_lines else answer.service_from
        return replace(answer, service_from=first, service_to=answer.service_to if first else None)
    return replace(answer, service_to=answer.service_to if habit.dates == "claim" else None)
