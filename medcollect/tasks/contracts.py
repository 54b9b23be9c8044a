"""Contracts and fee schedules: taken in from a table, listed, shown, taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bank.problems import is_fatal
from medcollect.bookkeeping.contract_changes import judge_changed_shortfalls
from medcollect.contracts import CHARGE, Contract, Term, Terms
from medcollect.contracts.problems import problem
from medcollect.contracts.reading import GivenTerms, bases_of, read_prices
from medcollect.errors import BadRequest, NotFound
from medcollect.files import InputFile, find_files
from medcollect.findings import Finding
from medcollect.ids import name, number_of
from medcollect.sheets import Mapping
from medcollect.store.contracts import (
    Source,
    contract_of,
    contract_row,
    contract_rows,
    save_contract,
    standing_contracts,
    undo_contract,
)
from medcollect.store.engine import Store
from medcollect.store.raw import keep_raw
from medcollect.tasks.figures import text_of
from medcollect.tasks.import_deposits import finding_json

Row = dict[str, Any]

#: So many rows a preview shows.
_PREVIEW = 20


class ContractOrder(msgspec.Struct, frozen=True):
    """What a table of prices is: a ``payer``'s contract, or a fee schedule that others refer to.

    It holds for days of service from ``valid_from`` to ``valid_to``. ``plans`` limits a contract to
    kinds of plan (CLP06). ``expect_count`` is a control total: the rows of the table.
    """

    name: str
    valid_from: date
    payer: str = ""
    valid_to: date | None = None
    plans: tuple[str, ...] = ()
    is_schedule: bool = False
    given: GivenTerms = GivenTerms()
    mapping: Mapping = Mapping()
    expect_count: int | None = None

    def read_by(self, mapping: Mapping) -> ContractOrder:
        """The same, its table read by this mapping of columns."""
        return msgspec.structs.replace(self, mapping=mapping)

    def check(self) -> None:
        """Raise BadRequest where it cannot be."""
        if not self.name.strip() or self.name.strip().casefold() == CHARGE:
            raise BadRequest("A contract needs a name of its own.", "Give one, such as 'PPO 2026'.")
        if bool(self.payer.strip()) == self.is_schedule:
            message = "A contract names its payer, a fee schedule none."
            raise BadRequest(message, "Give --payer NAME, or --fee-schedule.")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise BadRequest("The last day lies before the first.", "Exchange --from and --to.")


def import_contract(
    store: Store,
    path: str | Path,
    order: ContractOrder,
    *,
    reason: str = "",
    user: str,
    dry_run: bool = False,
    stdin: BinaryIO | None = None,
) -> Row:
    """Take a table in as a new version; with an error in a row, or ``dry_run``, nothing is kept.

    A version that is in force already with the same terms is not kept again. Raises NotFound when
    the file is missing, BadRequest for an order that cannot be.
    """
    order.check()
    entry = next(iter(find_files([path], stdin=stdin)))
    if not isinstance(entry, InputFile):
        raise NotFound(f"{entry.label}: {entry.finding.message}", entry.finding.action)
    with entry.open() as stream:
        data = stream.read()
    terms, findings = read_prices(data, order.mapping, order.given, is_schedule=order.is_schedule)
    with store.trying() if dry_run else store.writing() as connection:
        wanted = _contract(order, terms)
        standing = standing_contracts(connection)
        findings += _control(order, terms, standing)
        known = _same(wanted, standing)
        number = None
        if known is None and not is_fatal(findings):
            with entry.open() as stream:
                keep_raw(connection, entry.sha256(), stream)
            source = Source(entry.label, entry.sha256(), user, reason, tuple(findings))
            number = save_contract(connection, wanted, source)
            judge_changed_shortfalls(connection, dates.today())
    told = [finding_json(finding) for finding in findings]
    return _imported(wanted, number, known, told, dry_run=dry_run)


def _contract(order: ContractOrder, terms: Terms) -> Contract:
    """The version that an order and its table make."""
    return Contract(
        id=0,
        name=order.name.strip(),
        kind="fee_schedule" if order.is_schedule else "contract",
        valid_from=order.valid_from,
        valid_to=order.valid_to,
        payer=order.payer.strip(),
        plans=tuple(sorted({plan.upper() for plan in order.plans})),
        terms=terms,
    )


def _control(order: ContractOrder, terms: Terms, standing: list[Contract]) -> list[Finding]:
    """Hold the table against its control total, and its bases against the book."""
    found = []
    if order.expect_count is not None and order.expect_count != len(terms.rows):
        found.append(problem("contract-rows-differ"))
    schedules = {c.name.casefold() for c in standing if c.kind == "fee_schedule"}
    missing = [base for base in bases_of(terms) if base not in schedules]
    return [*found, *(problem("contract-base-unknown", None, base) for base in missing)]


def _same(wanted: Contract, standing: list[Contract]) -> Contract | None:
    """The version of the same name and first day that stands, if it says the same."""
    mine = [
        c
        for c in standing
        if (c.kind, c.name.casefold(), c.valid_from)
        == (wanted.kind, wanted.name.casefold(), wanted.valid_from)
    ]
    newest = mine[-1] if mine else None
    if newest is None or msgspec.structs.replace(wanted, id=newest.id) != newest:
        return None
    return newest


def _imported(
    wanted: Contract, number: int | None, known: Contract | None, told: list[Row], *, dry_run: bool
) -> Row:
    """What the import answers."""
    status = "imported" if number is not None else "rejected" if known is None else "known"
    kept = known.id if known is not None else number
    return {
        "id": None if kept is None or (dry_run and known is None) else name("T", kept),
        "status": status,
        "dry_run": dry_run,
        **_about(wanted),
        **_terms(wanted.terms),
        "findings": told,
        "preview": [_term(term) for term in wanted.terms.rows[:_PREVIEW]],
    }


def list_contracts(store: Store, limit: int | None = None, after: str | None = None) -> Row:
    """Versions in the order they were entered, undone ones too; raises BadRequest for a cursor."""
    start = number_of(after, "T") if after is not None else 0
    if start is None:
        raise BadRequest("The cursor is not one of ours.", "Start without one.")
    with store.reading() as connection:
        rows = list(contract_rows(connection, start, limit + 1 if limit is not None else None))
    shown = rows[:limit] if limit is not None else rows
    following = name("T", shown[-1].id) if len(rows) > len(shown) else None
    return {"contracts": [_version(row) for row in shown], "next": following}


def show_contract(store: Store, identifier: str) -> Row:
    """One version with every row."""
    with store.reading() as connection:
        row = contract_row(connection, number_of(identifier, "T") or 0)
    if row is None:
        raise NotFound("There is no contract or fee schedule with this id.", _SEE)
    contract = contract_of(row)
    return {
        **_version(row),
        **_terms(contract.terms),
        "rows": [_term(term) for term in contract.terms.rows],
    }


_SEE = "'medcollect contracts list' shows them."


def take_contract_back(connection: sa.Connection, number: int) -> None:
    """Undo a version; the one before it holds again. Raises NotFound where none stands."""
    if not undo_contract(connection, number):
        message = "There is no such contract or fee schedule, or it is undone already."
        raise NotFound(message, _SEE)
    judge_changed_shortfalls(connection, dates.today())


def _version(row: sa.Row[Any]) -> Row:
    """A version in a list."""
    return {
        "id": name("T", row.id),
        "kind": row.kind,
        "name": row.name,
        "payer": row.payer,
        "plans": row.plans.split(),
        "valid_from": text_of(row.valid_from),
        "valid_to": text_of(row.valid_to),
        "row_count": row.row_count,
        "file": row.label,
        "sha256": row.sha256,
        "reason": row.reason,
        "user": row.user_name,
        "recorded_at": row.recorded_at,
        "status": row.status,
    }


def _about(contract: Contract) -> Row:
    return {
        "kind": contract.kind,
        "name": contract.name,
        "payer": contract.payer,
        "plans": list(contract.plans),
        "valid_from": text_of(contract.valid_from),
        "valid_to": text_of(contract.valid_to),
        "row_count": len(contract.terms.rows),
    }


def _terms(terms: Terms) -> Row:
    """The terms that hold for all rows."""
    return {
        "lesser_of_charge": terms.lesser_of_charge,
        "sequestration_percent": terms.sequestration_percent,
        "multiple_procedures": {
            "percents": list(terms.ranking.percents),
            "procedures": list(terms.ranking.procedures) if terms.ranking.percents else [],
        },
        "modifier_percents": [
            {"modifier": code, "percent": percent} for code, percent in terms.modifiers.items()
        ],
    }


def _term(term: Term) -> Row:
    return {
        "line": term.row,
        "procedure": term.procedure,
        "modifiers": list(term.modifiers),
        "place": term.place,
        "amount": term.amount,
        "percent": term.percent,
        "base": term.base,
        "per": term.per,
    }
