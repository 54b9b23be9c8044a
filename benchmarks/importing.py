"""How fast files get into the book, against the bare writing of the rows that the book keeps.

    python benchmarks/importing.py [--claims 10000] [--remittances 20] [--runs 3] [--profile]
    python benchmarks/importing.py --book postgresql:///empty

prints a markdown table. An 837 of so many claims and the 835 that answers them are generated
(invented people, realistic shape) and imported into a fresh book: read, recognise, store, match,
post, commit. Then all rows of that book are written by the driver's ``executemany`` (SQLite) or
COPY (PostgreSQL) into an empty book with the same tables and indexes, one transaction: the least
that keeping them can cost. Each figure is the median of the runs, in processor time; on PostgreSQL
that of the server's process is added. ``--profile`` prints where the time goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from reading import FIRST_NAMES, ISA, LAST_NAMES, PROCEDURES, money

import medcollect
from medcollect.book import Book

Line = tuple[str, int, int, int]

#: Peak memory of a process of its own, as Linux counts it since the process began.
_MEMORY = """
import pathlib, sys, medcollect
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
with medcollect.open_book(sys.argv[1]) as book:
    begin = peak()
    book.import_files(sys.argv[2:])
print(begin, peak())
"""


def claim_lines(rng: random.Random) -> list[Line]:
    """One to four lines: procedure, charge, contractual part, copay."""
    lines = []
    for _ in range(rng.randrange(1, 5)):
        charge = rng.randrange(5000, 60000)
        lines.append((rng.choice(PROCEDURES), charge, charge * 35 // 100, rng.choice((0, 2000))))
    return lines


def claim(number: int, name: tuple[str, str], lines: list[Line], mark: str = "") -> list[str]:
    """A subscriber with one claim; every patient has two. ``mark`` stands in every number."""
    charge = sum(line[1] for line in lines)
    person = number // 2
    born = date(1940, 1, 1) + timedelta(days=person % 25_000)
    segments = [
        f"HL*{number + 1}*1*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{name[0]}*{name[1]}****MI*W{mark}{person:09d}",
        "N3*2 PATIENT LANE",
        "N4*SPRINGFIELD*IL*62702",
        f"DMG*D8*{born:%Y%m%d}*F",
        "NM1*PR*2*MUSTER HEALTH PLAN*****PI*99999",
        f"CLM*PCN{mark}{number:08d}*{money(charge)}***11:B:1*Y*A*Y*Y",
        "HI*ABK:J069*ABF:R05",
        "NM1*82*1*DOKTOR*DORA****XX*1234567893",
    ]
    for place, (code, cents, _, _) in enumerate(lines, 1):
        segments += [
            f"LX*{place}",
            f"SV1*HC:{code}*{money(cents)}*UN*1***1:2",
            "DTP*472*D8*20250212",
            f"REF*6R*{number}L{place}",
        ]
    return segments


def payment(
    number: int, name: tuple[str, str], lines: list[Line], mark: str = ""
) -> tuple[list[str], int]:
    """The payer's answer to a claim, and what it pays; every tenth claim has a line refused."""
    segments: list[str] = []
    paid = owed = 0
    for place, (code, cents, contractual, copay) in enumerate(lines, 1):
        refused = place == 1 and number % 10 == 0
        pay = 0 if refused else cents - contractual - copay
        paid += pay
        segments += [f"SVC*HC:{code}*{money(cents)}*{money(pay)}**1", "DTM*472*20250212"]
        if refused:
            segments.append(f"CAS*CO*197*{money(cents)}")
        else:
            owed += copay
            segments.append(f"CAS*CO*45*{money(contractual)}")
            segments += [f"CAS*PR*3*{money(copay)}"] if copay else []
        segments += [f"REF*6R*{number}L{place}"]
    charge = sum(line[1] for line in lines)
    amounts = f"{money(charge)}*{money(paid)}*{money(owed)}"
    head = [
        f"CLP*PCN{mark}{number:08d}*1*{amounts}*12*ICN{mark}{number:010d}*11*1",
        f"NM1*QC*1*{name[0]}*{name[1]}****MI*W{mark}{number // 2:09d}",
        "DTM*232*20250212",
    ]
    return head + segments, paid


def remittance(number: int, parts: list[tuple[list[str], int]], mark: str = "") -> list[str]:
    """One 835 transaction."""
    total = sum(paid for _, paid in parts)
    body = [
        f"ST*835*{number:04d}",
        f"BPR*I*{money(total)}*C*ACH*CCP*01*999999992*DA*1*1999999999**01*999999992*DA*2*20250301",
        f"TRN*1*EFT{mark}{number:04d}*1999999999",
        "DTM*405*20250228",
        "N1*PR*MUSTER HEALTH PLAN",
        "N1*PE*BEISPIEL CLINIC*XX*1234567893",
        "LX*1",
        *(segment for part, _ in parts for segment in part),
    ]
    return [*body, f"SE*{len(body) + 1}*{number:04d}"]


