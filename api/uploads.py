"""Uploaded files on their way to the book: written to a folder of their own, hashed, named.

The parser of the web framework has already spooled them to disk; the book reads paths, so each
file is copied once more, in blocks, under the name it was sent with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from fastapi import Request, UploadFile

from medcollect.errors import NotAllowed
from medcollect.files.names import safe_name

_BLOCK: Final = 1024 * 1024

_PREFIX: Final = "medcollect-upload-"

#: Where an upload was held, as the book keeps it on record: any folder of ours and its number.
_HELD: Final = re.compile(rf"(?:[^\s:]*[/\\])?{_PREFIX}\w+[/\\]\d+[/\\]")


class Received(NamedTuple):
    """Uploaded files on disk: their paths, and the hash of each."""

    paths: list[Path]
    hashes: list[str]


def no_other_fields(*names: str) -> Callable[[Request], Awaitable[None]]:
    """Make a dependency that refuses a form with further fields.

    A misspelt ``expect_total`` must not read as a form without a control total.
    """

    async def refuse(request: Request) -> None:
        form = await request.form()
        if set(form) - set(names):
            listed = ", ".join(names)
            message = "The form has a field that is not known here: nothing was taken in."
            raise NotAllowed(message, f"Send these fields and no others: {listed}.")

    return refuse


@contextmanager
def received(files: list[UploadFile]) -> Iterator[Received]:
    """Hold the uploaded files on disk while the book reads them."""
    with TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        written = [_write(file, folder / str(n)) for n, file in enumerate(files, start=1)]
        yield Received([path for path, _ in written], [digest for _, digest in written])


def _write(file: UploadFile, folder: Path) -> tuple[Path, str]:
    folder.mkdir()
    path = folder / safe_name(file.filename or "")
    digest = hashlib.sha256()
    with path.open("wb") as out:
        while block := file.file.read(_BLOCK):
            digest.update(block)
            out.write(block)
    return path, digest.hexdigest()


def without_folder(answer: dict[str, Any]) -> dict[str, Any]:
    """Give an answer with uploads under the names they were sent with, not where they were held."""
    return {key: _renamed(item) for key, item in answer.items()}


def _renamed(value: Any) -> Any:
    if isinstance(value, str):
        return _HELD.sub("", value)
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    return without_folder(value) if isinstance(value, dict) else value
