"""Where the tables of opening balances stand: one file, a workbook of sheets, a folder of files."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from medcollect.errors import NotFound
from medcollect.files import InputFile, find_files
from medcollect.files.sources import PlainSource
from medcollect.model.opening_columns import FIELDS
from medcollect.sheets import sheet_names
from medcollect.tasks.opening_rows import TableFile

_CLAIMS: Final = "claims"
_ENDINGS: Final = (".csv", ".xlsx", ".txt")


class OpeningFiles(msgspec.Struct, frozen=True):
    """The files as they came, each with the names of the tables that it holds."""

    files: list[tuple[InputFile, list[str]]]
    tables: dict[str, TableFile]


def find_openings(path: str | Path, stdin: BinaryIO | None = None) -> OpeningFiles:
    """The tables under a path: ``claims`` alone, or with patients, lines and payments beside it.

    Raises NotReadable where the path is missing, NotFound where a folder holds no table of claims.
    """
    folder = Path(path)
    if not folder.is_dir():
        return _of_file(_opened(path, stdin))
    found = {
        entry.stem.lower(): entry
        for entry in sorted(folder.iterdir())
        if entry.stem.lower() in FIELDS and entry.suffix.lower() in _ENDINGS
    }
    if _CLAIMS not in found:
        raise NotFound(
            "The folder holds no table of claims (claims.csv or claims.xlsx).",
            "Beside it may stand patients, lines and payments.",
        )
    named = {name: _opened(found[name], None) for name in FIELDS if name in found}
    tables = {name: TableFile(_bytes(file)) for name, file in named.items()}
    return OpeningFiles([(file, [name]) for name, file in named.items()], tables)


def _of_file(file: InputFile) -> OpeningFiles:
    """One flat table; or a workbook with a sheet of claims, whose other sheets belong to it."""
    data = _bytes(file)
    sheets = {name.strip().lower(): name for name in sheet_names(data)}
    if _CLAIMS not in sheets:
        return OpeningFiles([(file, [_CLAIMS])], {_CLAIMS: TableFile(data)})
    tables = {name: TableFile(data, sheets[name]) for name in FIELDS if name in sheets}
    return OpeningFiles([(file, list(tables))], tables)


def _opened(path: str | Path, stdin: BinaryIO | None) -> InputFile:
    """The file itself: a workbook is a zip by its bytes, and no archive whatever its name."""
    found = find_files([path], stdin=stdin)
    if Path(path).is_file():
        return InputFile(str(path), Path(path).stat().st_size, PlainSource(str(path)))
    entry = next(iter(found))
    if not isinstance(entry, InputFile):
        raise NotFound(f"{entry.label}: {entry.finding.message}", entry.finding.action)
    return entry


def _bytes(file: InputFile) -> bytes:
    with file.open() as stream:
        return stream.read()
