"""What the readers of acknowledgements, status and eligibility share: one transaction, whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, TypeAlias

from medcollect.findings import Finding
from medcollect.model.common import Party, RawSegment, Reference, Transaction
from medcollect.money import parse_cents
from medcollect.x12.life_problems import life_problem
from medcollect.x12.values import (
    BLANKS,
    Context,
    PartyDraft,
    parse_date,
    parse_period,
    person_names,
)

#: A segment as its elements, filled up with empty text so that every position can be looked up.
Elements: TypeAlias = list[str]

_COUNT_DIGITS_MAX: Final = 15


class Whole:
    """One transaction from ST to SE: its segments, where they stood, where findings go."""

    def __init__(
        self, transaction: Transaction, segments: list[str], findings: list[Finding]
    ) -> None:
        self.transaction = transaction
        self.segments = segments
        self.first = transaction.segment + 1
        self.findings = findings
        self.context = Context(transaction, findings)
        self.delimiters = transaction.envelope.delimiters

    def rows(self) -> Iterator[tuple[int, Elements]]:
        """Number and elements of every segment; spaces at an element's end mean nothing."""
        separator = self.delimiters.element
        for number, segment in enumerate(self.segments, self.first):
            yield number, [e.rstrip() for e in segment.split(separator)] + list(BLANKS)

    def raw(self, number: int) -> RawSegment:
        """The segment with this number as it stood."""
        return RawSegment(number, self.segments[number - self.first])

    def report(self, code: str, segment: int, where: str = "") -> None:
        """Add a finding."""
        self.findings.append(life_problem(code, segment, self.transaction.index, where))

    def cents(self, text: str, segment: int, where: str) -> int | None:
        """Read an optional amount; a bad one is reported and left out."""
        cents = parse_cents(text) if text else None
        if text and cents is None:
            self.report("figure-unreadable", segment, where)
        return cents

    def count(self, text: str, segment: int, where: str) -> int | None:
        """Read an optional count; a bad one is reported and left out."""
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS_MAX:
            return int(text)
        self.report("figure-unreadable", segment, where)
        return None

    def day(self, text: str, segment: int, where: str) -> date | None:
        """Read an optional date; a bad one is reported and left out."""
        day = parse_date(text) if text else None
        if text and day is None:
            self.report("date-unreadable", segment, where)
        return day

    def period(self, elements: Elements, segment: int) -> tuple[date | None, date | None]:
        """Read the date or range of a DTP."""
        days = parse_period(elements[3]) if elements[3] else (None, None)
        if elements[3] and None in days:
            self.report("date-unreadable", segment, "DTP03")
        return days

    def parts(self, text: str) -> list[str]:
        """The components of a composite, at least six."""
        component = self.delimiters.component
        return [*(text.split(component) if component else [text]), "", "", "", "", ""]

    def repetitions(self, text: str) -> tuple[str, ...]:
        """The repetitions of an element, without empty ones."""
        mark = self.delimiters.repetition
        return tuple(filter(None, text.split(mark) if mark else [text]))


class Person:
    """The NM1 of a loop and what is said of it, in whatever order it comes."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._draft: PartyDraft | None = None
        self._early: list[tuple[int, Elements]] = []

    @property
    def is_named(self) -> bool:
        """Whether the NM1 was seen."""
        return self._draft is not None

    def name(self, elements: Elements) -> bool:
        """Take the NM1; false when there is one already."""
        if self._draft is not None:
            return False
        self._draft = PartyDraft(person_names(elements))
        for number, early in self._early:
            self.detail(early, number)
        return True

    def detail(self, elements: Elements, number: int) -> None:
        """Take an N3, N4, DMG or REF, also one that comes before the NM1."""
        if self._draft is None:
            self._early.append((number, elements))
        elif elements[0] == "REF":
            self._draft.references.append(Reference(elements[1], elements[2]))
        else:
            self._draft.add(elements, number, self._whole.context)

    def party(self) -> Party:
        """The finished record."""
        if self._draft is None and self._early:
            self.name(["NM1", *BLANKS])
        return self._draft.build() if self._draft else Party()
