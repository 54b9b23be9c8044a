"""The CLP loops of a batch as columns of tables, without making a record of each.

The tables are those that ``medcollect.tasks.parse_columns`` describes, but for their first two
columns (file, transaction): claim_payments, service_payments, adjustments, remarks. Rows of loops
that are not regular are among them; who takes the columns leaves those out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.x12.claim835 import CLAIM_STATUSES
from medcollect.x12.columns import starts_with
from medcollect.x12.loops835 import ClaimLoops
from medcollect.x12.texts import Texts, texts_of
from medcollect.x12.values import REMARK_POSITIONS, parse_procedure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from medcollect.x12.columns import Amounts, Columns, Mask, Rows
    from medcollect.x12.loops835 import Money, Triplets


class Coded(NamedTuple):
    """Texts of which there are few: the different ones (some may be equal), and each row's."""

    texts: list[str]
    places: Rows


class Numbers(NamedTuple):
    """Whole numbers, and where there is none."""

    numbers: NDArray[np.int64]
    gaps: NDArray[np.bool_]


class _Marked(NamedTuple):
    """Codes, and the row each stands in."""

    codes: Coded
    rows: Rows


#: Codes, numbers, dates, or text.
Column: TypeAlias = "Coded | Numbers | NDArray[np.datetime64] | Texts"

_DATE: Final = "datetime64[D]"


class TablePart(NamedTuple):
    """Rows of one table: which claim of the batch each is of, and its columns."""

    claims: Rows
    columns: list[Column]


class ClaimSums(NamedTuple):
    """What some claim payments that follow one another add up to.

    ``held`` counts those that do not prove. They are claims ``begin`` to ``end`` of ``batch``.
    """

    batch: TableBatch
    begin: int
    end: int
    claim_payments: int
    service_payments: int
    charge_cents: int
    paid_cents: int
    patient_responsibility_cents: int
    held: int


class TableBatch(NamedTuple):
    """The rows of the claims of a batch, by table, and running sums over the claims.

    The sums are of lines, charge, paid, CLP05, and of claims that do not prove.
    """

    claims: int
    parts: dict[str, TablePart]
    totals: NDArray[np.int64]

    def sums(self, begin: int, end: int) -> ClaimSums:
        """What these claims add up to."""
        totals = self.totals[:, end] - self.totals[:, begin]
        lines, charge, paid, owed, held = totals.tolist()
        return ClaimSums(self, begin, end, end - begin, lines, charge, paid, owed, held)


