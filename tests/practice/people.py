"""The patients of the generated practice: families, twins, namesakes, people registered twice.

A patient's cover may get a new member id, and a patient a new name, in the middle of the two
years; the practice learns of it later than the payer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tests.practice.payers import (
    COMMERCIAL,
    MEDICAID,
    MEDICARE,
    PLAIN,
    STONE,
    SUPPLEMENT,
    Insurer,
)
from tests.support.specs import Person

START = date(2024, 1, 1)
END = date(2025, 12, 31)

_LAST = """
ABERNATHY ALDERCROFT BARROWMAN BECKETT BRAMWELL CALLOWAY CARDEW CHATTERTON COLLINGWOOD CROWHURST
DARNLEY DUNMORE ELLSWORTH FAIRWEATHER FENWICK GAINSFORD GREENLEAF HALLORAN HARGREAVES
HOLLINGSHEAD IRONSIDE JESSOP KELLERMAN KINGSMILL LANGTRY LOCKRIDGE MARLOWE MERRIDEW NETHERBY
O'BRANNIGAN OAKHURST PEMBERTON PENHALIGON QUILLER RAVENSCROFT REDFERN ROCKINGHAM SALTMARSH
ST.CLAIR SOMERVILLE STAVELY THISTLEWOOD TREVELYAN UNDERHILL VAN-DORN VICKERY WAINWRIGHT WETHERBY
WOOLCOTT YARDLEY
""".split()  # noqa: SIM905 - read more easily so
_FIRST = """
ADELINE ALASDAIR BEATRIX BERNARD CASPIAN CECILY CORDELIA DAMIAN DELPHINE DESMOND EDITH EDMUND
ELEANOR EVANDER FELICITY FERGUS FLORIAN GENEVIEVE GIDEON GWENDOLYN HARRIET HORATIO IMOGEN INGRID
JASPER JOSEPHINE KATHARINA LEOPOLD LUCINDA LYSANDER MAGNUS MARGUERITE MILO NATHANIEL OCTAVIA
OSCAR PERSEPHONE PHINEAS ROSALIND RUFUS SEBASTIAN SERAPHINA THEODORA TOBIAS URSULA VALENTIN
WILHELMINA XANTHE YVETTE ZACHARY
""".split()  # noqa: SIM905 - read more easily so
#: Twins' first names: close to one another, or one the beginning of the other.
_TWINS = (("JADEN", "JAYDEN"), ("MIA", "MIAH"), ("CLARA", "CARLA"), ("TOBIAS", "WENDELL"))


@dataclass(frozen=True)
class Cover:
    """One plan of a patient. From ``since`` on the plan knows the member under ``newer``."""

    insurer: Insurer
    member: str
    subscriber: Person | None = None
    newer: str = ""
    since: date = END


@dataclass(frozen=True)
class Patient:
    """One person with an account number of the practice; ``alias`` is a second registration.

    ``married`` is the last name from ``since`` on, as payers know it; ``qmb``: the programme that
    forbids to bill Medicare's share; ``untold``: the practice knows nothing of the second plan.
    """

    number: int
    person: Person
    covers: tuple[Cover, ...]
    twin: int = 0
    alias: Person | None = None
    married: str = ""
    since: date = END
    qmb: bool = False
    untold: bool = False


class Town:
    """Makes the patients; member ids are unique per family and plan."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.patients: list[Patient] = []

    def settle(self, count: int) -> list[Patient]:
        """So many patients, family by family."""
        while len(self.patients) < count:
            self._family()
        return self.patients

    def _family(self) -> None:
        random = self.random
        last = random.choice(_LAST)
        if random.random() < 0.25:
            self._add(self._person(last, 1930, 1959), self._medicare())
            return
        parent = self._person(last, 1962, 2000)
        covers = self._covers()
        self._add(parent, covers)
        family = tuple(replace(cover, subscriber=parent) for cover in covers)
        children = random.choice((0, 0, 1, 2))
        for _ in range(children):
            self._add(self._person(last, 2008, 2022), family)
        if random.random() < 0.06:
            self._twins(last, family)
        if random.random() < 0.03:
            # a namesake: the same name, another birth date, other plans
            self._add(replace(parent, birth=self._day(1962, 2000)), self._covers())

    def _twins(self, last: str, covers: tuple[Cover, ...]) -> None:
        names = self.random.choice(_TWINS)
        birth = self._day(2012, 2020)
        first = len(self.patients) + 1
        for place, name in enumerate(names):
            person = replace(self._person(last, 2012, 2020), first=name, birth=birth)
            self._add(person, covers, twin=first + 1 - place)

    def _add(self, person: Person, covers: tuple[Cover, ...], twin: int = 0) -> None:
        random = self.random
        number = len(self.patients) + 1
        alias = None
        if random.random() < 0.02 and not twin:
            # registered twice: the second time without punctuation and with a letter less
            alias = replace(person, last=person.last.replace("'", "").replace("-", "")[:-1])
        married, since = "", END
        if random.random() < 0.01 and not twin:
            married, since = random.choice(_LAST), self._during()
        qmb = covers[0].insurer is MEDICARE and random.random() < 0.08
        untold = len(covers) == 2 and covers[1].insurer is SUPPLEMENT and random.random() < 0.15
        self.patients.append(
            Patient(number, person, covers, twin, alias, married, since, qmb, untold)
        )

    def _covers(self) -> tuple[Cover, ...]:
        random = self.random
        luck = random.random()
        if luck < 0.12:
            return (self._cover(MEDICAID),)
        if luck < 0.15:
            return (self._cover(PLAIN), self._cover(STONE), self._cover(MEDICAID))
        first = random.choice(COMMERCIAL)
        if luck < 0.25 and not first.capitated:
            second = random.choice([i for i in COMMERCIAL if i is not first and not i.capitated])
            return (self._cover(first), self._cover(second))
        return (self._cover(first),)

    def _medicare(self) -> tuple[Cover, ...]:
        luck = self.random.random()
        first = self._cover(MEDICARE)
        if luck < 0.55:
            return (first, self._cover(SUPPLEMENT))
        return (first, self._cover(MEDICAID)) if luck < 0.75 else (first,)

    def _cover(self, insurer: Insurer) -> Cover:
        random = self.random
        member = self._member(insurer)
        if random.random() < 0.04:
            return Cover(insurer, member, None, self._member(insurer), self._during())
        return Cover(insurer, member)

    def _member(self, insurer: Insurer) -> str:
        random = self.random
        if insurer is MEDICAID:
            return f"{random.randrange(10**8):010d}"
        if insurer is MEDICARE:
            letters = "ACDEFGHJKMNPQRTUVWXY"
            mixed = [
                random.choice(letters if p in {1, 4, 7, 8} else "123456789") for p in range(11)
            ]
            return "".join(mixed)
        return f"{insurer.payer.id[0]}{random.randrange(10**8, 10**9)}"

    def _person(self, last: str, first_year: int, last_year: int) -> Person:
        gender = self.random.choice("FM")
        name = self.random.choice(_FIRST)
        return Person(last, name, self._day(first_year, last_year), gender)

    def _day(self, first_year: int, last_year: int) -> date:
        start, end = date(first_year, 1, 1), date(last_year, 12, 31)
        return start + timedelta(days=self.random.randrange((end - start).days))

    def _during(self) -> date:
        return START + timedelta(days=self.random.randrange(90, 600))
