"""Accounts: one patient at one practice; they join when facts bridge them, and part again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import medcollect
from tests.support.builder import PRACTICE, Envelope, build_835, build_837
from tests.support.specs import (
    Answer,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    Remit,
    cas,
    usd,
    with_check_digit,
)

PLAN = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101")
EDITH = Person("MARLOWE", "EDITH", date(1951, 3, 14))
SERVED = date(2026, 1, 12)


class Desk:
    """A book that claims and payments are sent to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = medcollect.open_book(f"sqlite:///{folder / 'book.db'}")
        self.sent = 0

    def file(self, text: str) -> str:
        self.sent += 1
        path = self.folder / f"{self.sent}.edi"
        path.write_text(text)
        return str(self.book.import_files([path])["import"])

    def bill(self, number: str, member: str, patient: Person = EDITH, **more: Any) -> str:
        practice = more.pop("practice", PRACTICE)
        lines = (Line("99213", usd("100")),)
        claim = Claim(number, patient, (Coverage(PLAN, member),), lines, SERVED)
        envelope = Envelope("CEDAR", "CLEAR", control=self.sent + 1)
        return self.file(build_837([claim], envelope, practice))

    def pay(self, number: str, member: str, patient: Person | None = EDITH) -> str:
        answer = Answer(
            number, "1", 10000, 8000, cas=cas("CO-45 20"), patient=patient, member_id=member
        )
        remit = Remit(PLAN, f"T{number}", date(2026, 2, 2), (answer,))
        return self.file(build_835([remit], Envelope(control=self.sent + 1)))

    def accounts(self, *numbers: str) -> list[str]:
        return [self.book.claim(number)["account"] for number in numbers]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.book.close()


def test_one_patient_has_one_account(desk: Desk) -> None:
    """Same name and birth date, another plan; or same name and member id."""
    desk.bill("A", "W1")
    desk.bill("B", "X9")
    desk.pay("C", "X9")
    assert len(set(desk.accounts("A", "B", "C"))) == 1


def test_namesakes_of_other_birth_dates_have_their_own(desk: Desk) -> None:
    desk.bill("A", "W1")
    desk.bill("B", "W2", replace(EDITH, birth=date(1980, 1, 1)))
    assert len(set(desk.accounts("A", "B"))) == 2


def test_a_family_under_one_member_id_is_kept_apart(desk: Desk) -> None:
    """Dependents share the subscriber's id: the name tells them apart."""
    desk.pay("A", "W1", EDITH)
    desk.pay("B", "W1", Person("MARLOWE", "OSCAR"))
    assert len(set(desk.accounts("A", "B"))) == 2


def test_one_patient_at_two_practices_has_two(desk: Desk) -> None:
    other = replace(PRACTICE, npi=with_check_digit("198700000"))
    desk.bill("A", "W1")
    desk.bill("B", "W1", practice=other)
    assert len(set(desk.accounts("A", "B"))) == 2


def test_claims_of_nobody_share_no_account(desk: Desk) -> None:
    """No name, no id: nothing says that they belong together."""
    desk.pay("A", "", None)
    desk.pay("B", "", None)
    assert len(set(desk.accounts("A", "B"))) == 2


def test_a_bridge_joins_accounts_and_its_undo_parts_them(desk: Desk) -> None:
    """Known by member id only, and by birth date only, until a claim shows both."""
    desk.pay("BYMEMBER", "W7")
    desk.bill("BYBIRTH", "Z3")
    apart = desk.accounts("BYMEMBER", "BYBIRTH")
    assert len(set(apart)) == 2
    bridge = desk.bill("BRIDGE", "W7")
    assert len(set(desk.accounts("BYMEMBER", "BYBIRTH", "BRIDGE"))) == 1
    joined = desk.book.balance("BRIDGE")
    assert len(joined["claims"]) == 3
    desk.book.undo(bridge)
    parted = desk.accounts("BYMEMBER", "BYBIRTH")
    assert len(set(parted)) == 2
    for number in ("BYMEMBER", "BYBIRTH"):
        assert len(desk.book.balance(number)["claims"]) == 1


def test_the_order_of_files_does_not_change_who_belongs_together(desk: Desk) -> None:
    desk.bill("BRIDGE", "W7")
    desk.bill("BYBIRTH", "Z3")
    desk.pay("BYMEMBER", "W7")
    assert len(set(desk.accounts("BYMEMBER", "BYBIRTH", "BRIDGE"))) == 1


def test_an_account_sums_its_claims(desk: Desk) -> None:
    desk.bill("A", "W1")
    desk.bill("B", "W1")
    desk.pay("A", "W1")
    balance = desk.book.balance("A")
    assert balance == desk.book.balance(balance["account"])
    figures = ("charge", "insurance_paid", "written_off", "insurance_open", "patient_due")
    assert [balance[f] for f in figures] == ["200.00", "80.00", "20.00", "100.00", "0.00"]
