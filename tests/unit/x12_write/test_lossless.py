"""Whatever bytes a file holds: taken apart and put together, they are the same."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.errors import BadRequest
from medcollect.x12 import Limits
from medcollect.x12.lossless import ExactSegment, from_lines, put_together, take_apart, to_lines
from tests.property.test_reading import FILES, MARKS, written
from tests.unit.x12.support import era


def apart(data: bytes, limits: Limits | None = None) -> list[bytes]:
    return list(to_lines(take_apart(io.BytesIO(data), limits)))


def together(lines: list[bytes]) -> bytes:
    return b"".join(put_together(from_lines(lines)))


@given(st.binary(max_size=500), st.integers(1, 300))
@settings(max_examples=200)
def test_any_bytes_come_back(data: bytes, chunk: int) -> None:
    assert together(apart(data)) == data
    assert together(apart(data, Limits(chunk_bytes=chunk, segment_length_max=100))) == data


@given(st.sampled_from(FILES), st.binary(max_size=60), st.integers(1, 300), st.data())
@settings(max_examples=300)
def test_damaged_files_come_back(file: bytes, junk: bytes, chunk: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(file)))
    kept = data.draw(st.integers(at, len(file)))
    damaged = file[:at] + junk + file[kept:]
    limits = Limits(chunk_bytes=chunk, segment_length_max=200)
    assert together(apart(damaged, limits)) == damaged


@given(MARKS, st.sampled_from(["", "\n", "\r\n", "\n\n", "\n   ", "\t"]), st.booleans())
def test_any_separators_and_line_ends_come_back(
    marks: list[str], line_end: str, marked: bool
) -> None:
    data = (b"\xef\xbb\xbf" if marked else b"") + written(era(), marks, line_end)
    assert together(apart(data)) == data


def test_segments_stand_as_lists_of_their_elements() -> None:
    lines = [json.loads(line) for line in apart("~\r\n".join(era()).encode() + b"~\r\n")]
    assert lines[0] == {"type": "file", "version": 1}
    assert lines[1]["after"] == "~\r\n"
    bpr = next(line for line in lines[2:] if line["elements"][0] == "BPR")
    assert bpr == {"type": "segment", "number": 4, "elements": era()[3].split("*")}


def test_bytes_that_are_no_utf8_are_plain_json() -> None:
    """Every JSON tool must be able to pass them on, so no lone surrogates."""
    data = "~".join(era()).replace("ANNA", "ANN\xc9").encode("latin-1")
    lines = apart(data)
    (odd,) = [json.loads(line) for line in lines if b"latin-1" in line]
    assert "ANN\xc9" in odd["elements"]
    assert together([json.dumps(json.loads(line)).encode() for line in lines]) == data


def test_an_edited_element_is_written() -> None:
    lines = [line.replace(b'"EFT77"', b'"EFT78"') for line in apart("~".join(era()).encode())]
    assert together(lines) == "~".join(era()).replace("EFT77", "EFT78").encode()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "empty"),
        ([b"{}"], "Line 1"),
        ([b"ISA*00~"], "Line 1"),
        ([b'{"type":"text","text":"a"}'], "Line 1"),
        ([b'{"type":"file","version":2}'], "Line 1"),
        ([b'{"type":"file","version":1}', b'{"type":"text"}'], "Line 2"),
        ([b'{"type":"file","version":1}'] * 2, "Line 2"),
        ([b'{"type":"file","version":1}', b'{"type":"text","text":"","encoding":"x"}'], "Line 2"),
        (
            [
                b'{"type":"file","version":1}',
                '{"type":"text","text":"\u20ac","encoding":"latin-1"}'.encode(),
            ],
            "Line 2",
        ),
    ],
)
def test_what_is_no_record_is_refused_with_its_line(lines: list[bytes], told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        together(lines)


class Endless(io.RawIOBase):
    """A stream that makes its bytes as they are read."""

    def __init__(self, start: bytes, more: bytes, times: int) -> None:
        self.parts: Iterator[bytes] = iter([start, *[more] * times])

    def read(self, _size: int = -1) -> bytes:
        return next(self.parts, b"")


def peak(times: int) -> int:
    start = "~".join(era()).encode()
    stream = Endless(start, b"CLP*1*1*10*10~SVC*HC:99213*10*10~" * 500, times)
    tracemalloc.start()
    try:
        count = sum(isinstance(r, ExactSegment) for r in take_apart(stream, Limits()))  # type: ignore[arg-type]
        assert count > times * 1000
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file() -> None:
    assert peak(40) < 1.3 * peak(8)
