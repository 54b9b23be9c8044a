"""What spoilt bytes are put through: every check of ``medcollect check``, and tables."""

from __future__ import annotations

import contextlib
import io
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from medcollect.tables import read_tables
from medcollect.tasks.check import check

SAMPLES = sorted((Path(__file__).parents[2] / "edi_samples").glob("*.edi"))
SECONDS_MAX = 2.0


class TooSlow(Exception):
    """One input took longer than it may."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooSlow when the block takes more processor time (main thread, POSIX only)."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"longer than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def survive(data: bytes, seconds: float = SECONDS_MAX) -> int:
    """Check the bytes as a file; whatever is raised is a fault. Returns the number of findings."""
    with at_most(seconds):
        answer = check(["-"], stdin=io.BytesIO(data))
    assert len(answer["files"]) == 1
    return sum(answer["findings"].values())


def make_tables(data: bytes, seconds: float = SECONDS_MAX) -> None:
    """Read the bytes into tables; whatever is raised is a fault."""
    with tempfile.NamedTemporaryFile(suffix=".edi") as file:
        file.write(data)
        file.flush()
        with at_most(seconds):
            read_tables(file.name)
