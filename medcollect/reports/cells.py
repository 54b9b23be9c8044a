"""The kinds of columns, and a value of each kind as text or as a real number or date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from medcollect.money import format_dollars, parse_cents

Document = dict[str, Any]
Column = Mapping[str, Any]
Kind = Literal["money", "date", "number", "text"]

#: How a column's type in a report is shown. Types that are not here are text.
_KINDS: dict[str, Kind] = {
    "money": "money",
    "amount": "money",
    "date": "date",
    "number": "number",
    "integer": "number",
    "count": "number",
    "days": "number",
}

#: A text that begins so is a formula to a spreadsheet; a file of a stranger must not bring one in.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


#: The age buckets of a report: ``days_0_30``, ``days_over_120``.
_DAYS = re.compile(r"^days_(\d+_\d+|over_\d+)$")


def kind_of(column: Column) -> Kind:
    """What kind of values a column holds."""
    return _KINDS.get(str(column.get("type", "")), "text")


def _bucket(match: re.Match[str]) -> str:
    return f"{match[1].replace('over_', 'over ').replace('_', '-')} days"


def heading(column: Column) -> str:
    """A column's name for people: ``Patient due``, ``0-30 days``."""
    name = _DAYS.sub(_bucket, str(column["name"]))
    return name.replace("_", " ").capitalize()


def plain(value: object) -> str:
    """Any value as one line of text: lists joined, nothing for ``None``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(plain(item) for item in value)
    return str(value)


def shown(value: object, kind: Kind) -> str:
    """A value for people: money with thousands separators, everything else as it stands."""
    text = plain(value)
    cents = parse_cents(text) if kind == "money" else None
    return text if cents is None else format_dollars(cents)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: such a one gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def exact(value: object) -> Decimal | None:
    """A number as Decimal, or ``None`` where there is none."""
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def day(value: object) -> date | None:
    """A date of a report (``2026-01-31``), or ``None`` where there is none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
