"""Columns of a batch: where things stand, what is cut and read together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medcollect.model.common import Delimiters
from medcollect.money import parse_cents
from medcollect.x12.columns import Columns, grouped

WRITTEN = st.one_of(
    st.text(alphabet="0123456789.-+ _e\u0664", max_size=10),
    st.decimals(-10_000_000, 10_000_000, places=2).map(str),
    st.integers(-(10**12), 10**12).map(str),
)
ELEMENT = st.text(alphabet="AB1 \u00e9\u20ac\x00", max_size=10)


def every(segments: list[str]) -> tuple[Columns, np.ndarray]:  # type: ignore[type-arg]
    return Columns(segments, Delimiters()), np.arange(len(segments))


@given(st.lists(WRITTEN, min_size=1, max_size=20))
def test_amounts_read_together_are_what_each_is_alone(written: list[str]) -> None:
    columns, rows = every([f"AMT*B6*{text}" for text in written])
    ((_, cents, readable),) = columns.amounts([(rows, 2)])
    alone = [parse_cents(text) for text in written]
    assert readable.tolist() == [amount is not None for amount in alone]
    assert cents.tolist() == [amount or 0 for amount in alone]


def test_an_amount_that_is_not_there_is_not_readable() -> None:
    columns, rows = every(["AMT*B6*7", "AMT*B6", "AMT"])
    ((_, cents, readable),) = columns.amounts([(rows, 2)])
    assert readable.tolist() == [True, False, False]
    assert cents.tolist() == [700, 0, 0]


@given(st.lists(st.lists(ELEMENT, min_size=1, max_size=6), min_size=1, max_size=12))
def test_elements_are_those_of_each_segment_padded(rows_of: list[list[str]]) -> None:
    segments = ["*".join(["X", *elements]) for elements in rows_of]
    columns, rows = every(segments)
    for place, column in enumerate(columns.elements(rows, 5)):
        assert column == [([*s.split("*"), *[""] * 5])[place] for s in segments]
    for place in range(1, 6):
        assert columns.words(rows, place) == columns.elements(rows, 6)[place]
    assert columns.widths.tolist() == [s.count("*") + 1 for s in segments]


def test_cuts_are_where_the_first_three_characters_say() -> None:
    segments = ["CLP*1", "CLPX*1", "LX*1", "LX", "LXX*1", "CL", "TS3*1", "X*CLP*"]
    columns, _ = every(segments)
    assert columns.kinds(("CLP", "LX", "TS3")).nonzero()[0].tolist() == [0, 1, 2, 3, 6]


@given(st.lists(st.integers(0, 3), max_size=12))
def test_items_are_grouped_by_their_counts(counts: list[int]) -> None:
    lasts = np.cumsum(counts, dtype=np.intp)
    items = list(range(sum(counts)))
    found = list(zip(counts, grouped(items, lasts - counts, lasts), strict=False))
    assert [len(group) for _, group in found] == counts
    assert [item for _, group in found for item in group] == items
