"""Policies, decisions and cases over HTTP: the same words and figures as Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.book import Book

API = "/api/v1"
SAMPLES = Path(__file__).parents[2] / "edi_samples"
GIVE_UP = '[[adjustments]]\ngroup = "CO"\nreason = "197"\neffect = "write_off"\n'


@pytest.fixture
def book(tmp_path: Path) -> Any:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'office.db'}") as opened:
        opened.import_files([SAMPLES])
        yield opened


@pytest.fixture
def client(book: Book, tmp_path: Path) -> TestClient:
    settings = Settings(book_url=f"sqlite:///{tmp_path / 'office.db'}")
    return TestClient(create_app(settings), base_url="http://127.0.0.1:8000")


def ask(response: Any, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found


def test_settings_are_shown_taken_over_and_back(
    client: TestClient, book: Book, tmp_path: Path
) -> None:
    assert ask(client.get(f"{API}/settings")) == book.settings()
    (tmp_path / "medcollect.toml").write_text(GIVE_UP, encoding="utf-8")
    shown = ask(client.get(f"{API}/settings"))
    assert [d["policy"] for d in shown["differences"]] == ["adjustments"]
    dry = ask(client.post(f"{API}/settings/repost", json={"dry_run": True}))
    assert (dry["version"], dry["accounts"]["write_off"]) == (None, "900.00")
    ask(client.post(f"{API}/settings/repost", json={}), 422)
    done = ask(client.post(f"{API}/settings/repost", json={"reason": "x", "user": "ann"}))
    assert done["version"] == "S000001"
    assert book.claim("CH2001")["insurance_open"] == "0.00"
    undone = ask(client.post(f"{API}/settings/S000001/undo", json={}))
    assert undone["kind"] == "settings"
    assert book.claim("CH2001")["state"] == "denied"


def test_a_wrong_settings_file_is_a_problem_that_names_the_line(
    client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "medcollect.toml").write_text("colour = 3", encoding="utf-8")
    problem = ask(client.get(f"{API}/settings"), 503)
    assert problem["type"].endswith("settings-invalid")
    assert "line 1: colour" in problem["detail"]


def test_holding_and_writing_off(client: TestClient, book: Book) -> None:
    first = ask(client.get(f"{API}/exceptions"))["exceptions"][0]["id"]
    body = {"hold": True, "until": "2999-12-31", "reason": "payer resends", "user": "ann"}
    done = ask(client.post(f"{API}/exceptions/{first}/resolve", json=body))
    assert done["action"] == "hold"
    listed = ask(client.get(f"{API}/exceptions"))
    assert first not in [x["id"] for x in listed["exceptions"]]
    assert listed["held"]["count"] == 1
    (held,) = ask(client.get(f"{API}/exceptions", params={"held": "true"}))["exceptions"]
    assert (held["id"], held["hold"]["until"]) == (first, "2999-12-31")
    body = {"write_off": "administrative", "reason": "x"}
    problem = ask(client.post(f"{API}/exceptions/{first}/resolve", json=body), 409)
    assert "money that a payer sent" in problem["detail"]
    ask(client.post(f"{API}/exceptions/{first}/resolve", json={**body, "write_off": "gift"}), 422)


def test_cases_and_dry_runs(client: TestClient, book: Book, tmp_path: Path) -> None:
    over_http = ask(client.get(f"{API}/provider-adjustments", params={"settled": "true"}))
    assert (
        over_http["provider_adjustments"]
        == book.provider_adjustments(settled=True)["provider_adjustments"]
    )
    path = SAMPLES / "05-835-commercial-copay-and-deductible.edi"
    other = TestClient(
        create_app(f"sqlite:///{tmp_path / 'other.db'}"), base_url="http://127.0.0.1:8000"
    )
    files = [("files", (path.name, path.read_bytes()))]
    answer = ask(other.post(f"{API}/imports", files=files, data={"dry_run": "true"}))
    plan = answer["would_post"]
    assert plan["claim_payments"]["posted"]["count"] == 6
    assert plan["rows_left_out"] == 0
    assert sum(row["row"] == "claim_payment" for row in plan["rows"]) == 6
    assert ask(other.get(f"{API}/claims"))["claims"] == []
