"""Money as whole cents: read from a file's text, write for people and scripts.

Cents are Python integers everywhere inside the product; floats are never used.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_AMOUNT: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")

#: More digits than any claim has; longer text is not an amount but a defect.
_DIGITS_MAX: Final = 16


@lru_cache(maxsize=65536)
def parse_cents(text: str) -> int | None:
    """Read an X12 amount such as ``100``, ``.5``, ``-12.3`` or ``100.000`` as whole cents.

    Returns ``None`` when the text is no amount or has a fraction of a cent: the caller reports a
    finding, because a figure that would need rounding goes to a person.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(text) > _DIGITS_MAX:
        return None
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if not whole and not fraction:
        return None
    if fraction[2:].strip("0"):
        return None
    cents = int(whole or "0") * 100 + int(fraction[:2].ljust(2, "0"))
    return -cents if sign == "-" else cents


def format_cents(cents: int) -> str:
    """Write cents as the exact decimal text of the contract: ``-1234`` becomes ``"-12.34"``."""
    sign = "-" if cents < 0 else ""
    whole, fraction = divmod(abs(cents), 100)
    return f"{sign}{whole}.{fraction:02d}"


def format_dollars(cents: int) -> str:
    """Write cents for people, with thousands separators: ``123456`` becomes ``"1,234.56"``."""
    sign = "-" if cents < 0 else ""
    whole, fraction = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{fraction:02d}"
