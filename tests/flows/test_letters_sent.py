"""A letter that went out moves its case, in one unit that ``undo`` takes back; both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.book import Book
from medcollect.cli.app import app
from medcollect.errors import BadRequest, NotAllowed
from tests.flows.test_letters import MONTH, denial_of

ON = date(2026, 3, 2)
NUMBER = "CH2007"


@pytest.fixture
def office(book_url: str) -> str:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    return book_url


@contextmanager
def opened(office: str) -> Iterator[tuple[Book, str]]:
    with medcollect.open_book(office) as book:
        yield book, denial_of(book, NUMBER)


def send(book: Book, denial: str, **told: Any) -> dict[str, Any]:
    return book.letter_sent(denial, **{"means": "fax", "sent_on": ON, "user": "kim", **told})


def steps(book: Book, denial: str, kind: str = "appeal") -> list[dict[str, Any]]:
    history = book.denial(denial)["history"]
    return [m for m in history if m["kind"] == kind and m["status"] == "active" and m["id"]]


def test_sending_is_the_appeal_and_undoing_it_undoes_the_appeal(office: str) -> None:
    with opened(office) as (book, denial):
        before = book.denial(denial)
        sent = send(book, denial)
        case = book.denial(denial)
        (step,) = steps(book, denial)
        waits = str(ON + timedelta(days=30))
        assert (case["state"], case["level"], case["follow_up"]) == ("appealed", 1, waits)
        assert (step["date"], step["reference"], step["user"]) == (str(ON), sent["id"], "kim")
        assert sent["case_step"] == {
            "denial": denial,
            "step": step["id"],
            "kind": "appeal",
            "level": 1,
            "state": "appealed",
            "follow_up": waits,
        }
        assert sent["notes"] == []
        with pytest.raises(NotAllowed, match=f"stands for the letter {sent['id']}"):
            book.undo(step["id"])
        book.undo(sent["id"])
        after = book.denial(denial)
    assert after["history"][-1]["status"] == "undone"
    moving = {"history", "version"}
    assert {k: v for k, v in after.items() if k not in moving} == {
        k: v for k, v in before.items() if k not in moving
    }


def test_the_level_and_the_day_waited_for_are_the_letters(book_url: str, tmp_path: Path) -> None:
    settings = tmp_path / "medcollect.toml"
    settings.write_text('[[waiting.payers]]\npayer = "PLAINFIELD*"\ndays = 45\n', encoding="utf-8")
    with medcollect.open_book(book_url, settings=settings) as book:
        book.import_files(MONTH)
        denial = denial_of(book, NUMBER)
        first = send(book, denial)
        assert first["case_step"]["follow_up"] == str(ON + timedelta(days=45))
        second = send(book, denial, level="second_level", follow_up=date(2026, 6, 1))
        assert second["case_step"]["level"] == book.denial(denial)["level"] == 2
        assert book.denial(denial)["follow_up"] == "2026-06-01"
        book.undo(second["id"])
        assert (book.denial(denial)["level"], len(steps(book, denial))) == (1, 1)
        third = send(book, denial, step="correct")
        assert (third["case_step"]["kind"], third["case_step"]["level"]) == ("correct", 0)
        assert book.denial(denial)["state"] == "corrected"
        with pytest.raises(BadRequest, match="no step of a letter"):
            send(book, denial, step="take")
        with pytest.raises(NotAllowed, match="before"):
            send(book, denial, follow_up=date(2026, 2, 20))


def test_medicares_reconsideration_is_its_second_level(office: str) -> None:
    with medcollect.open_book(office) as book:
        rows = book.denials(status="all")["denials"]
        medicare = [r["id"] for r in rows if "MEDICARE" in r["payer"] and r["status"] == "open"]
        first = send(book, medicare[0])
        second = send(book, medicare[0], level="reconsideration")
        assert first["level"] == "redetermination"
        assert [s["case_step"]["level"] for s in (first, second)] == [1, 2]


def test_a_step_entered_by_hand_is_not_doubled_and_stays(office: str) -> None:
    with opened(office) as (book, denial):
        book.work_denial(denial, "appeal", level=1, day=date(2026, 3, 1), user="ann")
        (by_hand,) = steps(book, denial)
        sent = send(book, denial)
        assert sent["case_step"]["step"] == by_hand["id"]
        assert any(by_hand["id"] in note and "ann" in note for note in sent["notes"])
        assert len(steps(book, denial)) == 1
        book.undo(sent["id"])
        assert (book.denial(denial)["state"], len(steps(book, denial))) == ("appealed", 1)


def test_a_step_by_hand_that_names_the_letter_takes_its_steps_place(office: str) -> None:
    """As scripts did that entered both."""
    with opened(office) as (book, denial):
        sent = send(book, denial)
        told = {"reference": sent["id"], "follow_up": date(2026, 5, 5)}
        case = book.work_denial(denial, "appeal", day=ON, user="ann", **told)
        (step,) = steps(book, denial)
        assert (step["user"], case["level"], case["follow_up"]) == ("ann", 1, "2026-05-05")
        book.undo(sent["id"])
        assert (book.denial(denial)["state"], steps(book, denial)) == ("new", [])


def test_a_letter_on_a_case_that_has_ended_is_only_logged(office: str) -> None:
    with opened(office) as (book, denial):
        book.work_denial(
            denial, "outcome", result="closed", reason="given up", day=date(2026, 3, 1), user="ann"
        )
        sent = send(book, denial)
        assert sent["case_step"]["step"] is None
        (note,) = sent["notes"]
        assert f"{denial} was not moved: it has ended (closed)" in note
        assert (book.denial(denial)["state"], steps(book, denial)) == ("closed", [])
        assert [e["id"] for e in book.claim(NUMBER)["entries"]] == [sent["id"]]
        book.undo(sent["id"])


def test_a_letter_that_went_out_before_the_end_counts_as_what_led_to_it(office: str) -> None:
    with opened(office) as (book, denial):
        book.work_denial(
            denial, "outcome", result="won", reason="by phone", day=date(2026, 3, 20), user="ann"
        )
        sent = send(book, denial)
        case = book.denial(denial)
        assert (sent["case_step"]["state"], case["state"]) == ("overturned", "overturned")
        (outcome,) = case["outcomes"]
        assert (outcome["action"], outcome["level"], outcome["days"]) == ("appeal", 1, 18)


def test_a_written_off_denial_still_takes_the_log(office: str) -> None:
    with opened(office) as (book, _):
        small = book.denials(maximum="100", status="open")["denials"]
        denial = next(row["id"] for row in small if row["group"] == "CO")
        book.work_denial(denial, "write_off", reason="limit", day=date(2026, 2, 20), user="ann")
        sent = send(book, denial)
        assert (sent["case_step"]["step"], sent["case_step"]["state"]) == (None, "written_off")
        assert "reopen" in sent["notes"][0]


def test_somebody_elses_case_is_moved_and_stays_theirs(office: str) -> None:
    with opened(office) as (book, denial):
        book.work_denial(denial, "take", day=date(2026, 2, 20), user="dana")
        sent = send(book, denial)
        case = book.denial(denial)
        assert (case["state"], case["owner"]) == ("appealed", "dana")
        assert sent["notes"] == [
            f"{denial} is with dana and stays there: tell dana that the letter went out."
        ]


def test_an_answer_after_the_letter_answers_it_after_a_new_import_too(office: str) -> None:
    with opened(office) as (book, denial):
        sent = send(book, denial)
        for number in range(1, len(book.imports()["imports"]) + 1):
            book.undo(f"I{number:06d}")
        book.import_files(MONTH)
        anew = book.denial(denial_of(book, NUMBER))
        assert (anew["state"], anew["level"]) == ("appealed", 1)
        book.undo(sent["id"])
        assert book.denial(anew["id"])["state"] == "new"


def test_the_three_doors_say_the_same(office: str, tmp_path: Path) -> None:
    with opened(office) as (book, denial):
        by_python = send(book, denial, follow_up=date(2026, 4, 20))
        book.undo(by_python["id"])
    client = TestClient(create_app(Settings(book_url=office)), base_url="http://localhost")
    body = {"means": "fax", "sent_on": "2026-03-02", "follow_up": "2026-04-20", "user": "kim"}
    headers = {"Idempotency-Key": "sent-1"}
    place = f"/api/v1/denials/{denial}/letter/sent"
    by_http = client.post(place, json=body, headers=headers)
    assert client.post(place, json=body, headers=headers).json() == by_http.json()
    undone = client.post(f"/api/v1/entries/{by_http.json()['id']}/undo", json={})
    assert (by_http.status_code, undone.status_code) == (201, 200)
    words = ["--by", "fax", "--on", "2026-03-02", "--follow-up", "2026-04-20", "--user", "kim"]
    by_cli = json.loads(told(office, "letter", "sent", denial, *words, "--json"))
    for answer in (by_http.json(), by_cli):
        mine, theirs = answer["case_step"], by_python["case_step"]
        assert {**mine, "step": ""} == {**theirs, "step": ""}
    said = " ".join(told(office, "letter", "sent", denial, *words).split())
    assert "appealed, level 1, look again 2026-04-20" in said


def test_a_later_level_counts_from_the_decision_on_record(office: str) -> None:
    with opened(office) as (book, denial):
        send(book, denial)
        unknown = book.letter(denial, level="external_review")
        assert unknown["deadline"] is None
        lost = {"result": "lost", "reason": "upheld by letter", "user": "kim"}
        book.work_denial(denial, "outcome", day=date(2026, 4, 1), **lost)
        first = book.letter(denial, level="external_review")
        said = book.letter(denial, level="external_review", decided=date(2026, 4, 1))
        assert (first["deadline"], first["notes"]) == (said["deadline"], said["notes"])
        send(book, denial, level="second_level", sent_on=date(2026, 4, 10))
        book.work_denial(denial, "outcome", day=date(2026, 6, 1), **lost)
        final = book.letter(denial, level="external_review")
        said = book.letter(denial, level="external_review", decided=date(2026, 6, 1))
        assert final["deadline"] == said["deadline"] > str(first["deadline"])
        limits = {limit["step"]: limit for limit in book.denial(denial)["limits"]}
        assert limits["external_review"]["start"] == "2026-06-01"


def told(office: str, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["--book", office, *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout if "--json" in arguments else done.output
