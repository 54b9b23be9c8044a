"""The segments of a batch as columns: what is asked of all of them is asked once.

A loop of Python over segments costs more than everything that a file needs read. So where each
segment and element stands is found for a whole batch at once (numpy, over the bytes), the elements
of all segments of one kind are cut by one ``split``, amounts are read a column at a time and what
recurs is made once. Nothing here knows what a segment means.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from itertools import count, repeat
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

import numpy as np

from medcollect.money import parse_cents
from medcollect.x12.segments import Segments, find
from medcollect.x12.texts import Texts, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from medcollect.model.common import Delimiters

T = TypeVar("T")

Rows: TypeAlias = "NDArray[np.intp]"
Mask: TypeAlias = "NDArray[np.bool_]"
Cents: TypeAlias = "NDArray[np.int64]"
Codes: TypeAlias = "NDArray[np.uint32]"

_WORD: Final = 8
_THREE_BYTES: Final = np.uint32(0xFFFFFF)
#: Bytes after the last segment, so that a word can be read at its end.
_MARGIN: Final = bytes(_WORD)
#: What to keep of a word by how many bytes of it belong to the element.
_KEPT: Final = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], np.uint64)
#: Makes one number of two that tells most pairs apart, and spreads numbers over all bits.
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
#: How many leading bits of spread numbers to tell the different ones apart by: few, or some.
_SPREADS: Final = (12, 16)
#: Identifiers are told apart by the leading bits of what these multiply to.
_FIRST_MIX: Final = 0x9E3779B1
_SLOTS: Final = 1 << 12
_SLOT_SHIFT: Final = np.uint32(32 - 12)
_BYTE: Final = np.uint64(0xFF)
#: More elements than any segment has.
_WIDE: Final = 1 << 62
#: The decimals of an amount without a point; what makes cents of a number by its decimals.
_NO_POINT: Final = 3
_TO_CENTS: Final = np.array((100, 10, 1, 100), np.int64)
#: What stands behind and before the point in the last eight characters, by how many are behind.
_FRACTION: Final = np.array((0, 0xFF << 56, 0xFFFF << 48, (1 << 64) - 1), np.uint64)
_WHOLE: Final = np.array(((1 << 56) - 1, (1 << 48) - 1, (1 << 40) - 1, 0), np.uint64)
_NOUGHTS: Final = np.uint64(0x3030303030303030)
_TENS: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIX: Final = np.uint64(0x0606060606060606)
_PAIRS: Final = np.uint64(0x00FF00FF00FF00FF)
_FOURS: Final = np.uint64(0x0000FFFF0000FFFF)
_EIGHTS: Final = np.uint64(0x00000000FFFFFFFF)


def code(text: str) -> int:
    """Up to four characters as the number that ``Columns.codes`` holds for them."""
    return int.from_bytes(text.encode(), "little")


def starts_with(codes: Codes, text: str) -> Mask:
    """Which codes begin with these characters, four at most."""
    if len(text) < 4:
        codes = codes & np.uint32((1 << 8 * len(text)) - 1)
    found: Mask = codes == code(text)
    return found


class _Known(NamedTuple):
    """How segments with known identifiers begin, each in the slot that ``mix`` leads to."""

    mix: np.uint32
    begins: Codes
    numbers: NDArray[np.uint8]


@lru_cache(maxsize=16)
def _known(identifiers: tuple[str, ...], ends: str) -> _Known:
    """A table of these identifiers; each of two characters ends with one of ``ends``."""
    numbers = {
        code(identifier + end): number
        for number, identifier in enumerate(identifiers, 1)
        for end in (ends if len(identifier) == 2 else ("",))
    }
    begins = np.array(list(numbers), np.uint32)
    mixes = (np.uint32(mix) for mix in count(_FIRST_MIX, 2))
    mix = next(m for m in mixes if len(set((begins * m >> _SLOT_SHIFT).tolist())) == len(begins))
    known = _Known(mix, np.zeros(_SLOTS, np.uint32), np.zeros(_SLOTS, np.uint8))
    slots = begins * mix >> _SLOT_SHIFT
    known.begins[slots], known.numbers[slots] = begins, list(numbers.values())
    return known


class Amounts(NamedTuple):
    """Amounts of some rows in whole cents; those that could not be read stand as zero."""

    rows: Rows
    cents: Cents
    readable: Mask


class _Shape(NamedTuple):
    """Some rows, where in the marks each begins, how many elements they have at least and most.

    It holds the rows, so that no others can have their ``id``.
    """

    rows: Rows
    firsts: Rows
    least: int
    most: int


class Columns:
    """The segments of a batch: their identifiers, their widths, their elements by column."""

    def __init__(
        self, segments: list[str] | Segments, delimiters: Delimiters, text: str = ""
    ) -> None:
        """``text`` is the segments with their terminators, where it is at hand."""
        self.segments = segments
        self.separator, self.terminator = delimiters.element, delimiters.terminator
        if isinstance(segments, Segments):
            found = segments.found
        else:
            text = text or self.terminator.join(segments) + self.terminator
            found = find(text.encode("utf-8", "surrogatepass"), delimiters)
        self._data, self._marks, lasts, self._starts = found
        self._bytes = np.frombuffer(self._data, np.uint8)
        #: The eight bytes that begin at each byte, as numbers.
        self._words = np.ndarray((len(self._data) + 1,), "<u8", self._data + _MARGIN, strides=(1,))
        self._whole_words = b"\0" not in self._data
        #: Where in the marks each segment begins.
        self._firsts = np.zeros(len(lasts), np.intp)
        self._firsts[1:] = lasts[:-1] + 1
        #: How many elements each segment has, its identifier counted.
        self.widths = lasts - self._firsts + 1
        #: The first four bytes of each segment.
        self.codes: Codes = self._words[self._starts].astype(np.uint32)
        self._shapes: dict[int, _Shape] = {}

    @property
    def widest(self) -> int:
        """How many elements the longest segment has, its identifier not counted."""
        return int(self.widths.max(initial=1)) - 1

    @cached_property
    def _texts(self) -> NDArray[Any]:
        return np.fromiter(self.segments, object, len(self.segments))

    @cached_property
    def _text(self) -> str:
        return self._data.decode("utf-8", "surrogatepass")

    def kinds(
        self, identifiers: tuple[str, ...], among: Rows | slice = slice(None)
    ) -> NDArray[np.uint8]:
        """Which of these identifiers the segments have, counted from 1; 0 where it is none.

        Identifiers have two or three characters. One of three is found at the beginning of a longer
        word too, as ``segment[:3]`` would.
        """
        known = _known(identifiers, self.separator + self.terminator)
        begins = self.codes[among] & _THREE_BYTES
        slots = begins * known.mix >> _SLOT_SHIFT
        found: NDArray[np.uint8] = known.numbers[slots] * (known.begins[slots] == begins)
        return found

    def codes_at(self, rows: Rows, offset: int) -> Codes:
        """The four bytes at this offset of the segments, as numbers."""
        return self._words[self._starts[rows] + offset].astype(np.uint32)

    def texts(self, rows: Rows) -> list[str]:
        """The segments of these rows."""
        found: list[str] = self._texts[rows].tolist()
        return found

    def elements(self, rows: Rows, width: int) -> list[list[str]]:
        """The first ``width`` elements of these rows as columns; missing ones are empty text."""
        texts, widths = self.texts(rows), self.widths[rows]
        if not texts:
            return [[] for _ in range(width)]
        longest = int(widths.max())
        if int(widths.min()) < longest:
            missing = longest - widths
            padding = [self.separator * count for count in range(longest)]
            texts = list(map(add, texts, map(padding.__getitem__, missing.tolist())))
        flat = self.separator.join(texts).split(self.separator)
        columns = [flat[place::longest] for place in range(min(width, longest))]
        return columns + [[""] * len(texts)] * (width - len(columns))

    def _shape(self, rows: Rows) -> _Shape:
        """What every element of these rows asks for; the same rows are asked again and again."""
        known = self._shapes.get(id(rows))
        if known is None:
            widths = self.widths[rows]
            least, most = int(widths.min(initial=_WIDE)), int(widths.max(initial=0))
            known = self._shapes[id(rows)] = _Shape(rows, self._firsts[rows], least, most)
        return known

    def _bounds(self, rows: Rows, element: int) -> tuple[Rows, Rows]:
        """Where an element of these rows starts and ends; one that is missing has no length."""
        _, firsts, least, _ = self._shape(rows)
        if least > element:
            return self._marks[firsts + (element - 1)] + 1, self._marks[firsts + element]
        widths = self.widths[rows]
        ends = self._marks[firsts + np.minimum(element, widths - 1)]
        starts = self._marks[firsts + np.minimum(element, widths) - 1] + 1
        return np.minimum(starts, ends), ends

    def made(self, rows: Rows, element: int, make: Callable[[str], T]) -> tuple[list[T], Rows]:
        """What is made of the different texts of an element, and which of them each row has."""
        if self._shape(rows).most <= element:
            return [make("")], np.zeros(len(rows), np.intp)
        starts, ends = self._bounds(rows, element)
        sizes = ends - starts
        longest = int(sizes.max())
        if self._whole_words and longest <= _WORD:
            words = self._words[starts] & _KEPT[sizes]
            index, places = _numbered(words)
            return [make(_word_text(word)) for word in words[index].tolist()], places
        if self._whole_words and longest <= 2 * _WORD:
            found = self._made_of_two(starts, sizes, make)
            if found is not None:
                return found
        return _different(self.column(rows, element), make)

    def _made_of_two(
        self, starts: Rows, sizes: Rows, make: Callable[[str], T]
    ) -> tuple[list[T], Rows] | None:
        """The same for texts of two words; ``None`` where their sums do not tell them apart."""
        first = self._words[starts] & _KEPT[np.minimum(sizes, _WORD)]
        nexts = np.minimum(starts + _WORD, len(self._words) - 1)
        second = self._words[nexts] & _KEPT[np.maximum(sizes - _WORD, 0)]
        index, places = _numbered(first * _MIX + second)
        firsts, seconds = first[index], second[index]
        if (firsts[places] != first).any() or (seconds[places] != second).any():
            return None
        pairs = zip(firsts.tolist(), seconds.tolist(), strict=True)
        return [make(_word_text(one | two << 8 * _WORD)) for one, two in pairs], places

    def cells(self, rows: Rows, element: int) -> Texts:
        """One element of these rows as bytes; a missing one is empty text."""
        return cut(self._bytes, *self._bounds(rows, element))

    def sizes(self, rows: Rows, element: int) -> Rows:
        """How many bytes an element of these rows has."""
        starts, ends = self._bounds(rows, element)
        return ends - starts

    def column(self, rows: Rows, element: int) -> list[str]:
        """One element of these rows; a missing one is empty text."""
        if not self._data.isascii():
            return self.elements(rows, element + 1)[element]
        text = self._text
        starts, ends = self._bounds(rows, element)
        return [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]

    def words(self, rows: Rows, element: int) -> list[str]:
        """An element of these rows that is short and recurs; a missing one is empty text."""
        if not len(rows):
            return []
        texts, places = self.made(rows, element, str)
        found: list[str] = np.array(texts, object)[places].tolist()
        return found

    def _at(self, start: int, end: int) -> str:
        return self._bytes[start:end].tobytes().decode("utf-8", "surrogatepass")

    def amounts(self, places: Sequence[tuple[Rows, int]]) -> list[Amounts]:
        """The amounts that stand in an element of some rows, for one such place after the other.

        They are what ``parse_cents`` reads; most are short and are read together.
        """
        bounds = [self._bounds(rows, element) for rows, element in places]
        starts, ends = map(np.concatenate, zip(*bounds, strict=True))
        cents, readable = _decimals(self._words, starts, ends)
        for place in np.flatnonzero(~readable & (ends > starts)).tolist():
            known = parse_cents(self._at(starts[place], ends[place]))
            if known is not None:
                cents[place], readable[place] = known, True
        found, done = [], 0
        for rows, _ in places:
            part = slice(done, done + len(rows))
            found.append(Amounts(rows, cents[part], readable[part]))
            done += len(rows)
        return found


def _decimals(data: NDArray[np.uint64], starts: Rows, ends: Rows) -> tuple[Cents, Mask]:
    """Read the short texts between ``starts`` and ``ends``: digits, two decimals, a minus sign.

    ``data`` has the eight bytes at each byte as a number. In the last eight of a text the point is
    taken out, what does not belong to the text becomes noughts, and the digits are added up to
    pairs, fours and eights, for all texts at once. Texts of more than eight are not read.
    """
    negative = data[starts] & _BYTE == ord("-")
    sizes = ends - starts - negative
    texts = data[np.maximum(ends - _WORD, 0)]
    decimals = np.full(len(ends), _NO_POINT)
    for place, shift in enumerate((56, 48, 40)):
        decimals[texts >> np.uint64(shift) & _BYTE == ord(".")] = place
    digits = sizes - (decimals < _NO_POINT)
    texts = texts & _FRACTION[decimals] | (texts & _WHOLE[decimals]) << np.uint64(8)
    used = np.clip(digits, 0, _WORD)
    texts = texts & ~_KEPT[_WORD - used] | _NOUGHTS & _KEPT[_WORD - used]
    readable = (digits > 0) & (sizes <= _WORD) & (ends >= _WORD)
    readable &= (texts & _TENS == _NOUGHTS) & (texts + _SIX & _TENS == _NOUGHTS)
    texts = texts - _NOUGHTS
    texts = texts * np.uint64(10) + (texts >> np.uint64(8)) & _PAIRS
    texts = texts * np.uint64(100) + (texts >> np.uint64(16)) & _FOURS
    texts = texts * np.uint64(10_000) + (texts >> np.uint64(32)) & _EIGHTS
    cents = texts.astype(np.int64) * _TO_CENTS[decimals]
    return np.where(readable, np.where(negative, -cents, cents), 0), readable


def _numbered(numbers: NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Where one of each of the different numbers stands, and which of these each number is.

    Of those that share a place by their leading bits the last is kept; where all agree with the
    one kept for them, none are mistaken for each other and nothing needs to be sorted.
    """
    every = np.arange(len(numbers))
    for bits in _SPREADS:
        slots = (numbers * _MIX >> np.uint64(64 - bits)).astype(np.intp)
        kept = np.zeros(1 << bits, np.intp)
        kept[slots] = every
        same = kept[slots]
        if (numbers[same] == numbers).all():
            index = np.flatnonzero(same == every)
            kept[slots[index]] = np.arange(len(index))
            return index, kept[slots]
    return np.unique(numbers, return_index=True, return_inverse=True)[1:]


