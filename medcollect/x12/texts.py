"""Many texts as one run of bytes: cut out of a file and put into a table without a ``str`` each."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.intp]

#: Texts up to this length are cut as if all were as long as the longest; it takes less time.
_SHORT: Final = 64


class Texts(NamedTuple):
    """Texts in UTF-8 one after the other, and how many bytes each has."""

    data: NDArray[np.uint8]
    sizes: Places

    def offsets(self) -> Places:
        """Where each text begins, and at last where the last one ends."""
        found = np.zeros(len(self.sizes) + 1, np.int64)
        np.cumsum(self.sizes, out=found[1:])
        return found

    def taken(self, rows: Places) -> Texts:
        """Some of the texts, in this order."""
        offsets = self.offsets()
        return cut(self.data, offsets[rows], offsets[rows + 1])

    def spread(self, rows: Places, size: int) -> Texts:
        """The texts at these places of ``size``, which ascend; empty ones at the others."""
        if len(rows) == size:
            return self
        sizes = np.zeros(size, np.intp)
        sizes[rows] = self.sizes
        return Texts(self.data, sizes)

    def strings(self) -> list[str]:
        """Each text by itself."""
        whole = self.data.tobytes()
        bounds = pairwise(self.offsets().tolist())
        if whole.isascii():
            text = whole.decode()
            return [text[a:b] for a, b in bounds]
        return [whole[a:b].decode("utf-8", "surrogatepass") for a, b in bounds]


def cut(data: NDArray[np.uint8], starts: Places, ends: Places) -> Texts:
    """The texts that stand between these places of the bytes."""
    sizes = ends - starts
    longest = int(sizes.max(initial=0))
    if not longest:
        return Texts(data[:0], sizes)
    if longest > _SHORT:
        before = np.cumsum(sizes) - sizes
        return Texts(data[np.repeat(starts - before, sizes) + np.arange(sizes.sum())], sizes)
    if int(starts.max()) + longest > len(data):
        data = np.append(data, np.zeros(longest, np.uint8))
    windows = np.ndarray((len(data) - longest + 1,), f"V{longest}", data, strides=(1,))
    cells = windows[starts].view(np.uint8)
    if int(sizes.min()) < longest:
        cells = cells.reshape(-1, longest)[np.arange(longest) < sizes[:, None]]
    return Texts(cells, sizes)


def texts_of(strings: Sequence[str]) -> Texts:
    """These texts as bytes."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
    sizes = np.fromiter(map(len, encoded), np.intp, len(encoded))
    return Texts(np.frombuffer(b"".join(encoded), np.uint8), sizes)


def one_after_other(parts: Sequence[Texts]) -> Texts:
    """All texts of the parts."""
    data, sizes = zip(*parts, strict=True)
    return Texts(np.concatenate(data), np.concatenate(sizes))
