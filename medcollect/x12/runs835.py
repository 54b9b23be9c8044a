"""Where the CLP loops of a batch stand in runs, and the claim payments or table rows they are.

A run is CLP loops that follow one another. Their records (``columns835``) or rows (``tables835``)
are made for the whole batch at once, whatever transactions it holds: many small ones cost what a
large one does.
"""

from __future__ import annotations

from itertools import groupby, pairwise, repeat
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.x12.columns import starts_with
from medcollect.x12.columns835 import ClaimColumns
from medcollect.x12.tables835 import ClaimTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medcollect.limits import Limits
    from medcollect.model.remittance import ClaimPayment
    from medcollect.x12.columns import Columns, Rows
    from medcollect.x12.tables835 import ClaimSums, TableBatch
    from medcollect.x12.tokens import Batch

#: What ends a CLP loop.
_BOUNDARIES: Final = ("CLP", "LX", "TS3", "TS2", "PLB", "ISA", "GS", "ST", "SE", "GE", "IEA")
#: Fewer loops are read sooner one by one.
LOOPS_MIN: Final = 24


class ClaimRun(NamedTuple):
    """CLP loops that follow one another: where each begins, where the last ends, their records.

    ``None`` stands for a loop that is not regular, which the careful reader has to read.
    """

    starts: list[int]
    end: int
    payments: list[ClaimPayment | None]

    def parts(self) -> Iterator[tuple[int, int, ClaimPayment | None]]:
        """Where each loop begins and ends, and its record."""
        ends = [*self.starts[1:], self.end]
        return zip(self.starts, ends, self.payments, strict=True)


class TableRun(NamedTuple):
    """The same as rows of tables: those from claim ``begin`` of the batch, which are regular."""

    starts: list[int]
    end: int
    batch: TableBatch
    begin: int
    regular: list[bool]

    def parts(self) -> Iterator[tuple[int, int, ClaimSums | None]]:
        """Where each stretch of regular loops, and each other loop, begins and ends."""
        ends, done = [*self.starts[1:], self.end], 0
        for is_regular, group in groupby(self.regular):
            count = len(list(group))
            if is_regular:
                first = self.begin + done
                sums = self.batch.sums(first, first + count)
                yield self.starts[done], ends[done + count - 1], sums
            else:
                yield from zip(
                    self.starts[done : done + count], ends[done : done + count], repeat(None)
                )
            done += count


Run: TypeAlias = ClaimRun | TableRun


def claim_runs(
    columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> dict[int, ClaimRun]:
    """The runs of whole CLP loops of a batch, by where each begins."""
    found = _loops(columns, cuts, before)
    if found is None:
        return {}
    starts, ends, positions = found
    loops = ClaimColumns(columns, starts, ends, batch.first)
    loops.refuse_longer(min(limits.loop_segments_max, limits.loop_repeats_max))
    payments = loops.payments(batch.delimiters.component, positions)
    return {
        int(starts[a]): ClaimRun(starts[a:b].tolist(), int(ends[b - 1]), payments[a:b])
        for a, b in _runs(starts, ends)
    }


def table_runs(
    columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> dict[int, TableRun]:
    """The same as rows of tables."""
    found = _loops(columns, cuts, before)
    if found is None:
        return {}
    starts, ends, positions = found
    tables = ClaimTables(columns, starts, ends, batch.first)
    tables.refuse_longer(min(limits.loop_segments_max, limits.loop_repeats_max))
    rows = tables.read(batch.delimiters.component, positions)
    regular = (~tables.irregular).tolist()
    return {
        int(starts[a]): TableRun(starts[a:b].tolist(), int(ends[b - 1]), rows, a, regular[a:b])
        for a, b in _runs(starts, ends)
    }


def _loops(columns: Columns, cuts: Rows, before: int) -> tuple[Rows, Rows, Rows] | None:
    """Where the whole CLP loops begin and end, and their positions in their transactions.

    ``cuts`` are the segments that open or close something in any kind of transaction, ``before``
    counts the claim payments that the transaction open before the batch has begun. ``None``: there
    are too few.
    """
    cuts = columns.cuts(_BOUNDARIES, cuts)
    opening = columns.codes[cuts[:-1]]
    is_claim = starts_with(opening, "CLP")
    starts, ends = cuts[:-1][is_claim], cuts[1:][is_claim]
    if len(starts) < LOOPS_MIN:
        return None
    counted = np.cumsum(is_claim)
    marks = (columns.separator, columns.terminator)
    is_first = starts_with(opening, "ST" + marks[0]) | starts_with(opening, "ST" + marks[1])
    since = np.maximum.accumulate(np.where(is_first, counted, -before))
    return starts, ends, (counted - since)[is_claim]


def _runs(starts: Rows, ends: Rows) -> Iterator[tuple[int, int]]:
    """Which loops follow one another: from this one to before that one."""
    breaks = (np.flatnonzero(ends[:-1] != starts[1:]) + 1).tolist()
    return pairwise([0, *breaks, len(starts)])
