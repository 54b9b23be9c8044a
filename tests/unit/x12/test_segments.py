"""Segments left in the bytes are those that cutting gives, wherever chunks end."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.x12.segments import Segments, UncutTokens
from medcollect.x12.tokens import Tokens
from tests.fuzz.mutate import mutate
from tests.unit.x12.support import CLP, era, text

SAMPLES = sorted((Path(__file__).parents[3] / "edi_samples").glob("*.edi"))
PLAIN = text(era(*CLP * 40)).replace(b"~\n", b"~")
REMITTANCES = [data for data in (path.read_bytes() for path in SAMPLES) if b"ST*835" in data]


def read(
    kind: type[Tokens], data: bytes, limits: Limits
) -> tuple[list[tuple[int, str]], list[Finding], bool]:
    """The segments with their numbers, the findings, and whether the last is cut off."""
    segments: list[tuple[int, str]] = []
    findings, cut_off = [], False
    for batch in kind(io.BytesIO(data), limits).batches():
        segments += list(enumerate(batch.segments, batch.first))
        findings += batch.findings
        cut_off = batch.cut_off
    return segments, findings, cut_off


def assert_same(data: bytes, limits: Limits) -> None:
    assert read(UncutTokens, data, limits) == read(Tokens, data, limits)


def uncut(data: bytes, limits: Limits = Limits()) -> list[Segments]:  # noqa: B008
    batches = [batch.segments for batch in UncutTokens(io.BytesIO(data), limits).batches()]
    return [segments for segments in batches if isinstance(segments, Segments)]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.integers(0, 1 << 32),
    st.sampled_from(REMITTANCES),
    st.sampled_from(REMITTANCES),
    st.sampled_from((64, 500, 4096, 1 << 17)),
    st.sampled_from((b"", b"\n", b"\r\n", b" \n", b"\n ")),
)
def test_spoilt_files_are_cut_the_same(
    seed: int, sample: bytes, other: bytes, chunk: int, line_end: bytes
) -> None:
    data = mutate(seed, sample, other).replace(b"~\n", b"~").replace(b"~", b"~" + line_end)
    assert_same(data, Limits(chunk_bytes=chunk, segment_length_max=300))


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_a_plain_835_is_left_in_its_bytes(line_end: bytes) -> None:
    data = PLAIN.replace(b"~", b"~" + line_end).replace(b"MUSTER", "MÜSTER".encode())
    (found,) = uncut(data)
    assert found[:] == [segment for _, segment in read(Tokens, data, Limits())[0]][1:]
    assert [found[place] for place in range(len(found))] == list(found)
    assert found[-1].startswith("IEA")
    joined = ["A*1", "B"] + found  # type: ignore[operator]  # noqa: RUF005 - lists give way here
    assert list(joined) == ["A*1", "B", *found]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"~CLP*", b"~ CLP*"),
        (b"~CLP*", b"~~CLP*"),
        (b"~CLP*", b"~\n\nCLP*"),
        (b"~CLP*", b"~CL\nP*"),
        (b"~CLP*", b"~\x1aCLP*"),
        (b"~CLP*", b"~ISA*00*          *~CLP*"),
        (b"~CLP*", b"~CLP" + b"*" * 70),
        (b"~CLP*", b"~CLP*" + b"9" * 200),
        (b"GS*HP*", b"GS*HC*"),
    ],
)
def test_text_with_anything_unusual_is_cut_with_care(was: bytes, becomes: bytes) -> None:
    data, limits = PLAIN.replace(was, becomes, 1), Limits(segment_length_max=150)
    assert uncut(PLAIN, limits)
    assert becomes in data
    assert not uncut(data, limits)
    assert_same(data, limits)
