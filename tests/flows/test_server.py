"""``medcollect serve`` as an office uses it: a real process on loopback, asked over HTTP."""

from __future__ import annotations

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl  # type: ignore[import-untyped]
import pytest

import medcollect
from medcollect.model.claim import Claim

API = "/api/v1"
PROJECT = Path(__file__).parents[2]
SAMPLES = sorted((PROJECT / "edi_samples").glob("*.edi"))
COMMAND = [sys.executable, "-c", "from medcollect.cli import main; main()"]
PROVES_NOT = "claim_payment_does_not_balance"
REPORTS = ("aging", "patient-balances", "claims", "denials", "remittances")


class Server:
    """A serving process over a book of its own; its log goes to a file."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.book = f"sqlite:///{folder / 'office.db'}"
        self._log = folder / "server.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "--book", self.book, "serve", "--port", str(port)],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                stdout=log,
                stderr=log,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def wait(self) -> None:
        """Ask until the server is up."""
        for _ in range(200):
            try:
                assert self.http.get(f"{API}/health").json()["status"] == "ok"
            except httpx.TransportError:
                assert self.process.poll() is None, self.log()
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the server did not start")

    def upload(self, path: Path, **headers: str) -> httpx.Response:
        files = [("files", (path.name, path.read_bytes()))]
        return self.http.post(f"{API}/imports", files=files, headers=headers)

    def stop(self) -> int:
        """Ask the process to end, by its own id."""
        self.http.close()
        self.process.terminate()
        return self.process.wait(timeout=15)

    def log(self) -> str:
        return self._log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server to which the sample month was uploaded, file by file."""
    running = Server(tmp_path_factory.mktemp("server"))
    try:
        running.wait()
        for path in SAMPLES:
            response = running.upload(path)
            assert response.status_code in {200, 201}, response.text
        yield running
    finally:
        running.stop()


def everything(server: Server, noun: str, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query: dict[str, str] = {"limit": str(limit)} | ({"after": after} if after else {})
        page = server.http.get(f"{API}/{noun}", params=query).json()
        items += page[noun]
        after = page["next"]
        if after is None:
            return items


def test_paging_through_all_claims_shows_each_once_with_the_books_figures(server: Server) -> None:
    paged = everything(server, "claims", 7)
    with medcollect.open_book(server.book) as book:
        assert paged == book.claims(500, None)["claims"]
    assert len({item["id"] for item in paged}) == len(paged) > 40


def test_a_key_repeated_gets_the_first_answer_and_another_body_is_refused(server: Server) -> None:
    first = server.upload(SAMPLES[4], **{"Idempotency-Key": "k-1"})
    again = server.upload(SAMPLES[4], **{"Idempotency-Key": "k-1"})
    other = server.upload(SAMPLES[5], **{"Idempotency-Key": "k-1"})

    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 409
    assert other.json()["type"] == "urn:medcollect:problem:key-reused"


def test_a_claim_is_had_as_fhir(server: Server) -> None:
    claim = server.http.get(f"{API}/claims/C000001").json()
    response = server.http.get(f"{API}/claims/C000001/fhir")

    assert response.headers["content-type"] == "application/fhir+json"
    first = response.json()["entry"][0]["resource"]
    assert (first["resourceType"], first["id"]) == ("Claim", "C000001")
    assert f"{first['total']['value']:.2f}" == claim["charge"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_the_same_as_json_csv_and_spreadsheet(server: Server, name: str) -> None:
    report = server.http.get(f"{API}/reports/{name}").json()
    text = server.http.get(f"{API}/reports/{name}", params={"format": "csv"}).text
    content = server.http.get(f"{API}/reports/{name}", params={"format": "xlsx"}).content
    in_csv = list(csv.DictReader(io.StringIO(text)))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]

    assert len(in_csv) == len(report["rows"]) > 0
    for place, column in enumerate(report["columns"], start=1):
        if column["type"] != "money":
            continue
        amounts = [row[column["name"]] for row in report["rows"]]
        assert [row[column["name"]] for row in in_csv] == amounts
        cells = [sheet.cell(line, place).value for line in range(2, 2 + len(amounts))]
        assert [f"{cell:.2f}" for cell in cells] == amounts
        assert {type(cell) for cell in cells} <= {int, float}, "numbers are numbers"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.168.1.7:8000"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_foreign_host_or_origin_learns_nothing(server: Server, headers: dict[str, str]) -> None:
    """What a web page could make a browser on this machine send."""
    response = server.http.get(f"{API}/claims", headers=headers)

    assert response.status_code == 403
    assert response.json()["type"] == "urn:medcollect:problem:not-local"
    assert "PCN" not in response.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
def test_serving_on_an_address_others_can_reach_is_refused(tmp_path: Path, host: str) -> None:
    done = subprocess.run(
        [*COMMAND, "--book", "sqlite:///x.db", "serve", "--host", host, "--port", "18399"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert b"loopback" in done.stderr or b"this machine" in done.stderr
    assert b"Serving" not in done.stderr


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "claims/C999999", 404),
        ("GET", "claims/CH1001", 404),
        ("POST", "imports/I999999/undo", 404),
        ("GET", "claims?limit=0", 422),
        ("GET", "denials?minimum=lots", 422),
        ("POST", "exceptions/X000001/resolve", 422),
        ("DELETE", "claims/C000001", 405),
    ],
)
def test_what_goes_wrong_is_a_problem_document(
    server: Server, method: str, path: str, status: int
) -> None:
    body = {} if method == "POST" else None
    response = server.http.request(method, f"{API}/{path}", json=body)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["title"]


