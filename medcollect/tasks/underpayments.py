"""The list of what payers allowed below contract, or below their own usual amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.answered_lines import units_text
from medcollect.bookkeeping.underpayments import KINDS, Underpayment, find_underpayments
from medcollect.contracts import Tolerance
from medcollect.denials import DenialFacts
from medcollect.denials.clocks import deadline
from medcollect.errors import BadRequest, NotFound
from medcollect.ids import name, number_of
from medcollect.model.casework import UNDERPAID
from medcollect.money import format_cents, parse_cents
from medcollect.store.engine import Store, chunks
from medcollect.store.tables import claim_payments, claims, denials, remittances
from medcollect.tasks.figures import text_of

Row = dict[str, Any]
Column = tuple[str, str, str]


class UnderpaymentFilter(msgspec.Struct, frozen=True):
    """Which lines are asked for; ``since`` is the first day of the answer."""

    kind: str = "underpaid"
    payer: str | None = None
    since: date | None = None
    minimum: str | None = None
    basis: str | None = None

    def keeps(self) -> Callable[[Underpayment], bool]:
        """A test for an item; raises BadRequest for a filter that can match nothing."""
        if self.kind not in KINDS:
            raise BadRequest("There is no such kind of line.", f"There are: {', '.join(KINDS)}.")
        least = parse_cents(self.minimum) if self.minimum else 0
        if least is None or least < 0:
            raise BadRequest("The minimum is no amount.", "Give dollars such as 10 or 9.50.")
        wanted = (self.payer or "").lower()

        def test(item: Underpayment) -> bool:
            line = item.line
            return (
                item.kind == self.kind
                and abs(item.difference_cents) >= least
                and wanted in line.payer.lower()
                and self.basis in {None, item.basis}
                and (self.since is None or (line.answered_on or date.min) >= self.since)
            )

        return test


def list_underpayments(
    store: Store,
    wanted: UnderpaymentFilter,
    *,
    tolerance: Tolerance,
    limit: int | None = None,
    after: str | None = None,
    today: date | None = None,
) -> Row:
    """Lines by difference, the largest first; count and amount are of all that the filters keep."""
    keeps = wanted.keeps()
    start = number_of(after, "U") if after is not None else None
    if after is not None and start is None:
        raise BadRequest("The cursor is not one of ours.", "Start without one.")
    with store.reading() as connection:
        found = find_underpayments(store, connection, tolerance)
        kept = [item for item in found.items if keeps(item)]
        page = kept
        if start is not None:
            place = found.by_id.get(start, len(found.items))
            page = [item for item in kept if found.by_id[item.id] > place]
        shown = page if limit is None else page[:limit]
        rows = _shown(connection, shown, today or dates.today())
    answer: Row = {
        "kind": wanted.kind,
        "underpayments": rows,
        "count": len(kept),
        "amount": format_cents(sum(abs(item.difference_cents) for item in kept)),
        "lines": found.lines,
    }
    if limit is None:
        return answer
    return {**answer, "next": rows[-1]["id"] if len(page) > len(shown) else None}


def show_underpayment(
    store: Store, identifier: str, *, tolerance: Tolerance, today: date | None = None
) -> Row:
    """One line; raises NotFound where it is none, or none any more."""
    number = number_of(identifier, "U")
    with store.reading() as connection:
        found = find_underpayments(store, connection, tolerance)
        place = found.by_id.get(number or 0)
        if place is None:
            message = "There is no such underpayment, or it is none any more."
            raise NotFound(message, "'medcollect underpayments' shows those that stand.")
        return _shown(connection, [found.items[place]], today or dates.today())[0]


def _shown(connection: sa.Connection, items: Sequence[Underpayment], today: date) -> list[Row]:
    """Items as the contract gives them, with the claim they are of."""
    about: dict[int, sa.Row[Any]] = {}
    for some in chunks([item.line.key[0] for item in items]):
        query = (
            sa.select(
                claim_payments.c.id,
                claim_payments.c.claim_id,
                claim_payments.c.remittance_id,
                claims.c.patient_control_number,
                claims.c.form,
                remittances.c.trace_number,
            )
            .join(claims, claims.c.id == claim_payments.c.claim_id)
            .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
            .where(claim_payments.c.id.in_(some))
        )
        about.update({row.id: row for row in connection.execute(query)})
    cases = _cases(connection, list(about))
    return [
        {**_row(item, about[item.line.key[0]], today), "denial": cases.get(item.line.key)}
        for item in items
    ]


def _cases(connection: sa.Connection, payments: Sequence[int]) -> dict[tuple[int, int], str]:
    """The open rows of the desk over these lines, by claim payment and service."""
    found = {}
    for some in chunks(payments):
        query = sa.select(denials.c.id, denials.c.claim_payment_id, denials.c.service).where(
            denials.c.claim_payment_id.in_(some),
            denials.c.kind == UNDERPAID,
            denials.c.status == "open",
        )
        for row in connection.execute(query):
            found[row.claim_payment_id, row.service] = name("N", row.id)
    return found


def _row(item: Underpayment, about: sa.Row[Any], today: date) -> Row:
    line = item.line
    kept = item.expected_sequestration_cents
    return {
        "id": name("U", item.id),
        "kind": item.kind,
        "basis": item.basis,
        "claim": name("C", about.claim_id),
        "patient_control_number": about.patient_control_number,
        "claim_payment": name("P", about.id),
        "remittance": name("R", about.remittance_id),
        "trace_number": about.trace_number,
        "payer": line.payer,
        "payment_date": text_of(line.answered_on),
        "line": line.line,
        "service_date": text_of(line.day),
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "place": line.place,
        "units": units_text(line.units),
        "judged_as": line.judged or None,
        "charge": format_cents(line.charge_cents),
        "expected": None if item.expected_cents is None else format_cents(item.expected_cents),
        "allowed": format_cents(line.allowed_cents),
        "difference": format_cents(item.difference_cents),
        "sequestration": format_cents(line.sequestration_cents),
        "expected_sequestration": None if kept is None else format_cents(kept),
        "contract": item.contract or None,
        "contract_line": item.row or None,
        "since": text_of(item.since),
        "explanation": item.why,
        **_limit(item, about.form, today),
    }


def _limit(item: Underpayment, form: str, today: date) -> Row:
    """By when the payer is to be asked to reconsider; nothing is asked where nothing is missing."""
    if item.kind != "underpaid":
        return {"deadline": None, "deadline_rule": "", "days_left": None}
    line = item.line
    facts = DenialFacts(
        group="CO",
        reason="45",
        amount_cents=item.difference_cents,
        payer_name=line.payer,
        filing_indicator=line.plan,
        decided_on=line.answered_on,
        service_from=line.day,
        procedure_code=line.procedure,
        form=form,
    )
    limit = deadline(facts, "appeal")
    days_left = (limit.due - today).days if limit.due else None
    return {"deadline": text_of(limit.due), "deadline_rule": limit.rule, "days_left": days_left}


_TOTALS: Final[list[Column]] = [
    ("payer", "text", "who answered"),
    ("lines", "number", "lines below what was to be expected"),
    ("by_contract", "money", "what is missing by contract"),
    ("by_usual", "money", "what is missing by the payer's own pattern"),
    ("underpaid", "money", "both together"),
    ("overpaid_lines", "number", "lines allowed above contract"),
    ("overpaid", "money", "what was allowed above contract"),
    ("no_term", "number", "lines that the payer's contract says nothing about"),
]


def underpayment_sheet(store: Store, tolerance: Tolerance) -> tuple[list[Column], list[Row]]:
    """What is missing by payer, as a report."""
    with store.reading() as connection:
        found = find_underpayments(store, connection, tolerance)
    by_payer: dict[str, list[Underpayment]] = defaultdict(list)
    for item in found.items:
        by_payer[item.line.payer].append(item)
    return _TOTALS, [_total(payer, by_payer[payer]) for payer in sorted(by_payer)]


def usual_sheet(store: Store, _: date | None) -> tuple[list[Column], list[Row]]:
    """The same by the tolerance that holds where no settings say another."""
    return underpayment_sheet(store, Tolerance())


def _total(payer: str, items: Sequence[Underpayment]) -> Row:
    low = [item for item in items if item.kind == "underpaid"]
    high = [item for item in items if item.kind == "overpaid"]

    def missing(*bases: str) -> str:
        return format_cents(sum(item.difference_cents for item in low if item.basis in bases))

    return {
        "payer": payer,
        "lines": len(low),
        "by_contract": missing("contract"),
        "by_usual": missing("usual"),
        "underpaid": missing("contract", "usual"),
        "overpaid_lines": len(high),
        "overpaid": format_cents(-sum(item.difference_cents for item in high)),
        "no_term": sum(item.kind == "no_term" for item in items),
    }
