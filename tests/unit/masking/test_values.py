"""Replacements: alike under one key, told apart, and in the shape that readers look at."""

from __future__ import annotations

import itertools
import random

import pytest

from medcollect.codes.forms import is_npi
from medcollect.matching.keys import number_key
from medcollect.x12.mask_values import Replacer

ONE, OTHER = Replacer("one key"), Replacer("another key")
NUMBERS = [
    *(f"PCN{n:07d}" for n in range(300)), *(f"{n:05d}" for n in range(1, 300)),
    *(f"{n}" for n in range(100_000_000, 100_000_300)),
]  # fmt: skip


@pytest.mark.parametrize(
    "value", ["PCN-0012", "W123456789", "999999999", "1234567893", "77", "a1B2c3D4"]
)
def test_the_key_decides(value: str) -> None:
    assert ONE.number(value) == Replacer("one key").number(value) != value
    assert ONE.number(value) != OTHER.number(value)


def test_different_numbers_stay_different() -> None:
    assert len(set(map(ONE.number, NUMBERS))) == len(NUMBERS)


@pytest.mark.parametrize("length", range(14, 25))
def test_a_number_that_a_payer_cut_off_is_still_the_beginning(length: int) -> None:
    whole = "AB12CD34EF56GH78JK90LM12"
    assert ONE.number(whole).startswith(ONE.number(whole[:length]))


@pytest.mark.parametrize("number", ["ab-1234/56", "000PCN44556", "0012345678901", "0077"])
def test_what_payers_change_about_a_number_makes_no_difference(number: str) -> None:
    returned = number.upper().replace("-", "").replace("/", "").lstrip("0")
    assert number_key(ONE.number(number)) == number_key(ONE.number(returned))


def test_an_npi_stays_an_npi_and_a_wrong_one_stays_wrong() -> None:
    choose = random.Random(7)
    numbers = [f"{choose.choice('12')}{choose.randrange(10**9):09d}" for _ in range(3000)]
    for number in numbers:
        assert is_npi(ONE.number(number)) == is_npi(number)
    assert any(map(is_npi, numbers))


@pytest.mark.parametrize("number", ["", "0", "000", "-", " "])
def test_no_number_stays_no_number(number: str) -> None:
    assert ONE.number(number) == number


def test_a_tax_id_keeps_its_signs_and_its_digits() -> None:
    other = ONE.number("12-3456789")
    assert (len(other), other[2], other.replace("-", "").isdigit()) == (10, "-", True)


def test_names_are_replaced_word_by_word() -> None:
    whole, word = ONE.name("Muster-Beispiel Anna"), ONE.name("ANNA")
    assert whole.upper().endswith(word)
    assert ONE.name("O'NEIL") == ONE.name("ONEIL")
    assert ONE.name("anna") == word.lower()
    assert len({ONE.name(f"NAME{n}") for n in range(2000)}) == 2000


def test_dates_move_together_and_keep_their_weekday() -> None:
    from datetime import date

    first, second = (date.fromisoformat(ONE.date(d)) for d in ("20250101", "20250131"))
    assert (second - first).days == 30
    assert first < date(2025, 1, 1)
    assert first.weekday() == date(2025, 1, 1).weekday()
    assert ONE.date("20250101-20250131") == f"{first:%Y%m%d}-{second:%Y%m%d}"
    assert ONE.date("250101") == f"{first:%y%m%d}"
    assert ONE.date("202501011530") == f"{first:%Y%m%d}1530"


@pytest.mark.parametrize("value", ["20251301", "00010101", "NEXT WEEK", "99999999"])
def test_what_is_no_date_becomes_text(value: str) -> None:
    other = ONE.date(value)
    assert len(other) == len(value)
    assert not any(map(str.isdigit, other))


def test_free_text_leaves_nothing_but_its_length() -> None:
    text = "CALL ANNA MUSTER AT 555-0100"
    other = ONE.text(text)
    assert len(other) == len(text)
    assert not set(other.split()) & set(text.split())
    assert ONE.text(text) == other != ONE.text(text + "1")[: len(text)]


def test_postal_codes_lie_where_nobody_lives() -> None:
    assert ONE.postal("62701").startswith("00")
    assert len(ONE.postal("627010000")) == 9
    assert ONE.postal("62701")[:5] == ONE.postal("627019999")[:5]


def test_phones_stay_phones() -> None:
    other = ONE.phone("(555) 010-0123")
    assert [c for c in other if not c.isdigit()] == list("() -")
    assert other != "(555) 010-0123"


def test_a_short_number_gets_one_that_nobody_else_has() -> None:
    """Otherwise the replacement of one would often be another's original."""
    short = ["".join(digits) for digits in itertools.product("123456789", repeat=3)]
    assert not set(map(ONE.number, short)) & set(short)
