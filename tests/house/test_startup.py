"""``medcollect --help`` answers at once: nothing heavy is imported before it is needed."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

HEAVY = ("sqlalchemy", "pandas", "fastapi", "pyx12", "rich", "xlsxwriter", "alembic", "pydantic")

HELP = "import sys; sys.argv = ['medcollect', '--help']; from medcollect.cli import main; main()"
LOADED = (
    "import sys\n"
    "from medcollect.cli.app import app\n"
    "app(['--help'], standalone_mode=False)\n"
    f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def seconds_for_help() -> float:
    started = time.perf_counter()
    run(HELP)
    return time.perf_counter() - started


def test_help_takes_less_than_half_a_second() -> None:
    run(HELP)  # the first run may have to compile the modules
    assert statistics.median(seconds_for_help() for _ in range(3)) < 0.5


def test_help_loads_nothing_heavy() -> None:
    assert run(LOADED).stderr.strip() == "loaded: []"
