"""A file taken apart to the last byte, and written again: ``segments`` and ``write``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.files import LIMITS
from medcollect.cli.output import console, counted
from medcollect.errors import BadRequest

OUTPUT = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="To this file, not to the terminal."),
]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    command(
        app,
        "segments",
        "short for parse --to segments: a file exact to the byte",
        "medcollect segments era.835 > era.jsonl  # take a file apart",
        "medcollect segments era.835 | grep CLP  # the claims of a file, one per line",
        hint="The data holds whatever the file holds, patients' data included.",
    )(segments)
    command(
        app,
        "write",
        "a file from the JSON lines of parse --to segments",
        "medcollect write era.jsonl > era.835  # the same bytes again",
        "medcollect write era.jsonl --output era.835  # straight to a file",
        hint="What was edited in between is written as it stands; medcollect check judges it.",
    )(write)


def segments(
    door: Door,
    path: Annotated[str, typer.Argument(metavar="FILE", help="A file, or - for stdin.")],
    output: OUTPUT = None,
    limit: LIMITS = None,
) -> int:
    """Take an EDI file apart without losing a byte: a JSON line for each segment.

    Elements stand in a list; separators, line breaks, indentation, a byte order mark and text
    around the interchanges are kept too, so that medcollect write gives the same bytes again.
    Any X12 file will do, not only 835 and 837. No limit leaves anything out: they bound archives
    and what is held in memory.
    """
    from medcollect.limits import Limits
    from medcollect.tasks.write import segments as take_apart

    _needs_place(door, output)
    limits = Limits.named(limit or ())
    answer = take_apart(path, output or sys.stdout.buffer, limits=limits)
    return door.answer(answer, show_taken_apart)


def write(
    door: Door,
    path: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines, or - for stdin.")],
    output: OUTPUT = None,
    limit: LIMITS = None,
) -> int:
    """Write an EDI file from what parse --to segments took apart: the same bytes.

    An element that was edited in between is written as it stands; counts and control numbers are
    not touched.
    """
    from medcollect.limits import Limits
    from medcollect.tasks.write import write as put_together

    _needs_place(door, output)
    limits = Limits.named(limit or ())
    answer = put_together(path, output or sys.stdout.buffer, limits=limits)
    return door.answer(answer, show_taken_apart)


def _needs_place(door: Door, output: Path | None) -> None:
    if door.as_json and output is None:
        raise BadRequest("The data needs a place beside --json.", "Add --output and a file.")


def show_taken_apart(answer: Document) -> None:
    """How much was taken apart or put together."""
    told = counted(answer["segments"], "segment")
    console().print(f"{told} in {counted(answer['interchanges'], 'interchange')}.")
