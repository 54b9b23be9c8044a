"""Lines allowed below what the payer usually allows, where no contract says what is right.

Usual is the most frequent allowed amount for a unit among earlier lines of the same payer, kind of
plan, procedure, modifiers and place, within one calendar year: fees change at the new year, and a
year is judged by its own lines alone. A line below the usual amount does not become usual itself,
so that a lasting drop is told for each of its lines, with the day since when it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Final

import msgspec

from medcollect.contracts.compare import Tolerance
from medcollect.contracts.lines import PricedLine
from medcollect.contracts.terms import rounded_cents

#: So many earlier lines are needed, and so much of them must agree (four in five).
EARLIER_MIN: Final = 5
_SHARE: Final = Fraction(4, 5)

#: So many lines in a row, up to the last, are a drop that lasts.
_LASTING: Final = 3


class BelowUsual(msgspec.Struct, frozen=True, gc=False):
    """A line below the usual amount of ``usual_cents`` for its units.

    ``agreeing`` of ``earlier`` lines had the usual amount for a unit. ``since`` is the day from
    which on every line of its kind is below, ``None`` where it is a single one.
    """

    line: PricedLine
    usual_cents: int
    agreeing: int
    earlier: int
    since: date | None = None

    @property
    def difference_cents(self) -> int:
        """What is missing."""
        return self.usual_cents - self.line.allowed_cents


_Visit = tuple[int, str, date | None]
_Cell = tuple[str, str, str, tuple[str, ...], str, int]


def below_usual(lines: Iterable[PricedLine], tolerance: Tolerance) -> list[BelowUsual]:
    """Every line that is below its payer's usual amount by more than the tolerance."""
    cells: dict[_Cell, list[PricedLine]] = defaultdict(list)
    together: Counter[_Visit] = Counter()
    for line in lines:
        together[line.visit] += 1
        if line.day is not None and line.units and not line.reduced:
            cells[_cell(line, line.day)].append(line)
    found: list[BelowUsual] = []
    for cell in sorted(cells):
        mine = sorted(cells[cell], key=lambda line: (line.day, line.key))
        found += _with_since(mine, list(_below(mine, tolerance, together)))
    return found


def _cell(line: PricedLine, day: date) -> _Cell:
    modifiers = tuple(sorted(line.modifiers))
    return line.payer, line.plan, line.procedure, modifiers, line.place, day.year


def _below(
    lines: Sequence[PricedLine], tolerance: Tolerance, together: Counter[_Visit]
) -> Iterator[BelowUsual]:
    """Day by day: the lines of a day are judged by those of earlier days."""
    usual: Counter[Fraction] = Counter()
    for _, same_day in groupby(lines, key=lambda line: line.day):
        counted = []
        for line in same_day:
            low = _judged(line, usual, tolerance)
            if low is None:
                counted.append(line.allowed_cents / (line.units or Fraction(1)))
            elif not _is_second_of_day(low, together):
                yield low
        usual.update(counted)


def _judged(line: PricedLine, usual: Counter[Fraction], tolerance: Tolerance) -> BelowUsual | None:
    """The line, where enough earlier ones agree on more."""
    earlier = usual.total()
    if earlier < EARLIER_MIN or not line.units:
        return None
    most, agreeing = max(usual.items(), key=lambda item: (item[1], item[0]))
    if agreeing < _SHARE * earlier:
        return None
    cents = rounded_cents(most * line.units)
    missing = cents - line.allowed_cents
    if missing <= 0 or line.allowed_cents >= line.charge_cents:
        return None
    return (
        BelowUsual(line, cents, agreeing, earlier) if tolerance.exceeded(missing, cents) else None
    )


def _is_second_of_day(low: BelowUsual, together: Counter[_Visit]) -> bool:
    """Whether half is allowed beside other lines of the day: the usual multiple-procedure cut."""
    half = abs(2 * low.line.allowed_cents - low.usual_cents) <= 1
    return half and together[low.line.visit] > 1


def _with_since(lines: Sequence[PricedLine], low: list[BelowUsual]) -> list[BelowUsual]:
    """Mark those at the end of which no line stands that is not low: a drop that lasts."""
    keys = {one.line.key for one in low}
    tail: list[PricedLine] = []
    for line in reversed(lines):
        if line.key not in keys:
            break
        tail.append(line)
    if len(tail) < _LASTING:
        return low
    since, lasting = tail[-1].day, {line.key for line in tail}
    return [
        msgspec.structs.replace(one, since=since) if one.line.key in lasting else one for one in low
    ]
