"""A case after a lost appeal goes on at the next level; a repeated refusal moves no clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.errors import NotAllowed
from tests.support.book_state import differences, state_of
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Answer, Claim, Coverage, Line, Payer, Person, Remit, Service

AVA = Person("TESTER", "AVA", date(1960, 5, 4), "F")
MEDICARE = Payer("GREAT MEDICARE PART B", "MEDB1", "112233445", filing="MB", plan="MB")
CIGNA = Payer("CIGNA", "62308", "112233446")
SERVED, REFUSED, SENT, DECIDED = (
    date(2026, 2, 1),
    date(2026, 3, 2),
    date(2026, 6, 1),
    date(2026, 9, 15),
)


def billed(payer: Payer, frequency: str = "1", day: date = date(2026, 2, 9)) -> str:
    coverage = (Coverage(payer, "M1"),)
    told = Claim("KK1", AVA, coverage, (Line("99214", 60000),), SERVED, frequency=frequency)
    return build_837([told], Envelope(day=day, control=day.toordinal() % 9999))


def refused(payer: Payer, day: date, paid: int = 0) -> str:
    cas = (("CO", "50", 60000 - paid),)
    services = (Service("99214", 60000, paid, cas, day=SERVED),)
    told = Answer("KK1", "1", 60000, paid, 0, services, control_number="P1", patient=AVA)
    envelope = Envelope(day=day, control=day.toordinal() % 9999)
    return build_835([Remit(payer, f"T{day:%y%m%d}", day, (told,))], envelope)


class Office:
    """A book, and files that come into it."""

    def __init__(self, book: Any, folder: Path) -> None:
        self.book, self.folder, self.count = book, folder, 0

    def bring(self, *texts: str) -> None:
        for text in texts:
            self.count += 1
            path = self.folder / f"{self.count}.edi"
            path.write_text(text, encoding="ascii", newline="")
            self.book.import_files([path])

    def row(self) -> dict[str, Any]:
        (row,) = self.book.denials()["denials"]
        found: dict[str, Any] = row
        return found

    @property
    def number(self) -> str:
        return str(self.row()["id"])


@pytest.fixture
def office(book_url: str, tmp_path: Path) -> Iterator[Office]:
    with medcollect.open_book(book_url) as book:
        yield Office(book, tmp_path)


def lose(office: Office, number: str) -> str:
    told = office.book.work_denial(
        number, "outcome", result="lost", day=DECIDED, reason="upheld", user="kim"
    )
    return str(told["history"][-1]["id"])


def test_a_lost_redetermination_goes_on_at_the_qic(office: Office, book_url: str) -> None:
    office.bring(billed(MEDICARE), refused(MEDICARE, REFUSED))
    book, number = office.book, office.number
    assert office.row()["deadline"] == "2026-06-30"
    before = state_of(book_url)
    book.letter_sent(number, means="fax", sent_on=SENT, user="kim")
    step = lose(office, number)
    row, case = office.row(), book.denial(number)
    open_limits = {limit["step"]: limit["due"] for limit in case["limits"]}
    assert row["deadline"] == open_limits["level2_QIC_reconsideration"] == "2027-03-12"
    assert (row["state"], row["next_action"]) == ("upheld", "appeal")
    letter = book.letter(number)
    assert (letter["level"], letter["deadline"]) == ("reconsideration", "2027-03-12")
    sent = book.letter_sent(number, means="fax", sent_on=date(2026, 10, 1), user="kim")
    assert (sent["case_step"]["level"], sent["case_step"]["state"]) == (2, "appealed")
    book.undo(sent["id"])
    late = book.letter_sent(number, means="fax", sent_on=date(2026, 6, 2), user="kim")
    assert late["case_step"]["level"] == 1  # it went out before the decision
    for entry in (late["id"], step):
        book.undo(entry)
    assert office.row()["deadline"] == "2026-06-30"
    book.undo(next(m["reference"] for m in book.denial(number)["history"] if m["reference"]))
    assert not differences(state_of(book_url), before)


def test_a_refusal_after_the_appeal_is_an_upheld_appeal(office: Office) -> None:
    office.bring(billed(MEDICARE), refused(MEDICARE, REFUSED))
    office.book.work_denial(office.number, "appeal", day=SENT, user="kim")
    office.bring(refused(MEDICARE, DECIDED))
    row = office.row()
    assert (row["state"], row["deadline"]) == ("upheld", "2027-03-12")
    assert office.book.letter(row["id"])["level"] == "reconsideration"


def test_where_no_level_follows_the_case_and_the_letter_say_so(office: Office) -> None:
    office.bring(billed(CIGNA), refused(CIGNA, REFUSED))
    book, number = office.book, office.number
    book.work_denial(number, "appeal", day=SENT, level=1, user="kim")
    lose(office, number)
    assert book.letter(number)["level"] == "external_review"
    book.work_denial(number, "appeal", day=date(2026, 10, 1), level=3, user="kim")
    book.work_denial(number, "outcome", result="lost", reason="upheld", user="kim")
    row = office.row()
    assert (row["next_action"], row["deadline"], row["expected_value"]) == (
        "write_off",
        None,
        "0.00",
    )
    with pytest.raises(NotAllowed, match="no letter takes it further"):
        book.letter(number)


def test_a_refusal_that_is_only_repeated_moves_no_clock(office: Office) -> None:
    office.bring(billed(CIGNA), refused(CIGNA, date(2026, 9, 1)))
    first = office.row()["deadline"]
    office.bring(refused(CIGNA, date(2026, 10, 1)))
    assert (office.row()["decided_on"], office.row()["deadline"]) == ("2026-10-01", first)


def test_a_refusal_of_the_corrected_claim_is_a_new_one(office: Office) -> None:
    office.bring(billed(CIGNA), refused(CIGNA, date(2026, 9, 1)))
    first = office.row()["deadline"]
    office.bring(billed(CIGNA, "7", date(2026, 9, 10)), refused(CIGNA, date(2026, 10, 1)))
    assert office.row()["deadline"] > first
