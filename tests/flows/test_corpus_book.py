"""Every published 835 and 837 file in one book: DESIGN section 6.1 over real input.

Most of these files fail some equation, repeat one another's numbers or are cut off; whatever they
say, the book proves, imports nothing twice, and comes back to nothing and to itself by undo.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.book_state import State, connect, differences, proofs_of, rows_of, state_of
from tests.support.corpus import claim_files, require_corpus


class CorpusBook:
    """A book with the whole corpus, and what it said when the corpus had just been imported."""

    def __init__(self, folder: Path, corpus: Path) -> None:
        self.path = folder / "book.db"
        self.files = [corpus / name for name in claim_files()]
        self.answer = self.add()
        self.first: State = state_of(self.path)

    def open(self) -> Any:
        return medcollect.open_book(f"sqlite:///{self.path}")

    def add(self) -> dict[str, Any]:
        with self.open() as door:
            answer: dict[str, Any] = door.import_files(self.files)
        return answer


@pytest.fixture(scope="module")
def corpus_book(tmp_path_factory: pytest.TempPathFactory) -> CorpusBook:
    return CorpusBook(tmp_path_factory.mktemp("corpus"), require_corpus())


def test_the_corpus_proves_repeats_and_comes_back(corpus_book: CorpusBook) -> None:
    """One story, in one test, since each step starts from the one before: proofs, import again,
    undo, import after undo."""
    book = corpus_book
    assert len(book.answer["files"]) == len(book.files) == 297
    assert proofs_of(book.path) == {}
    _says_what_it_did(book)
    _again_changes_nothing(book)
    _undo_leaves_nothing(book)
    book.add()
    assert proofs_of(book.path) == {}
    assert differences(book.first, state_of(book.path)) == {}


def _says_what_it_did(book: CorpusBook) -> None:
    """The import's own answer: posted + unapplied is the payments' total, as the ledger has it."""
    answer = book.answer
    cents = {k: int(answer[k].replace(".", "")) for k in ("posted", "unapplied", "payments_total")}
    assert cents["posted"] + cents["unapplied"] == cents["payments_total"]
    with connect(book.path) as connection:
        total = "SELECT SUM(cents) FROM postings WHERE account = ?"
        (cash,) = connection.execute(total, ("payer_cash",)).fetchone()
        (unapplied,) = connection.execute(total, ("unapplied",)).fetchone()
    assert (cash, -unapplied) == (cents["payments_total"], cents["unapplied"])
    assert answer["remittances"] > 50
    assert answer["claims"] > 50


def _again_changes_nothing(book: CorpusBook) -> None:
    """The second import brings only duplicates: no row of the books changes."""
    rows = rows_of(book.path)
    answer = book.add()
    assert rows_of(book.path) == rows
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
    assert proofs_of(book.path) == {}
    assert differences(book.first, state_of(book.path)) == {}
    with book.open() as door:
        door.undo("I000002")
        assert door.exceptions()["count"] == 0
        assert door.denials(status="all")["count"] == 0
        assert door.report("claims")["rows"] == []
    assert proofs_of(book.path) == {}
    assert {name: rows for name, rows in state_of(book.path).items() if rows} == {}


def test_the_last_file_first(corpus_book: CorpusBook, tmp_path: Path) -> None:
    """The other order: which of two re-issued payments stands differs, the proofs do not, and
    undo leaves nothing."""
    path = tmp_path / "reversed.db"
    with medcollect.open_book(f"sqlite:///{path}") as door:
        door.import_files(reversed(corpus_book.files))
        assert proofs_of(path) == {}
        door.undo("I000001")
    assert proofs_of(path) == {}
    assert {name: rows for name, rows in state_of(path).items() if rows} == {}


def test_each_file_alone_gives_the_same_as_all_at_once(
    corpus_book: CorpusBook, tmp_path: Path
) -> None:
    """297 import commands instead of one."""
    path = tmp_path / "one_by_one.db"
    with medcollect.open_book(f"sqlite:///{path}") as door:
        for file in corpus_book.files:
            door.import_files([file])
    assert proofs_of(path) == {}
    assert differences(corpus_book.first, state_of(path)) == {}
