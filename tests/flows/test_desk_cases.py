"""What the desk finds by itself, on either database: taken back, allowed too little."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import NotAllowed
from tests.flows.money.office import (
    LIFT,
    PAID_80,
    TWO_LINES,
    a_837,
    an_835,
    answer,
    claim,
    later,
    service,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.specs import reversal

API = "/api/v1"
CORRECTED = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", control_number="ICN100")
BETTER = whole("PCN1", "1", "100", "90", "CO-45 10", control_number="ICN200")
FILES = {
    "billed": a_837(claim("PCN1")),
    "paid": an_835(PAID_80),
    "taken": an_835(reversal(PAID_80), LIFT, days=5),
    "recovered": an_835(LIFT, days=9, plb=[("WO", "30")]),
    "corrected": an_835(CORRECTED, days=20),
    "better": an_835(reversal(PAID_80), BETTER, LIFT, days=7),
}
CONTRACT = "procedure,amount\n99213,{amount}\n"
KINDS = ("silent_denial", "underpayment")


@pytest.fixture
def book(book_url: str) -> Any:
    with medcollect.open_book(book_url) as door:
        yield door


def bring(book: Any, folder: Path, *names: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in names:
        path = folder / f"{name}.edi"
        path.write_text(FILES[name], encoding="ascii", newline="")
        told = book.import_files([path])
    return told


def promise(book: Any, folder: Path, amount: str = "90.00") -> str:
    """A contract that pays so much for 99213."""
    path = folder / f"ppo-{amount}.csv"
    path.write_text(CONTRACT.format(amount=amount))
    about = {"name": "PPO", "valid_from": date(2026, 1, 1), "payer": "PLAINFIELD*"}
    return str(book.import_contract(path, user="kim", **about)["id"])


def shown(book: Any, kind: str, **more: Any) -> list[tuple[str, str, str]]:
    rows = book.denials(category=kind, **more)["denials"]
    assert {row["kind"] for row in rows} <= {kind}
    assert {row["amount"] for row in rows} <= {"0.00"}
    return sorted((row["patient_control_number"], row["reason"], row["at_stake"]) for row in rows)


def test_money_taken_back_is_a_case_until_it_is_explained(
    book: Any, book_url: str, tmp_path: Path
) -> None:
    bring(book, tmp_path, "billed", "paid")
    before = state_of(book_url)
    came = bring(book, tmp_path, "recovered")
    assert shown(book, "silent_denial") == [("PCN1", "recovery", "30.00")]
    book.undo(came["import"])
    assert shown(book, "silent_denial", status="all") == []
    assert differences(before, state_of(book_url)) == {}
    bring(book, tmp_path, "taken")
    assert shown(book, "silent_denial") == [("PCN1", "reversal", "80.00")]
    silent = state_of(book_url)
    came = bring(book, tmp_path, "corrected")
    assert shown(book, "silent_denial") == []
    book.undo(came["import"])
    assert shown(book, "silent_denial") == [("PCN1", "reversal", "80.00")]
    assert differences(silent, state_of(book_url)) == {}


def test_a_line_below_contract_is_a_case_until_it_is_paid(
    book: Any, book_url: str, tmp_path: Path
) -> None:
    promise(book, tmp_path)
    bring(book, tmp_path, "billed", "paid")
    (row,) = book.denials()["denials"]
    assert (row["kind"], row["category"], row["refusal"]) == ("underpayment",) * 3
    assert (row["at_stake"], row["amount"], row["line"]) == ("10.00", "0.00", 1)
    assert (row["next_action"], row["appealable"], row["procedure"]) == ("appeal", True, "99213")
    assert row["rules"] == ["finding contract"]
    assert row["deadline"]
    assert "allowed $10.00 too little" in row["explanation"]
    assert "(T000001, row 2)" in row["explanation"]
    assert row["evidence"][0] == "Expected $90.00, allowed $80.00."
    listed = book.denials()
    assert listed["underpayments"] == {"count": 1, "open": "10.00"}
    assert (listed["amount"], listed["count"]) == ("0.00", 1)
    assert [d["id"] for d in book.claim("PCN1")["underpayments"]] == [row["id"]]
    (line,) = book.underpayments()["underpayments"]
    assert (line["difference"], line["denial"]) == ("10.00", row["id"])
    below = state_of(book_url)
    book.work_denial(row["id"], "appeal", user="kim", day=later(2))
    came = bring(book, tmp_path, "better")
    assert shown(book, "underpayment") == []
    case = book.denial(row["id"])
    assert (case["state"], case["won"], case["open"]) == ("overturned", "10.00", "0.00")
    assert case["outcomes"][0]["action"] == "appeal"
    book.undo(came["import"], with_decisions=True)
    assert book.denial(row["id"])["state"] == "appealed"
    assert differences(below, state_of(book_url)) == {}


def test_another_contract_opens_and_closes_the_cases(book: Any, tmp_path: Path) -> None:
    bring(book, tmp_path, "billed", "paid")
    assert shown(book, "underpayment") == []
    promise(book, tmp_path)
    assert shown(book, "underpayment") == [("PCN1", "contract", "10.00")]
    number = book.denials()["denials"][0]["id"]
    book.work_denial(number, "take", user="kim")
    less = promise(book, tmp_path, "80.00")
    assert shown(book, "underpayment") == []
    assert book.denial(number)["state"] == "closed"
    book.undo(less)
    (row,) = book.denials(owner="kim")["denials"]
    assert (row["id"], row["at_stake"]) == (number, "10.00")


def test_a_difference_within_the_tolerance_is_no_case(book: Any, tmp_path: Path) -> None:
    promise(book, tmp_path, "80.99")
    bring(book, tmp_path, "billed", "paid")
    assert shown(book, "underpayment", status="all") == []


def test_an_underpayment_is_worked_and_given_up(book: Any, tmp_path: Path) -> None:
    promise(book, tmp_path)
    bring(book, tmp_path, "billed", "paid")
    number = book.take_next_denial(user="kim")["id"]
    kim = {"user": "kim", "reason": "asked"}
    book.work_denial(number, "note", **kim)
    book.work_denial(number, "wait", **kim, waiting_for="payer", until=date(2027, 1, 4))
    assert book.denial(number)["state"] == "waiting"
    with pytest.raises(NotAllowed):
        book.work_denial(number, "write_off", **kim, amount="5.00")
    assert book.letter(number)["denials"] == [number]
    gone = book.work_denial(number, "write_off", **kim)
    assert gone["state"] == "written_off"
    assert shown(book, "underpayment") == []
    assert shown(book, "underpayment", status="written_off") == [("PCN1", "contract", "10.00")]
    assert book.claim("PCN1")["written_off"] == "20.00"
    step = next(moment["id"] for moment in gone["history"] if moment["kind"] == "write_off")
    book.undo(step)
    assert shown(book, "underpayment") == [("PCN1", "contract", "10.00")]
    done = book.work_denial(number, "outcome", **kim, result="part", amount="4.00")
    assert (done["state"], done["won"]) == ("overturned_in_part", "0.00")


def test_both_are_told_at_every_door(book: Any, book_url: str, tmp_path: Path) -> None:
    promise(book, tmp_path)
    bring(book, tmp_path, "billed", "paid", "recovered")
    rows = book.denials()["denials"]
    assert sorted(row["kind"] for row in rows) == sorted(KINDS)
    settings = Settings(book_url=book_url)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        answer = client.get(f"{API}/denials").json()
        assert answer["silent_denials"] == {"count": 1, "open": "30.00"}
        assert answer["underpayments"] == {"count": 1, "open": "10.00"}
        assert [d["id"] for d in answer["denials"]] == [row["id"] for row in rows]
        case = client.get(f"{API}/denials/{rows[0]['id']}").json()
        assert case["kind"] == rows[0]["kind"]
    told = CliRunner().invoke(app, ["--book", book_url, "denials", "--json"])
    assert json.loads(told.stdout)["silent_denials"]["count"] == 1
    people = CliRunner().invoke(app, ["--book", book_url, "denials"], env={"COLUMNS": "200"})
    assert "0 denials, 0.00 in all. 1 silent denial, 30.00 open. 1 underpayment, 10.00 open." in (
        people.output
    )


def test_lines_below_contract_are_one_case_of_their_claim(book: Any, tmp_path: Path) -> None:
    """Lines of 60 and 40 that were allowed 30 and 20 of 50 and 30: 20 and 10 are missing."""
    low = answer(
        "PCN1", "1", service("99213", "60", "30", "CO-45 30"),
        service("93000", "40", "20", "CO-45 20"), control_number="ICN100",
    )  # fmt: skip
    for name, text in {"two": a_837(claim("PCN1", *TWO_LINES)), "low": an_835(low)}.items():
        path = tmp_path / f"{name}.edi"
        path.write_text(text, encoding="ascii", newline="")
        book.import_files([path])
    path = tmp_path / "fees.csv"
    path.write_text("procedure,amount\n99213,50.00\n93000,30.00\n")
    about = {"name": "PPO", "valid_from": date(2026, 1, 1), "payer": "PLAINFIELD*"}
    book.import_contract(path, user="kim", **about)
    rows = book.denials(category="underpayment")["denials"]
    assert sorted((row["at_stake"], row["case_at_stake"]) for row in rows) == [
        ("10.00", "30.00"),
        ("20.00", "30.00"),
    ]
    assert len({row["case"] for row in rows}) == 1


@pytest.mark.parametrize(("frequency", "stands"), [("7", ["corrected"]), ("8", [])])
def test_a_claim_sent_again_or_voided_is_not_worked_on_what_was_paid_before(
    book: Any, tmp_path: Path, frequency: str, stands: list[str]
) -> None:
    """A replacement is answered as a whole; of a voided claim all that was paid goes back."""
    promise(book, tmp_path)
    bring(book, tmp_path, "billed", "paid")
    assert len(shown(book, "underpayment")) == 1
    again = tmp_path / "again.edi"
    again.write_text(a_837(replace(claim("PCN1"), frequency=frequency), days=60))
    told = book.import_files([again])
    rows = book.denials(category="underpayment")["denials"]
    assert [row["state"] for row in rows] == stands
    assert book.underpayments()["count"] == len(stands)
    book.undo(told["import"])
    assert len(shown(book, "underpayment")) == 1


@pytest.mark.parametrize(("frequency", "listed"), [("7", ["resent"]), ("8", ["withdrawn"])])
def test_what_was_denied_goes_with_the_claim_that_replaced_it(
    book: Any, tmp_path: Path, frequency: str, listed: list[str]
) -> None:
    refused = tmp_path / "refused.edi"
    refused.write_text(an_835(whole("PCN1", "4", "100", "0", "CO-197 100")))
    bring(book, tmp_path, "billed")
    book.import_files([refused])
    assert [row["status"] for row in book.denials()["denials"]] == ["open"]
    again = tmp_path / "again.edi"
    again.write_text(a_837(replace(claim("PCN1"), frequency=frequency), days=60))
    book.import_files([again])
    assert book.denials()["denials"] == []
    assert [row["status"] for row in book.denials(status="all")["denials"]] == listed


def test_a_book_of_before_says_that_it_is_to_be_searched_and_repost_does(
    book: Any, book_url: str, tmp_path: Path
) -> None:
    bring(book, tmp_path, "billed", "paid", "taken")
    assert book.denials()["notices"] == []
    with book._store.writing() as connection:
        connection.execute(sa.text("DELETE FROM denials WHERE kind = 'silent_denial'"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0022'"))
    with medcollect.open_book(book_url) as opened:
        (notice,) = opened.denials(limit=1)["notices"]
        assert "repost" in notice["action"]
        told = CliRunner().invoke(app, ["--book", book_url, "denials"]).output
        assert "of an earlier version" in told
        opened.repost(dry_run=True)
        assert opened.denials()["notices"]
        opened.repost(reason="first search", user="kim")
        assert opened.denials()["notices"] == []
        assert len(shown(opened, "silent_denial")) == 1
