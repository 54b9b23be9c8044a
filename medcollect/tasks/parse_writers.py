"""Where ``parse`` writes to: JSON lines, a folder of CSV files, a folder of Parquet files.

Every file is written under another name and takes its own only when all is written, so that a
run that breaks off leaves no half table behind; only its owner may read it (``medcollect.saving``).
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from medcollect.errors import NothingDone
from medcollect.money import format_cents
from medcollect.saving import saving, saving_text
from medcollect.tasks.parse_columns import TABLES, Column, Row

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a Parquet table that are gathered before they are written.
_BATCH_ROWS: Final = 50_000


class TableWriter(Protocol):
    """What takes the rows of the tables."""

    def add(self, table: str, row: Row) -> None:
        """Write one row."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: object, error: object, trace: object) -> None: ...


def make_folder(folder: Path) -> None:
    """Make the folder of the tables."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NothingDone(
            f"{folder}: cannot be written ({error.strerror or 'output error'}).",
            "Check the folder, its permissions and its free space.",
        ) from None


class CsvTables:
    """A folder with one CSV file for each table: amounts as ``1.00``, dates as ``2026-01-31``."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._stack = ExitStack()
        self._writers: dict[str, Any] = {}

    def __enter__(self) -> Self:
        for table, columns in TABLES.items():
            stream = self._stack.enter_context(saving_text(self._folder / f"{table}.csv"))
            self._writers[table] = csv.writer(stream, lineterminator="\n")
            self._writers[table].writerow([column.name for column in columns])
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def add(self, table: str, row: Row) -> None:
        """Write one row."""
        columns = TABLES[table]
        self._writers[table].writerow(
            [_csv_text(value, column) for value, column in zip(row, columns, strict=True)]
        )


def _csv_text(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if column.kind == "amount":
        return format_cents(value)
    if column.kind == "flag":
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


class ParquetTables:
    """A folder with one Parquet file for each table: amounts as exact decimals, dates as dates."""

    def __init__(self, folder: Path) -> None:
        try:
            import pyarrow.parquet  # noqa: F401, PLC0415 - an extra, and slow to import
        except ImportError:
            raise NothingDone(
                "Parquet needs the package pyarrow.", "pip install medcollect[bulk]"
            ) from None
        make_folder(folder)
        self._folder = folder
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._writers: dict[str, Any] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq  # noqa: PLC0415

        for table in TABLES:
            path = self._stack.enter_context(saving(self._folder / f"{table}.parquet"))
            self._writers[table] = pq.ParquetWriter(path, _schema(table))
            self._stack.push(partial(self._close, table))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def _close(self, table: str, kind: object, *_: object) -> None:
        """Write what is left of a table, unless something went wrong, and let go of its file."""
        try:
            if kind is None:
                self._flush(table)
        finally:
            self._writers[table].close()

    def add(self, table: str, row: Row) -> None:
        """Take one row; rows are written in batches."""
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= _BATCH_ROWS:
            self._flush(table)

    def _flush(self, table: str) -> None:
        import pyarrow as pa  # noqa: PLC0415

        rows, self._rows[table] = self._rows[table], []
        if not rows:
            return
        schema = _schema(table)
        columns = [
            pa.array([_parquet_value(v, column) for v in values], field.type)
            for values, column, field in zip(
                zip(*rows, strict=True), TABLES[table], schema, strict=True
            )
        ]
        self._writers[table].write_batch(pa.record_batch(columns, schema=schema))


def _schema(table: str) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        "text": pa.string(),
        "code": pa.string(),
        "number": pa.int64(),
        "amount": pa.decimal128(18, 2),
        "date": pa.date32(),
        "flag": pa.bool_(),
    }
    return pa.schema([(column.name, types[column.kind]) for column in TABLES[table]])


def _parquet_value(value: Any, column: Column) -> Any:
    if column.kind == "amount" and value is not None:
        return Decimal(value).scaleb(-2)
    return value
