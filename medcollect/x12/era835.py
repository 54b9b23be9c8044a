"""One 835 transaction (005010X221A1, 004010X091A1) loop by loop: header, claim payments, end.

Every segment identifier has one function in a table; what has none is carried raw. Claim payments
are read by claim835.py. Positions are those of claim_rules.md section 2.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from medcollect.model.common import Party, RawSegment, Reference
from medcollect.model.remittance import (
    ClaimPayment,
    ProviderAdjustment,
    RemittanceEnd,
    RemittanceHeader,
)
from medcollect.money import parse_cents
from medcollect.x12.claim835 import ClaimPayments
from medcollect.x12.values import (
    BLANKS,
    NAMELESS,
    Context,
    PartyDraft,
    organisation_names,
    parse_date,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from medcollect.x12.tables835 import ClaimSums


class _Parties(NamedTuple):
    """What table 1 says from its first N1 on, but for what may stand once and anywhere in it.

    ``raw`` and ``others`` are the places of segments that nothing models, and of all the others.
    """

    payer: Party
    payee: Party
    raw: tuple[int, ...]
    others: tuple[int, ...]


#: Of these the first one counts, of DTM the first 405.
_ONCE: Final = frozenset(("BPR", "TRN", "CUR", "DTM"))
#: Segments that table 1 has fields for.
TABLE_1: Final = frozenset((*_ONCE, "N1", "N3", "N4", "REF"))


@lru_cache(maxsize=1 << 9)
def _read_parties(segments: tuple[str, ...], separator: str) -> _Parties:
    """Payer and payee have fields, others stay raw with what follows them.

    The same parties come again in every remittance of a file, so they are remembered.
    """
    parties: dict[str, PartyDraft] = {}
    party, known = PartyDraft(NAMELESS), False
    raw, others = [], []
    for place, segment in enumerate(segments):
        elements = segment.split(separator)
        tag = elements[0]
        if tag in _ONCE:
            others.append(place)
            continue
        if tag == "N1":
            party = PartyDraft(organisation_names(elements))
            known = party.role in {"PR", "PE"} and party.role not in parties
            if known:
                parties[party.role] = party
        elif not party.add_detail(elements):
            raw.append(place)
            continue
        if not known:
            raw.append(place)
    payer, payee = (parties[role].build() if role in parties else Party() for role in ("PR", "PE"))
    return _Parties(payer, payee, tuple(raw), tuple(others))


class _Header:
    """What table 1 says once, or before any party."""

    __slots__ = ("context", "fields", "references", "unmodelled")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.fields: dict[str, list[str]] = {}
        self.references: list[Reference] = []
        self.unmodelled: list[RawSegment] = []

    def take(self, segment: str, number: int, *, before_parties: bool) -> None:
        """Take one segment; what has no field stays raw."""
        elements = segment.split(self.context.element)
        tag = elements[0]
        if tag in _ONCE and self._once(tag, elements, number):
            return
        if tag == "REF" and before_parties:
            elements += BLANKS[:2]
            self.references.append(Reference(elements[1], elements[2]))
        else:
            self.unmodelled.append(RawSegment(number, segment))

    def _once(self, tag: str, elements: list[str], number: int) -> bool:
        if tag == "DTM" and elements[1:2] != ["405"]:
            return False
        if tag in self.fields:
            self.context.report("segment-repeated", number, tag)
            return False
        self.fields[tag] = [*elements, *BLANKS]
        return True


def _read_table_1(segments: list[str], first: int, context: Context) -> tuple[_Header, _Parties]:
    begins = ("N1", "N1" + context.element)
    begin = next((at for at, text in enumerate(segments) if text[:3] in begins), len(segments))
    parties = _read_parties(tuple(segments[begin:]), context.element)
    header = _Header(context)
    for number, segment in enumerate(segments[:begin], first):
        header.take(segment, number, before_parties=True)
    for place in parties.others:
        header.take(segments[begin + place], first + begin + place, before_parties=False)
    header.unmodelled += [RawSegment(first + begin + n, segments[begin + n]) for n in parties.raw]
    if parties.others:
        header.unmodelled.sort(key=attrgetter("number"))
    return header, parties


def read_header(segments: list[str], first: int, context: Context) -> tuple[RemittanceHeader, int]:
    """Table 1, and how many of its amounts could not be read."""
    draft, parties = _read_table_1(segments, first, context)
    for tag in ("BPR", "TRN"):
        if tag not in draft.fields:
            context.report("loop-missing", context.transaction.segment, tag)
    bpr, trn = draft.fields.get("BPR", BLANKS), draft.fields.get("TRN", BLANKS)
    cents = parse_cents(bpr[2])
    if cents is None and "BPR" in draft.fields:
        context.unreadable_amount(bpr[2], first + _index(segments, "BPR"), "BPR02")
    production = _header_date(draft, segments, first, "DTM", 2)
    group_date = context.transaction.envelope.group_date
    header = RemittanceHeader(
        transaction=context.transaction,
        handling=bpr[1],
        payment_cents=cents,
        credit_or_debit=bpr[3],
        payment_method=bpr[4],
        payment_date=_header_date(draft, segments, first, "BPR", 16) or production or group_date,
        trace_number=trn[2],
        payer_trace_id=trn[3],
        production_date=production,
        currency=draft.fields.get("CUR", BLANKS)[2],
        payer=parties.payer,
        payee=parties.payee,
        references=tuple(draft.references),
        segments=tuple(segments),
        unmodelled=tuple(draft.unmodelled),
    )
    return header, int(cents is None)


def _header_date(
    draft: _Header, segments: list[str], first: int, tag: str, position: int
) -> date | None:
    text = draft.fields.get(tag, BLANKS)[position]
    if not text:
        return None
    day = parse_date(text)
    if day is None:
        number, where = first + _index(segments, tag), f"{tag}{position:02d}"
        draft.context.report("date-unreadable", number, where)
    return day


def _index(segments: list[str], tag: str) -> int:
    return next((i for i, segment in enumerate(segments) if segment.startswith(tag)), 0)


_PLB_PAIRS_END: Final = 15


class _Trailer:
    """What follows the last claim payment: PLB, and raw what should not be there."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.adjustments: list[ProviderAdjustment] = []
        self.segments: list[str] = []
        self.unmodelled: list[RawSegment] = []
        self.unreadable = 0
        self.is_cut = False

    def add(self, segments: list[str], first: int) -> None:
        """Take segments from a PLB on, within the limit: all of them are held to the end."""
        if len(self.segments) + len(segments) > self.context.limits.loop_segments_max:
            self._leave_out(first)
            return
        self.segments += segments
        for number, segment in enumerate(segments, first):
            elements = segment.split(self.context.element)
            if elements[0] == "PLB":
                self._plb(elements, number)
            else:
                self.unmodelled.append(RawSegment(number, segment))

    def _leave_out(self, number: int) -> None:
        if not self.is_cut:
            self.context.report("loop-too-long", number)
        self.is_cut = True

    def _plb(self, elements: list[str], number: int) -> None:
        if any(elements[_PLB_PAIRS_END:]):
            self.context.report("elements-too-many", number, "PLB")
        end = min(len(elements), _PLB_PAIRS_END)
        elements += BLANKS
        period = self.context.day(elements[2], number, "PLB02")
        for index in range(3, end, 2):
            if elements[index] or elements[index + 1]:
                self._pair(elements, index, number, period)

    def _pair(self, elements: list[str], index: int, number: int, period: date | None) -> None:
        code, _, reference = elements[index].partition(self.context.component)
        if len(code) != 2:
            self.context.report("provider-adjustment-incomplete", number, f"PLB{index:02d}")
        text = elements[index + 1]
        cents = parse_cents(text)
        if cents is None:
            self.context.unreadable_amount(text, number, f"PLB{index + 1:02d}")
            self.unreadable += 1
        self.adjustments.append(
            ProviderAdjustment(
                len(self.adjustments) + 1, number, elements[1], period, code, reference, cents or 0
            )
        )


