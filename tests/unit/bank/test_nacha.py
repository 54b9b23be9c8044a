"""NACHA files: credits with their addenda, and controls that must hold."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.bank import BankFile, read_bank_file
from tests.support.write_bank import Credit, nacha

DAY = date(2026, 3, 2)
TRN = "TRN*1*PM26030201*1999000101~"


def read(text: str) -> BankFile:
    return read_bank_file(text.encode())


def test_a_credit_with_its_addendum() -> None:
    found = read(nacha([(DAY, [Credit("PLAINFIELD MUTUAL HEALTH", 44000, TRN)])]))

    (deposit,) = found.deposits
    assert found.format == "nacha"
    assert found.findings == ()
    assert (deposit.deposit_date, deposit.amount_cents, deposit.kind) == (DAY, 44000, "ach")
    assert (deposit.trace_number, deposit.payer_trace_id) == ("PM26030201", "1999000101")
    assert deposit.payer_name == "PLAINFIELD MUTUA"
    assert (deposit.account_ending, deposit.line) == ("5006", 3)


@pytest.mark.parametrize("terminator", ["~", "\\", "", "\n"])
def test_the_trace_with_any_terminator(terminator: str) -> None:
    text = TRN.rstrip("~") + terminator.strip()
    (deposit,) = read(nacha([(DAY, [Credit("PLAINFIELD", 44000, text)])])).deposits
    assert deposit.trace_number == "PM26030201"


def test_a_ctx_wraps_a_transaction_over_its_addenda() -> None:
    """The TRN may begin in one addendum and end in the next."""
    wrapped = "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CEDARHOLLOW    *260302*" + TRN
    (deposit,) = read(nacha([(DAY, [Credit("PLAINFIELD", 44000, wrapped, kind="CTX")])])).deposits
    assert (deposit.trace_number, deposit.payer_trace_id) == ("PM26030201", "1999000101")


def test_two_traces_in_one_addenda_are_no_trace() -> None:
    text = TRN + "TRN*1*OTHER1*1999000101~"
    (deposit,) = read(nacha([(DAY, [Credit("PLAINFIELD", 44000, text)])])).deposits
    assert deposit.trace_number == ""


def test_debits_are_left_aside() -> None:
    entries = [Credit("PLAINFIELD", 44000, TRN), Credit("LANDLORD", 90000, code="27")]
    found = read(nacha([(DAY, entries)]))

    assert [d.amount_cents for d in found.deposits] == [44000]
    assert [f.code for f in found.findings] == ["bank-debits-left-aside"]


@pytest.mark.parametrize(
    ("line", "change", "code", "told"),
    [
        (3, ("0000044000", "0000044001"), "bank-total-differs", 5),
        (3, ("0000044000", "00000A4000"), "bank-record-unreadable", 3),
        (2, ("260302", "269902"), "bank-record-unreadable", 2),
        (5, ("000002", "000003"), "bank-total-differs", 5),
        (5, ("0002100099", "0002100098"), "bank-total-differs", 5),
        (6, ("9000001", "9000002"), "bank-total-differs", 6),
        (3, ("6", "2"), "bank-record-unknown", 3),
        (2, ("5200", "6200"), "bank-record-misplaced", 2),
    ],
)
def test_a_fault_is_told_with_its_line_and_takes_nothing_in(
    line: int, change: tuple[str, str], code: str, told: int
) -> None:
    lines = nacha([(DAY, [Credit("PLAINFIELD", 44000, TRN)])]).splitlines()
    lines[line - 1] = lines[line - 1].replace(*change, 1)
    found = read("\n".join(lines))

    assert found.deposits == ()
    assert (code, told) in [(f.code, f.segment) for f in found.findings]


def test_a_file_that_breaks_off_takes_nothing_in() -> None:
    lines = nacha([(DAY, [Credit("PLAINFIELD", 44000, TRN)])]).splitlines()
    found = read("\n".join(lines[:4]))

    assert found.deposits == ()
    assert [f.code for f in found.findings] == ["bank-file-cut-off"]


def test_a_file_without_line_ends() -> None:
    text = nacha([(DAY, [Credit("PLAINFIELD", 44000, TRN)])]).replace("\n", "")
    assert [d.amount_cents for d in read(text).deposits] == [44000]
