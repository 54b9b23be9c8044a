"""A report as a table for a terminal, totals below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medcollect.reports.cells import Column, Document, heading, kind_of, shown

if TYPE_CHECKING:
    from rich.table import Table


#: A text column is as wide as its longest value up to this; longer ones are folded.
_TEXT_WIDTH_MAX = 28


def to_table(report: Document, width: int | None = None) -> Table:
    """The report as a rich table: figures to the right, a footer of totals.

    Where ``width`` is too narrow, the last columns are left out and the caption says so: a table
    whose columns are one letter wide helps nobody.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    totals = report.get("totals") or {}
    columns = _fitting(report, width)
    left_out = len(report["columns"]) - len(columns)
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
        caption=f"{left_out} more in --format csv, xlsx and json" if left_out else None,
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
    """The columns from the left that fit side by side."""
    columns: list[Column] = list(report["columns"])
    while width and len(columns) > 1 and sum(_width(c, report) + 2 for c in columns) > width:
        columns.pop()
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
