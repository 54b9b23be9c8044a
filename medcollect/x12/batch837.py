"""Whole loops of an 837, many at a time, of which each is regular or not (``regular837``)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from medcollect.model.common import RawSegment
from medcollect.x12.claim837 import build_claim, read_line
from medcollect.x12.regular837 import regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medcollect.model.claim import Claim, ServiceLine
    from medcollect.x12.parents837 import Level, Parents
    from medcollect.x12.regular837 import Start
    from medcollect.x12.values import Context

#: HL or CLM with the LX that follow it, each as its first letter.
_LOOP: Final = re.compile("[HC]L*")


class Batch:
    """Loops of one transaction that are whole, in their order; one of them is looked at.

    ``marks`` says where HL, CLM and LX stand, the last where the next loop begins.
    """

    def __init__(
        self, context: Context, form: str, segments: list[str], marks: list[int], first: int
    ) -> None:
        self._context = context
        self._form = form
        self._segments = segments
        self._marks = marks
        self._first = first
        kinds = "".join([segments[mark][0] for mark in marks[:-1]])
        self._loops = _LOOP.findall(kinds)
        self._levels: list[Level | None] = [None] * len(self._loops)
        self._starts: list[Start | None] = [None] * len(self._loops)
        self._lines: list[ServiceLine | None] = [None] * len(marks)
        self._find(kinds)
        self._at = self._lines_done = self._count = 0
        self._loop: list[str] = []

    def _find(self, kinds: str) -> None:
        """Find the regular loops, where the separators allow it and the form is known."""
        delimiters = self._context.transaction.envelope.delimiters
        shapes = regular(delimiters) if self._form else None
        if shapes is None:
            return
        end, marks = delimiters.terminator, self._marks
        text = f"{end}{end.join(self._segments[marks[0] : marks[-1]])}{end}"
        numbers = [self._first + m for m, k in zip(marks, kinds, strict=False) if k == "L"]
        positions = [at for loop in self._loops for at in range(1, len(loop))]
        self._levels = shapes.levels(text)
        self._starts = shapes.starts(text)
        self._lines = shapes.lines(self._form, text, numbers, positions)
        self._levels.reverse()
        self._starts.reverse()

    def loops(self) -> Iterator[tuple[str, list[str], int]]:
        """Look at one loop after the other: its kind, its segments, the number of the first."""
        at, marks = 0, self._marks
        for loop in self._loops:
            self._at = at
            self._count = len(loop) - 1
            at += len(loop)
            self._loop = self._segments[marks[self._at] : marks[at]]
            yield loop[0], self._loop, self._first + marks[self._at]
            self._lines_done += self._count

    def level(self) -> Level | None:
        """The HL loop that is looked at, if it is regular."""
        level = self._levels.pop()
        return None if self._count else level

    def claim(self, position: int, parents: Parents) -> Claim | None:
        """The CLM loop that is looked at, if it and its lines are regular."""
        start = self._starts.pop()
        if start is None or parents.has_orphans:
            return None
        found = self._lines[self._lines_done : self._lines_done + self._count]
        if None in found:
            found = self._one_by_one(found)
        lines = tuple(filter(None, found))
        if len(lines) < len(found):
            return None
        number = self._first + self._marks[self._at]
        place, _, frequency = start.facility
        return build_claim(
            (position, number, self._form, start.number, start.charge, place, frequency,
             start.assignment),
            parents,
            start.facts,
            start.others,
            lines,
            0,
            tuple(self._loop),
            _carried(start, number),
        )  # fmt: skip

    def _one_by_one(self, lines: list[ServiceLine | None]) -> list[ServiceLine | None]:
        """Read the lines that are not regular each by itself; ``None`` stays what has a fault."""
        places = self._marks[self._at + 1 : self._at + self._count + 2]
        for index, (begin, end) in enumerate(pairwise(places)):
            if lines[index] is None:
                segments = self._segments[begin:end]
                lines[index] = read_line(segments, self._first + begin, index + 1, self._context)
        return lines


def _carried(start: Start, number: int) -> tuple[RawSegment, ...]:
    """The segments between CLM, which has this number, and the first LX that no field models."""
    carried: list[RawSegment] = []
    for segments, raw in start.raw:
        if raw:
            carried += [RawSegment(number + at, text) for at, text in raw]
        number += segments
    return tuple(carried)