class ClaimTables(ClaimLoops):
    """CLP loops of one batch as rows of tables."""

    def __init__(self, columns: Columns, starts: Rows, ends: Rows, first: int) -> None:
        super().__init__(columns, starts, ends, first)
        self._nodes = np.sort(np.concatenate((starts, self.lines)))
        self._positions = self._line = np.zeros(0, np.intp)

    def read(self, component: str, positions: Rows) -> TableBatch:
        """The rows of each table in file order; ``positions`` are the claims' in transactions."""
        self._positions = positions
        self._line = np.zeros(len(self.of_claim), np.int64)
        self._line[self.line_nodes] = self.line_positions()
        triplets, amt = self.triplets(), self.rows_of("AMT")
        numbers, statuses = self.columns.cells(self.starts, 1), self._coded(self.starts, 2)
        money = self.money(triplets, amt)
        self._check_identity(numbers, statuses)
        references, parties = self.rows_of("REF"), self.rows_of("NM1")
        dates = self.dates(lambda days: np.array(days, _DATE), np.datetime64("NaT"))
        remarks = self._coded_remarks()
        parts = {
            "adjustments": self._adjustments(triplets, money.adjusted),
            "remarks": self._remarks(*remarks),
        }
        owed = Numbers(money.owed.cents, ~money.owed.readable)
        claims, lines = np.arange(len(self.starts)), self.claim[self.lines]
        names = self._names(parties)
        payments: list[Column] = [
            _whole(self.starts + self.first), _whole(positions), numbers,
            statuses, _whole(money.charge.cents), _whole(money.paid.cents), owed,
            self._coded(self.starts, 6), self.columns.cells(self.starts, 7),
            self._original_numbers(references),
            self._coded(self.starts, 8), self._coded(self.starts, 9), *names,
            *(self._dates(column, len(claims)) for column in dates.claims[:3]),
            self._coded(self.starts, 11),
            self._joined(remarks[0], self.claim, len(claims)),
        ]  # fmt: skip
        services: list[Column] = [
            _whole(self.lines + self.first), _whole(positions[lines]),
            _whole(self._line[self.line_nodes]), *self._procedures(component),
            _whole(money.line_charge.cents), _whole(money.line_paid.cents),
            self._allowed(amt, money.other), self._coded(self.lines, 5, lambda text: text or "1"),
            self._coded(self.lines, 6, lambda text: _code(text, component)),
            self._coded(self.lines, 7),
            *(self._dates(column, len(lines)) for column in dates.lines),
            self._control_numbers(references),
            self._joined(remarks[1], self._line_of_node(), len(lines)),
        ]  # fmt: skip
        parts["claim_payments"] = TablePart(claims, payments)
        parts["service_payments"] = TablePart(lines, services)
        return TableBatch(len(claims), parts, self._totals(money, triplets))

    # -- sums ----------------------------------------------------------------------------------

    def _totals(self, money: Money, triplets: list[Triplets]) -> NDArray[np.int64]:
        """Running sums over the claims, as ``TableBatch`` has them."""
        adjusted = np.zeros(len(self.of_claim), np.int64)
        for (rows, _), amounts in zip(triplets, money.adjusted, strict=True):
            np.add.at(adjusted, self.node[rows], amounts.cents)
        lines = self.claim[self.lines]
        of_lines = adjusted[self.line_nodes]
        off = np.zeros(len(self.starts), np.bool_)
        off[lines[money.line_charge.cents - of_lines != money.line_paid.cents]] = True
        of_claims = adjusted[self.claim_nodes]
        np.add.at(of_claims, lines, of_lines)
        off |= money.charge.cents - of_claims != money.paid.cents
        counts = np.bincount(lines, minlength=len(self.starts))
        figures = (counts, money.charge.cents, money.paid.cents, money.owed.cents, off)
        totals = np.zeros((len(figures), len(self.starts) + 1), np.int64)
        np.cumsum(figures, axis=1, out=totals[:, 1:])
        return totals

    # -- columns -------------------------------------------------------------------------------

    def _coded(self, rows: Rows, element: int, make: Callable[[str], str] = str) -> Coded:
        return Coded(*self.columns.made(rows, element, make))

    def _line_of_node(self) -> Rows:
        numbers = np.zeros(len(self.of_claim), np.intp)
        numbers[self.line_nodes] = np.arange(len(self.lines))
        found: Rows = numbers[self.node]
        return found

    def _check_identity(self, numbers: Texts, statuses: Coded) -> None:
        """CLP01 and CLP02 must say which claim and what became of it."""
        self.irregular |= numbers.sizes == 0
        if not CLAIM_STATUSES.issuperset(statuses.texts):
            known = np.array([text in CLAIM_STATUSES for text in statuses.texts], np.bool_)
            self.irregular |= ~known[statuses.places]

    def _original_numbers(self, rows: Rows) -> Texts:
        """The first REF*F8 of each claim."""
        chosen = self._references(rows, "F8", level=True)
        return self._first_of(chosen, self.claim[chosen], len(self.starts))

    def _control_numbers(self, rows: Rows) -> Texts:
        """The first REF*6R with a value of each line."""
        chosen = self._references(rows, "6R", level=False)
        chosen = chosen[self.columns.sizes(chosen, 2) > 0]
        return self._first_of(chosen, self._line_of_node()[chosen], len(self.lines))

    def _references(self, rows: Rows, qualifier: str, *, level: bool) -> Rows:
        """The REF with this qualifier, of claims or of lines."""
        kinds = self.columns.codes_at(rows, 4)
        wanted = starts_with(kinds, qualifier + self.columns.separator)
        found: Rows = rows[wanted & (self.of_claim[self.node[rows]] == level)]
        return found

    def _first_of(self, rows: Rows, owners: Rows, size: int, element: int = 2) -> Texts:
        """An element of the first of these rows that each of ``size`` owners has."""
        is_first = np.ones(len(rows), np.bool_)
        is_first[1:] = owners[1:] != owners[:-1]
        return self.columns.cells(rows[is_first], element).spread(owners[is_first], size)

    def _names(self, rows: Rows) -> list[Texts]:
        """Names and id of the patient, the rendering provider's id, the crossover payer's name."""
        wanted = (("QC", 3), ("QC", 4), ("QC", 9), ("82", 9), ("TT", 3))
        kinds = self.columns.codes_at(rows, 4)
        of_role = {
            role: rows[starts_with(kinds, role + self.columns.separator)] for role, _ in wanted
        }
        return [
            self._first_of(of_role[role], self.claim[of_role[role]], len(self.starts), element)
            for role, element in wanted
        ]

    def _procedures(self, component: str) -> list[Coded]:
        """Qualifier, code and modifiers of the procedures, and the revenue codes."""
        procedures, places = self.columns.made(
            self.lines, 1, lambda text: parse_procedure(text, component)
        )
        revenue, revenue_places = self.columns.made(self.lines, 4, str)
        own = [p.code if p.qualifier == "NU" else "" for p in procedures]
        both = np.where(
            np.array([text == "" for text in revenue], np.bool_)[revenue_places],
            places + len(revenue),
            revenue_places,
        )
        return [
            Coded([p.qualifier for p in procedures], places),
            Coded([p.code for p in procedures], places),
            Coded([" ".join(p.modifiers) for p in procedures], places),
            Coded(revenue + own, both),
        ]

    def _allowed(self, rows: Rows, amounts: Amounts) -> Numbers:
        """The first AMT*B6 of each line."""
        nodes = self.node[rows]
        is_allowed = starts_with(self.columns.codes_at(rows, 4), "B6" + self.columns.separator)
        wanted = np.flatnonzero(is_allowed & ~self.of_claim[nodes])[::-1]
        cents, gaps = np.zeros(len(self.of_claim), np.int64), np.ones(len(self.of_claim), np.bool_)
        cents[nodes[wanted]], gaps[nodes[wanted]] = amounts.cents[wanted], False
        return Numbers(cents[self.line_nodes], gaps[self.line_nodes])

    @staticmethod
    def _dates(column: NDArray[Any] | None, size: int) -> NDArray[np.datetime64]:
        return np.full(size, np.datetime64("NaT"), _DATE) if column is None else column

    def _coded_remarks(self) -> list[_Marked]:
        """Remarks of claims (LQ, MIA, MOA) and of lines, rejects of lines: codes and rows."""
        rows = self.rows_of("LQ")
        kinds, at_claim = self.columns.codes_at(rows, 3), self.of_claim[self.node[rows]]
        texts, places = self.columns.made(rows, 2, str)
        is_remark = starts_with(kinds, "HE" + self.columns.separator)
        is_reject = starts_with(kinds, "RX" + self.columns.separator)

        def chosen(wanted: Mask) -> _Marked:
            return _Marked(Coded(texts, places[wanted]), rows[wanted])

        claims = [chosen(is_remark & at_claim), *self._remarks_of_claims()]
        return [_in_order(claims), chosen(is_remark & ~at_claim), chosen(is_reject & ~at_claim)]

    def _remarks_of_claims(self) -> Iterator[_Marked]:
        """The remark codes of MIA and MOA, which are the claim's wherever they stand."""
        for identifier, elements in REMARK_POSITIONS.items():
            rows = self.rows_of(identifier)
            widest = int(self.columns.widths[rows].max(initial=0))
            for element in (place for place in elements if place < widest):
                found = rows[self.columns.sizes(rows, element) > 0]
                yield _Marked(self._coded(found, element), found)

    @staticmethod
    def _joined(marked: _Marked, owner_of: Rows, size: int) -> Coded:
        """The codes of each owner, separated by blanks."""
        codes, owners = marked.codes, owner_of[marked.rows]
        order = np.argsort(owners, kind="stable")
        owners, places = owners[order], codes.places[order]
        of_owner = np.zeros(size, np.intp)
        of_owner[owners] = places + 1
        begins = np.flatnonzero(np.diff(owners, prepend=-1))
        ends = np.append(begins[1:], len(owners))
        numbers: dict[str, int] = {}
        for place in np.flatnonzero(ends - begins > 1).tolist():  # mostly nobody has two
            begin, end = begins[place], ends[place]
            text = " ".join(map(codes.texts.__getitem__, places[begin:end].tolist()))
            number = numbers.setdefault(text, len(numbers))
            of_owner[owners[begin]] = number + len(codes.texts) + 1
        return Coded(["", *codes.texts, *numbers], of_owner)

    # -- rows of their own ---------------------------------------------------------------------

    def _here(self, nodes: Rows) -> list[Column]:
        """Segment, claim payment and line of what belongs to these nodes."""
        numbers = self._line[nodes]
        claims = self.claim[self._nodes[nodes]]
        return [
            _whole(self._nodes[nodes] + self.first),
            _whole(self._positions[claims]),
            Numbers(numbers, numbers == 0),
        ]

    def _adjustments(self, triplets: list[Triplets], amounts: list[Amounts]) -> TablePart:
        parts = [rows for rows, _ in triplets]
        groups, reasons, quantities = _Gathered(), _Gathered(), _Gathered()
        for rows, place in triplets:
            groups.add(self._coded(rows, 1))
            reasons.add(self._coded(rows, place))
            quantities.add(self._coded(rows, place + 2))
        for gathered in (groups, reasons):
            self._refuse_blanks(gathered, parts)
        rows = np.concatenate(parts) if parts else np.zeros(0, np.intp)
        order = np.argsort(rows, kind="stable") if len(parts) > 1 else slice(None)
        cents = [amount.cents for amount in amounts]
        nodes = self.node[rows][order]
        quantity = quantities.coded(order)
        units = texts_of(quantity.texts).taken(quantity.places)
        return TablePart(
            self.claim[rows][order],
            [
                *self._here(nodes),
                groups.coded(order),
                reasons.coded(order),
                _whole((np.concatenate(cents) if cents else np.zeros(0, np.int64))[order]),
                units,
            ],
        )

    def _refuse_blanks(self, gathered: _Gathered, parts: list[Rows]) -> None:
        if "" in gathered.texts:
            blank = np.array([text == "" for text in gathered.texts], np.bool_)
            self.refuse(np.concatenate(parts)[blank[np.concatenate(gathered.places)]])

    def _remarks(self, claims: _Marked, lines: _Marked, rejects: _Marked) -> TablePart:
        """Remarks of claims (which stand at the claim), of lines, then rejects of lines."""
        nodes = np.concatenate(
            (self.claim_nodes[self.claim[claims.rows]], self.node[lines.rows],
             self.node[rejects.rows])
        )  # fmt: skip
        is_reject = np.arange(len(nodes)) >= len(claims.rows) + len(lines.rows)
        order = np.argsort(nodes, kind="stable")
        codes = _Gathered()
        for marked in (claims, lines, rejects):
            codes.add(marked.codes)
        nodes = nodes[order]
        kinds = Coded(["HE", "RX"], is_reject[order].astype(np.intp))
        columns: list[Column] = [*self._here(nodes), kinds, codes.coded(order)]
        return TablePart(self.claim[self._nodes[nodes]], columns)


def _in_order(parts: list[_Marked]) -> _Marked:
    """Codes of several kinds in the order of their rows; those of one row stay in order."""
    codes = _Gathered()
    for part in parts:
        codes.add(part.codes)
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    return _Marked(codes.coded(order), rows[order])


class _Gathered:
    """Codes of several groups of rows, one after the other."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[Rows] = []

    def add(self, coded: Coded) -> None:
        self.places.append(coded.places + len(self.texts))
        self.texts += coded.texts

    def coded(self, order: Rows | slice) -> Coded:
        if not self.places:
            return Coded([], np.zeros(0, np.intp))
        return Coded(self.texts, np.concatenate(self.places)[order])


def _whole(numbers: NDArray[Any] | Sequence[int]) -> Numbers:
    """Numbers without gaps."""
    found = np.asarray(numbers, np.int64)
    return Numbers(found, np.zeros(len(found), np.bool_))


def _code(text: str, component: str) -> str:
    return parse_procedure(text, component).code if text else ""
