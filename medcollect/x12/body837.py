"""One 837 transaction loop by loop: header, HL loops, claims, end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from medcollect.model.claim import Claim, ClaimsEnd, ClaimsHeader
from medcollect.model.common import Party, RawSegment
from medcollect.x12.batch837 import Batch
from medcollect.x12.claim837 import read_claim
from medcollect.x12.parents837 import Parents, read_level
from medcollect.x12.values import BLANKS, Context, PartyDraft, parse_date, person_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medcollect.findings import Finding


def read_header(segments: list[str], first: int, context: Context) -> ClaimsHeader:
    """BHT with submitter (NM1*41) and receiver (NM1*40)."""
    bht: Sequence[str] = BLANKS
    drafts: dict[str, PartyDraft] = {}
    party: PartyDraft | None = None
    unmodelled: list[RawSegment] = []
    for number, segment in enumerate(segments, first):
        elements = segment.split(context.element)
        if elements[0] == "BHT" and bht is BLANKS:
            bht = [*elements, *BLANKS]
        elif elements[0] == "NM1":
            party = PartyDraft(person_names(elements))
            if drafts.setdefault(party.role, party) is not party or party.role not in {"41", "40"}:
                unmodelled.append(RawSegment(number, segment))
        elif party is None or not party.add(elements, number, context):
            unmodelled.append(RawSegment(number, segment))
    return ClaimsHeader(
        transaction=context.transaction,
        reference_id=bht[3],
        created_date=parse_date(bht[4]),
        created_time=bht[5],
        purpose=bht[2],
        submitter=drafts["41"].build() if "41" in drafts else Party(),
        receiver=drafts["40"].build() if "40" in drafts else Party(),
        segments=tuple(segments),
        unmodelled=tuple(unmodelled),
    )


class ClaimsBody:
    """Reads one 837 transaction; the reader hands it its loops in file order.

    Where the version does not say which form it is, the header waits for the first claim.
    """

    boundaries: Final = frozenset(("HL", "CLM"))
    #: What a batch is cut at: ``boundaries``, and where lines begin.
    marks: Final = frozenset(("HL", "CLM", "LX"))

    def __init__(self, context: Context) -> None:
        self.context = context
        self._form = context.transaction.implementation.removeprefix("837")
        self._parents = Parents(context)
        self._waiting: ClaimsHeader | None = None
        self._claims = 0

    def read_loop(
        self, tag: str, segments: list[str], first: int
    ) -> Sequence[ClaimsHeader | Claim]:
        """Read one finished loop; ``tag`` is the boundary it began with, empty for the header."""
        if tag == "CLM":
            self._parents.claim_follows()
            self._claims += 1
            claim = read_claim(
                segments, first, self._claims, self._form, self._parents, self.context
            )
            return (*self._settle_form(claim.form), claim)
        if tag == "HL":
            self._parents.enter(read_level(segments, first, self.context), segments, first)
            return ()
        header = read_header(segments, first, self.context)
        if self._form:
            return (header,)
        self._waiting = header
        return ()

    def read_loops(
        self, segments: list[str], marks: list[int], first: int
    ) -> list[ClaimsHeader | Claim | Finding]:
        """Read whole loops, many at a time; findings stand where they arise.

        ``marks`` says where HL, CLM and LX stand, the last where the next loop begins.
        """
        documents: list[ClaimsHeader | Claim | Finding] = []
        findings = self.context.findings
        batch = Batch(self.context, self._form, segments, marks, first)
        for tag, loop, number in batch.loops():
            found: Sequence[ClaimsHeader | Claim] = ()
            if tag == "H":
                level = batch.level() or read_level(loop, number, self.context)
                self._parents.enter(level, loop, number)
            elif (claim := batch.claim(self._claims + 1, self._parents)) is not None:
                self._parents.claim_follows()
                self._claims += 1
                found = (claim,)
            else:
                found = self.read_loop("CLM", loop, number)
            if findings:
                documents += findings
                findings.clear()
            documents += found
        return documents

    def _settle_form(self, form: str) -> Sequence[ClaimsHeader]:
        """Release a waiting header, which now knows its form."""
        if self._waiting is None:
            return ()
        header, self._waiting, self._form = self._waiting, None, form
        transaction = replace(self.context.transaction, implementation="837" + form)
        self.context.transaction = transaction
        return (replace(header, transaction=transaction),)

    def finish(
        self, fingerprint: str, segment_count: int, *, complete: bool
    ) -> Iterator[ClaimsHeader | ClaimsEnd]:
        """The record that closes the transaction, after a header that still waits."""
        yield from self._settle_form("")
        yield ClaimsEnd(
            transaction=self.context.transaction,
            fingerprint=fingerprint,
            complete=complete,
            segment_count=segment_count,
            claim_count=self._claims,
            unmodelled=tuple(self._parents.finish()),
        )
