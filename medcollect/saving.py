"""Files that people asked for: there whole or not at all, and readable by their owner only.

What the product writes (letters, workbooks, tables, EDI, what was attached) holds patients' data,
so it is made as private as the book itself (mode 0600), whatever the umask; only what is masked is
left to the umask. A file that was there before stays until everything is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from medcollect.errors import NotAllowed


def make_private(path: str | Path) -> None:
    """Make a new, empty file that only its owner may read; OSError where there is one already."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


@contextmanager
def saving(path: Path, *, private: bool = True) -> Iterator[Path]:
    """A file beside ``path`` to write to; it takes its name when the block ends well.

    What is no file but there already (a pipe, a device) is written to as it is. Raises NotAllowed
    when it cannot be written.
    """
    if path.exists() and not path.is_file():
        with _told(path):
            yield path
        return
    partial = path.with_name(f".{path.name}.part")
    with _told(path):
        try:
            partial.unlink(missing_ok=True)
            if private:
                make_private(partial)
            yield partial
            partial.replace(path)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


@contextmanager
def saving_bytes(path: Path, *, private: bool = True) -> Iterator[BinaryIO]:
    """The same, open to write bytes."""
    with saving(path, private=private) as partial, partial.open("wb") as stream:
        yield stream


@contextmanager
def saving_text(path: Path) -> Iterator[TextIO]:
    """The same, open to write text in UTF-8, its line ends as they are written."""
    with saving(path) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def save(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write a whole file."""
    with saving_bytes(path, private=private) as stream:
        stream.write(content)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the outside world refuses, as an error of ours."""
    try:
        yield
    except OSError as error:
        raise NotAllowed(
            f"{path} cannot be written ({error.strerror or type(error).__name__}).",
            "Check the folder, its permissions and its free space.",
        ) from error
