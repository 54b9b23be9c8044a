"""``report``: one figure sheet of the book, for people, scripts and spreadsheets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.guard import DONE
from medcollect.cli.output import console, counted
from medcollect.errors import BadRequest


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    csv = "csv"
    json = "json"
    xlsx = "xlsx"


#: The reports there are, for --help; the book refuses any other.
REPORTS = (
    "aging",
    "patient-balances",
    "claims",
    "waiting",
    "provider-adjustments",
    "denials",
    "patterns",
    "overturns",
    "root-causes",
    "no-answer",
    "remittances",
    "patient-payments",
    "imports",
    "decisions",
    "correspondence",
    "day-sheet",
    "trial-balance",
    "ledger",
    "closings",
)


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "report",
        "figure sheets: aging, balances, ledger and more",
        "medcollect report aging  # what is open, by age",
        "medcollect report patient-balances --output due.xlsx  # a spreadsheet",
        "medcollect report claims --format csv > claims.csv  # every claim",
        "medcollect report aging --as-of 2026-01-31 --format json",
        "medcollect report imports  # the ids of imports, for 'medcollect undo'",
        "medcollect report waiting  # payers that have yet to answer, overdue ones first",
        "medcollect report no-answer  # claims beyond their payer's usual time",
        "medcollect report overturns  # what came of denials, by payer and what was done",
        "medcollect report root-causes --output causes.xlsx  # where denials come from",
        "medcollect report trial-balance --from 2026-03-01 --as-of 2026-03-31",
        "medcollect report ledger --from 2026-03-01 --output ledger.xlsx  # every posting",
        hint=f"Reports: {', '.join(REPORTS)}.",
    )(report)


def report(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which report (see below).")],
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="As of this day; else today.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM-DD", help="From this day (ledger and the like)."),
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

    Every figure is a sum of postings, the same that 'claim' and 'balance' show. The ledger, the
    trial balance and the day sheet go by the day of the ledger, which never lies in a closed
    period.
    """
    format_ = _chosen(format_, output, as_json=door.as_json)
    day, first = day_of("--as-of", as_of), day_of("--from", since)
    if format_ is Format.xlsx and output is None and sys.stdout.isatty():
        raise BadRequest("A spreadsheet needs a file.", f"Add --output {name}.xlsx")
    with door.book() as book:
        answer = book.report(name, as_of=day, since=first)
    if output is not None:
        return _save(answer, format_, output, door)
    if format_ is Format.table:
        _show(answer)
        return DONE
    sys.stdout.buffer.write(_WRITERS[format_](answer))
    return DONE


def _chosen(asked: Format | None, output: Path | None, *, as_json: bool) -> Format:
    """The format asked for, else the one that the file's ending or ``--json`` says."""
    if output is not None:
        return asked or _by_ending(output)
    if as_json and asked not in {None, Format.json}:
        message = f"--json and --format {asked} cannot both have stdout."
        raise BadRequest(message, "Leave one of them out, or name a file with --output.")
    return asked or (Format.json if as_json else Format.table)


_ENDINGS = {".csv": Format.csv, ".json": Format.json, ".xlsx": Format.xlsx, ".txt": Format.table}


def _by_ending(output: Path) -> Format:
    """How to write a file by its name; what the name does not say is asked for."""
    found = _ENDINGS.get(output.suffix.lower())
    if found is None:
        message = f"The ending of {output.name} does not say how to write it."
        raise BadRequest(message, f"Use one of {', '.join(_ENDINGS)}, or add --format.")
    return found


def day_of(option: str, text: str | None) -> date | None:
    """The day a person typed."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        message = f"{option} {text} is no day."
        raise BadRequest(message, "Write it as YYYY-MM-DD, such as 2026-01-31.") from None


def _save(answer: Document, format_: Format, output: Path, door: Door) -> int:
    """Write the report to its file, and say so."""
    from medcollect.saving import save

    save(output, _WRITERS[format_](answer))
    rows = len(answer["rows"])
    told = {"report": answer["report"], "written": str(output), "rows": rows}
    return door.answer(
        told, lambda _: console().print(f"{counted(rows, 'row')} written to {output}.")
    )


def _show(answer: Document) -> None:
    """The report for a terminal."""
    from medcollect.reports.table import to_table

    out = console()
    out.print(to_table(answer, out.width))
    if not answer["rows"]:
        out.print("Nothing to report.")


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
