"""Tables of prices: rows, what is wrong with them, and terms."""

from __future__ import annotations

from typing import Any

import pytest

from medcollect.contracts.reading import GivenTerms, bases_of, read_prices, terms_of
from medcollect.contracts.terms import Term
from medcollect.errors import BadRequest
from medcollect.sheets import Mapping

HEADING = "procedure,modifiers,place,amount,percent,base,per\n"


def read(text: str, *, is_schedule: bool = False, base: str = "") -> tuple[Any, list[Any]]:
    terms, findings = read_prices(
        HEADING + text, Mapping(), GivenTerms(base=base), is_schedule=is_schedule
    )
    return terms.rows, [(finding.code, finding.segment) for finding in findings]


def test_rows_as_people_write_them() -> None:
    rows, findings = read(
        'g0101,tc; 59,22,"$1,234.50",,,\n992*,,,,110%,Medicare,\n10004-69990,,,,62.5,charge,\n'
        "j1100,,,0.123,,,line\n"
    )
    assert not findings
    assert rows == (
        Term(2, "G0101", ("59", "TC"), "22", "1234.50"),
        Term(3, "992*", percent="110", base="medicare"),
        Term(4, "10004-69990", percent="62.5", base="charge"),
        Term(5, "J1100", amount="0.123", per="line"),
    )
    assert bases_of(terms_of({}).terms) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("99-2,,,1.00,,,", "contract-procedure-unreadable"),
        ("69990-10004,,,1.00,,,", "contract-procedure-unreadable"),
        (",,,1.00,,,", "contract-procedure-unreadable"),
        ("99213,265,,1.00,,,", "contract-field-unreadable"),
        ("99213,,office,1.00,,,", "contract-field-unreadable"),
        ("99213,,,-1.00,,,", "contract-field-unreadable"),
        ("99213,,,ask,,,", "contract-field-unreadable"),
        ("99213,,,1.00,,,dozen", "contract-field-unreadable"),
        ("99213,,,,,,", "contract-price-unclear"),
        ("99213,,,1.00,5,charge,", "contract-price-unclear"),
        ("99213,,,,5,,", "contract-price-unclear"),
        ("", "contract-without-rows"),
    ],
)
def test_what_is_wrong_with_a_row(text: str, code: str) -> None:
    rows, findings = read(text)
    assert not rows
    assert findings[0] == (code, 2 if text else None)


def test_a_row_that_says_another_price_again() -> None:
    rows, findings = read("99213,26 59,,1.00,,,\n99213,59 26,,2.00,,,\n99213,59 26,,1.00,,,\n")
    assert len(rows) == 1
    assert findings == [("contract-row-repeated", 3), ("contract-row-twice", 4)]


def test_a_fee_schedule_has_amounts_only_and_terms_may_name_the_base() -> None:
    assert read("99213,,,,5,charge,", is_schedule=True)[1] == [("contract-price-unclear", 2)]
    assert read("99213,,,,5,,", base="medicare")[0][0].base == "medicare"


def test_terms() -> None:
    given = terms_of(
        {
            "lesser_of_charge": True,
            "sequestration_percent": 2,
            "base": "Medicare",
            "multiple_procedures": {"percents": [100, "50"], "procedures": ["10004-69990"]},
            "modifiers": {"as": "13.6"},
        }
    )
    assert given.base == "medicare"
    assert given.terms.ranking.percents == ("100", "50")
    assert given.terms.modifiers == {"AS": "13.6"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"lesser": True},
        {"sequestration_percent": "two"},
        {"modifiers": {"5": "150"}},
        {"multiple_procedures": {"percents": []}},
        {"multiple_procedures": {"percents": ["100"], "procedures": ["surgery!"]}},
    ],
)
def test_terms_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        terms_of(wrong)
