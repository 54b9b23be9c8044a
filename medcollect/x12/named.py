"""Every element of an 835 or 837 segment by the standard's name.

The records of ``model`` have fields for what posting, matching and denials ask for. Everything else
a loop holds stands in its raw segments; this gives it names and types on demand, so that reading
does not pay for what few ask for. ``elements.csv`` beside this file is the table: positions and
names are those of 005010X221A1, X222A1, X223A2 and X224A2.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from medcollect.model.claim import Claim, ClaimsHeader
from medcollect.model.common import Delimiters, RawSegment
from medcollect.model.remittance import ClaimPayment, RemittanceHeader
from medcollect.x12.values import parse_date, parse_period, read_cents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Text as sent, whole cents (``..._cents``), a day, or the first and the last day of a period.
Value: TypeAlias = str | int | date | tuple[date, date]

_TABLE: Final = Path(__file__).parent / "elements.csv"


class NamedSegment(msgspec.Struct, frozen=True):
    """A segment with its elements by name.

    ``number`` is its place in the file. ``values`` holds the elements that are there, in the order
    of the standard: amounts as whole cents under a name that ends in ``_cents``, dates as days,
    everything else as sent. What cannot be read as its type stays as sent, under its plain name.
    An identifier that the table does not know has no values; ``text`` always has them all.
    """

    number: int
    identifier: str
    text: str
    values: dict[str, Value]


class _Element(msgspec.Struct, frozen=True):
    """Where an element stands, what it is called, and how it is read."""

    element: int
    component: int
    name: str
    kind: str


@cache
def _elements() -> dict[str, tuple[_Element, ...]]:
    """The table: segment identifier to its elements, repeated ones numbered from 1."""
    found: dict[str, list[_Element]] = defaultdict(list)
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            times = int(row["times"] or 1)
            for turn in range(times):
                place = int(row["element"]) + turn * int(row["every"] or 0)
                name = f"{row['name']}_{turn + 1}" if times > 1 else row["name"]
                element = _Element(place, int(row["component"] or 0), name, row["kind"])
                found[row["segment"]].append(element)
    return {
        segment: tuple(sorted(elements, key=lambda e: (e.element, e.component)))
        for segment, elements in found.items()
    }


def names_of(identifier: str) -> tuple[str, ...]:
    """The names of a segment's elements in order; none for an identifier without a table."""
    return tuple(element.name for element in _elements().get(identifier, ()))


def known_segments() -> tuple[str, ...]:
    """The identifiers whose elements have names."""
    return tuple(sorted(_elements()))


def name_segment(raw: RawSegment, delimiters: Delimiters) -> NamedSegment:
    """One raw segment with its elements by name."""
    elements = raw.text.split(delimiters.element)
    values: dict[str, Value] = {}
    for place in _elements().get(elements[0], ()):
        text = elements[place.element] if place.element < len(elements) else ""
        if place.component:
            parts = text.split(delimiters.component)
            text = parts[place.component - 1] if place.component <= len(parts) else ""
        if text:
            name, value = _READERS[place.kind](place.name, text)
            values[name] = value
    return NamedSegment(raw.number, elements[0], raw.text, values)


def _as_text(name: str, text: str) -> tuple[str, Value]:
    return name, text


def _as_cents(name: str, text: str) -> tuple[str, Value]:
    cents = read_cents(text)
    return (name, text) if cents is None else (f"{name}_cents", cents)


def _as_day(name: str, text: str) -> tuple[str, Value]:
    return name, parse_date(text) or text


def _as_period(name: str, text: str) -> tuple[str, Value]:
    """D8 and DT are one day, RD8 two; a period of one day is that day."""
    first, last = parse_period(text)
    if first is None or last is None:
        return name, text
    return name, first if first == last else (first, last)


_READERS: Final[dict[str, Callable[[str, str], tuple[str, Value]]]] = {
    "text": _as_text,
    "number": _as_text,
    "amount": _as_cents,
    "date": _as_day,
    "period": _as_period,
}

#: Records that hold all segments of their loop.
Loop: TypeAlias = RemittanceHeader | ClaimPayment | ClaimsHeader | Claim


def named_segments(loop: Loop, delimiters: Delimiters | None = None) -> Iterator[NamedSegment]:
    """Every segment of a loop with its elements by name, in file order.

    Of a claim payment they are the LX, TS3 and TS2 above its CLP and all from there to the next
    CLP, its service lines included; of a claim those from its CLM on (``parent_segments`` holds
    the hierarchy above it). ``delimiters`` are those of its interchange
    (``transaction.envelope.delimiters``), ``*`` and ``:`` where none are given.
    """
    marks = delimiters or _own_delimiters(loop)
    first = loop.segment if isinstance(loop, ClaimPayment | Claim) else loop.transaction.segment + 1
    above = [raw for raw in loop.unmodelled if raw.number < first]
    for raw in above:
        yield name_segment(raw, marks)
    for number, text in enumerate(loop.segments, first):
        yield name_segment(RawSegment(number, text), marks)


def _own_delimiters(loop: Loop) -> Delimiters:
    """Those of the interchange, where the record knows it."""
    if isinstance(loop, ClaimPayment | Claim):
        return Delimiters()
    return loop.transaction.envelope.delimiters
