"""Working denials on either database: several people at once, over HTTP, and the command."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.errors import NotAllowed
from tests.support.book_state import differences, state_of

API = "/api/v1"
SAMPLES = Path(__file__).parents[2] / "edi_samples"
DENIED = [p for p in sorted(SAMPLES.glob("*.edi")) if p.name[:2] in {"01", "07", "36", "38"}]
PEOPLE = ("ann", "ben", "cem", "dee")


@pytest.fixture
def book(book_url: str) -> Any:
    with medcollect.open_book(book_url) as door:
        door.import_files(DENIED)
        yield door


def at_once(*work: Any) -> None:
    """Let each piece of work begin at the same moment, in a thread of its own."""
    ready = Barrier(len(work))

    def begin(piece: Any) -> None:
        ready.wait()
        piece()

    threads = [Thread(target=begin, args=(piece,)) for piece in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_people_who_take_the_next_at_once_get_different_ones(book: Any, book_url: str) -> None:
    taken: list[str] = []

    def take(user: str) -> None:
        with medcollect.open_book(book_url) as mine:
            taken.extend(mine.take_next_denial(user=user)["id"] for _ in range(3))

    at_once(*(lambda user=user: take(user) for user in PEOPLE))
    assert len(taken) == len(set(taken)) == 12
    for user in PEOPLE:
        assert len({row["case"] for row in book.denials(owner=user)["denials"]}) == 3


def test_of_two_who_saw_the_same_version_one_is_told(book: Any, book_url: str) -> None:
    number = book.denials(category="authorization")["denials"][0]["id"]
    told: list[str] = []

    def note(user: str) -> None:
        with medcollect.open_book(book_url) as mine:
            try:
                mine.work_denial(number, "note", reason="called", user=user, version=0)
                told.append("done")
            except NotAllowed:
                told.append("refused")

    at_once(*(lambda user=user: note(user) for user in PEOPLE))
    assert sorted(told) == ["done", "refused", "refused", "refused"]
    assert book.denial(number)["version"] == 1


def test_work_leaves_the_book_as_it_was_once_it_is_undone(book: Any, book_url: str) -> None:
    before = state_of(book_url)
    number = book.denials(category="authorization")["denials"][0]["id"]
    kim: dict[str, Any] = {"user": "kim", "reason": "seen"}
    book.work_denial(number, "take", user="kim")
    book.work_denial(number, "assign", owner="lee", **kim)
    book.work_denial(number, "appeal", level=1, **kim)
    found = book.work_denial(number, "write_off", amount="25.00", **kim)
    assert (found["state"], found["owner"], found["open"]) == ("appealed", "lee", "875.00")
    for moment in reversed([m for m in found["history"] if m["id"]]):
        book.undo(moment["id"])
    assert not differences(state_of(book_url), before)
    assert (book.denial(number)["state"], book.denial(number)["version"]) == ("new", 8)


def test_the_same_over_http(book: Any, book_url: str) -> None:
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    numbers = count()

    def post(path: str, status: int, headers: dict[str, str] | None = None, **body: Any) -> Any:
        key = {"Idempotency-Key": f"key-{next(numbers)}", **(headers or {})}
        response = client.post(f"{API}/{path}", json=body, headers=key)
        assert response.status_code == status, response.text
        return response.json()

    taken = post("denials/next", 201, user="dana", category="authorization")
    number = taken["id"]
    assert (taken["owner"], taken["version"]) == ("dana", 1)
    steps = f"denials/{number}/steps"
    post(steps, 409, {"If-Match": '"0"'}, kind="note", reason="late", user="lee")
    appealed = post(steps, 201, {"If-Match": "1"}, kind="appeal", level=1.0, user="dana")
    assert appealed["state"] == "appealed"
    post(steps, 409, kind="wait", user="dana")
    last = appealed["history"][-1]["id"]
    assert post(f"denials/steps/{last}/undo", 200)["kind"] == "step"
    shown = client.get(f"{API}/denials/{number}").json()
    assert (shown["state"], shown["version"]) == ("in_work", 3)
    assert client.get(f"{API}/denials/N999999").status_code == 404
    listed = client.get(f"{API}/denials", params={"owner": "dana", "due_before": "2030-01-01"})
    assert [row["id"] for row in listed.json()["denials"]] == [number]
