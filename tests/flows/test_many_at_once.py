"""Several processes at work in one book: each remittance is posted once, whatever happens to them.

The processes are real ones. A batch is made small in them, so that each commits many times within a
file and the others get in between.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

import medcollect
from medcollect.errors import ImportStopped, MedcollectError, NotFound
from medcollect.tasks import import_files
from tests.support.book_state import connect, differences, proofs_of, state_of
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Person, Remit, Service, cas

SAMPLES = Path(__file__).parents[2] / "edi_samples"
PAYER = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
PATIENT = Person("MARLOWE", "EDITH")
DAY = date(2026, 3, 2)
REMITTANCES, CLAIMS_EACH = 60, 3
SECONDS_MOST = 300

_IMPORT = """
from medcollect.tasks import import_files
from medcollect.cli import main
import_files._BATCH_DOCUMENTS = 5
main()
"""


def remittance(number: int) -> Remit:
    """A check over a few claims; every fifth refuses one of them."""
    answers = []
    for place in range(CLAIMS_EACH):
        name = f"PCN{number:03d}X{place}"
        refused = place == 0 and number % 5 == 0
        paid, adjustments = (0, "CO-197 100") if refused else (7000, "CO-45 20, PR-2 10")
        owed = 0 if refused else 1000
        service = Service("99213", 10000, paid, cas(adjustments), control=f"{name}L1", day=DAY)
        answers.append(Answer(name, "1", 10000, paid, owed, (service,), control_number=f"I{name}"))
    return Remit(PAYER, f"EFT{number:04d}", DAY, tuple(answers))


def claim(number: int, place: int) -> Claim:
    name = f"PCN{number:03d}X{place}"
    line = Line("99213", 10000, control=f"{name}L1")
    return Claim(name, PATIENT, (Coverage(PAYER, f"M{name}"),), (line,), DAY)


def write_files(folder: Path) -> list[Path]:
    """Claims, and remittances of which each stands in two files among other ones."""
    numbers = range(REMITTANCES)
    remits = [remittance(n) for n in numbers]
    texts = [
        build_837([claim(n, p) for n in part for p in range(CLAIMS_EACH)], Envelope(control=k))
        for k, part in enumerate((numbers[:40], numbers[30:]), 1)
    ]
    texts += [build_835(remits[n : n + 20], Envelope(control=10 + n)) for n in range(0, 60, 20)]
    texts += [build_835(remits[n::4], Envelope(control=50 + n)) for n in range(4)]
    paths = [folder / f"{place:02d}.edi" for place in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_files(tmp_path_factory.mktemp("files"))


def start(url: str, paths: Sequence[Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _IMPORT, "--book", url, "--json", "import"]
    return subprocess.Popen(
        [*command, *map(str, paths)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def wait_for(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """All of them end by themselves, in time, without an error."""
    end = time.monotonic() + SECONDS_MOST
    try:
        for process in processes:
            _, errors = process.communicate(timeout=max(end - time.monotonic(), 0.1))
            assert process.returncode == 0, errors.decode()
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def assert_posted_once(url: str) -> None:
    """Every remittance stands once, its cash is its check, and nothing waits."""
    assert proofs_of(url) == {}
    with connect(url) as book:
        standing = "SELECT trace_number, COUNT(*) FROM remittances GROUP BY trace_number"
        assert {count for _, count in book.execute(standing)} == {1}
        cash = "SELECT COUNT(*), SUM(cents) FROM postings WHERE account = 'payer_cash'"
        cents = sum(a.paid for n in range(REMITTANCES) for a in remittance(n).answers)
        assert book.execute(cash) == [(REMITTANCES, cents)]


@pytest.fixture(scope="module")
def serial(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What one process makes of the files."""
    url = f"sqlite:///{tmp_path_factory.mktemp('serial') / 'book.db'}"
    with medcollect.open_book(url) as book:
        answer = book.import_files(files)
    assert (answer["remittances"], answer["duplicates"]) == (REMITTANCES, REMITTANCES)
    return state_of(url)


def test_two_imports_of_the_same_files_at_once(
    book_url: str, files: list[Path], serial: dict[str, object]
) -> None:
    wait_for([start(book_url, files) for _ in range(2)])
    assert_posted_once(book_url)
    assert differences(serial, state_of(book_url)) == {}


