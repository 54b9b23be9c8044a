"""Taking back: an import, a remittance, a claim payment, a person's decision."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import (
    AskDesk,
    ClaimPaymentId,
    DecisionId,
    Desk,
    Document,
    ImportId,
    RemittanceId,
    SettingsId,
)
from api.errors import problems
from api.idempotency import DoOnce, Once
from api.requests import UndoRequest
from api.schemas import Undone

router = APIRouter(responses=problems(400, 404, 409))


@router.post(
    "/imports/{id:our_id}/undo",
    tags=["imports"],
    response_model=Undone,
    response_model_exclude_unset=True,
)
def undo_import(desk: AskDesk, once: DoOnce, id: ImportId, body: UndoRequest) -> Document:  # noqa: A002
    """Take an import back by counter-entries; refused while people's decisions rest on it."""
    return _undo(desk, once, id, body)


@router.post(
    "/remittances/{id:our_id}/undo",
    tags=["remittances"],
    response_model=Undone,
    response_model_exclude_unset=True,
)
def undo_remittance(desk: AskDesk, once: DoOnce, id: RemittanceId, body: UndoRequest) -> Document:  # noqa: A002
    """Take one remittance back by counter-entries."""
    return _undo(desk, once, id, body)


@router.post(
    "/claim-payments/{id:our_id}/undo",
    tags=["remittances"],
    response_model=Undone,
    response_model_exclude_unset=True,
)
def undo_claim_payment(
    desk: AskDesk,
    once: DoOnce,
    id: ClaimPaymentId,  # noqa: A002
    body: UndoRequest,
) -> Document:
    """Take one claim payment back by counter-entries."""
    return _undo(desk, once, id, body)


@router.post(
    "/decisions/{id:our_id}/undo",
    tags=["exceptions"],
    response_model=Undone,
    response_model_exclude_unset=True,
)
def undo_decision(desk: AskDesk, once: DoOnce, id: DecisionId, body: UndoRequest) -> Document:  # noqa: A002
    """Take a person's decision back; what it settled waits again."""
    return _undo(desk, once, id, body)


@router.post(
    "/settings/{id:our_id}/undo",
    tags=["settings"],
    response_model=Undone,
    response_model_exclude_unset=True,
)
def undo_settings(desk: AskDesk, once: DoOnce, id: SettingsId, body: UndoRequest) -> Document:  # noqa: A002
    """Take a version of the settings back; the one before it is in force again."""
    return _undo(desk, once, id, body)


def _undo(desk: Desk, once: Once, identifier: str, body: UndoRequest) -> Document:
    along, reason = body.with_decisions, body.reason or ""
    return once.do(
        body.model_dump(),
        lambda: (
            200,
            desk.ask(lambda book: book.undo(identifier, with_decisions=along, reason=reason)),
        ),
    )
