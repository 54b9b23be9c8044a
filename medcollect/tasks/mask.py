"""Mask a file, so that it can be shown to somebody when asking for help."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import Any, BinaryIO

from medcollect.errors import BadRequest
from medcollect.files import FileProblem, InputFile, file_unreadable, find_files
from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.saving import save
from medcollect.x12.masking import Masked, mask


def new_key() -> str:
    """A key that nobody can guess."""
    return secrets.token_hex(16)


def mask_file(
    path: str | Path,
    output: Path | None = None,
    *,
    key: str | None = None,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Write the file masked, ``era.835`` to ``era.masked.835``, and say how it went.

    The answer names the ``key`` where none was given: the same key masks other files alike.
    ``status`` is ``refused`` where a value that was to go still stood in the result, or the file
    cannot be read: then nothing is written and ``findings`` say where. ``limits`` bounds an archive
    that holds the file. Raises NotReadable when there is no such file, NothingDone when the output
    cannot be written.
    """
    if key is not None and not key.strip():
        raise BadRequest("The key is empty.", "Leave --key out to get a new one.")
    entry = _one_file(path, stdin, limits)
    target = output or _beside(path)
    if str(path) != "-" and target.exists() and target.samefile(path):
        raise BadRequest("The masked file would replace the original.", "Name another --output.")
    used = key or new_key()
    masked = masked_file(entry, used)
    if not masked.findings:
        save(target, masked.data, private=False)
    return {
        "path": entry.label,
        "output": None if masked.findings else str(target),
        "status": "refused" if masked.findings else "masked",
        "replaced": masked.replaced,
        "key": used if key is None else None,
        "findings": [_told(finding) for finding in masked.findings],
    }


def masked_file(entry: InputFile | FileProblem, key: str) -> Masked:
    """One file masked in memory; what stands in the way is a finding."""
    if isinstance(entry, FileProblem):
        return Masked(b"", 0, (entry.finding,))
    try:
        with entry.open() as stream:
            data = stream.read()
    except OSError as error:
        return Masked(b"", 0, (file_unreadable(error),))
    return mask(data, key)


def masked_stream(entry: InputFile, key: str) -> tuple[BinaryIO, tuple[Finding, ...]]:
    """One file masked, to be read on; empty with findings where it could not be."""
    masked = masked_file(entry, key)
    return io.BytesIO(masked.data), masked.findings


def _one_file(
    path: str | Path, stdin: BinaryIO | None, limits: Limits | None
) -> InputFile | FileProblem:
    found = [] if Path(path).is_dir() else list(find_files([path], stdin=stdin, limits=limits))
    if len(found) != 1:
        raise BadRequest(
            "Masking takes one file at a time.", "Name a file, with one --key for all of them."
        )
    return found[0]


def _beside(path: str | Path) -> Path:
    if str(path) == "-":
        raise BadRequest("What comes from stdin needs a place.", "Add --output and a file.")
    source = Path(path)
    return source.with_name(f"{source.stem}.masked{source.suffix}")


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "segment": finding.segment,
        "message": finding.message,
        "action": finding.action,
    }
