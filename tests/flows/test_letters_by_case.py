"""One letter is about one case: nothing of another case in it, nothing of its own left out."""

from __future__ import annotations

import io
from typing import Any

import docx  # type: ignore[import-untyped]
import pytest

from tests.flows.money.office import HARBOR, PLAIN, Office, answer, claim, later, service
from tests.support.specs import Line, usd

LINES = (Line("99213", usd("100")), Line("93000", usd("60")), Line("71046", usd("40")))


@pytest.fixture
def office(either_office: Office) -> Office:
    return either_office


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


def test_two_answers_of_one_case_are_one_letter(office: Office) -> None:
    """Each answer with its lines and its remittance; the limit is the one that ends first."""
    office.bill(claim("PCN1", *LINES))
    one = service("99213", "100", "0", "CO-50 100")
    two = service("93000", "60", "0", "CO-50 60")
    office.pay(answer("PCN1", "1", one, control_number="ICN1"), trace="CHECK1")
    office.pay(answer("PCN1", "1", two, control_number="ICN2"), days=20, trace="CHECK2")
    rows = office.book.denials()["denials"]
    assert len({row["case"] for row in rows}) == 1
    (letter,) = letters(office)
    assert (len(letter["denials"]), letter["amount"]) == (2, "160.00")
    assert letter["deadline"] == min(row["deadline"] for row in rows)
    exhibits = [text for text in letter["enclosures"] if "remittance advice" in text]
    assert ["CHECK1" in exhibits[0], "CHECK2" in exhibits[1]] == [True, True]
    told = docx.Document(io.BytesIO(office.book.letter_file(rows[1]["id"], "docx")))
    cells = [cell.text for table in told.tables for row in table.rows for cell in row.cells]
    assert {"99213", "93000", "$160.00"} <= set(cells)
    assert {"ICN1 and ICN2", "ICN2 and ICN1"} & set(cells)
    sent = office.book.letter_sent(rows[0]["id"], means="fax", sent_on=later(25), user="kim")
    assert sent["amount"] == "160.00"


def test_what_waits_for_an_answer_at_the_level_gets_no_second_letter(office: Office) -> None:
    office.bill(claim("PCN1", *LINES))
    office.pay(refused("CO-50", "CO-197", "CO-50"))
    rows = office.book.denials()["denials"]
    denial = next(row["id"] for row in rows if row["reason"] == "50")
    office.book.letter_sent(denial, means="fax", sent_on=later(5), user="kim")
    told = office.book.letters(dry_run=True, anyway=True)
    assert [letter["reason"] for letter in told["letters"]] == ["197"]
    assert (told["skipped_count"], told["already_appealed"]) == (1, 1)
    assert f"level 1 on {later(5)}" in told["skipped"][0]["message"]
    assert office.book.letter(denial)["amount"] == "140.00"
    second = office.book.letters(dry_run=True, anyway=True, level="second_level")
    assert [letter["reason"] for letter in second["letters"]].count("50") == 1
    lost = {"result": "lost", "reason": "upheld", "user": "kim"}
    office.book.work_denial(denial, "outcome", day=later(40), **lost)
    assert office.book.letters(dry_run=True, anyway=True)["already_appealed"] == 0


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
