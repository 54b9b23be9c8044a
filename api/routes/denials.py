"""What payers refused, in the order of work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.deps import AskDesk, DenialPage, Document, one_of
from api.errors import problems
from api.schemas import DenialList
from medcollect.tasks.worklists import STATUSES, categories

router = APIRouter(tags=["denials"])

_TEXT = r"^[\x20-\x7e]+$"


class DenialFilter:
    """Which denials are asked for."""

    def __init__(
        self,
        payer: Annotated[
            str | None,
            Query(max_length=80, pattern=_TEXT, description="Part of the payer's name."),
        ] = None,
        category: Annotated[
            str | None,
            Query(
                max_length=40,
                description="The kind of denial.",
                pattern=one_of(categories()),
            ),
        ] = None,
        status: Annotated[
            str,
            Query(
                max_length=20,
                description="What became of it, or all.",
                pattern=one_of([*STATUSES, "all"]),
            ),
        ] = "open",
        minimum: Annotated[
            str | None,
            Query(
                pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$",
                description="Only amounts of at least this; US dollars.",
                examples=["100.00"],
            ),
        ] = None,
    ) -> None:
        self.payer = payer
        self.category = category
        self.status = None if status == "all" else status
        self.minimum = minimum


@router.get(
    "/denials",
    response_model=DenialList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_denials(
    desk: AskDesk, page: DenialPage, wanted: Annotated[DenialFilter, Depends(DenialFilter)]
) -> Document:
    """List the denials in the order in which to work them."""
    filters = vars(wanted)
    return desk.ask(lambda book: book.denials(**filters, limit=page.limit, after=page.after))
