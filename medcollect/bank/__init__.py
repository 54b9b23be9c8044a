"""What banks send: BAI2 reports, NACHA files with addenda, tables; as deposits."""

from __future__ import annotations

from medcollect.bank.calendar import add_bank_days, bank_days_between
from medcollect.bank.read import BankFile, read_bank_file
from medcollect.sheets import Mapping, mapping_of

__all__ = [
    "BankFile",
    "Mapping",
    "add_bank_days",
    "bank_days_between",
    "mapping_of",
    "read_bank_file",
]
