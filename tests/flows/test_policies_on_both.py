"""Policies, decisions and cases give the same on PostgreSQL as on SQLite, to the cent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book

SAMPLES = Path(__file__).parents[2] / "edi_samples"

POLICIES = """\
unmatched = "hold"

[[posting.payers]]
payer = "HARBOR*"
automatic = "none"

[[adjustments]]
name = "give up"
group = "CO"
reason = "197"
effect = "write_off"

[small_balance]
per_claim = "25.00"
per_patient = "40.00"
approval = false

[waiting]
first_answer_days = 10
"""


@pytest.fixture
def books(new_postgres_book: Callable[[], str], tmp_path: Path) -> Iterator[list[Book]]:
    """An empty book on each database, with one settings file for both."""
    settings = tmp_path / "medcollect.toml"
    settings.write_text("", encoding="utf-8")
    with (
        medcollect.open_book(new_postgres_book(), settings=settings) as postgres,
        medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}", settings=settings) as sqlite,
    ):
        yield [postgres, sqlite]


def both(books: list[Book], ask: Callable[[Book], Any]) -> Any:
    """Ask both books and insist on one answer."""
    first, second = (ask(book) for book in books)
    assert first == second
    return first


def everything(book: Book) -> dict[str, Any]:
    reports = ("claims", "waiting", "provider-adjustments", "denials", "remittances", "aging")
    shown = {name: book.report(name)["rows"] for name in reports}
    shown["exceptions"] = [
        {key: value for key, value in item.items() if key != "hold"}
        for item in book.exceptions()["exceptions"]
    ]
    return shown


def test_policies_taken_over_and_back(books: list[Book], tmp_path: Path) -> None:
    """Import, repost dry and for good, decide, undo: one answer, and the way back is exact."""
    dry = both(books, lambda b: b.import_files([SAMPLES], dry_run=True)["would_post"])
    both(books, lambda b: b.import_files([SAMPLES]))
    before = both(books, everything)
    assert dry["opens"]["count"] == len(before["exceptions"])
    (tmp_path / "medcollect.toml").write_text(POLICIES, encoding="utf-8")
    planned = both(books, lambda b: b.repost(dry_run=True))
    assert planned["claims_changed"] > 1
    assert both(books, everything) == before
    done = both(books, lambda b: b.repost(reason="decided", user="ann"))
    assert {**planned, "version": None, "dry_run": None} == {
        **done,
        "version": None,
        "dry_run": None,
    }
    after = both(books, everything)
    kinds = {item["kind"] for item in after["exceptions"]}
    assert "held_by_policy" in kinds
    assert any("small_balance" in str(row) for row in both(books, written_off))
    held = next(x["id"] for x in after["exceptions"] if x["kind"] == "held_by_policy")
    both(books, lambda b: b.resolve(held, post_anyway=True, reason="looked", user="ann"))
    both(books, lambda b: b.undo("D000001"))
    assert both(books, everything) == after
    both(books, lambda b: b.undo("S000001"))
    assert both(books, everything) == before


def written_off(book: Book) -> list[str]:
    """What stands on the account of write-offs, by detail."""
    rows = book.report("ledger")["rows"]
    return sorted(str(row) for row in rows if row["ledger_account"] == "write_off")


def test_policies_from_the_first_import_are_those_taken_over_later(
    books: list[Book], tmp_path: Path
) -> None:
    """One book imports under the policies, the other takes them over afterwards: one result."""
    late, early = books
    late.import_files([SAMPLES])
    (tmp_path / "medcollect.toml").write_text(POLICIES, encoding="utf-8")
    late.repost(reason="decided", user="ann")
    early.import_files([SAMPLES])
    reports = ("claims", "waiting", "aging", "provider-adjustments")
    for name in reports:
        wanted = sorted(str(numberless(row)) for row in early.report(name)["rows"])
        assert sorted(str(numberless(row)) for row in late.report(name)["rows"]) == wanted, name


def numberless(row: dict[str, Any]) -> dict[str, Any]:
    """A row without our own ids, which tell in which order things were opened."""
    return {key: value for key, value in row.items() if key not in {"id", "claim", "account"}}
