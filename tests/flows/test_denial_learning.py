"""What came of denials moves the order of the open ones, from the next day on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import medcollect
from tests.flows.money.office import ANSWERED, PLAIN, claim, whole
from tests.support.builder import Envelope, build_835, build_837
from tests.support.specs import Line, Remit, usd

LOST = [f"OLD{number}" for number in range(12)]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    def turn(day: date) -> date:
        monkeypatch.setattr("medcollect.dates.today", lambda: day)
        return day

    return turn


def test_history_moves_the_order_from_the_next_day_on(
    book_url: str, today: Any, tmp_path: Any
) -> None:
    amounts = {**dict.fromkeys(LOST, ("100", "CO-197")), "A": ("500", "CO-197")}
    amounts["B"] = ("150", "CO-252")
    claims = [claim(n, Line("99213", usd(a))) for n, (a, _) in amounts.items()]
    answers = [whole(n, "1", a, "0", f"{why} {a}") for n, (a, why) in amounts.items()]
    first, second = tmp_path / "claims.edi", tmp_path / "answers.edi"
    first.write_text(build_837(claims, Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=ANSWERED)))
    second.write_text(build_835([Remit(PLAIN, "T1", ANSWERED, tuple(answers))], Envelope()))
    day = today(ANSWERED + timedelta(days=20))

    def listed() -> list[str]:
        numbers = [row["patient_control_number"] for row in book.denials()["denials"]]
        return [number for number in numbers if number in {"A", "B"}]

    with medcollect.open_book(book_url) as book:
        book.import_files([first, second])
        assert listed() == ["A", "B"]
        for row in book.denials()["denials"]:
            if row["patient_control_number"] in LOST:
                told = {"reason": "letter", "result": "lost", "user": "kim"}
                book.work_denial(row["id"], "outcome", **told)
        assert listed() == ["A", "B"], "what is known stands for the day"
        today(day + timedelta(days=1))
        assert listed() == ["B", "A"]
        rows = {row["patient_control_number"]: row for row in book.denials()["denials"]}
        assert "12 tries of PLAINFIELD MUTUAL HEALTH that won 0%" in rows["A"]["why"]
        assert "as shipped;" in rows["B"]["why"]
        assert book.denial(rows["A"]["id"])["position"]["why"] == rows["A"]["why"]
        assert book.report("overturns")["rows"][0]["tries"] == 12
