"""Provider adjustments (PLB) followed as cases."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.deps import AskDesk, Document, Limit, Page
from api.errors import problems
from api.schemas import ProviderAdjustmentList

router = APIRouter(tags=["remittances"])

Payer = Annotated[
    str | None, Query(max_length=80, description="Only this payer (part of its name).")
]
Settled = Annotated[
    Literal["true", "false"], Query(description="true: those of which nothing is left as well.")
]


_CHAIN = "^R[0-9]{6,12}-[0-9]{1,4}$"


def _chain_page(
    limit: Limit = 50,
    after: str | None = Query(
        default=None,
        pattern=_CHAIN,
        description="The `next` of the page before.",
        examples=["R000012-1"],
    ),
) -> Page:
    return Page(limit, after)


ChainPage = Annotated[Page, Depends(_chain_page)]


@router.get(
    "/provider-adjustments",
    response_model=ProviderAdjustmentList,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def list_provider_adjustments(
    desk: AskDesk, page: ChainPage, payer: Payer = None, settled: Settled = "false"
) -> Document:
    """List what payers still mean to take, or have kept: since when, over which checks."""
    every = settled == "true"
    return desk.ask(
        lambda book: book.provider_adjustments(
            payer=payer, settled=every, limit=page.limit, after=page.after
        )
    )
