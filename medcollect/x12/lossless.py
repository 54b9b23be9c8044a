"""A file taken apart without losing a byte: every segment's exact text and what stands between.

``take_apart`` gives a stream of records, one JSON line each; ``put_together`` gives the bytes
back. Nothing is judged, so whatever can be read can be written again: wrapped lines, indentation,
byte order marks, text before and after the interchanges, segments without a terminator.

=============  =====================================================================================
``file``       the first record: whether the file starts with a byte order mark
``interchange``  the separators that hold from here on, and what usually follows a segment
``segment``    its number and elements; ``after`` only where it differs from the usual
``text``       what is no segment: text before the first one, segments beyond the limit
=============  =====================================================================================

Text is UTF-8. A record with bytes that are not carries ``"encoding": "latin-1"``: each of its
characters then stands for one byte, so that every JSON tool keeps them.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from medcollect.errors import BadRequest
from medcollect.limits import Limits
from medcollect.x12.separators import ISA_START, find_start, read_interchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

_LOOKAHEAD: Final = 4096
_OVERLAP: Final = 256
_BYTE_ORDER_MARK: Final = "\ufeff"
_BREAKS: Final = "\r\n"
_FILLER: Final = " \t\r\n"
#: An interchange may begin on a new line although the segment before it was not ended.
_NEW_LINE_ISA: Final = re.compile(r"(?<=[\r\n\x00\x1a])[ \t]*(?=ISA)")
_VERSION: Final = 1
_ACTION: Final = "Write what medcollect parse --to segments wrote, one JSON record on each line."


class FileStart(msgspec.Struct, frozen=True, tag_field="type", tag="file", omit_defaults=True):
    """The first record: the form of the records, and whether a byte order mark stands first."""

    version: int
    byte_order_mark: bool = False


class InterchangeStart(
    msgspec.Struct, frozen=True, tag_field="type", tag="interchange", omit_defaults=True
):
    """Separators from here on; ``after`` is what follows a segment that does not say otherwise."""

    element: str
    component: str
    terminator: str
    repetition: str
    after: str
    encoding: str = "utf-8"


class ExactSegment(
    msgspec.Struct, frozen=True, tag_field="type", tag="segment", omit_defaults=True
):
    """One segment: joined by the element separator, its elements are its exact text."""

    number: int
    elements: tuple[str, ...]
    after: str | None = None
    encoding: str = "utf-8"


class ExactText(msgspec.Struct, frozen=True, tag_field="type", tag="text", omit_defaults=True):
    """Text that is no segment, as it stood."""

    text: str
    encoding: str = "utf-8"


Record: TypeAlias = FileStart | InterchangeStart | ExactSegment | ExactText


def take_apart(stream: BinaryIO, limits: Limits | None = None) -> Iterator[Record]:
    """Yield the records of a file, in order; one chunk of it is in memory at a time."""
    yield from _Scanner(stream, limits or Limits()).records()


def put_together(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield the bytes that the records were taken from, piece by piece."""
    separator, usual = b"", b""
    for record in records:
        if isinstance(record, ExactSegment):
            parts = [text.encode(record.encoding) for text in record.elements]
            after = usual if record.after is None else record.after.encode(record.encoding)
            yield separator.join(parts) + after
        elif isinstance(record, InterchangeStart):
            separator = record.element.encode(record.encoding)
            usual = record.after.encode(record.encoding)
        elif isinstance(record, ExactText):
            yield record.text.encode(record.encoding)
        elif record.byte_order_mark:
            yield codecs.BOM_UTF8


def to_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """Each record as a JSON line with its line end."""
    encoder = msgspec.json.Encoder()
    for record in records:
        yield encoder.encode(record) + b"\n"


