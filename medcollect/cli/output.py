"""What people see: consoles, amounts, short tables. Everything goes to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from medcollect.money import format_dollars, parse_cents
from medcollect.reports.cells import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Columns of a table when nobody watches (a pipe, a log): wide enough for a line of figures.
WIDTH_UNWATCHED = 100


def console() -> Console:
    """The console for people: stderr, colours only on a terminal, data never read as markup."""
    from rich.console import Console

    width = None if sys.stderr.isatty() else int(os.environ.get("COLUMNS", WIDTH_UNWATCHED))
    return Console(stderr=True, highlight=False, markup=False, emoji=False, width=width)


def at_a_terminal() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin is not None and sys.stdin.isatty()


def money(value: object) -> str:
    """An amount of the contract (``"1234.50"``) as people read it: ``1,234.50``."""
    cents = parse_cents(str(value)) if value is not None else None
    return plain(value) if cents is None else format_dollars(cents)


def is_zero(value: object) -> bool:
    """Whether an amount is missing or nothing."""
    return value is None or parse_cents(str(value)) == 0


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 finding``, ``2 findings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(title: str, columns: Sequence[tuple[str, str]]) -> Table:
    """An empty table; a column is its heading and ``"money"``, ``"text"`` or ``"wide"``."""
    from rich import box
    from rich.table import Table

    result = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading, kind in columns:
        result.add_column(
            heading,
            justify="right" if kind == "money" else "left",
            no_wrap=kind != "wide",
            overflow="fold",
            ratio=1 if kind == "wide" else None,
        )
    return result


def cut(shown: int, count: int) -> str:
    """How many of a list are shown, where not all of them are."""
    if shown == count:
        return ""
    return " The first one is shown." if shown == 1 else f" The first {shown} are shown."


def indent(value: object, style: str = "") -> None:
    """A text below its heading, wrapped at the same indentation; nothing for no text."""
    from rich.padding import Padding
    from rich.text import Text

    if plain(value):
        console().print(Padding(Text(plain(value), style), (0, 0, 0, 5)))


def add_row(target: Table, cells: Sequence[object], *, style: str = "") -> None:
    """Add a row of plain texts: what stands in a file is shown as it is, never as markup."""
    from rich.text import Text

    target.add_row(*[Text(plain(cell)) for cell in cells], style=style or None)
