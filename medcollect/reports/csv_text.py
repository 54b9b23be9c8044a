"""A report as CSV: one header, one line per row, no totals, so that a column can be summed."""

from __future__ import annotations

import csv
import io

from medcollect.reports.cells import Document, harmless, kind_of, plain


def to_csv(report: Document) -> str:
    """The report as CSV text; amounts as ``1234.50``, dates as ``2026-01-31``."""
    columns = report["columns"]
    texts = [kind_of(column) == "text" for column in columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column["name"] for column in columns])
    for row in report["rows"]:
        cells = [plain(row.get(column["name"])) for column in columns]
        writer.writerow(
            [harmless(cell) if text else cell for cell, text in zip(cells, texts, strict=True)]
        )
    return out.getvalue()
