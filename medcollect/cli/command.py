"""How a command is declared: every one gets ``--book``, ``--json``, examples and the same errors.

A command is a function whose first parameter is a :class:`Door` and whose other parameters are
its own options. It returns the exit code.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medcollect.cli.guard import run_guarded

if TYPE_CHECKING:
    from medcollect.book import Book
    from medcollect.settings import Settings

Document = dict[str, Any]
Command = Callable[..., int]

_CONTEXT = inspect.Parameter(
    "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
)
_COMMON = (
    inspect.Parameter(
        "book",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            str | None,
            typer.Option("--book", metavar="URL", help="The book; else MEDCOLLECT_BOOK."),
        ],
    ),
    inspect.Parameter(
        "as_json",
        inspect.Parameter.KEYWORD_ONLY,
        default=False,
        annotation=Annotated[
            bool, typer.Option("--json", help="Answer with one JSON document on stdout.")
        ],
    ),
)


@dataclass(frozen=True)
class Defaults:
    """What the options before the command say; the same options after it win."""

    book: str
    as_json: bool
    book_named: bool
    settings: str | None = None


@dataclass(frozen=True)
class Door:
    """What a command needs of the outside: the book, and the way to answer.

    ``book_named`` is true where the person named the book on the command line.
    """

    book_url: str
    as_json: bool
    book_named: bool = False
    settings: str | None = None

    @contextmanager
    def book(self, *, make: bool = False) -> Iterator[Book]:
        """Open the book for one command; only commands that bring something in may make one."""
        from medcollect.book import open_book

        with open_book(self.book_url, make=make, settings=self.settings) as book:
            yield book

    def office(self) -> Settings:
        """What the settings file says, without opening the book."""
        from medcollect.settings import find_settings, read_settings

        return read_settings(find_settings(self.settings, self.book_url))

    def answer(self, document: Document, show: Callable[[Document], None], code: int = 0) -> int:
        """Give the answer to a script (JSON on stdout) or to a person (``show`` on stderr)."""
        if self.as_json:
            write_json(document)
        else:
            show(document)
        return code


def write_json(document: Document) -> None:
    """Write one JSON document on stdout."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def book_url(text: str) -> str:
    """The URL of a book that a person may have named by its file alone."""
    return text if "://" in text else f"sqlite:///{text}"


def command(
    app: typer.Typer, name: str, summary: str, *examples: str, hint: str = ""
) -> Callable[[Command], Command]:
    """Register a function as the command ``name``; its docstring is the help.

    ``summary`` is its line in the list of commands. ``examples`` are shown below the help, each
    with its own explanation after a ``#``; ``hint`` below them.
    """

    def register(function: Command) -> Command:
        epilog = _epilog(examples, hint)
        told = inspect.getdoc(function)
        app.command(name, help=told, short_help=summary, epilog=epilog)(_with_door(function))
        return function

    return register


def _epilog(examples: tuple[str, ...], hint: str) -> str:
    """Examples one under the other, with their explanations in a column as they stand."""
    pairs = [example.partition("#") for example in examples]
    width = max(len(call.strip()) for call, _, _ in pairs)
    lines = [f"  {call.strip().ljust(width)}  {why.strip()}".rstrip() for call, _, why in pairs]
    text = "\b\nExamples:\n" + "\n".join(lines)
    return f"{text}\n\n{hint}" if hint else text


def _with_door(function: Command) -> Callable[..., None]:
    """Wrap a command so that typer sees the common options and the command sees a door."""

    @wraps(function)
    def run(
        context: typer.Context, *, book: str | None, as_json: bool, **arguments: object
    ) -> None:
        defaults: Defaults = context.obj
        door = Door(
            book_url(book or defaults.book),
            as_json=as_json or defaults.as_json,
            book_named=book is not None or defaults.book_named,
            settings=defaults.settings,
        )
        raise typer.Exit(run_guarded(lambda: function(door, **arguments), as_json=door.as_json))

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    parameters = [_CONTEXT, *own, *_COMMON]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
