"""Masking: the same file without the people in it, to show when asking for help.

Separators, line breaks, segments and elements stay as they are, so do amounts, codes, qualifiers
and control numbers. Names, numbers, addresses and free text are replaced under a key, dates move
some whole weeks back. The result is read again: where a value that was to go still stands,
nothing is handed out and a finding names the place, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from medcollect.findings import Finding
from medcollect.model.common import Delimiters
from medcollect.x12.mask_rules import CODE_FORM, MISPARTED, SHAPES, Kind, component_kind, kind_of
from medcollect.x12.mask_values import Replacer
from medcollect.x12.problems import problem
from medcollect.x12.separators import ISA_START, find_start, flat, read_interchange
from medcollect.x12.tokens import PADDING

_LOOKAHEAD: Final = 4096
_TAG: Final = re.compile(r"[A-Za-z0-9]{1,3}")
_SIGNS: Final = re.compile(r"[^A-Z0-9\x80-\U0010ffff]")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"I\0S\0", b"\0I\0S")
_COMPRESSED: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_BOM: Final = "\xef\xbb\xbf"
#: Values shorter than this are everywhere and give nobody away.
_TELLING: Final = 3
#: Digits of a figure from which it may be an identifier that strayed there.
_LONG_FIGURE: Final = 8
#: Places of one file's findings that are told; the rest is the same again.
_TOLD_MAX: Final = 100


class Masked(NamedTuple):
    """The masked bytes and how many values were replaced; none where ``findings`` say why not."""

    data: bytes
    replaced: int
    findings: tuple[Finding, ...] = ()


def mask(data: bytes, key: str) -> Masked:
    """Mask one file under a key; the same key gives the same replacements in every file."""
    text = data.decode("latin-1")  # byte for byte: separators and lengths stay what they are
    trouble = _unreadable(data, text)
    if trouble:
        return Masked(b"", 0, (problem(trouble),))
    masking = _Masking(key)
    masked = masking.file(text)
    slips = tuple(_finding(slip) for slip in _slips(masked, masking))
    if slips:
        return Masked(b"", 0, slips)
    return Masked(masked.encode("latin-1"), masking.replaced)


def _unreadable(data: bytes, text: str) -> str:
    """The code of what makes a file unreadable, else empty."""
    if not data:
        return "file-empty"
    if data.startswith(_UTF16):
        return "encoding-utf16"
    if data.startswith(_COMPRESSED):
        return "file-compressed"
    return "" if find_start(text) is not None else "no-edi"


class _Piece(NamedTuple):
    """What stands between two terminators: padding, the segment, padding; ``isa`` marks an ISA."""

    before: str
    segment: str
    after: str
    delimiters: Delimiters
    isa: bool = False


def _pieces(text: str) -> Iterator[_Piece]:
    """Cut a file into its segments; joined again they are the file, but for broken lines."""
    start = find_start(text) or 0
    if start:
        bom = _BOM if text.startswith(_BOM) else ""
        yield _Piece(bom, text[len(bom) : start], "", Delimiters("", "", "", ""))
    while start < len(text):
        interchange = read_interchange(text[start : start + _LOOKAHEAD])
        delimiters, end = interchange.delimiters, start + interchange.end
        if interchange.end:
            yield _Piece("", text[start:end], "", delimiters, isa=True)
        start = _next_interchange(text, end, delimiters.terminator)
        yield from _segments(text[end:start], delimiters)


def _segments(text: str, delimiters: Delimiters) -> Iterator[_Piece]:
    *closed, rest = text.split(delimiters.terminator)
    for position, part in enumerate([*closed, rest]):
        end = delimiters.terminator if position < len(closed) else ""
        body = part.strip(PADDING)
        if not body:
            yield _Piece(part, "", end, delimiters)
            continue
        at = part.index(body)
        after = part[at + len(body) :] + end
        yield _Piece(part[:at], flat(body, delimiters), after, delimiters)


def _next_interchange(text: str, position: int, terminator: str) -> int:
    """Where the next ISA begins after this place, or where the text ends."""
    for match in ISA_START.finditer(text, position):
        before = text[max(0, match.start() - 80) : match.start()].rstrip(" \t")[-1:]
        if before in ("", "\n", "\r", "\x00", "\x1a", terminator) and match.start() > position:
            return match.start()
    return len(text)


class _Place(NamedTuple):
    """One component of one element: where it stands, of what kind it is, what it says."""

    tag: str
    position: int
    kind: Kind
    value: str


def _parts(elements: list[str], piece: _Piece) -> Iterator[tuple[int, list[_Place | str]]]:
    """Each element of a segment as its components, with the signs between them."""
    marks = "".join({piece.delimiters.component, piece.delimiters.repetition} - {""})
    cut = re.compile(f"([{re.escape(marks)}])") if marks and not piece.isa else None
    tag = elements[0]
    for position, element in enumerate(elements[1:], 1):
        kind = kind_of(tag, position, elements)
        found: list[_Place | str] = []
        index = 0
        for text in cut.split(element) if cut else [element]:
            if cut and text and text in marks:
                index = 0 if text == piece.delimiters.repetition else index + 1
                found.append(text)
            else:
                found.append(_Place(tag, position, component_kind(kind, index), text))
        yield position, found


class _Masking:
    """Masks one file and remembers what was replaced by what."""

    def __init__(self, key: str) -> None:
        self._values = Replacer(key)
        self.gone: set[str] = set()
        self.made: set[str] = set()
        self.replaced = 0

    def file(self, text: str) -> str:
        """The masked text."""
        return "".join(
            f"{piece.before}{self._piece(piece)}{piece.after}" for piece in _pieces(text)
        )

    def _piece(self, piece: _Piece) -> str:
        if not piece.delimiters.element:  # text before the first segment
            return re.sub(r"[A-Za-z0-9\x80-\xff]", "X", piece.segment)
        elements = piece.segment.split(piece.delimiters.element)
        if not _TAG.fullmatch(elements[0]) and elements[0].strip():
            elements[0] = self._replace("text", elements[0])
        masked = [elements[0]]
        for position, parts in _parts(elements, piece):
            if piece.isa:
                masked.append(self._isa_element(position, elements[position]))
            else:
                masked.append("".join(p if isinstance(p, str) else self._part(p) for p in parts))
        return piece.delimiters.element.join(masked)

    def _part(self, part: _Place) -> str:
        if not part.value or _kept(part.kind, part.value):
            return part.value
        if part.kind == "date":
            return self._values.date(part.value)
        return self._replace(part.kind, part.value)

    def _isa_element(self, position: int, value: str) -> str:
        """An element of the ISA keeps its width; its separators stay."""
        bare = value.strip()
        if not bare or (position in (11, 16) and not any(c.isalnum() for c in value[1:])):
            return value
        kind = kind_of("ISA", position, [""] * position)
        other = self._part(_Place("ISA", position, kind, bare))
        return value.replace(bare, other).ljust(len(value))[: len(value)]

    def _replace(self, kind: Kind, value: str) -> str:
        other = _replacement(self._values, kind, value)
        if other != value:
            self.replaced += 1
        if kind != "postal":  # a region's code equals a procedure too often
            self.gone.add(_bare(value))
            self.made.add(_bare(other))
        return other


def _replacement(values: Replacer, kind: Kind, value: str) -> str:
    if kind == "number":
        return values.number(value)
    if kind == "name":
        return values.name(value)
    if kind == "contact":
        return values.phone(value)
    if kind == "postal":
        return values.postal(value)
    return values.text(value)


def _kept(kind: Kind, value: str) -> bool:
    """Whether a value stays: it stands in such a place and looks like what belongs there."""
    shape = SHAPES.get(kind)
    if shape is None:
        return False
    if shape.fullmatch(value):
        return True
    return kind in ("code", "qualifier") and MISPARTED.fullmatch(value) is not None


def _bare(value: str) -> str:
    """A value for comparison: upper case, letters and digits only."""
    return _SIGNS.sub("", value.upper())


# --- the check ------------------------------------------------------------------------------


class _Slip(NamedTuple):
    segment: int
    where: str


def _slips(masked: str, masking: _Masking) -> Iterator[_Slip]:
    """Read the masked text and find every place where a value that was to go still stands."""
    gone = {value for value in masking.gone - masking.made if len(value) >= _TELLING}
    number = told = 0
    for piece in _pieces(masked):
        if not piece.delimiters.element or not piece.segment:
            continue
        number += 1
        elements = piece.segment.split(piece.delimiters.element)
        for _, parts in _parts(elements, piece):
            for part in parts:
                if isinstance(part, str) or _harmless(part) or gone.isdisjoint(_said(part.value)):
                    continue
                told += 1
                if told <= _TOLD_MAX:
                    yield _Slip(number, f"{part.tag}{part.position:02d}")


def _harmless(part: _Place) -> bool:
    """A figure, a control number, a qualifier, a date or a code in its place says nothing.

    An identifier that equals one does so by chance: a claim numbered 99213, a group 250.
    """
    if part.kind == "figure":
        return sum(map(str.isdigit, part.value)) < _LONG_FIGURE or "." in part.value
    if part.kind in ("code", "qualifier"):
        short = part.kind == "qualifier" and len(part.value) <= _TELLING
        return short or CODE_FORM.fullmatch(part.value) is not None
    return part.kind in ("date", "postal", "control")


def _said(value: str) -> set[str]:
    """A value as it may be compared, whole and in its parts."""
    return {_bare(value), *map(_bare, re.split("[:>|^]", value))}


def _finding(slip: _Slip) -> Finding:
    return Finding(
        "mask-incomplete",
        "error",
        f"A value that masking replaces elsewhere still stands in {slip.where}; nothing was given"
        " out.",
        "Take that element out by hand, or mask with the value there changed.",
        slip.segment,
    )
