"""Imports that were killed or undone, and payments issued again, in the reports; both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import medcollect
from medcollect.book import Book
from medcollect.store.engine import Store, counted, set_counter
from medcollect.store.running import SILENT_SECONDS

SAMPLES = Path(__file__).parents[2] / "edi_samples"
DENTAL = sorted(SAMPLES.glob("14-835-*.edi")) + sorted(SAMPLES.glob("27-835-*.edi"))
PAID = SAMPLES / "05-835-commercial-copay-and-deductible.edi"


@pytest.fixture
def book(book_url: str) -> Iterator[Book]:
    with medcollect.open_book(book_url) as opened:
        yield opened


def status(book: Book) -> str:
    return str(book.report("imports")["rows"][-1]["status"])


def dies(_done: int, _total: int, _label: str) -> None:
    raise KeyboardInterrupt


def test_an_import_that_ends_with_an_error_is_stopped_at_once(book: Book) -> None:
    with pytest.raises(KeyboardInterrupt):
        book.import_files([PAID], progress=dies)
    assert status(book) == "stopped"
    assert book.imports()["imports"][0]["status"] == "stopped"
    done = book.import_files([PAID])
    assert (status(book), done["remittances"]) == ("done", 1)
    book.undo("I000001")
    assert book.report("imports")["rows"][0]["status"] == "undone"


def test_one_that_was_killed_is_told_from_one_that_runs(book: Book, book_url: str) -> None:
    """A killed process cannot say so: it only gives no sign of life any more."""
    book.import_files([PAID])
    with pytest.raises(KeyboardInterrupt):
        book.import_files(DENTAL, progress=dies)
    store = Store(book_url)
    for silent, expected in ((SILENT_SECONDS - 60, "running"), (SILENT_SECONDS + 60, "stopped")):
        with store.writing() as connection:
            set_counter(connection, "import 2 seen", int(time.time()) - silent)
        assert status(book) == expected
    store.close()


def test_signs_of_life_come_while_it_runs_and_are_gone_when_it_is_done(
    book: Book, book_url: str
) -> None:
    store = Store(book_url)
    found: list[int] = []

    def look(_done: int, _total: int, _label: str) -> None:
        with store.reading() as connection:
            found.append(counted(connection, "import 1 seen")[0])

    book.import_files([PAID], progress=look)
    assert found
    assert all(time.time() - seen < SILENT_SECONDS for seen in found)
    with store.reading() as connection:
        assert counted(connection, "import 1 seen") == [0]
    store.close()


def test_what_an_undone_import_paid_is_not_counted(book: Book) -> None:
    book.import_files([PAID])
    before = book.report("imports")["totals"]
    book.import_files(DENTAL[:1])
    paid = book.report("imports")["rows"][-1]["paid"]
    assert paid != "0.00"
    book.undo("I000002")
    report = book.report("imports")
    assert report["rows"][-1] | {"paid": "0.00", "undone": paid} == report["rows"][-1]
    assert report["totals"] == {**before, "undone": paid}


def test_a_payment_issued_again_is_counted_once(book: Book) -> None:
    book.import_files(DENTAL[:1])
    before = book.report("remittances")["totals"]
    book.import_files(DENTAL[1:])
    report = book.report("remittances")
    assert report["totals"] == {**before, "reissued": "256.00"}
    (again,) = [row for row in report["rows"] if row["status"] == "reissued"]
    assert (again["paid"], again["payment"], again["reissued"]) == ("0.00", "0.00", "256.00")
