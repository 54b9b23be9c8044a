"""Figure sheets as JSON, CSV or spreadsheet."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BeforeValidator

from api.days import only_iso
from api.deps import AskDesk, Document
from api.errors import problems
from api.schemas import MovementName, Report, ReportFormat, ReportList, ReportName

router = APIRouter(tags=["reports"])

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_SHOWS = {
    ReportName.aging: "What is open, by age and by whom it is owed.",
    ReportName.patient_balances: "What patients owe, what may be billed, and why not the rest.",
    ReportName.claims: "Every claim with every figure.",
    ReportName.waiting: "Claims that wait for a payer: since when, until when, what to do.",
    ReportName.provider_adjustments: "What payers still mean to take, or have kept.",
    ReportName.denials: "What payers refused, in the order of work.",
    ReportName.patterns: "What payers refuse more often than usual: one fix serves many.",
    ReportName.overturns: "What came of denials: won by count and money, by payer and action.",
    ReportName.root_causes: "Where denials come from, and who could have prevented them.",
    ReportName.no_answer: "Claims beyond their payer's usual time, with the filing limit.",
    ReportName.underpayments: "What payers allowed below contract, or below usual, by payer.",
    ReportName.remittances: "Every payment: what it brought, what is posted, what waits.",
    ReportName.imports: "Every import: what came in, and the id that takes it back.",
    ReportName.patient_payments: "What patients paid, and which claims it pays.",
    ReportName.decisions: "Every decision of a person: who, what and why.",
    ReportName.correspondence: "What payers said besides remittances, and what was asked.",
}

Name = Annotated[ReportName, Path(description="Which report.")]
AsOf = Annotated[
    date | None,
    BeforeValidator(only_iso),
    Query(description="As of this day; else today.", examples=["2026-01-31"]),
]
Since = Annotated[
    date | None,
    BeforeValidator(only_iso),
    Query(
        alias="from",
        description="From this day; else from the first.",
        examples=["2026-01-01"],
    ),
]
Format = Annotated[ReportFormat, Query(description="How to write it.")]


@router.get("/reports", response_model=ReportList, responses=problems())
def list_reports() -> Document:
    """List the reports there are."""
    return {"reports": [{"name": name, "shows": shows} for name, shows in _SHOWS.items()]}


def _files() -> dict[int | str, dict[str, Any]]:
    content = {
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    }
    return {200: {"description": "The report in the format asked for", "content": content}}


@router.get(
    "/reports/{name}",
    response_model=Report,
    response_model_exclude_unset=True,
    responses={**_files(), **problems(404, 409)},
)
def show_report(
    desk: AskDesk,
    name: Name,
    as_of: AsOf = None,
    format: Format = ReportFormat.json,  # noqa: A002
) -> Document | Response:
    """Make a report: a sum of postings, the same figures that claims and balances show."""
    report = desk.ask(lambda book: book.report(name.value, as_of=as_of))
    return report if format is ReportFormat.json else _file(report, name, format)


@router.get(
    "/movements/{name}",
    response_model=Report,
    response_model_exclude_unset=True,
    responses={**_files(), **problems(404, 409)},
)
def show_movements(
    desk: AskDesk,
    name: Annotated[MovementName, Path(description="Which report.")],
    since: Since = None,
    as_of: AsOf = None,
    format: Format = ReportFormat.json,  # noqa: A002
) -> Document | Response:
    """Make a report of what moved between two days; it goes by the day of the ledger."""
    report = desk.ask(lambda book: book.report(name.value, as_of=as_of, since=since))
    return report if format is ReportFormat.json else _file(report, name, format)


def _file(report: Document, name: ReportName | MovementName, format_: ReportFormat) -> Response:
    content, media_type = _as_csv(report) if format_ is ReportFormat.csv else _as_xlsx(report)
    disposition = f'attachment; filename="{name.value}.{format_.value}"'
    headers = {"Content-Disposition": disposition}
    return Response(content, media_type=media_type, headers=headers)


def _as_csv(report: Document) -> tuple[bytes, str]:
    from medcollect.reports.csv_text import to_csv  # noqa: PLC0415 - only when asked for

    return to_csv(report).encode(), CSV


def _as_xlsx(report: Document) -> tuple[bytes, str]:
    from medcollect.reports.spreadsheet import to_xlsx  # noqa: PLC0415 - only when asked for

    return to_xlsx(report), XLSX
