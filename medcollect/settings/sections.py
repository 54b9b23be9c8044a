"""What the tables of ``medcollect.toml`` are made of: amounts, days, payers, and rules for them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from medcollect.money import parse_cents


def _cents(value: object) -> object:
    """An amount written as text (or as a number without quotes, which arrives as text)."""
    cents = parse_cents(str(value)) if isinstance(value, str | int) else None
    if cents is None or cents < 0 or isinstance(value, bool):
        message = 'it must be an amount such as "5.00"'
        raise ValueError(message)
    return cents


Cents = Annotated[int, BeforeValidator(_cents)]
Days = Annotated[int, Field(ge=1, le=730)]
Payer = Annotated[str, Field(max_length=80, pattern=r"^[^*]*[A-Za-z0-9][^*]*\*?$|^\*$")]
Line = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ForPayer(Section):
    """A rule for a payer and, where given, for payments from one day to another."""

    name: Name | None = None
    payer: Payer
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.until < self.since:
            message = "until must not be before since"
            raise ValueError(message)
        return self


def for_payer(table: str, number: int, rule: ForPayer) -> dict[str, Any]:
    """Name, payer and days of a rule; one without a name is called by its place."""
    return {
        "name": rule.name or f"{table}.{number}",
        "payer": rule.payer,
        "since": rule.since,
        "until": rule.until,
    }
