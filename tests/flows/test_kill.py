"""Killing an import at any moment leaves whole remittances or nothing (DESIGN section 6.1 no. 7).

A real process imports claims, a file of many remittances and one of a single remittance larger
than a batch. It is killed fifty times at moments spread over its run. After each kill the book
opens and proves, and what is in it is whole; running again goes on from there, and ends where an
undisturbed import ends.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

import medcollect
from tests.support.book_state import connect, differences, proofs_of, state_of
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Person, Remit, Service

KILLS = 50
REMITTANCES, CLAIMS_EACH = 300, 10
#: More claim payments than one batch holds (2,000): its rows are written in two goes.
LARGE = 2100
DAY = date(2026, 3, 2)
PAYER = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
PERSON = Person("MARLOWE", "EDITH")

#: Rows per 837 transaction; those of an 835 are counted by ``proofs_of``.
_CLAIM_COUNTS = """
    SELECT COUNT(d.id) FROM transactions t LEFT JOIN claim_documents d ON d.transaction_id = t.id
    WHERE t.kind = '837' AND t.status = 'active' GROUP BY t.id"""
_HALF_FILES = "SELECT COUNT(*) FROM transactions WHERE file_id NOT IN (SELECT id FROM files)"


def answer(number: str, cents: int) -> Answer:
    """A paid claim: most by the payer, some by contract, the rest by the patient."""
    contractual, owed = cents // 4, cents // 10
    paid = cents - contractual - owed
    cas = (("CO", "45", contractual), ("PR", "2", owed))
    service = Service("99213", cents, paid, cas, control=f"{number}L1", day=DAY)
    return Answer(number, "1", cents, paid, owed, (service,), control_number=f"ICN{number}")


def remit(trace: str, numbers: list[str]) -> Remit:
    answers = tuple(answer(number, 10000 + 10 * place) for place, number in enumerate(numbers))
    return Remit(PAYER, trace, DAY, answers)


def claim(number: str, place: int) -> Claim:
    line = Line("99213", 10000 + 10 * place, control=f"{number}L1")
    return Claim(number, PERSON, (Coverage(PAYER, f"M{number}"),), (line,), DAY)


@dataclass
class Runs:
    """The files, and processes that import them."""

    folder: Path
    files: list[Path] = field(default_factory=list)
    books: int = 0

    def write(self) -> None:
        many = [
            remit(f"EFT{n:04d}", [f"MANY{n:04d}X{m}" for m in range(CLAIMS_EACH)])
            for n in range(REMITTANCES)
        ]
        large = remit("LARGE", [f"LARGE{n:05d}" for n in range(LARGE)])
        first = [claim(f"MANY{n:04d}X{m}", m) for n in range(0, 60, 2) for m in range(CLAIMS_EACH)]
        texts = [
            build_837(first, Envelope("CEDARHOLLOW", "CLEARHOUSE01")),
            build_835(many, Envelope(control=2)),
            build_835([large], Envelope(control=3)),
        ]
        for number, text in enumerate(texts):
            path = self.folder / f"{number}.edi"
            path.write_text(text)
            self.files.append(path)

    def new_book(self) -> Path:
        self.books += 1
        return self.folder / f"book{self.books}.db"

    def run(self, book: Path, seconds: float | None = None) -> bool:
        """Import in a process of its own; kill it after so many seconds. True when it ended."""
        code = "from medcollect.cli import main; main()"
        command = [sys.executable, "-c", code, "--book", f"sqlite:///{book}", "--json", "import"]
        with subprocess.Popen(
            [*command, *map(str, self.files)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return False
            assert process.returncode == 0, process.stderr and process.stderr.read().decode()
        return True


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    made = Runs(tmp_path_factory.mktemp("kill"))
    made.write()
    return made


def assert_whole(book: Path) -> None:
    """The book opens, proves, and each transaction in it has all of its documents."""
    if not book.exists():
        return
    medcollect.open_book(f"sqlite:///{book}").close()
    assert proofs_of(book) == {}
    with connect(book) as connection:
        counts = {row[0] for row in connection.execute(_CLAIM_COUNTS)}
        assert counts <= {30 * CLAIMS_EACH}
        assert connection.execute(_HALF_FILES) == [(0,)]


def test_killed_imports_leave_whole_remittances_and_are_completed(runs: Runs) -> None:
    undisturbed = runs.new_book()
    begin = time.perf_counter()
    assert runs.run(undisturbed)
    seconds = time.perf_counter() - begin
    wanted = state_of(undisturbed)
    assert len(wanted["remittances"]) == REMITTANCES + 1
    assert wanted["exceptions"] == []
    moments = random.Random(7)
    kills, seen = 0, set()
    book = runs.new_book()
    while kills < KILLS:
        begin = time.perf_counter()
        if runs.run(book, moments.uniform(0.1, 1) * seconds):
            seconds = min(seconds, time.perf_counter() - begin)
        else:
            kills += 1
            assert_whole(book)
            seen.add(remittances_in(book))
            if remittances_in(book) < REMITTANCES and kills < KILLS:
                continue  # the next run goes on in this book, and is killed in its turn
            assert runs.run(book)
        assert differences(wanted, state_of(book)) == {}
        last, book = book, runs.new_book()
    assert_undo_of_every_part_leaves_nothing(last)
    # The kills fell before, between and after commits, else the test has shown nothing.
    assert len(seen) > 1


def test_a_large_file_is_committed_in_parts(runs: Runs) -> None:
    """A file larger than a batch is not one unit of work: its first remittances stand while the
    others are still being imported."""
    book = runs.new_book()
    seen: list[int] = []
    with medcollect.open_book(f"sqlite:///{book}") as door:
        door.import_files(runs.files[1:2], progress=lambda *_: seen.append(remittances_in(book)))
    assert any(0 < count < REMITTANCES for count in seen), seen
    assert remittances_in(book) == REMITTANCES


def remittances_in(book: Path) -> int:
    if not book.exists():
        return 0
    with connect(book) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM remittances")[0][0])


def assert_undo_of_every_part_leaves_nothing(book: Path) -> None:
    """What killed imports left is theirs: undoing them all, killed or done, empties the book."""
    with medcollect.open_book(f"sqlite:///{book}") as door:
        for row in door.imports(limit=100)["imports"]:
            door.undo(row["id"])
    assert {name: rows for name, rows in state_of(book).items() if rows} == {}
