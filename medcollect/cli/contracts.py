"""What payers promised to allow, and where they did not: ``contracts`` and ``underpayments``."""

from __future__ import annotations

import getpass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medcollect.cli.bank import MAPPING
from medcollect.cli.command import Document, Door, command
from medcollect.cli.desk import USER
from medcollect.cli.exporting import export
from medcollect.cli.files import has_errors, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, indent, money, table
from medcollect.cli.report import day_of
from medcollect.errors import BadRequest


class Action(StrEnum):
    """What to do with contracts."""

    bring = "import"
    list = "list"
    show = "show"


class Kind(StrEnum):
    """Which lines to show."""

    underpaid = "underpaid"
    overpaid = "overpaid"
    no_term = "no_term"


class Basis(StrEnum):
    """What a line was held against."""

    contract = "contract"
    usual = "usual"


_OPTION = typer.Option
DATE = "YYYY-MM-DD"
COUNT = Annotated[int | None, _OPTION(metavar="NUMBER", help="Refuse another number of rows.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "contracts",
        "contracts and fee schedules: import, list, show",
        "medcollect contracts import ppo.csv --payer 'PLAINFIELD*' --name 'PPO' --from 2026-01-01",
        "medcollect contracts import mpfs.csv --fee-schedule --name medicare --from 2026-01-01",
        "medcollect contracts import ppo.csv --payer 'PLAINFIELD*' --name 'PPO' \\\n"
        "    --from 2026-01-01 --terms ppo.toml --dry-run",
        "medcollect contracts show T000001",
        "medcollect undo T000001  # the version before it holds again",
        hint="Columns: procedure, modifiers, place, amount, or percent and base; others by a "
        "mapping. The same name from a later day is a new version. docs/contracts.md has the "
        "terms and the arithmetic.",
    )(contracts)
    command(
        app,
        "underpayments",
        "lines that payers allowed too little for",
        "medcollect underpayments --payer plainfield --since 2026-01-01 --minimum 5",
        "medcollect underpayments --kind no_term  # what the contract says nothing about",
        "medcollect underpayments U120003  # one of them",
        "medcollect underpayments --csv low.csv --xlsx low.xlsx",
        hint="Held against the contract of the payer on the day of service; without one, against "
        "what the payer usually allows. A corrected payment takes its line off the list.",
    )(underpayments)


def contracts(
    door: Door,
    action: Annotated[Action, typer.Argument(metavar="import|list|show", help="What to do.")],
    target: Annotated[
        str, typer.Argument(metavar="FILE|CONTRACT", help="A table of prices; an id (T...).")
    ] = "",
    payer: Annotated[str, _OPTION(metavar="NAME", help="Whose; '*' at its end: the rest.")] = "",
    name: Annotated[str, _OPTION(metavar="TEXT", help="What it is called.")] = "",
    valid_from: Annotated[
        str | None, _OPTION("--from", metavar=DATE, help="First day of service.")
    ] = None,
    valid_to: Annotated[
        str | None, _OPTION("--to", metavar=DATE, help="Last day of service; else none.")
    ] = None,
    plan: Annotated[
        list[str] | None, _OPTION(metavar="CODE", help="Only this kind of plan (CLP06).")
    ] = None,
    fee_schedule: Annotated[
        bool, _OPTION("--fee-schedule", help="Amounts that percents of contracts refer to.")
    ] = False,
    terms: Annotated[
        Path | None, _OPTION(metavar="FILE", help="What holds for all rows (TOML or JSON).")
    ] = None,
    mapping: MAPPING = None,
    expect_count: COUNT = None,
    dry_run: Annotated[bool, _OPTION("--dry-run", help="Show it, keep nothing.")] = False,
    reason: Annotated[str, _OPTION(metavar="TEXT", help="A note, kept on record.")] = "",
    user: USER = None,
) -> int:
    """Keep what payers promised to allow, by payer and day of service, in versions."""
    if action is Action.list:
        with door.book() as book:
            return door.answer(book.contracts(), show_contracts)
    if not target:
        raise BadRequest(f"'contracts {action}' needs a file or an id.", "Name it.")
    if action is Action.show:
        with door.book() as book:
            return door.answer(book.contract(target), show_contract)
    first = day_of("--from", valid_from)
    if first is None:
        raise BadRequest("A contract holds from a day on.", "Give --from YYYY-MM-DD.")
    with door.book(make=True) as book:
        answer = book.import_contract(
            target,
            name=name,
            valid_from=first,
            payer=payer,
            valid_to=day_of("--to", valid_to),
            plans=plan or [],
            fee_schedule=fee_schedule,
            terms=terms,
            mapping=mapping,
            expect_count=expect_count,
            reason=reason,
            user=user or getpass.getuser(),
            dry_run=dry_run,
        )
    failed = has_errors([{"findings": answer["findings"]}])
    return door.answer(answer, show_import, DONE_WITH_ERRORS if failed else DONE)


def underpayments(
    door: Door,
    line: Annotated[str, typer.Argument(metavar="[U...]", help="One of them, by its id.")] = "",
    payer: Annotated[
        str | None, _OPTION(metavar="NAME", help="Only this payer (part of its name).")
    ] = None,
    since: Annotated[
        str | None, _OPTION(metavar=DATE, help="Only answers from this day on.")
    ] = None,
    minimum: Annotated[
        str | None, _OPTION(metavar="AMOUNT", help="Only differences of at least this.")
    ] = None,
    kind: Annotated[Kind, _OPTION(help="Which lines.")] = Kind.underpaid,
    basis: Annotated[Basis | None, _OPTION(help="By contract, or by the usual amount.")] = None,
    limit: Annotated[int | None, _OPTION(min=1, metavar="NUMBER", help="At most so many.")] = None,
    csv: Annotated[Path | None, _OPTION(metavar="FILE", help="Write them to a CSV file.")] = None,
    xlsx: Annotated[Path | None, _OPTION(metavar="FILE", help="Write a spreadsheet.")] = None,
) -> int:
    """Show lines whose allowed amount is below contract, or below what the payer usually allows.

    Each says what was to be expected, by which row, and the arithmetic. Denied lines are not here:
    they are denials.
    """
    with door.book() as book:
        if line:
            return door.answer(book.underpayment(line), show_line)
        answer = book.underpayments(
            kind=kind.value,
            payer=payer,
            since=day_of("--since", since),
            minimum=minimum.replace(",", "").removeprefix("$") if minimum else None,
            basis=basis.value if basis else None,
            limit=limit,
        )
    export(_report, answer, csv, xlsx)
    return door.answer(answer, show_underpayments)


def _report(answer: Document) -> Document:
    from medcollect.reports.listings import underpayments_report

    return underpayments_report(answer)


_STATUS = {
    "imported": "kept",
    "known": "in force already, nothing to do",
    "rejected": "not taken in",
}


def show_import(answer: Document) -> None:
    """What a table brought, and how it begins."""
    out = console()
    what = "Fee schedule" if answer["kind"] == "fee_schedule" else "Contract"
    kept = "would be kept" if answer["dry_run"] and answer["status"] == "imported" else None
    number = f"{answer['id']}  " if answer["id"] else ""
    status = kept or _STATUS[answer["status"]]
    out.print(f"{number}{what} {answer['name']}: {status}", style="bold")
    indent(f"{counted(answer['row_count'], 'row')}, {_days(answer)}. {_terms(answer)}")
    _show_rows(answer["preview"])
    show_findings([{"path": answer["name"], "findings": answer["findings"]}])
    if answer["id"] and not answer["dry_run"] and answer["status"] == "imported":
        indent(f"To take it back: medcollect undo {answer['id']}", "dim")


def show_contracts(answer: Document) -> None:
    """Every version, in the order they were entered."""
    columns = [("", "left"), ("name", "left"), ("payer", "left"), ("days of service", "left")]
    shown = table("Contracts and fee schedules", [*columns, ("rows", "right"), ("", "left")])
    for item in answer["contracts"]:
        of = item["payer"] or "fee schedule"
        undone = "undone" if item["status"] == "undone" else ""
        add_row(shown, [item["id"], item["name"], of, _days(item), item["row_count"], undone])
    console().print(shown)


def show_contract(answer: Document) -> None:
    """One version with its rows."""
    out = console()
    out.print(f"{answer['id']}  {answer['name']}  {answer['payer']}", style="bold")
    indent(f"{_days(answer)}, {answer['status']}. {_terms(answer)}")
    _show_rows(answer["rows"])
    why = answer["reason"] or answer["file"]
    indent(f"{answer['user']}, {answer['recorded_at']}: {why}", "dim")


def _days(item: dict[str, Any]) -> str:
    until = f" to {item['valid_to']}" if item["valid_to"] else " on"
    return f"from {item['valid_from']}{until}"


def _terms(answer: Document) -> str:
    """The terms for all rows, in a sentence each."""
    told = []
    ranking = answer["multiple_procedures"]
    if answer["lesser_of_charge"]:
        told.append("No more than the charge.")
    if ranking["percents"]:
        percents = ", ".join(f"{percent}%" for percent in ranking["percents"])
        told.append(f"Procedures of a day ({' '.join(ranking['procedures'])}): {percents}.")
    told += [f"Modifier {m['modifier']}: {m['percent']}%." for m in answer["modifier_percents"]]
    if answer["sequestration_percent"]:
        told.append(f"Sequestration {answer['sequestration_percent']}%.")
    return " ".join(told)


def _show_rows(rows: list[Document]) -> None:
    columns = [("line", "right"), ("procedure", "left"), ("modifiers", "left"), ("place", "left")]
    shown = table("", [*columns, ("amount", "right"), ("percent", "right"), ("base", "left")])
    for row in rows:
        modifiers = " ".join(row["modifiers"])
        amount = f"{row['amount']} a line" if row["per"] == "line" else row["amount"]
        cells = [row["line"], row["procedure"], modifiers, row["place"], amount]
        add_row(shown, [*cells, row["percent"], row["base"]])
    console().print(shown)


_ENDS = {
    "underpaid": "below what was to be expected",
    "overpaid": "above what was to be expected",
    "no_term": "without a term",
}


def show_underpayments(answer: Document) -> None:
    """The list, and what came of all lines."""
    for item in answer["underpayments"]:
        show_line(item)
    out = console()
    kind = answer["kind"]
    amount = "" if kind == "no_term" else f", {money(answer['amount'])} in all"
    out.print(f"{counted(answer['count'], 'line')} {_ENDS[kind]}{amount}.", style="bold")
    outcomes = answer["lines"].items()
    lines = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in outcomes)
    indent(f"Of all lines answered: {lines or 'there are none'}.", "dim")


def show_line(item: Document) -> None:
    """One line: what was expected, what was allowed, why, until when."""
    modifiers = "".join(f"-{modifier}" for modifier in item["modifiers"])
    amounts = f"{money(item['difference'])} of {money(item['expected'] or '0.00')}"
    amounts = amounts if item["expected"] is not None else money(item["charge"])
    by = f"by {item['deadline']}" if item["deadline"] else ""
    head = f"{item['id']}  {amounts}  {item['procedure']}{modifiers} of {item['service_date']}"
    number = f"{item['patient_control_number']} line {item['line']} ({item['claim']})"
    console().print(f"{head}  {number}  {by}".rstrip(), style="bold")
    indent(f"{item['payer']}, {item['payment_date']}: {item['explanation']}")
    if item["judged_as"]:
        indent(f"The payer judged {item['judged_as']} instead.")
