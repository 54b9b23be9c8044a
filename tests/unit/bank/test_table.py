"""CSV tables by a mapping: deposits, amounts as banks write them, and rows that cannot be read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcollect.bank import Mapping, mapping_of, read_bank_file
from medcollect.errors import BadRequest
from medcollect.money import format_dollars
from medcollect.sheets import money_cents

MAPPING = Mapping(
    columns={"date": "Posting Date", "description": "Details", "kind": "Type"},
    date_format="%m/%d/%Y",
    skip_lines=1,
    values={"kind": {"ACH_CREDIT": "ach", "RETURN": "returned"}},
)
TABLE = """\
Account ending 5006
Posting Date,Type,Credit,Debit,Details
02/09/2026,ACH_CREDIT,"1,952.00",,"PLAINFIELD, TRN*1*PM26020901*1999000101"
02/10/2026,RETURN,,40.00,CHECK CAME BACK
02/10/2026,OTHER,,99.00,RENT
"""


def test_a_download_by_its_mapping() -> None:
    found = read_bank_file(TABLE.encode(), MAPPING)

    first, second = found.deposits
    assert (first.deposit_date, first.amount_cents, first.kind) == (date(2026, 2, 9), 195200, "ach")
    assert (first.trace_number, first.line) == ("PM26020901", 3)
    assert (second.amount_cents, second.kind) == (-4000, "returned")
    assert [f.code for f in found.findings] == ["bank-debits-left-aside"]


def test_a_kind_that_is_none_of_ours_is_told() -> None:
    found = read_bank_file(TABLE.replace("OTHER", "rent").encode(), MAPPING)

    assert found.deposits == ()
    assert [(f.code, f.segment) for f in found.findings] == [("bank-field-unreadable", 5)]


def test_our_own_names_need_no_mapping() -> None:
    text = "Date;Amount;Payer;Trace_Number\n2026-02-09;952.00;PLAINFIELD;PM26020901\n"
    (deposit,) = read_bank_file(b"\xef\xbb\xbf" + text.encode()).deposits
    assert (deposit.amount_cents, deposit.payer_name) == (95200, "PLAINFIELD")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("Date,Sum\n2026-02-09,952.00\n", "bank-column-missing", None),
        ("Date,Amount\n2026-02-31,952.00\n", "bank-field-unreadable", 2),
        ("Date,Amount\n2026-02-09,9.521\n", "table-amount-fraction", 2),
        ("Date,Amount\n\n2026-02-09,nine\n", "bank-field-unreadable", 3),
        ("Date,Amount,Payer\n2026-02-09,952.00\n", "bank-row-short", 2),
        ('Date,Amount,Payer\n2026-02-09,952.00,"X"Y\n', "bank-record-unreadable", 2),
    ],
)
def test_a_fault_is_told_with_its_line_and_takes_nothing_in(
    text: str, code: str, line: int | None
) -> None:
    found = read_bank_file(text.encode())

    assert found.deposits == ()
    assert [(f.code, f.segment, f.severity) for f in found.findings] == [(code, line, "error")]


def test_a_letter_is_no_banks_file() -> None:
    found = read_bank_file(b"Dear practice")
    assert [f.code for f in found.findings] == ["bank-file-unknown"]


@pytest.mark.parametrize("data", [{"colums": {}}, {"columns": ["a"]}, {"skip_lines": "2"}])
def test_what_is_no_mapping_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match="mapping"):
        mapping_of(data)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("$1,234.50", 123450),
        ("(12.00)", -1200),
        ("12.00-", -1200),
        ("-$3", -300),
        ("1,23.00", None),
        ("12,50", None),
        ("", None),
        ("1.005", None),
    ],
)
def test_amounts_as_banks_write_them(text: str, cents: int | None) -> None:
    assert money_cents(text) == cents


@given(st.integers(-(10**11), 10**11))
def test_an_amount_written_for_people_is_read_back(cents: int) -> None:
    assert money_cents(format_dollars(cents)) == cents
    assert money_cents(f"${format_dollars(abs(cents))}") == abs(cents)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_finding_or_a_file(data: bytes) -> None:
    found = read_bank_file(data)
    assert found.format or [f.code for f in found.findings] == ["bank-file-unknown"]
    for start in (b"01,", b"101 021000999 0910000192604010600A094101".ljust(94) + b"\n"):
        read_bank_file(start + data)
