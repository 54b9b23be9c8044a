"""Where the CLP loops of a batch stand in runs, and the claim payments that they are.

A run is CLP loops that follow one another. Their records are made for the whole batch at once
(``columns835``), whatever transactions it holds: many small ones cost what a large one does.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from medcollect.x12.columns import starts_with
from medcollect.x12.columns835 import ClaimColumns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medcollect.limits import Limits
    from medcollect.model.remittance import ClaimPayment
    from medcollect.x12.columns import Columns, Rows
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

    def loops(self) -> Iterator[tuple[int, int, ClaimPayment | None]]:
        """Where each loop begins and ends, and its record."""
        ends = [*self.starts[1:], self.end]
        return zip(self.starts, ends, self.payments, strict=True)


def claim_runs(
    columns: Columns, cuts: Rows, batch: Batch, before: int, limits: Limits
) -> dict[int, ClaimRun]:
    """The runs of whole CLP loops of a batch, by where each begins.

    ``cuts`` are the segments that open or close something in any kind of transaction, ``before``
    counts the claim payments that the transaction open before the batch has begun.
    """
    cuts = columns.cuts(_BOUNDARIES, cuts)
    opening = columns.codes[cuts[:-1]]
    is_claim = starts_with(opening, "CLP")
    starts, ends = cuts[:-1][is_claim], cuts[1:][is_claim]
    if len(starts) < LOOPS_MIN:
        return {}
    loops = ClaimColumns(columns, starts, ends, batch.first)
    loops.refuse_longer(min(limits.loop_segments_max, limits.loop_repeats_max))
    counted = np.cumsum(is_claim)
    marks = (columns.separator, columns.terminator)
    is_first = starts_with(opening, "ST" + marks[0]) | starts_with(opening, "ST" + marks[1])
    since = np.maximum.accumulate(np.where(is_first, counted, -before))
    payments = loops.payments(batch.delimiters.component, (counted - since)[is_claim])
    breaks = (np.flatnonzero(ends[:-1] != starts[1:]) + 1).tolist()
    return {
        int(starts[a]): ClaimRun(starts[a:b].tolist(), int(ends[b - 1]), payments[a:b])
        for a, b in pairwise([0, *breaks, len(starts)])
    }
