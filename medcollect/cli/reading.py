"""Files read without a book: ``check`` and ``parse``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from medcollect.cli.command import Document, Door, command, write_json
from medcollect.cli.files import PATHS, show_findings
from medcollect.cli.guard import DONE, DONE_WITH_ERRORS
from medcollect.cli.output import add_row, console, counted, money, table
from medcollect.cli.progress import bytes_progress
from medcollect.errors import BadRequest

if TYPE_CHECKING:
    from medcollect.findings import Finding
    from medcollect.model.claim import Claim
    from medcollect.model.remittance import Remittance


class DataFormat(StrEnum):
    """How documents are written."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


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
        "medcollect parse era.835 > era.jsonl  # a remittance or claim per line, nothing lost",
        "medcollect parse era.835 --to csv --output lines.csv  # a row per line",
        "medcollect parse inbox/ --to parquet --output lines.parquet",
        hint="The data holds whatever the file holds, patients' data included.",
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
) -> int:
    """Check 835 and 837 files: envelope, structure, codes, and the proofs in cents.

    Three equations must hold: each line's charge less its adjustments is its payment, so is each
    claim's, and the claims less the provider adjustments are the check.
    """
    from medcollect.tasks.check import check as check_files

    with bytes_progress("Checking") as progress:
        answer = check_files(paths, guide=guide, ack=ack, progress=progress)
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
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="To this file.")
    ] = None,
) -> int:
    """Write remittances and claims as data: typed fields and every raw segment."""
    if to is DataFormat.parquet and output is None:
        raise BadRequest("Parquet needs a file.", "Add --output lines.parquet")
    findings: list[Finding] = []
    documents = _documents(path, findings)
    if door.as_json:
        _write_one_document(documents, findings)
    else:
        _PARSED[to](documents, output)
        _show_count(findings)
    return DONE_WITH_ERRORS if any(f.severity == "error" for f in findings) else DONE


def _documents(path: str, findings: list[Finding]) -> Iterator[Remittance | Claim]:
    """Every document below a path; what cannot be read becomes a finding."""
    from medcollect.files import FileProblem, find_files
    from medcollect.x12 import read

    for file in find_files([path]):
        if isinstance(file, FileProblem):
            findings.append(file.finding)
            continue
        with file.open() as stream:
            yield from read(stream, findings=findings)


def _write_one_document(documents: Iterator[Remittance | Claim], findings: list[Finding]) -> None:
    """With ``--json``: everything as one JSON document, held in memory."""
    import msgspec

    from medcollect.reports.documents import as_data

    read = [as_data(document) for document in documents]
    write_json({"documents": read, "findings": msgspec.to_builtins(findings)})


def _show_count(findings: list[Finding]) -> None:
    """How many findings there were; ``check`` tells them."""
    if findings:
        told = f"{counted(len(findings), 'finding')}; medcollect check tells what."
        console().print(told, style="yellow")


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    """The file asked for, else stdout."""
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        yield file


def _to_jsonl(documents: Iterator[Remittance | Claim], output: Path | None) -> None:
    """One document per line."""
    from medcollect.reports.documents import as_data

    with _opened(output) as file:
        for document in documents:
            file.write(json.dumps(as_data(document), ensure_ascii=False) + "\n")


def _to_csv(documents: Iterator[Remittance | Claim], output: Path | None) -> None:
    """One row per line of a claim or claim payment."""
    from medcollect.reports.csv_text import write_rows
    from medcollect.reports.documents import FLAT_COLUMNS, flat_rows

    rows = (row for document in documents for row in flat_rows(document))
    with _opened(output) as file:
        write_rows(file, FLAT_COLUMNS, rows)


def _to_parquet(documents: Iterator[Remittance | Claim], output: Path | None) -> None:
    """The rows of CSV with real decimals and dates."""
    from medcollect.reports.documents import flat_rows
    from medcollect.reports.parquet import write_parquet

    if output is not None:
        write_parquet((row for document in documents for row in flat_rows(document)), output)


_PARSED: dict[DataFormat, Callable[..., None]] = {
    DataFormat.jsonl: _to_jsonl,
    DataFormat.csv: _to_csv,
    DataFormat.parquet: _to_parquet,
}
