"""Ask for the rows of many ids or keys with one value, not with one value for each of them.

A list of thousands travels as one JSON text (SQLite) or one array (PostgreSQL): the statement is
always the same, so it is compiled once, and no database limits how long the list is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


def among(column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """The condition that a column of ids or of text has one of these values."""
    is_text = isinstance(column.type, sa.Text)
    return _Among(column, sa.bindparam(None, list(values), _TEXTS if is_text else _NUMBERS))


class _Values(sa.types.TypeDecorator[list[Any]]):
    """Many values as the one that the database is given."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, item: type[sa.types.TypeEngine[Any]]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """An array where the database knows arrays."""
        return ARRAY(self.item) if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: list[Any] | None, dialect: sa.Dialect) -> Any:
        """JSON where it knows none."""
        if dialect.name == "postgresql":
            return value
        return msgspec.json.encode(value).decode()


_NUMBERS, _TEXTS = _Values(sa.BigInteger), _Values(sa.Text)


class _Among(FunctionElement[bool]):
    """``column`` and the values as one parameter."""

    name = "among"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _Among:  # noqa: ARG002 - for AND, OR, NOT alike
        """Itself: put as ``= 1`` for a database without truth values, no index would serve it."""
        return self


@compiles(_Among)
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - our own names


@compiles(_Among, "postgresql")
def _any_of(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{column} = ANY ({values})"
