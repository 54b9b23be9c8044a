"""Denials that one fix would serve, found in a book of either database."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.cli.app import app
from medcollect.errors import BadRequest
from medcollect.tasks import denial_patterns
from tests.flows.money.office import ANSWERED, HARBOR, PLAIN, answer, service
from tests.support.builder import Envelope, build_835
from tests.support.specs import Answer, Remit

WEEKS = 40
CODES = ("99213", "99214", "70553")


def visit(number: int, code: str, *, refused: bool) -> Answer:
    if refused:
        return answer(f"V{number}", "4", service(code, "300.00", "0.00", "CO-197 300.00"))
    return answer(f"V{number}", "1", service(code, "300.00", "200.00", "CO-45 100.00"))


def remit(week: int, payer_place: int) -> Remit:
    """One payer's weekly check: three of each procedure, and now and then a refusal."""
    payer = (PLAIN, HARBOR)[payer_place]
    answers = []
    for place, code in enumerate(CODES * 3):
        number = week * 100 + payer_place * 50 + place
        no_authorization = payer is PLAIN and code == "70553" and week >= 28
        refused = (no_authorization and place < 6) or (week % 13 == 5 and place == 0)
        answers.append(visit(number, code, refused=refused))
    day = ANSWERED - timedelta(weeks=WEEKS - week)
    return Remit(payer, f"T{week}-{payer_place}", day, tuple(answers))


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A file of forty weeks in which one payer begins to refuse a procedure."""
    remits = [remit(week, place) for week in range(WEEKS) for place in range(2)]
    path = tmp_path / "all.835"
    path.write_text(build_835(remits, Envelope()))
    return path


def test_a_procedure_that_one_payer_began_to_refuse(book_url: str, refusing: Path) -> None:
    with medcollect.open_book(book_url) as book:
        book.import_files([refusing])
        found = book.denial_patterns(as_of=ANSWERED)
        report = book.report("patterns", as_of=ANSWERED)
        worklist = book.denials(as_of=ANSWERED)["denials"]

    (pattern,) = found["patterns"]
    assert (pattern["payer"], pattern["code"]) == (PLAIN.name, "CO-197")
    assert (pattern["procedure"], pattern["kind"]) == ("70553", "new_code")
    assert (pattern["lines"], pattern["refused"]) == (36, 24)
    assert pattern["amount"] == pattern["open"] == "7200.00"
    assert pattern["since"] == str(ANSWERED - timedelta(weeks=12))
    assert pattern["confidence_percent"] == 99
    behind = {row["id"]: row for row in worklist if row["id"] in pattern["denials"]}
    assert len(behind) == 24
    assert {row["procedure"] for row in behind.values()} == {"70553"}
    assert {row["payer"] for row in behind.values()} == {PLAIN.name}
    assert (pattern["rate_percent"], pattern["expected_percent"]) == ("66.7", "0.6")
    assert len(pattern["cases"]) == 24
    assert set(pattern["cases"]) == {row["case"] for row in behind.values()}
    assert found["lines"] > 2 * WEEKS * 9
    assert report["totals"]["open"] == "7200.00"


def test_a_book_without_remittances_has_no_patterns(book_url: str) -> None:
    with medcollect.open_book(book_url) as book:
        nothing = {"patterns": [], "count": 0, "lines": 0, "open": "0.00"}
        found = book.denial_patterns()
        assert found.pop("searched_at")
        assert found == nothing


def test_the_three_doors_tell_the_same(
    refusing: Path, book_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medcollect.dates.today", lambda: ANSWERED)
    with medcollect.open_book(book_url) as book:
        book.import_files([refusing])
        found = book.denial_patterns()
        (pattern,) = found["patterns"]
        last = book.denials(payer=PLAIN.name)["denials"][-1]["id"]
        for told, count in (
            ({"payer": "plainf"}, 1),
            ({"payer": "harbor"}, 0),
            ({"minimum": "7200"}, 1),
            ({"minimum": "7200.01"}, 0),
        ):
            assert book.denial_patterns(**told)["count"] == count
        page = book.denial_patterns(limit=1)
        assert page == {**found, "next": None}
        assert book.denial_patterns(limit=1, after=pattern["id"])["patterns"] == []
        with pytest.raises(BadRequest):
            book.denial_patterns(after=last)
        ended = pattern["denials"][0]
        book.work_denial(ended, "write_off", amount="100", reason="trial", user="kim")
        (less,) = book.denial_patterns()["patterns"]
        assert less["id"] == pattern["id"], "the same code and bounds, the same id"
        told: dict[str, Any] = {"reason": "one call for all", "user": "kim"}
        done = book.work_denials([less["id"]], "note", **told)
        waiting = {row["denial"] for row in done["refused"]}
        assert {row["id"] for row in done["denials"]} | waiting == set(less["denials"])
        assert (done["count"], len(waiting)) == (20, 4)
        assert all("belongs to no claim yet" in row["message"] for row in done["refused"])
        book.undo(done["bulk"])

    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    shown = client.get("/api/v1/denials/patterns", params={"payer": "PLAINFIELD"})
    assert shown.status_code == 200
    assert shown.json()["patterns"] == [less]
    described = set(client.app.openapi()["components"]["schemas"]["DenialPattern"]["properties"])
    assert set(less) <= described
    table = refusing.parent / "patterns.csv"
    run = CliRunner().invoke(
        app, ["--book", book_url, "denials", "patterns", "--json", "--csv", str(table)]
    )
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["patterns"] == [less]
    (row,) = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())
    assert len(row) == len(less)


def test_it_is_searched_anew_only_where_its_facts_changed(
    refusing: Path, book_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[int] = []
    real = denial_patterns.find_patterns

    def counted(lines: Any) -> Any:
        searches.append(len(lines))
        return real(lines)

    monkeypatch.setattr(denial_patterns, "find_patterns", counted)
    monkeypatch.setattr("medcollect.dates.today", lambda: ANSWERED)
    more = tmp_path / "more.835"
    another = build_835([remit(WEEKS - 1, 1)], Envelope()).replace("V39", "W39")
    more.write_text(another.replace("T39-1", "T99-1"))
    with medcollect.open_book(book_url) as book:
        book.import_files([refusing])
        first = book.denial_patterns()
        done = book.denial_patterns(limit=1)["patterns"][0]["denials"]
        book.work_denial(done[0], "take", user="kim")
        assert book.denial_patterns()["searched_at"] == first["searched_at"]
        book.work_denial(done[0], "write_off", amount="100", reason="trial", user="kim")
        assert book.denial_patterns()["open"] != first["open"]
        begun = len(searches)
        number = book.import_files([more])["import"]
        assert book.denial_patterns()["lines"] == searches[-1] > searches[0]
        book.undo(number)
        assert book.denial_patterns()["lines"] == searches[-1] == searches[0]
        assert len(searches) == begun + 2
        book.denial_patterns(as_of=ANSWERED - timedelta(weeks=20))
        assert searches[-1] < searches[0]
