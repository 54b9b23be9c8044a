"""``close``: a period whose figures are handed in takes no new entries."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE
from medcollect.cli.output import console, counted, money


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "close",
        "close a month: later corrections go to the open one",
        "medcollect close 2026-03 --reason 'handed to the accountant'",
        "medcollect close 2026-03-15 --reason 'half month'  # up to a day",
        "medcollect report closings  # who closed what",
        "medcollect undo K000001  # open it again",
    )(close)


def close(
    door: Door,
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help="A month (2026-03) or a day (2026-03-31).")
    ],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; kept with the closing.")
    ] = "end of period",
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who closes; else your login name.")
    ] = None,
) -> int:
    """Close the books up to the end of a period.

    A closed period takes no new entries. What is learned of it later, or undone, stands in the
    open period of the ledger, the trial balance and the day sheet; balances of claims and patients
    are always those of what is known now.
    """
    with door.book() as book:
        answer = book.close_period(period, reason=reason, user=user or getpass.getuser())
    return door.answer(answer, show_closing, DONE)


def show_closing(answer: Document) -> None:
    """What was closed, and what waits in it."""
    out = console()
    out.print(
        f"{answer['closing']}: the books are closed through {answer['closed_through']}.",
        style="green",
    )
    waiting = answer["waiting"]
    if waiting["exceptions"]:
        out.print(
            f"Still waiting in these days: {counted(waiting['exceptions'], 'exception')}, "
            f"{money(waiting['amount'])}. What is posted of it will stand in the open period.",
            style="yellow",
        )
    out.print(f"To open them again: medcollect undo {answer['closing']}", style="dim")
