"""``report``: one figure sheet of the book, for people, scripts and spreadsheets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE
from medcollect.cli.output import console
from medcollect.errors import BadRequest


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    csv = "csv"
    json = "json"
    xlsx = "xlsx"


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "report",
        "aging, patient-balances, claims, denials, remittances, imports",
        "medcollect report aging  # what is open, by age",
        "medcollect report patient-balances --output due.xlsx  # a spreadsheet",
        "medcollect report claims --format csv > claims.csv  # every claim",
        "medcollect report aging --as-of 2026-01-31 --format json",
        "medcollect report imports  # the ids of imports, for 'medcollect undo'",
        hint="Reports: aging, patient-balances, claims, denials, remittances, imports.",
    )(report)


def report(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which report (see below).")],
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="As of this day; else today."),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="How to write it; else by the ending of --output."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="To this file; else to the terminal."),
    ] = None,
) -> int:
    """Print a report of the book, or write it as CSV, JSON or a spreadsheet.

    Every figure is a sum of postings, the same that 'claim' and 'balance' show.
    """
    format_ = format_ or _implied(output, door)
    if format_ is Format.xlsx and output is None and sys.stdout.isatty():
        raise BadRequest("A spreadsheet needs a file.", f"Add --output {name}.xlsx")
    with door.book() as book:
        answer = book.report(name, as_of=as_of.date() if as_of else None)
    if format_ is Format.table and output is None:
        _show(answer)
        return DONE
    _write(_WRITERS[format_](answer), output)
    return DONE


def _implied(output: Path | None, door: Door) -> Format:
    """The format that a person did not name: JSON with ``--json``, else by the file's ending."""
    if door.as_json:
        return Format.json
    ending = output.suffix.removeprefix(".").lower() if output else ""
    return Format(ending) if ending in set(Format) else Format.table


def _show(answer: Document) -> None:
    """The report for a terminal."""
    from medcollect.reports.table import to_table

    out = console()
    out.print(to_table(answer, out.width))
    if not answer["rows"]:
        out.print("Nothing to report.")


def _write(content: bytes, output: Path | None) -> None:
    """Write to the file asked for, else to stdout."""
    if output is not None:
        from medcollect.reports.saving import write_whole

        write_whole(output, content)
        return
    sys.stdout.buffer.write(content)


def _as_table(answer: Document) -> bytes:
    """The table as plain text, for ``--output``."""
    from io import StringIO

    from rich.console import Console

    from medcollect.reports.table import to_table

    out = StringIO()
    Console(file=out, width=160, markup=False, highlight=False).print(to_table(answer))
    return out.getvalue().encode()


def _as_csv(answer: Document) -> bytes:
    from medcollect.reports.csv_text import to_csv

    return to_csv(answer).encode()


def _as_xlsx(answer: Document) -> bytes:
    from medcollect.reports.spreadsheet import to_xlsx

    return to_xlsx(answer)


def _as_json(answer: Document) -> bytes:
    return (json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode()


_WRITERS: dict[Format, Callable[[Document], bytes]] = {
    Format.table: _as_table,
    Format.csv: _as_csv,
    Format.json: _as_json,
    Format.xlsx: _as_xlsx,
}
