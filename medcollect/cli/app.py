"""The application: global options, and the one place where the commands are gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from medcollect import __version__
from medcollect.cli import (
    accounts,
    asking,
    balances,
    bank,
    billing,
    casework,
    closing,
    contracts,
    demo,
    desk,
    entering,
    explain,
    files,
    letters,
    masking,
    payments,
    policies,
    reading,
    recoveries,
    report,
    serve,
    worklists,
    writing,
)
from medcollect.cli.command import Defaults
from medcollect.cli.usage import Commands

INTRODUCTION = """Gets medical claims paid and patient balances right.

Reads remittances (835) and claims (837), proves every cent, posts them to a book, and answers
three questions: what was denied and what to do next, where a claim's money stands and why, and
what a patient owes."""

EXAMPLES = """\b
Start here:
  medcollect demo            a tour on invented samples, in a minute
  medcollect import inbox/   read and post a folder of 835 and 837 files
  medcollect denials         what was refused, in order of work
  medcollect claim PCN-1001  one claim, step by step

\b
Exit codes: 0 done; 1 done, with errors in the data or exceptions left; 2 not understood;
3 nothing done."""

app = typer.Typer(
    name="medcollect",
    cls=Commands,
    help=INTRODUCTION,
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode=None,
    # A traceback can show a patient's data: see guard.py for what people get instead.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"medcollect {__version__}")
        raise typer.Exit


@app.callback()
def global_options(
    context: typer.Context,
    book: Annotated[
        str,
        typer.Option(
            "--book",
            metavar="URL",
            envvar="MEDCOLLECT_BOOK",
            help="The book: a file name or a database URL. The first import makes it.",
        ),
    ] = "sqlite:///medcollect.db",
    settings: Annotated[
        str | None,
        typer.Option(
            "--settings",
            metavar="FILE",
            envvar="MEDCOLLECT_SETTINGS",
            help="The settings file; else medcollect.toml beside the book.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON document on stdout.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep what holds for every command."""
    source = context.get_parameter_source("book")
    named = source is not None and source.name == "COMMANDLINE"
    context.obj = Defaults(book=book, as_json=as_json, book_named=named, settings=settings)


for room in (
    reading,
    writing,
    masking,
    files,
    balances,
    entering,
    worklists,
    casework,
    letters,
    contracts,
    explain,
    recoveries,
    payments,
    desk,
    accounts,
    bank,
    billing,
    asking,
    report,
    closing,
    policies,
    serve,
    demo,
):
    room.register(app)
