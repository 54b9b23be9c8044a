"""How many refusals a cell would have if nothing were special about it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from medcollect.patterns.cells import LEVELS, Cells, Counts

Numbers = npt.NDArray[np.float64]

_ROUNDS: Final = 3
_STEPS: Final = 12

#: Cells of fewer lines do not tell how much rates differ.
_LINES_TO_TELL: Final = 20

#: The standard deviation of normal values over the median distance from their median.
_MEDIAN_TO_DEVIATION: Final = 1.4826

#: Payers and procedures are never taken for more alike than this (standard deviation of log rates).
_SPREAD_LEAST: Final = 0.3

#: Refusals that a payer's or a procedure's factor is pulled towards 1 by.
_PULL: Final = 2.0

#: Pairs this far above what is expected do not say what is usual (log likelihood ratio).
_FAR: Final = 6.0


def expected_refusals(cells: Cells, lines: Counts, refused: Counts) -> Numbers:
    """Each row's lines times the overall rate, its payer's factor and its procedure's factor.

    The factors are found by proportional fitting over pairs of payer and procedure; pairs far
    above their expectation are left out of the next round, so that a pattern does not hide itself.
    """
    payers, procedures = cells.keys[:, 0], cells.keys[:, 1]
    pairs = cells.groups[LEVELS.index((0, 1))]
    first = np.unique(pairs, return_index=True)[1]
    payer, procedure = payers[first], procedures[first]
    n = sums(pairs, lines)
    k = sums(pairs, refused)
    usual = np.ones(len(n), dtype=bool)
    for _ in range(_ROUNDS):
        rate, by_payer, by_procedure = _fit(n * usual, k * usual, payer, procedure)
        mu = np.maximum(n * rate * by_payer[payer] * by_procedure[procedure], 1e-12)
        ratio = np.maximum(k, 1e-12) / mu
        usual = ~((k > mu) & (k * np.log(ratio) - (k - mu) > _FAR))
    found: Numbers = lines * rate * by_payer[payers] * by_procedure[procedures]
    return found


def sums(groups: Counts, values: Counts | Numbers) -> Numbers:
    """The sum of the values of each group."""
    return np.bincount(groups, weights=values).astype(np.float64)


def _fit(
    n: Numbers, k: Numbers, payer: Counts, procedure: Counts
) -> tuple[float, Numbers, Numbers]:
    """The overall rate with a factor for each payer and each procedure."""
    rate = float(k.sum() / max(n.sum(), 1.0))
    by_payer = np.ones(int(payer.max()) + 1)
    by_procedure = np.ones(int(procedure.max()) + 1)
    for _ in range(_STEPS):
        base = n * rate * by_procedure[procedure]
        by_payer = _factors(k, base, payer, len(by_payer))
        base = n * rate * by_payer[payer]
        by_procedure = _factors(k, base, procedure, len(by_procedure))
    return rate, by_payer, by_procedure


def _factors(k: Numbers, base: Numbers, places: Counts, size: int) -> Numbers:
    hits = np.bincount(places, weights=k, minlength=size)
    due = np.bincount(places, weights=base, minlength=size)
    found: Numbers = (hits + _PULL) / (due + _PULL)
    return found


def usual_and_spread(n: Numbers, k: Numbers) -> tuple[float, float, int]:
    """The usual rate of cells that differ among themselves, as a logarithm, with its spread.

    Both are medians, so that the cells in question do not shift them; the spread is what is left
    beyond counting noise. Also gives how many cells had lines.
    """
    used = n >= _LINES_TO_TELL
    if not used.any():
        return 0.0, 1.0, 0
    logs = log_rates(n[used], k[used])
    middle = float(np.median(logs))
    distance = float(np.median(np.abs(logs - middle))) * _MEDIAN_TO_DEVIATION
    noise = float(np.median(1 / (k[used] + 0.5)))
    spread = np.sqrt(max(distance**2 - noise, _SPREAD_LEAST**2))
    return middle, float(spread), int(used.sum())


def log_rates(n: Numbers, k: Numbers) -> Numbers:
    """The logarithm of each cell's rate, half a refusal and half a line added."""
    found: Numbers = np.log((k + 0.5) / (n + 1.0))
    return found
