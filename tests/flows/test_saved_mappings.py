"""Column mappings that stand in ``medcollect.toml``: taken where none is given with a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import SettingsInvalid

DEPOSITS = """\
[mappings.deposits]
skip_lines = 1
date_format = "%d.%m.%Y"

[mappings.deposits.columns]
date = "Booked"
amount = "Sum"

[mappings.deposits.values.kind]
TRANSFER = "ach"
"""
PAYMENTS = """\
[mappings.payments.columns]
date = "Paid on"
amount = "Sum"
claim = "Encounter"
"""
BALANCES = """\
[mappings.open_balances.columns]
claim = "Encounter"
charge = "Billed"
insurance_open = "Insurer owes"

[mappings.open_balances.tables.lines]
claim = "Visit"
"""

A_BANK = "Account 5006\nBooked,Sum,Kind\n03.04.2026,120.00,TRANSFER\n"
A_DESK = "Paid on,Sum,Encounter\n2026-03-04,25.00,NOBODY\n"
A_SYSTEM = """\
Encounter,Billed,Insurer owes,Patient due,Service from,Last name,Payer 1
E1,100.00,100.00,0.00,2026-01-12,MARLOWE,PLAINFIELD
"""


def folder_with(folder: Path, settings: str, **tables: str) -> str:
    """A folder with a settings file and tables beside a book; the book's URL."""
    (folder / "medcollect.toml").write_text(settings, encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return f"sqlite:///{folder / 'book.db'}"


def run(url: str, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["--book", url, "--json", *arguments])
    return dict(json.loads(done.stdout))


def test_each_kind_of_table_is_read_by_its_own_mapping(tmp_path: Path) -> None:
    tables = {"bank": A_BANK, "desk": A_DESK, "system": A_SYSTEM}
    url = folder_with(tmp_path, DEPOSITS + PAYMENTS + BALANCES, **tables)
    deposits = run(url, "deposits", str(tmp_path / "bank.csv"))
    assert (deposits["deposits"], deposits["deposits_total"]) == (1, "120.00")
    with medcollect.open_book(url) as book:
        (deposit,) = book.reconcile()["deposits"]
        assert (deposit["deposit_date"], deposit["kind"]) == ("2026-04-03", "ach")
        told: dict[str, Any] = {"user": "kim", "dry_run": True}
        assert book.import_payments(tmp_path / "desk.csv", **told)["payments_total"] == "25.00"
        preview = book.preview_balances(tmp_path / "system.csv")
    (claims,) = [one for one in preview["tables"] if one["table"] == "claims"]
    assert {c["column"] for c in claims["columns"]} >= {
        "claim",
        "charge",
        "insurance_open",
        "payer_1",
    }
    assert run(url, "open-balances", str(tmp_path / "system.csv"), "--preview") == preview


def test_the_mapping_given_with_a_table_counts_alone(tmp_path: Path) -> None:
    url = folder_with(tmp_path, DEPOSITS, bank="date,amount\n2026-04-03,120.00\n")
    with medcollect.open_book(url) as book:
        found = book.import_deposits([tmp_path / "bank.csv"], mapping={"skip_lines": 0})
    assert found["deposits_total"] == "120.00"


def test_over_http_the_books_own_mapping_is_taken(tmp_path: Path) -> None:
    url = folder_with(tmp_path, PAYMENTS)
    medcollect.open_book(url).close()
    client = TestClient(create_app(Settings(book_url=url)), base_url="http://localhost")
    answer = client.post(
        "/api/v1/patient-payments/table",
        files={"table": ("desk.csv", A_DESK)},
        headers={"Idempotency-Key": "one"},
    )
    assert (answer.status_code, answer.json()["payments_total"]) == (200, "25.00")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mappings.deposits.columns]\nday = "Booked"', "there is no column day of ours"),
        ('[mappings.payments.columns]\ndate = ""', "line 2: mappings.payments.columns.date"),
        ('[mappings.payments]\ndate_format = "%d.%m."', "day, month and year"),
        ('[mappings.payments]\ndelimiter = ";;"', "The delimiter is one character"),
        ("[mappings.payments]\nskip_lines = -1", "line 2: mappings.payments.skip_lines"),
        ('[mappings.payments]\ntables = "x"', "there is no such key"),
        ("[mappings.balances]", "there are deposits, payments, open_balances"),
        ('[mappings.open_balances.tables.visits]\nclaim = "V"', "there is no column visits"),
        ('[mappings.open_balances.tables.lines]\npayer = "V"', "there is no column payer"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    url = folder_with(tmp_path, text, desk=A_DESK)
    with medcollect.open_book(url) as book, pytest.raises(SettingsInvalid) as caught:
        book.import_payments(tmp_path / "desk.csv", user="kim")
    assert said in caught.value.message
    assert caught.value.message.startswith("medcollect.toml, line ")
