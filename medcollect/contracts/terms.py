"""What a contract or a fee schedule says: rows of prices, and terms for the whole of it.

Amounts and percents are kept as the text they were given as and computed as fractions, so that a
price such as 0.123 for a unit stays exact; cents are rounded once for a line, half up.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

import msgspec

#: The base of a percent that is no fee schedule: what the practice charged for the line.
CHARGE: Final = "charge"

Kind = Literal["contract", "fee_schedule"]

_NUMBER: Final = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?")


class Term(msgspec.Struct, frozen=True, gc=False):
    """One row: what is allowed for a procedure.

    ``procedure`` is a code, a beginning such as ``992*``, a range such as ``10004-69990``, or
    ``*``. The row holds where the line has all its ``modifiers`` and its ``place`` (empty: any).
    Either ``amount`` (dollars), or ``percent`` of ``base``: the charge or a named fee schedule.
    ``per`` says whether an amount is for each unit or for the line. ``row`` is the file's line.
    """

    row: int
    procedure: str
    modifiers: tuple[str, ...] = ()
    place: str = ""
    amount: str = ""
    percent: str = ""
    base: str = ""
    per: Literal["unit", "line"] = "unit"


class Ranking(msgspec.Struct, frozen=True):
    """Several procedures on one day: the dearest at the first percent, the next at the second ...

    The last percent holds for all further ones. ``procedures`` are codes, beginnings and ranges.
    """

    percents: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ("*",)


class Terms(msgspec.Struct, frozen=True):
    """All that one version says.

    ``lesser_of_charge``: no more than the charge is allowed. ``sequestration_percent`` is what the
    payer keeps of its payment after the patient's share (CARC 253), empty where the contract does
    not say. ``modifiers`` are percents by modifier (50 bilateral, 80 assistant surgeon ...).
    """

    rows: tuple[Term, ...] = ()
    lesser_of_charge: bool = False
    sequestration_percent: str = ""
    ranking: Ranking = Ranking()
    modifiers: dict[str, str] = {}


class Contract(msgspec.Struct, frozen=True):
    """One version of a contract or fee schedule, and from when to when it holds (days of service).

    ``payer`` is a name in any spelling, a ``*`` at its end stands for the rest; ``plans`` are the
    kinds of plan (CLP06) it is limited to. A fee schedule has neither.
    """

    id: int
    name: str
    kind: Kind
    valid_from: date
    valid_to: date | None = None
    payer: str = ""
    plans: tuple[str, ...] = ()
    terms: Terms = Terms()


@lru_cache(maxsize=16384)
def number_of_text(text: str) -> Fraction | None:
    """A plain decimal such as ``62.5`` as an exact fraction; ``None`` where it is none."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    return Fraction(f"{match[1]}.{match[2] or '0'}")


def percent_of(percent: str, value: Fraction) -> Fraction:
    """That percent of a value, exactly; a percent that is no number counts as 100."""
    found = number_of_text(percent)
    return value if found is None else value * found / 100


def rounded_cents(value: Fraction) -> int:
    """Whole cents, half a cent up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def covers(pattern: str, procedure: str) -> bool:
    """Whether a code, a beginning (``992*``) or a range (``10004-69990``) holds a procedure."""
    return closeness(pattern, procedure) is not None


def closeness(pattern: str, procedure: str) -> tuple[int, int] | None:
    """How closely a pattern names a procedure, the more the closer; ``None`` where it does not.

    The code itself, then a longer beginning, then a narrower range.
    """
    if pattern == procedure:
        return 3, 0
    if pattern.endswith("*"):
        start = pattern[:-1]
        return ((2 if start else 0), len(start)) if procedure.startswith(start) else None
    first, _, last = pattern.partition("-")
    if last and len(first) == len(last) == len(procedure) and first <= procedure <= last:
        return 1, -_width(first, last)
    return None


def _width(first: str, last: str) -> int:
    """How far the ends of a range are apart."""
    return int(last, 36) - int(first, 36)
