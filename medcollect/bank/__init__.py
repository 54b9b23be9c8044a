"""What banks send: BAI2 reports, NACHA files with addenda, CSV downloads; as deposits."""

from __future__ import annotations

from medcollect.bank.calendar import add_bank_days, bank_days_between
from medcollect.bank.mapping import Mapping, mapping_of
from medcollect.bank.read import BankFile, read_bank_file

__all__ = [
    "BankFile",
    "Mapping",
    "add_bank_days",
    "bank_days_between",
    "mapping_of",
    "read_bank_file",
]
