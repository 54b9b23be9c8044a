"""The claim payments of an 835, a batch of CLP loops at a time, column by column.

The records are those of ``claim835``, which says what a segment means and is asked whenever a loop
is not regular: an amount, a date or a status that cannot be read, an element missing, anything
that gives a finding. Such a loop, and only it, is left out here.
"""

from __future__ import annotations

from functools import partial
from itertools import chain, compress, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.model.common import Adjustment, Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment
from medcollect.x12.claim835 import CLAIM_STATUSES
from medcollect.x12.columns import code, each_once, grouped, starts_with
from medcollect.x12.values import parse_date, parse_procedure, person_names, remark_codes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from medcollect.model.common import Procedure
    from medcollect.x12.columns import Amounts, Columns, Mask, Rows

#: A column of records: what each claim, or each service line, has of one kind.
_Children: TypeAlias = "Iterable[tuple[Any, ...]]"
_Dates: TypeAlias = "Iterable[date | None]"
#: The triplets that come first (second, ...) in their CAS: the CAS, the place of the reason.
_Triplets: TypeAlias = "tuple[Rows, int]"

#: A segment of more elements makes its loop irregular: columns are as wide as their widest row.
_WIDTH_MAX: Final = 32
_CAS_WIDTH_MAX: Final = 20
#: Segments of a CLP loop that records model, and how many elements each must have to be regular.
_WIDTHS_MIN: Final = {
    "SVC": 4, "CAS": 4, "NM1": 2, "MIA": 2, "MOA": 2, "REF": 3, "AMT": 3, "QTY": 3, "DTM": 3,
    "LQ": 3,
}  # fmt: skip
#: NM1 of these roles recur to the letter.
_RECURRING_ROLES: Final = ("82*", "TT*", "PR*")
_NAMES: Final = (1, 3, 4, 5, 7, 8, 9)
_CLAIM_DATES: Final = ("232", "233", "050", "036")


class _Both(NamedTuple):
    """What the claims and what their service lines have of one kind."""

    claims: _Children
    lines: _Children


class _Remarks(NamedTuple):
    claims: _Children
    lines: _Children
    rejects: _Children


class _Days(NamedTuple):
    claims: list[_Dates]
    lines: tuple[_Dates, _Dates]


