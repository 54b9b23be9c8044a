"""Loops of an 837 as most are written: found by pattern, many at a time, their records by column.

A pattern says what a regular loop looks like; one search finds the elements of every such loop in
a text. Parts that recur to the letter (diagnoses, rendering provider, payer) are given to the
readers of single loops once and remembered. ``None`` stands for a loop that is not regular, or
would bring about a finding: ``claim837``, ``lines837`` and ``parents837`` read it, and in every
case what they say is what must come out.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from medcollect.model.claim import ServiceLine
from medcollect.model.common import Delimiters, Envelope, Party, Reference, Transaction
from medcollect.x12.claim837 import (
    ClaimDraft,
    ClaimFacts,
    Others,
    build_facts,
    build_others,
    facility,
)
from medcollect.x12.lines837 import SERVICES, read_pointers, read_procedure
from medcollect.x12.memory import Memory
from medcollect.x12.parents837 import DIED, Level, read_level
from medcollect.x12.shapes import Shapes
from medcollect.x12.values import Context, parse_date, parse_period

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

#: The segments of a claim that name nobody else.
_OF_CLAIM: Final = "HI|DTP|REF|AMT|QTY|CL1|PWK|CN1|K3|NTE|CR1|CR2|CRC|HCP|DN1|DN2"
#: Form -> the segment of its service lines.
_TAGS: Final = {at.form: tag for tag, at in SERVICES.items()}
_NO_FACTS: Final = ClaimFacts((), (), {}, None, (), (), ())


class Raw(NamedTuple):
    """Which of so many segments are carried raw: their places and texts."""

    segments: int
    carried: tuple[tuple[int, str], ...]


class Start(NamedTuple):
    """A CLM loop up to its first LX: CLM01, CLM02, CLM05, CLM07 and what follows."""

    number: str
    charge: int
    facility: tuple[str, str, str]
    assignment: str
    facts: ClaimFacts
    others: Others
    raw: tuple[Raw, Raw]


class Regular837:
    """The patterns under some separators, and what recurring parts mean there."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._delimiters = delimiters
        component = delimiters.component
        shapes = Shapes(delimiters, ("HL", "CLM", "LX"))
        self._level = _level_shape(shapes)
        self._start = _start_shape(shapes)
        self._lines = Memory(lambda form: _line_shape(shapes, _TAGS[form]))
        self._days = Memory(parse_period)
        self._birth_days = Memory(parse_date)
        self._procedures = Memory(lambda text: read_procedure(text, component))
        self._pointers = Memory(lambda text: read_pointers(text, component))
        self._facilities = Memory(lambda text: facility(text, component))
        self._facts = Memory(self._read_facts)
        self._others = Memory(self._read_others)
        self._parties = Memory(self._read_parties)
        self._single = Memory(self._read_single)

    # -- loops of one kind, by column ------------------------------------------------------------

    def levels(self, text: str) -> list[Level | None]:
        """Every HL loop of a text."""
        columns = _columns(self._level, text)
        if not columns:
            return []
        (identifier, parent, kind, single, role, last, first, middle, suffix, qualifier, number,
         street, more, city, state, postal, birth, gender, others) = columns.values()  # fmt: skip
        births = self._birth_days.column(birth)
        people = map(
            Party, role, last, first, middle, suffix, qualifier, number,
            map(_address, street, more), city, state, postal, births, gender,
        )  # fmt: skip
        hierarchies = zip(identifier, parent, kind, strict=True)
        parties, singles = self._parties.column(others), self._single.column(single)
        return list(map(_regular_level, hierarchies, people, parties, singles, birth))

    def starts(self, text: str) -> list[Start | None]:
        """Every CLM loop of a text, up to its first LX."""
        columns = _columns(self._start, text)
        if not columns:
            return []
        charges = _cents(columns["charge"], columns["charge_cents"])
        facilities = self._facilities.column(columns["facility"])
        facts = self._facts.column(columns["facts"])
        others = self._others.column(columns["others"])
        numbers, assignments = columns["number"], columns["assignment"]
        return list(map(_regular_start, numbers, charges, facilities, assignments, facts, others))

    def lines(
        self, form: str, text: str, numbers: list[int], positions: list[int]
    ) -> list[ServiceLine | None]:
        """Every LX loop of a text, given the numbers of their segments and places in the claim."""
        columns = _columns(self._lines[form], text)
        if not columns:
            return []
        absent = repeat("")
        starts, ends = zip(*self._days.column(columns["date"]), strict=True)
        qualifiers, values = columns["qualifier"], columns["value"]
        pointers = columns.get("pointers")
        services = map(
            ServiceLine,
            positions,
            numbers,
            columns["number"],
            self._procedures.column(columns["procedure"]),
            _cents(columns["charge"], columns["charge_cents"]),
            columns.get("revenue", absent),
            columns.get("unit", absent),
            [units or "1" for units in columns["units"]],
            columns.get("place", absent),
            self._pointers.column(pointers) if pointers else repeat(()),
            starts,
            ends,
            [v if q == "6R" else "" for q, v in zip(qualifiers, values, strict=True)],
            [(Reference(q, v),) if q else () for q, v in zip(qualifiers, values, strict=True)],
        )
        lines: list[ServiceLine | None] = list(services)
        for index in _irregular(columns, starts, ends):
            lines[index] = None
        return lines

    # -- recurring parts, read by the readers of single loops ------------------------------------

    def _context(self) -> Context:
        """Where these readers leave what they find in a part."""
        return Context(Transaction("837", "837", 0, 0, "", "", Envelope(self._delimiters)), [])

    def _segments(self, text: str) -> list[str]:
        """The segments of a part, each of which stands after a terminator."""
        return text.split(self._delimiters.terminator)[1:]

    def _draft(self, text: str) -> tuple[ClaimDraft, Raw] | None:
        context, segments = self._context(), self._segments(text)
        draft = ClaimDraft(context)
        draft.take_all(segments, 1)
        if context.findings or draft.lines:
            return None
        return draft, Raw(len(segments), tuple([(r.number, r.text) for r in draft.unmodelled]))

    def _read_facts(self, text: str) -> tuple[ClaimFacts, Raw] | None:
        found = self._draft(text)
        return found and (build_facts(found[0]), found[1])

    def _read_others(self, text: str) -> tuple[Others, Raw] | None:
        found = self._draft(text)
        if found is None or build_facts(found[0]) != _NO_FACTS:
            return None
        return build_others(found[0]), found[1]

    def _read_parties(self, text: str) -> dict[str, Party] | None:
        context = self._context()
        level = read_level(self._segments(text), 1, context)
        return None if context.findings or level.single else level.parties

    def _read_single(self, text: str) -> dict[str, Sequence[str]] | None:
        """SBR, PAT and PRV; none where the patient may have died, which concerns the parties."""
        segments = self._segments(text)
        parts = [segment.split(self._delimiters.element) for segment in segments]
        if any(elements[0] == "PAT" and any(elements[DIED : DIED + 1]) for elements in parts):
            return None
        return read_level(segments, 1, self._context()).single


