"""Answered lines as counts: equal payer, procedure, provider and week are one row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from medcollect.patterns.records import AnsweredLine, Refusal

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: What a pattern may be bound to.
DIMENSIONS: Final = ("payer", "procedure", "provider")

#: Every way to bind one, the widest first: (0,), (1,), (2,), (0, 1), ... (0, 1, 2).
LEVELS: Final = tuple(
    chosen for size in (1, 2, 3) for chosen in combinations(range(len(DIMENSIONS)), size)
)

_WEEK: Final = 7


class Refused(msgspec.Struct, frozen=True):
    """The refusals of one code: the row each stands on, and the refusal itself."""

    rows: Counts
    refusals: tuple[Refusal, ...]


class Cells(msgspec.Struct, frozen=True):
    """The lines as rows.

    ``keys`` is rows x 3: the number of the row's payer, procedure and provider in ``names``.
    ``weeks`` counts from ``first_day``; ``lines`` is how many lines each row stands for.
    ``groups`` numbers, for each of ``LEVELS``, the cell that each row belongs to; ``orders`` has
    the rows sorted by that number, and where each cell begins.
    """

    names: tuple[tuple[str, ...], ...]
    keys: Counts
    weeks: Counts
    first_day: date
    lines: Counts
    groups: tuple[Counts, ...]
    orders: tuple[tuple[Counts, Counts], ...]
    refused: dict[str, Refused]

    @property
    def week_count(self) -> int:
        """How many weeks the lines span."""
        return int(self.weeks.max()) + 1

    def values_of(self, level: int, row: int) -> dict[str, str]:
        """What the cell of a row is bound to, by dimension; empty text where it is not."""
        return {
            dimension: self.names[place][self.keys[row, place]] if place in LEVELS[level] else ""
            for place, dimension in enumerate(DIMENSIONS)
        }

    def rows_of(self, level: int, group: int) -> Counts:
        """The rows of one cell."""
        order, starts = self.orders[level]
        return order[starts[group] : starts[group + 1]]


def count(lines: Iterable[AnsweredLine]) -> Cells | None:
    """Count lines into rows; ``None`` where there is no line."""
    rows: dict[tuple[tuple[str, str, str], int], int] = {}
    numbers: list[int] = []
    refusals: dict[str, list[tuple[int, Refusal]]] = {}
    for line in lines:
        week = (line.answered_on.toordinal() - 1) // _WEEK  # weeks begin on Mondays
        key = ((line.payer, line.procedure, line.provider), week)
        row = rows.setdefault(key, len(rows))
        numbers.append(row)
        for refusal in line.refusals:
            refusals.setdefault(refusal.code, []).append((row, refusal))
    if not rows:
        return None
    places = [_numbered([bound[place] for bound, _ in rows]) for place in range(len(DIMENSIONS))]
    keys = np.column_stack([found for _, found in places])
    weeks = np.array([week for _, week in rows], dtype=np.int64)
    first = int(weeks.min())
    groups = tuple(_groups(keys, level) for level in LEVELS)
    return Cells(
        names=tuple(names for names, _ in places),
        keys=keys,
        weeks=weeks - first,
        first_day=date.fromordinal(first * _WEEK + 1),
        lines=np.bincount(np.array(numbers), minlength=len(rows)),
        groups=groups,
        orders=tuple(_order(found) for found in groups),
        refused={code: _refused(found) for code, found in sorted(refusals.items())},
    )


def _numbered(values: Sequence[str]) -> tuple[tuple[str, ...], Counts]:
    """The distinct values, and each value's number among them."""
    names, numbers = np.unique(np.array(values, dtype=object), return_inverse=True)
    return tuple(names.tolist()), numbers.astype(np.int64)


def _groups(keys: Counts, level: tuple[int, ...]) -> Counts:
    """The number of each row's cell when only some dimensions count."""
    mixed = np.zeros(len(keys), dtype=np.int64)
    for place in level:
        mixed = mixed * (int(keys[:, place].max()) + 1) + keys[:, place]
    return np.unique(mixed, return_inverse=True)[1].astype(np.int64)


def _order(groups: Counts) -> tuple[Counts, Counts]:
    """The rows by their group, and the place where each group begins and the last one ends."""
    order = np.argsort(groups, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(groups))))
    return order.astype(np.int64), starts.astype(np.int64)


def _refused(found: Sequence[tuple[int, Refusal]]) -> Refused:
    return Refused(
        rows=np.array([row for row, _ in found], dtype=np.int64),
        refusals=tuple(refusal for _, refusal in found),
    )
