"""One denial after the other: everything on it, and the steps that people take."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header

from api.deps import AskDesk, BulkId, BulkPage, DenialId, Desk, Document, StepId
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import UndoRequest
from api.requests_cases import BulkStep, NewStep, TakeNext
from api.schemas import Undone
from api.schemas.cases import BulkDone, BulkList, DenialCase

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
_Seen = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern=r'^(\*|"?[0-9a-f]{16}"?)$',
        description="The `seen` of the preview: refused (409) if somebody changed one of them "
        "since; * where that does not matter.",
        examples=["5c1f0a9be4d21377"],
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


@router.post(
    "/denials/bulk/search",
    response_model=BulkDone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def preview_bulk(desk: AskDesk, body: BulkStep) -> Document:
    """Say which of many denials would take a step, and which not, with the reason."""
    return _bulk(desk, body, dry_run=True)


@router.get(
    "/denials/bulk",
    response_model=BulkList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_bulk(desk: AskDesk, page: BulkPage) -> Document:
    """List what was done to many denials at once, the last first, undone ones too."""
    return desk.ask(lambda book: book.bulk_steps(page.limit, page.after))


@router.post(
    "/denials/bulk",
    response_model=BulkDone,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def work_denials(desk: AskDesk, once: DoOnce, body: BulkStep, seen: _Seen = "*") -> Document:
    """Take one step on many denials, as one unit; those that do not take it are listed."""
    known = "" if seen == "*" else seen.strip('"')
    asked = [body.model_dump(mode="json"), known]
    return once.do(asked, lambda: (201, _bulk(desk, body, seen=known)))


@router.post(
    "/denials/bulk/{id:our_id}/undo",
    response_model=Undone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def undo_bulk(desk: AskDesk, once: DoOnce, id: BulkId, body: UndoRequest) -> Document:  # noqa: A002
    """Take back what was done at once; write-offs come back to the balances."""
    return once.do(
        body.model_dump(), lambda: (200, desk.ask(lambda book: book.undo(id, reason="")))
    )


def _bulk(desk: Desk, body: BulkStep, **how: Any) -> Document:
    told = body.model_dump(exclude_none=True, exclude={"kind", "denials"})
    return desk.ask(lambda book: book.work_denials(body.denials, body.kind, **told, **how))
