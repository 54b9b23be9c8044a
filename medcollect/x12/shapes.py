"""Patterns of regular loops: what a loop looks like as most write it, as one regular expression.

A loop is written down as its segments, a segment as its identifier and its elements. An element is
``name``, wanted, or ``""``, not wanted; ``name+`` may not be empty; ``name$`` is an amount such as
``12`` or ``12.50``, found as ``name`` and ``name_cents``; ``name=a|b`` is one of these. Elements
after the last that must be there may be left off, further ones are passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medcollect.model.common import Delimiters

_MUST: Final = re.compile(r"[=+$]")


class Shapes:
    """Makes the patterns for some separators, where segments named ``loops`` begin a loop.

    They are for segments each of which has a terminator before and after it. Quantifiers
    are possessive throughout: a text is looked at once, however it was spoilt.
    """

    def __init__(self, delimiters: Delimiters, loops: Iterable[str]) -> None:
        self._separator = re.escape(delimiters.element)
        self._end = re.escape(delimiters.terminator)
        self._element = f"[^{self._separator}{self._end}]"
        self._element_end = f"[{self._separator}{self._end}]"
        self._loops = "|".join([tag + self._tag_end(tag) for tag in loops])

    def _tag_end(self, tag: str) -> str:
        """The reader knows a segment by three characters, of which the last may be the end."""
        return "" if len(tag) == 3 else self._element_end

    def segment(self, tag: str, *elements: str) -> str:
        """One segment, with the terminator before it."""
        must = max([i for i, notation in enumerate(elements) if _MUST.search(notation)], default=0)
        pattern = f"{self._end}{tag}"
        for index, notation in enumerate(elements):
            # Where no separator follows an element, the segment ends, and what comes is empty.
            pattern += self._separator + ("" if index <= must else "?+") + self._wanted(notation)
        return f"{pattern}[^{self._end}]*+"

    def perhaps(self, tag: str, *elements: str) -> str:
        """A segment that may be absent."""
        return f"(?:{self.segment(tag, *elements)}|)"

    def segments(self, name: str, tags: str = "") -> str:
        """Any segments as one text: those with these identifiers, or all that begin no loop."""
        which = f"(?=(?:{tags}){self._separator})" if tags else f"(?!{self._loops})"
        return f"(?P<{name}>(?:{self._end}{which}[^{self._end}]*+)*+)"

    def loop(self, tag: str, *pieces: str) -> re.Pattern[str]:
        """Finds every loop that begins with ``tag``; of an irregular one, nothing but empty texts.

        The first piece is the segment that begins it.
        """
        start = self._end + tag
        regular = "".join(pieces).removeprefix(start)
        loop_end = f"(?={self._end}(?:{self._loops}|\\Z))"
        return re.compile(f"{start}(?:{regular}{loop_end}|(?={self._tag_end(tag)}))")

    def _wanted(self, notation: str) -> str:
        """The pattern of one element."""
        name, _, choices = notation.rstrip("+$").partition("=")
        if notation.endswith("$"):
            cents = f"(?:\\.(?P<{name}_cents>[0-9][0-9])|)"
            return f"(?P<{name}>[0-9]{{1,10}}){cents}(?={self._element_end})"
        pattern = self._element + ("++" if notation.endswith("+") else "*+")
        if choices:
            pattern = f"(?:{choices})(?={self._element_end})"
        return f"(?P<{name}>{pattern})" if name else pattern
