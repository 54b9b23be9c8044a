"""The rest of a claim's life: acknowledgements, status and eligibility as a stream of records.

``life_documents`` reads what :func:`medcollect.x12.documents` only counts: 999, 997, TA1, 277CA,
277, 276, 271 and 270. Other transactions of the same file are counted here in their turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol, TypeAlias

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.acknowledgement import Acknowledgement, InterchangeAcknowledgement
from medcollect.model.claim import OtherTransaction
from medcollect.model.common import Delimiters, Envelope, Transaction
from medcollect.model.eligibility import EligibilityReport
from medcollect.model.status import StatusReport
from medcollect.x12.ack999 import read_acknowledgement
from medcollect.x12.eligibility271 import read_eligibility
from medcollect.x12.envelope import EnvelopeTracker, check_trailer
from medcollect.x12.life_problems import life_problem
from medcollect.x12.life_values import Whole
from medcollect.x12.status277 import read_status
from medcollect.x12.ta1 import read_ta1
from medcollect.x12.tokens import PADDING, Tokens
from medcollect.x12.values import BLANKS, parse_date

LifeDocument: TypeAlias = (
    Acknowledgement
    | InterchangeAcknowledgement
    | StatusReport
    | EligibilityReport
    | OtherTransaction
    | Finding
)
_Record: TypeAlias = Acknowledgement | StatusReport | EligibilityReport


class _Read(Protocol):
    """Reads one whole transaction."""

    def __call__(self, whole: Whole, fingerprint: str, /, *, complete: bool) -> _Record:
        """The record of the transaction."""


_KINDS: Final[dict[str, _Read]] = {
    "999": read_acknowledgement,
    "997": read_acknowledgement,
    "277": read_status,
    "276": read_status,
    "271": read_eligibility,
    "270": read_eligibility,
}


class _Open:
    """The transaction that is being read; of one that is not ours nothing is kept."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.read = _KINDS.get(transaction.kind)
        self.segments: list[str] = []
        self.is_cut = self.is_too_deep = False
        self.depths: dict[str, int] = {}


