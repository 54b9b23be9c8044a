"""Segments that stay in the bytes of the file until somebody asks for them.

Tables take their cells out of the bytes, so of most segments no text is ever made. What stands in
the text of an 835 is found at once (numpy, over the bytes); only text with anything unusual in it
is left to ``Tokens``, which cuts it with care.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, cast, overload

import numpy as np

from medcollect.x12.separators import in_plain_bytes
from medcollect.x12.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from medcollect.model.common import Delimiters
    from medcollect.x12.tokens import Batch

Rows: TypeAlias = "NDArray[np.intp]"

#: Bytes below this are no text.
_BLANK: Final = ord(" ")
_LINE_ENDS: Final = (ord("\r"), ord("\n"))
#: The functional group of an 835 begins within so many characters of its interchange.
_GROUP_WITHIN: Final = 1024


class Found(NamedTuple):
    """Where in the bytes everything is.

    ``marks`` are where elements end, ``lasts`` says which of them end segments, ``starts`` are
    where the segments begin. The bytes end with the last segment's terminator.
    """

    data: bytes
    marks: Rows
    lasts: Rows
    starts: Rows


def find(data: bytes, delimiters: Delimiters) -> Found:
    """Find elements and segments in bytes, which end with a terminator or are none."""
    cells = np.frombuffer(data, np.uint8)
    is_end = cells == ord(delimiters.terminator)
    marks = np.flatnonzero((cells == ord(delimiters.element)) | is_end)
    lasts = np.flatnonzero(is_end[marks])
    starts = np.zeros(len(lasts), np.intp)
    starts[1:] = marks[lasts[:-1]] + 1
    return Found(data, marks, lasts, starts)


class Segments(Sequence[str]):
    """Segments, each cut out of the bytes when it is asked for; a slice of them is a list."""

    def __init__(self, found: Found, delimiters: Delimiters) -> None:
        self.found = found
        self._delimiters = delimiters

    def __len__(self) -> int:
        return len(self.found.starts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        data, marks, lasts, starts = self.found
        if not isinstance(place, slice):
            place = index(place)
            return data[starts[place] : marks[lasts[place]]].decode()
        bounds = zip(starts[place].tolist(), marks[lasts[place]].tolist(), strict=True)
        return [data[begin:end].decode() for begin, end in bounds]

    def __iter__(self) -> Iterator[str]:
        return iter(self[:])

    def __radd__(self, before: list[str]) -> Segments:
        """The same with other segments before them."""
        terminator = self._delimiters.terminator
        text = terminator.join(before) + terminator if before else ""
        first = find(text.encode(), self._delimiters)
        data, marks, lasts, starts = self.found
        size = len(first.data)
        found = Found(
            first.data + data,
            np.concatenate((first.marks, marks + size)),
            np.concatenate((first.lasts, lasts + len(first.marks))),
            np.concatenate((first.starts, starts + size)),
        )
        return Segments(found, self._delimiters)


class UncutTokens(Tokens):
    """Tokens that leaves segments of an 835 in the bytes where nothing speaks against it."""

    _is_payments = False
    _found: Found | None = None

    def _open_interchange(self) -> Batch:
        batch = super()._open_interchange()
        group = f"GS{self._delimiters.element}HP"
        self._is_payments = group in self._text[:_GROUP_WITHIN]
        return batch

    def _next_interchange(self) -> int | None:
        self._found = self._plain() if self._is_payments and not self._skipping else None
        return super()._next_interchange() if self._found is None else None

    def _complete(self) -> list[str]:
        found, self._found = self._found, None
        if found is None:
            return super()._complete()
        self._text = self._text[self._text.rfind(self._delimiters.terminator) + 1 :]
        return cast("list[str]", Segments(found, self._delimiters))  # does what a list is asked

    def _plain(self) -> Found | None:
        """Where everything is in the text at hand up to the last terminator.

        ``None`` where cutting would do more than that: an interchange begins, a limit is met, a
        segment is empty or indented, a line ends elsewhere than behind a segment, or a control
        character stands anywhere.
        """
        text, delimiters = self._text, self._delimiters
        end = text.rfind(delimiters.terminator) + 1
        if not end or not in_plain_bytes(delimiters):
            return None
        if len(text) - end > self._limits.segment_length_max:
            return None
        found = find(text[:end].encode(), delimiters)
        starts = self._behind_line_ends(found)
        if starts is None or self._is_special(found, starts):
            return None
        return found._replace(starts=starts)

    def _behind_line_ends(self, found: Found) -> Rows | None:
        """Where segments begin when line ends before them are passed over, if all are there."""
        cells = np.frombuffer(found.data, np.uint8)
        others = np.count_nonzero(cells < _BLANK)
        if ord(self._delimiters.terminator) < _BLANK:
            others -= len(found.lasts)
        if ord(self._delimiters.element) < _BLANK:
            others -= len(found.marks) - len(found.lasts)
        starts = found.starts
        for line_end in _LINE_ENDS if others else ():
            passed = cells[starts] == line_end
            if line_end != ord(self._delimiters.terminator):
                starts = starts + passed
                others -= np.count_nonzero(passed)
        return None if others else starts

    def _is_special(self, found: Found, starts: Rows) -> bool:
        """Whether a segment is empty, indented, an ISA, too long or too wide."""
        cells = np.frombuffer(found.data, np.uint8)
        sizes = found.marks[found.lasts] - starts
        widths = np.diff(found.lasts, prepend=-1)
        if int(sizes.min()) == 0 or int(cells[starts].min()) <= _BLANK:
            return True
        if int(widths.max()) > self._limits.elements_max:
            return True
        if int(sizes.max()) > self._limits.segment_length_max:
            return True
        return bool((cells[starts] == ord("I")).any()) and any(
            found.data.startswith(b"ISA", start)
            for start in starts[cells[starts] == ord("I")].tolist()
        )
