"""BAI2: deposits, and what is said of a report that does not add up."""

from __future__ import annotations

from datetime import date

import pytest
from bai2 import bai2 as peer
from bai2.constants import TypeCodeTransaction

from medcollect.bank import BankFile, read_bank_file
from tests.support.write_bank import Detail, bai2

DAY = date(2026, 2, 9)
TRN = "ACH CREDIT CO NAME: PLAINFIELD MUTUAL  ENTRY: HCCLAIMPMT TRN*1*PM26020901*1999000101~"


def read(text: str) -> BankFile:
    return read_bank_file(text.encode())


def codes(found: BankFile) -> list[str]:
    return [finding.code for finding in found.findings]


def test_a_credit_with_the_payers_trace() -> None:
    """The trace is found in a text that is broken over continuation records."""
    found = read(bai2([(DAY, [Detail("165", 95200, "0001", "", TRN)])], width=60))

    (deposit,) = found.deposits
    assert found.format == "bai2"
    assert found.findings == ()
    assert (deposit.deposit_date, deposit.amount_cents, deposit.kind) == (DAY, 95200, "ach")
    assert (deposit.trace_number, deposit.payer_trace_id) == ("PM26020901", "1999000101")
    assert deposit.payer_name == "PLAINFIELD MUTUAL"
    assert deposit.account_ending == "5006"
    assert deposit.line == 5


def test_items_of_a_lockbox_deposit_do_not_count_again() -> None:
    details = [
        Detail("115", 50000, "LB1"),
        Detail("116", 20000, "", "1001"),
        Detail("116", 30000, "", "1002"),
    ]
    (deposit,) = read(bai2([(DAY, details)])).deposits

    assert deposit.amount_cents == 50000
    assert [(i.trace_number, i.amount_cents) for i in deposit.items] == [
        ("1001", 20000),
        ("1002", 30000),
    ]


def test_items_without_their_deposit_are_deposits() -> None:
    (deposit,) = read(bai2([(DAY, [Detail("116", 20000, "", "1001")])])).deposits

    assert (deposit.amount_cents, deposit.kind, deposit.trace_number) == (20000, "lockbox", "1001")


def test_what_came_back_is_negative_and_other_debits_are_left_aside() -> None:
    found = read(bai2([(DAY, [Detail("555", 4000), Detail("475", 9900), Detail("698", 100)])]))

    assert [(d.amount_cents, d.kind) for d in found.deposits] == [(-4000, "returned")]
    assert codes(found) == ["bank-debits-left-aside"]
    assert (
        found.findings[0].message == "Entries that take money off the account were left aside: 2."
    )


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        (("49,", "49,1"), "bank-total-differs", 6),
        (("98,", "98,1"), "bank-total-differs", 7),
        ((",2,8/", ",2,9/"), "bank-total-differs", 8),
        (("16,165,95200", "16,165,95X00"), "bank-record-unreadable", 5),
        (("16,165", "16,A65"), "bank-record-unreadable", 5),
        (("260209,2359", "269909,2359"), "bank-record-unreadable", 2),
        (("16,165", "17,165"), "bank-record-unknown", 5),
        (("49,", "98,"), "bank-record-misplaced", 6),
        ((",2359,USD", ",2359,CAD"), "bank-currency-foreign", 2),
        ((",80,,2/", ",80,,1/"), "bank-version-unknown", 1),
    ],
)
def test_a_fault_is_told_with_its_line_and_takes_nothing_in(
    change: tuple[str, str], code: str, line: int
) -> None:
    sound = bai2([(DAY, [Detail("165", 95200, "0001", "", "PAYER")])])
    text = sound.replace(",1,8/", ",2,8/") if change[0] == ",2,8/" else sound
    found = read(text.replace(*change, 1))

    assert found.deposits == ()
    finding = next(f for f in found.findings if f.code == code)
    assert finding.segment == line
    assert finding.message.startswith(f"Line {line}: ")
    assert finding.severity == "error"


def test_a_file_that_breaks_off_takes_nothing_in() -> None:
    text = bai2([(DAY, [Detail("165", 95200)])])
    found = read(text[: text.index("98,")])

    assert found.deposits == ()
    assert codes(found) == ["bank-file-cut-off"]


def test_a_deleted_group_is_not_taken_in() -> None:
    text = bai2([(DAY, [Detail("165", 95200)])]).replace("021000999,1,260209", "021000999,2,260209")
    found = read(text)

    assert found.deposits == ()
    assert codes(found) == ["bank-group-not-final"]


def test_availability_fields_are_passed_over() -> None:
    """Funds S, V and D put fields before the references; the references follow on a line of 88."""
    text = bai2([(DAY, [Detail("165", 300), Detail("142", 200), Detail("301", 100)])])
    text = text.replace("16,165,300,Z,,,/", "16,165,300,S,100,100,100,REF1,CHK1,SOME TEXT")
    text = text.replace("16,142,200,Z,,,/", "16,142,200,V,260210,1200,REF2,CHK2,MORE")
    text = text.replace("16,301,100,Z,,,/", "16,301,100,D,2,0,50,1,50,REF3,CHK3,END")
    found = read(text)

    assert [(d.reference, d.trace_number) for d in found.deposits] == [
        ("REF1", "CHK1"),
        ("REF2", "CHK2"),
        ("REF3", "CHK3"),
    ]


def test_a_reader_of_other_people_sees_the_same_credits() -> None:
    details = [
        Detail("165", 95200, "0001", "", TRN),
        Detail("115", 50000, "LB1", "", "LOCKBOX"),
        Detail("555", 4000, "R1", "77", "RETURNED"),
    ]
    text = bai2([(DAY, details), (date(2026, 2, 10), details[:1])], width=500)
    theirs = [
        detail
        for group in peer.parse_from_string(text).children
        for account in group.children
        for detail in account.children
    ]

    ours = read(text).deposits
    assert [d.amount_cents for d in ours] == [
        d.amount if d.type_code.transaction is TypeCodeTransaction.credit else -d.amount
        for d in theirs
    ]
    assert [d.reference for d in ours] == [d.bank_reference for d in theirs]