class _Reader:
    """Walks the segments, opens and closes transactions, yields what they hold."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._tokens = Tokens(stream, limits)
        self._limits = limits
        self._findings: list[Finding] = []
        self._tracker = EnvelopeTracker(self._findings)
        self._delimiters = Delimiters()
        self._interchange = Envelope(self._delimiters)
        self._open: _Open | None = None
        self._outside_told = self._stopped = False

    def documents(self) -> Iterator[LifeDocument]:
        """Every record and finding of the file, in file order."""
        number = 0
        for batch in self._tokens.batches():
            self._findings += batch.findings
            self._delimiters = batch.delimiters
            self._tracker.use(batch.delimiters)
            for number, segment in enumerate(batch.segments, batch.first):
                yield from self._segment(segment, number)
                if self._stopped:
                    return
            if batch.cut_off and not batch.segments[-1].startswith("IEA"):
                self._findings.append(life_problem("segment-cut-off", number))
        yield from self._end(None, number)
        self._tracker.close_interchange(None, number)
        yield from self._told()

    def _segment(self, segment: str, number: int) -> Iterator[LifeDocument]:
        tag = segment.partition(self._delimiters.element)[0].strip()
        handler = _HANDLERS.get(tag)
        if handler is not None:
            yield from handler(self, segment, number)
            yield from self._told()
        elif self._open is not None:
            self._keep(self._open, segment, number)
        elif segment.strip(PADDING) and not self._outside_told:
            self._outside(number)
            yield from self._told()

    def _keep(self, current: _Open, segment: str, number: int) -> None:
        """Keep a segment of a transaction that we read, within the limit."""
        if current.read is None or self._too_deep(current, segment, number):
            return
        if len(current.segments) < self._limits.loop_segments_max:
            current.segments.append(segment)
        elif not current.is_cut:
            current.is_cut = True
            index = current.transaction.index
            self._findings.append(life_problem("loop-too-long", number, index))

    def _too_deep(self, current: _Open, segment: str, number: int) -> bool:
        """Whether this belongs to an HL loop that stands under more levels than the limit."""
        tag, identifier, above, *_ = *segment.split(self._delimiters.element, 3), "", "", ""
        if tag == "HL":
            depth = current.depths[identifier] = current.depths.get(above, 0) + 1
            told = current.is_too_deep
            current.is_too_deep = depth > self._limits.levels_max
            if current.is_too_deep and not told:
                index = current.transaction.index
                self._findings.append(life_problem("levels-over-limit", number, index))
        return current.is_too_deep

    def _outside(self, number: int) -> None:
        inside = self._tracker.inside_interchange
        code = "segment-outside-transaction" if inside else "text-after-interchange"
        self._findings.append(life_problem(code, number))
        self._outside_told = True

    def _told(self) -> Iterator[Finding]:
        """Hand out the findings so far."""
        found = self._findings[:]
        self._findings.clear()
        yield from found

    def _isa(self, segment: str, number: int) -> Iterator[LifeDocument]:
        yield from self._end(None, number)
        self._tracker.open_interchange(segment, number)
        self._interchange = _envelope(segment, self._delimiters)
        self._outside_told = False

    def _gs(self, segment: str, number: int) -> Iterator[LifeDocument]:
        yield from self._end(None, number)
        self._tracker.open_group(segment, number)

    def _st(self, segment: str, number: int) -> Iterator[LifeDocument]:
        yield from self._end(None, number)
        transaction = self._tracker.open_transaction(segment, number)
        if transaction.index > self._limits.transactions_max:
            self._stopped = True
            self._findings.append(life_problem("file-too-long", number, None, "transactions"))
            return
        self._open = _Open(transaction)
        self._outside_told = False

    def _se(self, segment: str, number: int) -> Iterator[LifeDocument]:
        if self._open is None:
            self._outside(number)
        yield from self._end(segment, number)

    def _ge(self, segment: str, number: int) -> Iterator[LifeDocument]:
        yield from self._end(None, number)
        self._tracker.close_group(segment, number)

    def _iea(self, segment: str, number: int) -> Iterator[LifeDocument]:
        yield from self._end(None, number)
        self._tracker.close_interchange(segment, number)
        self._outside_told = False

    def _ta1(self, segment: str, number: int) -> Iterator[LifeDocument]:
        if self._open is not None:
            self._findings.append(life_problem("segment-unexpected", number, None, "TA1"))
        record = read_ta1(segment, number, self._interchange, self._findings)
        yield from self._told()
        yield record

    def _end(self, trailer: str | None, number: int) -> Iterator[LifeDocument]:
        """Finish the open transaction at its SE, or without one."""
        current, self._open = self._open, None
        if current is None:
            return
        transaction = current.transaction
        if trailer is not None:
            check_trailer(transaction, trailer, number, self._findings)
        else:
            missing = life_problem("transaction-not-closed", number, transaction.index)
            self._findings.append(missing)
        complete = trailer is not None
        if current.read is None:
            yield from self._told()
            yield OtherTransaction(transaction, max(number - transaction.segment + complete, 1))
            return
        whole = Whole(transaction, current.segments, self._findings)
        mark = fingerprint(current.segments, transaction.envelope.delimiters)
        record = current.read(whole, mark, complete=complete and not current.is_cut)
        self._findings.sort(key=lambda finding: finding.segment or 0)
        yield from self._told()
        yield record


_HANDLERS: Final[dict[str, Callable[[_Reader, str, int], Iterator[LifeDocument]]]] = {
    "ISA": _Reader._isa,
    "GS": _Reader._gs,
    "ST": _Reader._st,
    "SE": _Reader._se,
    "GE": _Reader._ge,
    "IEA": _Reader._iea,
    "TA1": _Reader._ta1,
}


def _envelope(segment: str, delimiters: Delimiters) -> Envelope:
    """The interchange of an ISA, for the TA1 that stands in it."""
    elements = [e.strip() for e in segment.split(delimiters.element)] + list(BLANKS)
    return Envelope(
        delimiters=delimiters,
        sender_id=elements[6],
        receiver_id=elements[8],
        interchange_date=parse_date(elements[9]),
        interchange_control_number=elements[13],
        usage=elements[15],
    )


def fingerprint(segments: list[str], delimiters: Delimiters) -> str:
    """SHA-256 of the segments between ST and SE, their separators replaced by control characters.

    The rule is that of remittances and claims: envelope, control numbers and line breaks apart.
    """
    marks = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.terminator)
    table = {ord(mark): to for mark, to in zip(marks, "\x1d\x1f\x1e\x1c", strict=True) if mark}
    text = "".join(f"{segment}{delimiters.terminator}" for segment in segments)
    return hashlib.sha256(text.translate(table).encode("utf-8", "surrogatepass")).hexdigest()


def life_documents(stream: BinaryIO, *, limits: Limits | None = None) -> Iterator[LifeDocument]:
    """Read acknowledgements, status and eligibility of a file as records and findings.

    One record per transaction (and per TA1), in file order; findings stand before the record they
    concern. One transaction is held at a time. Bad data never raises; only ``stream`` itself may.
    """
    return _Reader(stream, limits or Limits()).documents()
