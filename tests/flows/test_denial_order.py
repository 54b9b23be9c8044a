"""The stored order of the denial worklist is the order that judging every case anew would give."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import medcollect
from medcollect import dates
from medcollect.bookkeeping.experience import standing
from medcollect.bookkeeping.ranking import is_ranked, write_denials
from medcollect.store.tables import denials
from medcollect.tasks.denial_queries import DenialFilter, in_order
from medcollect.tasks.worklists import denial_rows, list_denials

_FOLDER = Path(__file__).parents[2] / "edi_samples"
SAMPLES = [p for p in sorted(_FOLDER.glob("*.edi")) if p.name[:2] in {"01", "07", "09", "36", "38"}]
DAYS = (date(2026, 1, 5), date(2026, 3, 1), date(2026, 6, 30), date(2030, 1, 1))


@pytest.fixture
def book(book_url: str) -> Any:
    with medcollect.open_book(book_url) as door:
        door.import_files(SAMPLES)
        yield door


def judged_order(book: Any, day: date) -> list[str]:
    with book._store.reading() as connection:
        rows = denial_rows(connection, today=day)
    rows.sort(key=lambda row: (-row["priority"], row["deadline"] or "9999", row["id"]))
    return [row["id"] for row in rows]


def listed(book: Any, day: date | None = None, **filters: Any) -> list[str]:
    answer = list_denials(book._store, today=day, **filters)
    return [row["id"] for row in answer["denials"]]


@pytest.mark.parametrize("day", DAYS)
def test_the_order_on_any_day_is_that_of_judging_every_case(book: Any, day: date) -> None:
    assert len(listed(book, day)) > 10
    assert listed(book, day) == judged_order(book, day)


def test_today_is_ranked_once_and_a_new_day_ranks_again(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in DAYS:
        monkeypatch.setattr("medcollect.dates.today", lambda day=day: day)
        assert listed(book) == judged_order(book, day)
        with book._store.reading() as connection:
            assert is_ranked(connection, day)
            query = sa.select(denials.c.id, denials.c.priority)
            stored = {f"N{row.id:06d}": row.priority for row in connection.execute(query)}
            shown = {row["id"]: row["priority"] for row in denial_rows(connection, today=day)}
        assert shown == {name: stored[name] for name in shown}


@pytest.mark.parametrize("day", [None, DAYS[1]])
def test_pages_put_together_are_the_list(book: Any, day: date | None) -> None:
    whole, pages, after = listed(book, day), [], None
    while True:
        answer = list_denials(book._store, limit=3, after=after, today=day)
        pages += [row["id"] for row in answer["denials"]]
        after = answer["next"]
        if after is None:
            break
    assert pages == whole


def test_the_totals_follow_every_import_and_undo(book: Any) -> None:
    before = list_denials(book._store, limit=1)
    assert before["count"] == len(listed(book))
    book.undo("I000001", user="ann", reason="a trial")
    assert list_denials(book._store, limit=1)["count"] == len(listed(book)) == 0
    book.import_files(SAMPLES)
    again = list_denials(book._store, limit=1)
    assert (again["count"], again["amount"]) == (before["count"], before["amount"])


def test_what_is_ranked_as_of_another_day_is_ranked_again(book: Any) -> None:
    listed(book)
    day = dates.today() + timedelta(days=400)
    with book._store.writing() as connection:
        row = connection.execute(sa.select(denials).limit(1)).first()
        write_denials(connection, day, [], [{"id": row.id, "priority": 10**9}], [])
    assert listed(book) == judged_order(book, dates.today())


@pytest.mark.parametrize("category", [None, "authorization"])
def test_a_page_of_equal_priorities_is_taken_from_the_index_without_sorting(
    tmp_path: Path, category: str | None
) -> None:
    with medcollect.open_book(f"sqlite:///{tmp_path / 'book.db'}") as book:
        book.denials()  # ranks it for today
        asked: list[tuple[str, Any]] = []
        with book._store.reading() as connection:
            sa.event.listen(
                connection,
                "before_cursor_execute",
                lambda _c, _cur, statement, values, _ctx, _many: asked.append((statement, values)),
            )
            wanted, stands = DenialFilter(category=category), standing(connection)
            in_order(connection, wanted, dates.today(), stands, limit=25)
            statement, values = asked[-1]
            inner = statement[statement.index("(SELECT denials.id AS id") + 1 :]
            inner = inner[: inner.index(") AS anon_1")]
            count = statement[: statement.index("(SELECT denials.id AS id")].count("?")
            plan = connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {inner}", tuple(values[count : count + inner.count("?")])
            )
            told = " ".join(str(row[-1]) for row in plan)
    assert "USING" in told
    assert "TEMP B-TREE" not in told


def test_a_page_is_read_by_two_statements_in_one_transaction(book: Any) -> None:
    book.denials(limit=1)  # ranks it for today
    asked: list[str] = []
    engine = book._store.engine
    sa.event.listen(engine, "begin", lambda _c: asked.append("begin"))
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _cur, told, *_: asked.append(told))
    assert len(book.denials(limit=3)["denials"]) == 3
    statements = [told for told in asked if told not in {"begin", "BEGIN"}]
    assert len(statements) == 2
    assert asked.count("begin") == 1
