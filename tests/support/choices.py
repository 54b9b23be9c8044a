"""Where a generated world's decisions come from: a seed, or hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def whole(self, low: int, high: int) -> int:
        """A number from low to high, both included."""

    def one_in(self, count: int) -> bool:
        """True about once in so many times."""


class SeededChoices:
    """Decisions from a seed: the same number gives the same world."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def whole(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0


class DrawnChoices:
    """Decisions drawn by hypothesis; zero and false are the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[T]], T]) -> None:
        self._draw = draw

    def whole(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def one_in(self, count: int) -> bool:
        return self._draw(st.integers(0, count - 1)) == count - 1
