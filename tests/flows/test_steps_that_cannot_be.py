"""Steps on a denial that cannot be are refused and change nothing; a part written off ends none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect import dates
from medcollect.cli.app import app
from medcollect.errors import NotAllowed
from tests.flows.test_further_levels import (
    CIGNA,
    DECIDED,
    REFUSED,
    SENT,
    Office,
    billed,
    lose,
    refused,
)

EARLIER = REFUSED - timedelta(days=1)
CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"kind": "outcome", "result": "part", "amount": "999", "reason": "x"},
        "more than was refused",
    ),
    ({"kind": "outcome", "result": "won", "amount": "600.01", "reason": "x"}, "more than was"),
    ({"kind": "outcome", "result": "part", "amount": "-5", "reason": "x"}, "no amount"),
    ({"kind": "outcome", "result": "lost", "day": EARLIER, "reason": "x"}, "refused it on"),
    ({"kind": "appeal", "day": EARLIER}, "refused it on 2026-03-02"),
    ({"kind": "appeal", "level": 3}, "comes after a decision on level 2"),
    ({"kind": "wait", "waiting_for": "payer", "until": SENT, "reason": "x"}, "has passed"),
]


@pytest.fixture
def office(book_url: str, tmp_path: Path) -> Iterator[Office]:
    with medcollect.open_book(book_url) as book:
        found = Office(book, tmp_path)
        found.bring(billed(CIGNA), refused(CIGNA, REFUSED))
        yield found


@pytest.mark.parametrize(("step", "why"), CASES)
def test_a_step_that_cannot_be_is_refused(office: Office, step: dict[str, Any], why: str) -> None:
    told = dict(step)
    with pytest.raises(NotAllowed, match=why):
        office.book.work_denial(office.number, told.pop("kind"), user="kim", **told)
    assert office.book.denial(office.number)["version"] == 0


def test_the_other_doors_refuse_it_too(office: Office, book_url: str) -> None:
    number = office.number
    said = ["outcome", "--result", "won", "--amount", "999", "--reason", "x"]
    result = CliRunner().invoke(app, ["--book", book_url, "denial", number, *said])
    assert result.exit_code == 3
    body = {"kind": "outcome", "result": "won", "amount": "999.00", "reason": "x", "user": "kim"}
    with TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost") as client:
        path = f"/api/v1/denials/{number}/steps"
        answer = client.post(path, json=body, headers={"Idempotency-Key": "a-key-1"})
    assert answer.status_code == 409
    assert "more than was refused" in answer.text


def test_the_level_whose_turn_has_come_is_taken(office: Office) -> None:
    number = office.number
    office.book.work_denial(number, "appeal", day=SENT, user="kim")
    lose(office, number)
    told = office.book.work_denial(number, "appeal", day=DECIDED, level=3, user="kim")
    assert (told["state"], told["level"]) == ("appealed", 3)


def test_a_part_written_off_leaves_the_rest_appealed(office: Office) -> None:
    number, again = office.number, dates.today() + timedelta(days=9)
    office.book.work_denial(number, "appeal", day=SENT, follow_up=again, user="kim")
    gone = {"amount": "17.00", "reason": "part", "user": "kim"}
    told = office.book.work_denial(number, "write_off", **gone)
    assert (told["state"], told["open"], told["follow_up"]) == ("appealed", "583.00", str(again))
    assert office.book.denials(state="appealed")["count"] == 1
    office.book.work_denial(number, "write_off", **gone)
    assert lose(office, number)
    assert office.book.denial(number)["outcomes"][-1]["level"] == 1


def test_no_appeal_is_entered_where_none_exists(book_url: str, tmp_path: Path) -> None:
    unprocessable = refused(CIGNA, REFUSED).replace("CAS*CO*50*", "CAS*CO*16*")
    text = unprocessable.replace("SE*22*", "SE*23*").replace("\nSE*", "\nLQ*HE*MA130~\nSE*")
    with medcollect.open_book(book_url) as book:
        office = Office(book, tmp_path)
        office.bring(billed(CIGNA), text)
        for ask in (
            lambda: book.letter(office.number),
            lambda: book.work_denial(office.number, "appeal", user="kim"),
        ):
            with pytest.raises(NotAllowed, match="No right of appeal exists for N000001"):
                ask()
