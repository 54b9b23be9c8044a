"""Hold what was allowed against what was promised, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from medcollect.contracts.expected import Expected, expected_amounts
from medcollect.contracts.lines import PricedLine
from medcollect.contracts.terms import percent_of, rounded_cents
from medcollect.contracts.versions import Versions
from medcollect.money import format_cents

Outcome = Literal[
    "as_expected", "underpaid", "overpaid", "no_term", "no_contract", "denied", "not_compared"
]


class Tolerance(msgspec.Struct, frozen=True):
    """A difference counts only above ``cents`` and above ``percent`` of what was expected."""

    cents: int = 99
    percent: str = "0"

    def exceeded(self, difference_cents: int, expected_cents: int) -> bool:
        """Whether a difference, of either sign, is more than may be."""
        size = abs(difference_cents)
        return size > self.cents and size > percent_of(self.percent, Fraction(expected_cents))


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """What came of a line.

    ``difference_cents`` is what is missing: the allowed amount and, where the contract speaks of
    it, what was kept as sequestration beyond its percent; below zero too much was allowed.
    ``expected_sequestration_cents`` is ``None`` where the contract does not speak of it.
    """

    line: PricedLine
    outcome: Outcome
    expected: Expected
    difference_cents: int = 0
    expected_sequestration_cents: int | None = None
    why: str = ""


_UNASKED = Expected(None, any_contract=False)


def compare_visit(
    lines: Sequence[PricedLine], versions: Versions, tolerance: Tolerance
) -> list[Comparison]:
    """Judge the lines of one claim's day; what was refused takes no place among its procedures."""
    priced = [line for line in lines if not line.denied and not line.why_not]
    expected = {
        line.key: found
        for line, found in zip(priced, expected_amounts(priced, versions), strict=True)
    }
    return [compare(line, expected.get(line.key, _UNASKED), tolerance) for line in lines]


def compare(line: PricedLine, expected: Expected, tolerance: Tolerance) -> Comparison:
    """Judge one line; a line that was denied or cannot be compared is none of ours."""
    if line.denied:
        return Comparison(line, "denied", expected, why="The payer refused it: a denial.")
    if line.why_not:
        return Comparison(line, "not_compared", expected, why=line.why_not)
    if expected.cents is None:
        outcome: Outcome = "no_term" if expected.any_contract else "no_contract"
        return Comparison(line, outcome, expected, why=expected.why_not)
    kept = expected_sequestration(line, expected)
    missing = expected.cents - line.allowed_cents
    if kept is not None:
        missing += line.sequestration_cents - kept
    outcome = "as_expected"
    if tolerance.exceeded(missing, expected.cents):
        outcome = "underpaid" if missing > 0 else "overpaid"
    why = _in_words(line, expected, kept, missing)
    return Comparison(line, outcome, expected, missing, kept, why)


def expected_sequestration(line: PricedLine, expected: Expected) -> int | None:
    """What the payer may keep of its payment after the patient's share (CARC 253)."""
    percent = expected.contract.terms.sequestration_percent if expected.contract else ""
    if not percent:
        return None
    paid = max(line.allowed_cents - line.patient_cents, 0)
    return rounded_cents(percent_of(percent, Fraction(paid)))


def _in_words(line: PricedLine, expected: Expected, kept: int | None, missing: int) -> str:
    """The arithmetic in sentences."""
    if not missing:
        return ""
    steps = "; ".join(expected.steps)
    found = expected.cents or 0
    told = [f"{steps}. Expected {format_cents(found)}, allowed {format_cents(line.allowed_cents)}"]
    if kept is not None and kept != line.sequestration_cents:
        percent = expected.contract.terms.sequestration_percent if expected.contract else ""
        told.append(
            f"sequestration kept {format_cents(line.sequestration_cents)}, "
            f"{percent}% of the payment is {format_cents(kept)}"
        )
    end = "missing" if missing > 0 else "too much"
    told.append(f"{format_cents(abs(missing))} {end}.")
    return "; ".join(told)
