"""Whatever a file holds, reading and checking it ends soon, raises nothing and keeps memory low.

Spoilt samples in their thousands; ``benchmarks/fuzz.py`` does the same in its hundred thousands.
"""

from __future__ import annotations

import io
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medcollect.tasks.check import check
from tests.fuzz.mutate import CHANGES, mutate
from tests.fuzz.target import SAMPLES, SECONDS_MAX, TooSlow, at_most, survive

CRASHERS = sorted((Path(__file__).parent / "crashers").glob("*.edi"))
SMALL = [path.read_bytes() for path in SAMPLES if path.stat().st_size < 8_000]


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Load the diagnosis tables, which takes seconds once."""
    for sample in SAMPLES[:5]:
        check([sample])


@settings(
    max_examples=2_500,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    seed=st.integers(0, 2**32),
    sample=st.sampled_from(SMALL),
    other=st.sampled_from(SMALL),
)
def test_a_spoilt_file_gives_findings_and_never_an_exception(
    seed: int, sample: bytes, other: bytes
) -> None:
    survive(mutate(seed, sample, other))


@settings(max_examples=600, derandomize=True, deadline=None)
@given(
    sample=st.sampled_from(SMALL),
    edits=st.lists(
        st.tuples(st.integers(0, 8_000), st.integers(0, 60), st.binary(max_size=12)), max_size=6
    ),
)
def test_any_bytes_put_anywhere_are_survived(
    sample: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    data = sample
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    survive(data)


@pytest.mark.parametrize("path", CRASHERS, ids=lambda path: path.stem)
def test_what_once_failed_no_longer_does(path: Path) -> None:
    survive(path.read_bytes())


def test_the_crashers_are_kept() -> None:
    assert CRASHERS


@pytest.mark.parametrize(
    "filler", [b"*", b":", b"CAS*CO*45*1~", b"LX*1~", b"HL*1**20*1~", b"ISA", b"~", b" ", b"\n"]
)
def test_memory_does_not_grow_beyond_a_multiple_of_the_file(filler: bytes) -> None:
    """Half a megabyte of one thing in the middle of a sample."""
    sample = SMALL[0]
    middle = sample.index(b"~", len(sample) // 2) + 1
    data = sample[:middle] + filler * (500_000 // len(filler)) + sample[middle:]
    tracemalloc.start()
    try:
        with at_most(30):
            check(["-"], stdin=io.BytesIO(data))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150_000_000


def test_the_same_seed_spoils_in_the_same_way() -> None:
    assert mutate(7, SMALL[0], SMALL[1]) == mutate(7, SMALL[0], SMALL[1])
    spoilt = {mutate(seed, SMALL[0], SMALL[1]) for seed in range(200)}
    assert len(spoilt) > 150
    assert len(set(CHANGES)) >= 10


def work_for(seconds: float) -> None:
    enough = time.process_time() + seconds
    while time.process_time() < enough:
        pass


def test_a_hang_would_be_noticed() -> None:
    with pytest.raises(TooSlow), at_most(0.01):
        work_for(5)
    assert SECONDS_MAX <= 2
