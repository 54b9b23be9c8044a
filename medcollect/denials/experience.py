"""What the office's own history says of the chance to win a denial.

The shipped chance counts like ten tries; each try of the office that has ended moves it by what it
won of what was refused. First all payers' tries of a category speak, then those with the payer
itself, so that few tries move little (appeals.md section 5: start values give way to history).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from medcollect.denials.facts import DenialFacts
from medcollect.model.policies import Experience

#: As many tries of one's own as outweigh the chance before them by half.
PRIOR_TRIES: Final = 10
_WHOLE: Final = 10_000


def learned_chance(
    prior: int, category: str, facts: DenialFacts, experience: tuple[Experience, ...]
) -> int:
    """Give the chance in hundredths of a percent, from the shipped one and what was learned."""
    for known in _spoken(prior, category, facts.payer_name, experience):
        prior = _moved(prior, known)
    return prior


def chance_in_words(
    prior: int, category: str, facts: DenialFacts, experience: tuple[Experience, ...]
) -> str:
    """Say how the chance came about: the shipped one, and each history with its sample size."""
    told = [f"chance {percent(prior)} as shipped"]
    for known in _spoken(prior, category, facts.payer_name, experience):
        prior = _moved(prior, known)
        whose = f"of {known.payer}" if known.payer else "of all payers"
        rate = percent(known.won_basis_points // known.tries)
        tries = "1 try" if known.tries == 1 else f"{known.tries} tries"
        told.append(f"{percent(prior)} after {tries} {whose} that won {rate}")
    return ", ".join(told)


def percent(basis_points: int) -> str:
    """Hundredths of a percent as whole percent."""
    return f"{(basis_points + 50) // 100}%"


def _spoken(
    prior: int, category: str, payer: str, experience: tuple[Experience, ...]
) -> Iterable[Experience]:
    """What counts for a denial: nothing where there is no chance, or nothing was tried."""
    by_key = _by_key(experience)
    keys = (("", category), (payer.strip().upper(), category)) if prior else ()
    return [by_key[key] for key in keys if key in by_key]


def _moved(prior: int, known: Experience) -> int:
    won = min(known.won_basis_points, known.tries * _WHOLE)
    return (prior * PRIOR_TRIES + won) // (PRIOR_TRIES + known.tries)


@lru_cache(maxsize=8)
def _by_key(experience: tuple[Experience, ...]) -> dict[tuple[str, str], Experience]:
    return {(known.payer, known.category): known for known in experience if known.tries > 0}
