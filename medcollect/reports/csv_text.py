"""CSV: one header, one line per row, no totals, so that a column can be summed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from medcollect.reports.cells import Document, Kind, harmless, kind_of, plain


def to_csv(report: Document) -> str:
    """A report as CSV text; amounts as ``1234.50``, dates as ``2026-01-31``."""
    out = io.StringIO()
    kinds = {str(column["name"]): kind_of(column) for column in report["columns"]}
    write_rows(out, kinds, report["rows"])
    return out.getvalue()


def write_rows(out: TextIO, kinds: Mapping[str, Kind], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows one by one; a text that a spreadsheet would run as a formula is made harmless."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(kinds)
    for row in rows:
        cells = ((plain(row.get(name)), kind) for name, kind in kinds.items())
        writer.writerow([harmless(cell) if kind == "text" else cell for cell, kind in cells])