def _different(texts: list[str], make: Callable[[str], T]) -> tuple[list[T], Rows]:
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    places = np.fromiter(map(numbers.__getitem__, texts), np.intp, len(texts))
    return list(map(make, numbers)), places


def _word_text(word: int) -> str:
    return word.to_bytes(2 * _WORD, "little").rstrip(b"\0").decode("utf-8", "surrogatepass")


def each_once(make: Callable[[str], T], texts: Sequence[str]) -> list[T]:
    """What is made of each text; of equal texts it is made once."""
    found = {text: make(text) for text in set(texts)}
    return list(map(found.__getitem__, texts))


def bounds_of(owners: Rows, count: int) -> Rows:
    """Where the items of each owner begin among all, in the order of owners, and where they end."""
    bounds = np.zeros(count + 1, np.intp)
    np.cumsum(np.bincount(owners, minlength=count), out=bounds[1:])
    return bounds


def grouped(items: Sequence[Any], firsts: Rows, lasts: Rows) -> Iterable[tuple[Any, ...]]:
    """The items from each first to before each last, as tuples."""
    counts = lasts - firsts
    most = int(counts.max(initial=0))
    if most and len(items) == most * len(counts) == counts.sum():  # each has as many
        return zip(*[iter(items)] * most, strict=True)
    if not most:
        return repeat(())
    whole = tuple(items)
    if 3 * np.count_nonzero(counts) < len(counts):
        parts: list[tuple[Any, ...]] = [()] * len(counts)
        for place in np.flatnonzero(counts).tolist():
            parts[place] = whole[firsts[place] : lasts[place]]
        return parts
    return [whole[a:b] for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True)]
