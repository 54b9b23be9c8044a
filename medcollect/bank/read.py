"""A bank's file, whatever its format: told by its first bytes, read whole, as deposits."""

from __future__ import annotations

import re

import msgspec

from medcollect.bank.bai2 import read_bai2
from medcollect.bank.nacha import read_nacha
from medcollect.bank.problems import is_fatal, problem
from medcollect.bank.table import read_deposit_table
from medcollect.findings import Finding
from medcollect.model.deposit import Deposit
from medcollect.sheets import Mapping
from medcollect.sheets.grid import decoded, is_workbook

_BAI2 = re.compile(r"\s*01\s*,")
_NACHA = re.compile(r"\s*101.{90}", re.DOTALL)
_TABLE = re.compile(r"[^\n]*[,;\t|][^\n]*\n")


class BankFile(msgspec.Struct, frozen=True):
    """What a bank's file says.

    ``format`` is ``bai2``, ``nacha``, ``csv``, ``xlsx`` or empty. A file with a finding of severity
    error gives no deposits: half a bank statement would look like missing money.
    """

    format: str
    deposits: tuple[Deposit, ...]
    findings: tuple[Finding, ...]


def read_bank_file(data: bytes, mapping: Mapping | None = None) -> BankFile:
    """Read a bank's file; with a mapping it is a table whatever it looks like."""
    if mapping is not None or is_workbook(data):
        kind = "xlsx" if is_workbook(data) else "csv"
        return _finished(kind, *read_deposit_table(data, mapping or Mapping()))
    text = decoded(data)
    if _BAI2.match(text):
        return _finished("bai2", *read_bai2(text))
    if _NACHA.match(text):
        return _finished("nacha", *read_nacha(text))
    if _TABLE.match(text):
        return _finished("csv", *read_deposit_table(text, Mapping()))
    return BankFile("", (), (problem("bank-file-unknown"),))


def _finished(format_: str, deposits: list[Deposit], findings: list[Finding]) -> BankFile:
    """All of the deposits or none."""
    kept = () if is_fatal(findings) else tuple(deposits)
    return BankFile(format_, kept, tuple(findings))
