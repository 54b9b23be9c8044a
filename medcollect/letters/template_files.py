"""Which template a letter is made from: the office's own where it has one, else the product's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from medcollect.errors import NotAllowed, NotReadable
from medcollect.letters.records import Letter
from medcollect.letters.wording import DEFAULTS, WORDING

HTML: Final = "letter.html"
STYLE: Final = "letter.css"
WORD: Final = "letter.docx"
_TEXTS: Final = (HTML, STYLE, WORDING, "README.txt")


def templates_folder(named: str | Path | None) -> Path | None:
    """The office's folder, ``None`` where none is named; NotReadable where it is not there."""
    if named is None or not str(named):
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise NotReadable(
            f"There is no folder of templates {folder}.",
            "'medcollect letter templates --to DIR' writes one to begin with.",
        )
    return folder


def chosen(folder: Path | None, name: str, letter: Letter) -> Path | None:
    """The office's file of this name that fits the letter best; ``None``: the product's own."""
    if folder is None:
        return None
    stem, _, ending = name.partition(".")
    names = (
        f"{stem}-{letter.category}-{letter.level}",
        f"{stem}-{letter.category}",
        f"{stem}-{letter.level}",
        stem,
    )
    places = (folder / f"{candidate}.{ending}" for candidate in names)
    return next((place for place in places if place.is_file()), None)


def template_text(folder: Path | None, name: str, letter: Letter) -> str:
    """The text of a template."""
    own = chosen(folder, name, letter)
    if own is None:
        return (DEFAULTS / name).read_text(encoding="utf-8")
    try:
        return own.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAllowed(f"{own.name} is no text in UTF-8.", "Save it as UTF-8.") from error


def write_templates(folder: Path) -> list[str]:
    """Write the product's templates for an office to edit; their names.

    Raises NotAllowed where one of them is there already: an office's own words are never lost.
    """
    from medcollect.letters.word_template import default_word_template  # noqa: PLC0415

    names = [*_TEXTS, WORD]
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise NotAllowed(
            f"{', '.join(there)} is there already.", "Name an empty folder, or a new one."
        )
    word = default_word_template()
    folder.mkdir(parents=True, exist_ok=True)
    for name in _TEXTS:
        (folder / name).write_text((DEFAULTS / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / WORD).write_bytes(word)
    return names
