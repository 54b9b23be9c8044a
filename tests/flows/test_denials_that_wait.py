"""What waits for somebody stands behind what can be worked, and is handed out when it is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import NotFound
from medcollect.store.tables import denials
from medcollect.tasks.take_next import take_next
from medcollect.tasks.worklists import list_denials
from tests.flows.money.office import a_837, an_835, claim, whole
from tests.support.specs import Line, usd

AMOUNTS = {"BIG": "900", "MIDDLE": "500", "SMALL": "100"}
REFUSED = [whole(n, "1", a, "0", f"CO-197 {a}") for n, a in AMOUNTS.items()]


class Desk:
    """A book with three denials, and days on which to look at it."""

    def __init__(self, book: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.book, self.url, self.patch = book, url, monkeypatch
        self.turn(date(2026, 3, 2))

    def turn(self, day: date) -> date:
        self.day = day
        self.patch.setattr("medcollect.dates.today", lambda: day)
        return day

    def later(self, days: int) -> date:
        return self.day + timedelta(days=days)

    def listed(self, day: date | None = None) -> list[tuple[str, bool]]:
        rows = list_denials(self.book._store, today=day)["denials"]
        return [(row["patient_control_number"], row["waits"]) for row in rows]

    def number(self, claim: str) -> str:
        rows = self.book.denials(status="all")["denials"]
        return str(next(r["id"] for r in rows if r["patient_control_number"] == claim))

    def step(self, claim: str, step: str, **told: Any) -> Any:
        return self.book.work_denial(self.number(claim), step, user="kim", reason="said", **told)

    def deadline(self, day: date) -> None:
        """Let the limit of BIG be a certain day."""
        with self.book._store.writing() as connection:
            which = denials.c.id == int(self.number("BIG")[1:])
            connection.execute(sa.update(denials).where(which).values(deadline=day))


@pytest.fixture
def desk(book_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    billed, answered = tmp_path / "claims.edi", tmp_path / "answers.edi"
    billed.write_text(a_837(*(claim(n, Line("99213", usd(a))) for n, a in AMOUNTS.items())))
    answered.write_text(an_835(*REFUSED))
    with medcollect.open_book(book_url) as book:
        found = Desk(book, book_url, monkeypatch)
        book.import_files([billed, answered])
        yield found


ALL_TO_WORK = [("BIG", False), ("MIDDLE", False), ("SMALL", False)]
BIG_WAITS = [("MIDDLE", False), ("SMALL", False), ("BIG", True)]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("wait", {"waiting_for": "payer", "until": date(2026, 3, 20)}),
        ("wait", {"waiting_for": "payer", "follow_up": date(2026, 3, 20)}),
        ("appeal", {"level": 1, "follow_up": date(2026, 3, 20)}),
        ("correct", {"follow_up": date(2026, 3, 20)}),
        ("note", {"follow_up": date(2026, 3, 20)}),
    ],
)
def test_what_waits_is_last_until_its_day(desk: Desk, step: str, told: dict[str, Any]) -> None:
    assert desk.listed() == ALL_TO_WORK
    desk.step("BIG", step, **told)
    assert desk.listed() == BIG_WAITS
    assert desk.listed(date(2026, 3, 19)) == BIG_WAITS, "another day's order is not stored"
    assert desk.listed(date(2026, 3, 20)) == ALL_TO_WORK
    desk.turn(date(2026, 3, 20))
    assert desk.listed() == ALL_TO_WORK


def test_counts_of_both_and_a_case_that_waits_is_never_handed_out(desk: Desk) -> None:
    desk.step("BIG", "wait", waiting_for="payer", until=desk.later(10))
    answer = desk.book.denials()
    assert (answer["to_work"], answer["waiting"]) == (
        {"count": 2, "open": "600.00"},
        {"count": 1, "open": "900.00"},
    )
    for expected in ("MIDDLE", "SMALL"):
        taken = desk.book.take_next_denial(user="lee")
        assert taken["patient_control_number"] == expected
    with pytest.raises(NotFound):
        desk.book.take_next_denial(user="lee")
    desk.turn(desk.later(10))
    assert desk.book.denials()["waiting"]["count"] == 0
    assert desk.book.take_next_denial(user="lee")["patient_control_number"] == "BIG"


def test_a_close_limit_ends_the_wait_unless_what_was_sent_met_it(desk: Desk) -> None:
    desk.step("BIG", "wait", waiting_for="clinician", until=desk.later(100))
    desk.deadline(desk.later(30))
    assert desk.listed(desk.later(22)) == BIG_WAITS
    assert desk.listed(desk.later(23)) == ALL_TO_WORK
    assert desk.listed(desk.later(31)) == BIG_WAITS, "nothing is left to be in time for"
    taken = take_next(desk.book._store, user="lee", today=desk.turn(desk.later(23)))
    assert taken["patient_control_number"] == "BIG"
    desk.step("BIG", "appeal", level=1, follow_up=desk.later(20))
    desk.deadline(desk.later(7))
    assert desk.listed(desk.later(1)) == BIG_WAITS
    assert desk.listed(desk.later(20)) == ALL_TO_WORK, "the appeal met the limit"
    row = list_denials(desk.book._store, today=desk.later(20))["denials"][0]
    assert "limit has passed" not in row["why"]


def test_without_a_day_it_comes_back_after_the_usual_time(desk: Desk) -> None:
    desk.step("BIG", "appeal", level=1)
    row = desk.book.denials()["denials"][-1]
    assert (row["waits_until"], row["follow_up"]) == (desk.later(30).isoformat(), None)
    assert desk.listed(desk.later(29)) == BIG_WAITS
    assert desk.listed(desk.later(30)) == ALL_TO_WORK


def test_what_was_won_and_not_yet_paid_waits_for_good_and_undo_brings_it_back(desk: Desk) -> None:
    done = desk.step("BIG", "outcome", result="won")
    assert desk.listed(desk.later(400)) == BIG_WAITS
    assert desk.book.denials()["denials"][-1]["waits_until"] is None
    desk.book.undo(done["history"][-1]["id"])
    assert desk.listed() == ALL_TO_WORK


def test_pages_and_place_follow_the_same_order(desk: Desk) -> None:
    desk.step("BIG", "wait", waiting_for="payer", until=desk.later(10))
    for day in (None, desk.later(1)):
        pages, after = [], None
        for _ in range(3):
            page = list_denials(desk.book._store, limit=1, after=after, today=day)
            pages += [row["patient_control_number"] for row in page["denials"]]
            after = page["next"]
        assert (pages, after) == (["MIDDLE", "SMALL", "BIG"], None)
    shown = desk.book.denial(desk.number("BIG"))
    assert (shown["position"]["place"], shown["position"]["of"]) == (3, 3)
    assert shown["position"]["why"].startswith("It waits until 2026-03-12")


def test_another_import_and_another_judging_leave_it_where_it_is(desk: Desk, tmp_path: Any) -> None:
    desk.step("BIG", "wait", waiting_for="payer", until=desk.later(10))
    more = tmp_path / "more.edi"
    more.write_text(an_835(whole("BIG", "1", "900", "0", "CO-197 900"), days=3))
    desk.book.import_files([more])
    assert desk.listed() == BIG_WAITS
    with desk.book._store.writing() as connection:
        connection.execute(
            sa.text("UPDATE counters SET value = 1 WHERE name = 'denials_judged_by'")
        )
    assert desk.listed() == BIG_WAITS


def test_the_same_over_http_and_on_the_command_line(desk: Desk) -> None:
    desk.step("BIG", "wait", waiting_for="payer", until=desk.later(10))
    client = TestClient(create_app(Settings(book_url=desk.url)), base_url="http://localhost")
    answer = client.get("/api/v1/denials").json()
    mine = desk.book.denials()
    assert [row["waits"] for row in answer["denials"]] == [False, False, True]
    for key in ("to_work", "waiting", "denied", "at_stake", "count", "amount"):
        assert answer[key] == mine[key]
    told = CliRunner().invoke(app, ["--book", desk.url, "denials"]).output
    assert "2 to work today, 600.00; 1 waiting, 900.00." in told
    assert "Not before 2026-03-12: waiting." in told
