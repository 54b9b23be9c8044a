"""What spoilt bytes are put through: reading and every check of ``medcollect check``."""

from __future__ import annotations

import contextlib
import io
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from medcollect.tasks.check import check

SAMPLES = sorted((Path(__file__).parents[2] / "edi_samples").glob("*.edi"))
SECONDS_MAX = 2.0


class TooSlow(Exception):
    """One input took longer than it may."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooSlow when the block takes longer (main thread, POSIX only)."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def survive(data: bytes, seconds: float = SECONDS_MAX) -> int:
    """Check the bytes as a file; whatever is raised is a fault. Returns the number of findings."""
    with at_most(seconds):
        answer = check(["-"], stdin=io.BytesIO(data))
    assert len(answer["files"]) == 1
    return sum(answer["findings"].values())
