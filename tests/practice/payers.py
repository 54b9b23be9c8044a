"""The payers of the generated practice, each with what it does to the claims it returns.

Payers upper-case numbers, cut them off, strip punctuation and zeros, lose them (``0``); they add
or cut a member id's suffix, cut names, return REF*6R, drop it or invent it (claim_rules.md 6.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.specs import Payer


@dataclass(frozen=True)
class Habit:
    """What one payer does to what it was sent; ``paper`` is how many of 1000 lose their number.

    ``number``: ``same``, ``upper``, ``plain`` (letters and digits), ``no_zeros`` or a length to cut
    at. ``member``: ``same``, ``suffix``, ``cut``, ``no_zeros``. ``dates``: ``line``, ``claim`` (DTM
    232/233 only), ``range`` (150/151), ``first`` (DTM 232 only). ``controls``: ``returned``,
    ``dropped``, ``invented``.
    ``joint``: one check for both practices, to the first one's name.
    """

    number: str | int = "same"
    paper: int = 4
    member: str = "same"
    dates: str = "line"
    controls: str = "returned"
    short_names: bool = False
    misspells: int = 2
    keeps_submitted: bool = True
    joint: bool = False


@dataclass(frozen=True)
class Insurer:
    """A payer with its habit, its share of the charge that it allows, and its copay in cents."""

    payer: Payer
    habit: Habit
    allows: int = 70
    copay: int = 0
    coinsurance: int = 0
    capitated: bool = False

    @property
    def name(self) -> str:
        return self.payer.name


def _payer(name: str, number: int, filing: str, plan: str) -> Payer:
    words = name.split()
    short = "".join(word[0] for word in words)[:3]
    return Payer(name, f"{short}{number:02d}", f"9990002{number:02d}", filing, plan)


PLAIN = Insurer(_payer("PLAINFIELD MUTUAL HEALTH", 1, "CI", "12"), Habit("upper"), 72, 2500)
HARBOR = Insurer(
    _payer("HARBOR BENEFIT FUND", 2, "CI", "12"),
    Habit(15, member="suffix", controls="dropped"),
    68,
    0,
    20,
)
STONE = Insurer(
    _payer("STONEBRIDGE TRUST", 3, "CI", "15"),
    Habit("plain", member="cut", dates="range", controls="invented", short_names=True),
    80,
    2000,
)
MEDICARE = Insurer(
    _payer("GREAT RIVER MEDICARE SERVICES", 4, "MB", "MB"), Habit(joint=True), 55, 0, 20
)
SUPPLEMENT = Insurer(
    _payer("RIVERBEND SUPPLEMENT", 5, "CI", "15"), Habit(20, dates="claim", controls="dropped"), 90
)
MEDICAID = Insurer(
    _payer("PRAIRIE STATE MEDICAID", 6, "MC", "MC"),
    Habit("no_zeros", member="no_zeros", dates="claim", keeps_submitted=False),
    45,
    300,
)
HMO = Insurer(
    _payer("LAKEVIEW HMO", 7, "HM", "HM"), Habit(17, controls="invented"), 65, 1500, capitated=True
)
UNION = Insurer(
    _payer("UNION LOCAL WELFARE FUND", 8, "CI", "15"),
    Habit("plain", 60, controls="dropped", dates="first", misspells=25),
    75,
    3000,
)
BLUE = Insurer(_payer("BLUE HERON PLAN", 9, "BL", "12"), Habit(20, member="suffix"), 66, 3500)

COMMERCIAL = (PLAIN, HARBOR, STONE, BLUE, PLAIN, HARBOR, UNION, HMO)
INSURERS = (PLAIN, HARBOR, STONE, MEDICARE, SUPPLEMENT, MEDICAID, HMO, UNION, BLUE)
