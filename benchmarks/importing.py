"""How fast files get into the book, against bare ``executemany`` of the rows that the book keeps.

    python benchmarks/importing.py [--claims 10000] [--remittances 20] [--runs 3] [--profile]

prints a markdown table. An 837 of so many claims and the 835 that answers them are generated
(invented people, realistic shape) and imported into a fresh SQLite book: read, recognise, store,
match, post, commit. Then all rows of that book are written by ``executemany`` into an empty book
with the same tables and indexes, one transaction: the least that keeping them can cost. Each
figure is the median of the runs. ``--profile`` prints where the time goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
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
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from reading import FIRST_NAMES, ISA, LAST_NAMES, PROCEDURES, money

import medcollect

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


def claim(number: int, name: tuple[str, str], lines: list[Line]) -> list[str]:
    """A subscriber with one claim; every patient has two."""
    charge = sum(line[1] for line in lines)
    person = number // 2
    born = date(1940, 1, 1) + timedelta(days=person % 25_000)
    segments = [
        f"HL*{number + 1}*1*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{name[0]}*{name[1]}****MI*W{person:09d}",
        "N3*2 PATIENT LANE",
        "N4*SPRINGFIELD*IL*62702",
        f"DMG*D8*{born:%Y%m%d}*F",
        "NM1*PR*2*MUSTER HEALTH PLAN*****PI*99999",
        f"CLM*PCN{number:08d}*{money(charge)}***11:B:1*Y*A*Y*Y",
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


def payment(number: int, name: tuple[str, str], lines: list[Line]) -> tuple[list[str], int]:
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
        f"CLP*PCN{number:08d}*1*{amounts}*12*ICN{number:010d}*11*1",
        f"NM1*QC*1*{name[0]}*{name[1]}****MI*W{number // 2:09d}",
        "DTM*232*20250212",
    ]
    return head + segments, paid


def remittance(number: int, parts: list[tuple[list[str], int]]) -> list[str]:
    """One 835 transaction."""
    total = sum(paid for _, paid in parts)
    body = [
        f"ST*835*{number:04d}",
        f"BPR*I*{money(total)}*C*ACH*CCP*01*999999992*DA*1*1999999999**01*999999992*DA*2*20250301",
        f"TRN*1*EFT{number:04d}*1999999999",
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


def write_files(folder: Path, claims: int, remittances: int) -> list[Path]:
    """The 837 and the 835 of so many claims."""
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
    for number in range(1, claims + 1):
        person = number // 2
        name = (LAST_NAMES[person % len(LAST_NAMES)], FIRST_NAMES[person // 7 % len(FIRST_NAMES)])
        lines = claim_lines(rng)
        body += claim(number, name, lines)
        answers.append(payment(number, name, lines))
    body.append(f"SE*{len(body) + 1}*0001")
    each = -(-claims // remittances)
    checks = [remittance(n + 1, answers[n * each : (n + 1) * each]) for n in range(remittances)]
    paths = [folder / "claims.837", folder / "answers.835"]
    paths[0].write_bytes(enclosed("HC", "005010X222A1", [body]))
    paths[1].write_bytes(enclosed("HP", "005010X221A1", checks))
    return paths


def new_book(folder: Path, name: str) -> Path:
    """A new, empty book."""
    path = folder / name
    for old in folder.glob(f"{name}*"):
        old.unlink()
    medcollect.open_book(f"sqlite:///{path}").close()
    return path


def seconds_to_import(book: Path, paths: list[Path]) -> float:
    """The time of one import into a new book that is open already."""
    with medcollect.open_book(f"sqlite:///{book}") as door:
        begin = time.perf_counter()
        answer = door.import_files(paths)
        seconds = time.perf_counter() - begin
    if answer["exceptions"] or not answer["balanced"] or answer["unapplied"] != "0.00":
        raise SystemExit("the generated files did not post: the figure would mean nothing")
    return seconds


def rows_of(book: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the book, by table."""
    with sqlite3.connect(book) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        ).fetchall()
        return {n: connection.execute(f'SELECT * FROM "{n}"').fetchall() for (n,) in names}  # noqa: S608


def seconds_to_write(book: Path, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """The time of bare ``executemany`` of the rows, committed, with the book's own settings."""
    connection = sqlite3.connect(book, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    begin = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for name, some in rows.items():
        if some:
            marks = ", ".join("?" * len(some[0]))
            insert = f'INSERT INTO "{name}" VALUES ({marks})'  # noqa: S608
            connection.executemany(insert, some)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds


def peak_memory(folder: Path, paths: list[Path]) -> tuple[float, float]:
    """Megabytes of a process before and at the peak of the import."""
    book = new_book(folder, "memory.db")
    command = [sys.executable, "-c", _MEMORY, f"sqlite:///{book}", *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    before, peak = (int(text) / 1000 for text in done.stdout.split())
    return before, peak


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """The median of so many measurements."""
    return statistics.median(measure() for _ in range(runs))


def table(folder: Path, claims: int, remittances: int, runs: int) -> Iterator[str]:
    """The lines of the table."""
    paths = write_files(folder, claims, remittances)
    size = sum(path.stat().st_size for path in paths) / 1e6
    times: dict[str, float] = {}
    imported = folder / "book.db"
    for label, files in (("837", paths[:1]), ("835 alone", paths[1:]), ("837 and 835", paths)):
        times[label] = median_of(
            runs,
            lambda files=files: seconds_to_import(new_book(folder, "book.db"), files),  # type: ignore[misc]
        )
    rows = rows_of(imported)
    count = sum(len(some) for some in rows.values())
    bare = median_of(runs, lambda: seconds_to_write(new_book(folder, "bare.db"), rows))
    before, peak = peak_memory(folder, paths)
    what = f"{claims:,} claims, {remittances} remittances"
    yield f"| {what} | size | median of {runs} | MB/s | claims/s |"
    yield "|---|---|---|---|---|"
    for (label, seconds), files in zip(times.items(), (paths[:1], paths[1:], paths), strict=True):
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        yield (
            f"| import {label} | {megabytes:.1f} MB | {seconds:.2f} s "
            f"| {megabytes / seconds:.2f} | {claims / seconds:,.0f} |"
        )
    yield (
        f"| bare `executemany` of its {count:,} rows | {size:.1f} MB | {bare:.2f} s "
        f"| {size / bare:.2f} | {claims / bare:,.0f} |"
    )
    ratio = times["837 and 835"] / bare
    yield ""
    yield f"Import over bare `executemany`: **{ratio:.1f}x** (budget 4x)."
    yield f"Memory: {before:.0f} MB before, {peak:.0f} MB at the peak of the import."
    yield f"Book: {imported.stat().st_size / 1e6:.0f} MB; rows by table: {by_size(rows)}."


def by_size(rows: dict[str, list[tuple[object, ...]]]) -> str:
    """How many rows each table has, the largest first."""
    counts = sorted(((len(some), name) for name, some in rows.items() if some), reverse=True)
    return ", ".join(f"{name} {count:,}" for count, name in counts)


def profile(folder: Path, claims: int, remittances: int) -> None:
    """Print the functions in which an import spends its time."""
    paths = write_files(folder, claims, remittances)
    book = new_book(folder, "book.db")
    profiler = cProfile.Profile()
    profiler.enable()
    seconds_to_import(book, paths)
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
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        if options.profile:
            profile(folder, options.claims, options.remittances)
            return
        system = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
        print(f"medcollect {medcollect.__version__}, {system}, {platform.machine()}\n")
        for line in table(folder, options.claims, options.remittances, options.runs):
            print(line, flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
