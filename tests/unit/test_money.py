"""Cents from a file's text and back: DESIGN 6, claim_rules.md 7 no. 2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.money import format_cents, format_dollars, parse_cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("100", 10000),
        ("100.", 10000),
        (".5", 50),
        (".50", 50),
        ("-.5", -50),
        ("-12.3", -1230),
        ("100.000", 10000),
        ("100.0000000", 10000),
        ("-0", 0),
        ("0.00", 0),
        ("+80", 8000),
        ("007.10", 710),
        (" 12.34 ", 1234),
        ("1234567890.12", 123456789012),
    ],
)
def test_amounts_as_payers_write_them(text: str, cents: int) -> None:
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "-", "+", "-.", "1.005", "0.001", "1,000", "$5", "1e3", "12.3.4", "--1"),
        *("NaN", "1 000", "5-", "\u0663", "\u00bd", "12345678901234567", "0x10", "1_000"),
    ],
)
def test_what_is_no_whole_number_of_cents_is_none(text: str) -> None:
    """A person decides; nothing is rounded, and digits of other scripts are no amounts."""
    assert parse_cents(text) is None


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_cents_survive_being_written_and_read(cents: int) -> None:
    assert parse_cents(format_cents(cents)) == cents


@pytest.mark.parametrize(
    ("cents", "exact", "shown"),
    [
        (0, "0.00", "0.00"),
        (5, "0.05", "0.05"),
        (-5, "-0.05", "-0.05"),
        (-123456, "-1234.56", "-1,234.56"),
        (100000000, "1000000.00", "1,000,000.00"),
    ],
)
def test_exact_for_scripts_and_grouped_for_people(cents: int, exact: str, shown: str) -> None:
    assert (format_cents(cents), format_dollars(cents)) == (exact, shown)
