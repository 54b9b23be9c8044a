"""A claim that is replaced or voided: the day of the original stays, the change has its own day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.flows.money.office import SERVED, Office, claim, later, sound, whole
from tests.support.specs import Line, reversal, usd

#: On the books: paid 60, written off 10, the patient's 30.
ANSWER = whole("PCN1", "1", "100", "60", "CO-45 10, PR-3 30")


@pytest.fixture
def office(tmp_path: Path, book_url: str) -> Iterator[Office]:
    """An office on each database in turn."""
    opened = Office(tmp_path)
    opened.book.close()
    opened.book = medcollect.open_book(book_url)
    yield opened
    if book_url.startswith("sqlite"):
        opened.database = Path(book_url.removeprefix("sqlite:///"))
        sound(opened)
    opened.book.close()


def replacement(cents: str, day: date) -> dict[str, Any]:
    fixed = claim("PCN1", Line("99214", usd(cents)), frequency="7", original_reference="ICN1")
    return {"claims": (fixed,), "day": day}


def send(office: Office, claims: tuple[Any, ...], day: date) -> dict[str, Any]:
    return office.bill(*claims, day=day)


def void(office: Office, day: date) -> dict[str, Any]:
    return office.bill(claim("PCN1", frequency="8", original_reference="ICN1"), day=day)


def sheet(office: Office, until: date | None = None) -> dict[str, dict[str, str]]:
    """The day sheet by day, without the columns that the bank fills."""
    rows = office.book.report("day-sheet", as_of=until)["rows"]
    return {row["day"]: row for row in rows}


def steps(office: Office) -> list[tuple[str | None, str, dict[str, str]]]:
    found = office.book.claim("PCN1")["steps"]
    return [(s["date"], s["what"], s["amounts"]) for s in found if s["what"] != "left"]


def test_a_replacement_is_a_step_of_its_own_on_its_own_day(office: Office) -> None:
    office.bill(claim("PCN1"))
    before = sheet(office)
    sent = later(5)
    send(office, **replacement("130", sent))
    assert steps(office) == [
        (SERVED.isoformat(), "charge", {"charge": "100.00"}),
        (sent.isoformat(), "replaced", {"charge": "30.00"}),
    ]
    found = office.book.claim("PCN1")
    assert (found["charge"], found["insurance_open"]) == ("130.00", "130.00")
    assert f"replaced by a corrected claim on {sent}" in found["state_reason"]
    assert sheet(office, sent - timedelta(days=1)) == before
    assert sheet(office)[sent.isoformat()]["charges"] == "30.00"


def test_a_replacement_with_the_same_charge_is_a_step_without_money(office: Office) -> None:
    office.bill(claim("PCN1"))
    send(office, **replacement("100", later(5)))
    assert steps(office)[1:] == [(later(5).isoformat(), "replaced", {})]
    assert office.book.claim("PCN1")["charge"] == "100.00"


def test_a_void_leaves_the_days_before_it_as_they_were(office: Office) -> None:
    """What the answer paid, wrote off and left to the patient stands until the void takes it."""
    office.bill(claim("PCN1"))
    office.pay(ANSWER)
    before = sheet(office)
    told = steps(office)
    void(office, later(9))
    assert steps(office)[:2] == told
    (last,) = steps(office)[2:]
    assert last == (
        later(9).isoformat(),
        "voided",
        {"charge": "-100.00", "written_off": "-10.00", "patient_responsibility": "-30.00"},
    )
    assert sheet(office, later(8)) == before
    found = office.book.claim("PCN1")
    assert (found["charge"], found["written_off"], found["patient_due"]) == ("0.00",) * 3
    assert (found["state"], found["payer_credit"]) == ("credit_payer", "60.00")
    assert {(line["charge"], line["written_off"]) for line in found["lines"]} == {("0.00", "0.00")}
    (then,) = office.book.report("claims", as_of=later(8))["rows"]
    assert (then["charge"], then["patient_due"]) == ("100.00", "30.00")


def test_a_void_claim_whose_money_is_back_says_voided(office: Office) -> None:
    """The reversal comes after the void: it gives the money back and nothing else."""
    office.bill(claim("PCN1"))
    office.pay(ANSWER)
    void(office, later(9))
    other = whole("PCN2", "1", "300", "300", "", member_id="W200")
    office.pay(reversal(ANSWER), other, days=20)
    found = office.book.claim("PCN1")
    assert (found["state"], found["payer_credit"], found["charge"]) == ("voided", "0.00", "0.00")
    assert "void" in found["state_reason"]
    assert steps(office)[-1] == (later(20).isoformat(), "reversal", {"paid": "-60.00"})


def test_an_answer_after_the_void_is_only_its_money(office: Office) -> None:
    office.bill(claim("PCN1"))
    void(office, later(-5))
    office.pay(ANSWER)
    found = office.book.claim("PCN1")
    assert (found["payer_credit"], found["written_off"], found["denied"]) == (
        "60.00", "0.00", "0.00",
    )  # fmt: skip
    assert steps(office)[-1] == (later(0).isoformat(), "answer", {"paid": "60.00"})


def test_the_order_of_import_changes_no_step(office: Office, tmp_path: Path) -> None:
    office.bill(claim("PCN1"))
    office.pay(ANSWER)
    send(office, **replacement("130", later(5)))
    void(office, later(9))
    files = sorted(office.folder.glob("*.edi"))
    with medcollect.open_book(f"sqlite:///{tmp_path / 'backwards.db'}") as other:
        for path in reversed(files):
            other.import_files([path])
        found = other.claim("PCN1")["steps"]
        assert [(s["date"], s["what"], s["amounts"]) for s in found][:-1] == steps(office)


def test_undo_of_a_void_restores_the_claim_and_a_new_claim_charges_it_again(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(ANSWER)
    before = office.book.claim("PCN1")
    done = void(office, later(9))
    office.book.undo(done["import"])
    assert office.book.claim("PCN1") == before
    void(office, later(9))
    office.bill(claim("PCN1"), day=later(12))
    charged = [s for s in steps(office) if s[1] in {"charge", "voided"}]
    assert [(day, what, money["charge"]) for day, what, money in charged] == [
        (SERVED.isoformat(), "charge", "100.00"),
        (later(9).isoformat(), "voided", "-100.00"),
        (later(12).isoformat(), "charge", "100.00"),
    ]


def test_a_closed_period_keeps_its_figures_when_a_claim_of_it_is_voided(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(ANSWER)
    closed = date(2026, 2, 28)
    office.book.close_period("2026-02", reason="handed in", user="dana")
    before = office.book.report("ledger", as_of=closed)["rows"]
    void(office, later(3))
    assert office.book.report("ledger", as_of=closed)["rows"] == before