def enclosed(functional: str, version: str, transactions: list[list[str]]) -> bytes:
    """An interchange around transactions."""
    segments = [
        f"GS*{functional}*MUSTERPAYER*BEISPIEL*20250301*1200*1*X*{version}",
        *(segment for transaction in transactions for segment in transaction),
        f"GE*{len(transactions)}*1",
        "IEA*1*000000001",
    ]
    isa = ISA.format(sender="MUSTERPAYER", receiver="BEISPIEL")
    return (isa + "".join(f"{segment}~\n" for segment in segments)).encode()


def write_files(
    folder: Path, claims: int, remittances: int, mark: str = "", every: int = 1
) -> list[Path]:
    """The 837 and the 835 of so many claims; ``mark`` stands in all numbers and names.

    With ``every`` they are the claims of each so many numbers: of each tenth a line is refused.
    """
    rng = random.Random(837)
    head = [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*1*20250301*1200*CH",
        "NM1*41*2*BEISPIEL CLINIC*****46*SUBMIT1",
        "NM1*40*2*MUSTER HEALTH PLAN*****46*RECEIV1",
        "HL*1**20*1",
        "NM1*85*2*BEISPIEL CLINIC*****XX*1234567893",
        "REF*EI*123456789",
    ]
    body, answers = head, []
    for number in range(every, every * claims + 1, every):
        person = number // 2
        last = f"{LAST_NAMES[person % len(LAST_NAMES)]}{mark}"
        name = (last, FIRST_NAMES[person // 7 % len(FIRST_NAMES)])
        lines = claim_lines(rng)
        body += claim(number, name, lines, mark)
        answers.append(payment(number, name, lines, mark))
    body.append(f"SE*{len(body) + 1}*0001")
    each = -(-claims // remittances)
    checks = [
        remittance(n + 1, answers[n * each : (n + 1) * each], mark) for n in range(remittances)
    ]
    paths = [folder / f"claims{mark}.837", folder / f"answers{mark}.835"]
    paths[0].write_bytes(enclosed("HC", "005010X222A1", [body]))
    paths[1].write_bytes(enclosed("HP", "005010X221A1", checks))
    return paths


Rows = dict[str, list[tuple[object, ...]]]


class SqliteBooks:
    """New books as files of a folder; the work is one process, so its time tells all."""

    name = "SQLite"
    bare = "`executemany`"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "book.db"
        self.url = f"sqlite:///{self.path}"

    def renew(self) -> None:
        """Put an empty book into the place of the one before."""
        for old in self.path.parent.glob(f"{self.path.name}*"):
            old.unlink()
        medcollect.open_book(self.url).close()

    def clock(self, _door: Book) -> float:
        """Processor seconds so far."""
        return time.process_time()

    def rows(self) -> Rows:
        """Every row of the book, by table."""
        with sqlite3.connect(self.path) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
            ).fetchall()
            return {n: connection.execute(f'SELECT * FROM "{n}"').fetchall() for (n,) in names}  # noqa: S608

    def write(self, door: Book, rows: Rows) -> None:
        """Bare ``executemany`` of the rows, committed, with the book's own settings."""
        with door._store.engine.connect() as pooled:
            connection = pooled.connection.driver_connection
            connection.execute("BEGIN IMMEDIATE")
            for name, some in rows.items():
                if some:
                    marks = ", ".join("?" * len(some[0]))
                    insert = f'INSERT INTO "{name}" VALUES ({marks})'  # noqa: S608
                    connection.executemany(insert, some)
            connection.execute("COMMIT")

    def megabytes(self) -> float:
        """How large the book is."""
        return self.path.stat().st_size / 1e6


class PostgresBooks:
    """New books in one database of a server on this machine, whose process is counted in."""

    name = "PostgreSQL"
    bare = "COPY"

    def __init__(self, url: str) -> None:
        self.url = url

    def _ask(self, *statements: str) -> list[tuple[object, ...]]:
        import psycopg  # noqa: PLC0415 - only for this database

        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def renew(self) -> None:
        """Put an empty book into the place of the one before."""
        self._ask("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        medcollect.open_book(self.url).close()

    def clock(self, door: Book) -> float:
        """Processor seconds so far, of this process and of the server's that works for it."""
        with door._store.engine.connect() as connection:
            server = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    def rows(self) -> Rows:
        """Every row of the book, by table."""
        found = self._ask(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'alembic_version'"
        )
        return {str(n): self._ask(f'SELECT * FROM "{n}"') for (n,) in found}  # noqa: S608

    def write(self, door: Book, rows: Rows) -> None:
        """Bare COPY of the rows, committed."""
        with door._store.engine.connect() as pooled:
            connection = pooled.connection.driver_connection
            with connection.transaction():
                for name, some in rows.items():
                    with connection.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                        for row in some:
                            copy.write_row(row)

    def megabytes(self) -> float:
        """How large the book is."""
        return float(str(self._ask("SELECT pg_database_size(current_database())")[0][0])) / 1e6


Books = SqliteBooks | PostgresBooks


def seconds_to_import(books: Books, paths: list[Path]) -> float:
    """The time of one import into a new book that is open already."""
    books.renew()
    with medcollect.open_book(books.url) as door:
        begin = books.clock(door)
        answer = door.import_files(paths)
        seconds = books.clock(door) - begin
    if answer["exceptions"] or not answer["balanced"] or answer["unapplied"] != "0.00":
        raise SystemExit("the generated files did not post: the figure would mean nothing")
    return seconds


def seconds_to_write(books: Books, rows: Rows) -> float:
    """The time of writing the rows into a new book the bare way."""
    books.renew()
    with medcollect.open_book(books.url) as door:
        begin = books.clock(door)
        books.write(door, rows)
        return books.clock(door) - begin


def peak_memory(folder: Path, paths: list[Path]) -> tuple[float, float]:
    """Megabytes of a process before and at the peak of the import."""
    books = SqliteBooks(folder)
    books.renew()
    command = [sys.executable, "-c", _MEMORY, books.url, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    before, peak = (int(text) / 1000 for text in done.stdout.split())
    return before, peak


def table(folder: Path, books: Books, claims: int, remittances: int, runs: int) -> Iterator[str]:
    """The lines of the table; imports and the bare writing of their rows take turns."""
    paths = write_files(folder, claims, remittances)
    kinds = {"837": paths[:1], "835 alone": paths[1:], "837 and 835": paths}
    times: dict[str, list[float]] = {label: [] for label in kinds}
    bare: dict[str, list[float]] = {label: [] for label in kinds}
    rows: dict[str, Rows] = {}
    for _ in range(runs):
        for label, files in kinds.items():
            times[label].append(seconds_to_import(books, files))
            rows[label] = rows.get(label) or books.rows()
            size = books.megabytes()
            bare[label].append(seconds_to_write(books, rows[label]))
    what = f"{claims:,} claims, {remittances} remittances, {books.name}"
    yield f"| {what} | size | median of {runs} | claims/s | rows | bare {books.bare} | over bare |"
    yield "|---|---|---|---|---|---|---|"
    for label, files in kinds.items():
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        taken, least = statistics.median(times[label]), statistics.median(bare[label])
        count = sum(len(some) for some in rows[label].values())
        yield (
            f"| import {label} | {megabytes:.1f} MB | {taken:.2f} s | {claims / taken:,.0f} "
            f"| {count:,} | {least:.2f} s | {taken / least:.1f}x |"
        )
    yield ""
    yield "Budget: 4x."
    if isinstance(books, SqliteBooks):
        before, peak = peak_memory(folder, paths)
        yield f"Memory: {before:.0f} MB before, {peak:.0f} MB at the peak of the import."
    yield f"Book: {size:.0f} MB; rows by table: {by_size(rows['837 and 835'])}."


def by_size(rows: Rows) -> str:
    """How many rows each table has, the largest first."""
    counts = sorted(((len(some), name) for name, some in rows.items() if some), reverse=True)
    return ", ".join(f"{name} {count:,}" for count, name in counts)


def profile(folder: Path, claims: int, remittances: int) -> None:
    """Print the functions in which an import spends its time."""
    paths = write_files(folder, claims, remittances)
    profiler = cProfile.Profile()
    profiler.enable()
    seconds_to_import(SqliteBooks(folder), paths)
    profiler.disable()
    stats = pstats.Stats(profiler).strip_dirs()
    stats.sort_stats("cumulative").print_stats(60)
    stats.sort_stats("tottime").print_stats(45)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--remittances", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--book", help="an empty PostgreSQL database; what it holds is dropped")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        if options.profile:
            profile(folder, options.claims, options.remittances)
            return
        books = PostgresBooks(options.book) if options.book else SqliteBooks(folder)
        system = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        print(f"medcollect {medcollect.__version__}, {system}, {platform.machine()}\n")
        for line in table(folder, books, options.claims, options.remittances, options.runs):
            print(line, flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
