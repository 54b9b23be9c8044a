"""Writes what banks send, by the formats' own rules: BAI2 reports and NACHA files.

Independent of the product's readers; its totals, counts and hashes are worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Detail:
    """A transaction of a BAI2 report (record 16)."""

    code: str
    cents: int
    reference: str = ""
    check: str = ""
    text: str = ""


def bai2(
    days: Sequence[tuple[date, Sequence[Detail]]], account: str = "004005006", width: int = 70
) -> str:
    """A report with one group and account for each day; long texts go on in 88 records."""
    lines = ["01,021000999,CEDARHOLLOW,260401,0600,1,80,,2/"]
    total = groups = 0
    for day, details in days:
        block, cents = _account(details, account, width)
        group = [f"02,CEDARHOLLOW,021000999,1,{day:%y%m%d},2359,USD,2/", *block]
        lines += [*group, f"98,{cents},1,{len(group) + 1}/"]
        total += cents
        groups += 1
    return "\n".join([*lines, f"99,{total},{groups},{len(lines) + 1}/"]) + "\n"


def _account(details: Sequence[Detail], account: str, width: int) -> tuple[list[str], int]:
    balance = 1234567
    received = sum(d.cents for d in details if d.code < "400")
    lines = [f"03,{account},USD,015,{balance},,/", f"88,100,{received},{len(details)},/"]
    for detail in details:
        head = f"16,{detail.code},{detail.cents},Z,{detail.reference},{detail.check},"
        text = detail.text
        lines.append(head + text[: width - len(head)] if text else head + "/")
        rest = text[width - len(head) :]
        while rest:
            lines.append(f"88,{rest[: width - 3]}")
            rest = rest[width - 3 :]
    cents = balance + received + sum(d.cents for d in details)
    return [*lines, f"49,{cents},{len(lines) + 1}/"], cents


@dataclass(frozen=True)
class Credit:
    """An ACH entry (record 6) with its addenda (record 7)."""

    company: str
    cents: int
    addenda: str = ""
    kind: str = "CCD"
    code: str = "22"


def nacha(days: Sequence[tuple[date, Sequence[Credit]]], account: str = "004005006") -> str:
    """A file with a batch for each entry, in blocks of ten lines."""
    lines = [
        "101 021000999 0910000192604010600A094101CEDAR HOLLOW BANK      ACH OPERATOR           "
    ]
    number = entries = routing = debits = received = 0
    for day, found in days:
        for credit in found:
            number += 1
            added = [credit.addenda[i : i + 80] for i in range(0, len(credit.addenda), 80)]
            is_credit = credit.code[1] in "01234"
            debit, credit_cents = (0, credit.cents) if is_credit else (credit.cents, 0)
            lines += _batch(number, day, credit, added, account)
            count = 1 + len(added)
            lines.append(
                f"8200{count:06d}{2100099:010d}{debit:012d}{credit_cents:012d}"
                f"{'1999000101':<10}{'':19}{'':6}09100001{number:07d}"
            )
            entries += count
            routing += 2100099
            debits += debit
            received += credit_cents
    blocks = -(-(len(lines) + 1) // 10)
    lines.append(
        f"9{number:06d}{blocks:06d}{entries:08d}{routing % 10**10:010d}{debits:012d}{received:012d}"
    )
    lines += ["9" * 94] * (blocks * 10 - len(lines))
    return "\n".join(line.ljust(94) for line in lines) + "\n"


def _batch(number: int, day: date, credit: Credit, added: Sequence[str], account: str) -> list[str]:
    head = (
        f"5200{credit.company[:16]:<16}{'':20}1999000101{credit.kind}HCCLAIMPMT"
        f"{'':6}{day:%y%m%d}   1091000010"[:79]
    )
    trace = f"09100001{number:07d}"
    flag = "1" if added else "0"
    entry = (
        f"6{credit.code}021000999{account:<17}{credit.cents:010d}{'':15}"
        f"{'CEDAR HOLLOW FAMILY':<22}  {flag}{trace}"
    )
    lines = [
        f"{head}09100001{number:07d}",
        entry,
    ]
    return lines + [
        f"705{text:<80}{place:04d}{number:07d}" for place, text in enumerate(added, start=1)
    ]
