"""What patients owe, and why."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import AccountId, AccountPage, AskDesk, Document
from api.errors import problems
from api.idempotency import DoOnce
from api.requests import EligibilityQuestion, NumberSearch
from api.schemas import AccountList, AskedPayers, Balance, FoundAccounts
from api.search import found_accounts

router = APIRouter(tags=["accounts"])


@router.get(
    "/accounts",
    response_model=AccountList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_accounts(desk: AskDesk, page: AccountPage) -> Document:
    """List the accounts."""
    return desk.ask(lambda book: book.accounts(page.limit, page.after))


@router.post(
    "/accounts/search",
    response_model=FoundAccounts,
    response_model_exclude_unset=True,
    responses=problems(400),
)
def search_accounts(desk: AskDesk, body: NumberSearch) -> Document:
    """Find the accounts that an account number or a patient control number leads to."""
    return desk.ask(lambda book: found_accounts(book, body.number))


@router.get(
    "/accounts/{id:our_id}/balance",
    response_model=Balance,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_balance(desk: AskDesk, id: AccountId) -> Document:  # noqa: A002
    """Say what a patient owes over all claims, what may be billed now, and why not the rest."""
    return desk.ask(lambda book: book.balance(id))


@router.post(
    "/accounts/{id:our_id}/eligibility",
    response_model=AskedPayers,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def ask_eligibility(
    desk: AskDesk,
    once: DoOnce,
    id: AccountId,  # noqa: A002
    body: EligibilityQuestion,
) -> Document:
    """Ask a payer whether the patient is covered today. `edi` is the 270."""
    return once.do(
        {"account": id, **body.model_dump()},
        lambda: (200, desk.ask(lambda book: book.eligibility(id, **body.model_dump()))),
    )
