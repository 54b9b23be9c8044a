"""What may be a pattern, and how likely chance alone would make it look like one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import stats

from medcollect.patterns.cells import LEVELS, Cells, Counts, Flags
from medcollect.patterns.expected import expected_refusals, log_rates, sums, usual_and_spread

Numbers = npt.NDArray[np.float64]

#: Weeks and lines that a jump needs before it: what came earlier must be known.
_WEEKS_BEFORE: Final = 8
_LINES_BEFORE: Final = 20

#: Cells of fewer lines are not looked at: no number of refusals there says much.
_LINES_MIN: Final = 5

#: One payer or one procedure: held against the other payers, the other procedures.
_ALONE: Final = frozenset({(0,), (1,)})


#: Payers or procedures that one is held against, at least.
_OTHERS_MIN: Final = 5

#: However many there are, rates stray further than a normal distribution has it.
_FREEDOM_MAX: Final = 8

#: Expected refusals are never taken for fewer: nothing is impossible.
_EXPECTED_LEAST: Final = 0.05


class Candidate(msgspec.Struct, frozen=True):
    """One cell of one code that was refused more than expected.

    ``level`` and ``group`` name the cell (``Cells.groups``), ``week`` the first week of it or
    ``None`` for all; ``chance`` is the p value, ``weight`` the logarithm of how much better the
    cell's own rate explains it than the expected one.
    """

    code: str
    level: int
    group: int
    week: int | None
    lines: int
    refused: int
    expected: float
    before: int
    chance: float
    weight: float


def candidates_of(cells: Cells, code: str, alive: Flags) -> Iterator[Candidate]:
    """Every cell of a code that has lines enough, with its chance; ``alive`` rows only."""
    refused = np.bincount(cells.refused[code].rows, minlength=len(alive)) * alive
    lines = cells.lines * alive
    for level in range(len(cells.groups)):
        yield from _jumps(cells, code, level, lines, refused)
    yield from _standing_out(cells, code, lines, refused)


def _jumps(
    cells: Cells, code: str, level: int, lines: Counts, refused: Counts
) -> Iterator[Candidate]:
    """The best day of each cell from which on it was refused more often than before."""
    groups, weeks = cells.groups[level], cells.week_count
    by_group = sums(groups, refused)
    for group in np.flatnonzero(by_group >= 3).tolist():
        rows = cells.rows_of(level, group)
        when = cells.weeks[rows]
        series = np.bincount(when, weights=lines[rows], minlength=weeks)
        hits = np.bincount(when, weights=refused[rows], minlength=weeks)
        if found := _best_jump(np.cumsum(series), np.cumsum(hits)):
            week, expected, before, chance, weight = found
            yield Candidate(
                code=code,
                level=level,
                group=group,
                week=week,
                lines=int(series[week:].sum()),
                refused=int(hits[week:].sum()),
                expected=expected,
                before=before,
                chance=chance,
                weight=weight,
            )


def _best_jump(lines: Numbers, refused: Numbers) -> tuple[int, float, int, float, float] | None:
    """Week, expected refusals, refusals before, chance and weight of the likeliest jump.

    Takes running sums by week. Were the rate the same before and after, the refusals after would
    be a binomial share of all; the chance is that tail times the number of weeks looked at.
    """
    starts = np.arange(_WEEKS_BEFORE, len(lines))
    starts = starts[lines[starts - 1] >= _LINES_BEFORE]
    starts = starts[refused[starts] > refused[starts - 1]]
    after, before = lines[-1] - lines[starts - 1], refused[starts - 1]
    hits = refused[-1] - before
    if not len(starts):
        return None
    chances = stats.binom.sf(hits - 1, refused[-1], after / lines[-1])
    best = int(np.argmin(chances))
    rate = (before[best] + 0.5) / (lines[starts[best] - 1] + 1)
    expected = float(rate * after[best])
    chance = min(1.0, float(chances[best]) * len(starts))
    return int(starts[best]), expected, int(before[best]), chance, weight_of(hits[best], expected)


def weight_of(refused: float, expected: float) -> float:
    """Give the log likelihood ratio of a count against the expected one; zero where not above."""
    if refused <= expected:
        return 0.0
    return float(refused * np.log(refused / expected) - (refused - expected))


def _standing_out(cells: Cells, code: str, lines: Counts, refused: Counts) -> Iterator[Candidate]:
    """Every cell against what its payer and its procedure are refused elsewhere.

    One provider is held against all; one payer or one procedure against the spread of the others.
    """
    usual = expected_refusals(cells, lines, refused)
    for level, groups in enumerate(cells.groups):
        n = sums(groups, lines)
        k = sums(groups, refused)
        if LEVELS[level] in _ALONE:
            expected, chances = _against_others(n, k)
        else:
            expected, chances = _against_usual(n, k, sums(groups, usual))
        for group in np.flatnonzero(n >= _LINES_MIN).tolist():
            yield Candidate(
                code=code,
                level=level,
                group=group,
                week=None,
                lines=int(n[group]),
                refused=int(k[group]),
                expected=float(expected[group]),
                before=0,
                chance=float(chances[group]),
                weight=weight_of(k[group], float(expected[group])),
            )


def _against_usual(n: Numbers, k: Numbers, usual: Numbers) -> tuple[Numbers, Numbers]:
    """Expected refusals and the binomial tail."""
    expected = np.maximum(usual, _EXPECTED_LEAST)
    return expected, stats.binom.sf(k - 1, n, np.minimum(expected / np.maximum(n, 1), 1.0))


def _against_others(n: Numbers, k: Numbers) -> tuple[Numbers, Numbers]:
    """Expected refusals and the tail where rates differ from one to the next.

    The distance from the usual rate is measured in spreads and counting noise, with the tail of
    Student's distribution, since few others say how wide the spread is.
    """
    middle, spread, others = usual_and_spread(n, k)
    expected = np.maximum(n * np.exp(middle), _EXPECTED_LEAST)
    distance = (log_rates(n, k) - middle) / np.sqrt(spread**2 + 1 / (k + 0.5))
    if others < _OTHERS_MIN:
        return expected, np.ones(len(n))
    return expected, stats.t.sf(distance, min(others - 1, _FREEDOM_MAX))
