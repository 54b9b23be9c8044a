"""A command line whose book is a fake, run in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from medcollect.cli.app import app
from medcollect.cli.command import Door
from tests.unit.cli.fake_book import FakeBook


class Run:
    """What one run of the command line gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def json(self) -> Any:
        """The one document on stdout; anything else there is an error of the test."""
        return json.loads(self.out)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> FakeBook:
    """The book that every command of the test opens."""
    fake = FakeBook()

    @contextmanager
    def opened(door: Door, *, make: bool = False) -> Iterator[FakeBook]:
        fake.asked.append(("open", (door.book_url,), {"make": make}))
        yield fake

    monkeypatch.setattr(Door, "book", opened)
    return fake


@pytest.fixture
def run(book: FakeBook) -> Callable[..., Run]:
    """Run the command line with these arguments."""

    def call(*arguments: str, stdin: str | None = None, **environment: str) -> Run:
        variables = {"COLUMNS": "140", "MEDCOLLECT_BOOK": None, **environment}
        result = CliRunner().invoke(app, list(arguments), input=stdin, env=variables)
        return Run(result.exit_code, result.stdout, result.stderr)

    return call
