"""Claim payments for claims of another practice's system: none of them may touch ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from tests.practice.decisions import answer, first_payer
from tests.practice.payers import COMMERCIAL, MEDICAID, MEDICARE
from tests.practice.people import END, START, Patient
from tests.practice.stories import Event
from tests.practice.visits import FAMILY
from tests.support.specs import Claim, Coverage, Line, Person, reversal

_STRANGER = Person("VANTERPOOL", "CASSIUS")


def strangers(random: Random, patients: Sequence[Patient], count: int) -> Iterator[Event]:
    """Payments of other claims: first payers', later payers', takebacks, of strangers and ours.

    Some carry a number that is also one of ours.
    """
    for serial in range(1, count + 1):
        known = random.random() < 0.4
        patient = random.choice(patients)
        insurer = random.choice((*COMMERCIAL, MEDICARE, MEDICAID))
        person = (
            patient.person
            if known
            else Person(_STRANGER.last, _STRANGER.first + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[serial % 26])
        )
        member = patient.covers[0].member if known else f"Z{random.randrange(10**8, 10**9)}"
        day = START + timedelta(days=random.randrange((END - START).days))
        lines = (Line("99202", 13100), Line("20610", 24700 + serial))
        number = f"{random.randrange(1, 4000)}" if random.random() < 0.2 else f"OTH{serial:06d}X"
        claim = Claim(number, person, (Coverage(insurer.payer, member),), lines, service_from=day)
        decisions = [
            first_payer(insurer, line, n, deductible=False, copay=False)
            for n, line in enumerate(lines)
        ]
        status = random.choice("1111224")
        said = answer(claim, decisions, status=status, control=f"9{serial:07d}", patient=person)
        opens = status in "14"
        if random.random() < 0.15:
            said, opens = reversal(said), False
        yield Event(
            day + timedelta(days=random.randrange(15, 40)),
            insurer,
            said,
            0,
            FAMILY.name,
            posts=opens,
            opens=opens,
            member=member,
        )
