"""The first pass over a file and the plan for its transactions: DESIGN 5."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest

from medcollect.bookkeeping.plan import plan_transactions
from medcollect.bookkeeping.scan import Documents, FindingList, ScannedFile, scan
from medcollect.files import find_files
from medcollect.findings import Finding
from medcollect.store.engine import Store
from medcollect.tasks.import_files import import_files
from tests.support.builder import Envelope, build_835
from tests.support.specs import Answer, Payer, Person, ProviderAdjustment, Remit, cas, usd

PLAN = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
OTHER = Payer("HARBOR BENEFIT FUND", "HBF02", "999000102")
DAY = date(2026, 2, 2)
PLAINLY = Envelope()


class Text:
    """A file in memory."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        self.size = len(self.bytes)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.bytes)


def paid(number: str = "PCN1", amount: str = "80", off: str = "CO-45 20") -> Answer:
    adjustments = cas(off)
    charge = usd(amount) + sum(c for _, _, c in adjustments)
    return Answer(number, "1", charge, usd(amount), cas=adjustments, patient=Person("A", "B"))


def remit(*answers: Answer, **more: object) -> Remit:
    stated = {"payer": PLAN, "trace": "T1", "day": DAY, **more}
    return Remit(answers=answers or (paid(),), **stated)


def scanned(*remits: Remit, envelope: Envelope = PLAINLY) -> ScannedFile:
    return scan(Documents(Text(build_835(remits, envelope))))


def cash(found: ScannedFile) -> list[tuple[int, str]]:
    return [(s.counted_cents, s.held) for s in found.transactions.values()]


# -- cash of a payment -----------------------------------------------------------------------


def test_a_payment_that_proves_counts_its_bpr02() -> None:
    assert cash(scanned(remit())) == [(8000, "")]


def test_parts_with_their_own_amounts_each_count() -> None:
    assert cash(scanned(remit(), remit(paid("B", "50")))) == [(8000, ""), (5000, "")]


def test_parts_that_repeat_the_whole_count_once() -> None:
    parts = [remit(amount=13000), remit(paid("B", "50"), amount=13000)]
    assert cash(scanned(*parts)) == [(8000, ""), (5000, "")]


def test_parts_that_prove_neither_way_are_all_held() -> None:
    parts = [remit(amount=12000), remit(paid("B", "50"), amount=12000)]
    held = "remittance_does_not_balance"
    assert cash(scanned(*parts)) == [(12000, held), (12000, held)]


def test_parts_that_state_different_wholes_are_held() -> None:
    """The first repeats the sum, the second does not: nobody knows what the bank received."""
    parts = [remit(amount=13000), remit(paid("B", "50"), amount=99900)]
    assert {held for _, held in cash(scanned(*parts))} == {"remittance_does_not_balance"}


def test_one_bad_payment_does_not_hold_another() -> None:
    good = remit(paid("B", "50"), trace="T2")
    assert cash(scanned(remit(amount=1), good)) == [
        (1, "remittance_does_not_balance"),
        (5000, ""),
    ]


@pytest.mark.parametrize("change", [{"payer": OTHER}, {"trace": "T2"}, {"day": date(2026, 2, 3)}])
def test_payer_trace_and_date_make_the_payment(change: dict[str, object]) -> None:
    """Two transactions that differ in one of them are two payments: none repeats the other."""
    parts = [remit(amount=13000), remit(paid("B", "50"), amount=13000, **change)]
    assert {held for _, held in cash(scanned(*parts))} == {"remittance_does_not_balance"}


def test_without_a_trace_number_every_transaction_is_a_payment_of_its_own() -> None:
    parts = [remit(trace="", amount=13000), remit(paid("B", "50"), trace="", amount=13000)]
    assert {held for _, held in cash(scanned(*parts))} == {"remittance_does_not_balance"}


def test_provider_adjustments_belong_to_the_proof() -> None:
    kept = (ProviderAdjustment("WO", "X", usd("30")),)
    assert cash(scanned(remit(provider_adjustments=kept))) == [(5000, "")]


def test_denied_money_is_counted_with_reversals_taken_off() -> None:
    denied = paid("A", "0", "CO-197 100")
    back = replace(denied, status="22", charge=-10000, cas=cas("CO-197 -100"))
    (found,) = scanned(remit(denied, denied, back)).transactions.values()
    assert (found.denied_claims, found.denied_cents) == (2, 10000)


# -- what is known ---------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    store = Store(f"sqlite:///{tmp_path / 'book.db'}")
    yield store, tmp_path
    store.close()


def take_in(book: tuple[Store, Path], *remits: Remit, envelope: Envelope = PLAINLY) -> None:
    store, folder = book
    path = folder / f"{len(list(folder.iterdir()))}.835"
    path.write_text(build_835(remits, envelope))
    assert len(list(find_files([path]))) == 1
    import_files(store, [path])


def plan(book: tuple[Store, Path], *remits: Remit, envelope: Envelope = PLAINLY) -> list[str]:
    with book[0].reading() as connection:
        found = scanned(*remits, envelope=envelope).transactions
        return list(plan_transactions(connection, found).values())


def test_a_new_payment_is_active(book: tuple[Store, Path]) -> None:
    assert plan(book, remit()) == ["active"]


def test_the_same_transaction_in_another_file_is_a_duplicate(book: tuple[Store, Path]) -> None:
    """Other envelope, other control numbers, other line breaks, other delimiters."""
    take_in(book, remit())
    other = Envelope(sender="BANK", control=77, newline="", element="|", component=">")
    assert plan(book, remit(), envelope=other) == ["duplicate"]
    assert plan(book, remit(paid("B", "50"), trace="T2"), remit()) == ["active", "duplicate"]


def test_the_same_transaction_twice_in_one_file(book: tuple[Store, Path]) -> None:
    assert plan(book, remit(), remit()) == ["active", "duplicate"]


def test_the_same_payment_with_other_content_is_reissued(book: tuple[Store, Path]) -> None:
    take_in(book, remit())
    assert plan(book, remit(paid("B", "50"))) == ["reissued"]


def test_two_parts_of_one_payment_in_one_file_are_no_reissue(book: tuple[Store, Path]) -> None:
    assert plan(book, remit(), remit(paid("B", "50"))) == ["active", "active"]


@pytest.mark.parametrize("change", [{"payer": OTHER}, {"trace": "T2"}, {"day": date(2026, 2, 3)}])
def test_another_payment_is_not_reissued(
    book: tuple[Store, Path], change: dict[str, object]
) -> None:
    take_in(book, remit())
    assert plan(book, remit(paid("B", "50"), **change)) == ["active"]


def test_without_a_trace_number_nothing_is_reissued(book: tuple[Store, Path]) -> None:
    take_in(book, remit(trace=""))
    assert plan(book, remit(paid("B", "50"), trace="")) == ["active"]


# -- findings --------------------------------------------------------------------------------


def test_a_hundred_findings_of_a_kind_are_listed_and_the_rest_counted() -> None:
    found = FindingList()
    found.add(Finding("bad-date", "error", "x", "y") for _ in range(250))
    found.add([Finding("other", "warning", "x", "y")])
    listed = found.as_list()
    assert [f.code for f in listed].count("bad-date") == 100
    assert "150 more findings of bad-date" in listed[-1].message
    assert found.errors == 250
