"""Closing periods, and opening them again."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AskDesk, ClosingId, Document
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import ClosePeriod, UndoRequest
from api.schemas import Closing, Undone

router = APIRouter(tags=["closings"], responses=problems(400, 404, 409))


@router.post("/closings", response_model=Closing, response_model_exclude_unset=True)
def close_period(desk: AskDesk, once: DoOnce, body: ClosePeriod) -> Document:
    """Close the books up to a day: no new entries stand in these days."""
    asked = body.model_dump(mode="json")
    return once.do(asked, lambda: (200, desk.ask(lambda book: book.close_period(**asked))))


@router.post("/closings/{id:our_id}/undo", response_model=Undone, response_model_exclude_unset=True)
def undo_closing(desk: AskDesk, once: DoOnce, id: ClosingId, body: UndoRequest) -> Document:  # noqa: A002
    """Open a closed period again; refused while a later one is closed."""
    reason = body.reason or ""
    return once.do(
        body.model_dump(), lambda: (200, desk.ask(lambda book: book.undo(id, reason=reason)))
    )