class RemittanceBody:
    """Reads one 835 transaction loop by loop; the reader hands it segments in file order."""

    boundaries: Final = frozenset(("CLP", "LX", "TS3", "TS2", "PLB"))
    marks: Final[frozenset[str]] = frozenset()

    def __init__(self, context: Context) -> None:
        self.context = context
        #: How many CLP loops were read.
        self.claims = 0
        self._claim_payments = ClaimPayments(context)
        self._between: list[RawSegment] = []
        self._is_cut = False
        self._trailer = _Trailer(context)
        self._unreadable = 0

    def read_loop(
        self, tag: str, segments: list[str], first: int
    ) -> Sequence[RemittanceHeader | ClaimPayment]:
        """Read one finished loop; ``tag`` is the boundary it began with, empty for table 1."""
        if tag == "CLP":
            self.claims += 1
            before, self._between = self._between, []
            return (self._claim_payments.read(segments, first, self.claims, before),)
        if tag == "PLB":
            self._trailer.add(segments, first)
        elif tag:
            self._carry(segments, first)
        else:
            header, self._unreadable = read_header(segments, first, self.context)
            return (header,)
        return ()

    def read_loops(
        self, _segments: list[str], _marks: list[int], _first: int
    ) -> Sequence[ClaimPayment]:
        """There is no such way yet."""
        return ()

    def adopt(self, found: list[ClaimPayment] | ClaimSums) -> Sequence[ClaimPayment | ClaimSums]:
        """Take what was read elsewhere; a claim payment carries what stands above it."""
        before, self._between = self._between, []
        if not isinstance(found, list):
            self.claims += found.claim_payments
            return (found,)
        self.claims += len(found)
        if before:
            unmodelled = (*before, *found[0].unmodelled)
            found[0] = msgspec.structs.replace(found[0], unmodelled=unmodelled)
        return found

    def _carry(self, segments: list[str], first: int) -> None:
        """Keep the LX, TS3 or TS2 of the next claim payment, within the limit."""
        if len(self._between) < self.context.limits.loop_segments_max:
            self._between += [RawSegment(n, text) for n, text in enumerate(segments, first)]
        elif not self._is_cut:
            self._is_cut = True
            self.context.report("loop-too-long", first)

    def finish(
        self, fingerprint: str, segment_count: int, *, complete: bool
    ) -> Iterator[RemittanceEnd]:
        """The record that closes the transaction."""
        trailer = self._trailer
        yield RemittanceEnd(
            transaction=self.context.transaction,
            provider_adjustments=tuple(trailer.adjustments),
            fingerprint=fingerprint,
            complete=complete,
            segment_count=segment_count,
            unreadable=self._unreadable + trailer.unreadable,
            unmodelled=(*self._between, *trailer.unmodelled),
            segments=tuple(trailer.segments),
        )