def test_an_exception_is_decided_the_decision_undone_and_all_taken_back(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        server.wait()
        for path in SAMPLES:
            server.upload(path)
        before = server.http.get(f"{API}/reports/claims").json()["totals"]
        waiting = server.http.get(f"{API}/exceptions").json()
        held = next(x for x in waiting["exceptions"] if x["kind"] == PROVES_NOT)
        body = {"post_anyway": True, "reason": "the check is in the bank"}
        decided = server.http.post(f"{API}/exceptions/{held['id']}/resolve", json=body)
        assert decided.status_code == 200, decided.text
        assert held["id"] in decided.json()["settled"]
        assert server.http.get(f"{API}/exceptions").json()["count"] < waiting["count"]

        undone = server.http.post(f"{API}/decisions/{decided.json()['decision']}/undo", json={})
        assert undone.json()["kind"] == "decision"
        assert server.http.get(f"{API}/reports/claims").json()["totals"] == before
        assert server.http.get(f"{API}/exceptions").json() == waiting

        for item in everything(server, "imports", 500):
            response = server.http.post(f"{API}/imports/{item['id']}/undo", json={})
            assert response.status_code == 200, response.text
        assert server.http.get(f"{API}/claims").json()["claims"] == []
        assert server.http.get(f"{API}/exceptions").json()["amount"] == "0.00"
    finally:
        server.stop()


def patient_words() -> set[str]:
    """Names, member ids and numbers of the people in the samples."""
    words: set[str] = set()
    for path in SAMPLES:
        for document in medcollect.read(path):
            if isinstance(document, Claim):
                patient, subscriber = document.patient, document.coverage.subscriber
                for party in (patient, subscriber):
                    words |= {party.last_name, party.first_name, party.id}
                words.add(document.patient_control_number)
            else:
                words.add(document.header.trace_number)
                words |= {p.patient_control_number for p in document.claim_payments}
    return {word for word in words if len(word) > 2}


def test_the_log_tells_what_was_asked_and_nothing_about_anybody(tmp_path: Path) -> None:
    """Right and wrong requests, with numbers and names wherever a careless caller puts them."""
    server = Server(tmp_path)
    words = patient_words()
    try:
        server.wait()
        for path in SAMPLES[:6]:
            server.upload(path)
        for word in sorted(words):
            server.http.get(f"{API}/claims/{word}")
            server.http.get(f"{API}/claims/{word}/fhir")
            server.http.get(f"{API}/denials", params={"payer": word, "limit": "0"})
            server.http.get(f"{API}/claims", params={"after": word})
            server.http.post(f"{API}/claims/search", json={"number": word, word: word})
            server.http.post(f"{API}/claims/search", json={"number": word})
            server.http.post(f"{API}/imports/I999999/undo", json={"reason": word})
            server.http.post(f"{API}/imports", files=[("files", (f"{word}.edi", b"hello"))])
        server.http.get(f"{API}/claims/C000001")
        server.http.get(f"{API}/health?name=x")
    finally:
        server.stop()
    log = server.log()
    assert len(words) > 40
    assert f"GET {API}/claims/C000001 200" in log
    assert f"GET {API}/health 200" in log
    assert [word for word in words if word in log] == []
    assert server.process.returncode in {0, -signal.SIGTERM}
