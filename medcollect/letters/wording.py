"""The words of letters by level and category: a table that an office can put its own in place of.

Content follows what an appeal has to hold (appeals.md section 6). Short words are ours; codes stay
codes.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from medcollect.errors import NotAllowed

#: Where the product's own templates are.
DEFAULTS: Final = files("medcollect.letters") / "templates"
WORDING: Final = "wording.toml"


class ProgrammeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a letter about one kind of refusal says besides under a programme's rules."""

    reasons: tuple[str, ...] = ()
    office: tuple[str, ...] = ()


class CategoryWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a letter says about one kind of refusal.

    ``evidence`` names the facts of the book that are told; ``clinician`` and ``office`` are the
    blanks that they have to fill. ``dispute`` is the sentence that says what is in dispute where
    nothing was refused; ``programmes`` what is said besides under a programme's own rules.
    """

    name: str
    reasons: tuple[str, ...]
    asked: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    clinician: tuple[str, ...] = ()
    office: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()
    dispute: str = ""
    programmes: dict[str, ProgrammeWords] = {}


class LevelWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a letter says at one level; of a programme's own words only those that differ.

    ``recipient`` says who takes the request where that is not the payer. ``asks`` is the opening
    up to what is in dispute, for a category that has a sentence of its own about that.
    """

    name: str = ""
    title: str = ""
    opening: str = ""
    recipient: str = ""
    asks: str = ""
    office: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All the words."""

    closing: str
    cover_notice: str
    overdue: str
    elsewhere: str
    limit_unknown: str
    enclosures: dict[str, str]
    evidence: dict[str, str]
    levels: dict[str, LevelWords]
    programmes: dict[str, dict[str, LevelWords]]
    categories: dict[str, CategoryWords]

    def level(self, level: str, programme: str) -> LevelWords:
        """The words of a level, with what the programme calls it."""
        general = self.levels[level]
        own = self.programmes.get(programme, {}).get(level, LevelWords())
        given = {field: getattr(own, field) for field in own.__struct_fields__}
        return msgspec.structs.replace(general, **{k: v for k, v in given.items() if v})

    def category(self, category: str) -> CategoryWords:
        """The words of a category.

        Raises NotAllowed for one without words, such as a claim that was never judged.
        """
        found = self.categories.get(category)
        if found is None:
            raise NotAllowed(
                f"There are no words for letters of the category {category}.",
                f"Add [categories.{category}] to {WORDING}; 'letter templates --to DIR' writes it.",
            )
        return found


def read_wording(folder: Path | None) -> Wording:
    """The words of the product, with those of an office's folder in their place, key by key.

    Raises NotAllowed where the office's file cannot be used; the message says what is wrong.
    """
    shipped = _shipped()
    own = folder / WORDING if folder is not None else None
    if own is None or not own.is_file():
        return _wording(shipped)
    try:
        said = tomllib.loads(own.read_text(encoding="utf-8-sig"))
        return _wording(_laid_over(shipped, said))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise NotAllowed(
            f"{WORDING} of the templates cannot be used: {error}.",
            "Correct it, or take it away: the product's own words count then.",
        ) from error


def _wording(data: dict[str, Any]) -> Wording:
    return msgspec.convert(data, Wording)


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return tomllib.loads((DEFAULTS / WORDING).read_text(encoding="utf-8"))


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """The tables of both; where both have a value, the one above."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        nested = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _laid_over(dict(old or {}), value) if nested else value
    return merged


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its names in braces filled in; NotAllowed names one that there is not."""
    try:
        return text.format_map(values)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise NotAllowed(
            f"The words of the letters name something that cannot be filled in: {error}.",
            f"{WORDING} lists the names there are.",
        ) from error
