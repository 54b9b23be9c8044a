"""Rows and columns of the tables gathered file by file, and made into typed data frames.

Most claim payments come as columns of a whole batch (``medcollect.x12.tables835``), everything
else as rows. Within a file both stand in the order of their segments.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from medcollect.tasks.parse_columns import TABLES, Column, Kind, Row
from medcollect.x12.tables835 import ClaimSums, Coded, Numbers, TableBatch
from medcollect.x12.texts import Texts, one_after_other, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What of a table was gathered: its columns, each of its kind.
_Piece = list[Any]

#: The tables that come as columns, and the place of their column ``segment``.
_BY_COLUMN: Final = ("claim_payments", "service_payments", "adjustments", "remarks")
_SEGMENT: Final = 2


class Frames:
    """Gathers the rows of all tables in file order."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._pieces: dict[str, list[_Piece]] = {table: [] for table in TABLES}
        #: Of the file at hand: the batches that came as columns, the transaction of each claim.
        self._batches: list[tuple[TableBatch, NDArray[np.int64]]] = []

    def add(self, table: str, row: Row) -> None:
        """Take a row."""
        self._rows[table].append(row)

    def add_claims(self, sums: ClaimSums, transaction: int) -> None:
        """Take the rows of claim payments of one transaction that came as columns."""
        batch = sums.batch
        if not self._batches or self._batches[-1][0] is not batch:
            self._batches.append((batch, np.zeros(batch.claims, np.int64)))
        self._batches[-1][1][sums.begin : sums.end] = transaction

    @contextmanager
    def file(self, label: str) -> Iterator[None]:
        """What is added within is of this file."""
        done = {table: len(self._rows[table]) for table in _BY_COLUMN}
        yield
        if not self._batches:
            return
        for table in _BY_COLUMN:
            rows = self._rows[table]
            of_file = rows[done[table] :]
            del rows[done[table] :]
            self._rows_done(table)
            self._pieces[table].append(self._piece(table, label, of_file))
        self._batches = []

    def _rows_done(self, table: str) -> None:
        """Make a piece of the rows so far."""
        if self._rows[table]:
            self._pieces[table].append(_of_rows(TABLES[table], self._rows[table]))
            self._rows[table] = []

    def _piece(self, table: str, label: str, rows: list[Row]) -> _Piece:
        """The rows of a file that came as columns and those that came one by one, in order."""
        columns = TABLES[table]
        pieces = [_of_batch(*batch, table, label) for batch in self._batches]
        if not rows:
            return _joined(columns, pieces)
        piece = _joined(columns, [*pieces, _of_rows(columns, rows)])
        order = np.argsort(piece[_SEGMENT].numbers, kind="stable")
        return [_taken(column, order) for column in piece]

    def frame(self, table: str) -> pd.DataFrame:
        """The table, whose rows are given out of hand."""
        self._rows_done(table)
        columns = TABLES[table]
        piece = _joined(columns, self._pieces.pop(table) or [_of_rows(columns, [])])
        return pd.DataFrame(
            {
                column_name(column): _array(column.kind, cells)
                for column, cells in zip(columns, piece, strict=True)
            },
            copy=False,
        )


def column_name(column: Column) -> str:
    """The name of a column in a table: amounts say that they are cents."""
    return f"{column.name}_cents" if column.kind == "amount" else column.name


def _of_batch(batch: TableBatch, transactions: NDArray[np.int64], table: str, label: str) -> _Piece:
    """The rows of a batch, but for those of claims that came one by one."""
    part = batch.parts[table]
    numbers = transactions[part.claims]
    file = Coded([label], np.zeros(len(numbers), np.intp))
    piece = [file, Numbers(numbers, np.zeros(len(numbers), np.bool_)), *part.columns]
    if numbers.all():
        return piece
    kept = np.flatnonzero(numbers)
    return [_taken(column, kept) for column in piece]


def _of_rows(columns: tuple[Column, ...], rows: list[Row]) -> _Piece:
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return [
        _of_cells(column.kind, list(cells)) for column, cells in zip(columns, values, strict=True)
    ]


