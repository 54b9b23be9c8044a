"""Every published 835 and 837 file in one book: DESIGN section 6.1 over real input.

Most of these files fail some equation, repeat one another's numbers or are cut off; whatever they
say, the book proves, imports nothing twice, and comes back to nothing and to itself by undo.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.book_state import State, connect, differences, proofs_of, rows_of, state_of
from tests.support.corpus import claim_files, require_corpus


class CorpusBook:
    """A book with the whole corpus, and what it said when the corpus had just been imported."""

    def __init__(self, new_book: Callable[[], str], corpus: Path) -> None:
        self.new_book = new_book
        self.url = new_book()
        self.files = [corpus / name for name in claim_files()]
        self.answer = self.add()
        self.first: State = state_of(self.url)

    def open(self) -> Any:
        return medcollect.open_book(self.url)

    def add(self) -> dict[str, Any]:
        with self.open() as door:
            answer: dict[str, Any] = door.import_files(self.files)
        return answer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def corpus_book(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> CorpusBook:
    """The corpus on each database in turn."""
    make: Callable[[], str]
    if request.param == "postgresql":
        make = request.getfixturevalue("new_postgres_book")
    else:
        books = (tmp_path_factory.mktemp("corpus") / f"book{n}.db" for n in count())
        make = (f"sqlite:///{path}" for path in books).__next__
    return CorpusBook(make, require_corpus())


def test_the_corpus_proves_repeats_and_comes_back(corpus_book: CorpusBook) -> None:
    """One story, in one test, since each step starts from the one before: proofs, import again,
    undo, import after undo."""
    book = corpus_book
    assert len(book.answer["files"]) == len(book.files) == 297
    assert proofs_of(book.url) == {}
    _says_what_it_did(book)
    _again_changes_nothing(book)
    _undo_leaves_nothing(book)
    book.add()
    assert proofs_of(book.url) == {}
    assert differences(book.first, state_of(book.url)) == {}


def _says_what_it_did(book: CorpusBook) -> None:
    """The import's own answer: posted + unapplied is the payments' total, as the ledger has it."""
    answer = book.answer
    cents = {k: int(answer[k].replace(".", "")) for k in ("posted", "unapplied", "payments_total")}
    assert cents["posted"] + cents["unapplied"] == cents["payments_total"]
    with connect(book.url) as connection:
        totals = "SELECT account, SUM(cents) FROM postings GROUP BY account"
        total = dict(connection.execute(totals))
    cash, unapplied = total["payer_cash"], total["unapplied"]
    assert (cash, -unapplied) == (cents["payments_total"], cents["unapplied"])
    assert answer["remittances"] > 50
    assert answer["claims"] > 50


def _again_changes_nothing(book: CorpusBook) -> None:
    """The second import brings only duplicates: no row of the books changes."""
    rows = rows_of(book.url)
    answer = book.add()
    assert rows_of(book.url) == rows
    counted = ("remittances", "claims", "claim_payments", "exceptions", "reissued")
    assert {name: answer[name] for name in counted} == dict.fromkeys(counted, 0)
    first = {f["path"]: f["status"] for f in book.answer["files"]}
    again = {f["path"]: f["status"] for f in answer["files"]}
    assert {s for p, s in again.items() if first[p] != "rejected"} == {"duplicate"}
    assert {s for p, s in again.items() if first[p] == "rejected"} <= {"rejected"}


def _undo_leaves_nothing(book: CorpusBook) -> None:
    """Undo of the first import lets the second's duplicates step in; of both, nothing is left."""
    with book.open() as door:
        door.undo("I000001")
    assert proofs_of(book.url) == {}
    assert differences(book.first, state_of(book.url)) == {}
    with book.open() as door:
        door.undo("I000002")
        assert door.exceptions()["count"] == 0
        assert door.denials(status="all")["count"] == 0
        assert door.report("claims")["rows"] == []
    assert proofs_of(book.url) == {}
    assert {name: rows for name, rows in state_of(book.url).items() if rows} == {}


def test_the_last_file_first(corpus_book: CorpusBook) -> None:
    """The other order: which of two re-issued payments stands differs, the proofs do not, and
    undo leaves nothing."""
    url = corpus_book.new_book()
    with medcollect.open_book(url) as door:
        door.import_files(reversed(corpus_book.files))
        assert proofs_of(url) == {}
        door.undo("I000001")
    assert proofs_of(url) == {}
    assert {name: rows for name, rows in state_of(url).items() if rows} == {}


def test_each_file_alone_gives_the_same_as_all_at_once(corpus_book: CorpusBook) -> None:
    """297 import commands instead of one."""
    url = corpus_book.new_book()
    with medcollect.open_book(url) as door:
        for file in corpus_book.files:
            door.import_files([file])
    assert proofs_of(url) == {}
    assert differences(corpus_book.first, state_of(url)) == {}