def from_lines(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records of JSON lines; raises BadRequest, naming the line, for anything else."""
    decoder = msgspec.json.Decoder(Record)
    number = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = decoder.decode(line)
            _check(record, number)
        except (msgspec.DecodeError, UnicodeError, LookupError):
            raise BadRequest(
                f"Line {number} is no record of a taken-apart file.", _ACTION
            ) from None
        yield record
    if number == 0:
        raise BadRequest("There is nothing to write: the input is empty.", _ACTION)


def _check(record: Record, number: int) -> None:
    """A file starts with its own record, once, in a form we know, in an encoding we write."""
    if isinstance(record, FileStart) != (number == 1):
        raise BadRequest(f"Line {number}: a file begins with one record of type file.", _ACTION)
    if isinstance(record, FileStart):
        if record.version != _VERSION:
            raise BadRequest(f"Line {number}: this form of the records is not known.", _ACTION)
    elif record.encoding not in ("utf-8", "latin-1"):
        raise BadRequest(f"Line {number}: the encoding is neither utf-8 nor latin-1.", _ACTION)
    else:
        b"".join(put_together([record]))  # what cannot be written is told with its line


class _Scanner:
    """Walks the text of a file; bytes that are no UTF-8 travel as lone surrogates meanwhile.

    ``_text`` is what is at hand, ``_at`` how far it has been handed out.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
        self._text = ""
        self._at = 0
        self._ended = False
        self._number = 0
        self._element = self._terminator = self._usual = ""

    def records(self) -> Iterator[Record]:
        """Every record of the file."""
        self._fill(_LOOKAHEAD)
        marked = self._text.startswith(_BYTE_ORDER_MARK)
        self._at = int(marked)
        yield FileStart(_VERSION, byte_order_mark=marked)
        while (start := find_start(self._text[self._at :])) is None and not self._ended:
            yield from self._plain(max(len(self._text) - _OVERLAP, self._at))
            self._fill(_LOOKAHEAD)
        yield from self._plain(len(self._text) if start is None else self._at + start)
        if start is not None:
            yield from self._interchange()
            while self._at < len(self._text) or not self._ended:
                yield from self._step()

    def _fill(self, size: int) -> None:
        """Have this many characters at hand beyond what was handed out, or all there are."""
        while len(self._text) - self._at < size and not self._ended:
            data = self._stream.read(self._limits.chunk_bytes)
            self._ended = not data
            more = self._decoder.decode(data, final=self._ended)
            self._text, self._at = self._text[self._at :] + more, 0

    def _plain(self, end: int) -> Iterator[Record]:
        """Hand the text up to here out as it is."""
        text, self._at = self._text[self._at : end], end
        if text:
            (text,), encoding = _portable(text)
            yield ExactText(text, encoding)

    def _interchange(self) -> Iterator[Record]:
        """The text stands at an ISA, or at a GS or ST without one."""
        self._fill(_LOOKAHEAD)
        told = read_interchange(self._text[self._at : self._at + _LOOKAHEAD])
        marks = told.delimiters
        self._element, self._terminator = marks.element, marks.terminator
        end = self._at + told.end if told.isa else self._text.find(marks.terminator, self._at) + 1
        self._usual = marks.terminator + self._filler(end)
        named = (marks.element, marks.component, marks.terminator, marks.repetition, self._usual)
        texts, encoding = _portable(*named)
        element, component, terminator, repetition, usual = texts
        yield InterchangeStart(element, component, terminator, repetition, usual, encoding)
        if told.isa:
            ended = self._text[end - 1] == marks.terminator
            yield from self._segment(end - ended, end)

    def _step(self) -> Iterator[Record]:
        """Hand out the segments at hand, then read on."""
        end = self._text.find(self._terminator, self._at)
        while end >= 0 and (self._ended or end + _OVERLAP < len(self._text)):
            yield from self._piece(end, end + 1)
            if self._opens_interchange(self._at):
                yield from self._interchange()
            end = self._text.find(self._terminator, self._at)
        waiting = len(self._text) - self._at
        if self._ended and waiting and end < 0:
            yield from self._piece(len(self._text), len(self._text))
            if self._opens_interchange(self._at):
                yield from self._interchange()
        elif end < 0 and waiting > self._limits.segment_length_max:
            yield from self._plain(len(self._text))
        self._fill(len(self._text) - self._at + 1)

    def _opens_interchange(self, at: int) -> bool:
        return self._text.startswith("ISA", at) and bool(ISA_START.match(self._text, at))

    def _piece(self, end: int, following: int) -> Iterator[Record]:
        """One segment, unless an interchange begins inside it."""
        for broken in _NEW_LINE_ISA.finditer(self._text, self._at + 1, end):
            if self._opens_interchange(broken.end()):
                end = following = broken.end()
                break
        yield from self._segment(end, following)

    def _segment(self, end: int, following: int) -> Iterator[Record]:
        """Hand out a segment and what stands before the next; a blank one is only text."""
        text, ending = self._text[self._at : end], self._text[end:following]
        filler = self._filler(following)
        self._at = following + len(filler)
        kept = text.rstrip(_BREAKS)
        after = text[len(kept) :] + ending + filler
        if not kept.strip(_FILLER):
            (text,), encoding = _portable(kept + after)
            yield ExactText(text, encoding)
            return
        self._number += 1
        texts, encoding = _portable(*kept.split(self._element), after)
        usual = after == self._usual and encoding == "utf-8"
        yield ExactSegment(self._number, texts[:-1], None if usual else texts[-1], encoding)

    def _filler(self, start: int) -> str:
        """Line breaks and blanks from here to the next segment."""
        end, text = start, self._text
        while end < len(text) and text[end] in _FILLER:
            end += 1
        return text[start:end]


def _portable(*texts: str) -> tuple[tuple[str, ...], str]:
    """Texts without lone surrogates, and the encoding that gives their bytes back."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raw = (text.encode("utf-8", "surrogateescape") for text in texts)
        return tuple(data.decode("latin-1") for data in raw), "latin-1"
    return texts, "utf-8"
