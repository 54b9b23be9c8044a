"""The part of ``medcollect.toml`` about tables that people bring: which column is what.

A mapping that stands here is taken wherever none is given with the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from medcollect.bank.payment_table import PAYMENT_FIELDS
from medcollect.bank.table import DEPOSIT_FIELDS
from medcollect.errors import BadRequest
from medcollect.model.opening_columns import FIELDS as BALANCE_FIELDS
from medcollect.settings.sections import Line, Section
from medcollect.sheets import Mapping, mapping_of

_Heading = Annotated[Line, Field(min_length=1)]
#: A day that a way to write days must give back as it was.
_SOME_DAY = datetime(2026, 3, 14, tzinfo=UTC)


class TableMapping(Section):
    """How one kind of table is read."""

    our_columns: ClassVar[frozenset[str]]
    columns: dict[str, _Heading] = Field(default={})
    date_format: Annotated[str, Field(max_length=40)] = ""
    delimiter: str = ""
    skip_lines: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    sheet: Annotated[str, Field(max_length=100)] = ""
    values: dict[str, dict[str, str]] = Field(default={})

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        _insist_on_known((*self.columns, *self.values), self.our_columns)
        if self.date_format and not _gives_days_back(self.date_format):
            message = 'date_format must have day, month and year, such as "%m/%d/%Y"'
            raise ValueError(message)
        try:
            self.mapping()
        except BadRequest as error:
            raise ValueError(error.action.rstrip(".")) from error
        return self

    def mapping(self) -> Mapping:
        """The mapping as tables are read by it."""
        return mapping_of(self.model_dump())


def _insist_on_known(named: Iterable[str], fields: Iterable[str]) -> None:
    unknown = sorted(set(named) - set(fields))
    if unknown:
        known = ", ".join(sorted(fields))
        message = f"there is no column {unknown[0]} of ours; there are {known}"
        raise ValueError(message)


def _gives_days_back(date_format: str) -> bool:
    """Whether a day written this way can be read again."""
    text = _SOME_DAY.strftime(date_format)
    try:
        return datetime.strptime(text, date_format).date() == _SOME_DAY.date()  # noqa: DTZ007
    except ValueError:
        return False


class DepositMapping(TableMapping):
    """A bank's table of deposits."""

    our_columns = frozenset(DEPOSIT_FIELDS)


class PaymentMapping(TableMapping):
    """A table of patients' payments."""

    our_columns = frozenset(PAYMENT_FIELDS)


class BalanceMapping(TableMapping):
    """Tables of open balances; ``tables`` has columns of single tables."""

    our_columns = frozenset(field for fields in BALANCE_FIELDS.values() for field in fields)
    tables: dict[str, dict[str, _Heading]] = Field(default={})

    @model_validator(mode="after")
    def _tables_are_known(self) -> Self:
        _insist_on_known(self.tables, BALANCE_FIELDS)
        for name, columns in self.tables.items():
            _insist_on_known(columns, BALANCE_FIELDS[name])
        return self


class Mappings(Section):
    """Which column is what, by kind of table."""

    deposits: DepositMapping | None = None
    payments: PaymentMapping | None = None
    open_balances: BalanceMapping | None = None

    def mappings(self) -> dict[str, Mapping]:
        """The mappings that are given, by the kind of table."""
        kinds = (getattr(self, kind) for kind in type(self).model_fields)
        given = zip(type(self).model_fields, kinds, strict=True)
        return {kind: one.mapping() for kind, one in given if one is not None}
