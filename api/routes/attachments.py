"""Files that go with the work on a denial: sent in, listed, given back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Response, UploadFile

from api.deps import AskDesk, DenialId, Document, StepId
from api.downloads import any_file, download
from api.errors import problems
from api.idempotency import DoOnce, with_table
from api.schemas.cases import CaseFiles
from api.uploads import no_other_fields

router = APIRouter(tags=["denials"])

NewFile = Annotated[UploadFile, File(description="The file; its name and type are kept.")]
_Reason = Annotated[
    str,
    Form(max_length=1000, pattern=r"^[^\x00-\x08\x0e-\x1f]*$", description="What it is."),
]
_Reference = Annotated[
    str,
    Form(
        max_length=200,
        pattern=r"^[\x20-\x7e]*$",
        description="A letter, a call: what it belongs to.",
        examples=["E000004"],
    ),
]
_User = Annotated[
    str,
    Form(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]*$", description="Who attaches it."),
]
_Number = Annotated[int, Path(ge=1, le=999, description="Its place in the step, from 1.")]

_FIELDS = no_other_fields("file", "reason", "reference", "user")


def _note(reason: _Reason = "", reference: _Reference = "", user: _User = "api") -> Document:
    """What is said with a file."""
    return {"reason": reason, "reference": reference, "user": user}


Note = Annotated[Document, Depends(_note)]


@router.post(
    "/denials/{id:our_id}/attachments",
    dependencies=[Depends(_FIELDS)],
    response_model=CaseFiles,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409, 413),
)
def attach(desk: AskDesk, once: DoOnce, id: DenialId, file: NewFile, note: Note) -> Document:  # noqa: A002
    """Keep a file with a denial, as a note of its history; undone as a step."""
    told = {**note, "content_type": file.content_type or ""}
    asked = [id, told, file.filename]
    return with_table(
        once, file, asked, lambda path: desk.ask(lambda book: book.attach(id, path, **told)), 201
    )


@router.get(
    "/denials/{id:our_id}/attachments",
    response_model=CaseFiles,
    response_model_exclude_unset=True,
    responses=problems(404, 409),
)
def list_attachments(desk: AskDesk, id: DenialId) -> Document:  # noqa: A002
    """List the files that go with a denial."""
    return desk.ask(lambda book: book.attachments(id))


@router.get(
    "/denials/steps/{id:our_id}/attachments/{number}/file",
    response_class=Response,
    responses={**any_file("The file as it was attached, in its own type"), **problems(400, 404)},
)
def attachment_file(desk: AskDesk, id: StepId, number: _Number) -> Response:  # noqa: A002
    """Give a file back byte for byte, to be saved."""
    name = f"{id}-{number}"
    told = desk.ask(lambda book: book.attachment(name))
    data = desk.ask(lambda book: book.attachment_file(name))
    return download(data, told["content_type"], told["name"])
