"""How fast an 835 becomes pandas tables: ours and oxedi's, same file, same run.

    python benchmarks/tables.py [--megabytes 10] [--runs 5]

prints a markdown table; every figure is the median processor time of the runs, which take turns.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from pathlib import Path

import oxedi
from reading import era, version

import medcollect


def ours(path: Path) -> int:
    return sum(map(len, medcollect.read_tables(path).values()))


def with_oxedi(path: Path) -> int:
    return sum(map(len, oxedi.parse(path.read_bytes()).tables.to_pandas().values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    readers = {
        f"medcollect {version('medcollect')} read_tables": ours,
        f"oxedi {version('oxedi')} parse and to_pandas": with_oxedi,
    }
    times: dict[str, list[float]] = {name: [] for name in readers}
    rows: dict[str, int] = {}
    data, claims = era(int(options.megabytes * 1e6))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "era.835"
        path.write_bytes(data)
        for turn in range(options.runs + 1):
            for name, read in readers.items():
                begin = time.process_time()
                rows[name] = read(path)
                if turn:  # the first only warms up: imports, caches
                    times[name].append(time.process_time() - begin)
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    size = f"{len(data) / 1e6:.1f} MB"
    print(f"| 835, {size} | median of {options.runs} | rows | claims/s | speed against ours |")
    print("|---|---|---|---|---|")
    first = statistics.median(next(iter(times.values())))
    for name, taken in times.items():
        seconds = statistics.median(taken)
        figures = f"{seconds:.2f} s | {rows[name]:,} | {claims / seconds:,.0f}"
        print(f"| {name} | {figures} | {first / seconds:.2f} |")


if __name__ == "__main__":
    main()
