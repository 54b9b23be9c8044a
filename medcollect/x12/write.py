"""What writing 835 and 837 files has in common: segments, separators, envelopes.

While it is being written, a segment is a list of elements whose components and repetitions are
divided by control characters; the separators of the file come in last. A value that holds one of
them is refused: it would change the meaning of what follows. ``None`` in a segment is an element
that the records have no field for: it is taken from the segment that was read, else left empty.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from medcollect.errors import BadRequest
from medcollect.model.common import Adjustment, Delimiters, Party, RawSegment, Reference
from medcollect.money import format_cents
from medcollect.x12.opened import Document
from medcollect.x12.reader import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Segment: TypeAlias = list[str | None]

COMPONENT: Final = "\x1f"
REPETITION: Final = "\x1e"
#: Separators that no value holds: what is read back before it is handed out is written with them.
_INNER: Final = Delimiters("\x1d", COMPONENT, "\x1c", REPETITION)
_ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_CAS_TRIPLETS: Final = 6
#: Roles of people; every other party without a first name is an organisation.
_PEOPLE: Final = frozenset(
    ("IL", "QC", "74", "82", "DN", "P3", "DQ", "DK", "71", "72", "ZZ", "DD", "S5", "S6")
)
#: Where something stood, the raw text that the fields were read from, and what depends on them.
_NOT_FACTS: Final = frozenset(
    (
        "position", "segment", "segments", "parent_segments", "unmodelled", "transaction",
        "fingerprint", "segment_count",
    )
)  # fmt: skip


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim states that its record does not carry; whoever sends the claim answers for it.

    CLM06 (not in an 837I), CLM07 where the record has none, CLM08 and CLM09 as codes; for an 837I
    CL101, CL102 and CL103, left out of the file when empty.
    """

    provider_signature: str
    assignment: str
    benefits_assigned: str
    release_of_information: str
    admission_type: str = ""
    admission_source: str = ""
    patient_status: str = ""


class OutgoingEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a file to whom, when, under which number, and how it is set down.

    ``control_number`` is ISA13 and the start of the groups' numbers; ``transaction_number`` that of
    the transactions (ST02) over all groups, 0 for one that starts in each group. ``contact_name``
    and ``contact_phone`` stand in PER where the records bring none (1000A of both guides wants
    one). ``statements`` are needed for claims that were not read from a file.
    ``authorization`` is ISA01 to ISA04, ``acknowledgment`` ISA14; the groups' sender and receiver
    are those of the interchange unless they are given.
    """

    sender_id: str
    receiver_id: str
    created: datetime
    control_number: int = 1
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    usage: str = "P"
    contact_name: str = ""
    contact_phone: str = ""
    statements: Statements | None = None
    delimiters: Delimiters = Delimiters()
    line_end: str = "\n"
    transaction_number: int = 0
    authorization: tuple[str, str, str, str] = ("00", "", "00", "")
    acknowledgment: str = "0"
    group_sender_id: str = ""
    group_receiver_id: str = ""


class Body(msgspec.Struct, frozen=True):
    """One transaction without its ST and SE: its kind (ST01), version and segments."""

    kind: str
    version: str
    segments: list[Segment]


_FUNCTIONS: Final = {"835": "HP", "837": "HC"}


def write_file(bodies: Iterable[Body], envelope: OutgoingEnvelope) -> str:
    """One interchange with a group for each run of transactions of one version."""
    bodies = list(bodies)
    if not bodies:
        raise BadRequest("There is nothing to write.", "Give at least one document.")
    segments: list[Segment] = [_isa(envelope, bodies[0].version)]
    groups = written = 0
    for (kind, version), run in groupby(bodies, key=lambda body: (body.kind, body.version)):
        found = list(run)
        number, first = envelope.control_number + groups, envelope.transaction_number
        segments += _group(kind, version, found, envelope, number, first + written if first else 1)
        groups += 1
        written += len(found)
    segments.append(["IEA", str(groups), f"{envelope.control_number:09d}"])
    return render(segments, envelope.delimiters, envelope.line_end)


def _isa(envelope: OutgoingEnvelope, version: str) -> Segment:
    """ISA at its full width; ISA11 was a letter before 005010."""
    old = version.startswith("004")
    elements = (
        *envelope.authorization, envelope.sender_qualifier, envelope.sender_id,
        envelope.receiver_qualifier, envelope.receiver_id, f"{envelope.created:%y%m%d}",
        f"{envelope.created:%H%M}", "U" if old else REPETITION, "00401" if old else "00501",
        f"{envelope.control_number:09d}", envelope.acknowledgment, envelope.usage, COMPONENT,
    )  # fmt: skip
    for text, width in zip(elements, _ISA_WIDTHS, strict=True):
        if len(text) > width:
            raise BadRequest(
                "A sender, receiver or control number is too long for the ISA.",
                "Sender and receiver have at most 15 characters, the number 9 digits.",
            )
    return ["ISA", *(text.ljust(w) for text, w in zip(elements, _ISA_WIDTHS, strict=True))]


def _group(
    kind: str,
    version: str,
    bodies: Sequence[Body],
    envelope: OutgoingEnvelope,
    number: int,
    first: int,
) -> Iterator[Segment]:
    """GS to GE with counts and control numbers."""
    day, time = f"{envelope.created:%Y%m%d}", f"{envelope.created:%H%M}"
    sender = (envelope.group_sender_id or envelope.sender_id).strip()
    receiver = (envelope.group_receiver_id or envelope.receiver_id).strip()
    yield ["GS", _FUNCTIONS[kind], sender, receiver, day, time, str(number), "X", version]
    for index, body in enumerate(bodies, first):
        control = f"{index:04d}"
        # the 835 guide does not use ST03
        yield ["ST", kind, control, *([version] if kind == "837" else [])]
        yield from body.segments
        yield ["SE", str(len(body.segments) + 2), control]
    yield ["GE", str(len(bodies)), str(number)]


def render(segments: Iterable[Segment], delimiters: Delimiters, line_end: str = "") -> str:
    """Segments as text, without empty elements at their ends."""
    marks = delimiters
    refused = {marks.element, marks.component, marks.terminator}
    pieces = []
    for segment in segments:
        inner = "".join(element or "" for element in segment)
        if not refused.isdisjoint(inner) and marks is not _INNER:
            raise BadRequest(
                f"A value of a {segment[0]} segment holds a character that separates elements, "
                "components or segments.",
                "Choose other separators for the file.",
            )
        text = marks.element.join(element or "" for element in segment).rstrip(marks.element)
        text = text.replace(COMPONENT, marks.component).replace(REPETITION, marks.repetition)
        pieces.append(text + marks.terminator + line_end)
    return "".join(pieces)


def from_raw(text: str, delimiters: Delimiters) -> Segment:
    """A segment as it was read, with the inner separators."""
    text = _inner(text, delimiters)
    return [*text.split(delimiters.element)]


# -- pieces of segments --------------------------------------------------------------------------


def composite(*parts: str) -> str:
    """Components of one element."""
    return COMPONENT.join(parts).rstrip(COMPONENT)


def day8(day: date | None) -> str:
    """CCYYMMDD, empty where there is no day."""
    return f"{day:%Y%m%d}" if day else ""


def amount(cents: int) -> str:
    """An amount as the guides want it: no decimals where they are zero."""
    return format_cents(cents).removesuffix(".00")


def adjustment_segments(adjustments: Iterable[Adjustment]) -> list[Segment]:
    """CAS segments, in order: neighbours of one group share one, at most six in each."""
    segments: list[Segment] = []
    for group, members in groupby(adjustments, key=lambda a: a.group):
        found = list(members)
        for start in range(0, len(found), _CAS_TRIPLETS):
            segment: Segment = ["CAS", group]
            for adjustment in found[start : start + _CAS_TRIPLETS]:
                segment += [adjustment.reason, amount(adjustment.cents), adjustment.quantity]
            segments.append(segment)
    return segments


def name_segment(party: Party) -> Segment:
    """NM1."""
    person = bool(party.first_name) or party.role in _PEOPLE
    names = (party.last_name, party.first_name, party.middle_name, None, party.suffix)
    return ["NM1", party.role, "1" if person else "2", *names, party.id_qualifier, party.id]


def address_segments(party: Party) -> list[Segment]:
    """N3 and N4."""
    segments: list[Segment] = [["N3", *party.address]] if party.address else []
    if party.city or party.state or party.postal_code:
        segments.append(["N4", party.city, party.state, party.postal_code])
    return segments


def birth_segments(party: Party) -> list[Segment]:
    """DMG."""
    if party.birth_date is None:
        return []
    return [["DMG", "D8", day8(party.birth_date), party.gender]]


def reference_segments(references: Iterable[Reference]) -> list[Segment]:
    """REF."""
    return [["REF", reference.qualifier, reference.value] for reference in references]


def pat_segments(relationship: str | None, patient: Party) -> list[Segment]:
    """PAT: a dependent's relationship, and when the patient died."""
    if patient.death_date is not None:
        died = f"{patient.death_date:%Y%m%d}"
        return [["PAT", relationship, None, None, None, "D8", died]]
    return [] if relationship is None else [["PAT", relationship]]


