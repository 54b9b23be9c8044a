"""Every failure is a problem document (RFC 9457) with its own status, and repeats nothing sent."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.errors import KINDS, kind_of
from medcollect import errors

API = "/api/v1"


def assert_problem(response: Any, status: int, name: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"] == f"urn:medcollect:problem:{name}"
    assert body["title"]
    assert body["detail"]
    return body


def test_the_table_has_a_row_for_every_exception() -> None:
    ours = [
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.MedcollectError)
    ]

    assert set(KINDS) == set(ours)


def test_a_new_exception_takes_the_row_of_its_base() -> None:
    class Stale(errors.NotAllowed):
        """Not in the table."""

    assert kind_of(Stale("x")).status == 409


@pytest.mark.parametrize(
    ("failure", "status", "name"),
    [
        (errors.NotFound, 404, "not-found"),
        (errors.BadRequest, 422, "bad-request"),
        (errors.NotAllowed, 409, "not-allowed"),
        (errors.BookUnavailable, 503, "book-unavailable"),
        (errors.NotReadable, 400, "not-readable"),
    ],
)
def test_each_exception_has_its_status_and_says_what_to_do(
    client: TestClient, book: Any, failure: Any, status: int, name: str
) -> None:
    book.failure = failure("It went so.", "Do this.")
    body = assert_problem(client.get(f"{API}/claims/C000001"), status, name)

    assert body["detail"] == "It went so."
    assert body["action"] == "Do this."


def test_what_does_not_fit_is_named_by_place_not_by_value(client: TestClient) -> None:
    response = client.post(f"{API}/claims/search", json={"number": ["Junia Marlowe"]})
    body = assert_problem(response, 422, "invalid")

    assert body["errors"][0]["place"] == "body.number"
    assert "Marlowe" not in response.text


def test_an_unknown_key_is_refused_without_repeating_it(client: TestClient) -> None:
    response = client.post(f"{API}/claims/search", json={"number": "1", "Junia Marlowe": 1})

    assert_problem(response, 422, "invalid")
    assert "Marlowe" not in response.text


def test_a_body_that_is_no_json_is_a_problem(client: TestClient) -> None:
    response = client.post(
        f"{API}/claims/search", content=b"{Marlowe", headers={"content-type": "application/json"}
    )

    assert_problem(response, 422, "invalid")
    assert "Marlowe" not in response.text


def test_unknown_paths_and_methods_are_problems_too(client: TestClient) -> None:
    assert_problem(client.get("/nowhere"), 404, "not-found")
    response = client.delete(f"{API}/imports")
    assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, POST", "all methods of the path"


def test_an_unforeseen_failure_tells_and_logs_no_data(
    app: FastAPI, book: Any, caplog: pytest.LogCaptureFixture
) -> None:
    book.failure = RuntimeError("Junia Marlowe, born 1980-02-29")
    response = TestClient(app, base_url="http://localhost").get(f"{API}/claims/C000001")

    assert_problem(response, 500, "internal")
    assert "Marlowe" not in response.text + caplog.text
    assert "RuntimeError at " in caplog.text


def test_an_answer_outside_the_contract_is_a_failure_without_data(
    client: TestClient, book: Any, caplog: pytest.LogCaptureFixture
) -> None:
    book.remittance = lambda _: {"payer": "Junia Marlowe"}
    response = client.get(f"{API}/remittances/R000001")

    assert_problem(response, 500, "internal")
    assert "Marlowe" not in response.text + caplog.text


def test_an_upload_beyond_the_limit_is_refused(client: TestClient, book: Any) -> None:
    response = client.post(f"{API}/imports", files=[("files", ("big.835", b"x" * 200_000))])

    assert_problem(response, 413, "too-large")
    assert not book.asked


def test_an_upload_of_unknown_length_is_cut_off_at_the_limit(client: TestClient, book: Any) -> None:
    def endless() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield b"x" * 10_000
        yield b"\r\n--b--\r\n"

    response = client.post(
        f"{API}/imports",
        content=endless(),
        headers={"content-type": "multipart/form-data; boundary=b"},
    )

    assert_problem(response, 413, "too-large")
    assert not book.asked


def test_a_broken_upload_is_a_problem(client: TestClient) -> None:
    response = client.post(
        f"{API}/imports", content=b"nonsense", headers={"content-type": "multipart/form-data"}
    )

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"
