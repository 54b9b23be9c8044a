"""How a table of opening balances is read, before anything is done with it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from medcollect.sheets import Mapping, Table
from medcollect.tasks.figures import as_text
from medcollect.tasks.import_balances import totals_of
from medcollect.tasks.import_deposits import finding_json
from medcollect.tasks.opening_files import find_openings
from medcollect.tasks.opening_problems import is_fatal
from medcollect.tasks.opening_rows import open_table, read_openings

Row = dict[str, Any]

_ROWS_SHOWN: Final = 5


def preview_balances(
    path: str | Path, *, mapping: Mapping | None = None, stdin: BinaryIO | None = None
) -> Row:
    """Which column is what, the first rows in our words, the sums, and what is wrong.

    Needs no book. Raises NotReadable when the file is missing.
    """
    own = mapping or Mapping()
    found = find_openings(path, stdin)
    brought = read_openings(found.tables, own)
    findings = [finding for told in brought.findings.values() for finding in told]
    return {
        "preview": True,
        "tables": [
            _table(name, open_table(name, file, own)) for name, file in found.tables.items()
        ],
        "claims": brought.claims,
        "credits": len(brought.credits),
        "totals": as_text(totals_of(brought.openings, brought.credits)),
        "readable": not is_fatal(findings),
        "findings": [finding_json(finding) for finding in findings],
    }


def _table(name: str, table: Table) -> Row:
    """One table: its columns, those that are not read, and its first rows."""
    columns = table.columns()
    used = {heading.lower() for heading in columns.values()}
    rows = list(islice(table.rows(), _ROWS_SHOWN))
    return {
        "table": name,
        "columns": [{"column": field, "heading": heading} for field, heading in columns.items()],
        "not_read": [h for h in table.heading if h and h.lower() not in used],
        "rows": [{"line": row.line, "cells": row.cells} for row in rows],
    }
