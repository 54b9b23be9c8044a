"""Files that go with the work on a denial: taken in, listed, and given back byte for byte.

An attachment belongs to a step and goes by the step's id and its place there (``W000003-1``). The
book keeps its bytes under their SHA-256, which is checked when they are given back.
"""

from __future__ import annotations

import hashlib
import io
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect.errors import NotAllowed, NotFound, NotReadable
from medcollect.files.names import safe_name
from medcollect.ids import name, number_of
from medcollect.model.casework import Attachment
from medcollect.saving import save
from medcollect.store.casework import CaseStep, step_by_id
from medcollect.store.engine import Store
from medcollect.store.raw import keep_raw, open_raw
from medcollect.tasks.case_load import find_case
from medcollect.tasks.figures import text_of

Row = dict[str, Any]

#: What a file is taken for where neither its sender nor its name says more.
UNKNOWN_TYPE: Final = "application/octet-stream"
#: A media type without parameters; anything else is no type of ours to repeat.
_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9.+-]{0,60}")
_SEE: Final = "'denial ID attachments' lists them with their ids."


class NewFile(msgspec.Struct, frozen=True):
    """A file to go with a step: where it is, and what its sender says it is."""

    path: Path
    content_type: str = ""

    @classmethod
    def all_of(cls, paths: Iterable[str | Path]) -> tuple[NewFile, ...]:
        """Files by their paths."""
        return tuple(cls(Path(path)) for path in paths)


#: A file's entry in its step, and its bytes.
ReadFile = tuple[Attachment, bytes]


def read_files(files: Iterable[NewFile], limit_bytes: int) -> list[ReadFile]:
    """Read files to go with a step; none of them where one is refused.

    Raises NotReadable, and NotAllowed for a file that is empty or beyond the limit.
    """
    return [_read(file, limit_bytes) for file in files]


def _read(file: NewFile, limit_bytes: int) -> ReadFile:
    try:
        size = file.path.stat().st_size
        if size > limit_bytes:
            raise NotAllowed(
                f"The attachment has {size:,} bytes; the settings allow {limit_bytes:,}.",
                "Attach less of it, or raise attachments.limit_megabytes in medcollect.toml.",
            )
        content = file.path.read_bytes()
    except OSError as error:
        raise NotReadable("The attachment cannot be read.", "Check the path.") from error
    if not content:
        raise NotAllowed("The attachment is empty.", "Check the file.")
    digest = hashlib.sha256(content).hexdigest()
    type_ = _type_of(file.content_type, file.path.name)
    return Attachment(file.path.name, digest, len(content), kept=True, content_type=type_), content


def _type_of(said: str, file_name: str) -> str:
    """The media type: as the sender says, else by the name."""
    said = said.partition(";")[0].strip().lower()
    if _TYPE.fullmatch(said) and said != UNKNOWN_TYPE:
        return said
    return mimetypes.guess_type(file_name)[0] or UNKNOWN_TYPE


def keep_files(connection: sa.Connection, files: Iterable[ReadFile]) -> tuple[Attachment, ...]:
    """Keep the bytes of files; their entries."""
    kept = []
    for attachment, content in files:
        keep_raw(connection, attachment.sha256, io.BytesIO(content))
        kept.append(attachment)
    return tuple(kept)


def list_attachments(store: Store, denial: str) -> Row:
    """The files of a case in the order they were attached, those of undone steps too.

    Raises NotFound, NotAllowed where its answer belongs to no claim yet.
    """
    with store.reading() as connection:
        case = find_case(connection, denial)
    told = [
        _told(step, place)
        for step in case.steps
        for place in range(1, len(step.moment.details.attachments) + 1)
    ]
    return {"denial": case.id, "version": case.version, "attachments": told}


def show_attachment(store: Store, identifier: str) -> Row:
    """What is on record of one file (``W000003-1``); raises NotFound."""
    with store.reading() as connection:
        step, place = _find(connection, identifier)
    return _told(step, place)


def attachment_file(store: Store, identifier: str) -> bytes:
    """The bytes of a file as it was attached.

    Raises NotFound, also for one that was too large to be kept.
    """
    with store.reading() as connection:
        step, place = _find(connection, identifier)
        attachment = step.moment.details.attachments[place - 1]
        if not attachment.kept:
            raise NotFound(
                f"{identifier} was too large and is not in the book.",
                "Its name, size and SHA-256 are on record.",
            )
        with open_raw(connection, attachment.sha256) as stream:
            content = stream.read()
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise NotReadable(f"{identifier} is damaged in the book.", "Restore a backup.")
    return content


def save_attachment(store: Store, identifier: str, to: Path) -> Row:
    """Write a file as it was attached to a path, or under its own name into a folder.

    Raises NotFound, NotAllowed where there is such a file already.
    """
    told = show_attachment(store, identifier)
    path = to / safe_name(told["name"]) if to.is_dir() else to
    if path.exists():
        raise NotAllowed(f"{path} is there already.", "Name a file that is not there yet.")
    save(path, attachment_file(store, identifier))
    return {**told, "file": str(path)}


def _find(connection: sa.Connection, identifier: str) -> tuple[CaseStep, int]:
    """The step and the place in it that an attachment's id names."""
    words, _, place = identifier.strip().partition("-")
    number = number_of(words, "W")
    step = step_by_id(connection, number) if number is not None else None
    there = len(step.moment.details.attachments) if step is not None else 0
    if step is None or not place.isdecimal() or not 1 <= int(place) <= there:
        raise NotFound("There is no such attachment.", _SEE)
    return step, int(place)


def _told(step: CaseStep, place: int) -> Row:
    """A file with the step it goes with."""
    moment = step.moment
    return {
        **attachment_json(moment.details.attachments[place - 1], moment.id, place),
        "kind": moment.kind,
        "date": text_of(moment.day),
        "user": moment.user,
        "reason": moment.reason,
        "reference": moment.details.reference,
        "status": step.status,
    }


def attachment_json(attachment: Attachment, step: int, place: int) -> Row:
    """A file that goes with a step."""
    return {
        "id": f"{name('W', step)}-{place}",
        "step": name("W", step),
        "number": place,
        "name": attachment.name,
        "content_type": attachment.content_type or _type_of("", attachment.name),
        "sha256": attachment.sha256,
        "size": attachment.size,
        "kept": attachment.kept,
    }
