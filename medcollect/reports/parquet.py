"""Flat documents as Parquet: amounts as exact decimals, dates as dates. Needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from medcollect.errors import NothingDone
from medcollect.reports.cells import Kind
from medcollect.reports.documents import FLAT_COLUMNS, Row

#: Rows of one row group: enough to compress well, little enough to hold in memory.
_ROWS_PER_GROUP: Final = 50_000


def write_parquet(rows: Iterable[Row], path: Path) -> int:
    """Write flat rows to a Parquet file and say how many they were.

    Raises NothingDone when pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetWriter
    except ImportError as error:
        message = "Parquet needs pyarrow, which is not installed."
        raise NothingDone(message, "pip install 'medcollect[bulk]'") from error
    types: dict[Kind, Any] = {
        "text": arrow.string(),
        "number": arrow.int64(),
        "date": arrow.date32(),
        "money": arrow.decimal128(18, 2),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in FLAT_COLUMNS.items()])
    written = 0
    with ParquetWriter(path, schema) as writer:
        for group in _groups(iter(rows)):
            writer.write_table(arrow.table(_columns(group), schema=schema))
            written += len(group)
    return written


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """The rows in groups that fit into memory."""
    while group := list(islice(rows, _ROWS_PER_GROUP)):
        yield group


def _columns(rows: list[Row]) -> dict[str, list[Any]]:
    """Rows turned into columns, amounts as decimals."""
    return {
        name: [_cell(row.get(name), kind) for row in rows] for name, kind in FLAT_COLUMNS.items()
    }


def _cell(value: Any, kind: Kind) -> Any:
    return Decimal(value) if kind == "money" and value is not None else value
