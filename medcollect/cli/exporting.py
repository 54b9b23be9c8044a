"""Lists written to files as well: CSV and spreadsheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medcollect.cli.command import Document


def export(
    make: Callable[[Document], Document], answer: Document, csv: Path | None, xlsx: Path | None
) -> None:
    """Write a list, made a report by ``make``, to the files asked for."""
    if csv is None and xlsx is None:
        return
    from medcollect.reports.csv_text import to_csv
    from medcollect.reports.spreadsheet import to_xlsx
    from medcollect.saving import save

    report = make(answer)
    if csv is not None:
        save(csv, to_csv(report).encode())
    if xlsx is not None:
        save(xlsx, to_xlsx(report))