class ClaimColumns:
    """CLP loops of one batch: each begins at a start and ends before its end.

    ``first`` is the file's number of the batch's first segment.
    """

    def __init__(self, columns: Columns, starts: Rows, ends: Rows, first: int) -> None:
        self._columns, self._starts, self._ends, self._first = columns, starts, ends, first
        self._irregular = np.zeros(len(starts), np.bool_)
        size = len(columns.segments)
        edges = np.zeros(size + 1, np.int8)
        edges[starts] += 1
        edges[ends] -= 1
        inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        opens = np.zeros(size, np.bool_)
        opens[starts] = True
        self._claim = np.cumsum(opens) - 1
        self._refuse(starts[columns.codes[starts] != code("CLP" + columns.separator)])
        #: The segments of the loops that no column has taken yet.
        self._codes = np.where(inside & ~opens, columns.codes, 0)
        self._services = self._rows("SVC")
        opens[self._services] = True
        #: A CLP or SVC with what follows it, up to the next, is a node.
        self._node = np.cumsum(opens) - 1
        self._claim_nodes, self._service_nodes = self._node[starts], self._node[self._services]
        self._of_claim = np.zeros(len(starts) + len(self._services), np.bool_)
        self._of_claim[self._claim_nodes] = True
        self._raw: list[Rows] = []

    def refuse_longer(self, loop_segments_max: int) -> None:
        """Leave longer loops to the reader that keeps to this limit."""
        self._irregular |= self._ends - self._starts > loop_segments_max

    # -- rows ----------------------------------------------------------------------------------

    def _refuse(self, rows: Rows) -> None:
        """Leave the loops of these rows to the careful reader."""
        self._irregular[self._claim[rows]] = True

    def _refuse_where(self, rows: Rows, column: list[str]) -> None:
        """Leave the loops of these rows to the careful reader where the column has no text."""
        if "" in column:
            self._refuse(rows[np.fromiter(map("".__eq__, column), np.bool_, len(column))])

    def _rows(self, identifier: str) -> Rows:
        """The segments with this identifier, but for those that make their loop irregular."""
        found = np.flatnonzero(starts_with(self._codes, identifier + self._columns.separator))
        self._codes[found] = 0
        widths = self._columns.widths[found]
        odd = (widths < _WIDTHS_MIN[identifier]) | (widths > _WIDTH_MAX)
        if odd.any():
            self._refuse(found[odd])
            found = found[~odd]
        return found

    def _children(self, items: list[Any], rows: Rows) -> _Both:
        """The items that these rows gave, of every claim and of every service line."""
        if not items:
            return _Both(repeat(()), repeat(()))
        bounds = np.searchsorted(self._node[rows], np.arange(len(self._of_claim) + 1))
        claims, lines = self._claim_nodes, self._service_nodes
        return _Both(
            grouped(items, bounds[claims], bounds[claims + 1]),
            grouped(items, bounds[lines], bounds[lines + 1]),
        )

    def _of_claims(self, items: list[Any], rows: Rows) -> _Children:
        """The items that these rows gave, of every claim, those of its lines too."""
        if not items:
            return repeat(())
        bounds = np.searchsorted(self._claim[rows], np.arange(len(self._starts) + 1))
        return grouped(items, bounds[:-1], bounds[1:])

    # -- records -------------------------------------------------------------------------------

    def payments(self, component: str, positions: Rows) -> list[ClaimPayment | None]:
        """The claim payments in file order, ``None`` for each that is not regular."""
        columns, starts, lines = self._columns, self._starts, self._services
        clp, svc = columns.elements(starts, 12), columns.elements(lines, 8)
        triplets, amt, qty = self._triplets(), self._rows("AMT"), self._rows("QTY")
        charge, paid, owed, line_charge, line_paid, other, *adjusted = columns.amounts(
            [(starts, 3), (starts, 4), (starts, 5), (lines, 2), (lines, 3), (amt, 2),
             *((rows, place + 1) for rows, place in triplets)]
        )  # fmt: skip
        for rows, _, readable in (charge, paid, line_charge, line_paid, other, *adjusted):
            self._refuse(rows[~readable])
        self._check_identity(clp[1], clp[2])
        remarks = self._remarks()
        days = self._days()
        references, controls = self._references()
        adjustments = self._adjustments(triplets, adjusted)
        amounts = self._children(
            list(map(Amount, columns.words(amt, 1), other.cents.tolist())), amt
        )
        quantities = self._children(list(map(Quantity, *columns.elements(qty, 3)[1:])), qty)
        parties = self._parties()
        raw = self._unmodelled()  # what is left when all others have taken theirs
        procedures = each_once(partial(parse_procedure, component=component), svc[1])
        services = list(map(
            ServicePayment, *self._numbers(), procedures, line_charge.cents.tolist(),
            line_paid.cents.tolist(), self._revenue(svc[4], procedures),
            [units or "1" for units in svc[5]] if "" in svc[5] else svc[5],
            _submitted(svc[6], component), svc[7], *days.lines, adjustments.lines, controls,
            references.lines, amounts.lines, quantities.lines, remarks.lines, remarks.rejects,
            raw.lines,
        ))  # fmt: skip
        payments: list[ClaimPayment | None] = list(map(
            ClaimPayment, positions.tolist(), (starts + self._first).tolist(), clp[1], clp[2],
            charge.cents.tolist(), paid.cents.tolist(), self._owed(owed, clp[5]), *clp[6:10],
            adjustments.claims, self._lines(services), parties, remarks.claims,
            references.claims, amounts.claims, quantities.claims, *days.claims, clp[11],
            repeat(0), self._segments(), raw.claims,
        ))  # fmt: skip
        for place in np.flatnonzero(self._irregular).tolist():
            payments[place] = None
        return payments

    def _numbers(self) -> tuple[list[int], list[int]]:
        """The place of each service line in its claim, and its segment in the file."""
        lines = self._services
        before = np.searchsorted(lines, self._starts)[self._claim[lines]]
        return (np.arange(1, len(lines) + 1) - before).tolist(), (lines + self._first).tolist()

    def _lines(self, services: list[ServicePayment]) -> _Children:
        """The service payments of each claim."""
        bounds = (np.searchsorted(self._services, rows) for rows in (self._starts, self._ends))
        return grouped(services, *bounds)

    def _segments(self) -> _Children:
        whole = tuple(self._columns.segments)
        return [whole[a:b] for a, b in zip(self._starts.tolist(), self._ends.tolist(), strict=True)]

    def _check_identity(self, numbers: list[str], statuses: list[str]) -> None:
        self._refuse_where(self._starts, numbers)
        if not CLAIM_STATUSES.issuperset(statuses):
            known = np.fromiter(map(CLAIM_STATUSES.__contains__, statuses), np.bool_, len(statuses))
            self._refuse(self._starts[~known])

    def _owed(self, owed: Amounts, texts: list[str]) -> list[int | None]:
        """CLP05, which may be missing."""
        found: list[int | None] = owed.cents.tolist()
        for place in np.flatnonzero(~owed.readable).tolist():
            found[place] = None
            if texts[place]:
                self._irregular[place] = True
        return found

    def _revenue(self, codes: list[str], procedures: list[Procedure]) -> list[str]:
        """SVC04, else the procedure where it is a revenue code itself."""
        if not starts_with(self._columns.codes_at(self._services, 4), "NU").any():
            return codes
        return [
            text or (procedure.code if procedure.qualifier == "NU" else "")
            for text, procedure in zip(codes, procedures, strict=True)
        ]

    def _triplets(self) -> list[_Triplets]:
        """The triplets of every CAS, first the first ones, then the second, ..."""
        rows = self._rows("CAS")
        widths = self._columns.widths[rows]
        self._refuse(rows[widths > _CAS_WIDTH_MAX])
        return [(rows[widths > place], place) for place in range(2, int(widths.max(initial=0)), 3)]

    def _adjustments(self, triplets: list[_Triplets], amounts: list[Amounts]) -> _Both:
        columns = self._columns
        items: list[Adjustment] = []
        for (rows, place), amount in zip(triplets, amounts, strict=True):
            groups, reasons = columns.words(rows, 1), columns.words(rows, place)
            self._refuse_where(rows, groups)
            self._refuse_where(rows, reasons)
            more = (columns.widths[rows] > place + 2).any()
            quantities = (columns.words(rows, place + 2),) if more else ()
            items += map(Adjustment, groups, reasons, amount.cents.tolist(), *quantities)
        return self._children(*_in_order(items, [rows for rows, _ in triplets]))

    def _references(self) -> tuple[_Both, Iterable[str]]:
        """The references of claims and of lines, and the control number of each line."""
        columns, rows = self._columns, self._rows("REF")
        qualifiers, values = columns.words(rows, 1), columns.elements(rows, 3)[2]
        nodes = self._node[rows]
        numbers = starts_with(columns.codes_at(rows, 4), "6R" + columns.separator)
        controls: Iterable[str] = repeat("")
        if numbers.any():
            texts = np.fromiter(values, object, len(values))
            numbers &= texts != ""
            found = np.full(len(self._of_claim), "", object)
            found[nodes[numbers][::-1]] = texts[numbers][::-1]  # the first one counts
            controls = found[self._service_nodes].tolist()
        return self._children(list(map(Reference, qualifiers, values)), rows), controls

    def _parties(self) -> _Children:
        columns, rows = self._columns, self._rows("NM1")
        kinds = columns.codes_at(rows, 4)
        recur = np.zeros(len(rows), np.bool_)
        for role in _RECURRING_ROLES:
            recur |= starts_with(kinds, role.replace("*", columns.separator))
        again, other = rows[recur], rows[~recur]
        items = each_once(self._party, columns.texts(again))
        names = columns.elements(other, 10)
        items += map(Party, *(names[place] for place in _NAMES))
        return self._of_claims(*_in_order(items, [again, other]))

    def _party(self, text: str) -> Party:
        return Party(*person_names(text.split(self._columns.separator)))

    def _days(self) -> _Days:
        """The dates of claims by their qualifiers, and the first and last days of lines."""
        columns, rows = self._columns, self._rows("DTM")
        if not len(rows):
            return _Days([repeat(None)] * len(_CLAIM_DATES), (repeat(None), repeat(None)))
        different, places = columns.made(rows, 2, parse_date)
        days = np.fromiter(different, object, len(different))[places]
        kinds, nodes = columns.codes_at(rows, 4), self._node[rows]
        if None in different:
            unreadable = days == None  # noqa: E711 - each of them
            self._refuse(rows[unreadable])
        at_claim = self._of_claim[nodes]
        modelled = np.zeros(len(rows), np.bool_)

        def column(level: Mask, owners: Rows, *qualifiers: str) -> _Dates:
            wanted = np.zeros(len(rows), np.bool_)
            for qualifier in qualifiers:
                wanted |= kinds == code(qualifier + columns.separator)
            wanted &= level
            if not wanted.any():
                return repeat(None)
            modelled[wanted] = True
            found = np.full(len(self._of_claim), None, object)
            found[nodes[wanted]] = days[wanted]
            last: list[date | None] = found[owners].tolist()
            return last

        of_claims = [column(at_claim, self._claim_nodes, kind) for kind in _CLAIM_DATES]
        first = column(~at_claim, self._service_nodes, "472", "150")
        last = column(~at_claim, self._service_nodes, "472", "151")
        self._raw.append(rows[~modelled])
        return _Days(of_claims, (first, last))

    def _remarks(self) -> _Remarks:
        """Remark codes of claims (LQ, MIA, MOA) and of lines, and reject codes of lines."""
        columns, rows = self._columns, self._rows("LQ")
        codes, kinds = columns.words(rows, 2), columns.codes_at(rows, 3)
        at_claim = self._of_claim[self._node[rows]]
        is_remark = starts_with(kinds, "HE" + columns.separator)
        is_reject = starts_with(kinds, "RX" + columns.separator) & ~at_claim
        self._raw.append(rows[~(is_remark | is_reject)])

        def chosen(wanted: Mask) -> tuple[list[str], Rows]:
            return list(compress(codes, wanted.tolist())), rows[wanted]

        items, owners = chosen(is_remark & at_claim)
        parts = [owners]
        for identifier in ("MIA", "MOA"):
            more = self._rows(identifier)
            found = each_once(self._claim_remarks, columns.texts(more))
            items += chain.from_iterable(found)
            parts.append(np.repeat(more, list(map(len, found))))
        return _Remarks(
            self._of_claims(*_in_order(items, parts)),
            self._children(*chosen(is_remark & ~at_claim)).lines,
            self._children(*chosen(is_reject)).lines,
        )

    def _claim_remarks(self, text: str) -> list[str]:
        return remark_codes(text.split(self._columns.separator))

    def _unmodelled(self) -> _Both:
        """What no record models; a segment that one would, were it whole, is not regular."""
        rest = np.flatnonzero(self._codes)
        texts = self._columns.texts(rest)
        known = [text.partition(self._columns.separator)[0] in _WIDTHS_MIN for text in texts]
        self._refuse(rest[np.array(known, np.bool_)])
        rows = np.sort(np.concatenate([rest, *self._raw]))
        numbers = (rows + self._first).tolist()
        return self._children(list(map(RawSegment, numbers, self._columns.texts(rows))), rows)


def _submitted(codes: list[str], component: str) -> Iterable[Procedure | None]:
    """SVC06, which few lines have."""
    if not any(codes):
        return repeat(None)
    return each_once(lambda text: parse_procedure(text, component) if text else None, codes)


def _in_order(items: list[Any], parts: list[Rows]) -> tuple[list[Any], Rows]:
    """Items of several kinds in the order of their rows; what one row gave stays in order."""
    rows = np.concatenate(parts) if parts else np.zeros(0, np.intp)
    if sum(len(part) > 0 for part in parts) < 2:
        return items, rows
    order = np.argsort(rows, kind="stable")
    return list(map(items.__getitem__, order.tolist())), rows[order]
