"""Stored judgments follow the rules in force: after new settings, and after new tables."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import medcollect
from medcollect.store.tables import counters, denials
from medcollect.tasks.worklists import denial_rows, list_denials

_FOLDER = Path(__file__).parents[2] / "edi_samples"
SAMPLES = [p for p in sorted(_FOLDER.glob("*.edi")) if p.name[:2] in {"01", "07", "09", "36", "38"}]
RULES = """\
[[denials.rules]]
name = "by phone"
reasons = ["197"]
category = "administrative"
next_action = "call_payer"

[[denials.limits]]
name = "contract"
payer = "*"
step = "appeal"
amount = 30
source = "paragraph 7"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "office.toml"
    path.write_text("", encoding="utf-8")
    return path


@pytest.fixture
def book(book_url: str, settings: Path) -> Any:
    with medcollect.open_book(book_url, settings=settings) as door:
        door.import_files(SAMPLES)
        yield door


def stored(book: Any) -> dict[str, tuple[str, Any, int]]:
    """What the rows of the worklist say: category, limit, weight."""
    with book._store.reading() as connection:
        query = sa.select(denials).where(denials.c.status != "withdrawn")
        return {
            f"N{row.id:06d}": (row.category, row.deadline, row.weight_cents)
            for row in connection.execute(query)
        }


def insist_that_rows_are_what_judging_gives(book: Any) -> None:
    kept = stored(book)
    with book._store.reading() as connection:
        rows = denial_rows(connection, status=None)
    for row in rows:
        category, limit, _ = kept[row["id"]]
        assert (category, limit and limit.isoformat()) == (row["category"], row["deadline"])


def test_new_settings_judge_the_stored_cases_anew_and_undo_brings_them_back(
    book: Any, settings: Path
) -> None:
    before = stored(book)
    settings.write_text(RULES, encoding="utf-8")
    assert book.denials(category="authorization")["count"] > 0
    book.repost(reason="our contract")
    insist_that_rows_are_what_judging_gives(book)
    assert book.denials(category="authorization")["count"] == 0
    (case, *_) = book.denials(category="administrative")["denials"]
    assert case["rules"][-1] == "settings by phone"
    appeals = [d for d in book.denials()["denials"] if d["appealable"] and d["deadline"]]
    assert appeals
    assert all("Settings (contract)" in d["deadline_rule"] for d in appeals)
    told = book.letter(appeals[0]["id"])
    assert (told["deadline"], told["deadline_rule"]) == (
        appeals[0]["deadline"],
        appeals[0]["deadline_rule"],
    )
    book.undo("S000001")
    assert stored(book) == before


def test_rows_that_other_tables_judged_are_refreshed_at_the_next_listing(book: Any) -> None:
    """As after an update of the product: the stamp in the book is that of the version before."""
    right = stored(book)
    listed = [d["id"] for d in book.denials()["denials"]]
    with book._store.writing() as connection:
        old = {"category": "duplicate", "weight_cents": 1, "priority": 1, "deadline": None}
        connection.execute(sa.update(denials).values(**old))
        name = counters.c.name == "denials_judged_by"
        assert connection.execute(sa.update(counters).where(name).values(value=7)).rowcount == 1
    assert [d["id"] for d in book.denials()["denials"]] == listed
    assert stored(book) == right


def listed(book: Any, day: date | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = list_denials(book._store, today=day)["denials"]
    return rows


def test_another_weight_of_urgency_puts_the_list_in_another_order(
    book: Any, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a day when a limit is near: it comes first, and with no weight of its own it does not."""
    due = min(date.fromisoformat(row["deadline"]) for row in listed(book) if row["deadline"])
    monkeypatch.setattr("medcollect.dates.today", lambda: due)
    usual = [row["id"] for row in listed(book)]
    near = [row["id"] for row in listed(book) if row["days_left"] == 0]
    places: dict[str, int] = {}
    for times in ("9", "1"):
        weights = [f"urgency_{days}_days = {times}" for days in (7, 14, 30)]
        settings.write_text("\n".join(["[denials.work]", *weights]), encoding="utf-8")
        before = [row["id"] for row in listed(book)]
        book.repost(reason="our weights")
        for day in (due, due + timedelta(days=40)):
            rows = listed(book, day)
            wanted = sorted(rows, key=lambda r: (-r["priority"], r["deadline"] or "9999", r["id"]))
            assert [row["id"] for row in rows] == [row["id"] for row in wanted]
        now = listed(book)
        whys = {row["id"]: row["why"] for row in now}
        assert all(f"0 days are left, which counts {times}.0 times." in whys[n] for n in near)
        places[times] = [row["id"] for row in now].index(near[-1])
        assert book.denial(near[-1])["position"] == {
            "place": places[times] + 1,
            "of": len(now),
            "why": whys[near[-1]],
        }
        assert [row["id"] for row in now] != before
    assert places["9"] < places["1"]
    book.undo("S000002")
    book.undo("S000001")
    assert [row["id"] for row in listed(book)] == usual
