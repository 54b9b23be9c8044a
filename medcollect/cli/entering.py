"""``enter``: explanations of benefits on paper, posted line by line with the same proofs."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Door, command
from medcollect.cli.files import has_errors, show_import
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import console
from medcollect.errors import BadRequest, NotAllowed


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "enter",
        "post payments that came on paper",
        "medcollect enter --template eob.csv  # an empty sheet to fill in",
        "medcollect enter eob.csv --dry-run  # read, prove, match; keep nothing",
        "medcollect enter eob.csv  # post it",
        "medcollect undo I000002  # take it back",
    )(enter)


def enter(
    door: Door,
    sheet: Annotated[
        Path | None, typer.Argument(metavar="[SHEET]", help="A CSV file, a row for each line.")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write an empty sheet here, with an example row."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything, keep nothing.")
    ] = False,
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who enters it; else your login name.")
    ] = None,
) -> int:
    """Post explanations of benefits and insurers' checks that came on paper.

    Each payment becomes a remittance: charge less adjustments must be the payment on every line,
    the claims less what the payer kept must be the check. What does not prove is held, as in a
    file. The same payment entered twice posts once.
    """
    if template is not None:
        return _write_template(door, template)
    if sheet is None:
        raise BadRequest("Name a sheet.", "--template eob.csv writes an empty one.")
    with door.book(make=True) as book:
        answer = book.enter_sheet(sheet, user=user or getpass.getuser(), dry_run=dry_run)
    left = has_errors(answer["files"]) or answer.get("exceptions")
    return door.answer(answer, show_import, DONE_WITH_ERRORS if left else DONE)


def _write_template(door: Door, path: Path) -> int:
    """Write the empty sheet and say what its columns hold."""
    from medcollect.saving import save
    from medcollect.tasks.enter_sheet import COLUMNS, template

    if path.exists():
        raise NotAllowed(f"{path} is there already.", "Name a file that is not there yet.")
    save(path, template().encode())

    def show(_: object) -> None:
        out = console()
        out.print(f"{path} is written. Its columns:", style="green")
        for column, means in COLUMNS.items():
            out.print(f"  {column:<27} {means}", highlight=False)

    return door.answer({"written": str(path), "columns": COLUMNS}, show, DONE)
