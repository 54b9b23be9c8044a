"""Open balances of another system: how a table is read, taken in, and what is open written out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Response, UploadFile

from api.days import day_of_form
from api.deps import AskDesk, Document
from api.errors import problems
from api.idempotency import DoOnce, with_table
from api.requests import MappingText, mapping_table
from api.routes.reports import CSV, XLSX
from api.schemas import BalancesExported, BalancesImported, BalancesPreview, ReportFormat
from api.uploads import no_other_fields

router = APIRouter(tags=["open balances"])

Table = Annotated[UploadFile, File(description="A CSV table, or a workbook (XLSX).")]
DryRun = Annotated[
    Literal["true", "false"], Form(description="true: show what would post, keep nothing.")
]
Day = Annotated[
    str,
    Form(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        description="The day they were drawn up for; empty for today.",
        examples=["2026-03-31"],
    ),
]
Count = Annotated[
    str,
    Form(
        pattern=r"^[0-9]{0,6}$",
        description="Refuse the table with another number of claims; empty for any.",
        examples=["6"],
    ),
]
Total = Annotated[
    str,
    Form(
        pattern=r"^(-?[0-9]{1,9}(\.[0-9]{2})?)?$",
        description="Refuse the table with another sum of this; empty for any.",
        examples=["285.00"],
    ),
]
Closed = Annotated[bool, Query(description="With claims on which nothing is open.")]
Format = Annotated[ReportFormat, Query(description="How to write it; CSV is one flat table.")]


def _expected(
    expect_count: Count = "",
    expect_total: Total = "",
    expect_charges: Total = "",
    expect_insurance: Total = "",
    expect_patient: Total = "",
) -> Document:
    """What the table must add up to."""
    return {
        "count": int(expect_count) if expect_count else None,
        "total": expect_total or None,
        "charges": expect_charges or None,
        "insurance": expect_insurance or None,
        "patient": expect_patient or None,
    }


def _options(
    expected: Annotated[Document, Depends(_expected)],
    mapping: MappingText = "",
    as_of: Day = "",
    dry_run: DryRun = "false",
) -> Document:
    """How a table is to be read and taken in."""
    return {
        "mapping": mapping_table(mapping),
        "as_of": day_of_form(as_of),
        "expected": expected,
        "dry_run": dry_run == "true",
    }


_PREVIEW_FIELDS = no_other_fields("table", "mapping")
_TABLE_FIELDS = no_other_fields(
    *("table", "mapping", "as_of", "dry_run", "expect_count", "expect_total"),
    *("expect_charges", "expect_insurance", "expect_patient"),
)
Options = Annotated[Document, Depends(_options)]


@router.post(
    "/open-balances",
    dependencies=[Depends(_TABLE_FIELDS)],
    response_model=BalancesImported,
    response_model_exclude_unset=True,
    responses=problems(400, 404, 409, 413),
)
def import_balances(desk: AskDesk, once: DoOnce, table: Table, options: Options) -> Document:
    """Take open balances in: each claim that adds up, once; the others are held with their rows."""
    asked = {**options, "as_of": str(options["as_of"] or "")}
    return with_table(
        once,
        table,
        asked,
        lambda path: desk.ask(lambda book: book.import_balances(path, user="api", **options)),
    )


@router.post(
    "/open-balances/preview",
    dependencies=[Depends(_PREVIEW_FIELDS)],
    response_model=BalancesPreview,
    responses=problems(400, 404, 409, 413),
)
def preview_balances(
    desk: AskDesk, once: DoOnce, table: Table, mapping: MappingText = ""
) -> Document:
    """Show which column is what, and the first rows; nothing is done with them."""
    columns = mapping_table(mapping)
    return with_table(
        once,
        table,
        columns,
        lambda path: desk.ask(lambda book: book.preview_balances(path, mapping=columns)),
    )


def _files() -> dict[int | str, dict[str, Any]]:
    content = {
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    }
    return {200: {"description": "The tables in the format asked for", "content": content}}


@router.get(
    "/open-balances",
    response_model=BalancesExported,
    response_model_exclude_unset=True,
    responses={**_files(), **problems()},
)
def export_balances(
    desk: AskDesk,
    closed: Closed = False,  # noqa: FBT002 - a query parameter
    format: Format = ReportFormat.json,  # noqa: A002
) -> Document | Response:
    """Write what is open as the tables that are taken in."""
    found = desk.ask(lambda book: book.export_balances(closed=closed))
    if format is ReportFormat.json:
        return found
    from medcollect.tasks.save_balances import balances_as  # noqa: PLC0415 - only when asked for

    content = balances_as(found["tables"], format.value)
    media_type = XLSX if format is ReportFormat.xlsx else CSV
    disposition = f'attachment; filename="open-balances.{format.value}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
