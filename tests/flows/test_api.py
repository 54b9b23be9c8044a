"""The HTTP door over a real book: the samples in, the same words and figures as Python out."""

from __future__ import annotations

import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.store import engine

API = "/api/v1"
PROJECT = Path(__file__).parents[2]
SAMPLES = sorted((PROJECT / "edi_samples").glob("*.edi"))


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


def test_uploading_again_changes_nothing(client: TestClient) -> None:
    before = everything(client, "claims")
    response = upload(client, SAMPLES[0])

    assert response.status_code == 200
    assert response.json()["files"][0]["status"] == "duplicate"
    assert everything(client, "claims") == before


@pytest.mark.parametrize(
    "noun", ["imports", "remittances", "claims", "denials", "accounts", "exceptions"]
)
def test_lists_page_through_everything_once(client: TestClient, noun: str) -> None:
    paged = [item["id"] for item in everything(client, noun)]
    whole = [item["id"] for item in everything(client, noun, limit=500)]

    assert paged == whole
    assert len(set(paged)) == len(paged)
    assert paged


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


def test_claims_have_the_figures_of_the_python_door(client: TestClient, url: str) -> None:
    with medcollect.open_book(url) as book:
        for item in everything(client, "claims"):
            assert client.get(f"{API}/claims/{item['id']}").json() == book.claim(item["id"])


def test_claims_are_found_by_their_number_and_accounts_too(client: TestClient) -> None:
    for item in everything(client, "claims")[:5]:
        body = {"number": item["patient_control_number"]}
        found = client.post(f"{API}/claims/search", json=body).json()
        assert item["id"] in [claim["id"] for claim in found["claims"]]
        assert client.post(f"{API}/accounts/search", json=body).json()["accounts"]


def test_every_claim_is_had_as_fhir(client: TestClient) -> None:
    for item in everything(client, "claims"):
        response = client.get(f"{API}/claims/{item['id']}/fhir")
        assert response.status_code == 200, response.text
        assert response.json()["entry"][0]["resource"]["id"] == item["id"]


@pytest.mark.parametrize("as_of", [None, "2026-02-28", "0001-01-01", "9999-12-31"])
def test_every_report_is_had_in_every_format(client: TestClient, as_of: str | None) -> None:
    for item in client.get(f"{API}/reports").json()["reports"]:
        for format_ in ("json", "csv", "xlsx"):
            query = {"format": format_} | ({"as_of": as_of} if as_of else {})
            response = client.get(f"{API}/reports/{item['name']}", params=query)
            passed = item["name"] == "no-answer" and as_of in {"2026-02-28", "0001-01-01"}
            assert response.status_code == (409 if passed else 200), response.text


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


def test_cursors_nobody_gave_are_refused(client: TestClient) -> None:
    for noun in ("imports", "remittances", "claims", "accounts", "denials", "exceptions"):
        response = client.get(f"{API}/{noun}", params={"after": "nonsense"})
        assert response.status_code == 422, (noun, response.text)


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


def test_a_book_that_cannot_be_opened_is_a_503(tmp_path: Path) -> None:
    missing = tmp_path / "no such folder" / "office.db"
    client = TestClient(create_app(f"sqlite:///{missing}"), base_url="http://localhost")

    response = client.get(f"{API}/claims")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:medcollect:problem:book-unavailable"


def test_an_upload_is_on_record_under_the_name_it_was_sent_with(client: TestClient) -> None:
    """Not under the place where the server held it while the book read it."""
    names = [file["path"] for item in everything(client, "imports") for file in item["files"]]
    assert names[: len(SAMPLES)] == [path.name for path in SAMPLES]
    assert all("/" not in name for name in names)


def test_a_dry_run_names_no_import_and_keeps_nothing(tmp_path: Path) -> None:
    client = TestClient(create_app(f"sqlite:///{tmp_path / 'dry.db'}"), base_url="http://localhost")
    response = upload(client, SAMPLES[0], dry_run="true")

    assert response.status_code == 200
    assert response.json()["import"] is None
    assert response.json()["claims"] > 0
    assert not everything(client, "claims")
    assert not everything(client, "imports")


