"""The search: the strongest cell first, then what is left without its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

import numpy as np

from medcollect.patterns.candidates import Candidate, candidates_of
from medcollect.patterns.cells import Cells, Flags, count
from medcollect.patterns.records import AnsweredLine, Pattern, Sensitivity

_PLAIN = Sensitivity()

#: A narrower cell says more where it holds this share of the refusals in that share of the lines.
_NEARLY_ALL: Final = 0.85
_MUCH_FEWER: Final = 0.7


def find_patterns(
    lines: Iterable[AnsweredLine], sensitivity: Sensitivity = _PLAIN
) -> list[Pattern]:
    """Find what is refused too often, the most money first.

    Every code is looked at by payer, procedure and provider, alone and together, over the whole
    time and from each week on. A refusal belongs to one pattern only: once the strongest cell is
    found its lines are set aside, so that a wider or narrower one does not report them again. Of
    all that is reported, ``sensitivity.false_share`` may be chance (Benjamini and Hochberg).
    """
    cells = count(lines)
    if cells is None:
        return []
    everything = np.ones(len(cells.lines), dtype=bool)
    first = {code: list(candidates_of(cells, code, everything)) for code in cells.refused}
    chances = np.array([found.chance for group in first.values() for found in group])
    limit = _limit(chances, sensitivity.false_share)
    patterns = [
        pattern
        for code, found in first.items()
        for pattern in _of_code(cells, code, found, limit, sensitivity)
    ]
    return sorted(patterns, key=lambda pattern: (-pattern.cents, pattern.code, pattern.payer))


def _limit(chances: np.ndarray, false_share: float) -> float:
    """The largest p value that may be reported; negative where none may."""
    ordered = np.sort(chances)
    allowed = false_share * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    below = np.flatnonzero(ordered <= allowed)
    return float(allowed[below[-1]]) if len(below) else -1.0


def _of_code(
    cells: Cells, code: str, found: list[Candidate], limit: float, sensitivity: Sensitivity
) -> Iterator[Pattern]:
    alive = np.ones(len(cells.lines), dtype=bool)
    while True:
        fit = [one for one in found if _is_pattern(one, limit, sensitivity)]
        if not fit:
            return
        best = max(fit, key=lambda one: (one.weight, -one.level, one.group))
        best = _narrowest(cells, best, fit)
        rows = _rows(cells, best) & alive
        yield _pattern(cells, best, rows, limit, sensitivity)
        alive &= ~rows
        found = list(candidates_of(cells, code, alive))


def _is_pattern(found: Candidate, limit: float, sensitivity: Sensitivity) -> bool:
    return (
        found.chance <= limit
        and found.refused >= sensitivity.cases_min
        and found.refused >= found.expected * sensitivity.times_min
    )


def _narrowest(cells: Cells, best: Candidate, fit: list[Candidate]) -> Candidate:
    """The narrowest cell within the strongest one that holds nearly all of its refusals."""
    inside = _rows(cells, best)
    holding = [
        one
        for one in fit
        if one.refused >= best.refused * _NEARLY_ALL
        and one.lines <= best.lines * _MUCH_FEWER
        and not (_rows(cells, one) & ~inside).any()
    ]
    return min(holding, key=lambda one: (one.lines, -one.level), default=best)


def _rows(cells: Cells, found: Candidate) -> Flags:
    rows: Flags = cells.groups[found.level] == found.group
    return rows if found.week is None else rows & (cells.weeks >= found.week)


def _pattern(
    cells: Cells, found: Candidate, rows: Flags, limit: float, sensitivity: Sensitivity
) -> Pattern:
    refused = cells.refused[found.code]
    within = rows[refused.rows]
    refusals = [one for one, inside in zip(refused.refusals, within, strict=True) if inside]
    since = None if found.week is None else cells.first_day + timedelta(weeks=found.week)
    kind = "stands_out" if found.week is None else "new_code" if not found.before else "jump"
    return Pattern(
        kind=kind,  # type: ignore[arg-type]
        code=found.code,
        since=since,
        lines=found.lines,
        refused=found.refused,
        expected=found.expected,
        chance=min(1.0, found.chance * sensitivity.false_share / limit),
        cents=sum(one.cents for one in refusals),
        cases=tuple(one.case for one in refusals),
        **cells.values_of(found.level, int(np.flatnonzero(rows)[0])),
    )
