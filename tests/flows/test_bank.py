"""Deposits and what people decide on them, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.book import Book
from medcollect.errors import BadRequest, NotAllowed, NotFound
from tests.support.builder import Envelope, build_835
from tests.support.generate import seeded_world
from tests.support.specs import Remit
from tests.support.write_bank import Credit, Detail, bai2, nacha

DAY = date(2026, 2, 9)
SAMPLES = Path(__file__).parents[2] / "edi_samples"
WHO: dict[str, str] = {"reason": "called the bank", "user": "kim"}


@pytest.fixture
def book(book_url: str) -> Iterator[Book]:
    with medcollect.open_book(book_url) as opened:
        yield opened


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def statement(folder: Path, *details: Detail, name: str = "statement.bai") -> Path:
    return write(folder, name, bai2([(DAY, details)]))


def standing(book: Book) -> list[tuple[str, str]]:
    found = book.reconcile()["deposits"]
    return [(row["id"], row["amount"]) for row in found]


ONE = Detail("165", 95200, "A1", "", "PLAINFIELD")


def test_importing_twice_counts_once(book: Book, tmp_path: Path) -> None:
    path = statement(tmp_path, ONE)
    first, second = book.import_deposits([path]), book.import_deposits([path])

    assert (first["deposits"], first["deposits_total"], first["known"]) == (1, "952.00", 0)
    assert (second["deposits"], second["known"]) == (0, 1)
    assert second["files"][0]["status"] == "duplicate"
    assert standing(book) == [("B000001", "952.00")]


def test_true_twins_in_one_file_are_two(book: Book, tmp_path: Path) -> None:
    book.import_deposits([statement(tmp_path, ONE, ONE)])
    book.import_deposits([statement(tmp_path, ONE, name="part.bai")])
    assert [amount for _, amount in standing(book)] == ["952.00", "952.00"]


def test_reports_that_overlap_count_once(book: Book, tmp_path: Path) -> None:
    book.import_deposits([statement(tmp_path, ONE)])
    other = Detail("165", 4000, "A2", "", "PLAINFIELD")
    answer = book.import_deposits([statement(tmp_path, ONE, other, name="month.bai")])

    assert (answer["deposits"], answer["known"]) == (1, 1)
    assert [(f["code"], f["line"]) for f in answer["files"][0]["findings"]] == [
        ("deposit-known", 5)
    ]


def test_the_payers_trace_makes_it_the_same_in_any_format(book: Book, tmp_path: Path) -> None:
    trn = "TRN*1*PM1*1999000101~"
    book.import_deposits([statement(tmp_path, Detail("165", 95200, "A1", "", f"ACH {trn}"))])
    path = write(tmp_path, "file.ach", nacha([(DAY, [Credit("PLAINFIELD", 95200, trn)])]))
    assert book.import_deposits([path])["known"] == 1


def test_undo_lets_another_file_step_in(book: Book, tmp_path: Path) -> None:
    first = book.import_deposits([statement(tmp_path, ONE)])["import"]
    second = book.import_deposits([statement(tmp_path, ONE, name="again.bai")])["import"]

    assert book.undo(first)["kind"] == "import"
    assert standing(book) == [("B000002", "952.00")]
    book.undo(second)
    assert standing(book) == []
    book.import_deposits([statement(tmp_path, ONE)])
    assert standing(book) == [("B000003", "952.00")]


def test_a_dry_run_keeps_nothing(book: Book, tmp_path: Path) -> None:
    answer = book.import_deposits([statement(tmp_path, ONE)], dry_run=True)
    assert (answer["import"], answer["deposits"], answer["dry_run"]) == (None, 1, True)
    assert standing(book) == []


def test_a_file_with_a_fault_is_kept_out_and_told(book: Book, tmp_path: Path) -> None:
    path = statement(tmp_path, ONE)
    path.write_text(path.read_text().replace("16,165,95200", "16,165,95201"))
    answer = book.import_deposits([path])

    assert answer["files"][0]["status"] == "rejected"
    assert {f["code"] for f in answer["files"][0]["findings"]} == {"bank-total-differs"}
    assert standing(book) == []


# -- decisions --------------------------------------------------------------------------------


@pytest.fixture
def desk(book: Book, tmp_path: Path) -> Book:
    """Two remittances and two deposits that no rule ties."""
    world = seeded_world(5)
    one, two = (Remit(r.payer, f"CK{n}", DAY, r.answers, r.provider_adjustments)
                for n, r in enumerate((world.remits[0], world.remits[0])))  # fmt: skip
    book.import_files([write(tmp_path, f"{r.trace}.835", build_835([r], Envelope(control=n)))
                       for n, r in enumerate((one, two), start=1)])  # fmt: skip
    details = [Detail("301", one.payment, f"D{n}", "", "DEPOSIT") for n in (1, 2)]
    book.import_deposits([statement(tmp_path, *details)])
    return book


def remits(book: Book) -> list[str]:
    return [row["id"] for row in book.reconcile()["remittances"]]


def matched(book: Book) -> list[tuple[str, str, str]]:
    return [
        (m["deposits"][0]["id"], m["remittances"][0]["id"], m["rule"])
        for m in book.reconcile()["matched"]
    ]


def test_a_person_ties_and_unties(desk: Book) -> None:
    first, second = remits(desk)
    tied = desk.tie_deposit("match", "B000001", first, **WHO)
    assert matched(desk) == [("B000001", first, "person")]

    with pytest.raises(NotAllowed, match="before"):
        desk.tie_deposit("match", "B000001", first, **WHO)
    other = desk.tie_deposit("unmatch", "B000001", first, **WHO)
    assert other["replaced"] == [tied["decision"]]
    assert matched(desk) == []
    desk.undo(other["decision"])
    assert matched(desk) == []
    desk.tie_deposit("match", "B000002", second, **WHO)
    assert matched(desk) == [("B000002", second, "person")]
    decided = desk.report("decisions")["rows"]
    assert [(r["kind"], r["user"], r["status"]) for r in decided] == [
        ("same_money", "kim", "undone"),
        ("not_same_money", "kim", "undone"),
        ("same_money", "kim", "active"),
    ]


def test_a_tie_with_another_amount_is_a_difference(desk: Book) -> None:
    first, _ = remits(desk)
    desk.tie_deposit("match", "B000001", first, **WHO)
    desk.tie_deposit("match", "B000002", first, **WHO)
    (row,) = desk.reconcile()["differences"]
    assert row["rule"] == "person"
    assert row["difference"] == row["remittances"][0]["amount"]


def test_what_is_set_aside_waits_for_nothing(desk: Book) -> None:
    first, second = remits(desk)
    desk.set_deposit_aside("B000001", reason="interest", user="kim")
    decision = desk.set_deposit_aside(second, reason="virtual card", user="kim")["decision"]

    answer = desk.reconcile()
    assert [d["id"] for d in answer["deposits"]] == ["B000002"]
    assert [r["id"] for r in answer["remittances"]] == [first]
    assert [d["id"] for d in answer["set_aside"]] == ["B000001"]
    assert second in [r["id"] for r in answer["not_expected"]]
    desk.undo(decision)
    assert remits(desk) == [first, second]


def test_decisions_hold_an_undo_up_or_go_with_it(desk: Book) -> None:
    first, _ = remits(desk)
    decision = desk.tie_deposit("match", "B000001", first, **WHO)["decision"]

    with pytest.raises(NotAllowed, match=decision):
        desk.undo("I000002")
    assert desk.undo("I000002", with_decisions=True)["decisions_taken_along"] == [decision]
    assert desk.reconcile()["deposits"] == []


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        (("B000009", "R000001"), NotFound),
        (("B000001", "R000009"), NotFound),
        (("R000001", "B000001"), NotFound),
    ],
)
def test_what_is_not_there_cannot_be_tied(desk: Book, pair: Any, error: Any) -> None:
    with pytest.raises(error):
        desk.tie_deposit("match", *pair, **WHO)


def test_a_decision_needs_a_reason(desk: Book) -> None:
    with pytest.raises(BadRequest):
        desk.tie_deposit("match", "B000001", remits(desk)[0], reason=" ", user="kim")


def test_a_payment_in_several_transactions_is_one(book: Book, tmp_path: Path) -> None:
    """One trace, two transactions, one deposit of their sum."""
    remit = next(r for r in seeded_world(5).remits if r.payment > 0)
    first = remit.answers[0]
    other = replace(remit, trace="GROUP1", answers=(replace(first, number=f"{first.number}B"),))
    parts = [replace(remit, trace="GROUP1"), other]
    book.import_files([write(tmp_path, "group.835", build_835(parts, Envelope()))])
    total = sum(part.payment for part in parts)
    book.import_deposits([statement(tmp_path, Detail("165", total, "A1", "GROUP1"))])

    (match,) = book.reconcile()["matched"]
    assert len(match["remittances"][0]["remittances"]) == 2
    assert match["rule"] == "trace_and_amount"


def test_nothing_of_an_account_number_is_shown(book: Book, tmp_path: Path) -> None:
    book.import_deposits([write(tmp_path, "s.bai", bai2([(DAY, [ONE])], account="987654321"))])
    shown = json.dumps([book.reconcile(), book.imports()])
    assert "98765" not in shown
    assert '"account_ending": "4321"' in shown
