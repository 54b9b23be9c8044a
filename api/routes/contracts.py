"""Contracts and fee schedules, and what payers allowed below them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from pydantic import BeforeValidator

from api.days import day_of_form, only_iso
from api.deps import (
    AskDesk,
    ContractId,
    ContractPage,
    Document,
    UnderpaymentId,
    UnderpaymentPage,
    one_of,
)
from api.errors import problems
from api.idempotency import DoOnce, with_table
from api.requests import MappingText, RowCount, UndoRequest, mapping_table
from api.schemas import (
    ContractImported,
    ContractList,
    ContractShown,
    Underpayment,
    UnderpaymentList,
    Undone,
)
from api.uploads import no_other_fields
from medcollect.bookkeeping.underpayments import BASES, KINDS
from medcollect.errors import BadRequest, NotAllowed

router = APIRouter(tags=["contracts"])

_TEXT = r"^[\x20-\x7e]+$"
_NO_TEXT = r"^[\x20-\x7e]*$"
_DAY = r"^[0-9]{4}(-[0-9]{2}){2}$"
_NO_DAY = r"^([0-9]{4}(-[0-9]{2}){2})?$"

Table = Annotated[UploadFile, File(description="A CSV table of prices.")]


def _order(  # noqa: PLR0913 - the fields of one form
    *,
    name: Annotated[
        str, Form(max_length=80, pattern=_TEXT, description="What it is called.", examples=["PPO"])
    ],
    valid_from: Annotated[str, Form(pattern=_DAY, description="The first day of service.")],
    payer: Annotated[
        str, Form(max_length=80, pattern=_NO_TEXT, description="Whose; a * at its end: the rest.")
    ] = "",
    valid_to: Annotated[str, Form(pattern=_NO_DAY, description="The last day of service.")] = "",
    plans: Annotated[
        str,
        Form(pattern=r"^[A-Z0-9 ]{0,40}$", description="Only these kinds of plan, with spaces."),
    ] = "",
    fee_schedule: Annotated[
        Literal["true", "false"], Form(description="true: amounts that contracts refer to.")
    ] = "false",
    terms: Annotated[
        str,
        Form(
            max_length=20_000,
            description="What holds for all rows, as JSON (docs/contracts.md); empty for nothing.",
            examples=['{"lesser_of_charge": true}'],
        ),
    ] = "",
    mapping: MappingText = "",
    expect_count: RowCount = "",
    dry_run: Annotated[
        Literal["true", "false"], Form(description="true: show it, keep nothing.")
    ] = "false",
) -> Document:
    """What a table of prices is."""
    return {
        "name": name,
        "valid_from": day_of_form(valid_from),
        "payer": payer,
        "valid_to": day_of_form(valid_to),
        "plans": plans.split(),
        "fee_schedule": fee_schedule == "true",
        "terms": _terms(terms),
        "mapping": mapping_table(mapping),
        "expect_count": int(expect_count) if expect_count else None,
        "dry_run": dry_run == "true",
    }


def _terms(text: str) -> dict[str, Any] | None:
    """The terms of a form; raises NotAllowed where they are none: no schema tells beforehand."""
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NotAllowed("The terms are no JSON.", "See docs/contracts.md.") from error
    if not isinstance(found, dict):
        raise NotAllowed("The terms are no object.", "See docs/contracts.md.")
    return found


_FIELDS = no_other_fields(
    "table",
    "name",
    "valid_from",
    "payer",
    "valid_to",
    "plans",
    "fee_schedule",
    "terms",
    "mapping",
    "dry_run",
    "expect_count",
)
Order = Annotated[Document, Depends(_order)]


@router.get(
    "/contracts",
    response_model=ContractList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_contracts(desk: AskDesk, page: ContractPage) -> Document:
    """List contracts and fee schedules, undone versions too."""
    return desk.ask(lambda book: book.contracts(page.limit, page.after))


@router.post(
    "/contracts",
    dependencies=[Depends(_FIELDS)],
    response_model=ContractImported,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409, 413),
)
def import_contract(desk: AskDesk, once: DoOnce, table: Table, order: Order) -> Document:
    """Take a table of prices in as a version: all of it or, with an error in a row, nothing."""

    def take(path: Path) -> Document:
        try:
            return desk.ask(lambda book: book.import_contract(path, user="api", **order))
        except BadRequest as error:  # what no schema can tell beforehand
            raise NotAllowed(error.message, error.action) from error

    return with_table(once, table, {key: str(value) for key, value in order.items()}, take)


@router.get(
    "/contracts/{id:our_id}",
    response_model=ContractShown,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_contract(desk: AskDesk, id: ContractId) -> Document:  # noqa: A002
    """Show one version with every row."""
    return desk.ask(lambda book: book.contract(id))


@router.post(
    "/contracts/{id:our_id}/undo",
    response_model=Undone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def undo_contract(desk: AskDesk, once: DoOnce, id: ContractId, body: UndoRequest) -> Document:  # noqa: A002
    """Take a version back; the one before it holds again."""
    return once.do(
        [id, body.model_dump()], lambda: (200, desk.ask(lambda book: book.undo(id, reason="")))
    )


class UnderpaymentFilter:
    """Which lines are asked for."""

    def __init__(
        self,
        kind: Annotated[
            str, Query(description="underpaid, overpaid or no_term.", pattern=one_of(KINDS))
        ] = "underpaid",
        payer: Annotated[
            str | None,
            Query(max_length=80, pattern=_TEXT, description="Part of the payer's name."),
        ] = None,
        since: Annotated[
            date | None,
            BeforeValidator(only_iso),
            Query(description="Only answers from this day on.", examples=["2026-01-01"]),
        ] = None,
        minimum: Annotated[
            str | None,
            Query(
                pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$",
                description="Only differences of at least this; US dollars.",
                examples=["5.00"],
            ),
        ] = None,
        basis: Annotated[
            str | None, Query(description="contract or usual.", pattern=one_of(BASES))
        ] = None,
    ) -> None:
        self.kind = kind
        self.payer = payer
        self.since = since
        self.minimum = minimum
        self.basis = basis


@router.get(
    "/underpayments",
    response_model=UnderpaymentList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_underpayments(
    desk: AskDesk,
    page: UnderpaymentPage,
    wanted: Annotated[UnderpaymentFilter, Depends(UnderpaymentFilter)],
) -> Document:
    """List lines that payers allowed below contract, or below what they usually allow."""
    filters = vars(wanted)
    return desk.ask(lambda book: book.underpayments(**filters, limit=page.limit, after=page.after))


@router.get(
    "/underpayments/{id:our_id}",
    response_model=Underpayment,
    response_model_exclude_unset=True,
    responses=problems(404),
)
def show_underpayment(desk: AskDesk, id: UnderpaymentId) -> Document:  # noqa: A002
    """Show one such line, with its arithmetic."""
    return desk.ask(lambda book: book.underpayment(id))
