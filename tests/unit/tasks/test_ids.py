"""Our own ids as people see them: a letter and at least six digits."""

from __future__ import annotations

import pytest

from medcollect.ids import import_name, name, number_of


@pytest.mark.parametrize("letter", list("IFRPCANXD"))
def test_an_id_says_what_it_is_and_reads_back(letter: str) -> None:
    for number in (1, 999_999, 1_000_000, 123_456_789_012):
        assert number_of(name(letter, number), letter) == number


def test_six_digits_at_least() -> None:
    assert (name("C", 7), import_name(12), name("P", 1_234_567)) == (
        "C000007",
        "I000012",
        "P1234567",
    )


def test_people_type_in_lower_case_and_with_blanks() -> None:
    assert number_of("  c000007 ", "C") == 7


@pytest.mark.parametrize(
    "text",
    [
        *("", "C", "C7", "C00007", "7", "CC000007", "C000007x", "Z000001", "C-00001", "PCN1"),
        *("C\u0660\u0660\u0660\u0660\u0660\u0661", "C" + "9" * 13, "C000007\nX", "C 000007"),
    ],
)
def test_other_text_is_no_id(text: str) -> None:
    assert number_of(text, "IFRPCANXD") is None


def test_another_kind_of_id_is_not_taken() -> None:
    assert number_of("R000001", "C") is None