@lru_cache(maxsize=8)
def regular(delimiters: Delimiters) -> Regular837 | None:
    """The patterns for these separators, where they can be told apart."""
    marks = (delimiters.element, delimiters.component, delimiters.terminator)
    return Regular837(delimiters) if len(set(marks)) == len(marks) and all(marks) else None


# -- the shapes ----------------------------------------------------------------------------------


def _level_shape(shapes: Shapes) -> re.Pattern[str]:
    return shapes.loop(
        "HL",
        shapes.segment("HL", "identifier", "parent", "kind=22|23"),
        shapes.segments("single", "SBR|PAT|PRV"),
        shapes.segment(
            "NM1", "role=IL|QC", "", "last", "first", "middle", "", "suffix", "qualifier", "id"
        ),
        shapes.perhaps("N3", "street", "more"),
        shapes.perhaps("N4", "city", "state", "postal"),
        shapes.perhaps("DMG", "", "birth", "gender"),
        shapes.segments("others", "NM1|N3|N4|REF"),
    )


def _start_shape(shapes: Shapes) -> re.Pattern[str]:
    return shapes.loop(
        "CLM",
        shapes.segment("CLM", "number+", "charge$", "", "", "facility", "", "assignment"),
        shapes.segments("facts", _OF_CLAIM),
        shapes.segments("others"),
    )


def _line_shape(shapes: Shapes, tag: str) -> re.Pattern[str]:
    """LX with this service segment, one date, one reference; ``rest`` is all that follows."""
    at = SERVICES[tag]
    wanted = {place: name for name, place in at._asdict().items() if isinstance(place, int)}
    wanted[at.charge] = "charge$"
    elements = [wanted.get(place, "") for place in range(1, max(wanted) + 1)]
    return shapes.loop(
        "LX",
        shapes.segment("LX", "number"),
        shapes.segment(tag, *elements),
        shapes.perhaps("DTP", "=472", "", "date"),
        shapes.perhaps("REF", "qualifier+", "value"),
        shapes.segments("rest"),
    )


# -- columns -------------------------------------------------------------------------------------


def _columns(shape: re.Pattern[str], text: str) -> dict[str, tuple[str, ...]]:
    """What a pattern finds, by the names of its elements; nothing when there is no such loop."""
    return dict(zip(shape.groupindex, zip(*shape.findall(text), strict=True), strict=False))


def _cents(whole: Iterable[str], cents: Iterable[str]) -> list[int]:
    return [int(w + (c or "00")) for w, c in zip(whole, cents, strict=True)]


def _address(street: str, more: str) -> tuple[str, ...]:
    return (street,) if street and not more else tuple(filter(None, (street, more)))


def _regular_level(
    hierarchy: tuple[str, str, str],
    person: Party,
    others: dict[str, Party] | None,
    single: dict[str, Sequence[str]] | None,
    birth: str,
) -> Level | None:
    if (
        others is None
        or single is None
        or not hierarchy[2]
        or (birth and person.birth_date is None)
    ):
        return None
    return Level(hierarchy, {**others, person.role: person}, single)


def _regular_start(
    number: str,
    charge: int,
    place: tuple[str, str, str],
    assignment: str,
    facts: tuple[ClaimFacts, Raw] | None,
    others: tuple[Others, Raw] | None,
) -> Start | None:
    if facts is None or others is None or not number:
        return None
    return Start(number, charge, place, assignment, facts[0], others[0], (facts[1], others[1]))


def _irregular(
    columns: dict[str, tuple[str, ...]], starts: Sequence[object], ends: Sequence[object]
) -> Iterator[int]:
    """Lines that did not fit, have more segments, or a date that is none."""
    rows = zip(columns["charge"], columns["rest"], columns["date"], starts, ends, strict=True)
    for index, (charge, rest, date, start, end) in enumerate(rows):
        if not charge or rest or (date and (start is None or end is None)):
            yield index
