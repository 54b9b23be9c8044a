"""What stands above a claim in an 837: HL loops of billing provider, subscriber and patient.

HL03 20 opens a billing provider and ends the subscriber and patient before it; 22 opens a
subscriber and ends the patient before it; 23 opens a patient (claim_rules.md 5.1).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from medcollect.model.claim import Coverage
from medcollect.model.common import Party, RawSegment
from medcollect.x12.values import BLANKS, Context, PartyDraft, person_names

if TYPE_CHECKING:
    from collections.abc import Sequence

BILLING, SUBSCRIBER, PATIENT = "20", "22", "23"
_LEVELS: Final = (BILLING, SUBSCRIBER, PATIENT)
_NOBODY: Final = Party()


class Level:
    """One HL loop: its parties by role, and SBR, PAT and PRV as they stood."""

    __slots__ = ("first", "identifier", "parties", "segments", "single", "used")

    def __init__(self, segments: list[str], first: int, context: Context) -> None:
        self.segments = tuple(segments)
        self.first = first
        self.used = False
        self.parties: dict[str, Party] = {}
        element = context.element
        self.single: dict[str, Sequence[str]] = {}
        drafts: list[PartyDraft] = []
        for number, segment in enumerate(segments, first):
            elements = segment.split(element)
            if elements[0] == "NM1":
                drafts.append(PartyDraft(person_names(elements)))
            elif not (drafts and drafts[-1].add(elements, number, context)):
                self.single.setdefault(elements[0], [*elements, *BLANKS])
        for draft in drafts:
            self.parties.setdefault(draft.role, draft.build())
        self.identifier = self.get("HL")[1]

    def get(self, tag: str) -> Sequence[str]:
        """The elements of the first segment with this identifier, blank when there is none."""
        return self.single.get(tag, BLANKS)

    def party(self, role: str) -> Party:
        """The party with this role, empty when there is none."""
        return self.parties.get(role, _NOBODY)


class Parents:
    """The HL loops that are open, and what a claim inherits from them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._open: dict[str, Level] = {}
        self._orphans: list[RawSegment] = []
        self.segments: tuple[str, ...] = ()
        self.coverage = Coverage()
        self.patient = Party()
        self.billing_provider = Party()
        self.billing_taxonomy = ""
        self.pay_to: tuple[Party, ...] = ()

    def enter(self, segments: list[str], first: int) -> None:
        """Read an HL loop and close those it ends."""
        level = Level(segments, first, self._context)
        kind = level.get("HL")[3]
        if kind not in _LEVELS:
            self._context.report("hierarchy-unexpected", first)
            self._orphans += _raw(level)
            return
        parent = self._open.get(_LEVELS[max(_LEVELS.index(kind) - 1, 0)])
        if kind != BILLING and (parent is None or level.get("HL")[2] != parent.identifier):
            self._context.report("hierarchy-unexpected", first)
        for ended in _LEVELS[_LEVELS.index(kind) :]:
            closed = self._open.pop(ended, None)
            if closed is not None and not closed.used:
                self._orphans += _raw(closed)
        if parent is not None and kind != BILLING:
            parent.used = True
        self._open[kind] = level
        self._inherit()

    def _inherit(self) -> None:
        levels = [self._open[kind] for kind in _LEVELS if kind in self._open]
        self.segments = tuple(chain.from_iterable([level.segments for level in levels]))
        billing, subscriber = self._open.get(BILLING), self._open.get(SUBSCRIBER)
        self.billing_provider = billing.party("85") if billing else _NOBODY
        self.billing_taxonomy = _taxonomy(billing)
        self.pay_to = _pay_to(billing)
        patient = self._open.get(PATIENT)
        self.coverage = _coverage(subscriber, patient)
        named = patient.parties.get("QC") if patient else None
        if named is None and subscriber is not None:
            named = subscriber.parties.get("QC") if patient is None else None
        self.patient = named or self.coverage.subscriber

    def claim_follows(self) -> None:
        """Note that the open loops led to a claim."""
        for level in self._open.values():
            level.used = True

    def take_orphans(self) -> list[RawSegment]:
        """Segments of HL loops that ended without a claim; they are carried by the next record."""
        orphans, self._orphans = self._orphans, []
        return orphans

    def finish(self) -> list[RawSegment]:
        """Close every loop at the end of the transaction."""
        for level in self._open.values():
            if not level.used:
                self._orphans += _raw(level)
        self._open = {}
        return self.take_orphans()


def _raw(level: Level) -> list[RawSegment]:
    return [RawSegment(n, text) for n, text in enumerate(level.segments, level.first)]


def _taxonomy(billing: Level | None) -> str:
    return billing.get("PRV")[3] if billing else ""


def _pay_to(billing: Level | None) -> tuple[Party, ...]:
    if billing is None:
        return ()
    return tuple(billing.parties[role] for role in ("87", "PE") if role in billing.parties)


def _coverage(subscriber: Level | None, patient: Level | None) -> Coverage:
    """SBR with the subscriber and payer; PAT01 says the relationship where SBR02 does not."""
    if subscriber is None:
        return Coverage()
    sbr = subscriber.get("SBR")
    relationship = sbr[2] or (patient.get("PAT")[1] if patient else "")
    return Coverage(
        sbr[1],
        relationship,
        sbr[3],
        sbr[4],
        sbr[9],
        subscriber.party("PR"),
        subscriber.party("IL"),
    )
