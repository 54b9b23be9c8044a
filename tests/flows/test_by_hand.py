"""Entries by hand through the command's and the web's doors, on both databases."""

from __future__ import annotations

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
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
