"""Small pieces that claims and remittances are written from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from tests.support.specs import Cas, Person

#: A segment: its elements in order; a tuple is a composite.
Segment = list[str | tuple[str, ...]]


def day8(day: date) -> str:
    """CCYYMMDD."""
    return day.strftime("%Y%m%d")


def money(cents: int) -> str:
    """An amount as payers write it: whole dollars without a point, else two decimals."""
    sign = "-" if cents < 0 else ""
    whole, fraction = divmod(abs(cents), 100)
    return f"{sign}{whole}" if fraction == 0 else f"{sign}{whole}.{fraction:02d}"


def cas_segments(items: Iterable[Cas]) -> list[Segment]:
    """CAS segments: neighbours of one group share a segment, at most six triplets in each."""
    segments: list[Segment] = []
    for group, members in groupby(items, key=lambda item: item[0]):
        triplets = [[reason, money(cents)] for _, reason, cents in members]
        for start in range(0, len(triplets), 6):
            segment: Segment = ["CAS", group]
            for place, triplet in enumerate(triplets[start : start + 6]):
                segment += [*([""] if place else []), *triplet]
            segments.append(segment)
    return segments


def address(where: object) -> list[Segment]:
    """N3 and N4 of anything that has street, city, state and postal."""
    return [
        ["N3", where.street],
        ["N4", where.city, where.state, where.postal],
    ]


def person_name(role: str, person: Person, qualifier: str = "", id_: str = "") -> Segment:
    """NM1 of a person, with an id where there is one."""
    name: Segment = ["NM1", role, "1", person.last, person.first]
    return [*name, "", "", "", qualifier, id_] if id_ else name


def organisation(role: str, name: str, qualifier: str, id_: str) -> Segment:
    """NM1 of an organisation."""
    return ["NM1", role, "2", name, "", "", "", "", qualifier, id_]


def demographics(person: Person) -> Segment:
    """DMG: birth date and gender."""
    return ["DMG", "D8", day8(person.birth), person.gender]
