"""Python's cyclic garbage collector while an import makes many records and no cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects between two runs of the garbage collector while importing.
_COLLECT_EVERY = 200_000


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Let the cyclic garbage collector run seldom: a batch makes many records and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
