"""Two years of answered lines with patterns planted in them, and what was planted.

Payers refuse at their own rates, procedures at theirs, and no pair is quite their product: what a
search has to see through.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from medcollect.patterns import AnsweredLine, Pattern, Refusal

WEEKS = 104
START = date(2024, 1, 1)
PAYERS = [f"PAYER {letter}" for letter in "ABCDEFGHIJKL"]
PROCEDURES = [str(99000 + number) for number in range(60)]
PROVIDERS = [f"PROVIDER {number}" for number in range(1, 9)]
CODES = [f"CO-{reason}" for reason in (4, 11, 15, 16, 18, 22, 29, 50, 96, 97, 109, 146, 197, 204)]


@dataclass(frozen=True)
class Planted:
    """Lines of one cell are refused with a code at a rate, from a week on."""

    code: str
    rate: float
    payer: str = ""
    procedure: str = ""
    provider: str = ""
    week: int = 0

    def covers(self, line: tuple[str, str, str], week: int) -> bool:
        bound = (self.payer, self.procedure, self.provider)
        return week >= self.week and all(
            not want or want == has for want, has in zip(bound, line, strict=True)
        )

    def is_seen_in(self, found: Pattern) -> bool:
        """Whether a reported pattern is about this one: same code, nowhere bound otherwise."""
        ours = (self.payer, self.procedure, self.provider)
        theirs = (found.payer, found.procedure, found.provider)
        return (
            found.code == self.code
            and all(not a or not b or a == b for a, b in zip(ours, theirs, strict=True))
            and any(a and a == b for a, b in zip(ours, theirs, strict=True))
        )


#: Ten of the kinds that practices meet: a missing authorization at one payer, a provider who is
#: not enrolled there, a modifier forgotten by one person, an edit that a payer switched on.
PLANTED = [
    Planted("CO-197", 0.55, payer="PAYER A", procedure="99010"),
    Planted("CO-16", 0.16, provider="PROVIDER 3"),
    Planted("CO-109", 0.20, payer="PAYER D", provider="PROVIDER 5"),
    Planted("CO-4", 0.45, procedure="99021"),
    Planted("CO-97", 0.60, payer="PAYER B", procedure="99005", week=70),
    Planted("CO-50", 0.12, payer="PAYER F", week=80),
    Planted("CO-B7", 0.30, payer="PAYER C", provider="PROVIDER 2", week=60),
    Planted("CO-11", 0.50, procedure="99033", provider="PROVIDER 1"),
    Planted("CO-252", 0.10, payer="PAYER G", week=85),
    Planted("CO-22", 0.15, payer="PAYER J", week=90),
]


def answered_lines(
    seed: int, planted: list[Planted], count: int = 40_000
) -> Iterator[AnsweredLine]:
    chance = random.Random(seed)
    payer_weight = [1 / (place + 4) for place in range(len(PAYERS))]
    procedure_weight = [1 / (place % 20 + 4) for place in range(len(PROCEDURES))]
    rates = _rates(chance)
    case = 0
    for _ in range(count):
        line = (
            chance.choices(PAYERS, payer_weight)[0],
            chance.choices(PROCEDURES, procedure_weight)[0],
            chance.choice(PROVIDERS),
        )
        week = chance.randrange(WEEKS)
        refusals = []
        due = [one for one in planted if one.covers(line, week)]
        hits = [one.code for one in due if chance.random() < one.rate]
        hits += [c for c in CODES if chance.random() < rates[c, line[0], line[1]]]
        for code in dict.fromkeys(hits):
            case += 1
            refusals.append(Refusal(code, chance.randrange(50_00, 400_00), case))
        day = START + timedelta(weeks=week, days=chance.randrange(7))
        yield AnsweredLine(*line, day, tuple(refusals))


def _rates(chance: random.Random) -> dict[tuple[str, str, str], float]:
    """The usual rate of each code, by payer and procedure."""
    rates = {}
    for code in CODES:
        usual = chance.uniform(0.002, 0.012)
        by_payer = {payer: chance.lognormvariate(0, 0.45) for payer in PAYERS}
        by_procedure = {procedure: chance.lognormvariate(0, 0.45) for procedure in PROCEDURES}
        for payer in PAYERS:
            for procedure in PROCEDURES:
                own = chance.lognormvariate(0, 0.2)
                rate = usual * by_payer[payer] * by_procedure[procedure] * own
                rates[code, payer, procedure] = min(rate, 0.5)
    return rates
