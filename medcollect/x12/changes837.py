"""What differs between two versions of a claim: old and new, element by element."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

import msgspec

from medcollect.x12.parts837 import element
from medcollect.x12.write import COMPONENT, REPETITION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medcollect.x12.parts837 import Parts
    from medcollect.x12.write import Segment

_LEVELS: Final = {"20": "billing provider", "22": "subscriber", "23": "patient"}
#: Segments that their first element tells apart.
_QUALIFIED: Final = frozenset(("NM1", "REF", "DTP", "AMT", "CAS", "SVD", "NTE", "PRV"))


class Change(msgspec.Struct, frozen=True):
    """One difference: the loop, the element (``SV101-3``) or segment, what it was and is.

    ``was`` is ``None`` for a segment that is new, ``now`` for one that is gone.
    """

    place: str
    element: str
    was: str | None
    now: str | None


def changes_between(old: Parts, new: Parts) -> list[Change]:
    """Every difference, loop by loop in the order of the new claim; HL numbers do not count."""
    before, after = _by_place(old), _by_place(new)
    found: list[Change] = []
    for place in [*after, *(place for place in before if place not in after)]:
        olds, news = before.get(place, []), after.get(place, [])
        matcher = SequenceMatcher(
            None, [text for _, text in olds], [text for _, text in news], autojunk=False
        )
        for kind, i, j, m, n in matcher.get_opcodes():
            if kind != "equal":
                found += _differing(place, olds[i:j], news[m:n])
    return found


def _by_place(parts: Parts) -> dict[str, list[tuple[Segment, str]]]:
    """Every segment with its text, by its loop in words."""
    found: dict[str, list[tuple[Segment, str]]] = {}
    for place, segment in _placed(parts):
        found.setdefault(place, []).append((segment, _text(segment)))
    return found


def _placed(parts: Parts) -> Iterator[tuple[str, Segment]]:
    """Every segment with its loop in words."""
    for level in parts.levels:
        place = _LEVELS.get(element(level[0], 3), "level")
        yield from ((place, segment) for segment in level[1:])
    yield from (("claim", segment) for segment in parts.head)
    for payer in parts.payers:
        place = f"other payer {element(payer[0], 1)}".strip()
        yield from ((place, segment) for segment in payer)
    for number, loop in enumerate(parts.lines, start=1):
        yield from ((f"line {number}", segment) for segment in loop)


def _text(segment: Segment) -> str:
    return _shown("*".join(e or "" for e in segment).rstrip("*"))


def _shown(text: str) -> str:
    return text.replace(COMPONENT, ":").replace(REPETITION, "^")


def _differing(
    place: str, before: Sequence[tuple[Segment, str]], after: Sequence[tuple[Segment, str]]
) -> Iterator[Change]:
    """Segments of one kind are compared by their elements, the rest came or went."""
    left = [*before]
    for segment, text in after:
        same = next((b for b in left if _kind(b[0]) == _kind(segment)), None)
        if same is None:
            yield Change(place, _kind(segment), None, text)
            continue
        left.remove(same)
        yield from _elements(place, same[0], segment)
    for segment, text in left:
        yield Change(place, _kind(segment), text, None)


def _kind(segment: Segment) -> str:
    qualified = segment[0] in _QUALIFIED and element(segment, 1)
    return f"{segment[0]}*{element(segment, 1)}" if qualified else str(segment[0])


def _elements(place: str, was: Segment, now: Segment) -> Iterator[Change]:
    for at in range(1, max(len(was), len(now))):
        old, new = element(was, at), element(now, at)
        if old == new:
            continue
        name = f"{now[0]}{at:02d}"
        name = f"{_kind(now)} {name}" if now[0] in _QUALIFIED else name
        if COMPONENT not in old + new or not (old and new):
            yield Change(place, name, _shown(old), _shown(new))
            continue
        olds, news = old.split(COMPONENT), new.split(COMPONENT)
        size = max(len(olds), len(news))
        pairs = zip(_padded(olds, size), _padded(news, size), strict=True)
        for number, (one, other) in enumerate(pairs, start=1):
            if one != other:
                yield Change(place, f"{name}-{number}", _shown(one), _shown(other))


def _padded(parts: list[str], size: int) -> list[str]:
    return [*parts, *[""] * (size - len(parts))]
