"""What payers refused, in the order of work."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from api.days import only_iso
from api.deps import AskDesk, DenialPage, Document, PatternPage, one_of
from api.errors import problems
from api.requests_cases import CODE, REASON
from api.schemas import DenialList
from api.schemas.patterns import DenialPatternList
from medcollect.model.casework import KINDS, STATES
from medcollect.tasks.worklists import STATUSES, categories

router = APIRouter(tags=["denials"])

_TEXT = r"^[\x20-\x7e]+$"


_AMOUNT = r"^[0-9]{1,12}(\.[0-9]{1,2})?$"

_Maximum = Annotated[
    str | None,
    Query(
        pattern=_AMOUNT,
        description="Only amounts of at most this; US dollars.",
        examples=["500.00"],
    ),
]
_Owner = Annotated[
    str | None,
    Query(
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]*$",
        description="Only those this person has; nobody: those that no one has.",
    ),
]
_State = Annotated[
    str | None,
    Query(
        max_length=20,
        pattern=one_of([*STATES]),
        description="Only where the work stands so.",
    ),
]
_DueBefore = Annotated[
    date | None,
    BeforeValidator(only_iso),
    Query(description="Only with a limit, or a day to look again, on or before this day."),
]


_Kind = Annotated[
    str | None, Query(max_length=20, pattern=one_of(KINDS), description="What they are about.")
]
_Reason = Annotated[
    str | None,
    Query(
        pattern=REASON,
        description="Only this reason code, with its group or without.",
        examples=["CO-197"],
    ),
]
_Remark = Annotated[
    str | None,
    Query(pattern=CODE, description="Only with this remark code.", examples=["N290"]),
]
_Procedure = Annotated[
    str | None,
    Query(pattern=CODE, description="Only lines of this procedure.", examples=["99213"]),
]
_OlderThan = Annotated[
    int | None,
    Query(ge=0, le=10000, description="Only answered longer ago than so many days.", examples=[30]),
]


_PayerText = Annotated[
    str, Query(max_length=80, pattern=r"^[\x20-\x7e]*$", description="Part of the payer's name.")
]
_MinimumText = Annotated[
    str,
    Query(
        pattern=r"^([0-9]{1,12}(\.[0-9]{1,2})?)?$",
        description="Only where at least this is open; US dollars.",
        examples=["500.00"],
    ),
]


async def _filters(
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
            description="What became of it: open; resent: the payer has the claim again; "
            "notice: the patient signed a notice and owes it; settled; written_off; withdrawn: a "
            "later answer replaced it; or all of these. Of open and resent ones something is at "
            "stake.",
            pattern=one_of([*STATUSES, "all"]),
        ),
    ] = "open",
    minimum: Annotated[
        str | None,
        Query(
            pattern=_AMOUNT,
            description="Only amounts of at least this; US dollars.",
            examples=["100.00"],
        ),
    ] = None,
    maximum: _Maximum = None,
    owner: _Owner = None,
    state: _State = None,
    due_before: _DueBefore = None,
) -> Document:
    """Which denials are asked for; async, since a look at the query is not worth a thread."""
    return {
        "payer": payer,
        "category": category,
        "status": status,
        "minimum": minimum,
        "maximum": maximum,
        "owner": owner,
        "state": state,
        "due_before": due_before,
    }


async def _codes(
    kind: _Kind = None,
    reason: _Reason = None,
    remark: _Remark = None,
    procedure: _Procedure = None,
    older_than: _OlderThan = None,
) -> Document:
    """Which codes, lines and days they are about."""
    told = {
        "kind": kind,
        "reason": reason,
        "remark": remark,
        "procedure": procedure,
        "older_than": older_than,
    }
    return {key: value for key, value in told.items() if value is not None}


@router.get(
    "/denials",
    response_model=DenialList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_denials(
    desk: AskDesk,
    page: DenialPage,
    filters: Annotated[Document, Depends(_filters)],
    codes: Annotated[Document, Depends(_codes)],
) -> Document:
    """List the denials in the order in which to work them."""
    return desk.ask(
        lambda book: book.denials(**filters, **codes, limit=page.limit, after=page.after)
    )


@router.get(
    "/denials/patterns",
    response_model=DenialPatternList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_patterns(
    desk: AskDesk,
    page: PatternPage,
    payer: _PayerText = "",
    minimum: _MinimumText = "",
) -> Document:
    """List what payers refuse too often, the most money first, with the cases behind it."""
    told: Document = {"payer": payer, "minimum": minimum}
    return desk.ask(lambda book: book.denial_patterns(**told, **page._asdict()))
