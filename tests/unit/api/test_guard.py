"""Only this machine may ask, and the log knows no patient."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.guard import is_loopback, loopback_address
from api.server import listen, serve
from medcollect.errors import NotAllowed

API = "/api/v1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.8.8"])
def test_the_server_listens_on_loopback(host: str) -> None:
    assert loopback_address(host).startswith("127.")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "no such host", "", "a" * 300])
def test_the_server_listens_nowhere_else(host: str) -> None:
    with pytest.raises(NotAllowed):
        serve("fake://book", host, 0)


def test_a_name_that_leads_here_and_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", ("127.0.0.1", 0)), (0, 0, 0, "", ("192.0.2.7", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)

    with pytest.raises(NotAllowed):
        loopback_address("both.example")


def test_a_taken_port_is_said_so() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotAllowed, match=str(port)):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("localhost:8000", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("", False),
        ("evil.example", False),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("192.0.2.7", False),
        ("[::1", False),
    ],
)
def test_a_host_header_is_ours_or_not(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_a_foreign_host_is_refused_before_anything_is_asked(client: TestClient, book: Any) -> None:
    """DNS rebinding: a name of somebody else that leads to this machine."""
    response = client.get(f"{API}/claims", headers={"Host": "evil.example"})

    assert response.status_code == 403
    assert response.json()["type"] == "urn:medcollect:problem:not-local"
    assert not book.asked


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9999"])
def test_a_page_of_another_origin_cannot_make_a_browser_write(
    client: TestClient, book: Any, origin: str
) -> None:
    files = [("files", ("a.835", b"ISA"))]
    response = client.post(f"{API}/imports", files=files, headers={"Origin": origin})

    assert response.status_code == 403
    assert not book.asked


def test_our_own_origin_may_ask(client: TestClient) -> None:
    headers = {"Origin": "http://localhost:8000"}

    assert client.get(f"{API}/claims", headers=headers).status_code == 200


def test_the_log_has_our_ids_status_and_time(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "medcollect.api")
    client.get(f"{API}/claims/C000001")

    assert "GET /api/v1/claims/C000001 200 " in caplog.text


def test_the_log_has_nothing_of_what_was_sent(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "medcollect.api")
    client.get(f"{API}/claims/MARLOWE-77")
    client.get("/MARLOWE-77")
    client.get(f"{API}/denials", params={"payer": "MARLOWE-77"})
    client.post(f"{API}/claims/search", json={"number": "MARLOWE-77"})

    ours = [record.getMessage() for record in caplog.records if record.name == "medcollect.api"]
    assert len(ours) == 4
    assert not any("MARLOWE" in line for line in ours)
