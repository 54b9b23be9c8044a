"""A payer takes back (CLP02 22) what only an opening balance knows: posted where it is certain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from tests.flows.money.office import ANSWERED, LIFT, PLAIN, SERVED, whole
from tests.support.book_state import differences, proofs_of, state_of
from tests.support.builder import Envelope, build_835
from tests.support.specs import Answer, Remit, reversal

HEAD = (
    "claim,account,last_name,first_name,birth_date,member_id,practice_id,service_from,charge,"
    "payer_1,payer_1_paid,payer_1_paid_on,written_off,insurance_open,patient_due\n"
)
EDITHS = "1,MARLOWE,EDITH,1951-03-14,W100,1234567893"
DRAWN_UP = date(2026, 2, 28)
PAID = whole("PCN1", "1", "100", "60", "CO-45 25, PR-2 15", control_number="ICN100")
BACK = reversal(PAID)
AFTER = date(2026, 3, 16)


@pytest.fixture
def book(book_url: str, tmp_path: Path) -> Iterator[Book]:
    """A claim of 100.00 as another system had it: 60.00 paid, 25.00 given up, 15.00 due."""
    rows = f"PCN1,{EDITHS},{SERVED},100.00,{PLAIN.name},60.00,{ANSWERED},25.00,0.00,15.00\n"
    path = tmp_path / "old.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    with medcollect.open_book(book_url) as opened:
        assert opened.import_balances(path, as_of=DRAWN_UP, user="ann")["claims"] == 1
        yield opened
        assert not proofs_of(book_url)


def pay(book: Book, folder: Path, *answers: Answer, day: date = AFTER) -> dict[str, Any]:
    number = len(list(folder.glob("*.edi"))) + 1
    path = folder / f"{number}.edi"
    remit = Remit(PLAIN, f"T{number}", day, answers)
    path.write_text(build_835([remit], Envelope(day=day, control=number)), encoding="ascii")
    return dict(book.import_files([path]))


def figures(book: Book) -> tuple[str, ...]:
    found = book.claim("PCN1")
    keys = ("state", "insurance_paid", "written_off", "patient_due", "insurance_open")
    return tuple(found[key] for key in keys)


def waiting(book: Book) -> list[dict[str, Any]]:
    return list(book.exceptions()["exceptions"])


def test_the_whole_answer_is_taken_back(book: Book, tmp_path: Path) -> None:
    assert figures(book) == ("patient_billable", "60.00", "25.00", "15.00", "0.00")
    done = pay(book, tmp_path, BACK, LIFT)
    assert (done["posted"], done["unapplied"], done["exceptions"]) == ("440.00", "0.00", 0)
    assert figures(book) == ("with_payer", "0.00", "0.00", "0.00", "100.00")
    told = [step["what"] for step in book.claim("PCN1")["steps"]]
    assert told == ["charge", "reported_answer", "reversal", "left"]


def test_its_correction_stands(book: Book, tmp_path: Path) -> None:
    fixed = whole("PCN1", "1", "100", "70", "CO-45 20, PR-2 10", control_number="ICN200")
    done = pay(book, tmp_path, BACK, fixed)
    assert (done["posted"], done["exceptions"]) == ("10.00", 0)
    assert figures(book) == ("patient_billable", "70.00", "20.00", "10.00", "0.00")


def test_undo_gives_the_opening_back(book: Book, book_url: str, tmp_path: Path) -> None:
    before = state_of(book_url)
    book.undo(pay(book, tmp_path, BACK, LIFT)["import"], with_decisions=True)
    assert not differences(state_of(book_url), before)


@pytest.mark.parametrize(
    ("answer", "day"),
    [
        (reversal(replace(PAID, paid=5900)), AFTER),
        (reversal(whole("PCN1", "1", "100", "60", "CO-45 30, PR-2 10")), AFTER),
        (BACK, DRAWN_UP),
    ],
)
def test_what_is_not_the_same_to_the_cent_or_came_before_waits(
    book: Book, tmp_path: Path, answer: Answer, day: date
) -> None:
    before = figures(book)
    pay(book, tmp_path, answer, LIFT, day=day)
    assert figures(book) == before
    (question,) = waiting(book)
    assert question["kind"] in {"reversal_without_original", "claim_payment_does_not_balance"}


def test_the_reason_says_what_to_do_and_the_original_settles_it(book: Book, tmp_path: Path) -> None:
    paid = whole("PCN1", "1", "100", "60", "CO-45 30, PR-2 10", control_number="ICN100")
    pay(book, tmp_path, reversal(paid), LIFT)
    (question,) = waiting(book)
    assert "import the remittance with the payment" in question["reason"]
    pay(book, tmp_path, paid, day=ANSWERED)
    assert waiting(book) == []
    assert figures(book) == ("with_payer", "0.00", "0.00", "0.00", "100.00")


def test_the_payers_own_remittance_goes_before_the_opening(book: Book, tmp_path: Path) -> None:
    """Its answer takes the opening's place, whichever came first, and is what is taken back."""
    pay(book, tmp_path, BACK, LIFT)
    pay(book, tmp_path, PAID, day=ANSWERED)
    assert figures(book) == ("with_payer", "0.00", "0.00", "0.00", "100.00")
    assert waiting(book) == []
