"""One denial after the other: everything on it, and the steps that people take."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header

from api.deps import AskDesk, DenialId, Document, StepId
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import UndoRequest
from api.requests_cases import NewStep, TakeNext
from api.schemas import Undone
from api.schemas.cases import DenialCase

router = APIRouter(tags=["denials"])

_Version = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^(\*|"?[0-9]{1,9}"?)$',
        description="The `version` of the case as you saw it: refused (409) if somebody changed "
        "it since; * where that does not matter.",
        examples=["3"],
    ),
]


@router.get(
    "/denials/{id:our_id}",
    response_model=DenialCase,
    response_model_exclude_unset=True,
    responses=problems(404, 409),
)
def show_denial(desk: AskDesk, id: DenialId) -> Document:  # noqa: A002
    """Show one denial: why, every limit, what happened, where it stands in the order of work."""
    return desk.ask(lambda book: book.denial(id))


@router.post(
    "/denials/{id:our_id}/steps",
    response_model=DenialCase,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def work_denial(
    desk: AskDesk,
    once: DoOnce,
    id: DenialId,  # noqa: A002
    body: NewStep,
    version: _Version = "*",
) -> Document:
    """Enter a step: take it, wait, correct, appeal, note an outcome, write it off."""
    told = body.model_dump(exclude_none=True, exclude={"kind"})
    seen = int(version.strip('"')) if version != "*" else None
    asked = [id, body.model_dump(mode="json"), seen]
    return once.do(
        asked,
        lambda: (201, desk.ask(lambda book: book.work_denial(id, body.kind, **told, version=seen))),
    )


@router.post(
    "/denials/next",
    response_model=DenialCase,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def take_next_denial(desk: AskDesk, once: DoOnce, body: TakeNext) -> Document:
    """Take the first denial in order of work that nobody has; two who ask get different ones."""
    told = body.model_dump(exclude_none=True)
    return once.do(
        body.model_dump(mode="json"),
        lambda: (201, desk.ask(lambda book: book.take_next_denial(**told))),
    )


@router.post(
    "/denials/steps/{id:our_id}/undo",
    response_model=Undone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def undo_step(desk: AskDesk, once: DoOnce, id: StepId, body: UndoRequest) -> Document:  # noqa: A002
    """Take a step back; a write-off comes back to the balance."""
    return once.do(
        body.model_dump(), lambda: (200, desk.ask(lambda book: book.undo(id, reason="")))
    )
