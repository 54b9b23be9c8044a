"""The HTTP door over a real book: the samples in, the same words and figures as Python out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings

API = "/api/v1"
PROJECT = Path(__file__).parents[2]
SAMPLES = sorted((PROJECT / "edi_samples").glob("*.edi"))

with_book = pytest.mark.skipif(
    not (PROJECT / "medcollect" / "book.py").exists(), reason="there is no book yet"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('api') / 'office.db'}"


@pytest.fixture(scope="module")
def client(url: str) -> TestClient:
    """A client of a book that holds the samples, each uploaded by itself."""
    client = TestClient(create_app(Settings(book_url=url)), base_url="http://127.0.0.1:8000")
    for path in SAMPLES:
        response = upload(client, path)
        assert response.status_code in {200, 201}, response.text
    return client


def upload(client: TestClient, *paths: Path, key: str | None = None, **data: str) -> Any:
    parts = [("files", (path.name, path.read_bytes())) for path in paths]
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{API}/imports", files=parts, data=data, headers=headers)


def everything(client: TestClient, noun: str, limit: int = 7) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        response = client.get(f"{API}/{noun}", params=query)
        assert response.status_code == 200, response.text
        page = response.json()
        assert len(page[noun]) <= limit
        items += page[noun]
        after = page.get("next")
        if after is None:
            return items


@with_book
def test_uploads_answer_as_the_python_door_does(tmp_path: Path) -> None:
    """The same file gives the same answer over HTTP and from Python, but for its path."""
    for path in SAMPLES:
        over_http = TestClient(
            create_app(f"sqlite:///{tmp_path / f'{path.stem}-http.db'}"),
            base_url="http://localhost",
        )
        answer = upload(over_http, path).json()
        with medcollect.open_book(f"sqlite:///{tmp_path / f'{path.stem}.db'}") as book:
            expected = book.import_files([str(path)])
        for file in [*answer["files"], *expected["files"]]:
            file["path"] = Path(file["path"]).name
        assert answer == expected


@with_book
def test_uploading_again_changes_nothing(client: TestClient) -> None:
    before = everything(client, "claims")
    response = upload(client, SAMPLES[0])

    assert response.status_code == 200
    assert response.json()["files"][0]["status"] == "duplicate"
    assert everything(client, "claims") == before


@with_book
@pytest.mark.parametrize(
    "noun", ["imports", "remittances", "claims", "denials", "accounts", "exceptions"]
)
def test_lists_page_through_everything_once(client: TestClient, noun: str) -> None:
    paged = [item["id"] for item in everything(client, noun)]
    whole = [item["id"] for item in everything(client, noun, limit=500)]

    assert paged == whole
    assert len(set(paged)) == len(paged)
    assert paged


@with_book
def test_what_is_listed_can_be_looked_at(client: TestClient, url: str) -> None:
    shown = {
        "imports": "imports/{}",
        "remittances": "remittances/{}",
        "claims": "claims/{}",
        "accounts": "accounts/{}/balance",
    }
    for noun, path in shown.items():
        for item in everything(client, noun):
            response = client.get(f"{API}/{path.format(item['id'])}")
            assert response.status_code == 200, response.text


@with_book
def test_claims_have_the_figures_of_the_python_door(client: TestClient, url: str) -> None:
    with medcollect.open_book(url) as book:
        for item in everything(client, "claims"):
            assert client.get(f"{API}/claims/{item['id']}").json() == book.claim(item["id"])


@with_book
def test_claims_are_found_by_their_number_and_accounts_too(client: TestClient) -> None:
    for item in everything(client, "claims")[:5]:
        body = {"number": item["patient_control_number"]}
        found = client.post(f"{API}/claims/search", json=body).json()
        assert item["id"] in [claim["id"] for claim in found["claims"]]
        assert client.post(f"{API}/accounts/search", json=body).json()["accounts"]


@with_book
def test_every_claim_is_had_as_fhir(client: TestClient) -> None:
    for item in everything(client, "claims"):
        response = client.get(f"{API}/claims/{item['id']}/fhir")
        assert response.status_code == 200, response.text
        assert response.json()["entry"][0]["resource"]["id"] == item["id"]


@with_book
@pytest.mark.parametrize("as_of", [None, "2026-02-28", "0001-01-01", "9999-12-31"])
def test_every_report_is_had_in_every_format(client: TestClient, as_of: str | None) -> None:
    for item in client.get(f"{API}/reports").json()["reports"]:
        for format_ in ("json", "csv", "xlsx"):
            query = {"format": format_} | ({"as_of": as_of} if as_of else {})
            response = client.get(f"{API}/reports/{item['name']}", params=query)
            assert response.status_code == 200, response.text


@with_book
def test_what_is_not_there_is_a_problem(client: TestClient) -> None:
    for path in ("imports/I999999", "remittances/R999999", "claims/C999999", "claims/C999999/fhir"):
        response = client.get(f"{API}/{path}")
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
    assert client.get(f"{API}/accounts/A999999/balance").status_code == 404
    assert client.post(f"{API}/exceptions/X999999/resolve", json=DECISION).status_code == 404
    for path in ("imports/I999999", "remittances/R999999", "claim-payments/P999999"):
        assert client.post(f"{API}/{path}/undo", json={}).status_code == 404


DECISION = {"post_anyway": True, "reason": "because"}


@with_book
def test_cursors_nobody_gave_are_refused(client: TestClient) -> None:
    for noun in ("imports", "remittances", "claims", "accounts", "denials", "exceptions"):
        response = client.get(f"{API}/{noun}", params={"after": "nonsense"})
        assert response.status_code == 422, (noun, response.text)


@with_book
def test_an_import_is_undone_and_done_again(tmp_path: Path) -> None:
    client = TestClient(
        create_app(f"sqlite:///{tmp_path / 'undo.db'}"), base_url="http://localhost"
    )
    first = upload(client, SAMPLES[0], key="k1")
    again = upload(client, SAMPLES[0], key="k1")
    assert again.json() == first.json()
    assert again.status_code == 201

    undone = client.post(f"{API}/imports/{first.json()['import']}/undo", json={})
    assert undone.status_code == 200
    assert not everything(client, "claims")
    assert upload(client, SAMPLES[0]).status_code == 201
    assert everything(client, "claims")


@with_book
def test_a_book_that_cannot_be_opened_is_a_503(tmp_path: Path) -> None:
    missing = tmp_path / "no such folder" / "office.db"
    client = TestClient(create_app(f"sqlite:///{missing}"), base_url="http://localhost")

    response = client.get(f"{API}/claims")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:medcollect:problem:book-unavailable"


def test_the_server_answers_on_this_machine_until_it_is_stopped(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = f"from api.server import serve; serve('sqlite:///{tmp_path}/x.db', port={port})"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    server = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert b'"ok"' in patiently(f"http://127.0.0.1:{port}{API}/health")
    finally:
        server.terminate()
        _, log = server.communicate(timeout=10)
    assert f"GET {API}/health 200" in log


def patiently(url: str) -> bytes:
    """Ask until the server is up."""
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
                content: bytes = response.read()
                return content
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")
