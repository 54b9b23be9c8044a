"""Find the settings file, read it, and say what is wrong with it: key, line, what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic import BaseModel, ValidationError

from medcollect.contracts import Tolerance
from medcollect.errors import NotReadable, SettingsInvalid
from medcollect.model.casework import ATTACHMENT_LIMIT_BYTES, BYTES_OF_MEGABYTE
from medcollect.model.letters import LetterOffice
from medcollect.model.policies import Policies
from medcollect.money import format_cents
from medcollect.settings.form import SettingsFile
from medcollect.settings.sections import Cents
from medcollect.sheets import Mapping

#: The file's name beside the book.
FILE_NAME: Final = "medcollect.toml"

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")
_SEE: Final = "docs/settings.md lists every key."

Path_ = tuple[str | int, ...]


class Setting(msgspec.Struct, frozen=True):
    """One key in force: its value as text, its default, and where the value comes from."""

    key: str
    value: str
    default: str
    source: str


class Settings(msgspec.Struct, frozen=True):
    """What the settings file says; without a file, the defaults."""

    path: str | None
    policies: Policies
    keys: tuple[Setting, ...]
    letters: LetterOffice = LetterOffice()
    tolerance: Tolerance = Tolerance()
    attachment_limit_bytes: int = ATTACHMENT_LIMIT_BYTES
    mappings: dict[str, Mapping] = {}


def find_settings(named: str | Path | None, book_url: str) -> Path | None:
    """The settings file: the one named, else ``medcollect.toml`` beside the book, if there is one.

    The book of a database server has no folder: there it is looked for in the current one.
    """
    if named is not None and str(named):
        return Path(named)
    folder = Path()
    if book_url.startswith("sqlite:"):
        database = book_url.partition(":///")[2].partition("?")[0]
        folder = Path(database).parent if database and database != ":memory:" else folder
    beside = folder / FILE_NAME
    return beside if beside.is_file() else None


def read_settings(path: Path | None) -> Settings:
    """Read and check a settings file; the defaults where there is none.

    Raises NotReadable when it cannot be read, SettingsInvalid when something in it is wrong.
    """
    if path is None:
        form = SettingsFile()
        return Settings(None, form.policies(), tuple(_keys(form, {}, "", {})))
    text = _text(path)
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(
            _not_toml(path, error), "Correct the line; the form is TOML."
        ) from error
    lines = _lines(text)
    try:
        form = SettingsFile.model_validate(data)
    except ValidationError as error:
        told = [_problem(path, lines, problem) for problem in error.errors()]
        raise SettingsInvalid(" ".join(told), _SEE) from error
    keys = tuple(_keys(form, data, path.name, lines))
    letters = _beside(form.letter_office(), path)
    attachment_limit_bytes = form.attachments.limit_megabytes * BYTES_OF_MEGABYTE
    return Settings(
        path=str(path),
        policies=form.policies(),
        keys=keys,
        letters=letters,
        tolerance=form.tolerance(),
        attachment_limit_bytes=attachment_limit_bytes,
        mappings=form.mappings.mappings(),
    )


def _beside(office: LetterOffice, path: Path) -> LetterOffice:
    """The folder of templates as the file means it: beside the file, unless it says where."""
    if not office.templates:
        return office
    return msgspec.structs.replace(office, templates=str(path.parent / office.templates))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"The settings file {path} cannot be read: {reason}."
        raise NotReadable(message, "Check --settings and MEDCOLLECT_SETTINGS.") from error
    except UnicodeDecodeError as error:
        message = f"The settings file {path} is not text in UTF-8."
        raise SettingsInvalid(message, "Save it as UTF-8.") from error


def _not_toml(path: Path, error: tomllib.TOMLDecodeError) -> str:
    """What the parser could not read, with the line in front."""
    place = _TOML_PLACE.search(str(error))
    line = f", line {place.group(1)}" if place is not None and place.group(1) else ""
    said = _TOML_PLACE.sub("", str(error)).rstrip(".")
    return f"{path.name}{line}: {said}."


def _lines(text: str) -> dict[Path_, int]:
    """The line of every table and key, by its path: ``("posting", "payers", 0, "payer")``."""
    found: dict[Path_, int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.fullmatch(line)
        if header is not None:
            names = tuple(part.strip(" \"'") for part in header.group(2).split("."))
            table = names
            if header.group(1) == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, counts[names])
            found.setdefault(table, number)
            for length in range(len(names), 0, -1):
                found.setdefault(names[:length], number)
            continue
        key = _KEY.match(line)
        if key is not None:
            found.setdefault((*table, key.group(1)), number)
    return found


def _problem(path: Path, lines: dict[Path_, int], problem: Any) -> str:
    """One thing wrong: file, line, key, what is allowed."""
    where: Path_ = tuple(problem["loc"])
    line = next((lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in lines), None)
    place = f"{path.name}, line {line}" if line else path.name
    return f"{place}: {dotted(where) or 'the file'}: {_allowed(problem)}."


def dotted(where: Sequence[str | int]) -> str:
    """A path as people write it, rules counted from 1: ``posting.payers.2.payer``."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)


def _allowed(problem: Any) -> str:
    """What is wrong and what would be right, without the value that stands there."""
    context = problem.get("ctx", {})
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"there is no such key{_nearest(problem['loc'])}"
    if kind == "missing":
        return "it is missing"
    if kind == "literal_error":
        return f"it must be {context['expected']}"
    if kind == "value_error":
        return str(context["error"])
    return str(problem["msg"]).replace("Input should be", "it must be")


def _nearest(where: Sequence[str | int]) -> str:
    """The keys that there are at this place."""
    model: Any = SettingsFile
    for part in where[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        model = _model_of(field.annotation) if field is not None else None
        if model is None:
            return ""
    return f"; there are {', '.join(model.model_fields)}"


def _model_of(annotation: Any) -> Any:
    """The table that an annotation names: itself, or that of a list of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((_model_of(part) for part in getattr(annotation, "__args__", ())), None)


def _keys(
    form: BaseModel, data: dict[str, Any], file: str, lines: dict[Path_, int]
) -> Iterator[Setting]:
    """Every key with its value and where it comes from, rules one by one."""
    yield from _keys_of(form, data, file, lines, ())


def _keys_of(
    form: BaseModel, data: Any, file: str, lines: dict[Path_, int], where: Path_
) -> Iterator[Setting]:
    for name, field in type(form).model_fields.items():
        value, place = getattr(form, name), (*where, name)
        given = data.get(name) if isinstance(data, dict) else None
        if isinstance(value, BaseModel):
            yield from _keys_of(value, given, file, lines, place)
        elif isinstance(value, tuple) and _model_of(field.annotation) is not None:
            for number, item in enumerate(value):
                yield from _keys_of(
                    item, given[number] if given else None, file, lines, (*place, number)
                )
        else:
            default = "" if field.is_required() else _said(field, field.default)
            source = "default"
            if given is not None:
                line = lines.get(place)
                source = f"{file}, line {line}" if line else file
            elif value is None:
                continue
            yield Setting(dotted(place), _said(field, value), default, source)


def _said(field: Any, value: Any) -> str:
    """A value as it is written in the file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_said(field, one)}" for key, one in value.items())
    is_money = any(part in field.metadata for part in Cents.__metadata__)  # type: ignore[attr-defined]
    return format_cents(value) if is_money else str(value)
