"""What stands above a claim in an 837: HL loops of billing provider, subscriber and patient.

HL03 20 opens a billing provider and ends the subscriber and patient before it; 22 opens a
subscriber and ends the patient before it; 23 opens a patient (claim_rules.md 5.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from medcollect.model.claim import Coverage
from medcollect.model.common import Party, RawSegment
from medcollect.x12.values import BLANKS, Context, PartyDraft, person_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

BILLING, SUBSCRIBER, PATIENT = "20", "22", "23"
_LEVELS: Final = (BILLING, SUBSCRIBER, PATIENT)
#: Level -> the one it stands under, and those that it ends.
_ABOVE: Final = {BILLING: "", SUBSCRIBER: BILLING, PATIENT: SUBSCRIBER}
_ENDED: Final = {BILLING: _LEVELS, SUBSCRIBER: _LEVELS[1:], PATIENT: _LEVELS[2:]}
_NOBODY: Final = Party()
#: Where PAT says when the patient died, and who the patient of a subscriber's or patient's loop is.
DIED: Final = 6
_PATIENTS: Final = ("IL", "QC")
_NO_COVERAGE: Final = Coverage()


class Level:
    """One HL loop: HL01 to HL03, its parties by role, and SBR, PAT and PRV as they stood."""

    __slots__ = ("first", "identifier", "kind", "parent", "parties", "segments", "single", "used")

    def __init__(
        self,
        hierarchy: tuple[str, str, str],
        parties: dict[str, Party],
        single: dict[str, Sequence[str]],
    ) -> None:
        self.identifier, self.parent, self.kind = hierarchy
        self.parties = parties
        self.single = single
        self.segments: tuple[str, ...] = ()
        self.first = 0
        self.used = False

    def get(self, tag: str) -> Sequence[str]:
        """The elements of the first segment with this identifier, blank when there is none."""
        return self.single.get(tag, BLANKS)

    def party(self, role: str) -> Party:
        """The party with this role, empty when there is none."""
        return self.parties.get(role, _NOBODY)


def read_level(segments: list[str], first: int, context: Context) -> Level:
    """Read the segments of an HL loop one by one."""
    element = context.element
    single: dict[str, Sequence[str]] = {}
    drafts: list[PartyDraft] = []
    died: date | None = None
    for number, segment in enumerate(segments, first):
        elements = segment.split(element)
        if elements[0] == "NM1":
            drafts.append(PartyDraft(person_names(elements)))
        elif not (drafts and drafts[-1].add(elements, number, context)):
            single.setdefault(elements[0], [*elements, *BLANKS])
            if elements[0] == "PAT" and len(elements) > DIED:
                died = context.day(elements[DIED], number, "PAT06") or died
    parties: dict[str, Party] = {}
    for draft in drafts:
        parties.setdefault(draft.role, draft.build())
    for role in _PATIENTS if died else ():
        if role in parties:
            parties[role] = msgspec.structs.replace(parties[role], death_date=died)
    hl = single.get("HL", BLANKS)
    return Level((hl[1], hl[2], hl[3]), parties, single)


class Parents:
    """The HL loops that are open, and what a claim inherits from them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: dict[str, Level] = {}
        self._orphans: list[RawSegment] = []
        self._cut = False
        self.segments: tuple[str, ...] = ()
        self.coverage = Coverage()
        self.patient = Party()
        self.billing_provider = Party()
        self.billing_taxonomy = ""
        self.pay_to: tuple[Party, ...] = ()

    def enter(self, level: Level, segments: list[str], first: int) -> None:
        """Open an HL loop, whose segments are these, and close those it ends."""
        level.segments, level.first = tuple(segments), first
        kind, opened = level.kind, self._open
        if kind not in _ABOVE:
            self._context.report("hierarchy-unexpected", first)
            self._carry(level)
            return
        parent = opened.get(_ABOVE[kind])
        if parent is not None:
            parent.used = True
        if kind != BILLING and (parent is None or level.parent != parent.identifier):
            self._context.report("hierarchy-unexpected", first)
        for ended in _ENDED[kind]:
            closed = opened.pop(ended, None)
            if closed is not None and not closed.used:
                self._carry(closed)
        opened[kind] = level
        self._inherit(kind)

    def _carry(self, level: Level) -> None:
        """Keep the segments of a loop that led to no claim, within the limit."""
        most = self._context.limits.loop_segments_max
        if len(self._orphans) + len(level.segments) <= most:
            self._orphans += _raw(level)
        elif not self._cut:
            self._cut = True
            self._context.report("loop-too-long", level.first)

    def _inherit(self, kind: str) -> None:
        """Take over what the levels say, of which this kind is the newest."""
        opened = self._open
        billing, subscriber = opened.get(BILLING), opened.get(SUBSCRIBER)
        patient = opened.get(PATIENT)
        if kind == BILLING and billing is not None:
            self.billing_provider = billing.party("85")
            self.billing_taxonomy = billing.get("PRV")[3]
            self.pay_to = tuple([billing.parties[r] for r in ("87", "PE") if r in billing.parties])
        segments = billing.segments if billing is not None else ()
        coverage, named = _NO_COVERAGE, None
        if subscriber is not None:
            segments += subscriber.segments
            coverage = _coverage(subscriber, patient)
            named = subscriber.parties.get("QC")
        if patient is not None:
            segments += patient.segments
            named = patient.parties.get("QC")
        self.segments, self.coverage = segments, coverage
        self.patient = named or coverage.subscriber

    def claim_follows(self) -> None:
        """Note that the open loops led to a claim."""
        for level in self._open.values():
            level.used = True

    @property
    def has_orphans(self) -> bool:
        """Whether segments wait for the next record to carry them."""
        return bool(self._orphans)

    def take_orphans(self) -> list[RawSegment]:
        """Segments of HL loops that ended without a claim; they are carried by the next record."""
        orphans, self._orphans = self._orphans, []
        return orphans

    def finish(self) -> list[RawSegment]:
        """Close every loop at the end of the transaction."""
        for level in self._open.values():
            if not level.used:
                self._carry(level)
        self._open = {}
        return self.take_orphans()


def _raw(level: Level) -> list[RawSegment]:
    return [RawSegment(n, text) for n, text in enumerate(level.segments, level.first)]


def _coverage(subscriber: Level, patient: Level | None) -> Coverage:
    """SBR with the subscriber and payer; PAT01 says the relationship where SBR02 does not."""
    sbr, parties = subscriber.get("SBR"), subscriber.parties
    return Coverage(
        sbr[1],
        sbr[2] or (patient.get("PAT")[1] if patient else ""),
        sbr[3],
        sbr[4],
        sbr[9],
        parties.get("PR", _NOBODY),
        parties.get("IL", _NOBODY),
    )
