"""The streaming reader: bytes in, records and findings out, one loop in memory at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.x12.body837 import ClaimsBody
from medcollect.x12.envelope import LIFE_KINDS, EnvelopeTracker, check_trailer
from medcollect.x12.era835 import RemittanceBody
from medcollect.x12.opened import BODIES, Document, Found, Open, Stretch
from medcollect.x12.problems import problem
from medcollect.x12.separators import in_plain_bytes
from medcollect.x12.tokens import PADDING, Batch, Tokens, narrowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from medcollect.x12.columns import Columns
    from medcollect.x12.runs835 import Run

_ENVELOPE: Final = ("ISA", "GS", "ST", "SE", "GE", "IEA")
_TABLE_LIMITS: Final = Limits(chunk_bytes=1 << 19)
#: Batches of fewer segments are read sooner one by one.
_COLUMNS_MIN: Final = 400
#: The open loop is given to the next batch when it is not longer.
_GIVEN_BACK_MAX: Final = 400
#: What opens or closes something in any kind of transaction.
_CUTS: Final = (*_ENVELOPE, *sorted(RemittanceBody.boundaries | ClaimsBody.boundaries))


class _Reader:
    """Walks the segments, opens and closes transactions, yields what they hold."""

    def __init__(self, stream: BinaryIO, limits: Limits, *, as_tables: bool = False) -> None:
        self._as_tables = as_tables
        self._tokens = _tokens(stream, limits, as_tables=as_tables)
        self._limits = limits
        self._findings: list[Finding] = []
        self._envelope = EnvelopeTracker(self._findings)
        self._open: Open | None = None
        self._outside_told = self._stopped = False
        self._number = 0

    def documents(self) -> Iterator[Found]:
        """Every record and finding of the file, in file order."""
        for batch in self._tokens.wide_batches():
            self._envelope.use(batch.delimiters)
            yield from self._batch(batch)
            if self._stopped:
                return
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

    def _batch(self, batch: Batch) -> Iterator[Found]:
        """Cut a batch at the segments of the envelope; what is between them is loops."""
        new_text = batch.text
        batch, known = self._with_open_claim(batch)
        columns = self._columns(batch)
        if columns is None or columns.widest > self._limits.elements_max:
            batch = narrowed(batch, self._limits)
            columns = columns and self._columns(batch)
        yield from batch.findings
        segments, first = batch.segments, batch.first
        cuts, tags, runs = self._cuts(batch, columns)
        done = begin = 0
        for at in [i for i, tag in enumerate(tags) if tag in _HANDLERS]:
            cut = cuts[at]
            if cut > done:
                between = Stretch(segments, first, done, cut, cuts[begin:at], tags[begin:at], runs)
                yield from self._stretch(between, known)
            self._number = first + cut
            yield from _HANDLERS[tags[at]](self, segments[cut])
            if self._stopped:
                return
            done, begin = cut + 1, at + 1
        rest = Stretch(segments, first, done, len(segments), cuts[begin:], tags[begin:], runs)
        yield from self._stretch(rest, known, new_text if batch.text and not done else "")
        self._number = first + len(segments) - 1

    def _columns(self, batch: Batch) -> Columns | None:
        """The segments as columns, where they are many and claim payments among them."""
        if len(batch.segments) < _COLUMNS_MIN or not self._holds_payments(batch):
            return None
        from medcollect.x12.columns import Columns  # noqa: PLC0415 - numpy is slow to import

        return Columns(batch.segments, batch.delimiters, batch.text)

    def _cuts(
        self, batch: Batch, columns: Columns | None
    ) -> tuple[list[int], list[str], Mapping[int, Run]]:
        """Where something opens or closes, what it is, and the claims that are read at once."""
        if columns is None:
            segments, starts = batch.segments, _starts(batch.delimiters.element)
            first = frozenset(tag[0] for tag in starts)  # asking for one character is quicker
            cuts = [i for i, s in enumerate(segments) if s[0] in first and s[:3] in starts]
            return cuts, [starts[segments[cut][:3]] for cut in cuts], {}
        from medcollect.x12.runs835 import claim_runs, table_runs  # noqa: PLC0415

        current, before = self._open, 0
        if current is not None and isinstance(current.body, RemittanceBody):
            before = current.body.claims + (current.tag == "CLP")
        kinds = columns.kinds(_CUTS)
        rows = kinds.nonzero()[0]
        runs_of = table_runs if self._as_tables else claim_runs
        runs = runs_of(columns, rows, batch, before, self._limits)
        return rows.tolist(), [_CUTS[kind - 1] for kind in kinds[rows].tolist()], runs

    def _holds_payments(self, batch: Batch) -> bool:
        """Whether an 835 is open or one begins, in bytes that columns can be made of."""
        if not in_plain_bytes(batch.delimiters):
            return False
        if self._open is not None:
            return isinstance(self._open.body, RemittanceBody)
        start = f"ST{batch.delimiters.element}835"
        return any(segment.startswith(start) for segment in batch.segments)

    def _with_open_claim(self, batch: Batch) -> tuple[Batch, int]:
        """The batch with what is open of a CLP loop before it, and how many segments that are."""
        current = self._open
        if (
            current is None
            or not isinstance(current.body, RemittanceBody)
            or current.tag != "CLP"
            or not 0 < len(current.loop) < _GIVEN_BACK_MAX
            or len(batch.segments) < _COLUMNS_MIN
            or current.too_long
        ):
            return batch, 0
        loop, first = current.loop, current.first
        current.tag, current.loop = None, []
        terminator, text = batch.delimiters.terminator, batch.text
        if text:
            text = terminator.join(loop) + terminator + text
        return batch._replace(segments=loop + batch.segments, first=first, text=text), len(loop)

    def _stretch(self, stretch: Stretch, known: int, new_text: str = "") -> Iterator[Found]:
        """Segments of the transaction that is open, or of none.

        The fingerprint has the first ``known`` segments of the batch already; ``new_text`` is the
        others with their terminators, where it is at hand.
        """
        if self._open is None:
            segments = stretch.segments[stretch.begin : stretch.end]
            self._outside(segments, stretch.first + stretch.begin)
            return
        if not self._as_tables:
            segments = stretch.segments[stretch.begin : stretch.end]
            new = segments[known - stretch.begin :] if known > stretch.begin else segments
            self._open.fingerprint.add(new, new_text)
        for found in self._open.read(stretch):
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
        if transaction.index > self._limits.transactions_max:
            self._stopped = True
            yield problem("file-too-long", self._number, where="transactions")
            return
        self._open = Open(transaction, self._findings, self._limits)
        self._outside_told = False
        if transaction.kind not in BODIES and transaction.kind not in LIFE_KINDS:
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


def _tokens(stream: BinaryIO, limits: Limits, *, as_tables: bool) -> Tokens:
    """What cuts the stream; where most segments are never asked for, they are cut when they are."""
    if not as_tables:
        return Tokens(stream, limits)
    from medcollect.x12.segments import UncutTokens  # noqa: PLC0415 - numpy is slow to import

    return UncutTokens(stream, limits)


@lru_cache(maxsize=8)
def _starts(separator: str) -> dict[str, str]:
    """The first three characters of the segments that open or close something -> identifier."""
    starts: dict[str, str] = {}
    for tag in _CUTS:
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
    return cast("Iterator[Document]", _Reader(stream, limits or Limits()).documents())


def table_documents(stream: BinaryIO, limits: Limits | None = None) -> Iterator[Found]:
    """The same for tables: in the place of regular claim payments of an 835 come their sums.

    Each names the rows that these claim payments are in tables, which stand in file order. There
    are no fingerprints. Unless told otherwise much is read at a time: columns gain by size.
    """
    return _Reader(stream, limits or _TABLE_LIMITS, as_tables=True).documents()
