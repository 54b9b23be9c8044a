"""What waits for a person, and the person's decision."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.deps import AskDesk, Document, ExceptionId, ExceptionPage, one_of
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import Resolution
from api.schemas import Decision, ExceptionList
from medcollect.tasks.exception_list import kinds

router = APIRouter(tags=["exceptions"])

Kind = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Only this kind of exception.",
        pattern=one_of(kinds()),
    ),
]


Held = Annotated[
    Literal["true", "false"],
    Query(description="true: those that a person lets wait, instead of the others."),
]


@router.get(
    "/exceptions",
    response_model=ExceptionList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_exceptions(
    desk: AskDesk, page: ExceptionPage, kind: Kind = None, held: Held = "false"
) -> Document:
    """List what waits for a person, and the money at stake."""
    apart = held == "true"
    return desk.ask(
        lambda book: book.exceptions(kind=kind, held=apart, limit=page.limit, after=page.after)
    )


@router.post(
    "/exceptions/{id:our_id}/resolve",
    response_model=Decision,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def resolve_exception(
    desk: AskDesk,
    once: DoOnce,
    id: ExceptionId,  # noqa: A002
    body: Resolution,
) -> Document:
    """Decide an exception: post it to a claim, open one, post it anyway, hold it, write it off."""
    asked = body.model_dump()
    known = body.model_dump(mode="json")
    return once.do(known, lambda: (200, desk.ask(lambda book: book.resolve(id, **asked))))
