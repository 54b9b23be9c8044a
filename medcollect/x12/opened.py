"""The transaction that is being read: its body, its loop that is not finished, its fingerprint."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from medcollect.findings import Finding
from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader, OtherTransaction
from medcollect.model.remittance import ClaimPayment, RemittanceEnd, RemittanceHeader
from medcollect.x12.body837 import ClaimsBody
from medcollect.x12.era835 import RemittanceBody
from medcollect.x12.values import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from medcollect.limits import Limits
    from medcollect.model.common import Delimiters, Transaction
    from medcollect.x12.runs835 import Run
    from medcollect.x12.tables835 import ClaimSums

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

#: Loops inside a claim or claim payment of which there may be many.
_REPEATING: Final = ("SVC", "LX", "SBR")
#: What is read of a file: documents, and where tables are wanted the sums of what became rows.
Found: TypeAlias = "Document | ClaimSums"

#: So many loops at once are worth what it takes to read many at once.
LOOPS_MANY: Final = 24
#: Of more, what belongs to them is no longer in the processor's nearest memory.
LOOPS_AT_ONCE: Final = 128


class Body(Protocol):
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


BODIES: Final[dict[str, Callable[[Context], Body]]] = {
    "835": RemittanceBody,
    "837": ClaimsBody,
}


@lru_cache(maxsize=64)
def _normalised(delimiters: Delimiters) -> tuple[dict[int, str], bytes, bool]:
    """What becomes of each character, of each byte, and whether every separator is one byte."""
    marks = (
        delimiters.element, delimiters.component, delimiters.repetition, delimiters.terminator
    )  # fmt: skip
    pairs = {mark: to for mark, to in zip(marks, "\x1d\x1f\x1e\x1c", strict=True) if mark}
    table = bytes(ord(pairs.get(chr(i), chr(i))) for i in range(256))
    characters = {ord(mark): to for mark, to in pairs.items()}
    return characters, table, all(mark.isascii() for mark in pairs)


class _Fingerprint:
    """SHA-256 over the segments between ST and SE with separators brought to control characters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._hash = hashlib.sha256()
        self._terminator = delimiters.terminator
        self._characters, self._bytes, self._single = _normalised(delimiters)

    def add(self, segments: list[str], text: str = "") -> None:
        """Take segments; how they are divided among calls makes no difference.

        ``text`` is the segments with their terminators, where it is at hand.
        """
        if not segments:
            return
        text = text or self._terminator.join(segments) + self._terminator
        if self._single:  # one pass over bytes, as no separator has more than one
            self._hash.update(text.encode("utf-8", "surrogatepass").translate(self._bytes))
        else:
            text = text.translate(self._characters)
            self._hash.update(text.encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """The fingerprint so far, in hexadecimal."""
        return self._hash.hexdigest()


class Stretch(NamedTuple):
    """Segments ``begin`` to ``end`` of a batch, among which none is of the envelope.

    ``cuts`` are the places of those that begin a loop in some transaction, ``tags`` their
    identifiers; ``first`` is the number of the batch's first segment. ``runs`` are the claim
    payments of the batch that were read already.
    """

    segments: list[str]
    first: int
    begin: int
    end: int
    cuts: list[int]
    tags: list[str]
    runs: Mapping[int, Run]


class Open:
    """The transaction that is being read: its body, its current loop, its fingerprint."""

    __slots__ = (
        "body", "boundaries", "context", "fingerprint", "first", "limits", "loop", "tag",
        "too_long",
    )  # fmt: skip

    def __init__(self, transaction: Transaction, findings: list[Finding], limits: Limits) -> None:
        self.limits = limits
        self.context = Context(transaction, findings, limits)
        self.body = BODIES.get(transaction.kind, _OtherBody)(self.context)
        self.boundaries = self.body.boundaries
        self.fingerprint = _Fingerprint(transaction.envelope.delimiters)
        self.tag: str | None = ""
        self.loop: list[str] = []
        self.first = transaction.segment + 1
        self.too_long = False

    def read(self, stretch: Stretch) -> Iterator[Sequence[Found]]:
        """Read further segments of the transaction, loop by loop; the last loop stays open.

        What opens a loop in another kind of transaction only is an ordinary segment in this one.
        """
        if stretch.runs and isinstance(self.body, RemittanceBody):
            yield from self._read_runs(self.body, stretch)
            return
        segments, first, cuts, tags = stretch.segments, stretch.first, stretch.cuts, stretch.tags
        loops = [at for at, tag in enumerate(tags) if tag in self.boundaries]
        many = len(loops) >= LOOPS_MANY and self._may_be_read_at_once(stretch, loops)
        done = stretch.begin
        for at in loops[:1] if many else loops:
            if cuts[at] > done:
                self.take(segments[done : cuts[at]], first + done)
            yield self.next_loop(tags[at], first + cuts[at])
            done = cuts[at]
        if many:
            for begin, end in pairwise([*loops[:-1:LOOPS_AT_ONCE], loops[-1]]):
                yield self.body.read_loops(segments, cuts[begin : end + 1], first)
            done = cuts[loops[-1]]
            self.tag, self.first = tags[loops[-1]], first + done
        if stretch.end > done:
            self.take(segments[done : stretch.end], first + done)

    def _may_be_read_at_once(self, stretch: Stretch, loops: list[int]) -> bool:
        """Whether the body can do it, and no loop is so long that a limit may be met."""
        most = min(self.limits.loop_segments_max, self.limits.loop_repeats_max)
        if len(stretch.segments) > most:
            places = [stretch.cuts[at] for at in loops]
            if max(end - begin for begin, end in pairwise(places)) > most:
                return False
        return self.body.marks.issuperset(stretch.tags)

    def _read_runs(self, body: RemittanceBody, stretch: Stretch) -> Iterator[Sequence[Found]]:
        """The same where claim payments were read already: they are taken as they are."""
        segments, first, cuts = stretch.segments, stretch.first, stretch.cuts
        done = stretch.begin
        for cut, tag in zip(cuts, stretch.tags, strict=True):
            if cut < done or tag not in self.boundaries:
                continue
            if cut > done:
                self.take(segments[done:cut], first + done)
            yield self.next_loop(tag, first + cut)
            done = cut
            if cut in stretch.runs:
                run = stretch.runs[cut]
                yield from self._take_run(body, run, stretch)
                done = run.end
        if stretch.end > done:
            self.take(segments[done : stretch.end], first + done)

    def _take_run(
        self, body: RemittanceBody, run: Run, stretch: Stretch
    ) -> Iterator[Sequence[Found]]:
        """Claim payments that were read; what is not regular among them is read loop by loop."""
        self.tag = None
        for begin, end, found in run.parts():
            if found is not None:
                yield body.adopt(found)
                continue
            number = stretch.first + begin
            self.next_loop("CLP", number)
            self.take(stretch.segments[begin:end], number)
            yield self.next_loop(None, stretch.first + end)

    def take(self, segments: list[str], first: int) -> None:
        """Add segments to the current loop, within the limit."""
        most = self.limits.loop_segments_max
        if not self.loop:
            self.loop = segments
        else:
            self.loop += segments
        if len(self.loop) > most:
            del self.loop[most:]
            if not self.too_long:
                self.context.report("loop-too-long", first)
            self.too_long = True

    def next_loop(self, tag: str | None, number: int) -> Sequence[Document]:
        """Finish the current loop and begin the next; with ``None`` what follows is in no loop."""
        found: Sequence[Document] = ()
        if len(self.loop) > self.limits.loop_repeats_max:
            self._bound_repeats()
        if self.tag is not None:
            found = self.body.read_loop(self.tag, self.loop, self.first)
        self.tag, self.loop, self.first, self.too_long = tag, [], number, False
        return found

    def _bound_repeats(self) -> None:
        """Leave out, with a finding, what follows when a loop inside repeats too often."""
        counts = dict.fromkeys(_REPEATING, 0)
        for index, segment in enumerate(self.loop):
            tag = segment.partition(self.context.element)[0]
            if tag in counts:
                counts[tag] += 1
                if counts[tag] > self.limits.loop_repeats_max:
                    del self.loop[index:]
                    self.context.report("loop-repeats-over-limit", self.first + index, tag)
                    return
