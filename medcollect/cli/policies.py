"""What the office decided beforehand: ``settings`` and ``repost``."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, money, table

#: Claims listed one by one before the rest is only counted; --json holds them all.
CLAIMS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "settings",
        "the policies: what is set, from where, and whether it is in force",
        "medcollect settings  # every key with its value and where it comes from",
        "medcollect --settings office.toml settings  # check a file before using it",
        hint="The file is medcollect.toml beside the book; docs/settings.md explains every key.",
    )(settings)
    command(
        app,
        "repost",
        "take changed settings over for what is posted already",
        "medcollect repost --dry-run  # what would change, claim by claim",
        "medcollect repost --reason 'authorizations are not pursued below 20'",
        "medcollect undo S000002  # take the change back",
        hint="Until then a book is judged under the settings it has in force, old and new files.",
    )(repost)


def settings(door: Door) -> int:
    """Show every setting, where its value comes from, and whether the book is judged under it.

    Exit code 1 where the file says something else than what is in force.
    """
    with door.book() as book:
        answer = book.settings()
    return door.answer(answer, show_settings, DONE if answer["in_force"] else DONE_WITH_ERRORS)


def repost(
    door: Door,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, keep nothing.")
    ] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
    user: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides; else your login name.")
    ] = None,
) -> int:
    """Put the settings in force for everything in the book, by counter-entries.

    One set of policies holds for the whole book at any time, so that the order in which files
    came never matters. The change is a version of its own (S000002) that 'undo' takes back.
    """
    with door.book() as book:
        answer = book.repost(dry_run=dry_run, reason=reason, user=user or getpass.getuser())
    return door.answer(answer, show_repost)


def show_settings(answer: Document) -> None:
    """The settings for a terminal."""
    out = console()
    out.print(f"File: {answer['file'] or 'none found: the defaults hold'}")
    version = answer["version"] or "the defaults"
    since = f", since {answer['since']} by {answer['user']}" if answer["since"] else ""
    out.print(f"In force: {version}{since}")
    rows = table(
        "", [("setting", "wide"), ("value", "text"), ("default", "text"), ("from", "text")]
    )
    for key in answer["settings"]:
        style = "" if key["source"] == "default" else "bold"
        add_row(rows, [key["key"], key["value"], key["default"], key["source"]], style=style)
    out.print(rows)
    if not answer["in_force"]:
        changed = ", ".join(item["policy"] for item in answer["differences"])
        out.print(f"Not in force yet: {changed}.", style="yellow")
        out.print("See what they would change: medcollect repost --dry-run")


def show_repost(answer: Document) -> None:
    """What taking the settings over did, or would do."""
    out = console()
    if not answer["changed"]:
        out.print("The settings are in force already; nothing changes.")
        return
    for item in answer["claims"][:CLAIMS_SHOWN]:
        changes = ", ".join(f"{name} {money(text)}" for name, text in item["accounts"].items())
        out.print(f"{item['patient_control_number']}  {item['claim']}  {changes}")
    left = answer["claims_changed"] - CLAIMS_SHOWN
    if left > 0:
        out.print(f"... and {left} more claims; --json shows all.", style="dim")
    would = "would change" if answer["dry_run"] else "changed"
    claims = counted(answer["claims_changed"], "claim")
    out.print(f"{claims} {would}; journal entries: {answer['entries']}.", style="bold")
    for name, text in answer["accounts"].items():
        out.print(f"  {name} {money(text)}")
    opened, settled = len(answer["opened"]), len(answer["settled"])
    out.print(f"Exceptions that open: {opened}; that settle: {settled}.")
    if answer["version"]:
        out.print(f"To take it back: medcollect undo {answer['version']}", style="dim")
