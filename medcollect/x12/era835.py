"""One 835 transaction (005010X221A1, 004010X091A1) loop by loop: header, claim payments, end.

Every segment identifier has one function in a table; what has none is carried raw. Claim payments
are read by claim835.py. Positions are those of claim_rules.md section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    Context,
    PartyDraft,
    organisation_names,
    parse_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from medcollect.x12.tables835 import ClaimSums


class _Header:
    """Table 1 being read."""

    __slots__ = ("context", "fields", "parties", "party", "references", "unmodelled")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.fields: dict[str, list[str]] = {}
        self.parties: dict[str, PartyDraft] = {}
        self.party: PartyDraft | None = None
        self.references: list[Reference] = []
        self.unmodelled: list[RawSegment] = []

    def once(self, elements: list[str], number: int) -> bool:
        """BPR, TRN, CUR and DTM*405: the first one counts."""
        tag = elements[0]
        if tag == "DTM" and elements[1:2] != ["405"]:
            return False
        if tag in self.fields:
            self.context.report("segment-repeated", number, tag)
            return False
        self.fields[tag] = [*elements, *BLANKS]
        return True

    def start_party(self, elements: list[str], _number: int) -> bool:
        """N1: payer and payee have fields, others stay raw with what follows them."""
        self.party = PartyDraft(organisation_names(elements))
        return self.parties.setdefault(self.party.role, self.party) is self.party and (
            self.party.role in {"PR", "PE"}
        )

    def detail(self, elements: list[str], number: int) -> bool:
        """N3, N4 and REF belong to the party before them, a REF before any party to the header."""
        if self.party is not None:
            known = self.parties.get(self.party.role) is self.party
            return self.party.add(elements, number, self.context) and (
                known and self.party.role in {"PR", "PE"}
            )
        if elements[0] == "REF":
            elements += BLANKS[:2]
            self.references.append(Reference(elements[1], elements[2]))
            return True
        return False


_HEADER: Final[dict[str, Callable[[_Header, list[str], int], bool]]] = {
    "BPR": _Header.once,
    "TRN": _Header.once,
    "CUR": _Header.once,
    "DTM": _Header.once,
    "N1": _Header.start_party,
    "N3": _Header.detail,
    "N4": _Header.detail,
    "REF": _Header.detail,
}


def read_header(segments: list[str], first: int, context: Context) -> tuple[RemittanceHeader, int]:
    """Table 1, and how many of its amounts could not be read."""
    draft = _Header(context)
    for number, segment in enumerate(segments, first):
        elements = segment.split(context.element)
        handler = _HEADER.get(elements[0])
        if handler is None or not handler(draft, elements, number):
            draft.unmodelled.append(RawSegment(number, segment))
    for tag in ("BPR", "TRN"):
        if tag not in draft.fields:
            context.report("loop-missing", context.transaction.segment, tag)
    bpr = draft.fields.get("BPR", [*BLANKS])
    trn = draft.fields.get("TRN", BLANKS)
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
        payer=_party(draft.parties.get("PR")),
        payee=_party(draft.parties.get("PE")),
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


def _party(draft: PartyDraft | None) -> Party:
    return draft.build() if draft else Party()


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
