"""Questions to payers: ``inquire`` (276) and ``eligibility`` (270)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.output import console, counted
from medcollect.reports.cells import plain

OUTPUT = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write it here, and into the book."),
]
SENDER = Annotated[str, typer.Option(metavar="ID", help="Another sender than the claim's file.")]
RECEIVER = Annotated[str, typer.Option(metavar="ID", help="Another receiver.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "inquire",
        "ask payers where claims stand (276)",
        "medcollect inquire CH1001 CH1002 --output ask.276  # about these claims",
        "medcollect inquire --unanswered 30 --output ask.276  # sent 30 days ago, no answer",
        "medcollect inquire CH1001  # show the file, keep nothing",
        hint="The answer (277) is imported like any file and shows under 'medcollect claim'.",
    )(inquire)
    command(
        app,
        "eligibility",
        "ask a payer whether a patient is covered (270)",
        "medcollect eligibility A000001 --output ask.270  # the payer of the latest claim",
        "medcollect eligibility CH1001 --payer harbor --output ask.270  # another payer of it",
        "medcollect eligibility A000001 --on 2026-05-04 --output ask.270  # on a day",
        hint="The answer (271) is imported like any file and shows under 'medcollect balance'.",
    )(eligibility)


def inquire(
    door: Door,
    claims: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLAIM...", help="Patient control numbers, or our ids (C000001)."),
    ] = None,
    unanswered: Annotated[
        int | None,
        typer.Option(min=0, metavar="DAYS", help="Every claim sent so long ago without answer."),
    ] = None,
    output: OUTPUT = None,
    sender: SENDER = "",
    receiver: RECEIVER = "",
) -> int:
    """Write a 276 that asks payers where claims stand, each under a trace of its own.

    A claim that was asked about within the days of --unanswered is not asked about again. The
    written file stands in the book as asked; undo takes it back.
    """
    with door.book() as book:
        answer = book.inquire(
            claims or [],
            unanswered_days=unanswered,
            output=output,
            sender=sender.strip(),
            receiver=receiver.strip(),
        )
    return door.answer(answer, show_asked)


def eligibility(
    door: Door,
    account: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="Our account (A000001), or a claim of it.")
    ],
    payer: Annotated[
        str, typer.Option(metavar="NAME", help="Another payer of the patient (part of its name).")
    ] = "",
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="On this day; else today."),
    ] = None,
    output: OUTPUT = None,
    sender: SENDER = "",
    receiver: RECEIVER = "",
) -> int:
    """Write a 270 that asks a payer whether the patient of an account is covered, and for what.

    Payer, member and provider are those of the account's latest claim. The written file stands in
    the book as asked; undo takes it back.
    """
    with door.book() as book:
        answer = book.eligibility(
            account,
            payer=payer.strip(),
            on=on.date() if on is not None else None,
            output=output,
            sender=sender.strip(),
            receiver=receiver.strip(),
        )
    return door.answer(answer, show_asked)


def show_asked(answer: Document) -> None:
    """What was asked of whom, and where the file is."""
    out = console()
    for item in answer["asked"]:
        head = [item["claim"], item["patient_control_number"], item["payer"]]
        out.print("  ".join([*map(plain, head), f"trace {item['trace_number']}"]))
    if not answer["written"]:
        out.print("Only shown: nothing is written. Add --output FILE to write it.", style="yellow")
        return
    told = f"{counted(len(answer['asked']), 'question')} written to {plain(answer['file'])}."
    out.print(told, style="green")
    out.print(f"To take it back: medcollect undo {answer['import']}", style="dim")
