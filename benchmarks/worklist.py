"""What the first page of the denial worklist costs beside 200,000 open cases.

    python benchmarks/worklist.py [--cases 200000] [--requests 200] [--book URL]

The book is made of copies of one that was really imported, as in ``growth.py``, whose every claim
has a refused line. Requests go through the real application, a page of the worklist and the
constant endpoint (``/health``) in turn; the figures are processor time of the process, on
PostgreSQL elapsed time, since the server works too. ``--book`` names an empty PostgreSQL database.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import growth
import importing
import sqlalchemy as sa
from fastapi.testclient import TestClient

import medcollect
from api.app import PREFIX, create_app
from medcollect import dates
from medcollect.bookkeeping.ranking import note_written
from medcollect.store.tables import denials

TEMPLATE_CASES = 2_000

PAGES = {
    "first page": "/denials?limit=25",
    "first page of a category": "/denials?limit=25&category=authorization",
    "first page from 100 dollars": "/denials?limit=25&minimum=100",
    "first page of 100": "/denials?limit=100",
}


def costs(
    client: TestClient, paths: list[str], requests: int, clock: Callable[[], float]
) -> list[list[float]]:
    """Milliseconds of each request, the paths in turn."""
    found: list[list[float]] = [[] for _ in paths]
    for _ in range(requests):
        for place, path in enumerate(paths):
            begin = clock()
            answer = client.get(path)
            found[place].append((clock() - begin) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
    return found


def spread_limits(url: str) -> None:
    """Give the cases limits over the year to come: those of the sample have long passed."""
    with medcollect.open_book(url) as door:
        door.denials(limit=1)  # judges the copies, so that nothing judges the new limits away
    with medcollect.open_book(url) as door, door._store.writing() as connection:
        for days in range(0, 360, 6):
            limit = dates.today() + timedelta(days=days)
            some = denials.c.id % 60 == days // 6
            connection.execute(sa.update(denials).where(some).values(deadline=limit))
            note_written(connection, date.min)


def table(url: str, folder: Path, cases: int, requests: int) -> Iterator[str]:
    """The lines of the table."""
    with medcollect.open_book(url) as door:
        door.import_files(importing.write_files(folder, TEMPLATE_CASES, 4, growth.MARK, every=10))
    growth.grow(url, cases // TEMPLATE_CASES - 1)
    spread_limits(url)
    clock = time.process_time if url.startswith("sqlite") else time.perf_counter
    with TestClient(create_app(url), base_url="http://127.0.0.1:8000") as client:
        begin = clock()
        count = client.get(f"{PREFIX}/denials?limit=25").json()["count"]
        yield f"{count:,} open cases; the first request of a day, which ranks them all: "
        yield f"{clock() - begin:.1f} s."
        yield ""
        paths = [PREFIX + path for path in ("/health", *PAGES.values())]
        costs(client, paths, 5, clock)
        base, *pages = costs(client, paths, requests, clock)
    yield "| | median | 95th percentile | against the constant |"
    yield "|---|---|---|---|"
    constant = statistics.median(base)
    for name, spent in zip(["constant endpoint", *PAGES], [base, *pages], strict=True):
        median = statistics.median(spent)
        late = statistics.quantiles(spent, n=20)[-1]
        yield f"| {name} | {median:.2f} ms | {late:.2f} ms | **{median / constant:.1f}x** |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--book")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    url = options.book or f"sqlite:///{folder / 'book.db'}"
    try:
        for line in table(url, folder, options.cases, options.requests):
            print(line, flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
