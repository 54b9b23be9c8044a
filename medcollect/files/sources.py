"""Where the bytes of an input file come from, and what is said of one that is not read."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
import weakref
import zipfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

import msgspec

from medcollect.errors import NotReadable
from medcollect.findings import Finding, Severity

CHUNK_BYTES: Final = 1024 * 1024


class FileProblem(msgspec.Struct, frozen=True):
    """A file or folder entry that is not read, with the finding that says why."""

    label: str
    finding: Finding


class Source(Protocol):
    """Where an input file's bytes come from; small and picklable, so that workers can open it."""

    def open(self) -> BinaryIO:
        """Open the bytes from their start."""


class PlainSource(msgspec.Struct, frozen=True):
    """A file as it stands."""

    path: str

    def open(self) -> BinaryIO:
        """Open it from its start."""
        return Path(self.path).open("rb")


class GzipSource(msgspec.Struct, frozen=True):
    """A file packed by gzip."""

    path: str

    def open(self) -> BinaryIO:
        """Open it, unpacked, from its start."""
        return cast("BinaryIO", gzip.open(self.path, "rb"))


class ZipSource(msgspec.Struct, frozen=True):
    """One member of a zip archive."""

    path: str
    index: int

    def open(self) -> BinaryIO:
        """Open it, unpacked, from its start."""
        archive = open_archive(self.path, Path(self.path).stat().st_mtime_ns)
        return cast("BinaryIO", archive.open(archive.infolist()[self.index]))


def shown(label: str) -> str:
    """A name as text that can be stored and shown, whatever bytes the folder has it in."""
    return label.encode("utf-8", "replace").decode()


class InputFile:
    """One file to read: ``label`` is what a person sees (a path, or ``archive.zip!member``).

    ``size`` counts the bytes as read, unpacked. ``open`` gives a fresh seekable stream each time.
    """

    __slots__ = ("__weakref__", "_inside", "_sha256", "_source", "label", "size")

    def __init__(
        self,
        label: str,
        size: int,
        source: Source,
        sha256: str | None = None,
        inside: InputFile | None = None,
    ) -> None:
        self._inside = inside  # the temporary file it stands in, which must stay as long
        self.label = shown(label)
        self.size = size
        self._source = source
        self._sha256 = sha256

    def __repr__(self) -> str:
        return f"InputFile({self.label!r}, {self.size} bytes)"

    def open(self) -> BinaryIO:
        """Open the file from its start; the caller closes it."""
        return self._source.open()

    def sha256(self) -> str:
        """Give the SHA-256 of the bytes in hexadecimal: the identity of the file."""
        if self._sha256 is None:
            with self.open() as stream:
                self._sha256 = hashlib.file_digest(cast("BytesIO", stream), "sha256").hexdigest()
        return self._sha256


class SpooledFile(InputFile):
    """A file that was put aside: it is on disk, at ``path``, as long as this is held."""

    __slots__ = ("path",)

    def __init__(self, label: str, path: Path) -> None:
        super().__init__(label, path.stat().st_size, PlainSource(str(path)))
        self.path = path
        weakref.finalize(self, path.unlink, missing_ok=True)


@lru_cache(maxsize=4)
def open_archive(path: str, _changed: int) -> zipfile.ZipFile:
    """Open a zip once for all its members: its directory may be long."""
    return zipfile.ZipFile(path)


def spool(stream: BinaryIO, label: str) -> SpooledFile:
    """Put a stream that can be read only once into a private temporary file."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="medcollect-")
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(stream, target, CHUNK_BYTES)
        return SpooledFile(label, Path(name))
    except OSError as error:
        raise NotReadable(
            f"The input could not be put aside ({error.strerror or 'input error'}).",
            "Check that the temporary folder has room.",
        ) from None


def problem(label: str, code: str, severity: Severity, message: str, action: str) -> FileProblem:
    """One finding on a file or folder entry."""
    return FileProblem(shown(label), Finding(code, severity, message, action))


def file_unreadable(error: OSError) -> Finding:
    """Say that a file cannot be read, or not to its end: permissions, a failing disk or network."""
    return Finding(
        "file-unreadable",
        "error",
        f"The file cannot be read ({error.strerror or 'input error'}).",
        "Check the permissions and the disk, then read it again.",
    )


def unreadable(label: str, error: OSError) -> FileProblem:
    """The finding on a file that the system refuses."""
    return FileProblem(shown(label), file_unreadable(error))
