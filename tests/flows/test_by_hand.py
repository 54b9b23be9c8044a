"""Entries by hand through the command's and the web's doors, on both databases."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
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
MONTH = [*sorted(SAMPLES.glob("*-837p*.edi")), *sorted(SAMPLES.glob("05-835*.edi"))]
KIM: dict[str, Any] = {"user": "kim", "reason": "card seen"}


def test_entries_stand_and_go_on_either_database(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
        before = state_of(book_url)
        due = book.claim("CH1002")["patient_due"]
        account = book.balance("CH1002")["account"]
        book.add_coverage(account, payer="STONEBRIDGE TRUST", payer_rank=2, **KIM)
        assert book.claim("CH1002")["state"] == "with_next_payer"
        book.end_coverage("E000001", last_day=date(2020, 1, 1), **KIM)
        assert book.claim("CH1002")["patient_due"] == due
        book.move_balance("CH1002", due, to="payer", payer="HARBOR", **KIM)
        assert book.claim("CH1002")["insurance_open"] == due
        kinds = [entry["kind"] for entry in book.entries()["entries"]]
        assert kinds == ["coverage", "coverage", "move"]
        first = book.entries(limit=1)
        assert (first["next"], len(book.entries(after="E000001")["entries"])) == ("E000001", 2)
        for entry in ("E000003", "E000002", "E000001"):
            book.undo(entry)
    assert not differences(state_of(book_url), before)


def test_accounts_are_merged_and_split_on_either_database(book_url: str) -> None:
    """What comes before and what comes after the word of a person stands on the same accounts."""
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH[:-1])
        before = state_of(book_url)
        first, second = (book.balance(number)["account"] for number in ("CH1002", "CH1003"))
        with pytest.raises(NotAllowed, match="contradict"):
            book.merge_accounts([first, second], **KIM)
        merged = book.merge_accounts([first, second], although_different=True, **KIM)
        assert merged["accounts_now"] == [min(first, second)]
        assert book.balance(second)["account"] == book.balance(first)["account"]
        late = book.import_files(MONTH[-1:])["import"]
        assert book.claim("CH1003")["account"] == merged["accounts_now"][0]
        apart = book.split_account(first, ["CH1003"], **KIM)
        assert len(apart["accounts_now"]) == 2
        assert book.claim("CH1003")["account"] != book.claim("CH1002")["account"]
        book.undo(merged["id"])
        book.undo(late)
        book.undo(apart["id"])
    assert not differences(state_of(book_url), before)


def test_accounts_are_merged_and_split_over_http(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    numbers = count()

    def post(path: str, status: int, **body: Any) -> dict[str, Any]:
        key = {"Idempotency-Key": f"key-{next(numbers)}"}
        response = client.post(f"{API}/entries/{path}", json={**body, **KIM}, headers=key)
        assert response.status_code == status, response.text
        return dict(response.json())

    both = {"accounts": ["CH1002", "CH1003"]}
    assert "contradict" in post("account-merges", 409, **both)["detail"]
    made = post("account-merges", 201, **both, although_different=True)
    (account,) = made["accounts_now"]
    gone = next(number for number in made["accounts"] if number != account)
    found = client.get(f"{API}/accounts/{gone}/balance").json()
    assert (found["account"], found["former_accounts"]) == (account, [gone])
    split = post("account-splits", 201, account=account, claims=["CH1003"])
    assert split["accounts_now"] == sorted([account, gone])
    post("account-splits", 409, account=account, claims=["CH1003"])
    post("account-splits", 404, account="A999999", claims=["CH1003"])


def test_a_coverage_over_http(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files(MONTH)
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")

    numbers = count()

    def post(path: str, status: int, **body: Any) -> dict[str, Any]:
        key = {"Idempotency-Key": f"key-{next(numbers)}"}
        response = client.post(f"{API}/{path}", json=body, headers=key)
        assert response.status_code == status, response.text
        return dict(response.json())

    told = {"target": "CH1002", "payer": "STONEBRIDGE TRUST", "payer_rank": 2, **KIM}
    made = post("entries/coverages", 201, **told)
    assert made["claims"][0]["state"] == "with_next_payer"
    right = post(f"entries/{made['id']}/correction", 201, member_id="S78", **KIM)
    assert (right["member_id"], right["replaces"]) == ("S78", made["id"])
    post(f"entries/{made['id']}/undo", 409)
    assert post(f"entries/{right['id']}/undo", 200)["kind"] == "entry"
    post("entries/coverage-ends", 409, target=made["id"], **KIM)
    post("entries/moves", 409, target="CH1002", amount="9999.00", to="patient", **KIM)
    listed = client.get(f"{API}/entries").json()["entries"]
    assert [(e["id"], e["status"]) for e in listed] == [
        ("E000001", "active"),
        ("E000002", "undone"),
    ]
