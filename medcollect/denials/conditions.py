"""The conditions of the denial desk's tables: dated rows that ask for codes and facts of a refusal.

Every table of the desk (rules, root causes, steps, kinds of refusal) has the same columns for its
conditions. An empty one always holds; ``!`` before a list means none of it. Procedures and
diagnoses may be ranges (``99202-99215``) or beginnings (``J``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from medcollect.denials.facts import payers_named
from medcollect.model.policies import is_payer

#: What a refusal gives to the conditions: column to the values it has.
Given = Mapping[str, tuple[str, ...]]

#: The columns that are conditions. The last four are the verdict's as the rows before left it.
COLUMNS: Final = (
    "groups",
    "reasons",
    "remarks",
    "payer_kinds",
    "payers",
    "filing_indicators",
    "forms",
    "procedures",
    "modifiers",
    "diagnoses",
    "places_of_service",
    "frequencies",
    "authorization",
    "acknowledged",
    "filed_in_time",
    "paid_in_part",
    "is_denial",
    "categories",
    "next_actions",
    "routes",
)


class OneOf(msgspec.Struct, frozen=True, gc=False):
    """A condition on codes: at least one of these, or (``negated``) none of them."""

    codes: frozenset[str] = frozenset()
    negated: bool = False

    def holds(self, *given: str) -> bool:
        """Whether the codes given meet the condition; one that names none is always met."""
        return not self.codes or self.codes.isdisjoint(given) == self.negated


_ALWAYS: Final = OneOf()


class Conditions(msgspec.Struct, frozen=True):
    """When a row speaks: its conditions by column, and its first and last day."""

    asked: tuple[tuple[str, OneOf], ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date | None) -> bool:
        """Whether the row held on the day; without a day, whether it still holds."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def hold(self, given: Given, day: date | None) -> bool:
        """Whether the row is in force and every condition of it is met."""
        return self.in_force(day) and all(
            condition.holds(*given[column]) for column, condition in self.asked
        )

    def of(self, column: str) -> OneOf:
        """The condition on one column; one that always holds where the row has none."""
        return next((condition for name, condition in self.asked if name == column), _ALWAYS)


def read_conditions(row: Mapping[str, str]) -> Conditions:
    """Read the conditions of a table's row; columns that the table lacks ask for nothing."""
    asked = ((column, _one_of(row.get(column) or "")) for column in COLUMNS)
    return Conditions(
        asked=tuple((column, condition) for column, condition in asked if condition.codes),
        valid_from=_day(row.get("valid_from") or ""),
        valid_to=_day(row.get("valid_to") or ""),
    )


def asked_in(column: str, rows: Iterable[Conditions]) -> frozenset[str]:
    """Everything that the rows ask for in a column."""
    return frozenset().union(*(row.of(column).codes for row in rows))


@lru_cache(maxsize=1 << 14)
def met_codes(code: str, asked: frozenset[str]) -> tuple[str, ...]:
    """Which of the codes, ranges and beginnings asked for a code falls under."""
    return tuple(sorted(text for text in asked if _covers(text, code))) if code else ()


@lru_cache(maxsize=4096)
def met_payers(payer_name: str, asked: frozenset[str]) -> tuple[str, ...]:
    """Which of the payers asked for a name stands for: by our table, else as in settings."""
    known = {payer for payer, _ in payers_named(payer_name)}
    return tuple(sorted(p for p in asked if p in known or is_payer(p, payer_name)))


def _covers(text: str, code: str) -> bool:
    first, _, last = text.partition("-")
    if not last:
        return code.startswith(text)
    return first <= code[: len(first)] and code[: len(last)] <= last


def _one_of(text: str) -> OneOf:
    return OneOf(frozenset(filter(None, text.removeprefix("!").split(";"))), text.startswith("!"))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
