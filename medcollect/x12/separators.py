"""Which characters separate elements, components, repetitions and segments.

The ISA declares them by position (X12.5): the character after ``ISA`` separates elements, ISA11
(005010; a letter before that) repetitions, ISA16 components, and what follows ISA16 ends a
segment. Real files squeeze the padding out, break the ISA over lines or leave it out, so the ISA
is split on its own separator, and a file without one is judged by what its segments look like.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from medcollect.model.common import Delimiters

#: An ISA at a place: its separator comes back within a few characters (ISA01 has two).
ISA_START: Final = re.compile(r"ISA([^A-Za-z0-9 \r\n])[^\r\n]{0,10}?\1")

_FIRST_SEGMENT: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:ISA([^A-Za-z0-9 \r\n])[^\r\n]{0,10}?\1"
    r"|GS([^A-Za-z0-9 \r\n])[A-Z]{2}\2|ST([^A-Za-z0-9 \r\n])[0-9]{3}\3)"
)
_LINE_ENDS: Final = "\r\n"
_ISA_WIDTH: Final = 106
_ISA_ELEMENTS: Final = 16
#: No ISA element is longer than this, even in carelessly padded files.
_ISA_ELEMENT_MAX: Final = 40


class Interchange(NamedTuple):
    """What the start of an interchange says.

    The ISA stands without line breaks (empty when there is none); ``end`` is where the next segment
    starts; ``problems`` are the codes of what is wrong with the ISA.
    """

    delimiters: Delimiters
    isa: str
    end: int
    problems: tuple[str, ...] = ()


def find_start(text: str) -> int | None:
    """Where the first ISA, GS or ST stands in the text."""
    match = _FIRST_SEGMENT.search(text)
    return match.start() if match else None


def read_interchange(text: str) -> Interchange:
    """Read the separators at the start of an interchange (text starting at ISA, GS or ST)."""
    if not text.startswith("ISA"):
        separator = text[2]
        return Interchange(_guessed(text, separator), "", 0)
    separator = text[3]
    pieces = text.split(separator, _ISA_ELEMENTS)
    if len(pieces) > _ISA_ELEMENTS and not any(map(_is_no_isa_element, pieces[1:16])):
        declared = _declared(text, pieces)
        if declared is not None:
            return declared
    return _incomplete(text, separator)


def flat(text: str, delimiters: Delimiters) -> str:
    """The text without line breaks, except where a line break is what ends a segment."""
    for line_end in _LINE_ENDS:
        if line_end != delimiters.terminator and line_end in text:
            text = text.replace(line_end, "")
    return text


def in_plain_bytes(delimiters: Delimiters) -> bool:
    """Whether elements and segments can be found in bytes: no letter or digit separates them."""
    marks = (delimiters.element, delimiters.terminator)
    return marks[0] != marks[1] and all(m.isascii() and not m.isalnum() for m in marks)


def _is_no_isa_element(piece: str) -> bool:
    return len(piece) > _ISA_ELEMENT_MAX


def _declared(text: str, pieces: list[str]) -> Interchange | None:
    """A complete ISA: ISA16 and the terminator stand after the sixteenth separator."""
    tail = pieces[_ISA_ELEMENTS].lstrip(_LINE_ENDS)
    component, after = tail[:1], tail[1:]
    space = len(after) - len(after.lstrip(" \t\r\n"))
    following = after[space : space + 1]
    if after[:1].isalnum():  # ISA16 is empty: what was taken for it ends the segment
        component, terminator, used = "", component, 0
    elif space and (not following or following.isalnum()):
        terminator = "\n" if "\n" in after[:space] else after[0]
        used = after.index(terminator) + 1
        if _ends_lines(component, after[space:]):
            component, terminator, used = "", component, 0
    else:
        terminator, used = following, space + 1
    if not terminator or component.isalnum() or terminator == text[3]:
        return None
    end = len(text) - len(after) + used
    isa = flat(text[3].join(pieces[:_ISA_ELEMENTS]), Delimiters()) + text[3] + component
    wide = len(text[:end].rstrip(_LINE_ENDS)) + (terminator in _LINE_ENDS)
    problems = () if wide == _ISA_WIDTH else ("isa-width",)
    repetition = _repetition(flat(pieces[11], Delimiters()))
    return Interchange(
        Delimiters(text[3], component or ":", terminator, repetition), isa, end, problems
    )


def _ends_lines(character: str, text: str) -> bool:
    """Whether this character ends the next line too: then it is the terminator, not ISA16."""
    line = text.splitlines()[0] if text else ""
    return bool(character) and not character.isalnum() and line.endswith(character)


def _repetition(isa11: str) -> str:
    """ISA11 since 005010; before that it is the letter U and there is no such separator."""
    return isa11 if len(isa11) == 1 and not isa11.isalnum() and isa11 != " " else ""


def _incomplete(text: str, separator: str) -> Interchange:
    """An ISA with elements missing: judge by the segment that follows."""
    guessed = _guessed(text, separator)
    end = text.find(guessed.terminator)
    end = len(text) if end < 0 else end
    isa = flat(text[:end], Delimiters())
    return Interchange(guessed, isa, min(end + 1, len(text)), ("isa-incomplete",))


def _guessed(text: str, separator: str) -> Delimiters:
    """Separators of text without a usable ISA: what stands before the next segment identifier."""
    mark = re.escape(separator)
    following = re.search(
        rf"([^A-Za-z0-9 \t\r\n{mark}])[ \t\r\n]*(?:GS|ST|BPR|BHT|TRN|N1|NM1|REF|HL|LX){mark}", text
    )
    if following:
        terminator = following.group(1)
    else:
        terminator = "\r" if "\r" in text and "\n" not in text else "\n"
    taken = re.escape(terminator)
    composite = re.search(
        rf"{mark}(?:HC|AD|NU|ER|ABK|BK|ABF|BF|ABJ|BJ|[0-9]{{2}}(?=[^A-Za-z0-9][AB][^A-Za-z0-9]))"
        rf"([^A-Za-z0-9 \r\n{mark}{taken}])[A-Z0-9]",
        text,
    )
    component = composite.group(1) if composite else ":"
    repetition = "" if "^" in (separator, component, terminator) else "^"
    return Delimiters(separator, component, terminator, repetition)
