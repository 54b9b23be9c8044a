"""Remittances and claims as pandas tables: ``medcollect.read_tables``.

The columns are those of ``parse --to parquet`` but for amounts, which are whole cents here: a
column ``charge`` is ``charge_cents``, an integer. docs/tables.md is the dictionary.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medcollect.files import FileProblem, InputFile, file_unreadable, find_files
from medcollect.limits import Limits
from medcollect.tasks.frames import Frames
from medcollect.tasks.parse_columns import ROWS, TABLES, Kind
from medcollect.tasks.parse_tables import Rows
from medcollect.x12.reader import table_documents
from medcollect.x12.tables835 import ClaimSums

if TYPE_CHECKING:
    import pandas as pd

#: What each kind of column is in a table.
_TYPES: Final[dict[Kind, str]] = {
    "text": "text",
    "code": "category",
    "number": "whole number",
    "amount": "cents, whole number",
    "date": "date",
    "flag": "true or false",
}


def read_tables(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]], *, limits: Limits | None = None
) -> dict[str, pd.DataFrame]:
    """Read files, folders and archives of 835 and 837 into tables that join.

    Every table of the dictionary is there, empty where the files hold nothing for it. Amounts are
    integers in cents, dates ``datetime64[s]``, codes categories; nothing is a float. Problems in
    the data are rows of ``findings``; ``limits`` bounds what files and archives may ask of us.
    Raises NotReadable when a named path is missing.
    """
    if isinstance(paths, str | PathLike):
        paths = [paths]
    with _no_collector():
        frames = Frames()
        rows = Rows(frames.add)
        for entry in list(find_files(map(Path, paths), limits=limits)):
            _read(entry, rows, frames, limits)
        return {table: frames.frame(table) for table in TABLES}


@contextmanager
def _no_collector() -> Iterator[None]:
    """Gather many small records without looking for cycles, which they cannot have."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(
    entry: InputFile | FileProblem, rows: Rows, frames: Frames, limits: Limits | None
) -> None:
    if isinstance(entry, FileProblem):
        rows.take(entry.label, entry.finding)
        return
    with frames.file(entry.label):
        try:
            with entry.open() as stream:
                for found in table_documents(stream, limits):
                    if isinstance(found, ClaimSums):
                        frames.add_claims(found, rows.take_sums(found))
                    else:
                        rows.take(entry.label, found)
        except OSError as error:
            rows.take(entry.label, file_unreadable(error))


def dictionary() -> str:
    """The dictionary of the tables as Markdown: what docs/tables.md holds."""
    parts = [_INTRODUCTION]
    for table, columns in TABLES.items():
        parts.append(f"## {table}\n\n{ROWS[table]}\n\n| Column | Holds | Means |\n|---|---|---|")
        parts += [
            f"| `{column.name}` | {_TYPES[column.kind]} | {column.means} |" for column in columns
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


_INTRODUCTION: Final = """\
# Tables

What `medcollect parse --to csv`, `--to parquet` and `medcollect.read_tables` give.

```python
tables = medcollect.read_tables(["inbox/"])
lines = tables["service_payments"].merge(
    tables["claim_payments"], on=["file", "transaction", "claim_payment"], suffixes=("", "_claim")
)
```

- **Amounts are exact.** In CSV they are text such as `1234.50`, in Parquet decimals, both under the
  name shown here; `read_tables` gives integers in cents under that name with `_cents` behind it:
  `charge` is `charge_cents`. Nothing is a float.
- **Dates** are `2026-01-31` in CSV, dates in Parquet, `datetime64[s]` in `read_tables`.
- **Categories** are text in CSV and Parquet. Codes stay as they were sent.
- **Gaps.** Text that the file does not have is empty; a number, amount or date is missing.
- **Keys.** `file`, `transaction` and `claim_payment` or `claim`, then `line`, join the tables;
  `segment` is the place in the file.

This page is written by `python -m medcollect.tables`; a test fails when it is stale.
"""


if __name__ == "__main__":
    Path("docs/tables.md").write_text(dictionary(), encoding="utf-8")
