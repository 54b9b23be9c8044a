"""Payers' names and trace numbers as banks write them: cut off, without punctuation, in a text."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

_PUNCTUATION = re.compile(r"[^A-Z0-9 ]+")
#: Words that tell one company from no other.
_COMMON = frozenset(
    {"INC", "LLC", "CO", "CORP", "COMPANY", "THE", "OF", "LTD", "PLAN", "INSURANCE"}
)
#: A batch header's company name has sixteen places (NACHA record 5).
_CUT_LEAST = 10
_ALIKE = 92
_IN_TEXT = 96
_NAME_LEAST = 5
_MARK_MOST = 3


def trace_key(trace: str) -> str:
    """A trace or check number without punctuation, case and leading zeros."""
    return re.sub(r"[^0-9A-Z]", "", trace.upper()).lstrip("0")


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    words = _PUNCTUATION.sub(" ", text.upper()).split()
    return " ".join(word for word in words if word not in _COMMON)


def _marks(name: str) -> set[str]:
    """Short words and numbers: they tell PART A from PART B, and one region from another."""
    return {word for word in name.split() if len(word) <= _MARK_MOST or not word.isalpha()}


def same_payer(payer: str, bank_name: str, description: str) -> bool:
    """Whether the bank's name, or else its text, means this payer; in doubt it does not."""
    wanted, told = _name(payer), _name(bank_name)
    if len(wanted) < _NAME_LEAST:
        return False
    if told:
        if len(told) >= _CUT_LEAST and wanted.startswith(told):
            return True
        alike = fuzz.token_sort_ratio(wanted, told) >= _ALIKE
        return alike and _marks(wanted) == _marks(told)
    text = _name(description)
    return len(text) >= len(wanted) and fuzz.partial_ratio(wanted, text) >= _IN_TEXT
