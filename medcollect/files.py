"""Input files: paths, folders, standard input, zip and gzip archives, as streams to read.

A path that a person names and that cannot be read raises
:class:`~medcollect.errors.NotReadable` before anything is read. What turns up inside a folder or
an archive and cannot be read is a :class:`FileProblem`, and the rest goes on.

Archives are read where they stand, member by member, never unpacked to disk. Every member is
read once, whole, before it is handed out: that checks it, measures it and gives its SHA-256.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import os
import shutil
import sys
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol, cast

import msgspec

from medcollect.errors import NotReadable
from medcollect.findings import Finding, Severity

#: The largest archive member that is read; real remittance files stay far below it.
MEMBER_BYTES_MAX: Final = 8 * 1024**3
#: The largest number of members of one archive.
MEMBERS_MAX: Final = 100_000
#: EDI packs 10:1 to 30:1; a large member far above that was made to exhaust the reader.
RATIO_MAX: Final = 400
#: Below this size the ratio says nothing.
RATIO_FROM_BYTES: Final = 16 * 1024**2

_CHUNK_BYTES: Final = 1024 * 1024
_ZIP_START: Final = b"PK\x03\x04"
_ZIP_EMPTY: Final = b"PK\x05\x06"
_GZIP_START: Final = b"\x1f\x8b"

#: Files of a folder that are no X12: our own book and exports, documents, tables, banks' files.
_NOT_EDI: Final = (
    ".db", ".db-wal", ".db-shm", ".db-journal", ".sqlite", ".sqlite3",
    ".json", ".jsonl", ".csv", ".parquet", ".xlsx", ".xls", ".ods",
    ".bai", ".bai2", ".ach", ".nacha",
    ".md", ".html", ".pdf", ".docx", ".py", ".toml", ".log",
)  # fmt: skip
#: Zip files by their first bytes, but documents to everyone.
_DOCUMENTS: Final = (".xlsx", ".ods", ".docx", ".odt", ".pptx", ".jar", ".whl")
_ARCHIVES: Final = (".zip", ".gz", ".tgz", ".7z", ".rar", ".tar", ".bz2", ".xz")

_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
)


class FileProblem(msgspec.Struct, frozen=True):
    """A file or folder entry that is not read, with the finding that says why."""

    label: str
    finding: Finding


class _Source(Protocol):
    """Where an input file's bytes come from; small and picklable, so that workers can open it."""

    def open(self) -> BinaryIO:
        """Open the bytes from their start."""


class _PlainSource(msgspec.Struct, frozen=True):
    path: str

    def open(self) -> BinaryIO:
        return Path(self.path).open("rb")


class _GzipSource(msgspec.Struct, frozen=True):
    path: str

    def open(self) -> BinaryIO:
        return cast("BinaryIO", gzip.open(self.path, "rb"))


class _ZipSource(msgspec.Struct, frozen=True):
    path: str
    index: int

    def open(self) -> BinaryIO:
        archive = _open_archive(self.path, Path(self.path).stat().st_mtime_ns)
        return cast("BinaryIO", archive.open(archive.infolist()[self.index]))


class InputFile:
    """One file to read: ``label`` is what a person sees (a path, or ``archive.zip!member``).

    ``size`` counts the bytes as read, unpacked. ``open`` gives a fresh seekable stream each time.
    """

    __slots__ = ("__weakref__", "_sha256", "_source", "label", "size")

    def __init__(self, label: str, size: int, source: _Source, sha256: str | None = None) -> None:
        self.label = label
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


def find_files(
    paths: Iterable[str | Path], *, stdin: BinaryIO | None = None
) -> Iterator[InputFile | FileProblem]:
    """Find every file under these paths, in order: files as named, folders sorted by name.

    ``-`` is standard input. Raises NotReadable, before anything is read, when a named path is
    missing or may not be read.
    """
    named = [str(path) for path in paths]
    for path in named:
        if path != "-":
            _require_readable(Path(path))
    return _find(named, stdin)


