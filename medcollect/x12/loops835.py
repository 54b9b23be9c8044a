"""CLP loops of a batch: which segment belongs to which claim and line, and which loops are regular.

A loop is regular when nothing in it gives a finding and every segment has the elements it needs.
Any other is left to ``claim835``, which says what a segment means.
"""

from __future__ import annotations

from itertools import chain, compress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.x12.claim835 import CLAIM_STATUSES
from medcollect.x12.columns import code, each_once, starts_with
from medcollect.x12.values import parse_date, remark_codes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from medcollect.x12.columns import Amounts, Columns, Mask, Rows

#: The triplets that come first (second, ...) in their CAS: the CAS, the place of the reason.
Triplets: TypeAlias = "tuple[Rows, int]"

#: A segment of more elements makes its loop irregular: columns are as wide as their widest row.
_WIDTH_MAX: Final = 32
_CAS_WIDTH_MAX: Final = 20
#: Segments of a CLP loop that records model, and how many elements each must have to be regular.
WIDTHS_MIN: Final = {
    "SVC": 4, "CAS": 4, "NM1": 3, "MIA": 2, "MOA": 2, "REF": 3, "AMT": 3, "QTY": 3, "DTM": 3,
    "LQ": 3,
}  # fmt: skip
_MODELLED: Final = tuple(WIDTHS_MIN)
_WIDTHS: Final = np.array([0, *WIDTHS_MIN.values()])
_OF_THREE: Final = np.array([False, *(len(identifier) == 3 for identifier in _MODELLED)])
_CLAIM_DATES: Final = ("232", "233", "050", "036")
_LINE_DATES: Final = (("472", "150"), ("472", "151"))


class Money(NamedTuple):
    """The amounts of CLP, SVC, AMT and of each part of the CAS."""

    charge: Amounts
    paid: Amounts
    owed: Amounts
    line_charge: Amounts
    line_paid: Amounts
    other: Amounts
    adjusted: list[Amounts]


class Dates(NamedTuple):
    """Columns of dates of claims (DTM 232, 233, 050, 036) and of lines (first and last day).

    ``None`` is a column without a date; ``unmodelled`` are the DTM of other qualifiers.
    """

    claims: list[NDArray[Any] | None]
    lines: list[NDArray[Any] | None]
    unmodelled: Rows


class Remarks(NamedTuple):
    """Codes with their rows: remarks of claims (LQ, MIA, MOA) and of lines, rejects of lines."""

    claims: tuple[list[str], Rows]
    lines: tuple[list[str], Rows]
    rejects: tuple[list[str], Rows]
    unmodelled: Rows


