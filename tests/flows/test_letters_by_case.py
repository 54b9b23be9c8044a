"""One letter is about one case: nothing of another case in it, nothing of its own left out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx  # type: ignore[import-untyped]
import pytest

import medcollect
from tests.flows.money.office import HARBOR, PLAIN, Office, answer, claim, later, service
from tests.support.specs import Line, usd

LINES = (Line("99213", usd("100")), Line("93000", usd("60")), Line("71046", usd("40")))


@pytest.fixture
def office(book_url: str, tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    opened.book.close()
    opened.book = medcollect.open_book(book_url)
    yield opened
    opened.book.close()


def letters(office: Office, **options: Any) -> list[dict[str, Any]]:
    return list(office.book.letters(dry_run=True, anyway=True, **options)["letters"])


def refused(*adjustments: str, payer_number: str = "ICN1", status: str = "1") -> Any:
    codes = ("99213", "93000", "71046")
    charges = ("100", "60", "40")
    services = [
        service(code, charge, "0", f"{adjustment} {charge}")
        for code, charge, adjustment in zip(codes, charges, adjustments, strict=True)
    ]
    return answer("PCN1", status, *services, control_number=payer_number)


def test_amounts_of_one_case_under_two_groups_are_one_letter(office: Office) -> None:
    office.bill(claim("PCN1", *LINES))
    office.pay(refused("CO-50", "PI-50", "CO-50"))
    (letter,) = letters(office)
    ids = [row["id"] for row in office.book.denials()["denials"]]
    assert sorted(letter["denials"]) == sorted(ids)
    assert letter["amount"] == "200.00"
    (case,) = {office.book.denial(identifier)["id"] for identifier in ids}
    sent = office.book.letter_sent(ids[0], means="fax", sent_on=later(5), user="kim")
    assert (sent["amount"], sent["case_step"]["denial"]) == ("200.00", case)
    assert office.book.denial(case)["state"] == "appealed"


def test_two_cases_of_one_answer_are_two_letters(office: Office) -> None:
    office.bill(claim("PCN1", *LINES))
    office.pay(refused("CO-50", "CO-197", "CO-50"))
    found = {letter["reason"]: letter for letter in letters(office)}
    assert {reason: letter["amount"] for reason, letter in found.items()} == {
        "50": "140.00",
        "197": "60.00",
    }
    one = found["197"]["denials"][0]
    office.book.letter_sent(one, means="fax", sent_on=later(5), user="kim")
    other = office.book.denial(found["50"]["denials"][0])
    assert (office.book.denial(one)["state"], other["state"]) == ("appealed", "new")
    assert not any("already" in note for note in letters(office)[0]["notes"])


def test_every_code_of_the_case_is_told_in_words(office: Office) -> None:
    office.bill(claim("PCN1", *LINES))
    office.pay(refused("CO-50", "PR-50", "CO-50"))
    (letter,) = letters(office)
    assert letter["amount"] == "200.00"
    told = docx.Document(io.BytesIO(office.book.letter_file(letter["denials"][0], "docx")))
    said = [paragraph.text for paragraph in told.paragraphs]
    assert [text[:5] for text in said if text.startswith(("CO-50 ", "PR-50 "))] == [
        "CO-50",
        "PR-50",
    ]


def test_what_is_to_be_sent_anew_is_not_argued_in_an_appeal(office: Office) -> None:
    """A remark makes the next move of one line another one: nothing of it is appealed."""
    office.bill(claim("PCN1", *LINES[:2]))
    lines = (
        service("99213", "100", "0", "CO-50 100"),
        service("93000", "60", "0", "CO-50 60", remarks=("MA130",)),
    )
    office.pay(answer("PCN1", "1", *lines, control_number="ICN1"))
    assert sorted(letter["amount"] for letter in letters(office)) == ["100.00", "60.00"]


def test_a_letter_to_one_payer_is_no_earlier_letter_to_another(office: Office) -> None:
    office.bill(claim("PCN1", *LINES, payers=(PLAIN, HARBOR)))
    office.pay(refused("CO-50", "CO-50", "CO-50"))
    office.pay(
        refused("CO-50", "CO-50", "CO-50", payer_number="H1", status="2"), payer=HARBOR, days=9
    )
    rows = {row["payer"]: row["id"] for row in office.book.denials(status="all")["denials"]}
    plain, harbor = rows[PLAIN.name], rows[HARBOR.name]
    office.book.letter_sent(plain, means="fax", tracking="F-1", sent_on=later(12), user="kim")
    again = office.book.letter(harbor, anyway=True)
    assert not [text for text in again["enclosures"] if "F-1" in text]
    assert not [note for note in again["notes"] if "already" in note]
