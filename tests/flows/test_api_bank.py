"""Deposits, reconciliation and patient payments over HTTP: the figures of the other doors."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.book import Book

API = "/api/v1"
SAMPLES = Path(__file__).parents[2] / "edi_samples"
BANK = SAMPLES / "bank"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'book.db'}"


@pytest.fixture
def client(url: str) -> Iterator[TestClient]:
    with medcollect.open_book(url) as book:
        book.import_files([SAMPLES])
    with TestClient(create_app(Settings(book_url=url)), base_url="http://localhost") as opened:
        yield opened


@pytest.fixture
def book(url: str, client: TestClient) -> Iterator[Book]:
    with medcollect.open_book(url) as opened:
        yield opened


def post(client: TestClient, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    key = {"Idempotency-Key": uuid4().hex}
    response = client.post(f"{API}/{path}", json=body, headers=key)
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    return found


def send(client: TestClient, path: str, name: str, field: str, **form: str) -> dict[str, Any]:
    files = [(field, (name, (BANK / name).read_bytes()))]
    response = client.post(
        f"{API}/{path}", files=files, data=form, headers={"Idempotency-Key": uuid4().hex}
    )
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_deposits_come_in_and_reconcile(client: TestClient, book: Book) -> None:
    send(client, "deposits", "2026-02-statement.bai", "files")
    answer = send(client, "deposits", "2026-03-transfers.ach", "files")
    assert (answer["deposits"], answer["files"][0]["path"]) == (5, "2026-03-transfers.ach")

    found = client.get(f"{API}/reconciliation?as_of=2026-03-31").json()
    assert found == json.loads(json.dumps(book.reconcile(as_of=date(2026, 3, 31))))
    lone, gone = found["deposits"][0]["id"], found["remittances"][0]["id"]
    tie = {"deposit": lone, "remittance": gone, "reason": "seen"}
    tied = post(client, "reconciliation/ties", action="match", **tie)
    assert client.get(f"{API}/reconciliation").json()["differences"]
    post(client, "reconciliation/ties", 409, action="match", **tie, user="ada")
    client.post(f"{API}/decisions/{tied['decision']}/undo", json={},
                headers={"Idempotency-Key": "u"})  # fmt: skip
    aside = post(client, "reconciliation/set-aside", identifier=lone, reason="patients")
    assert aside["deposit"] == lone
    assert [d["id"] for d in client.get(f"{API}/reconciliation").json()["set_aside"]] == [lone]


def test_a_payment_from_entry_to_undo(client: TestClient, book: Book) -> None:
    asked = {"target": "CH1002", "amount": "118.00", "method": "card"}
    made = post(client, "patient-payments", 201, **asked, received_on="2026-03-16")
    assert made["applied"][0]["amount"] == "118.00"
    claim = client.get(f"{API}/claims/{made['claim']}").json()
    assert (claim["patient_due"], claim["patient_payments"][0]["id"]) == ("0.00", made["id"])
    post(client, "patient-payments", 409, **asked, received_on="2026-03-16", user="ada")

    back = post(client, f"patient-payments/{made['id']}/bounce", reason="chargeback")
    assert back["returns"]["status"] == "returned"
    post(client, f"patient-payments/{made['id']}/undo", 409)
    assert post(client, f"patient-payments/{back['id']}/undo")["kind"] == "patient_payment"
    listed = client.get(f"{API}/patient-payments?limit=1").json()
    assert listed == {"patient_payments": [json.loads(json.dumps(book.patient_payments()))
                                           ["patient_payments"][0]], "next": None}  # fmt: skip


def test_a_refund_over_http(client: TestClient, book: Book) -> None:
    asked = {"target": "CH1002", "amount": "130.00", "method": "card"}
    made = post(client, "patient-payments", 201, **asked, received_on="2026-03-16")
    back = {"target": made["id"], "method": "check", "reason": "paid twice"}
    post(client, "patient-payments/refunds", 409, **back, amount="12.01")
    done = post(client, "patient-payments/refunds", 201, **back, amount="12.00", user="ada")
    assert done["refunds"] == [
        {"id": "M000002", "amount": "12.00", "payment": made["id"], "claim": None}
    ]
    listed = client.get(f"{API}/patient-payments").json()["patient_payments"]
    assert [(row["refunded"], row["unapplied"]) for row in listed] == [("12.00", "0.00")]
    post(client, f"patient-payments/{made['id']}/undo", 409)
    back = post(client, "patient-payments/M000002/bounce", reason="moved away")
    assert back["returns"]["refunds"][0]["returned"]["id"] == back["id"] == "M000003"
    post(client, "patient-payments/M000003/undo")
    post(client, "patient-payments/M000002/undo")
    assert client.get(f"{API}/patient-payments").json()["patient_payments"][0]["refunds"] == []


def test_a_table_with_a_mapping(client: TestClient, book: Book) -> None:
    mapping = {"columns": {"reference": "Receipt", "method": "Tender", "claim": "Visit"},
               "values": {"method": {"VISA": "card"}}}  # fmt: skip
    sent = {"mapping": json.dumps(mapping), "dry_run": "true", "expect_count": "3"}
    answer = send(client, "patient-payments/table", "2026-03-desk.csv", "table", **sent)
    assert (answer["payments"], answer["payments_total"], answer["import"]) == (3, "105.00", None)
    assert book.patient_payments()["patient_payments"] == []


def test_a_misspelt_control_total_is_noticed(client: TestClient, book: Book) -> None:
    response = client.post(
        f"{API}/patient-payments/table",
        files=[("table", ("a.csv", b"date,amount,method,claim\n"))],
        data={"expct_total": "105.00"},
        headers={"Idempotency-Key": "misspelt"},
    )
    assert response.status_code == 409
    assert "expect_total" in response.json()["action"]
    assert book.patient_payments()["patient_payments"] == []


@pytest.mark.parametrize("mapping", ["[1]", "{", '{"colums": {}}'])
def test_a_mapping_that_is_none_is_refused(client: TestClient, mapping: str) -> None:
    files = [("table", ("a.csv", b"date,amount,claim\n"))]
    response = client.post(
        f"{API}/patient-payments/table",
        files=files,
        data={"mapping": mapping},
        headers={"Idempotency-Key": "x"},
    )
    assert response.status_code == 409
    assert "mapping" in response.json()["detail"]


def test_a_contracts_row_count_is_a_control_over_http(client: TestClient) -> None:
    """As with every other table: with another number of rows nothing is kept."""
    prices = SAMPLES / "contracts" / "plainfield-2026.csv"
    rows = len(prices.read_text(encoding="utf-8").splitlines()) - 1
    terms = tomllib.loads(prices.with_suffix(".toml").read_text(encoding="utf-8"))

    def sent(count: int) -> dict[str, Any]:
        told = {"name": "PPO", "payer": "PLAINFIELD*", "valid_from": "2026-01-01"}
        answer = client.post(
            f"{API}/contracts",
            data={**told, "terms": json.dumps(terms), "expect_count": str(count)},
            files={"table": (prices.name, prices.read_bytes())},
            headers={"Idempotency-Key": f"contract-{count}"},
        )
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    refused = sent(rows + 1)
    assert refused["status"] == "rejected"
    assert client.get(f"{API}/contracts").json()["contracts"] == []
    assert sent(rows)["status"] == "imported"
