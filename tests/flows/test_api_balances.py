"""Open balances over HTTP: previewed, tried, taken in, and out again as files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.schemas import BalancesExported, BalancesImported, BalancesPreview
from api.settings import Settings

API = "/api/v1/open-balances"
BALANCES = Path(__file__).parents[2] / "edi_samples" / "balances"
TABLE = (BALANCES / "old-system.csv").read_bytes()
MAPPING = json.dumps(tomllib.loads((BALANCES / "old-system.toml").read_text(encoding="utf-8")))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path / 'book.db'}"
    medcollect.open_book(url).close()
    with TestClient(create_app(Settings(book_url=url)), base_url="http://localhost") as opened:
        yield opened


def send(client: TestClient, path: str, data: bytes, status: int = 200, **form: str) -> Any:
    files = [("table", ("old-system.csv", data))]
    headers = {"Idempotency-Key": uuid4().hex}
    response = client.post(f"{API}{path}", files=files, data=form, headers=headers)
    assert response.status_code == status, response.text
    return response.json()


def test_a_table_is_previewed_tried_and_taken_in(client: TestClient) -> None:
    shown = BalancesPreview.model_validate(send(client, "/preview", TABLE, mapping=MAPPING))
    assert (shown.claims, shown.credits, shown.totals.insurance_open) == (5, 1, "220.00")
    form = {"mapping": MAPPING, "as_of": "2026-03-31"}
    tried = send(client, "", TABLE, dry_run="true", **form)
    refused = send(client, "", TABLE, expect_total="1.00", **form)
    assert refused["files"][0]["status"] == "rejected"
    answer = send(client, "", TABLE, expect_count="5", expect_patient="105.00", **form)
    BalancesImported.model_validate(answer)
    assert (tried["claims"], tried["import"]) == (answer["claims"], None) == (4, None)
    [file] = answer["files"]
    assert (file["path"], file["status"]) == ("old-system.csv", "partial")
    assert [(f["code"], f["line"]) for f in file["findings"]] == [("opening-sum-differs", 7)]


def test_what_is_open_comes_as_a_file_that_can_be_sent_again(client: TestClient) -> None:
    send(client, "", TABLE, mapping=MAPPING, as_of="2026-03-31")
    told = client.get(API).json()
    BalancesExported.model_validate(told)
    assert told["totals"] == {
        "charge": "670.00",
        "insurance_open": "190.00",
        "patient_due": "105.00",
        "total": "295.00",
    }
    for form in ("csv", "xlsx"):
        response = client.get(API, params={"format": form})
        assert response.headers["content-disposition"].endswith(f'balances.{form}"')
        again = send(client, "", response.content, dry_run="true", expect_total="295.00")
        assert again["files"][0]["status"] != "rejected"
        assert again["table"]["claims"] == 4


def test_what_cannot_be_is_refused(client: TestClient) -> None:
    assert "known here" in send(client, "", TABLE, 409, expect_totl="1.00")["detail"]
    assert send(client, "", TABLE, 409, mapping='{"delimiter": "ab"}')
    assert send(client, "", TABLE, 409, mapping='{"skip_lines": -1}')
    assert "day" in send(client, "", TABLE, 409, as_of="2026-02-30")["detail"]
    nothing = send(client, "", b"\x00\xff", mapping="")
    assert nothing["files"][0]["status"] == "rejected"
