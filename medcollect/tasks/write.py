"""A file taken apart into JSON lines, and written again from them, to the byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from medcollect.errors import BadRequest, NotAllowed
from medcollect.files import FileProblem, InputFile, find_files
from medcollect.limits import Limits
from medcollect.saving import saving_bytes
from medcollect.tasks.mask import masked_stream
from medcollect.x12.lossless import Record, from_lines, put_together, take_apart, to_lines


def segments(
    path: str | Path,
    output: Path | BinaryIO,
    *,
    mask_key: str | None = None,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Write every segment of one file as JSON lines, exactly as it stands.

    ``mask_key`` masks the file under that key first; ``limits`` bounds archives and what is held in
    memory, and leaves nothing out: a longer segment travels as text. Raises NotReadable when there
    is no such file, BadRequest when the path holds several, NotAllowed when it cannot be masked or
    an archive passes a limit.
    """
    counts: Counter[str] = Counter()
    file = _only(path, stdin, limits)
    with _masked(file, mask_key) if mask_key else file.open() as stream, _target(output) as place:
        for line in to_lines(_counted(take_apart(stream, limits), counts)):
            place.write(line)
    return _told(counts)


def _masked(file: InputFile, key: str) -> BinaryIO:
    stream, findings = masked_stream(file, key)
    for finding in findings:
        raise NotAllowed(f"The file cannot be masked: {finding.message}", finding.action)
    return stream


def write(
    path: str | Path,
    output: Path | BinaryIO,
    *,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Write a file from the JSON lines of ``segments`` (``parse --to segments``).

    ``limits`` bounds an archive that holds them. Raises BadRequest, naming the line, where one is
    none of its records, NotAllowed when the archive passes a limit.
    """
    counts: Counter[str] = Counter()
    with _only(path, stdin, limits).open() as stream, _target(output) as place:
        for piece in put_together(_counted(from_lines(stream), counts)):
            place.write(piece)
    return _told(counts)


def _only(path: str | Path, stdin: BinaryIO | None, limits: Limits | None) -> InputFile:
    """The one file that a path names."""
    found = list(find_files([path], stdin=stdin, limits=limits))
    if len(found) != 1:
        raise BadRequest("This is not one readable file.", "Name a single file, or - for stdin.")
    file = found[0]
    if isinstance(file, FileProblem):
        raise NotAllowed(f"{file.label}: {file.finding.message}", file.finding.action)
    return file


@contextmanager
def _target(output: Path | BinaryIO) -> Iterator[BinaryIO]:
    """A file to write (``medcollect.saving``), or the stream that stands in for it."""
    if not isinstance(output, Path):
        yield output
        return
    with saving_bytes(output) as stream:
        yield stream


def _counted(records: Iterable[Record], counts: Counter[str]) -> Iterator[Record]:
    for record in records:
        counts[type(record).__struct_config__.tag or ""] += 1  # type: ignore[index]
        yield record


def _told(counts: Counter[str]) -> dict[str, Any]:
    return {"interchanges": counts["interchange"], "segments": counts["segment"]}
