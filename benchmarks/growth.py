"""What the same file costs in a book of a million claims against an empty one.

    python benchmarks/growth.py [--claims 1000000] [--files 20,2000] [--runs 3] [--book URL]

The large book is made of copies of one that was really imported: 10,000 claims with their 837 and
835, every number and name in them carrying a mark. Each copy is written in SQL with the mark
replaced and the ids moved on, so that its rows are those that importing 10,000 other claims would
have left. Then files of so many claims, an 837 with its 835, are imported into the empty book and
into the large one; the figures are processor time, on PostgreSQL that of the server's process
included. ``--book`` names an empty PostgreSQL database; without it, the book is
an SQLite file in a temporary folder. A million claims take some minutes and 6 GB.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import importing
import sqlalchemy as sa

import medcollect
from medcollect.store.tables import counters, metadata

MARK = "QQQ"
TEMPLATE_CLAIMS = 10_000
TEMPLATE = "template_"

#: Columns of ids that are not called so.
_ID_COLUMNS = {"id", "reverses", "settled_by"}

#: What tells files and transactions apart by content; the mark of a copy takes its first letters.
_HASHES = {"sha256", "fingerprint"}


def marks() -> Iterator[str]:
    """A mark for each copy: three letters, never the template's own."""
    return (mark for mark in map("".join, product(ascii_uppercase, repeat=3)) if mark != MARK)


def copied(column: sa.Column[object], mark: str, move: int, dialect: str) -> str:
    """The SQL that gives a column's value in a copy."""
    name = f'"{column.name}"'
    if column.name in _ID_COLUMNS or column.name.endswith("_id"):
        return f"{name} + {move}" if isinstance(column.type, sa.Integer) else name
    if column.name in _HASHES:
        return f"'{mark}' || substr({name}, 4)"
    if isinstance(column.type, sa.Text):
        return f"replace({name}, '{MARK}', '{mark}')"
    if isinstance(column.type, sa.LargeBinary) and column.name != "data":
        if dialect == "sqlite":
            return f"CAST(replace(CAST({name} AS TEXT), '{MARK}', '{mark}') AS BLOB)"
        text = f"replace(convert_from({name}, 'UTF8'), '{MARK}', '{mark}')"
        return f"convert_to({text}, 'UTF8')"
    return name


def move_on(connection: sa.Connection) -> int:
    """How far the ids of one copy lie from those of the next: the largest id there is."""
    return int(connection.execute(sa.select(sa.func.max(counters.c.value))).scalar() or 0)


def grow(url: str, copies: int) -> None:
    """Fill a book that holds the template with so many copies of it."""
    with medcollect.open_book(url) as door:
        engine = door._store.engine
        dialect = engine.dialect.name
        tables = [t for t in metadata.sorted_tables if t is not counters]
        with engine.begin() as connection:
            stride = move_on(connection)
            for table in tables:
                made = f'CREATE TABLE "{TEMPLATE}{table.name}" AS '
                connection.exec_driver_sql(f'{made} SELECT * FROM "{table.name}"')  # noqa: S608
        for number, mark in zip(range(1, copies + 1), marks(), strict=False):
            with engine.begin() as connection:
                for table in tables:
                    names = ", ".join(f'"{c.name}"' for c in table.columns)
                    values = ", ".join(
                        copied(c, mark, number * stride, dialect) for c in table.columns
                    )
                    connection.exec_driver_sql(
                        f'INSERT INTO "{table.name}" ({names}) '  # noqa: S608 - our own names
                        f'SELECT {values} FROM "{TEMPLATE}{table.name}"'
                    )
        with engine.begin() as connection:
            connection.execute(sa.update(counters).values(value=(copies + 1) * stride))
            for table in tables:
                connection.exec_driver_sql(f'DROP TABLE "{TEMPLATE}{table.name}"')
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE" if dialect == "postgresql" else "PRAGMA optimize")


def cost_of(url: str, paths: list[Path]) -> float:
    """What importing files costs in a book."""
    books = importing.PostgresBooks(url)
    with medcollect.open_book(url) as door:
        begin = time.process_time() if url.startswith("sqlite") else books.clock(door)
        answer = door.import_files(paths)
        end = time.process_time() if url.startswith("sqlite") else books.clock(door)
        seconds = end - begin
    if answer["exceptions"] or not answer["balanced"] or answer["unapplied"] != "0.00":
        raise SystemExit("the files did not post: the figure would mean nothing")
    return seconds


def measure(url: str, folder: Path, claims: int, mark: str, runs: int) -> float:
    """The median cost of files of so many claims, other ones in each run."""
    costs = []
    for run in range(runs):
        remittances = max(claims // 500, 1)
        paths = importing.write_files(folder, claims, remittances, f"{mark}{run}X")
        costs.append(cost_of(url, paths))
    return statistics.median(costs)


def table(url: str, folder: Path, claims: int, sizes: list[int], runs: int) -> Iterator[str]:
    """The lines of the table."""
    measure(url, folder, 10, "WARM", 1)  # what is loaded late is loaded now
    before = {size: measure(url, folder, size, f"EMPTY{size}N", runs) for size in sizes}
    with medcollect.open_book(url) as door:
        door.import_files(importing.write_files(folder, TEMPLATE_CLAIMS, 20, MARK))
    begin = time.perf_counter()
    grow(url, claims // TEMPLATE_CLAIMS)
    minutes = (time.perf_counter() - begin) / 60
    yield f"| files of | in a new book | beside {claims:,} claims | |"
    yield "|---|---|---|---|"
    for size in sizes:
        after = measure(url, folder, size, f"FULL{size}N", runs)
        yield (
            f"| {size:,} claims, billed and answered | {before[size]:.3f} s | {after:.3f} s "
            f"| **{after / before[size]:.2f}x** |"
        )
    yield ""
    yield f"The large book took {minutes:.0f} minutes to make."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--files", default="20,2000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--book")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    url = options.book or f"sqlite:///{folder / 'book.db'}"
    sizes = [int(text) for text in options.files.split(",")]
    try:
        for line in table(url, folder, options.claims, sizes, options.runs):
            print(line, flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
