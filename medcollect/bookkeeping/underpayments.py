"""What payers allowed below contract, or below their own usual amount: found anew from the book.

Nothing is stored: the list follows from the answers that stand and the contracts that hold, so an
undo, a new version or a corrected payment changes it by itself. The work is done once for a state
of the book and kept while the book stays open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.answered_lines import answered_lines
from medcollect.contracts import (
    BelowUsual,
    Comparison,
    PricedLine,
    Tolerance,
    Versions,
    below_usual,
    compare_visit,
)
from medcollect.ids import name
from medcollect.money import format_cents
from medcollect.store.contracts import standing_contracts, standing_versions
from medcollect.store.engine import Store
from medcollect.store.tables import counters, transactions

Kind = Literal["underpaid", "overpaid", "no_term"]

#: What a list can hold: below what was to be expected, above it, or nothing to compare with.
KINDS: Final[tuple[Kind, ...]] = ("underpaid", "overpaid", "no_term")

#: What a line can be held against: the contract, or the payer's usual amount.
BASES: Final = ("contract", "usual")

#: Our id of an underpayment is that of its claim payment and the number of the line in it.
_LINES_OF_PAYMENT: Final = 10_000


class Underpayment(msgspec.Struct, frozen=True, gc=False):
    """One line of the list, in cents; ``expected_cents`` is ``None`` where no term speaks.

    ``basis`` is ``contract`` or ``usual`` (the payer's own pattern).
    """

    id: int
    kind: Kind
    basis: str
    line: PricedLine
    expected_cents: int | None
    difference_cents: int
    why: str
    contract: str = ""
    row: int = 0
    expected_sequestration_cents: int | None = None
    since: date | None = None


class Found(msgspec.Struct, frozen=True):
    """Everything found: the list, the largest difference first, and what came of all lines."""

    items: tuple[Underpayment, ...]
    lines: dict[str, int]
    by_id: dict[int, int]


#: Of each open book: what was found, by the state of the book and the tolerance.
_known: WeakKeyDictionary[Store, tuple[Any, Found]] = WeakKeyDictionary()


def find_underpayments(store: Store, connection: sa.Connection, tolerance: Tolerance) -> Found:
    """Everything that payers allowed otherwise than expected, as the book stands."""
    state = (_state(connection), tolerance)
    kept = _known.get(store)
    if kept is None or kept[0] != state:
        kept = (state, _find(connection, tolerance))
        _known[store] = kept
    return kept[1]


def _state(connection: sa.Connection) -> tuple[Any, ...]:
    """What tells one state of the book from another: what is numbered, and what was undone."""
    numbered = sa.select(counters).order_by(counters.c.name)
    of_status = sa.func.count().label("transactions")
    kept = sa.select(transactions.c.status, of_status).group_by(transactions.c.status)
    rows = [
        *connection.execute(numbered),
        *connection.execute(kept.order_by(transactions.c.status)),
    ]
    return tuple(tuple(row) for row in rows), standing_versions(connection)


def _find(connection: sa.Connection, tolerance: Tolerance) -> Found:
    """Judge every line of the book once."""
    versions = Versions(standing_contracts(connection))
    lines: Counter[str] = Counter()
    items: list[Underpayment] = []
    unpriced: dict[tuple[int, int], Comparison] = {}
    for compared in compared_lines(answered_lines(connection), versions, tolerance):
        lines[compared.outcome] += 1
        if compared.outcome in {"no_term", "no_contract"}:
            unpriced[compared.line.key] = compared
        elif compared.outcome in {"underpaid", "overpaid"}:
            items.append(_of_contract(compared))
    low = below_usual([compared.line for compared in unpriced.values()], tolerance)
    for below in low:
        lines[unpriced.pop(below.line.key).outcome] -= 1
        lines["below_usual"] += 1
        items.append(_of_pattern(below))
    items += [_of_contract(one) for one in unpriced.values() if one.outcome == "no_term"]
    items.sort(key=lambda item: (-item.difference_cents, item.id))
    by_id = {item.id: place for place, item in enumerate(items)}
    return Found(tuple(items), {key: lines[key] for key in sorted(lines) if lines[key]}, by_id)


def compared_lines(
    lines: Iterable[PricedLine], versions: Versions, tolerance: Tolerance
) -> Iterator[Comparison]:
    """Every line with what came of it, a claim's day at a time."""
    for _, of_claim in groupby(lines, key=lambda line: line.visit[0]):
        visits: dict[Any, list[PricedLine]] = defaultdict(list)
        for line in of_claim:
            visits[line.visit].append(line)
        for visit in visits.values():
            yield from compare_visit(visit, versions, tolerance)


def _number(line: PricedLine) -> int:
    payment, service = line.key
    return payment * _LINES_OF_PAYMENT + service


def _of_contract(compared: Comparison) -> Underpayment:
    """A line that a contract was asked about."""
    line, expected = compared.line, compared.expected
    kind: Kind = "no_term"
    if compared.outcome != "no_term":
        kind = "underpaid" if compared.difference_cents > 0 else "overpaid"
    return Underpayment(
        id=_number(line),
        kind=kind,
        basis="contract",
        line=line,
        expected_cents=expected.cents,
        difference_cents=compared.difference_cents,
        why=compared.why,
        contract=name("T", expected.contract.id) if expected.contract else "",
        row=expected.row,
        expected_sequestration_cents=compared.expected_sequestration_cents,
    )


def _of_pattern(below: BelowUsual) -> Underpayment:
    """A line below what the payer usually allows."""
    line = below.line
    lasting = f" Every such line since {below.since} is below it." if below.since else ""
    return Underpayment(
        id=_number(line),
        kind="underpaid",
        basis="usual",
        line=line,
        expected_cents=below.usual_cents,
        difference_cents=below.difference_cents,
        why=(
            f"{below.agreeing} of {below.earlier} earlier lines of this year were allowed "
            f"{format_cents(below.usual_cents)} for as many units; this one "
            f"{format_cents(line.allowed_cents)}, {format_cents(below.difference_cents)} "
            f"less.{lasting}"
        ),
        since=below.since,
    )
