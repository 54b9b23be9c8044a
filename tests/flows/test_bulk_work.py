"""One step on many denials, on either database: looked at first, done as one, undone as one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect import dates
from medcollect.cli.app import app
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.tasks import bulk_work
from tests.flows.test_denial_work import DENIED, at_once
from tests.support.book_state import differences, state_of

KIM: dict[str, Any] = {"user": "kim", "reason": "one call for all"}


@pytest.fixture
def book(book_url: str) -> Any:
    with medcollect.open_book(book_url) as door:
        door.import_files(DENIED)
        yield door


@pytest.fixture
def cases(book: Any) -> list[str]:
    """The ids of the open cases, the first in order of work first."""
    return list(dict.fromkeys(row["case"] for row in book.denials()["denials"]))


def states(book: Any, cases: list[str]) -> list[str]:
    return [book.denial(case)["state"] for case in cases]


def test_a_preview_does_nothing_and_what_is_done_is_what_it_said(
    book: Any, book_url: str, cases: list[str]
) -> None:
    before = state_of(book_url)
    told: dict[str, Any] = {**KIM, "waiting_for": "payer", "until": date(2030, 1, 2)}
    some = cases[:3]
    seen = book.work_denials(some, "wait", dry_run=True, **told)
    assert not differences(state_of(book_url), before)
    assert (seen["bulk"], seen["dry_run"], seen["refused"]) == (None, True, [])
    done = book.work_denials(some, "wait", seen=seen["seen"], **told)
    assert [row["id"] for row in done["denials"]] == [row["id"] for row in seen["denials"]] == some
    assert (done["count"], done["amount"]) == (3, seen["amount"])
    assert [row["state"] for row in seen["denials"]] == ["new"] * 3
    assert [row["state"] for row in done["denials"]] == ["waiting"] * 3
    assert done["bulk"] == "J000001"
    for row in done["denials"]:
        shown = book.denial(row["id"])
        (moment,) = [m for m in shown["history"] if m["id"]]
        assert [moment["id"]] == row["taken"]
        assert (moment["bulk"], moment["user"], moment["reason"]) == ("J000001", *KIM.values())
        assert (
            (shown["version"], shown["open"]) == (row["version"], row["open"]) == (1, row["open"])
        )
    assert book.undo("J000001")["kind"] == "bulk"
    assert not differences(state_of(book_url), before)
    assert states(book, some) == ["new"] * 3
    with pytest.raises(NotFound):
        book.undo("J000001")


def test_what_does_not_take_the_step_is_told_with_its_reason(
    book: Any, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {case: book.denial(case)["deadline"] for case in cases}
    late = next(case for case, limit in limits.items() if limit)
    day = date.fromisoformat(limits[late]) + timedelta(days=1)
    monkeypatch.setattr("medcollect.dates.today", lambda: day)
    theirs, ended, *good = [case for case, limit in limits.items() if not limit]
    book.work_denial(theirs, "take", user="lee")
    book.work_denial(ended, "outcome", result="closed", **KIM)
    asked = [late, theirs, ended, "N999999", *good, *good]
    done = book.work_denials(asked, "appeal", level=1, **KIM)
    assert [row["id"] for row in done["denials"]] == good
    said = {row["denial"]: row["message"] for row in done["refused"]}
    assert said == {
        late: f"The limit of {late} passed on {limits[late]}.",
        theirs: f"{theirs} is with lee.",
        ended: f"{ended} has ended: it is closed.",
        "N999999": "There is no such denial.",
    }
    assert states(book, [late, theirs, ended, good[0]]) == ["new", "in_work", "closed", "appealed"]
    alone = book.work_denial(late, "appeal", level=1, reference="good cause", user="kim")
    assert alone["state"] == "appealed", "one by one a person may know better"


def test_of_one_case_its_amounts_are_one(book: Any) -> None:
    rows = book.denials()["denials"]
    several = next(r for r in rows if len(book.denial(r["id"])["amounts"]) > 1)
    amounts = [amount["id"] for amount in book.denial(several["id"])["amounts"]]
    done = book.work_denials(amounts, "note", **KIM)
    assert [row["id"] for row in done["denials"]] == [several["case"]]
    assert len(done["denials"][0]["taken"]) == 1


def test_nothing_is_done_when_a_case_changed_since_it_was_seen(book: Any, cases: list[str]) -> None:
    seen = book.work_denials(cases[:3], "take", user="kim", dry_run=True)["seen"]
    book.work_denial(cases[1], "note", reason="called", user="lee")
    with pytest.raises(NotAllowed, match="since you saw them"):
        book.work_denials(cases[:3], "take", user="kim", seen=seen)
    assert states(book, cases[:3]) == ["new"] * 3
    assert book.work_denials(cases[:3], "take", user="kim")["count"] == 3
    with pytest.raises(NotAllowed, match="yours already"):
        book.work_denials(cases[:3], "take", user="kim")


def test_two_who_take_the_same_at_once_share_them_out(
    book: Any, book_url: str, cases: list[str]
) -> None:
    some, taken = cases[:4], dict[str, list[str]]()

    def take(user: str, wanted: list[str]) -> None:
        with medcollect.open_book(book_url) as mine:
            done = mine.work_denials(wanted, "take", user=user)
            taken[user] = [row["id"] for row in done["denials"]]

    at_once(lambda: take("ann", some[:3]), lambda: take("ben", some[1:]))
    assert sorted(taken["ann"] + taken["ben"]) == sorted(some)
    for user, ids in taken.items():
        assert {book.denial(case)["owner"] for case in ids} == {user}


def test_what_breaks_half_way_leaves_nothing(
    book: Any, book_url: str, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state_of(book_url)
    kept = iter([bulk_work.keep_step, bulk_work.keep_step])

    def breaks(*asked: Any) -> Any:
        step = next(kept, None)
        if step is None:
            raise RuntimeError("the power went")
        return step(*asked)

    monkeypatch.setattr(bulk_work, "keep_step", breaks)
    with pytest.raises(RuntimeError):
        book.work_denials(cases[:3], "take", user="kim")
    assert not differences(state_of(book_url), before)
    assert states(book, cases[:3]) == ["new"] * 3


def test_many_are_written_off_within_the_limit_and_all_come_back(
    book_url: str, tmp_path: Path
) -> None:
    settings = tmp_path / "office.toml"
    settings.write_text("[write_off]\nlimit = 200\n", encoding="utf-8")
    with medcollect.open_book(book_url, settings=settings) as book:
        book.import_files(DENIED)
        before = state_of(book_url)
        rows = [
            r for r in book.denials()["denials"] if r["group"] != "PR" and r["kind"] == "denied"
        ]
        cases = list(dict.fromkeys(row["case"] for row in rows))
        opened = {case: round(float(book.denial(case)["open"]) * 100) for case in cases}
        done = book.work_denials(cases, "write_off", **KIM)
        fit = [case for case in cases if opened[case] <= 20000]
        assert [row["id"] for row in done["denials"]] == fit
        assert len(fit) > 2
        assert len(done["refused"]) == len(cases) - len(fit) > 0
        assert all("allows 200.00 per decision" in row["message"] for row in done["refused"])
        assert round(float(done["amount"]) * 100) == sum(opened[case] for case in fit)
        assert set(states(book, fit)) == {"written_off"}
        assert {book.denial(case)["open"] for case in fit} == {"0.00"}
        one = done["denials"][0]["taken"][0]
        book.undo(one)
        assert states(book, fit)[0] == "new"
        book.undo(done["bulk"])
        assert not differences(state_of(book_url), before)


def test_filters_mean_all_that_the_worklist_keeps(book: Any, cases: list[str]) -> None:
    among = {"category": "authorization", "minimum": "50"}
    wanted = list(dict.fromkeys(row["case"] for row in book.denials(**among)["denials"]))
    assert 0 < len(wanted) < len(cases)
    done = book.work_denials([], "take", user="kim", among=among)
    assert [row["id"] for row in done["denials"]] == wanted
    assert {row["case"] for row in book.denials(owner="kim")["denials"]} == set(wanted)
    for named, filters in (([], None), ([], {}), (cases[:1], among)):
        with pytest.raises(NotAllowed, match="not said which"):
            book.work_denials(named, "take", user="kim", among=filters)
    with pytest.raises(NotAllowed, match="there are none"):
        book.work_denials([], "take", user="kim", among={"payer": "no such payer"})
    with pytest.raises(BadRequest):
        book.work_denials([], "take", user="kim", among={"category": "authorisation"})


def test_an_amount_is_that_of_one_denial(book: Any, cases: list[str]) -> None:
    with pytest.raises(BadRequest):
        book.work_denials(cases[:2], "write_off", amount="5", **KIM)
    with pytest.raises(NotAllowed, match="None of them takes this step"):
        book.work_denials(cases[:2], "wait", **KIM)


def test_the_same_over_http(book: Any, book_url: str, cases: list[str]) -> None:
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    body: dict[str, Any] = {"denials": cases[:2], "kind": "take", "user": "dana"}

    def post(path: str, headers: dict[str, str], **body: Any) -> tuple[int, Any]:
        response = client.post(f"/api/v1/denials/{path}", json=body, headers=headers)
        return response.status_code, response.json()

    status, seen = post("bulk/search", {}, **body)
    assert (status, seen["dry_run"], seen["count"]) == (200, True, 2)
    assert post("bulk", {"If-Match": '"0123456789abcdef"'}, **body)[0] == 409
    key = {"Idempotency-Key": "once", "If-Match": f'"{seen["seen"]}"'}
    status, done = post("bulk", key, **body)
    assert (status, done["bulk"]) == (201, "J000001")
    assert post("bulk", key, **body) == (201, done), "sent twice, done once"
    assert [book.denial(case)["version"] for case in cases[:2]] == [1, 1]
    assert post("bulk", {}, **body)[0] == 409
    assert post("bulk/J000001/undo", {})[1]["kind"] == "bulk"
    assert states(book, cases[:2]) == ["new", "new"]
    assert post("bulk", {}, **{**body, "amount": "5.00"})[0] == 422
    by_filter = {"kind": "take", "user": "dana", "among": {"category": "authorization"}}
    found = book.denials(category="authorization")["denials"]
    status, done = post("bulk/search", {}, **by_filter)
    assert (status, {row["id"] for row in done["denials"]}) == (200, {r["case"] for r in found})
    assert post("bulk", {}, kind="take", user="dana")[0] == 409
    assert post("bulk", {}, **{**body, "denials": ["G0000000001"]})[0] == 404


@pytest.mark.parametrize(
    "filters",
    [
        {"reason": "197"},
        {"reason": "CO-197"},
        {"remark": "n130"},
        {"procedure": "99213"},
        {"kind": "denied"},
        {"older_than": 30},
        {"older_than": 30, "reason": "197"},
    ],
)
def test_codes_lines_and_age_narrow_the_list(book: Any, filters: dict[str, Any]) -> None:
    month_ago = (dates.today() - timedelta(days=30)).isoformat()

    def fits(row: dict[str, Any]) -> bool:
        told = filters.get("reason", row["reason"]).rpartition("-")[2] == row["reason"]
        old = "older_than" not in filters or row["decided_on"] < month_ago
        line = filters.get("procedure", row.get("procedure")) == row.get("procedure")
        remark = filters.get("remark", "").upper() in {"", *row["remarks"]}
        return told and old and line and remark and filters.get("kind", "denied") == row["kind"]

    wanted = [row["id"] for row in book.denials()["denials"] if fits(row)]
    assert wanted
    answer = book.denials(**filters)
    assert [row["id"] for row in answer["denials"]] == wanted
    assert answer["count"] == len(wanted)
    with pytest.raises(BadRequest):
        book.denials(kind="no such kind")


def test_what_was_done_to_many_is_listed_at_three_doors(
    book: Any, book_url: str, cases: list[str]
) -> None:
    assert book.bulk_steps() == {"bulk_steps": [], "next": None}
    first = book.work_denials(cases[:3], "take", user="kim")["bulk"]
    second = book.work_denials(cases[3:5], "note", reason="called", user="lee")["bulk"]
    book.work_denial(cases[0], "note", reason="alone", user="kim")
    rows = book.bulk_steps()["bulk_steps"]
    told = [(row["id"], row["step"], row["user"], row["count"], row["undone"]) for row in rows]
    assert told == [(second, "note", "lee", 2, "no"), (first, "take", "kim", 3, "no")]
    assert rows[0]["reason"] == "called"
    taken = next(m["id"] for m in book.denial(cases[0])["history"] if m["kind"] == "take")
    book.undo(taken)
    book.undo(second)
    rows = book.bulk_steps()["bulk_steps"]
    assert [(row["standing"], row["undone"]) for row in rows] == [(0, "yes"), (2, "partly")]
    page = book.bulk_steps(limit=1)
    assert page["next"] == second
    assert book.bulk_steps(limit=1, after=second) == {"bulk_steps": rows[1:], "next": None}
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    assert client.get("/api/v1/denials/bulk").json()["bulk_steps"] == rows
    shown = CliRunner().invoke(app, ["--book", book_url, "denials", "bulk"]).output
    assert f"{second}  {rows[0]['date']}  note on 2 denials by lee  (undone)" in shown
    assert "(2 still stand)" in shown


def test_the_command_takes_every_filter_of_the_list(book: Any, book_url: str) -> None:
    def run(*words: str) -> Any:
        return json.loads(CliRunner().invoke(app, ["--book", book_url, "--json", *words]).stdout)

    among = ("--code", "CO-197", "--state", "new", "--owner", "nobody", "--older-than", "30")
    listed = {row["case"] for row in run("denials", *among)["denials"]}
    seen = run("denial", *among, "take", "--user", "kim", "--dry-run")
    assert listed
    assert {row["id"] for row in seen["denials"]} == listed
    run("denial", *among, "assign", "--owner", "lee")  # whom it is given to is no filter here
    assert {row["case"] for row in book.denials(owner="lee")["denials"]} <= listed
    assert run("denial", "--owner", "lee", "release", "--dry-run")["count"] > 0


def test_what_is_not_there_names_a_next_step(book: Any, book_url: str) -> None:
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    ids = ("imports/I999999", "remittances/R999999", "denials/N999999", "claims/C999999", "nothing")
    for path in (*ids, "accounts/A999999", "denials/77"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["action"], path