def _find(named: list[str], stdin: BinaryIO | None) -> Iterator[InputFile | FileProblem]:
    for text in named:
        path = Path(text)
        if text == "-":
            yield _spool(stdin or sys.stdin.buffer, "-")
        elif path.is_dir():
            yield from _folder_files(path)
        else:
            yield from _path_files(path, text)


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


def _folder_files(folder: Path) -> Iterator[InputFile | FileProblem]:
    """Every EDI candidate below a folder, then one note on what was left aside."""
    skipped: list[str] = []
    found = False
    for entry in _walk(folder, skipped):
        found = True
        if isinstance(entry, FileProblem):
            yield entry
        else:
            yield from _path_files(entry, str(entry))
    if skipped:
        yield _skipped_note(str(folder), "folder", skipped)
    elif not found:
        yield _problem(
            str(folder), "folder-empty", "warning", "The folder holds no files.",
            "Check that this is the folder you mean.",
        )  # fmt: skip


def _walk(folder: Path, skipped: list[str]) -> Iterator[Path | FileProblem]:
    """Go through a folder and its folders, sorted; links to folders are not followed."""
    try:
        entries = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError as error:
        yield _unreadable(str(folder), error)
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.lower().endswith(_NOT_EDI):
            skipped.append(entry.name)
        elif entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry, skipped)
        elif entry.is_file() or entry.is_symlink():
            yield entry
        else:
            skipped.append(entry.name)


def _skipped_note(label: str, where: str, skipped: list[str]) -> FileProblem:
    names = ", ".join(skipped[:5]) + (", ..." if len(skipped) > 5 else "")
    return _problem(
        label, "files-skipped", "info",
        f"{len(skipped)} entries of the {where} were left aside as hidden or not EDI: {names}.",
        "Name a file itself to have it read all the same.",
    )  # fmt: skip


# --- one path -------------------------------------------------------------------------------


def _path_files(path: Path, label: str) -> Iterator[InputFile | FileProblem]:
    """Yield one path as one file, or as the members of the archive it is."""
    try:
        if not path.is_file() and path.exists():  # a pipe such as <(command)
            with path.open("rb") as stream:
                yield _spool(stream, label)
            return
        kind, size = _kind(path), path.stat().st_size
    except OSError as error:
        yield _unreadable(label, error)
        return
    if kind == "zip":
        yield from _zip_members(path, label)
    elif kind == "gzip":
        yield _checked_member(label, _GzipSource(str(path)), size)
    elif kind == "other":
        yield _problem(
            label, "archive-unknown", "error", "This kind of archive is not read.",
            "Unpack it, or pack it as .zip or .gz.",
        )  # fmt: skip
    else:
        yield InputFile(label, size, _PlainSource(str(path)))


def _kind(path: Path) -> Literal["zip", "gzip", "other", "plain"]:
    """Tell archives by their first bytes, whatever their name."""
    name = path.name.lower()
    with path.open("rb") as stream:
        start = stream.read(4)
    if name.endswith(_DOCUMENTS):
        return "plain"
    if start in (_ZIP_START, _ZIP_EMPTY) or name.endswith(".zip"):
        return "zip"
    if name.endswith((".tgz", ".tar.gz")):
        return "other"
    if start.startswith(_GZIP_START) or name.endswith(".gz"):
        return "gzip"
    return "other" if name.endswith(_ARCHIVES) else "plain"


