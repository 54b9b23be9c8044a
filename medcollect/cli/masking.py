"""``mask``: a file without the people in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medcollect.cli.command import Document, Door, command
from medcollect.cli.files import LIMITS, show_findings
from medcollect.cli.guard import DONE, NOTHING_DONE
from medcollect.cli.output import console, counted

KEY = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="The same key gives the same replacements."),
]


def register(app: typer.Typer) -> None:
    """Add this file's command."""
    command(
        app,
        "mask",
        "a copy of a file without names, numbers, addresses and free text",
        "medcollect mask era.835  # writes era.masked.835 and tells the key",
        "medcollect mask claims.837 --key KEY  # alike: the 835 still answers its 837",
        "medcollect mask era.835 --output shown.835 --json  # for a script",
        hint="Amounts, codes and states stay. Look at the copy before you hand it on.",
    )(mask)


def mask(
    door: Door,
    file: Annotated[str, typer.Argument(metavar="FILE", help="An 835 or 837, or - for stdin.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT", help="Write the copy here.")
    ] = None,
    key: KEY = None,
    limit: LIMITS = None,
) -> int:
    """Mask an 835 or 837, so that it can be shown when asking for help.

    The copy has the same segments, elements, amounts and codes, so it proves or fails as the
    original does. Names, numbers, addresses, phones and free text are replaced, dates move some
    whole weeks back. It is then searched for what was replaced; where anything is left, nothing is
    written and the places are named.
    """
    from medcollect.limits import Limits
    from medcollect.tasks.mask import mask_file

    answer = mask_file(file, output, key=key, limits=Limits.named(limit or ()))
    code = NOTHING_DONE if answer["status"] == "refused" else DONE
    return door.answer(answer, show_masked, code)


def show_masked(answer: Document) -> None:
    """Where the copy is and the key it was made under, or why there is none."""
    if answer["status"] == "refused":
        show_findings([answer])
        console().print("Nothing was written.", style="red")
        return
    console().print(f"{answer['output']}: {counted(answer['replaced'], 'value')} replaced.")
    show_key(answer["key"])


def show_key(key: str | None) -> None:
    """Tell a key that was made up, for the files that belong to this one."""
    if key is not None:
        console().print(f"Mask other files alike with --key {key}")
        console().print("Keep the key to yourself: with it, guesses can be tried.", style="dim")