class ClaimLoops:
    """CLP loops of one batch: each begins at a start and ends before its end.

    ``first`` is the file's number of the batch's first segment.
    """

    def __init__(self, columns: Columns, starts: Rows, ends: Rows, first: int) -> None:
        self.columns, self.starts, self.ends, self.first = columns, starts, ends, first
        self.irregular = np.zeros(len(starts), np.bool_)
        size = len(columns.segments)
        edges = np.zeros(size + 1, np.int8)
        edges[starts] += 1
        edges[ends] -= 1
        inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        opens = np.zeros(size, np.bool_)
        opens[starts] = True
        self.claim = np.cumsum(opens) - 1
        self.refuse(starts[columns.codes[starts] != code("CLP" + columns.separator)])
        self._rows = self._by_identifier(inside & ~opens)
        self.lines = self.rows_of("SVC")
        opens[self.lines] = True
        #: A CLP or SVC with what follows it, up to the next, is a node.
        self.node = np.cumsum(opens) - 1
        self.claim_nodes, self.line_nodes = self.node[starts], self.node[self.lines]
        self.of_claim = np.zeros(len(starts) + len(self.lines), np.bool_)
        self.of_claim[self.claim_nodes] = True

    def refuse_longer(self, loop_segments_max: int) -> None:
        """Leave longer loops to the reader that keeps to this limit."""
        self.irregular |= self.ends - self.starts > loop_segments_max

    # -- rows ----------------------------------------------------------------------------------

    def refuse(self, rows: Rows) -> None:
        """Leave the loops of these rows to the careful reader."""
        self.irregular[self.claim[rows]] = True

    def refuse_where(self, rows: Rows, column: list[str]) -> None:
        """Leave the loops of these rows to the careful reader where the column has no text."""
        if "" in column:
            self.refuse(rows[np.fromiter(map("".__eq__, column), np.bool_, len(column))])

    def _by_identifier(self, wanted: Mask) -> dict[str, Rows]:
        """The wanted segments by identifier, those that no record models by none.

        One with too few or too many elements makes its loop irregular and is left out.
        """
        columns = self.columns
        kinds = columns.kinds(_MODELLED)
        behind = columns.codes >> 24
        is_word = (behind != ord(columns.separator)) & (behind != ord(columns.terminator))
        kinds[is_word & _OF_THREE[kinds]] = 0
        odd = (columns.widths < _WIDTHS[kinds]) | (columns.widths > _WIDTH_MAX) & (kinds > 0)
        self.refuse(np.flatnonzero(wanted & odd))
        kinds[~wanted | odd] = len(_MODELLED) + 1
        ends = np.cumsum(np.bincount(kinds, minlength=len(_MODELLED) + 1)).tolist()
        order = np.argsort(kinds, kind="stable")
        names = ("", *_MODELLED)
        return {name: order[a:b] for name, a, b in zip(names, [0, *ends], ends, strict=False)}

    def rows_of(self, identifier: str) -> Rows:
        """The segments with this identifier, but for those that make their loop irregular."""
        return self._rows[identifier]

    def check_identity(self, numbers: list[str], statuses: list[str]) -> None:
        """CLP01 and CLP02 must say which claim and what became of it."""
        self.refuse_where(self.starts, numbers)
        if not CLAIM_STATUSES.issuperset(statuses):
            known = np.fromiter(map(CLAIM_STATUSES.__contains__, statuses), np.bool_, len(statuses))
            self.refuse(self.starts[~known])

    def triplets(self) -> list[Triplets]:
        """The triplets of every CAS, first the first ones, then the second, ..."""
        rows = self.rows_of("CAS")
        widths = self.columns.widths[rows]
        self.refuse(rows[widths > _CAS_WIDTH_MAX])
        return [(rows[widths > place], place) for place in range(2, int(widths.max(initial=0)), 3)]

    def money(self, triplets: list[Triplets], amt: Rows) -> Money:
        """Every amount of the loops; CLP05 alone may be missing."""
        starts, lines = self.starts, self.lines
        charge, paid, owed, line_charge, line_paid, other, *adjusted = self.columns.amounts(
            [(starts, 3), (starts, 4), (starts, 5), (lines, 2), (lines, 3), (amt, 2),
             *((rows, place + 1) for rows, place in triplets)]
        )  # fmt: skip
        for rows, _, readable in (charge, paid, line_charge, line_paid, other, *adjusted):
            self.refuse(rows[~readable])
        missing = ~owed.readable
        if missing.any():
            texts = self.columns.column(starts[missing], 5)
            self.irregular[np.flatnonzero(missing)] |= np.array([text != "" for text in texts])
        return Money(charge, paid, owed, line_charge, line_paid, other, adjusted)

    def line_positions(self) -> Rows:
        """The place of each service line in its claim, from 1."""
        before = np.searchsorted(self.lines, self.starts)[self.claim[self.lines]]
        positions: Rows = np.arange(1, len(self.lines) + 1) - before
        return positions

    def dates(
        self, values_of: Callable[[list[date | None]], NDArray[Any]], nothing: object
    ) -> Dates:
        """The dates, as ``values_of`` gives them; of several of one kind the last counts."""
        columns, rows = self.columns, self.rows_of("DTM")
        different, places = columns.made(rows, 2, parse_date)
        if None in different:
            self.refuse(rows[np.fromiter((d is None for d in different), np.bool_)[places]])
        values = values_of(different)[places]
        kinds, nodes = columns.codes_at(rows, 4), self.node[rows]
        at_claim = self.of_claim[nodes]
        modelled = np.zeros(len(rows), np.bool_)

        def column(level: Mask, owners: Rows, *qualifiers: str) -> NDArray[Any] | None:
            wanted = np.zeros(len(rows), np.bool_)
            for qualifier in qualifiers:
                wanted |= kinds == code(qualifier + columns.separator)
            wanted &= level
            if not wanted.any():
                return None
            modelled[wanted] = True
            found = np.full(len(self.of_claim), nothing, values.dtype)
            found[nodes[wanted]] = values[wanted]
            return found[owners]

        claims = [column(at_claim, self.claim_nodes, kind) for kind in _CLAIM_DATES]
        lines = [column(~at_claim, self.line_nodes, *both) for both in _LINE_DATES]
        return Dates(claims, lines, rows[~modelled])

    def remarks(self) -> Remarks:
        """The remark and reject codes; MIA and MOA are the claim's wherever they stand."""
        columns, rows = self.columns, self.rows_of("LQ")
        codes, kinds = columns.words(rows, 2), columns.codes_at(rows, 3)
        at_claim = self.of_claim[self.node[rows]]
        is_remark = starts_with(kinds, "HE" + columns.separator)
        is_reject = starts_with(kinds, "RX" + columns.separator) & ~at_claim

        def chosen(wanted: Mask) -> tuple[list[str], Rows]:
            return list(compress(codes, wanted.tolist())), rows[wanted]

        items, owners = chosen(is_remark & at_claim)
        parts = [owners]
        for identifier in ("MIA", "MOA"):
            more = self.rows_of(identifier)
            found = each_once(self._remark_codes, columns.texts(more))
            items += chain.from_iterable(found)
            parts.append(np.repeat(more, list(map(len, found))))
        return Remarks(
            in_order(items, parts),
            chosen(is_remark & ~at_claim),
            chosen(is_reject),
            rows[~(is_remark | is_reject)],
        )

    def _remark_codes(self, text: str) -> list[str]:
        return remark_codes(text.split(self.columns.separator))

    def unmodelled(self) -> Rows:
        """The segments that no record models."""
        return self._rows[""]


def in_order(items: list[Any], parts: list[Rows]) -> tuple[list[Any], Rows]:
    """Items of several kinds in the order of their rows; what one row gave stays in order."""
    rows = np.concatenate(parts) if parts else np.zeros(0, np.intp)
    if sum(len(part) > 0 for part in parts) < 2:
        return items, rows
    order = np.argsort(rows, kind="stable")
    return list(map(items.__getitem__, order.tolist())), rows[order]
