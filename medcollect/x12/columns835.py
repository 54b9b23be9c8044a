"""The claim payments of an 835, a batch of CLP loops at a time, column by column.

The records are those of ``claim835``, which says what a segment means and is asked whenever a loop
is not regular: an amount, a date or a status that cannot be read, an element missing, anything
that gives a finding. Such a loop, and only it, is left out here.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.model.common import Adjustment, Amount, Party, Quantity, RawSegment, Reference
from medcollect.model.remittance import ClaimPayment, ServicePayment
from medcollect.x12.columns import bounds_of, each_once, grouped, starts_with
from medcollect.x12.loops835 import ClaimLoops, in_order
from medcollect.x12.values import parse_procedure, person_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from medcollect.model.common import Procedure
    from medcollect.x12.columns import Amounts, Columns, Rows
    from medcollect.x12.loops835 import Triplets

#: A column of records: what each claim, or each service line, has of one kind.
_Children: TypeAlias = "Iterable[tuple[Any, ...]]"
_Dates: TypeAlias = "Iterable[date | None]"


#: NM1 of these roles recur to the letter.
_RECURRING_ROLES: Final = ("82*", "TT*", "PR*")
_NAMES: Final = (1, 3, 4, 5, 7, 8, 9)


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
    lines: list[_Dates]


class ClaimColumns(ClaimLoops):
    """CLP loops of one batch as records."""

    def __init__(self, columns: Columns, starts: Rows, ends: Rows, first: int) -> None:
        super().__init__(columns, starts, ends, first)
        self._raw: list[Rows] = []

    def _children(self, items: list[Any], rows: Rows) -> _Both:
        """The items that these rows gave, of every claim and of every service line."""
        if not items:
            return _Both(repeat(()), repeat(()))
        bounds = bounds_of(self.node[rows], len(self.of_claim))
        claims, lines = self.claim_nodes, self.line_nodes
        return _Both(
            grouped(items, bounds[claims], bounds[claims + 1]),
            grouped(items, bounds[lines], bounds[lines + 1]),
        )

    def _of_claims(self, items: list[Any], rows: Rows) -> _Children:
        """The items that these rows gave, of every claim, those of its lines too."""
        if not items:
            return repeat(())
        bounds = bounds_of(self.claim[rows], len(self.starts))
        return grouped(items, bounds[:-1], bounds[1:])

    # -- records -------------------------------------------------------------------------------

    def payments(self, component: str, positions: Rows) -> list[ClaimPayment | None]:
        """The claim payments in file order, ``None`` for each that is not regular."""
        columns, starts, lines = self.columns, self.starts, self.lines
        clp, svc = columns.elements(starts, 12), columns.elements(lines, 8)
        triplets, amt, qty = self.triplets(), self.rows_of("AMT"), self.rows_of("QTY")
        money = self.money(triplets, amt)
        self.check_identity(clp[1], clp[2])
        remarks = self._remarks()
        days = self._days()
        references, controls = self._references()
        adjustments = self._adjustments(triplets, money.adjusted)
        amounts = self._children(
            list(map(Amount, columns.words(amt, 1), money.other.cents.tolist())), amt
        )
        quantities = self._children(list(map(Quantity, *columns.elements(qty, 3)[1:])), qty)
        parties = self._parties()
        raw = self._unmodelled()
        procedures = each_once(partial(parse_procedure, component=component), svc[1])
        services = list(map(
            ServicePayment, self.line_positions().tolist(), (lines + self.first).tolist(),
            procedures, money.line_charge.cents.tolist(), money.line_paid.cents.tolist(),
            self._revenue(svc[4], procedures),
            svc[5] if "" not in svc[5] else [units or "1" for units in svc[5]],
            _submitted(svc[6], component), svc[7], *days.lines, adjustments.lines, controls,
            references.lines, amounts.lines, quantities.lines, remarks.lines, remarks.rejects,
            raw.lines,
        ))  # fmt: skip
        payments: list[ClaimPayment | None] = list(map(
            ClaimPayment, positions.tolist(), (starts + self.first).tolist(), clp[1], clp[2],
            money.charge.cents.tolist(), money.paid.cents.tolist(), _owed(money.owed), *clp[6:10],
            adjustments.claims, self._lines(services), parties, remarks.claims,
            references.claims, amounts.claims, quantities.claims, *days.claims, clp[11],
            repeat(0), self._segments(), raw.claims,
        ))  # fmt: skip
        for place in np.flatnonzero(self.irregular).tolist():
            payments[place] = None
        return payments

    def _lines(self, services: list[ServicePayment]) -> _Children:
        """The service payments of each claim."""
        bounds = (np.searchsorted(self.lines, rows) for rows in (self.starts, self.ends))
        return grouped(services, *bounds)

    def _segments(self) -> _Children:
        whole = tuple(self.columns.segments)
        return [whole[a:b] for a, b in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]

    def _revenue(self, codes: list[str], procedures: list[Procedure]) -> list[str]:
        """SVC04, else the procedure where it is a revenue code itself."""
        if not starts_with(self.columns.codes_at(self.lines, 4), "NU").any():
            return codes
        return [
            text or (procedure.code if procedure.qualifier == "NU" else "")
            for text, procedure in zip(codes, procedures, strict=True)
        ]

    def _adjustments(self, triplets: list[Triplets], amounts: list[Amounts]) -> _Both:
        columns = self.columns
        items: list[Adjustment] = []
        for (rows, place), amount in zip(triplets, amounts, strict=True):
            groups, reasons = columns.words(rows, 1), columns.words(rows, place)
            self.refuse_where(rows, groups)
            self.refuse_where(rows, reasons)
            more = (columns.widths[rows] > place + 2).any()
            quantities = (columns.words(rows, place + 2),) if more else ()
            items += map(Adjustment, groups, reasons, amount.cents.tolist(), *quantities)
        return self._children(*in_order(items, [rows for rows, _ in triplets]))

    def _references(self) -> tuple[_Both, Iterable[str]]:
        """The references of claims and of lines, and the control number of each line."""
        columns, rows = self.columns, self.rows_of("REF")
        qualifiers, values = columns.words(rows, 1), columns.elements(rows, 3)[2]
        nodes = self.node[rows]
        numbers = starts_with(columns.codes_at(rows, 4), "6R" + columns.separator)
        controls: Iterable[str] = repeat("")
        if numbers.any():
            texts = np.fromiter(values, object, len(values))
            numbers &= texts != ""
            found = np.full(len(self.of_claim), "", object)
            found[nodes[numbers][::-1]] = texts[numbers][::-1]  # the first one counts
            controls = found[self.line_nodes].tolist()
        return self._children(list(map(Reference, qualifiers, values)), rows), controls

    def _parties(self) -> _Children:
        columns, rows = self.columns, self.rows_of("NM1")
        kinds = columns.codes_at(rows, 4)
        recur = np.zeros(len(rows), np.bool_)
        for role in _RECURRING_ROLES:
            recur |= starts_with(kinds, role.replace("*", columns.separator))
        again, other = rows[recur], rows[~recur]
        items = each_once(self._party, columns.texts(again))
        names = columns.elements(other, 10)
        items += map(Party, *(names[place] for place in _NAMES))
        return self._of_claims(*in_order(items, [again, other]))

    def _party(self, text: str) -> Party:
        return Party(*person_names(text.split(self.columns.separator)))

    def _days(self) -> _Days:
        """The dates of claims by their qualifiers, and the first and last days of lines."""
        found = self.dates(lambda days: np.fromiter(days, object, len(days)), None)
        self._raw.append(found.unmodelled)
        columns = [
            repeat(None) if column is None else column.tolist()
            for column in (*found.claims, *found.lines)
        ]
        return _Days(columns[:-2], columns[-2:])

    def _remarks(self) -> _Remarks:
        """Remark codes of claims and of lines, and reject codes of lines."""
        found = self.remarks()
        self._raw.append(found.unmodelled)
        return _Remarks(
            self._of_claims(*found.claims),
            self._children(*found.lines).lines,
            self._children(*found.rejects).lines,
        )

    def _unmodelled(self) -> _Both:
        """What no record models: other segments, and other qualifiers of those that one does."""
        rows = np.sort(np.concatenate([self.unmodelled(), *self._raw]))
        numbers = (rows + self.first).tolist()
        return self._children(list(map(RawSegment, numbers, self.columns.texts(rows))), rows)


def _owed(owed: Amounts) -> list[int | None]:
    """CLP05, which may be missing."""
    found: list[int | None] = owed.cents.tolist()
    for place in np.flatnonzero(~owed.readable).tolist():
        found[place] = None
    return found


def _submitted(codes: list[str], component: str) -> Iterable[Procedure | None]:
    """SVC06, which few lines have."""
    if not any(codes):
        return repeat(None)
    return each_once(lambda text: parse_procedure(text, component) if text else None, codes)