def test_eight_at_once_some_killed_then_again(
    new_postgres_book: Callable[[], str], files: list[Path], serial: dict[str, object]
) -> None:
    """Overlapping sets in different orders; three are killed on the way and run again, then one
    process imports everything."""
    url = new_postgres_book()
    chance = random.Random(8)
    sets = [chance.sample(files, 6) for _ in range(8)]
    processes = [start(url, some) for some in sets]
    while remittances_in(url) < REMITTANCES // 4:
        assert any(p.poll() is None for p in processes)
        time.sleep(0.02)
    for process in chance.sample([p for p in processes if p.poll() is None], 3):
        process.kill()
        process.wait()
        time.sleep(chance.uniform(0.0, 0.2))
    killed = [p for p in processes if p.returncode == -9]
    assert len(killed) == 3
    wait_for([p for p in processes if p not in killed])
    assert proofs_of(url) == {}

    broken_off = [some for some, process in zip(sets, processes, strict=True) if process in killed]
    wait_for([start(url, some) for some in broken_off])
    wait_for([start(url, files)])

    assert_posted_once(url)
    assert differences(serial, state_of(url)) == {}


def remittances_in(url: str) -> int:
    with connect(url) as book:
        return int(book.execute("SELECT COUNT(*) FROM remittances")[0][0])


def test_several_processes_open_a_new_book_at_once(server: object, tmp_path: Path) -> None:
    """One makes the tables, the others find them; the same on an SQLite file."""
    server.psql("CREATE DATABASE made_at_once")  # type: ignore[attr-defined]
    sample = SAMPLES / "05-835-commercial-copay-and-deductible.edi"
    for url in (
        server.get_uri(database="made_at_once"),  # type: ignore[attr-defined]
        f"sqlite:///{tmp_path / 'made_at_once.db'}",
    ):
        wait_for([start(url, [sample]) for _ in range(4)])
        assert remittances_in(url) == 1


def test_an_import_that_is_taken_back_while_it_runs_stops(
    book_url: str, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it had finished is undone, and it writes nothing more."""
    monkeypatch.setattr("medcollect.tasks.file_intake._BATCH_DOCUMENTS", 5)
    taken_back: list[dict[str, object]] = []
    original = import_files._Import.writing

    @contextmanager
    def writing(run: import_files._Import) -> Iterator[sa.Connection]:
        """Somebody else comes in between two batches."""
        if not taken_back and remittances_in(book_url) > REMITTANCES // 3:
            with medcollect.open_book(book_url) as other:
                taken_back.append(other.undo("I000001"))
        with original(run) as connection:
            yield connection

    monkeypatch.setattr(import_files._Import, "writing", writing)
    with medcollect.open_book(book_url) as book:
        with pytest.raises(ImportStopped, match="taken back"):
            book.import_files(files)
        assert {name: rows for name, rows in state_of(book_url).items() if rows} == {}
        assert book.import_files(files)["remittances"] == REMITTANCES
    assert proofs_of(book_url) == {}


def test_two_people_settle_one_exception(book_url: str) -> None:
    """One decision stands; the other person is told that there is nothing left to settle."""
    sample = SAMPLES / "28-835-check-does-not-balance.edi"
    told: list[MedcollectError] = []
    ready = threading.Barrier(2)

    def settle(user: str) -> None:
        with medcollect.open_book(book_url) as book:
            ready.wait()
            try:
                book.resolve("X000001", post_anyway=True, reason="seen", user=user)
            except MedcollectError as error:
                told.append(error)

    with medcollect.open_book(book_url) as book:
        book.import_files([sample])
        people = [threading.Thread(target=settle, args=(user,)) for user in ("ada", "ben")]
        for person in people:
            person.start()
        for person in people:
            person.join(SECONDS_MOST)
        assert [type(error) for error in told] == [NotFound]
        assert len(book.report("decisions")["rows"]) == 1
    assert proofs_of(book_url) == {}


def test_readers_wait_for_nobody(book_url: str) -> None:
    """While somebody writes, a report shows the last whole state."""
    with medcollect.open_book(book_url) as book, book._store.writing():
        assert book.report("claims")["rows"] == []
