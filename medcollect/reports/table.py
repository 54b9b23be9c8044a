"""A report as a table for a terminal, totals below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medcollect.reports.cells import Column, Document, heading, kind_of, shown

if TYPE_CHECKING:
    from rich.table import Table


#: A text column is as wide as its longest value up to this; longer ones are folded.
_TEXT_WIDTH_MAX = 28


#: Columns that a narrow table does without, the first of them first: what is left says who, how
#: much, and what to do. The files have them all.
_DISPENSABLE = (
    "entry_date",
    "recorded_on",
    "reverses",
    "line",
    "payer_rank",
    "payment_method",
    "claim_payments",
    "procedure",
    "decided_on",
    "category",
    "expected_value",
    "service_from",
    "payer_credit",
    "credit",
    "patient_paid",
    "reissued",
    "trace_number",
    "status",
    "paid",
    "written_off",
    "insurance_paid",
    "patient_responsibility",
    "group",
    "account",
    "id",
)


def to_table(report: Document, width: int | None = None) -> Table:
    """The report as a rich table: figures to the right, a footer of totals.

    Where ``width`` is too narrow, columns that matter less are left out and the caption names
    them: a table whose columns are one letter wide helps nobody.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    totals = report.get("totals") or {}
    columns = _fitting(report, width)
    left_out = ", ".join(heading(c).lower() for c in report["columns"] if c not in columns)
    table = Table(
        title=_title(report),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_footer=bool(totals),
        footer_style="bold",
        caption=f"In --format csv, xlsx and json besides: {left_out}" if left_out else None,
        caption_justify="left",
    )
    kinds = [kind_of(column) for column in columns]
    for column, kind in zip(columns, kinds, strict=True):
        table.add_column(
            heading(column),
            Text(shown(totals.get(column["name"]), kind)),
            justify="right" if kind in {"money", "number"} else "left",
            width=_width(column, report),
            overflow="fold",
        )
    for row in report["rows"]:
        cells = zip(columns, kinds, strict=True)
        table.add_row(*[Text(shown(row.get(column["name"]), kind)) for column, kind in cells])
    return table


def _fitting(report: Document, width: int | None) -> list[Column]:
    """The columns that fit side by side: without the dispensable ones, then from the left."""
    columns: list[Column] = list(report["columns"])
    dispensable = [c for name in _DISPENSABLE for c in columns if c["name"] == name]
    while width and len(columns) > 1 and sum(_width(c, report) + 2 for c in columns) > width:
        columns.remove(dispensable.pop(0) if dispensable else columns[-1])
    return columns


def _width(column: Column, report: Document) -> int:
    """As wide as the longest value, and as the longest word of the heading."""
    kind = kind_of(column)
    values = [row.get(column["name"]) for row in report["rows"]]
    values.append((report.get("totals") or {}).get(column["name"]))
    longest = max(len(shown(value, kind)) for value in values)
    if kind == "text":
        longest = min(longest, _TEXT_WIDTH_MAX)
    return max(longest, *(len(word) for word in heading(column).split()))


def _title(report: Document) -> str:
    """``Aging as of 2026-01-31``."""
    name = str(report["report"]).replace("-", " ").capitalize()
    return f"{name} as of {report['as_of']}" if report.get("as_of") else name
