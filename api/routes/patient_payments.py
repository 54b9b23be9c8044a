"""What patients pay: entered, listed, given back, returned, taken back, or a table of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, UploadFile

from api.deps import AskDesk, Document, PatientPaymentId, PatientPaymentPage
from api.errors import problems
from api.idempotency import DoOnce, with_table
from api.requests import (
    Bounce,
    MappingText,
    NewPayment,
    NewRefund,
    RowCount,
    UndoRequest,
    mapping_table,
)
from api.schemas import (
    Bounced,
    PatientPayment,
    PatientPaymentList,
    PaymentsImported,
    Refunded,
    Undone,
)
from api.uploads import no_other_fields

router = APIRouter(tags=["patient payments"])

Table = Annotated[UploadFile, File(description="A CSV table of payments.")]
DryRun = Annotated[
    Literal["true", "false"], Form(description="true: show where each would go, keep nothing.")
]
Total = Annotated[
    str,
    Form(
        pattern=r"^([0-9]{1,9}(\.[0-9]{2})?)?$",
        description="Refuse the table with another sum.",
        examples=["1920.50"],
    ),
]


def _options(
    mapping: MappingText = "",
    expect_count: RowCount = "",
    expect_total: Total = "",
    dry_run: DryRun = "false",
) -> Document:
    """How a table is to be read, and what it must add up to."""
    return {
        "mapping": mapping_table(mapping),
        "expect_count": int(expect_count) if expect_count else None,
        "expect_total": expect_total or None,
        "dry_run": dry_run == "true",
    }


_TABLE_FIELDS = no_other_fields("table", "mapping", "expect_count", "expect_total", "dry_run")
TableOptions = Annotated[Document, Depends(_options)]


@router.get(
    "/patient-payments",
    response_model=PatientPaymentList,
    response_model_exclude_unset=True,
    responses=problems(),
)
def list_patient_payments(desk: AskDesk, page: PatientPaymentPage) -> Document:
    """List what patients paid."""
    return desk.ask(lambda book: book.patient_payments(page.limit, page.after))


@router.post(
    "/patient-payments",
    response_model=PatientPayment,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def pay(desk: AskDesk, once: DoOnce, body: NewPayment) -> Document:
    """Enter a payment for a claim or an account; says which claims it pays."""
    asked = body.model_dump(mode="json")
    told = body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.pay(**told))))


@router.post(
    "/patient-payments/refunds",
    response_model=Refunded,
    response_model_exclude_unset=True,
    status_code=201,
    responses=problems(400, 404, 409),
)
def refund(desk: AskDesk, once: DoOnce, body: NewRefund) -> Document:
    """Enter money given back to a patient; says out of which payments or claim."""
    asked = body.model_dump(mode="json")
    told = body.model_dump()
    return once.do(asked, lambda: (201, desk.ask(lambda book: book.refund(**told))))


@router.post(
    "/patient-payments/table",
    dependencies=[Depends(_TABLE_FIELDS)],
    response_model=PaymentsImported,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409, 413),
)
def import_payments(desk: AskDesk, once: DoOnce, table: Table, options: TableOptions) -> Document:
    """Take a table of payments in: all of it or, with an error in a row, nothing."""
    return with_table(
        once,
        table,
        options,
        lambda path: desk.ask(lambda book: book.import_payments(path, user="api", **options)),
    )


@router.post(
    "/patient-payments/{id:our_id}/bounce",
    response_model=Bounced,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def bounce(desk: AskDesk, once: DoOnce, id: PatientPaymentId, body: Bounce) -> Document:  # noqa: A002
    """Enter that a payment came back: its claims are open again from that day.

    Or a refund to a patient: it is the patient's credit again from that day.
    """
    asked, told = body.model_dump(mode="json"), body.model_dump()
    return once.do([id, asked], lambda: (200, desk.ask(lambda book: book.bounce(id, **told))))


@router.post(
    "/patient-payments/{id:our_id}/undo",
    response_model=Undone,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409),
)
def undo_payment(
    desk: AskDesk,
    once: DoOnce,
    id: PatientPaymentId,  # noqa: A002
    body: UndoRequest,
) -> Document:
    """Take a payment, or a return, back; refused while a decision rests on it."""
    told: Document = {"with_decisions": body.with_decisions, "reason": body.reason or ""}
    return once.do([id, told], lambda: (200, desk.ask(lambda book: book.undo(id, **told))))
