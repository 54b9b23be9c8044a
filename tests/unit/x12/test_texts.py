"""Texts as one run of bytes: what goes in comes out, whatever its length and letters."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medcollect.x12.texts import cut, one_after_other, texts_of

WORDS = st.lists(st.one_of(st.text(max_size=6), st.text(max_size=100), st.just("x" * 12)))


@given(WORDS, WORDS)
def test_texts_come_out_as_they_went_in(first: list[str], second: list[str]) -> None:
    assert texts_of(first).strings() == first
    assert one_after_other([texts_of(first), texts_of(second)]).strings() == first + second


@given(WORDS, st.randoms())
def test_some_of_them_in_any_order(words: list[str], chance) -> None:  # type: ignore[no-untyped-def]
    rows = [chance.randrange(len(words)) for _ in range(5)] if words else []
    found = texts_of(words).taken(np.array(rows, np.intp))
    assert found.strings() == [words[row] for row in rows]


def test_those_that_are_missing_are_empty() -> None:
    assert texts_of(["a", "bc"]).spread(np.array([1, 3]), 4).strings() == ["", "a", "", "bc"]


def test_the_last_bytes_may_be_asked_for() -> None:
    data = np.frombuffer(b"abcdef", np.uint8)
    assert cut(data, np.array([5, 0]), np.array([6, 4])).strings() == ["f", "abcd"]
