"""A report as CSV: one header, one line per row, no totals, so that a column can be summed."""

from __future__ import annotations

import csv
import io

from medcollect.reports.cells import Document, harmless, kind_of, plain


def to_csv(report: Document) -> str:
    """The report as CSV text; amounts as ``1234.50``, dates as ``2026-01-31``.

    A text that a spreadsheet would run as a formula is made harmless.
    """
    kinds = {str(column["name"]): kind_of(column) for column in report["columns"]}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(kinds)
    for row in report["rows"]:
        cells = ((plain(row.get(name)), kind) for name, kind in kinds.items())
        writer.writerow([harmless(cell) if kind == "text" else cell for cell, kind in cells])
    return out.getvalue()
