"""Archives, read where they stand, member by member, within limits: zip and gzip.

Every member is read once, whole, before it is handed out: that checks it, measures it and gives its
SHA-256. An archive inside an archive is unpacked to a private temporary file, if the limits allow
one.
"""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

from medcollect.files.sources import (
    CHUNK_BYTES,
    FileProblem,
    GzipSource,
    InputFile,
    Source,
    ZipSource,
    open_archive,
    problem,
    spool,
)
from medcollect.limits import Limits

Kind = Literal["zip", "gzip", "other", "plain"]

#: Below this size the ratio of a member says nothing.
RATIO_FROM_BYTES: Final = 16 * 1024**2

_ZIP_START: Final = b"PK\x03\x04"
_ZIP_EMPTY: Final = b"PK\x05\x06"
_GZIP_START: Final = b"\x1f\x8b"

#: Files of a folder that are no X12: our own book and exports, documents, tables, banks' files.
NOT_EDI: Final = (
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


def kind_of(path: Path, name: str) -> Kind:
    """Tell archives by their first bytes, whatever their name; documents and rare ones by name."""
    name = name.lower()
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


class Budget:
    """What one archive, with all inside it, may still unpack to."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left_bytes = limits.archive_bytes_max

    def allows(self, size: int, packed_bytes: int) -> bool:
        """Whether a member may have this size so far."""
        by_ratio = max(RATIO_FROM_BYTES, packed_bytes * self.limits.archive_ratio_max)
        return size <= min(self.left_bytes, self.limits.member_bytes_max, by_ratio)


class Archive(NamedTuple):
    """An archive on disk: what it is called, and the temporary file that it is, if it is one."""

    path: Path
    label: str
    budget: Budget
    depth: int = 1
    inside: InputFile | None = None


def archive_files(archive: Archive, kind: Kind) -> Iterator[InputFile | FileProblem]:
    """The files in an archive of this kind, checked and within the limits."""
    if kind == "zip":
        yield from _zip_members(archive)
    elif kind == "gzip":
        source, size = GzipSource(str(archive.path)), archive.path.stat().st_size
        yield _checked(archive, archive.label, source, size)
    else:
        yield problem(
            archive.label, "archive-unknown", "error", "This kind of archive is not read.",
            "Unpack it, or pack it as .zip or .gz.",
        )  # fmt: skip


def _zip_members(archive: Archive) -> Iterator[InputFile | FileProblem]:
    path, label = archive.path, archive.label
    try:
        members = open_archive(str(path), path.stat().st_mtime_ns).infolist()
    except _BROKEN:
        yield _broken(label)
        return
    if len(members) > archive.budget.limits.archive_members_max:
        yield _oversized(label)
        return
    wanted = [i for i, member in enumerate(members) if not member.is_dir()]
    skipped = [members[i].filename for i in wanted if _left_aside(members[i].filename)]
    for index in sorted(wanted, key=lambda i: members[i].filename):
        if not _left_aside(members[index].filename):
            yield from _zip_member(archive, index, members[index])
    if skipped:
        yield skipped_note(label, "archive", skipped)
    elif not wanted:
        yield problem(
            label, "archive-empty", "warning", "The archive holds no files.",
            "Check that this is the archive you mean.",
        )  # fmt: skip


def _zip_member(
    archive: Archive, index: int, member: zipfile.ZipInfo
) -> Iterator[InputFile | FileProblem]:
    label = f"{archive.label}!{member.filename}"
    is_archive = member.filename.lower().endswith(_ARCHIVES)
    if member.flag_bits & 0x1:
        yield problem(
            label, "archive-encrypted", "error", "The archive member is locked by a password.",
            "Unpack it with the password and read the files themselves.",
        )  # fmt: skip
    elif is_archive and archive.depth >= archive.budget.limits.archive_depth_max:
        yield problem(
            label, "archive-nested", "error", "An archive inside an archive is not read.",
            "Unpack the outer archive first, or raise the limit archive_depth_max.",
        )  # fmt: skip
    else:
        source = ZipSource(str(archive.path), index)
        file = _checked(archive, label, source, member.compress_size)
        if is_archive and isinstance(file, InputFile):
            yield from _nested(archive, file)
        else:
            yield file


def _nested(archive: Archive, file: InputFile) -> Iterator[InputFile | FileProblem]:
    """The files in an archive that is itself a member."""
    with file.open() as stream:
        inner = spool(stream, file.label)
    inside = Archive(inner.path, file.label, archive.budget, archive.depth + 1, inner)
    yield from archive_files(inside, kind_of(inner.path, file.label))


def _checked(
    archive: Archive, label: str, source: Source, packed_bytes: int
) -> InputFile | FileProblem:
    """Read a packed file once: whole and within limits, or a problem."""
    digest, size, budget = hashlib.sha256(), 0, archive.budget
    try:
        with source.open() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                if not budget.allows(size, packed_bytes):
                    return _oversized(label)
                digest.update(chunk)
    except _BROKEN:
        return _broken(label)
    budget.left_bytes -= size
    return InputFile(label, size, source, digest.hexdigest(), archive.inside)


def _left_aside(member: str) -> bool:
    """Whether an archive member is hidden or by its ending no EDI, as files in a folder are."""
    parts = [part for part in member.replace("\\", "/").split("/") if part not in {".", ".."}]
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return hidden or member.lower().endswith(NOT_EDI)


def skipped_note(label: str, where: str, skipped: list[str]) -> FileProblem:
    """One note on all that was left aside in a folder or archive."""
    names = ", ".join(skipped[:5]) + (", ..." if len(skipped) > 5 else "")
    return problem(
        label, "files-skipped", "info",
        f"{len(skipped)} entries of the {where} were left aside as hidden or not EDI: {names}.",
        "Name a file itself to have it read all the same.",
    )  # fmt: skip


def _broken(label: str) -> FileProblem:
    return problem(
        label, "archive-broken", "error", "The archive is damaged or cut off.",
        "Fetch it again from where it came.",
    )  # fmt: skip


def _oversized(label: str) -> FileProblem:
    return problem(
        label, "archive-too-large", "error",
        "The archive unpacks to more than the limits allow, far more than EDI files do.",
        "If it is genuine, unpack it and read the files themselves, or raise the limit.",
    )  # fmt: skip
