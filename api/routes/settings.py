"""What the office decided beforehand, and taking a change of it over."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AskDesk, Document
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import RepostRequest
from api.schemas import Reposted, SettingsShown

router = APIRouter(tags=["settings"])


@router.get(
    "/settings",
    response_model=SettingsShown,
    response_model_exclude_unset=True,
    responses=problems(503),
)
def show_settings(desk: AskDesk) -> Document:
    """Show every setting with where it comes from, and whether the book is judged under it."""
    return desk.ask(lambda book: book.settings())


@router.post(
    "/settings/repost",
    response_model=Reposted,
    response_model_exclude_unset=True,
    responses=problems(400, 409, 503),
)
def repost(desk: AskDesk, once: DoOnce, body: RepostRequest) -> Document:
    """Put the settings in force for everything in the book, by counter-entries."""
    asked = {**body.model_dump(), "reason": body.reason or ""}
    return once.do(asked, lambda: (200, desk.ask(lambda book: book.repost(**asked))))