def test_accounts_are_found_with_the_figures_of_the_list(client: TestClient) -> None:
    """By a claim's number that one account carries."""
    accounts = {item["id"]: item for item in everything(client, "accounts")}
    for item in everything(client, "claims"):
        body = {"number": item["patient_control_number"]}
        found = client.post(f"{API}/accounts/search", json=body).json()["accounts"]
        assert item["account"] in [account["id"] for account in found]
        for account in found:
            listed = accounts[account["id"]]
            assert {key: account[key] for key in listed if key != "patient"} == {
                key: value for key, value in listed.items() if key != "patient"
            }


def test_a_number_of_several_claims_finds_them_all(tmp_path: Path) -> None:
    """Some practices send one number for every visit."""
    text = SAMPLES[0].read_text()
    again = text.replace("20260119", "20260117").replace("20260120", "20260118")
    (tmp_path / "again.edi").write_text(again)
    client = TestClient(create_app(f"sqlite:///{tmp_path / 'n.db'}"), base_url="http://localhost")
    upload(client, SAMPLES[0])
    upload(client, tmp_path / "again.edi")

    numbers = [item["patient_control_number"] for item in everything(client, "claims")]
    twice = next(number for number in numbers if numbers.count(number) == 2)
    found = client.post(f"{API}/claims/search", json={"number": twice}).json()
    assert found["count"] == 2
    assert len({claim["id"] for claim in found["claims"]}) == 2


def test_spreadsheets_hold_numbers_equal_to_the_json(client: TestClient) -> None:
    for item in client.get(f"{API}/reports").json()["reports"]:
        path = f"{API}/reports/{item['name']}"
        report = client.get(path).json()
        content = client.get(path, params={"format": "xlsx"}).content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        shown = list(sheet.iter_rows(min_row=2, max_row=1 + len(report["rows"])))
        assert len(shown) == len(report["rows"])
        # Nobody decided, worked or paid anything yet, no payer has anything left to take, no
        # contract is on file, and a month's denials are no pattern.
        by_hand = {"decisions", "overturns", "patient-payments", "underpayments"}
        empty = {*by_hand, "provider-adjustments", "patterns"}
        assert shown or item["name"] in empty
        for cells, row in zip(shown, report["rows"], strict=True):
            for cell, column in zip(cells, report["columns"], strict=True):
                value = row[column["name"]]
                if column["type"] == "money" and value is not None:
                    assert cell.data_type == "n"
                    assert f"{cell.value:.2f}" == value
                elif column["type"] == "number" and value is not None:
                    assert (cell.data_type, cell.value) == ("n", value)


def test_a_locked_book_is_a_503_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_LOCK_WAIT_SECONDS", 0)
    path = tmp_path / "locked.db"
    client = TestClient(create_app(f"sqlite:///{path}"), base_url="http://localhost")
    upload(client, SAMPLES[0])
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        response = upload(client, SAMPLES[4])
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert "locked" in response.json()["detail"]
        assert response.json()["action"]
        assert everything(client, "claims"), "readers go on"
    finally:
        lock.rollback()
        lock.close()
    assert upload(client, SAMPLES[4]).status_code == 201


def test_a_rule_that_forbids_it_is_a_409(client: TestClient) -> None:
    """A payment that does not prove cannot be given to a claim; it can be posted anyway."""
    held = next(
        item
        for item in everything(client, "exceptions")
        if item["actions"] == ["post_anyway", "hold"]
    )
    body = {"open_claim": True, "reason": "because"}
    response = client.post(f"{API}/exceptions/{held['id']}/resolve", json=body)

    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:medcollect:problem:not-allowed"


def test_what_is_done_at_once_by_many_is_done_once(tmp_path: Path) -> None:
    """One open book serves many threads: the same files at once, and readers all along."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    client = TestClient(create_app(url), base_url="http://localhost")
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(upload, client, path) for path in SAMPLES[:6] * 2]
        reads = [pool.submit(client.get, f"{API}/claims") for _ in range(40)]
        assert {done.result().status_code for done in writes} == {200, 201}
        assert {done.result().status_code for done in reads} == {200}
    with medcollect.open_book(f"sqlite:///{tmp_path / 'one.db'}") as one:
        for path in SAMPLES[:6]:
            one.import_files([str(path)])
        expected = one.report("claims")["totals"]
    assert client.get(f"{API}/reports/claims").json()["totals"] == expected
