"""A report as a table for a terminal, totals below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medcollect.reports.cells import Document, heading, kind_of, shown

if TYPE_CHECKING:
    from rich.table import Table


def to_table(report: Document, title: str | None = None) -> Table:
    """The report as a rich table: figures to the right, texts folded, a footer of totals."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    totals = report.get("totals") or {}
    table = Table(
        title=_title(report) if title is None else title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_footer=bool(totals),
        footer_style="bold",
    )
    kinds = [kind_of(column) for column in report["columns"]]
    for column, kind in zip(report["columns"], kinds, strict=True):
        table.add_column(
            heading(column),
            Text(shown(totals.get(column["name"]), kind)),
            justify="right" if kind in {"money", "number"} else "left",
            overflow="fold",
            no_wrap=kind in {"money", "date", "number"},
        )
    for row in report["rows"]:
        cells = zip(report["columns"], kinds, strict=True)
        table.add_row(*[Text(shown(row.get(column["name"]), kind)) for column, kind in cells])
    return table


def _title(report: Document) -> str:
    """``Aging as of 2026-01-31``."""
    name = str(report["report"]).replace("-", " ").capitalize()
    return f"{name} as of {report['as_of']}" if report.get("as_of") else name
