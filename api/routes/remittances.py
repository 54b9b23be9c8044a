"""Payments with their claim payments."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AskDesk, Document, RemittanceId, RemittancePage
from api.errors import problems
from api.schemas import Remittance, RemittanceList

router = APIRouter(tags=["remittances"])


@router.get(
    "/remittances",
    response_model=RemittanceList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_remittances(desk: AskDesk, page: RemittancePage) -> Document:
    """List the remittances."""
    return desk.ask(lambda book: book.remittances(page.limit, page.after))


@router.get(
    "/remittances/{id:our_id}",
    response_model=Remittance,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_remittance(desk: AskDesk, id: RemittanceId) -> Document:  # noqa: A002
    """Show one remittance with its claim payments."""
    return desk.ask(lambda book: book.remittance(id))
