"""What payers still mean to take, or owe: ``provider-adjustments``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.output import console, counted, indent, is_zero, money


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "provider-adjustments",
        "what payers still mean to take, or owe (PLB)",
        "medcollect provider-adjustments  # what is open, oldest first",
        "medcollect provider-adjustments --payer plainfield --settled  # one payer, everything",
        "medcollect report provider-adjustments --output open.xlsx  # for a spreadsheet",
        hint="Recoveries (WO, 72), balances carried forward (FB), withholds (E3), advances (AP): "
        "each followed over its checks, on the claim that its reference names.",
    )(provider_adjustments)


def provider_adjustments(
    door: Door,
    payer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this payer (part of its name).")
    ] = None,
    settled: Annotated[
        bool, typer.Option("--settled", help="Those of which nothing is left as well.")
    ] = False,
) -> int:
    """Show provider adjustments as cases: how much is open, since when, and what to do.

    A payer that takes an overpayment back postpones it first and takes it from a later check; a
    check below zero is carried forward. What is open here will be missing from checks to come.
    """
    with door.book() as book:
        answer = book.provider_adjustments(payer=payer, settled=settled)
    return door.answer(answer, show_provider_adjustments)


def show_provider_adjustments(answer: Document) -> None:
    """The cases for a terminal."""
    out = console()
    for item in answer["provider_adjustments"]:
        show_case(item)
    out.print(f"{counted(answer['count'], 'case')}.", style="bold")
    if not is_zero(answer["to_be_taken"]):
        out.print(f"Payers still mean to take {money(answer['to_be_taken'])}.")
    if not is_zero(answer["kept"]):
        out.print(f"Payers have kept or owe {money(answer['kept'])}.")


def show_case(item: dict[str, Any]) -> None:
    """One case: what, how much, since when; below it what it means, what to do, its checks."""
    age = f"{counted(item['age_days'], 'day')} old" if item["age_days"] is not None else ""
    claim = item["claim"] and f"claim {item['patient_control_number']} {item['claim']}"
    direction = item["direction"].replace("_", " ")
    head = [item["id"], money(item["amount"]), direction, item["payer"], claim, age]
    console().print("  ".join(filter(None, head)), style="bold")
    indent(item["text"])
    if item["status"] == "open":
        indent(item["action"], "cyan")
    for step in item["steps"]:
        check = (
            f"check {step['trace_number']}"
            if step["trace_number"]
            else step["remittance"] or step["entry"]
        )
        code = f"{step['code']} {step['reference']}".strip()
        amounts = f"{money(step['amount'])}, stands at {money(step['balance'])}"
        indent(f"{step['date']}  {check}  {step['what']} ({code}) {amounts}", "dim")
