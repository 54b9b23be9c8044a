"""Files read without a book: ``check`` and ``parse``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.files import LIMITS, PATHS, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.masking import KEY, show_key
from medcollect.cli.output import add_row, console, counted, money, table
from medcollect.cli.progress import bytes_progress
from medcollect.cli.writing import show_taken_apart
from medcollect.errors import BadRequest

if TYPE_CHECKING:
    from medcollect.limits import Limits


class DataFormat(StrEnum):
    """How documents are written."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    segments = "segments"


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "check",
        "is a file sound, does it prove to the cent?",
        "medcollect check era.835  # is the file sound, does every line prove?",
        "medcollect check inbox/ --json  # every finding with its place, for a script",
        "medcollect check era.835 --guide  # the implementation guide's rules as well",
        "medcollect check claims.837 --ack answer.999  # and write the 999 for the sender",
        hint="Needs no book and keeps nothing.",
    )(check)
    command(
        app,
        "parse",
        "remittances and claims as JSON lines, CSV or Parquet",
        "medcollect parse era.835 > era.jsonl  # a record per line",
        "medcollect parse era.835 --raw > era.jsonl  # with every raw segment",
        "medcollect parse inbox/ --to csv --output tables  # a folder of CSV files",
        "medcollect parse inbox/ --to parquet --output tables  # needs medcollect[bulk]",
        "medcollect parse era.835 --mask > era.jsonl  # without the people in it",
        "medcollect parse era.835 --to segments > era.jsonl  # exact, for medcollect write",
        hint="The data holds whatever the file holds, patients' data included; see --mask.",
    )(parse)


def check(
    door: Door,
    paths: PATHS,
    guide: Annotated[
        bool, typer.Option("--guide", help="Judge by the implementation guide too (slow).")
    ] = False,
    ack: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the acknowledgement (999) here.")
    ] = None,
    ta1: Annotated[
        Path | None, typer.Option("--ta1", metavar="FILE", help="Write the TA1 here.")
    ] = None,
    limit: LIMITS = None,
) -> int:
    """Check 835 and 837 files: envelope, structure, codes, and the proofs in cents.

    Three equations must hold: each line's charge less its adjustments is its payment, so is each
    claim's, and the claims less the provider adjustments are the check.
    """
    from medcollect.limits import Limits
    from medcollect.tasks.check import check as check_files

    limits = Limits.named(limit or ())
    with bytes_progress("Checking") as progress:
        answer = check_files(paths, guide=guide, ack=ack, ta1=ta1, progress=progress, limits=limits)
    code = DONE_WITH_ERRORS if answer["findings"]["error"] else DONE
    return door.answer(answer, show_check, code)


def show_check(answer: Document) -> None:
    """Each transaction with its figures and its verdict, then the findings."""
    columns = [("file", "wide"), ("kind", "text"), ("claims", "money"), ("charged", "money")]
    columns += [("paid", "money"), ("PLB", "money"), ("check", "money"), ("proves", "text")]
    rows = table("What was read", columns)
    for file in answer["files"]:
        name = str(file["path"]).rsplit("/", 1)[-1]
        if not file["transactions"]:
            add_row(rows, [name, file["status"]], style="dim")
        for told in file["transactions"]:
            add_row(rows, [name, *_transaction_cells(told)], style=_style(told))
    console().print(rows)
    show_findings(answer["files"])
    counts = answer["findings"]
    errors, warnings = counted(counts["error"], "error"), counted(counts["warning"], "warning")
    console().print(f"{errors}, {warnings}.", style="red" if counts["error"] else "green")


def _transaction_cells(told: dict[str, Any]) -> list[object]:
    claims = told.get("claim_payments", told.get("claims"))
    amounts = [told.get(name) for name in ("paid", "provider_adjustments", "payments_total")]
    return [
        told["kind"],
        claims,
        money(told.get("charged")),
        *map(money, amounts),
        told.get("balanced"),
    ]


def _style(told: dict[str, Any]) -> str:
    return "yellow" if told.get("balanced") is False else ""


def parse(
    door: Door,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder, or - for stdin.")],
    to: Annotated[DataFormat, typer.Option("--to", help="How to write it.")] = DataFormat.jsonl,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="To this file; a folder for tables."),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="With the raw segments of every loop (JSON lines).")
    ] = False,
    mask: Annotated[
        bool, typer.Option("--mask", help="Mask every file first, as medcollect mask does.")
    ] = False,
    key: KEY = None,
    limit: LIMITS = None,
) -> int:
    """Write remittances and claims as data: JSON lines, or tables as CSV or Parquet.

    JSON lines hold a record each: remittance, claim payment, claim, finding. CSV and Parquet are a
    folder of tables (remittances, claim_payments, service_payments, adjustments, claims, ...).
    Segments are the file itself, exact to the byte; medcollect write gives it back.
    """
    from medcollect.limits import Limits
    from medcollect.tasks.mask import new_key
    from medcollect.tasks.parse import parse as parse_files

    if key is not None and not (mask and key.strip()):
        raise BadRequest("--key goes with --mask, and is not empty.", "Add --mask.")
    lines = to in {DataFormat.jsonl, DataFormat.segments}
    if output is None and (door.as_json or not lines):
        raise BadRequest(_NO_PLACE, "Add --output and a file for jsonl, a folder for csv, parquet.")
    limits, used = Limits.named(limit or ()), (key or new_key()) if mask else None
    if to is DataFormat.segments:
        return _segments(door, path, output, used, key, limits)
    with bytes_progress("Parsing") as progress:
        answer = parse_files(
            [path],
            to,
            output or sys.stdout,
            raw=raw,
            mask_key=used,
            progress=progress,
            limits=limits,
        )
    if mask:
        answer["key"] = None if key else used
    code = DONE_WITH_ERRORS if answer["findings"]["error"] else DONE
    return door.answer(answer, show_parsed, code)


def _segments(
    door: Door,
    path: str,
    output: Path | None,
    mask_key: str | None,
    key: str | None,
    limits: Limits,
) -> int:
    """The exact segments of one file, masked first where a key is given."""
    from medcollect.tasks.write import segments as take_apart

    answer = take_apart(path, output or sys.stdout.buffer, mask_key=mask_key, limits=limits)
    answer["key"] = None if key else mask_key
    return door.answer(answer, _show_segments)


def _show_segments(answer: Document) -> None:
    show_taken_apart(answer)
    show_key(answer["key"])


_NO_PLACE = "Tables need a folder to be written to, and so does data beside --json."


def show_parsed(answer: Document) -> None:
    """How many records there were of each kind; ``check`` tells the findings."""
    told = [
        counted(count, name.replace("_", " "))
        for name, count in answer["documents"].items()
        if count
    ]
    console().print(f"{counted(answer['files'], 'file')}: {', '.join(told) or 'nothing'}.")
    show_key(answer.get("key"))
    if answer["findings"]["error"]:
        errors = counted(answer["findings"]["error"], "error")
        console().print(f"{errors} in the data; medcollect check tells them.", style="red")
