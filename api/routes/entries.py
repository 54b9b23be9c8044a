"""What people enter by hand: coverages, moves, refunds to payers, joined accounts."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AskDesk, Document, EntryId, EntryPage
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import Bounce, UndoRequest
from api.requests_desk import (
    CorrectCoverage,
    EndCoverage,
    MergeAccounts,
    NewCoverage,
    NewDeath,
    NewMove,
    NewPayerRefund,
    SplitAccount,
)
from api.schemas import Entered, EntryList, Undone

router = APIRouter(tags=["entries by hand"])


@router.get(
    "/entries",
    response_model=EntryList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_entries(desk: AskDesk, page: EntryPage) -> Document:
    """List what was entered by hand, undone entries too."""
    return desk.ask(lambda book: book.entries(page.limit, page.after))


@router.post(
    "/entries/coverages",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def add_coverage(desk: AskDesk, once: DoOnce, body: NewCoverage) -> Document:
    """Enter a payer of a patient or a claim; says where the claims stand then."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.add_coverage(**told))))


@router.post(
    "/entries/{id:our_id}/correction",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def correct_coverage(
    desk: AskDesk,
    once: DoOnce,
    id: EntryId,  # noqa: A002
    body: CorrectCoverage,
) -> Document:
    """Enter what is right of a coverage, in its place."""
    asked, told = body.model_dump(mode="json"), body.model_dump(exclude_none=True)
    return once.do(
        [id, asked], lambda: (201, desk.ask(lambda book: book.correct_coverage(id, **told)))
    )


@router.post(
    "/entries/coverage-ends",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def end_coverage(desk: AskDesk, once: DoOnce, body: EndCoverage) -> Document:
    """End an entered coverage, or one of a payer that the claims themselves name."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.end_coverage(**told))))


@router.post(
    "/entries/moves",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def move_balance(desk: AskDesk, once: DoOnce, body: NewMove) -> Document:
    """Move money of a claim to the patient, or of the patient to a payer."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.move_balance(**told))))


@router.post(
    "/entries/payer-refunds",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def refund_payer(desk: AskDesk, once: DoOnce, body: NewPayerRefund) -> Document:
    """Enter an overpayment of a claim, or of a recovery without one, that went back to a payer."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.refund_payer(**told))))


@router.post(
    "/entries/deceased",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def enter_deceased(desk: AskDesk, once: DoOnce, body: NewDeath) -> Document:
    """Enter that a patient has died: nothing is billed until somebody acts for the estate."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.enter_deceased(**told))))


@router.post(
    "/entries/{id:our_id}/bounce",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def return_cheque(desk: AskDesk, once: DoOnce, id: EntryId, body: Bounce) -> Document:  # noqa: A002
    """Enter that a payer sent a refund cheque back: its money is open again from that day."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do([id, asked], lambda: (201, desk.ask(lambda book: book.bounce(id, **told))))


@router.post(
    "/entries/account-merges",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def merge_accounts(desk: AskDesk, once: DoOnce, body: MergeAccounts) -> Document:
    """Say that accounts are one patient's; refused where they contradict, unless told."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.merge_accounts(**told))))


@router.post(
    "/entries/account-splits",
    response_model=Entered,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def split_account(desk: AskDesk, once: DoOnce, body: SplitAccount) -> Document:
    """Say that claims of an account, and payments with them, are another patient's."""
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.split_account(**told))))


@router.post(
    "/entries/{id:our_id}/undo",
    response_model=Undone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def undo_entry(desk: AskDesk, once: DoOnce, id: EntryId, body: UndoRequest) -> Document:  # noqa: A002
    """Take an entry back; refused while a correction of it stands."""
    return once.do(
        body.model_dump(), lambda: (200, desk.ask(lambda book: book.undo(id, reason="")))
    )
