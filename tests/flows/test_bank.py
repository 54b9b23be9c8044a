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


# -- patients' cards ----------------------------------------------------------------------------


@pytest.fixture
def desk_with_cards(book: Book) -> Book:
    """The month, with 25.00 and 40.00 paid by card on a Monday, 65.00 in cash on the same day."""
    book.import_files([SAMPLES])
    for amount, method in (("25.00", "card"), ("40.00", "card"), ("65.00", "cash")):
        book.pay("CH1002", amount, method=method, received_on=DAY, user="kim")
    return book


def cards(folder: Path, *days_and_cents: tuple[int, int], kind: str = "165") -> Path:
    """A statement with one credit on each of some days of February."""
    told = [
        (date(2026, 2, day), [Detail(kind, cents, f"C{day}", "", "MERCHANT SERVICES")])
        for day, cents in days_and_cents
    ]
    return write(folder, "cards.bai", bai2(told))


def tied_cards(book: Book) -> list[tuple[str, str, list[str]]]:
    found = book.reconcile()["card_batches"]
    return [(one["deposit"]["id"], one["day"], one["patient_payments"]) for one in found]


def test_a_days_cards_are_the_one_deposit_of_their_sum(
    desk_with_cards: Book, tmp_path: Path
) -> None:
    desk_with_cards.import_deposits([cards(tmp_path, (11, 6500))])
    assert tied_cards(desk_with_cards) == [("B000001", "2026-02-09", ["M000001", "M000002"])]
    answer = desk_with_cards.reconcile()
    assert answer["deposits"] == []
    assert answer["totals"]["deposits"]["patient_cards"] == "65.00"
    desk_with_cards.undo("M000002")
    assert tied_cards(desk_with_cards) == []
    assert [d["amount"] for d in desk_with_cards.reconcile()["deposits"]] == ["65.00"]


def test_what_went_back_to_cards_that_day_lowers_the_deposit(
    desk_with_cards: Book, tmp_path: Path
) -> None:
    told: dict[str, Any] = {"method": "card", "user": "kim"}
    desk_with_cards.pay("CH1001", "20.00", received_on=DAY, **told)
    desk_with_cards.refund("M000004", "5.00", refunded_on=DAY, reason="typed wrong", **told)
    desk_with_cards.import_deposits([cards(tmp_path, (10, 8000))])
    ((_, day, members),) = tied_cards(desk_with_cards)
    assert (day, members) == ("2026-02-09", ["M000001", "M000002", "M000004", "M000005"])


@pytest.mark.parametrize("deposited", [(16, 6500), (6, 6500), (11, 6501)])
def test_later_earlier_or_other_amounts_are_not_tied(
    desk_with_cards: Book, tmp_path: Path, deposited: tuple[int, int]
) -> None:
    """Three bank days on at most, never before, to the cent."""
    desk_with_cards.import_deposits([cards(tmp_path, deposited)])
    assert tied_cards(desk_with_cards) == []
    assert len(standing(desk_with_cards)) == 1


def test_two_deposits_or_two_days_that_fit_are_left_to_a_person(
    desk_with_cards: Book, tmp_path: Path
) -> None:
    desk_with_cards.import_deposits([cards(tmp_path, (10, 6500), (11, 6500))])
    assert tied_cards(desk_with_cards) == []
    actions = {row["action"] for row in desk_with_cards.reconcile()["deposits"]}
    assert all("card payments of 2026-02-09" in action for action in actions)
    desk_with_cards.set_deposit_aside("B000001", **WHO)
    assert [one[0] for one in tied_cards(desk_with_cards)] == ["B000002"]
    next_day = date(2026, 2, 10)
    desk_with_cards.pay("CH1002", "65.00", method="card", received_on=next_day, user="kim")
    assert tied_cards(desk_with_cards) == []


def test_checks_and_payers_money_are_no_cards(desk_with_cards: Book, tmp_path: Path) -> None:
    desk_with_cards.import_deposits([cards(tmp_path, (11, 6500), kind="301")])
    assert tied_cards(desk_with_cards) == []