def party_segments(party: Party) -> list[Segment]:
    """NM1 with N3, N4, DMG and REF."""
    tail = [*address_segments(party), *birth_segments(party)]
    return [name_segment(party), *tail, *reference_segments(party.references)]


# -- what was read -------------------------------------------------------------------------------


def read_back(kind: str, version: str, segments: list[Segment]) -> list[Document]:
    """The documents that these segments of one transaction are read as."""
    envelope = OutgoingEnvelope(
        sender_id="",
        receiver_id="",
        created=datetime(2000, 1, 1, tzinfo=UTC),
        delimiters=_INNER,
        line_end="",
    )
    text = write_file([Body(kind, version, segments)], envelope)
    return list(documents(io.BytesIO(text.encode("utf-8", "surrogateescape"))))


def facts_of(document: Any, marks: Delimiters | None = None) -> Any:
    """A document without where it stood and without raw text, to compare two of them.

    ``marks`` are its separators where it is compared with what was read back: a component
    separator in a plain element reads as the inner one then.
    """
    if isinstance(document, msgspec.Struct):
        names = (name for name in document.__struct_fields__ if name not in _NOT_FACTS)
        return type(document), {name: facts_of(getattr(document, name), marks) for name in names}
    if isinstance(document, tuple):
        return [facts_of(item, marks) for item in document]
    if marks is not None and isinstance(document, str):
        return _inner(document, marks)
    return document


def _inner(text: str, marks: Delimiters) -> str:
    """Text with the inner separators of components and repetitions."""
    text = text.replace(marks.component, COMPONENT)
    return text.replace(marks.repetition, REPETITION) if marks.repetition else text


def with_unmodelled(
    written: list[Segment], raw: Sequence[Segment], unmodelled: Iterable[int]
) -> list[Segment]:
    """Segments from fields, completed from those that were read.

    Elements without a field come from the same segment that was read; the segments without a
    field (``unmodelled`` are their places in ``raw``) follow the segment they stood after.
    """
    left = set(unmodelled)
    places: dict[tuple[Any, ...], Segment] = {}
    result: list[Segment] = []
    following: dict[tuple[Any, ...] | None, list[Segment]] = {}
    anchor: tuple[Any, ...] | None = None
    for index, (key, segment) in enumerate(_keyed(raw)):
        if index in left:
            following.setdefault(anchor, []).append(segment)
        else:
            places[key], anchor = segment, key
    for key, segment in _keyed(written):
        result.append(_completed(segment, places.get(key, [])))
        result += following.pop(key, [])
    return [*result, *(segment for rest in following.values() for segment in rest)]


def _keyed(segments: Sequence[Segment]) -> Iterator[tuple[tuple[Any, ...], Segment]]:
    """Each segment with its identifier, qualifier and which of its kind it is."""
    seen: dict[tuple[Any, ...], int] = {}
    for segment in segments:
        qualified = segment[0] in _QUALIFIED and len(segment) > 1
        key = (segment[0], segment[1] if qualified else "")
        seen[key] = seen.get(key, 0) + 1
        yield (*key, seen[key]), segment


_QUALIFIED: Final = frozenset(("NM1", "N1", "REF", "DTM", "DTP", "AMT", "QTY", "HL", "LQ"))


def _completed(segment: Segment, raw: Segment) -> Segment:
    """Fill the elements without a field; what stands beyond the last of the fields stays too."""
    length = len(segment)
    filled = [raw[i] if e is None and i < len(raw) else e for i, e in enumerate(segment)]
    return filled + raw[length:] if raw and segment[0] in _OPEN_ENDED else filled


#: Segments whose last elements have no field.
_OPEN_ENDED: Final = frozenset(
    ("BPR", "CLM", "CLP", "SBR", "SV1", "SV2", "SV3", "TRN", "N4", "DMG")
)


def places_of(unmodelled: Iterable[RawSegment], first: int, count: int) -> list[int]:
    """Where unmodelled segments stood among the ``count`` segments of a loop that starts there."""
    return [raw.number - first for raw in unmodelled if 0 <= raw.number - first < count]
