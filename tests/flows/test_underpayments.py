"""Contracts held against what payers allowed, through every door, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import medcollect
from api.app import create_app
from api.settings import Settings
from medcollect.book import Book
from medcollect.errors import BadRequest, NotFound
from tests.support import priced
from tests.support.choices import SeededChoices
from tests.support.specs import cas, reversal

API = "/api/v1"
FIRST = date(2026, 1, 1)
SHORT = dict[tuple[str, int], str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ppo.csv").write_text(priced.CONTRACT)
    (tmp_path / "asp.csv").write_text(priced.SCHEDULE)
    (tmp_path / "terms.json").write_text(json.dumps(priced.TERMS))
    return tmp_path


def bring(book: Book, folder: Path, **told: Any) -> dict[str, Any]:
    about = {"name": "PPO", "valid_from": FIRST, "payer": "PLAINFIELD*", **told}
    return book.import_contract(
        folder / "ppo.csv", terms=folder / "terms.json", user="kim", **about
    )


def bring_base(book: Book, folder: Path) -> dict[str, Any]:
    return book.import_contract(
        folder / "asp.csv", name="ASP", valid_from=FIRST, fee_schedule=True, user="kim"
    )


def found(book: Book, **asked: Any) -> SHORT:
    rows = book.underpayments(**asked)["underpayments"]
    return {(r["patient_control_number"], r["line"]): r["difference"] for r in rows}


def planted(visits: list[priced.Visit]) -> SHORT:
    return {
        (one.claim.number, line): f"{cents // 100}.{cents % 100:02d}"
        for one in visits
        for line, cents in one.short.items()
    }


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_every_planted_underpayment_is_found_and_no_other(book_url: str, folder: Path) -> None:
    """Whatever came first: contract, fee schedule, answers or claims."""
    visits = priced.year(SeededChoices(11), 160)
    half = len(visits) // 2
    files = [
        write(folder, "a.835", priced.remit_file([v.answer for v in visits[:half]], FIRST)),
        write(folder, "a.837", priced.claims_file(visits)),
        write(folder, "b.835", priced.remit_file([v.answer for v in visits[half:]], FIRST, 501)),
    ]
    with medcollect.open_book(book_url) as book:
        book.import_files(files[:1])
        assert bring(book, folder)["status"] == "imported"
        book.import_files(files[1:2])
        unpriced = book.underpayments(kind="no_term")
        assert "asp has no version" in unpriced["underpayments"][0]["explanation"]
        last = book.import_files(files[2:])["import"]
        bring_base(book, folder)
        assert found(book) == planted(visits)
        assert len(planted(visits)) > 30
        assert not found(book, kind="overpaid")
        assert not found(book, kind="no_term")
        totals = book.report("underpayments")["totals"]
        assert totals["by_contract"] == book.underpayments()["amount"]
        book.undo(last)
        assert found(book) == planted(visits[:half])


def test_versions_replace_each_other_and_are_taken_back(book_url: str, folder: Path) -> None:
    visits = [priced.simple(1, date(2026, 2, 1), 9_000), priced.simple(2, date(2026, 8, 1), 9_000)]
    text = "procedure,amount\n99213,{}\n"
    with medcollect.open_book(book_url) as book:
        book.import_files(
            [write(folder, "a.835", priced.remit_file([v.answer for v in visits], FIRST))]
        )

        def price(amount: str, start: date = FIRST, **told: Any) -> dict[str, Any]:
            table = write(folder, "p.csv", text.format(amount))
            about: dict[str, Any] = {"name": "PPO", "payer": "PLAINFIELD*", "user": "kim", **told}
            return book.import_contract(table, valid_from=start, **about)

        assert price("95.00", dry_run=True)["id"] is None
        assert not found(book)
        assert price("95.00")["id"] == "T000001"
        assert price("95.00")["status"] == "known"
        assert found(book) == {("S00001", 1): "5.00", ("S00002", 1): "5.00"}
        price("97.00", date(2026, 7, 1))
        assert found(book) == {("S00001", 1): "5.00", ("S00002", 1): "7.00"}
        price("96.00")
        assert found(book) == {("S00001", 1): "6.00", ("S00002", 1): "7.00"}
        assert book.undo("T000003")["kind"] == "contract"
        book.undo("T000002")
        assert found(book) == {("S00001", 1): "5.00", ("S00002", 1): "5.00"}
        with pytest.raises(NotFound):
            book.undo("T000002")
        listed = book.contracts()["contracts"]
        assert [one["status"] for one in listed] == ["active", "undone", "undone"]
        assert (listed[0]["user"], listed[0]["row_count"]) == ("kim", 1)
        assert book.contract("T000001")["rows"][0]["amount"] == "95.00"


def test_a_bad_row_or_control_total_keeps_nothing(book_url: str, folder: Path) -> None:
    wrong = write(folder, "wrong.csv", "procedure,amount\n99213,95.00\n99214,ask\n")
    about: dict[str, Any] = {"valid_from": FIRST, "payer": "PLAINFIELD*", "user": "kim"}
    with medcollect.open_book(book_url) as book:
        told = book.import_contract(wrong, name="PPO", **about)
        assert (told["status"], told["id"]) == ("rejected", None)
        assert [(f["code"], f["line"]) for f in told["findings"]] == [
            ("contract-field-unreadable", 3)
        ]
        assert bring(book, folder, expect_count=9)["status"] == "rejected"
        assert not book.contracts()["contracts"]
        assert bring(book, folder, expect_count=10)["status"] == "imported"
        for name, payer in (("charge", "A*"), ("PPO", ""), (" ", "A*")):
            with pytest.raises(BadRequest):
                bring(book, folder, name=name, payer=payer)


def test_a_corrected_payment_closes_it_and_a_reversal_takes_it_off(
    book_url: str, folder: Path
) -> None:
    low, right = priced.simple(1, FIRST, 8_000).answer, priced.simple(1, FIRST, 9_250).answer
    days = [date(2026, 2, 1), date(2026, 3, 1)]
    with medcollect.open_book(book_url) as book:
        bring(book, folder)
        book.import_files([write(folder, "a.835", priced.remit_file([low], days[0]))])
        assert found(book) == {("S00001", 1): "12.50"}
        shown = book.underpayments()["underpayments"][0]
        assert book.underpayment(shown["id"]) == shown
        answers = [reversal(low), replace(right, control_number="PS00001B")]
        fixed = write(folder, "b.835", priced.remit_file(answers, days[1]))
        second = book.import_files([fixed])["import"]
        assert not found(book)
        with pytest.raises(NotFound):
            book.underpayment(shown["id"])
        book.undo(second)
        assert found(book) == {("S00001", 1): "12.50"}


def test_denials_later_payers_and_whole_claims_are_not_underpayments(
    book_url: str, folder: Path
) -> None:
    def answered(number: int, adjustments: str, status: str = "1") -> Any:
        answer = priced.simple(number, FIRST, 8_000).answer
        items = cas(adjustments)
        paid = answer.charge - sum(cents for _, _, cents in items)
        service = replace(answer.services[0], paid=paid, cas=items)
        return replace(answer, paid=paid, status=status, services=(service,), responsibility=None)

    answers = [
        answered(1, "CO-45 107.50, CO-197 92.50"),
        answered(2, "CO-45 107.50, CO-50 20"),
        answered(3, "CO-24 190, PR-3 10"),
        answered(4, "CO-45 107.50, PR-2 10, CO-253 1.65"),
        answered(5, "CO-45 200"),
        answered(6, "PR-45 107.50, PR-1 92.50"),
        replace(answered(7, "CO-45 120"), services=(), cas=cas("CO-45 120")),
    ]
    with medcollect.open_book(book_url) as book:
        bring(book, folder)
        book.import_files([write(folder, "a.835", priced.remit_file(answers, FIRST))])
        assert found(book) == {("S00005", 1): "92.50"}
        assert book.underpayments()["lines"] == {
            "as_expected": 2, "denied": 2, "not_compared": 2, "underpaid": 1,
        }  # fmt: skip


def test_the_837_says_units_modifiers_and_place(book_url: str, folder: Path) -> None:
    """The payer leaves the modifier out, and pays one unit of two."""
    seen = priced.simple(1, FIRST, 600)
    line = replace(seen.claim.lines[0], code="93000", modifiers=("26",))
    short = replace(seen.answer.services[0], code="93000")
    one = replace(seen.claim, lines=(line,))
    two = replace(one, number="S00002", lines=(replace(line, units="2"),))
    three = replace(seen.claim, number="S00003", place="22")
    rest = priced.simple(3, FIRST, 7_001)
    answers = [replace(seen.answer, services=(short,))]
    low = replace(short, paid=-400, cas=(("CO", "45", 19_400), ("PR", "3", 1_000)))
    answers[0] = replace(answers[0], services=(low,), paid=-400)
    second = replace(answers[0], number="S00002", control_number="P2")
    claims = [replace(seen, claim=claim) for claim in (one, two, three)]
    with medcollect.open_book(book_url) as book:
        bring(book, folder)
        remit = priced.remit_file([*answers, second, rest.answer], FIRST)
        book.import_files([write(folder, "a.837", priced.claims_file(claims))])
        book.import_files([write(folder, "a.835", remit)])
        assert found(book) == {("S00002", 1): "6.00"}


def test_without_a_contract_the_payers_own_pattern(book_url: str, folder: Path) -> None:
    days = [date(2026, 2, day) for day in range(1, 13)]
    visits = [
        priced.simple(n, day, 9_000 if n == 9 else 9_250, payer=priced.OTHER)
        for n, day in enumerate(days)
    ]
    answers = [v.answer for v in visits]
    with medcollect.open_book(book_url) as book:
        text = priced.remit_file(answers, FIRST, payer=priced.OTHER)
        book.import_files([write(folder, "a.835", text)])
        assert found(book) == found(book, basis="usual") == {("S00009", 1): "2.50"}
        told = book.underpayments(payer="greywater")["underpayments"][0]["explanation"]
        assert told.startswith("9 of 9 earlier lines of this year were allowed 92.50")
        assert not found(book, minimum="2.51")
        assert not found(book, since=date(2026, 1, 2))
        write(folder, "medcollect.toml", '[underpayments]\ntolerance = "2.50"\n')
    with medcollect.open_book(book_url, settings=folder / "medcollect.toml") as book:
        assert not found(book)
        assert book.report("underpayments")["rows"] == []


def test_contracts_over_http(book_url: str, folder: Path) -> None:
    visits = priced.year(SeededChoices(5), 30)
    with medcollect.open_book(book_url) as book:
        book.import_files([write(folder, "a.837", priced.claims_file(visits))])
        text = priced.remit_file([v.answer for v in visits], FIRST)
        book.import_files([write(folder, "a.835", text)])
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    numbers = count()

    def post(path: str, status: int, **sent: Any) -> dict[str, Any]:
        key = {"Idempotency-Key": f"key-{next(numbers)}"}
        response = client.post(f"{API}/{path}", headers=key, **sent)
        assert response.status_code == status, response.text
        return dict(response.json())

    def table(status: int, file: str, **form: str) -> dict[str, Any]:
        data = {"valid_from": "2026-01-01", **form}
        return post("contracts", status, files={"table": (folder / file).open("rb")}, data=data)

    made = table(200, "ppo.csv", name="PPO", payer="PLAINFIELD*", terms=json.dumps(priced.TERMS))
    assert (made["id"], made["status"]) == ("T000001", "imported")
    base = table(200, "asp.csv", name="asp", fee_schedule="true")
    assert base["kind"] == "fee_schedule"
    table(409, "asp.csv", name="asp", valid_to="2026-02-31")
    table(409, "asp.csv", name="asp", terms="[]")
    table(409, "asp.csv", name="asp")
    pages, after = [], ""
    while True:
        page = client.get(f"{API}/underpayments?limit=3{after}").json()
        pages += page["underpayments"]
        if not page["next"]:
            break
        after = f"&after={page['next']}"
    got = {(r["patient_control_number"], r["line"]): r["difference"] for r in pages}
    assert (got, len(pages)) == (planted(visits), page["count"])
    one = client.get(f"{API}/underpayments/{pages[0]['id']}").json()
    assert one == pages[0]
    assert client.get(f"{API}/contracts/T000001").json()["rows"][0]["procedure"] == "99213"
    post("contracts/T000001/undo", 200, json={})
    assert client.get(f"{API}/underpayments/{pages[0]['id']}").status_code == 404
