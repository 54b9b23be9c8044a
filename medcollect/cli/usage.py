"""A command that cannot be understood: a sentence for people, an error document with ``--json``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from medcollect.cli.guard import NOT_UNDERSTOOD, no_answer, tell

#: What the parser raises; newer typers carry a copy of click that has no public name.
_USAGE_ERROR: Final[type[Exception]] = typer.BadParameter.__mro__[2]


class Commands(TyperGroup):
    """The commands, with the contract's answer to what the parser refuses (DESIGN 8.1)."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command line and leave with its exit code; in a larger program, just run it."""
        if not extra.get("standalone_mode", True):
            return super().main(args, *rest, **extra)
        given = sys.argv[1:] if args is None else list(args)
        wants_json = "--json" in given
        try:
            code = super().main(args, *rest, **{**extra, "standalone_mode": False})
        except typer.Abort:
            code = no_answer(as_json=wants_json)
        except _USAGE_ERROR as error:
            code = _explain(error, as_json=wants_json)
        sys.exit(code or 0)


def _explain(error: Any, *, as_json: bool) -> int:
    """What the parser did not understand."""
    if not as_json:
        error.show()
        return NOT_UNDERSTOOD
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "medcollect"
    tell(
        "Not understood",
        str(error.format_message()),
        f"{path} --help shows examples.",
        as_json=True,
    )
    return NOT_UNDERSTOOD
