"""Spoils EDI files: the same seed and file always give the same spoilt bytes.

Each change is one that real files suffer (cut off, repeated, reordered, other separators, other
encodings) or one that an attacker would try (endless elements, loops, digits).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

#: Pieces that readers stumble over.
TOKENS: Final = (
    b"~", b"*", b":", b"^", b"\n", b"\r\n", b"\x00", b"\x1a", b"\xff\xfe", b"\xef\xbb\xbf",
    b"ISA*", b"GS*HP*", b"ST*835*1~", b"ST*837*1~", b"ST*999*1~", b"SE*1*1~", b"GE*1*1~",
    b"IEA*1*1~", b"CLP*", b"SVC*", b"CAS*CO*45*1", b"CAS*PR", b"PLB*1*20261231*WO:1*1~", b"LX*1~",
    b"HL*1**20*1~", b"HL*9*9*23*0~", b"CLM*X*1***11:B:7~", b"SBR*S*18~", b"SVD*1*1~", b"HI*ABK:~",
    b"SV1*HC:99213*1*UN*1***1~", b"SV2*0450**1~", b"SV3*AD:D0120*1~", b"DTP*472*RD8*20260101-~",
    b"DTM*405*99999999~", b"-0", b".50", b"1E9", b"9" * 40, b"NaN", b"--1", b"\xc3\xa9", b"\xff",
    "\u0663".encode(), b"N" * 300,
)  # fmt: skip

Change = Callable[[random.Random, bytes], bytes]


def mutate(seed: int, data: bytes, other: bytes) -> bytes:
    """Spoil a file with one to six changes; ``other`` lends its pieces."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.1:
            data = _splice(chance, data, other)
        else:
            data = chance.choice(CHANGES)(chance, data)
    return data


def _at(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _piece(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = _at(chance, data)
    return start, min(len(data), start + chance.choice((1, 2, 8, 40, 200)))


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start, end = _piece(chance, other)
    at = _at(chance, data)
    return data[:at] + other[start : end + 400] + data[at:]


def _flip(chance: random.Random, data: bytes) -> bytes:
    at = _at(chance, data)
    return data[:at] + bytes((chance.randrange(256),)) + data[at + 1 :]


def _insert(chance: random.Random, data: bytes) -> bytes:
    at = _at(chance, data)
    return data[:at] + chance.choice(TOKENS) + data[at:]


def _delete(chance: random.Random, data: bytes) -> bytes:
    start, end = _piece(chance, data)
    return data[:start] + data[end:]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start, end = _piece(chance, data)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: _at(chance, data)]


def _segments(chance: random.Random, data: bytes) -> bytes:
    """Drop, repeat or move one segment."""
    segments = data.split(b"~")
    at = chance.randrange(len(segments))
    taken = segments.pop(at)
    kind = chance.randrange(3)
    if kind:
        segments.insert(chance.randrange(len(segments) + 1), taken)
    if kind == 2:
        segments.insert(at, taken)
    return b"~".join(segments)


def _elements(chance: random.Random, data: bytes) -> bytes:
    """Replace, empty or add an element of one segment."""
    segments = data.split(b"~")
    at = chance.randrange(len(segments))
    elements = segments[at].split(b"*")
    place = chance.randrange(len(elements))
    new = chance.choice((b"", *TOKENS, b"0", b"-1", b"20261301", b"99999999.99"))
    elements[place : place + chance.randrange(2)] = [new]
    segments[at] = b"*".join(elements)
    return b"~".join(segments)


def _separator(chance: random.Random, data: bytes) -> bytes:
    """Exchange one separator for another character throughout."""
    old = chance.choice((b"*", b":", b"~", b"^"))
    return data.replace(old, chance.choice((b"|", b"\n", b"\x1d", b"*", b"~", b" ", b"A", b"\xe9")))


def _grow(chance: random.Random, data: bytes) -> bytes:
    """Make one thing far too long."""
    at = _at(chance, data)
    filler = chance.choice((b"*", b":", b"A", b"1", b"*1", b"CAS*CO*45*1~", b"LX*1~", b"HL*1~"))
    return data[:at] + filler * chance.choice((100, 1000, 5000)) + data[at:]


def _encode(chance: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-16", "utf-8-sig", "utf-16-be")), "replace")


CHANGES: Final[tuple[Change, ...]] = (
    _flip, _flip, _insert, _insert, _delete, _repeat, _cut, _segments, _segments, _segments,
    _elements, _elements, _elements, _elements, _separator, _grow, _encode,
)  # fmt: skip
