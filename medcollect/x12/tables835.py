"""The CLP loops of a batch as columns of tables, without making a record of each.

The tables are those that ``medcollect.tasks.parse_columns`` describes, but for their first two
columns (file, transaction): claim_payments, service_payments, adjustments, remarks. Rows of loops
that are not regular are among them; who takes the columns leaves those out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from medcollect.x12.columns import each_once, starts_with
from medcollect.x12.loops835 import ClaimLoops
from medcollect.x12.values import parse_procedure, person_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from medcollect.x12.columns import Amounts, Columns, Rows
    from medcollect.x12.loops835 import Money, Triplets


class Coded(NamedTuple):
    """Texts of which there are few: the different ones (some may be equal), and each row's."""

    texts: list[str]
    places: Rows


class Numbers(NamedTuple):
    """Whole numbers, and where there is none."""

    numbers: NDArray[np.int64]
    gaps: NDArray[np.bool_]


#: Codes, numbers, dates, or text.
Column: TypeAlias = "Coded | Numbers | NDArray[np.datetime64] | list[str]"

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
        numbers, statuses = self.columns.column(self.starts, 1), self._coded(self.starts, 2)
        money = self.money(triplets, amt)
        self.check_identity(
            numbers, list(map(statuses.texts.__getitem__, statuses.places.tolist()))
        )
        self.rows_of("QTY")
        references, parties = self.rows_of("REF"), self.rows_of("NM1")
        dates = self.dates(lambda days: np.array(days, _DATE), np.datetime64("NaT"))
        remarks = self.remarks()
        parts = {
            "adjustments": self._adjustments(triplets, money.adjusted),
            "remarks": self._remarks(remarks.claims, remarks.lines, remarks.rejects),
        }
        self.untaken()
        owed = Numbers(money.owed.cents, ~money.owed.readable)
        claims, lines = np.arange(len(self.starts)), self.claim[self.lines]
        names = self._names(parties)
        payments: list[Column] = [
            _whole(self.starts + self.first), _whole(positions), numbers,
            statuses, _whole(money.charge.cents), _whole(money.paid.cents), owed,
            self._coded(self.starts, 6), self.columns.column(self.starts, 7),
            self._original_numbers(references),
            self._coded(self.starts, 8), self._coded(self.starts, 9), *names,
            *(self._dates(column, len(claims)) for column in dates.claims[:3]),
            self._coded(self.starts, 11),
            self._joined(*remarks.claims, self.claim, len(claims)),
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
            self._joined(*remarks.lines, self._line_of_node(), len(lines)),
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

    def _original_numbers(self, rows: Rows) -> list[str]:
        """The first REF*F8 of each claim."""
        return self._references(rows[self.of_claim[self.node[rows]]], "F8", self.claim_nodes)

    def _control_numbers(self, rows: Rows) -> list[str]:
        """The first REF*6R with a value of each line."""
        return self._references(rows[~self.of_claim[self.node[rows]]], "6R", self.line_nodes)

    def _references(self, rows: Rows, qualifier: str, nodes: Rows) -> list[str]:
        kinds = self.columns.codes_at(rows, 4)
        chosen = rows[starts_with(kinds, qualifier + self.columns.separator)]
        if not len(chosen):
            return [""] * len(nodes)
        values = np.fromiter(self.columns.column(chosen, 2), object, len(chosen))
        if qualifier == "6R":
            chosen, values = chosen[values != ""], values[values != ""]
        found = np.full(len(self.of_claim), "", object)
        found[self.node[chosen][::-1]] = values[::-1]  # the first one stays
        texts: list[str] = found[nodes].tolist()
        return texts

    def _names(self, rows: Rows) -> list[list[str]]:
        """Names and id of the patient, the rendering provider's id, the crossover payer's name."""
        patients, providers, payers = (self._first(rows, role) for role in ("QC", "82", "TT"))
        column = self.columns.column
        return [
            *(self._placed(patients, column(patients, place)) for place in (3, 4, 9)),
            self._placed(providers, each_once(self._party_id, self.columns.texts(providers))),
            self._placed(payers, column(payers, 3)),
        ]

    def _party_id(self, text: str) -> str:
        return person_names(text.split(self.columns.separator))[6]

    def _first(self, rows: Rows, role: str) -> Rows:
        """The first NM1 of this role of each claim that has one."""
        chosen = rows[starts_with(self.columns.codes_at(rows, 4), role + self.columns.separator)]
        claims = self.claim[chosen]
        is_first = np.ones(len(chosen), np.bool_)
        is_first[1:] = claims[1:] != claims[:-1]
        return chosen[is_first]

    def _placed(self, rows: Rows, texts: list[str]) -> list[str]:
        """Texts at the claims of their rows, which have one each."""
        if len(rows) == len(self.starts):
            return texts
        found = np.full(len(self.starts), "", object)
        found[self.claim[rows]] = np.fromiter(texts, object, len(texts))
        placed: list[str] = found.tolist()
        return placed

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

    @staticmethod
    def _joined(codes: list[str], rows: Rows, owner_of: Rows, size: int) -> Coded:
        """The codes of each owner, separated by blanks."""
        owners = owner_of[rows]
        numbers, places = {"": 0}, np.zeros(size, np.intp)
        if (owners[1:] > owners[:-1]).all():  # nobody has two
            places[owners] = [numbers.setdefault(text, len(numbers)) for text in codes]
            return Coded(list(numbers), places)
        by_owner: dict[int, list[str]] = {}
        for owner, text in zip(owners.tolist(), codes, strict=True):
            by_owner.setdefault(owner, []).append(text)
        texts = map(" ".join, by_owner.values())
        places[list(by_owner)] = [numbers.setdefault(text, len(numbers)) for text in texts]
        return Coded(list(numbers), places)

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
        return TablePart(
            self.claim[rows][order],
            [
                *self._here(nodes),
                groups.coded(order),
                reasons.coded(order),
                _whole((np.concatenate(cents) if cents else np.zeros(0, np.int64))[order]),
                list(map(quantity.texts.__getitem__, quantity.places.tolist())),
            ],
        )

    def _refuse_blanks(self, gathered: _Gathered, parts: list[Rows]) -> None:
        if "" in gathered.texts:
            blank = np.array([text == "" for text in gathered.texts], np.bool_)
            self.refuse(np.concatenate(parts)[blank[np.concatenate(gathered.places)]])

    def _remarks(self, *kinds: tuple[list[str], Rows]) -> TablePart:
        """Remarks of claims (which stand at the claim), of lines, then rejects of lines."""
        (claim_codes, claim_rows), (codes, rows), (rejects, reject_rows) = kinds
        nodes = np.concatenate(
            (self.claim_nodes[self.claim[claim_rows]], self.node[rows], self.node[reject_rows])
        )
        is_reject = np.arange(len(nodes)) >= len(claim_codes) + len(codes)
        order = np.argsort(nodes, kind="stable")
        numbers: dict[str, int] = {}
        texts = (*claim_codes, *codes, *rejects)
        places = [numbers.setdefault(text, len(numbers)) for text in texts]
        found = Coded(list(numbers), np.array(places, np.intp)[order])
        nodes = nodes[order]
        return TablePart(
            self.claim[self._nodes[nodes]],
            [*self._here(nodes), Coded(["HE", "RX"], is_reject[order].astype(np.intp)), found],
        )


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
