"""Input files: paths, folders, standard input, zip and gzip archives, as streams to read.

A path that a person names and that cannot be read raises
:class:`~medcollect.errors.NotReadable` before anything is read. What turns up inside a folder or
an archive and cannot be read is a :class:`FileProblem`, and the rest goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from medcollect.errors import NotReadable
from medcollect.files.archives import (
    NOT_EDI,
    Archive,
    Budget,
    archive_files,
    kind_of,
    skipped_note,
)
from medcollect.files.sources import (
    FileProblem,
    InputFile,
    PlainSource,
    file_unreadable,
    problem,
    spool,
    unreadable,
)
from medcollect.limits import Limits

__all__ = ["FileProblem", "InputFile", "file_unreadable", "find_files"]


def find_files(
    paths: Iterable[str | Path], *, stdin: BinaryIO | None = None, limits: Limits | None = None
) -> Iterator[InputFile | FileProblem]:
    """Find every file under these paths, in order: files as named, folders sorted by name.

    ``-`` is standard input; ``limits`` bounds what archives may hold. Raises NotReadable, before
    anything is read, when a named path is missing or may not be read.
    """
    named = [str(path) for path in paths]
    for path in named:
        if path != "-":
            _require_readable(Path(path))
    return _find(named, stdin, limits or Limits())


def _find(
    named: list[str], stdin: BinaryIO | None, limits: Limits
) -> Iterator[InputFile | FileProblem]:
    for text in named:
        path = Path(text)
        if text == "-":
            yield spool(stdin or sys.stdin.buffer, "-")
        elif path.is_dir():
            yield from _folder_files(path, limits)
        else:
            yield from _path_files(path, text, limits)


def _require_readable(path: Path) -> None:
    """Open the path as a person named it, to know before any work that it can be read."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        elif not path.exists() or path.is_file():
            path.open("rb").close()
    except FileNotFoundError:
        raise NotReadable(f"{path}: no such file or folder.", "Check the path.") from None
    except OSError as error:
        raise NotReadable(
            f"{path}: cannot be read ({error.strerror or 'input error'}).",
            "Check the permissions of the file and of its folder.",
        ) from None


# --- folders --------------------------------------------------------------------------------


def _folder_files(folder: Path, limits: Limits) -> Iterator[InputFile | FileProblem]:
    """Every EDI candidate below a folder, then one note on what was left aside."""
    skipped: list[str] = []
    found = False
    for entry in _walk(folder, skipped):
        found = True
        if isinstance(entry, FileProblem):
            yield entry
        else:
            yield from _path_files(entry, str(entry), limits)
    if skipped:
        yield skipped_note(str(folder), "folder", skipped)
    elif not found:
        yield problem(
            str(folder), "folder-empty", "warning", "The folder holds no files.",
            "Check that this is the folder you mean.",
        )  # fmt: skip


def _walk(folder: Path, skipped: list[str]) -> Iterator[Path | FileProblem]:
    """Go through a folder and its folders, sorted; links to folders are not followed."""
    try:
        entries = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError as error:
        yield unreadable(str(folder), error)
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower().endswith(NOT_EDI):
            skipped.append(entry.name)
        elif entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry, skipped)
        elif entry.is_file() or entry.is_symlink():
            yield entry
        else:
            skipped.append(entry.name)


def _path_files(path: Path, label: str, limits: Limits) -> Iterator[InputFile | FileProblem]:
    """Yield one path as one file, or as the members of the archive it is."""
    try:
        if not path.is_file() and path.exists():  # a pipe such as <(command)
            with path.open("rb") as stream:
                yield spool(stream, label)
            return
        kind, size = kind_of(path, path.name), path.stat().st_size
    except OSError as error:
        yield unreadable(label, error)
        return
    if kind == "plain":
        yield InputFile(label, size, PlainSource(str(path)))
    else:
        yield from archive_files(Archive(path, label, Budget(limits)), kind)