def _of_cells(kind: Kind, cells: list[Any]) -> Any:
    if kind == "text":
        return cells
    if kind == "code":
        return Coded(*_different(cells))
    if kind == "date":
        days, places = _different(cells)
        return np.array(days, "datetime64[D]")[places]
    if kind == "flag":
        return np.array(cells, np.bool_)
    if None not in cells:
        return Numbers(np.array(cells, np.int64), np.zeros(len(cells), np.bool_))
    gaps = np.fromiter((cell is None for cell in cells), np.bool_, len(cells))
    return Numbers(np.array([cell or 0 for cell in cells], np.int64), gaps)


def _different(cells: list[Any]) -> tuple[list[Any], NDArray[np.intp]]:
    """The different cells, and which of them each is."""
    numbers = {cell: number for number, cell in enumerate(dict.fromkeys(cells))}
    return list(numbers), np.fromiter(map(numbers.__getitem__, cells), np.intp, len(cells))


def _joined(columns: tuple[Column, ...], pieces: list[_Piece]) -> _Piece:
    """One piece after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return [
        _one_after_other(column.kind, parts)
        for column, parts in zip(columns, zip(*pieces, strict=True), strict=True)
    ]


def _one_after_other(kind: Kind, parts: tuple[Any, ...]) -> Any:
    if kind == "text":
        if any(isinstance(part, Texts) for part in parts):
            return one_after_other([p if isinstance(p, Texts) else texts_of(p) for p in parts])
        return list(chain.from_iterable(parts))
    if kind in {"date", "flag"}:
        return np.concatenate(parts)
    if kind == "code":
        sizes = np.cumsum([0, *(len(part.texts) for part in parts)]).tolist()
        places = [part.places + before for part, before in zip(parts, sizes, strict=False)]
        return Coded([text for part in parts for text in part.texts], np.concatenate(places))
    return Numbers(*map(np.concatenate, zip(*parts, strict=True)))


def _taken(column: Any, rows: NDArray[np.intp]) -> Any:
    """Some rows of a column, in this order."""
    if isinstance(column, Texts):
        return column.taken(rows)
    if isinstance(column, Coded):
        return Coded(column.texts, column.places[rows])
    if isinstance(column, Numbers):
        return Numbers(column.numbers[rows], column.gaps[rows])
    return column[rows]


def _array(kind: Kind, column: Any) -> Any:
    """One column with its type, the same whether it has gaps or not."""
    if kind == "text":
        return _texts(column)
    if kind == "code":
        return _categories(column)
    if kind == "date":
        return column.astype("datetime64[s]")
    return column if kind == "flag" else pd.arrays.IntegerArray(column.numbers, column.gaps)


def _texts(cells: list[str] | Texts) -> Any:
    """Text, by the shortest way where pandas keeps it in Arrow."""
    dtype = pd.array([], dtype="str").dtype
    if getattr(dtype, "storage", "") != "pyarrow":
        return pd.array(cells.strings() if isinstance(cells, Texts) else cells, dtype="str")
    import pyarrow as pa  # noqa: PLC0415 - not everybody has it

    if isinstance(cells, Texts):
        bounds, data = map(pa.py_buffer, (cells.offsets(), np.ascontiguousarray(cells.data)))
        return dtype.__from_arrow__(
            pa.LargeStringArray.from_buffers(len(cells.sizes), bounds, data)
        )
    return dtype.__from_arrow__(pa.array(cells, type=pa.large_string()))


def _categories(column: Coded) -> Any:
    """Codes are few: number those that occur in the order of their text."""
    used = np.bincount(column.places, minlength=len(column.texts)).tolist()
    names = sorted({text for text, count in zip(column.texts, used, strict=True) if count})
    numbers = {name: number for number, name in enumerate(names)}
    places = np.array([numbers.get(text, -1) for text in column.texts], np.int32)
    codes = places[column.places] if len(places) else np.zeros(0, np.int32)
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))
