"""The streaming reader: bytes in, records and findings out, one loop in memory at a time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.common import Delimiters, Transaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.x12.body837 import ClaimsBody
from medcollect.x12.envelope import LIFE_KINDS, EnvelopeTracker, check_trailer
from medcollect.x12.era835 import RemittanceBody
from medcollect.x12.problems import problem
from medcollect.x12.tokens import PADDING, Batch, Limits, Tokens
from medcollect.x12.values import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

Document: TypeAlias = (
    RemittanceHeader
    | ClaimPayment
    | RemittanceEnd
    | ClaimsHeader
    | Claim
    | ClaimsEnd
    | OtherTransaction
    | Finding
)

#: So many loops at once are worth what it takes to read many at once.
LOOPS_MANY: Final = 24

_ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")
_LOOPS: Final = tuple(sorted(RemittanceBody.boundaries | ClaimsBody.boundaries))


class _Body(Protocol):
    """What reads the loops of one kind of transaction."""

    @property
    def boundaries(self) -> frozenset[str]:
        """Segments that begin a loop."""

    @property
    def marks(self) -> frozenset[str]:
        """Segments whose places ``read_loops`` wants to know; none where there is no such way."""

    def read_loop(self, tag: str, segments: list[str], first: int, /) -> Sequence[Document]:
        """Read one finished loop."""

    def read_loops(
        self, segments: list[str], marks: list[int], first: int, /
    ) -> Sequence[Document]:
        """Read many finished loops at once, to the same result; findings stand where they arise.

        ``segments[0]`` has the number ``first``; ``marks`` holds the places of the segments that
        ``self.marks`` names, the last where the next loop begins.
        """

    def finish(
        self, fingerprint: str, segment_count: int, /, *, complete: bool
    ) -> Iterator[Document]:
        """Close the transaction."""


class _OtherBody:
    """Counts a transaction that is neither 835 nor 837."""

    boundaries: Final[frozenset[str]] = frozenset()
    marks: Final[frozenset[str]] = frozenset()

    def __init__(self, context: Context) -> None:
        self._context = context

    def read_loop(self, _tag: str, _segments: list[str], _first: int) -> Sequence[Document]:
        return ()

    def read_loops(
        self, _segments: list[str], _marks: list[int], _first: int
    ) -> Sequence[Document]:
        return ()

    def finish(
        self, _fingerprint: str, segment_count: int, *, complete: bool
    ) -> Iterator[Document]:
        del complete
        yield OtherTransaction(self._context.transaction, segment_count)


_BODIES: Final[dict[str, Callable[[Context], _Body]]] = {
    "835": RemittanceBody,
    "837": ClaimsBody,
}


class _Fingerprint:
    """SHA-256 over the segments between ST and SE with separators brought to control characters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._hash = hashlib.sha256()
        self._terminator = delimiters.terminator
        marks = (delimiters.element, delimiters.component, delimiters.repetition, self._terminator)
        pairs = {mark: to for mark, to in zip(marks, "\x1d\x1f\x1e\x1c", strict=True) if mark}
        self._characters = str.maketrans(pairs)
        self._bytes = bytes(ord(pairs.get(chr(i), chr(i))) for i in range(256))
        self._single = all(mark.isascii() for mark in pairs)

    def add(self, segments: list[str]) -> None:
        """Take segments; how they are divided among calls makes no difference."""
        if not segments:
            return
        text = self._terminator.join(segments) + self._terminator
        if self._single:  # one pass over bytes, as no separator has more than one
            self._hash.update(text.encode("utf-8", "surrogatepass").translate(self._bytes))
        else:
            text = text.translate(self._characters)
            self._hash.update(text.encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """The fingerprint so far, in hexadecimal."""
        return self._hash.hexdigest()


class _Stretch(NamedTuple):
    """Segments ``begin`` to ``end`` of a batch, among which none is of the envelope.

    ``cuts`` are the places of those that begin a loop in some transaction, ``tags`` their
    identifiers; ``first`` is the number of the batch's first segment.
    """

    segments: list[str]
    first: int
    begin: int
    end: int
    cuts: list[int]
    tags: list[str]


class _Open:
    """The transaction that is being read: its body, its current loop, its fingerprint."""

    __slots__ = (
        "body", "boundaries", "context", "fingerprint", "first", "loop", "tag", "too_long"
    )  # fmt: skip

    def __init__(self, transaction: Transaction, findings: list[Finding]) -> None:
        self.context = Context(transaction, findings)
        self.body = _BODIES.get(transaction.kind, _OtherBody)(self.context)
        self.boundaries = self.body.boundaries
        self.fingerprint = _Fingerprint(transaction.envelope.delimiters)
        self.tag = ""
        self.loop: list[str] = []
        self.first = transaction.segment + 1
        self.too_long = False

    def read(self, stretch: _Stretch, loop_segments_max: int) -> Iterator[Sequence[Document]]:
        """Read further segments of the transaction, loop by loop; the last loop stays open.

        What opens a loop in another kind of transaction only is an ordinary segment in this one.
        """
        segments, first, cuts, tags = stretch.segments, stretch.first, stretch.cuts, stretch.tags
        loops = [at for at, tag in enumerate(tags) if tag in self.boundaries]
        many = (
            len(loops) >= LOOPS_MANY
            and self.body.marks.issuperset(tags)
            and len(segments) <= loop_segments_max
        )
        done = stretch.begin
        for at in loops[:1] if many else loops:
            if cuts[at] > done:
                self.take(segments[done : cuts[at]], first + done, loop_segments_max)
            yield self.next_loop(tags[at], first + cuts[at])
            done = cuts[at]
        if many:
            last = loops[-1]
            yield self.body.read_loops(segments, cuts[loops[0] : last + 1], first)
            done = cuts[last]
            self.tag, self.first = tags[last], first + done
        if stretch.end > done:
            self.take(segments[done : stretch.end], first + done, loop_segments_max)

    def take(self, segments: list[str], first: int, loop_segments_max: int) -> None:
        """Add segments to the current loop, within the limit."""
        if not self.loop:
            self.loop = segments
        else:
            self.loop += segments
        if len(self.loop) > loop_segments_max:
            del self.loop[loop_segments_max:]
            if not self.too_long:
                self.context.report("loop-too-long", first)
            self.too_long = True

    def next_loop(self, tag: str, number: int) -> Sequence[Document]:
        """Finish the current loop and begin the next."""
        found = self.body.read_loop(self.tag, self.loop, self.first)
        self.tag, self.loop, self.first, self.too_long = tag, [], number, False
        return found


class _Reader:
    """Walks the segments, opens and closes transactions, yields what they hold."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._tokens = Tokens(stream, limits)
        self._limits = limits
        self._findings: list[Finding] = []
        self._envelope = EnvelopeTracker(self._findings)
        self._open: _Open | None = None
        self._outside_told = False
        self._number = 0

    def documents(self) -> Iterator[Document]:
        """Every record and finding of the file, in file order."""
        for batch in self._tokens.batches():
            yield from batch.findings
            self._envelope.use(batch.delimiters)
            yield from self._batch(batch)
            if batch.cut_off and not batch.segments[-1].startswith("IEA"):
                self._findings.append(problem("segment-cut-off", self._number))
        yield from self._end_transaction(None)
        self._envelope.close_interchange(None, self._number)
        yield from self._told()

    def _told(self) -> Iterator[Finding]:
        """Hand out the findings so far."""
        if self._findings:
            yield from self._findings
            self._findings.clear()

    def _batch(self, batch: Batch) -> Iterator[Document]:
        """Cut a batch at the segments of the envelope; what is between them is loops."""
        segments, first = batch.segments, batch.first
        starts = _starts(batch.delimiters.element)
        cuts = [i for i, segment in enumerate(segments) if segment[:3] in starts]
        tags = [starts[segments[cut][:3]] for cut in cuts]
        done = begin = 0
        for at in [i for i, tag in enumerate(tags) if tag in _HANDLERS]:
            cut = cuts[at]
            between = _Stretch(segments, first, done, cut, cuts[begin:at], tags[begin:at])
            yield from self._stretch(between)
            self._number = first + cut
            yield from _HANDLERS[tags[at]](self, segments[cut])
            done, begin = cut + 1, at + 1
        rest = _Stretch(segments, first, done, len(segments), cuts[begin:], tags[begin:])
        yield from self._stretch(rest)
        self._number = first + len(segments) - 1

    def _stretch(self, stretch: _Stretch) -> Iterator[Document]:
        """Segments of the transaction that is open, or of none."""
        segments = stretch.segments[stretch.begin : stretch.end]
        if self._open is None:
            self._outside(segments, stretch.first + stretch.begin)
            return
        self._open.fingerprint.add(segments)
        for found in self._open.read(stretch, self._limits.loop_segments_max):
            if self._findings:
                yield from self._told()
            yield from found

    def _outside(self, segments: list[str], first: int) -> None:
        """Segments outside any transaction: TA1 may stand there, padding may follow the IEA."""
        for number, segment in enumerate(segments, first):
            if segment.startswith("TA1") or not segment.strip(PADDING) or self._outside_told:
                continue
            inside = self._envelope.inside_interchange
            code = "segment-outside-transaction" if inside else "text-after-interchange"
            self._findings.append(problem(code, number))
            self._outside_told = True

    def _isa(self, segment: str) -> Iterator[Document]:
        yield from self._end_transaction(None)
        self._envelope.open_interchange(segment, self._number)
        self._outside_told = False
        yield from self._told()

    def _gs(self, segment: str) -> Iterator[Document]:
        yield from self._end_transaction(None)
        self._envelope.open_group(segment, self._number)
        yield from self._told()

    def _st(self, segment: str) -> Iterator[Document]:
        yield from self._end_transaction(None)
        transaction = self._envelope.open_transaction(segment, self._number)
        self._open = _Open(transaction, self._findings)
        self._outside_told = False
        if transaction.kind not in _BODIES and transaction.kind not in LIFE_KINDS:
            self._open.context.report("transaction-unknown", self._number)
        yield from self._told()

    def _se(self, segment: str) -> Iterator[Document]:
        if self._open is None:
            self._outside([segment], self._number)
            return
        yield from self._end_transaction(segment)

    def _ge(self, segment: str) -> Iterator[Document]:
        yield from self._end_transaction(None)
        self._envelope.close_group(segment, self._number)
        yield from self._told()

    def _iea(self, segment: str) -> Iterator[Document]:
        yield from self._end_transaction(None)
        self._envelope.close_interchange(segment, self._number)
        self._outside_told = False
        yield from self._told()

    def _end_transaction(self, trailer: str | None) -> Iterator[Document]:
        """Finish the open transaction at its SE, or without one."""
        current, self._open = self._open, None
        if current is None:
            return
        found = current.next_loop("", self._number)
        yield from self._told()
        yield from found
        transaction = current.context.transaction
        if trailer is not None:
            check_trailer(transaction, trailer, self._number, self._findings)
            count = self._number - transaction.segment + 1
        else:
            current.context.report("transaction-not-closed", self._number)
            count = max(self._number - transaction.segment, 1)
        yield from self._told()
        yield from current.body.finish(
            current.fingerprint.text(), count, complete=trailer is not None
        )


_HANDLERS: Final[dict[str, Callable[[_Reader, str], Iterator[Document]]]] = {
    "ISA": _Reader._isa,
    "GS": _Reader._gs,
    "ST": _Reader._st,
    "SE": _Reader._se,
    "GE": _Reader._ge,
    "IEA": _Reader._iea,
}


def _starts(separator: str) -> dict[str, str]:
    """The first three characters of the segments that open or close something -> identifier."""
    starts: dict[str, str] = {}
    for tag in (*_ENVELOPE, *_LOOPS):
        if len(tag) == 2:
            starts[tag + separator] = tag
        starts[tag] = tag
    return starts


def documents(stream: BinaryIO, *, limits: Limits | None = None) -> Iterator[Document]:
    """Read a file of 835 and 837 transactions as a stream of records and findings.

    In file order: the header of a transaction, its claim payments or claims, its end; findings
    stand where they arise, before the record they concern. One claim is held at a time, so memory
    does not grow with the file. Bad data never raises; only ``stream`` itself may.
    """
    return _Reader(stream, limits or Limits()).documents()
