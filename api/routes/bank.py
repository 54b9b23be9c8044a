"""The bank's deposits, and how they meet the remittances."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, UploadFile

from api.deps import AskDesk, Desk, Document
from api.errors import problems
from api.idempotency import DoOnce, Once
from api.requests import MappingText, SetAside, TieDeposit, mapping_table
from api.routes.reports import AsOf
from api.schemas import DepositsImported, Reconciliation, TiedDeposit
from api.uploads import no_other_fields, received, without_folder

router = APIRouter(tags=["bank"])

Files = Annotated[
    list[UploadFile], File(min_length=1, description="BAI2 or NACHA files, or CSV tables.")
]
DryRun = Annotated[
    Literal["true", "false"], Form(description="true: do everything but keep nothing.")
]


@router.post(
    "/deposits",
    dependencies=[Depends(no_other_fields("files", "mapping", "dry_run"))],
    response_model=DepositsImported,
    response_model_exclude_unset=True,
    responses=problems(400, 409, 413),
)
def import_deposits(
    desk: AskDesk, once: DoOnce, files: Files, mapping: MappingText = "", dry_run: DryRun = "false"
) -> Document:
    """Take files of a bank in; the same deposits again change nothing."""
    return _take(desk, once, files, mapping, dry=dry_run == "true")


def _take(desk: Desk, once: Once, files: list[UploadFile], mapping: str, *, dry: bool) -> Document:
    """Hold the uploads while the book reads them."""
    columns = mapping_table(mapping)
    with received(files) as held:

        def take() -> tuple[int, Document]:
            paths = held.paths
            found = desk.ask(lambda b: b.import_deposits(paths, mapping=columns, dry_run=dry))
            return 200, without_folder(found)

        return once.do([dry, mapping, held.hashes], take)


@router.get(
    "/reconciliation",
    response_model=Reconciliation,
    response_model_exclude_unset=True,
    responses=problems(),
)
def reconcile(desk: AskDesk, as_of: AsOf = None) -> Document:
    """Hold the bank's deposits against the remittances' payments, to the cent."""
    return desk.ask(lambda book: book.reconcile(as_of=as_of))


@router.post(
    "/reconciliation/ties",
    response_model=TiedDeposit,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def tie_deposit(desk: AskDesk, once: DoOnce, body: TieDeposit) -> Document:
    """Say that a deposit and a remittance are, or are not, the same money."""
    asked = body.model_dump()
    return once.do(asked, lambda: (200, desk.ask(lambda book: book.tie_deposit(**asked))))


@router.post(
    "/reconciliation/set-aside",
    response_model=TiedDeposit,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def set_aside(desk: AskDesk, once: DoOnce, body: SetAside) -> Document:
    """Say that a deposit has no remittance, a remittance no deposit, or a cheque was cashed."""
    asked = body.model_dump()
    return once.do(asked, lambda: (200, desk.ask(lambda book: book.set_deposit_aside(**asked))))
