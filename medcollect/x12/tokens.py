"""From bytes to segments: decoding, separators, line breaks, limits.

A file is read in chunks and cut where segments end. Nothing here knows what a segment means.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, NamedTuple

from medcollect.limits import Limits
from medcollect.model.common import Delimiters
from medcollect.x12.problems import problem
from medcollect.x12.separators import ISA_START, Interchange, find_start, flat, read_interchange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from medcollect.findings import Finding

#: Characters from an ISA on that are enough to know its separators.
_LOOKAHEAD: Final = 4096
#: Characters kept while looking for the first segment in text that is not X12.
_OVERLAP: Final = 256
#: What may fill a file before the first and after the last segment without being text.
PADDING: Final = " \t\r\n\x00\x1a\ufeff"
_INDENT: Final = " \t"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"I\0S\0", b"\0I\0S", b"G\0S\0", b"\0G\0S", b"S\0T\0")
_COMPRESSED: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


class Batch(NamedTuple):
    """Segments in file order that share their separators.

    ``first`` is the file's number of the first segment, ``findings`` what was seen before it;
    ``cut_off`` says that the last segment has no terminator because the file ends. ``text`` is the
    segments with their terminators where it is at hand, else empty.
    """

    delimiters: Delimiters
    segments: list[str]
    first: int
    findings: list[Finding]
    cut_off: bool = False
    text: str = ""


def _single_bytes(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 one by one as Windows-1252, else as Latin-1: none is lost."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    raw = error.object[error.start : error.end]
    try:
        return raw.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return raw.decode("latin-1"), error.end


codecs.register_error("medcollect-single-bytes", _single_bytes)


class Tokens:
    """Cuts a binary stream into batches of segments; never raises for what the bytes hold."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="medcollect-single-bytes")
        self._delimiters = Delimiters()
        self._text = self._whole = ""
        self._ended = False
        self._skipping = False
        self._count = 0
        self._findings: list[Finding] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the file's segments batch by batch, within the limits."""
        return (narrowed(batch, self._limits) for batch in self.wide_batches())

    def wide_batches(self) -> Iterator[Batch]:
        """The same, but for segments of too many elements: ``narrowed`` is left to the caller."""
        for batch in self._every_batch():
            allowed = self._limits.segments_max - batch.first + 1
            if len(batch.segments) > allowed:
                batch.findings.append(problem("file-too-long", where="segments"))
                yield batch._replace(segments=batch.segments[:allowed], cut_off=False, text="")
                return
            yield batch

    def _every_batch(self) -> Iterator[Batch]:
        """An ISA always opens a new batch."""
        if not self._find_first():
            yield self._batch([])
            return
        while True:
            yield self._open_interchange()
            while (following := self._next_interchange()) is None:
                if self._ended:
                    yield self._rest()
                    return
                yield self._batch(self._complete())
                self._more()
            yield self._batch(self._cut(following))

    # -- reading -------------------------------------------------------------------------------

    def _more(self) -> bool:
        """Add the next chunk to the text; false at the end of the file."""
        if self._ended:
            return False
        data = self._stream.read(self._limits.chunk_bytes)
        self._ended = not data
        self._text += self._decoder.decode(data, final=self._ended)
        return True

    def _fill(self, size: int) -> None:
        while len(self._text) < size and self._more():
            pass

    def _find_first(self) -> bool:
        """Move to the first segment; false, with the finding, when the file has none."""
        unreadable = self._unreadable()
        if unreadable:
            self._findings.append(problem(unreadable))
            return False
        before, start = self._look_for_start()
        if start is None:
            self._findings.append(problem("no-edi"))
            return False
        if before or self._text[:start].strip(PADDING):
            self._findings.append(problem("text-before-interchange"))
        self._text = self._text[start:]
        return True

    def _unreadable(self) -> str:
        """Judge the first bytes: the code of what makes the file unreadable, else empty."""
        data = b""
        while len(data) < 8 and (more := self._stream.read(self._limits.chunk_bytes)):
            data += more
        self._text = self._decoder.decode(data).removeprefix("\ufeff")
        if not data:
            return "file-empty"
        if data.startswith(_UTF16):
            return "encoding-utf16"
        return "file-compressed" if data.startswith(_COMPRESSED) else ""

    def _look_for_start(self) -> tuple[bool, int | None]:
        """Whether text was passed over, and where the first segment starts in what is at hand."""
        passed = False
        self._fill(_LOOKAHEAD)
        while (start := find_start(self._text)) is None and not self._ended:
            passed = passed or bool(self._text[:-_OVERLAP].strip(PADDING))
            self._text = self._text[-_OVERLAP:]
            self._fill(_LOOKAHEAD)
        return passed, start

    def _open_interchange(self) -> Batch:
        """Read the separators that hold from here on; the batch holds the ISA, if there is one."""
        self._fill(_LOOKAHEAD)
        interchange: Interchange = read_interchange(self._text[:_LOOKAHEAD])
        self._delimiters = interchange.delimiters
        self._findings += [problem(code, self._count + 1) for code in interchange.problems]
        self._text = self._text[interchange.end :]
        self._skipping = False
        return self._batch([interchange.isa] if interchange.isa else [])

    # -- cutting -------------------------------------------------------------------------------

    def _batch(self, segments: list[str], *, cut_off: bool = False) -> Batch:
        first, text = self._count + 1, "" if cut_off else self._whole
        batch = Batch(self._delimiters, segments, first, self._findings, cut_off, text)
        self._count += len(segments)
        self._findings, self._whole = [], ""
        return batch

    def _next_interchange(self) -> int | None:
        """Where the next ISA starts in the text at hand."""
        boundaries = ("", "\n", "\r", "\x00", "\x1a", self._delimiters.terminator)
        text = self._text
        position = text.find("ISA") if text.rfind("ISA") >= 0 else -1  # rfind is the quicker one
        while position >= 0:
            before = text[max(0, position - 80) : position].rstrip(_INDENT)[-1:]
            if before in boundaries:
                self._fill(position + _OVERLAP)
                text = self._text
                if ISA_START.match(text, position):
                    return position
            position = text.find("ISA", position + 3)
        return None

    def _cut(self, end: int) -> list[str]:
        part, self._text = self._text[:end], self._text[end:]
        return self._split(part)

    def _complete(self) -> list[str]:
        """The segments whose terminator has been read; the rest waits, within the limit."""
        end = self._text.rfind(self._delimiters.terminator) + 1
        segments = self._cut(end) if end else []
        if len(self._text) > self._limits.segment_length_max:
            self._text = flat(self._text, self._delimiters)
            if len(self._text) > self._limits.segment_length_max:
                self._text, self._skipping = "", True
        return segments

    def _rest(self) -> Batch:
        """What stands after the last terminator when the file ends."""
        end = self._text.rfind(self._delimiters.terminator) + 1
        open_end = self._text[end:].strip(PADDING)
        line_ends = self._delimiters.terminator in "\r\n"
        segments = self._cut(len(self._text))
        if segments and not segments[-1].strip(PADDING):
            segments.pop()
            self._whole = ""
        return self._batch(segments, cut_off=bool(open_end and segments) and not line_ends)

    def _split(self, text: str) -> list[str]:
        """Cut text into segments without line breaks, indentation, blanks and overlong ones."""
        text = flat(text, self._delimiters)
        terminator = self._delimiters.terminator
        segments = text.split(terminator)
        if self._skipping:
            self._skipping = False
            segments[0] = ""
            self._findings.append(problem("segment-too-long", self._count + 1))
        # rfind looks at fewer characters than "in", which takes longer than the split itself
        is_whole, count = not segments[-1], len(segments) - 1
        if text[:1] in _INDENT or any(text.rfind(terminator + blank) >= 0 for blank in _INDENT):
            segments = [segment.lstrip(_INDENT) for segment in segments]
            is_whole = False
        segments = list(filter(None, segments))
        if len(text) > self._limits.segment_length_max:
            segments = self._bounded(segments)
        if is_whole and len(segments) == count:  # each with its terminator, nothing else
            self._whole = text
        return segments

    def _bounded(self, segments: list[str]) -> list[str]:
        """Leave out, with a finding, the segments that pass the limit."""
        kept: list[str] = []
        for segment in segments:
            if len(segment) > self._limits.segment_length_max:
                self._findings.append(problem("segment-too-long", self._count + len(kept) + 1))
            else:
                kept.append(segment)
        return kept


def narrowed(batch: Batch, limits: Limits) -> Batch:
    """The batch without the elements beyond the limit, and with a finding for each such segment."""
    segments, separator, most = batch.segments, batch.delimiters.element, limits.elements_max
    if max(map(len, segments), default=0) <= most:
        return batch
    wide = [
        place
        for place, segment in enumerate(segments)
        if len(segment) > most and segment.count(separator) > most
    ]
    if not wide:
        return batch
    for place in wide:
        segments[place] = separator.join(segments[place].split(separator, most + 1)[: most + 1])
    findings = [problem("elements-over-limit", batch.first + place) for place in wide]
    return batch._replace(findings=batch.findings + findings, text="")
