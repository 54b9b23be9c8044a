"""What a payer should have allowed, and what it did: contracts, fee schedules, usual amounts. Pure.

``Versions`` finds the contract in force for a payer and a day; ``expected_amounts`` gives the
allowed amount of each line of a day by its terms; ``compare`` holds it against the answer;
``below_usual`` finds what falls out of the payer's own pattern where no contract speaks.
"""

from __future__ import annotations

from medcollect.contracts.compare import Comparison, Tolerance, compare, compare_visit
from medcollect.contracts.expected import Expected, expected_amounts
from medcollect.contracts.lines import PricedLine
from medcollect.contracts.terms import (
    CHARGE,
    Contract,
    Ranking,
    Term,
    Terms,
    percent_of,
    rounded_cents,
)
from medcollect.contracts.usual import BelowUsual, below_usual
from medcollect.contracts.versions import NoTerms, Versions

__all__ = [
    "CHARGE",
    "BelowUsual",
    "Comparison",
    "Contract",
    "Expected",
    "NoTerms",
    "PricedLine",
    "Ranking",
    "Term",
    "Terms",
    "Tolerance",
    "Versions",
    "below_usual",
    "compare",
    "compare_visit",
    "expected_amounts",
    "percent_of",
    "rounded_cents",
]
