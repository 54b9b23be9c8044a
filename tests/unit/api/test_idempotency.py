"""A write may be sent twice: its key brings the first answer back and nothing is done again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.errors import RequestProblem
from api.idempotency import Remembered, RememberedAnswers
from medcollect.errors import BookUnavailable

API = "/api/v1"
KEY = {"Idempotency-Key": "7f9c2ba4"}


def undo(client: TestClient, **body: Any) -> Any:
    return client.post(f"{API}/imports/I000001/undo", json=body, headers=KEY)


def test_the_same_key_and_body_get_the_first_answer(client: TestClient, book: Any) -> None:
    first, second = undo(client), undo(client)

    assert second.status_code == first.status_code == 200
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(book.asked) == 1


def test_without_a_key_the_write_is_done_again(client: TestClient, book: Any) -> None:
    client.post(f"{API}/imports/I000001/undo", json={})
    second = client.post(f"{API}/imports/I000001/undo", json={})

    assert second.status_code == 409
    assert len(book.asked) == 2


def test_the_same_key_with_another_body_is_refused(client: TestClient, book: Any) -> None:
    undo(client)
    second = undo(client, reason="another")

    assert second.status_code == 409
    assert second.json()["type"].endswith("key-reused")
    assert len(book.asked) == 1


def test_the_same_key_on_another_path_is_refused(client: TestClient) -> None:
    undo(client)
    second = client.post(f"{API}/imports/I000002/undo", json={}, headers=KEY)

    assert second.status_code == 409


def test_an_upload_is_known_by_its_content_and_keeps_its_201(client: TestClient, book: Any) -> None:
    def send(content: bytes) -> Any:
        return client.post(f"{API}/imports", files=[("files", ("a.835", content))], headers=KEY)

    first, again, other = send(b"ISA"), send(b"ISA"), send(b"IEA")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert again.json() == first.json()
    assert len(book.asked) == 1


def test_a_write_that_failed_can_be_sent_again(client: TestClient, book: Any) -> None:
    book.failure = BookUnavailable("The book is locked.")
    assert undo(client).status_code == 503

    book.failure = None
    assert undo(client).status_code == 200


def test_a_key_is_printable_and_not_endless(client: TestClient) -> None:
    path = f"{API}/imports/I000001/undo"

    assert client.post(path, json={}, headers={"Idempotency-Key": "a b"}).status_code == 422
    assert client.post(path, json={}, headers={"Idempotency-Key": "k" * 201}).status_code == 422


def test_a_key_whose_answer_is_not_ready_is_busy(client: TestClient, book: Any) -> None:
    started, go_on = threading.Event(), threading.Event()
    quick = book.undo

    def slow(*args: Any, **kwargs: Any) -> Any:
        started.set()
        assert go_on.wait(5)
        return quick(*args, **kwargs)

    book.undo = slow
    worker = threading.Thread(target=undo, args=(client,))
    worker.start()
    assert started.wait(5)
    second = undo(client)
    go_on.set()
    worker.join()

    assert second.status_code == 409
    assert second.json()["type"].endswith("key-busy")
    assert undo(client).headers["Idempotency-Replayed"] == "true"


def test_the_table_forgets_the_least_recently_used_key() -> None:
    table = RememberedAnswers(limit=2)
    for key in ("a", "b"):
        assert table.claim(key, "x") is None
        table.keep(key, Remembered("x", 200, {}))
    assert table.claim("a", "x") is not None
    table.claim("c", "x")

    assert table.claim("a", "x") is not None, "used lately"
    assert table.claim("b", "y") is None, "forgotten"


def test_the_table_refuses_a_key_for_another_request() -> None:
    table = RememberedAnswers(limit=2)
    table.claim("a", "x")

    with pytest.raises(RequestProblem):
        table.claim("a", "y")
