"""The book on a real PostgreSQL gives what it gives on SQLite, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from tests.support.book_state import differences, state_of
from tests.support.corpus import claim_files, require_corpus

SAMPLES = Path(__file__).parents[2] / "edi_samples"
REPORTS = ("claims", "denials", "remittances", "patient-balances", "aging")


@pytest.fixture
def books(new_postgres_book: Callable[[], str], tmp_path: Path) -> Iterator[list[Book]]:
    """An empty book on each database."""
    with (
        medcollect.open_book(new_postgres_book()) as postgres,
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


def test_the_whole_corpus_is_the_same_on_both(books: list[Book]) -> None:
    """Every published claim and remittance, whatever is wrong with it: answers, reports and
    balances agree on both databases, to the cent."""
    corpus = require_corpus()
    _same_answers(books, [str(corpus / name) for name in claim_files()])

    assert differences(*(state_of(book._store.url) for book in books)) == {}


def test_what_no_database_takes_stops_no_import(books: list[Book], tmp_path: Path) -> None:
    """NUL characters in numbers and names, a file's name in no known alphabet: the rest of the
    file counts as on SQLite."""
    sample = (SAMPLES / "05-835-commercial-copay-and-deductible.edi").read_bytes()
    spoiled = sample.replace(b"CLP*", b"CLP*\0").replace(b"NM1*QC*1*", b"NM1*QC*1*\0")
    (tmp_path / "spoiled.835").write_bytes(spoiled.replace(b"TRN*1*", b"TRN*1*A\0"))
    (tmp_path / "caf\udce9.835").write_bytes(sample)

    for expected in (2, 0):
        postgres, sqlite = (book.import_files([tmp_path]) for book in books)
        assert postgres["remittances"] == expected
        assert postgres == sqlite
