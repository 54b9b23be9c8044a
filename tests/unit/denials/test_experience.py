"""The chance gives way to what was won, slowly at first, and says from how many tries."""

from __future__ import annotations

import pytest

from medcollect.denials import DenialFacts
from medcollect.denials.experience import chance_in_words, learned_chance
from medcollect.model.policies import Experience

FACTS = DenialFacts(group="CO", reason="197", amount_cents=20_000, payer_name="Harbor")


def tries(count: int, won: int, payer: str = "") -> Experience:
    return Experience(payer, "authorization", count, won * 10_000)


@pytest.mark.parametrize(
    ("known", "chance"),
    [
        ((), 5000),
        ((tries(10, 10),), 7500),
        ((tries(10, 0),), 2500),
        ((tries(1, 1),), 5454),
        ((tries(10, 10), tries(10, 0, "HARBOR")), 3750),
        ((tries(10, 0, "ANOTHER"),), 5000),
        ((Experience("", "coding_modifier", 10, 0),), 5000),
        ((tries(1000, 1000),), 9950),
    ],
)
def test_tries_move_the_chance(known: tuple[Experience, ...], chance: int) -> None:
    assert learned_chance(5000, "authorization", FACTS, known) == chance


def test_what_cannot_be_won_stays_so() -> None:
    assert learned_chance(0, "authorization", FACTS, (tries(10, 10),)) == 0


def test_the_words_name_every_sample() -> None:
    told = chance_in_words(5000, "authorization", FACTS, (tries(10, 10), tries(1, 0, "HARBOR")))
    assert told == (
        "chance 50% as shipped, 75% after 10 tries of all payers that won 100%, "
        "68% after 1 try of HARBOR that won 0%"
    )