def _spool(stream: BinaryIO, label: str) -> InputFile:
    """Put a stream that can be read only once into a private temporary file."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="medcollect-")
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(stream, target, _CHUNK_BYTES)
        file = InputFile(label, Path(name).stat().st_size, _PlainSource(name))
    except OSError as error:
        raise NotReadable(
            f"The input could not be put aside ({error.strerror or 'input error'}).",
            "Check that the temporary folder has room.",
        ) from None
    weakref.finalize(file, Path(name).unlink, missing_ok=True)
    return file


# --- archives -------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _open_archive(path: str, _changed: int) -> zipfile.ZipFile:
    """Open a zip once for all its members: its directory may be long."""
    return zipfile.ZipFile(path)


def _zip_members(path: Path, label: str) -> Iterator[InputFile | FileProblem]:
    try:
        members = _open_archive(str(path), path.stat().st_mtime_ns).infolist()
    except _BROKEN:
        yield _broken(label)
        return
    if len(members) > MEMBERS_MAX:
        yield _oversized(label)
        return
    wanted = [i for i, member in enumerate(members) if not member.is_dir()]
    skipped = [members[i].filename for i in wanted if _left_aside(members[i].filename)]
    for index in sorted(wanted, key=lambda i: members[i].filename):
        if not _left_aside(members[index].filename):
            yield _zip_member(path, label, index, members[index])
    if skipped:
        yield _skipped_note(label, "archive", skipped)
    elif not wanted:
        yield _problem(
            label, "archive-empty", "warning", "The archive holds no files.",
            "Check that this is the archive you mean.",
        )  # fmt: skip


def _zip_member(
    path: Path, archive_label: str, index: int, member: zipfile.ZipInfo
) -> InputFile | FileProblem:
    label = f"{archive_label}!{member.filename}"
    if member.flag_bits & 0x1:
        return _problem(
            label, "archive-encrypted", "error", "The archive member is locked by a password.",
            "Unpack it with the password and read the files themselves.",
        )  # fmt: skip
    if member.filename.lower().endswith(_ARCHIVES):
        return _problem(
            label, "archive-nested", "error", "An archive inside an archive is not read.",
            "Unpack the outer archive first.",
        )  # fmt: skip
    return _checked_member(label, _ZipSource(str(path), index), member.compress_size)


def _checked_member(label: str, source: _Source, packed_bytes: int) -> InputFile | FileProblem:
    """Read a packed file once: whole and within limits, or a problem."""
    digest, size = hashlib.sha256(), 0
    try:
        with source.open() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > _bytes_allowed(packed_bytes):
                    return _oversized(label)
                digest.update(chunk)
    except _BROKEN:
        return _broken(label)
    return InputFile(label, size, source, digest.hexdigest())


def _bytes_allowed(packed_bytes: int) -> int:
    return min(MEMBER_BYTES_MAX, max(RATIO_FROM_BYTES, packed_bytes * RATIO_MAX))


def _left_aside(member: str) -> bool:
    """Whether an archive member is hidden or by its ending no EDI, as files in a folder are."""
    parts = [part for part in member.replace("\\", "/").split("/") if part not in {".", ".."}]
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return hidden or member.lower().endswith(_NOT_EDI)


# --- problems -------------------------------------------------------------------------------


def _problem(label: str, code: str, severity: Severity, message: str, action: str) -> FileProblem:
    return FileProblem(label, Finding(code, severity, message, action))


def file_unreadable(error: OSError) -> Finding:
    """Say that a file cannot be read, or not to its end: permissions, a failing disk or network."""
    return Finding(
        "file-unreadable",
        "error",
        f"The file cannot be read ({error.strerror or 'input error'}).",
        "Check the permissions and the disk, then read it again.",
    )


def _unreadable(label: str, error: OSError) -> FileProblem:
    return FileProblem(label, file_unreadable(error))


def _broken(label: str) -> FileProblem:
    return _problem(
        label, "archive-broken", "error", "The archive is damaged or cut off.",
        "Fetch it again from where it came.",
    )  # fmt: skip


def _oversized(label: str) -> FileProblem:
    return _problem(
        label, "archive-too-large", "error",
        "The archive unpacks to far more than an archive of EDI files does.",
        "If it is genuine, unpack it and read the files themselves.",
    )  # fmt: skip
