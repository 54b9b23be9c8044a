"""Open balances as files: a folder of CSV, a workbook of sheets, or one flat table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from medcollect.errors import NotAllowed
from medcollect.reports.csv_text import to_csv
from medcollect.reports.spreadsheet import to_workbook
from medcollect.saving import save

Row = dict[str, Any]

_FLAT = "flat"


def balances_as(tables: list[Row], form: str) -> bytes:
    """The tables as one file: ``xlsx`` with a sheet for each, ``csv`` flat, a row a claim."""
    if form == "xlsx":
        return to_workbook([table for table in tables if table["report"] != _FLAT])
    return to_csv(next(table for table in tables if table["report"] == _FLAT)).encode()


def save_balances(tables: list[Row], output: Path) -> list[str]:
    """Write the tables where the ending says: .xlsx, .csv, else a folder; returns the files.

    Raises NotAllowed where one cannot be written.
    """
    form = output.suffix.lower().removeprefix(".")
    if form in {"xlsx", "csv"}:
        save(output, balances_as(tables, form))
        return [str(output)]
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotAllowed(f"{output} cannot be made ({reason}).", "Name another folder.") from error
    named = {output / f"{table['report']}.csv": table for table in tables}
    for path, table in named.items():
        if table["report"] != _FLAT:
            save(path, to_csv(table).encode())
    return [str(path) for path, table in named.items() if table["report"] != _FLAT]
