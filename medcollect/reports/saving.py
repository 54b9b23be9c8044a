"""Save what people asked for as a file: whole, or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from medcollect.errors import NotAllowed


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears under its name only when all of it is there.

    Raises NotAllowed when it cannot be written; a file that was there before then stays.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise NotAllowed(
            f"{path} cannot be written ({reason}).",
            "Check the folder, its permissions and its free space.",
        ) from error
