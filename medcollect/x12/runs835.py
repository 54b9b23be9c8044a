"""Where the CLP loops of a batch stand in runs, and the claim payments or table rows they are.

A run is CLP loops that follow one another. Their records (``columns835``) or rows (``tables835``)
are made for the whole batch at once, whatever transactions it holds: many small ones cost what a
large one does.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np

from medcollect.x12.columns835 import ClaimColumns
from medcollect.x12.loops835 import ClaimLoops
from medcollect.x12.tables835 import ClaimTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medcollect.limits import Limits
    from medcollect.model.remittance import ClaimPayment
    from medcollect.x12.columns import Columns, Rows
    from medcollect.x12.tables835 import ClaimSums, TableBatch
    from medcollect.x12.tokens import Batch

Loops = TypeVar("Loops", bound=ClaimLoops)

#: What ends a CLP loop.
_BOUNDARIES: Final = ("CLP", "LX", "TS3", "TS2", "PLB", "ISA", "GS", "ST", "SE", "GE", "IEA")
_CLAIM, _TRANSACTION = (1 + _BOUNDARIES.index(identifier) for identifier in ("CLP", "ST"))
#: Fewer loops are read sooner one by one.
LOOPS_MIN: Final = 24


class ClaimRun(NamedTuple):
    """CLP loops that follow one another: where each begins, where the last ends, their records.

    ``None`` stands for a loop that is not regular, which the careful reader has to read.
    """

    starts: list[int]
    end: int
    payments: list[ClaimPayment | None]

    def parts(self) -> Iterator[tuple[int, int, list[ClaimPayment] | None]]:
        """Where each stretch of regular loops, and each other loop, begins and ends."""
        payments = self.payments
        if all(payments):
            yield self.starts[0], self.end, cast("list[ClaimPayment]", payments)
            return
        ends = [*self.starts[1:], self.end]
        for is_regular, first, last in _alike([found is not None for found in payments]):
            found = cast("list[ClaimPayment]", payments[first:last]) if is_regular else None
            yield self.starts[first], ends[last - 1], found


class TableRun(NamedTuple):
    """The same as rows of tables: those from claim ``begin`` of the batch, which are regular."""

    starts: list[int]
    end: int
    batch: TableBatch
    begin: int
    regular: list[bool]

    def parts(self) -> Iterator[tuple[int, int, ClaimSums | None]]:
        """Where each stretch of regular loops, and each other loop, begins and ends."""
        ends = [*self.starts[1:], self.end]
        for is_regular, first, last in _alike(self.regular):
            rows = (self.begin + first, self.begin + last)
            yield self.starts[first], ends[last - 1], self.batch.sums(*rows) if is_regular else None


Run: TypeAlias = ClaimRun | TableRun


def _alike(regular: list[bool]) -> Iterator[tuple[bool, int, int]]:
    """Stretches of regular loops, and every other loop: which it is, from where to before where."""
    done = 0
    for is_regular, group in groupby(regular):
        end = done + len(list(group))
        if is_regular:
            yield True, done, end
        else:
            yield from ((False, place, place + 1) for place in range(done, end))
        done = end


def claim_runs(
    columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> dict[int, ClaimRun]:
    """The runs of whole CLP loops of a batch, by where each begins."""
    loops, positions = _loops(ClaimColumns, columns, cuts, batch, before, limits)
    if loops is None:
        return {}
    payments = loops.payments(batch.delimiters.component, positions)
    return {
        starts[0]: ClaimRun(starts, end, payments[begin : begin + len(starts)])
        for begin, starts, end in _runs(loops)
    }


def table_runs(
    columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> dict[int, TableRun]:
    """The same as rows of tables."""
    loops, positions = _loops(ClaimTables, columns, cuts, batch, before, limits)
    if loops is None:
        return {}
    rows = loops.read(batch.delimiters.component, positions)
    regular = (~loops.irregular).tolist()
    return {
        starts[0]: TableRun(starts, end, rows, begin, regular[begin : begin + len(starts)])
        for begin, starts, end in _runs(loops)
    }


def _loops(
    make: type[Loops], columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> tuple[Loops | None, Rows]:
    """The whole CLP loops of a batch, and their positions in their transactions.

    ``cuts`` are the segments that open or close something in any kind of transaction, ``before``
    counts the claim payments that the transaction open before the batch has begun. ``None``: there
    are too few.
    """
    kinds = columns.kinds(_BOUNDARIES, cuts)
    cuts, kinds = cuts[kinds > 0], kinds[kinds > 0]
    is_claim = kinds[:-1] == _CLAIM
    starts, ends = cuts[:-1][is_claim], cuts[1:][is_claim]
    if len(starts) < LOOPS_MIN:
        return None, starts
    counted = np.cumsum(is_claim)
    is_first = kinds[:-1] == _TRANSACTION
    since = np.maximum.accumulate(np.where(is_first, counted, -before))
    loops = make(columns, starts, ends, batch.first)
    loops.refuse_longer(min(limits.loop_segments_max, limits.loop_repeats_max))
    return loops, (counted - since)[is_claim]


def _runs(loops: ClaimLoops) -> Iterator[tuple[int, list[int], int]]:
    """Loops that follow one another: which is the first, where each begins, the last ends."""
    breaks = (np.flatnonzero(loops.ends[:-1] != loops.starts[1:]) + 1).tolist()
    starts, ends = loops.starts.tolist(), loops.ends.tolist()
    for a, b in pairwise([0, *breaks, len(starts)]):
        yield a, starts[a:b], ends[b - 1]
