"""The bank's side of the samples: the committed files, and what reconcile answers to them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.bank_samples import EXPECTED, FOLDER, documents

AS_OF = date(2026, 3, 31)


def test_the_script_reproduces_the_committed_files() -> None:
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert committed == {name: text.encode("ascii") for name, text in documents().items()}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("bank") / "book.db"
    return reconciled(path, first=FOLDER.parent, then=FOLDER)


def reconciled(path: Path, first: Path, then: Path) -> dict[str, Any]:
    with medcollect.open_book(f"sqlite:///{path}") as book:
        for folder in (first, then):
            if folder == FOLDER:
                book.import_deposits([FOLDER])
                table = FOLDER / "2026-03-download.csv"
                book.import_deposits([table], mapping=table.with_suffix(".toml"))
            else:
                book.import_files([folder])
        return dict(book.reconcile(as_of=AS_OF))


def test_every_deposit_finds_its_remittance_by_its_rule(answer: dict[str, Any]) -> None:
    found: dict[str, list[str]] = {}
    for match in answer["matched"]:
        traces = [r["trace_number"] for r in match["remittances"]]
        found.setdefault(match["rule"], []).extend(traces)
    assert {k: sorted(v) for k, v in found.items()} == {
        k: sorted(v) for k, v in EXPECTED["matched"].items()
    }


def test_what_is_missing_on_either_side(answer: dict[str, Any]) -> None:
    assert {d["amount"]: d["kind"] for d in answer["deposits"]} == EXPECTED["deposits"]
    assert [r["trace_number"] for r in answer["remittances"]] == EXPECTED["remittances"]
    assert {
        d["remittances"][0]["trace_number"]: d["difference"] for d in answer["differences"]
    } == EXPECTED["differences"]
    assert all(row["action"] for key in ("deposits", "remittances") for row in answer[key])
    assert [r["age_days"] for r in answer["remittances"]] == [34]


def test_held_remittances_show_with_their_deposit(answer: dict[str, Any]) -> None:
    held = [r for m in answer["matched"] for r in m["remittances"] if r["held"]]
    assert sorted(r["trace_number"] for r in held) == EXPECTED["held"]
    assert all(r["held_reason"] for r in held)


def test_the_totals_prove(answer: dict[str, Any]) -> None:
    assert answer["totals"] == EXPECTED["totals"]


def test_the_banks_files_may_come_first(answer: dict[str, Any], tmp_path: Path) -> None:
    """Only our ids differ: they are given in the order of arrival."""
    other = reconciled(tmp_path / "book.db", first=FOLDER, then=FOLDER.parent)
    assert other["totals"] == answer["totals"]
    assert len(other["matched"]) == len(answer["matched"])
