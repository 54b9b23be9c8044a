"""What a bank says about the practice's account: deposits, and the checks inside one."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

#: What a deposit can be. ``returned`` is money the bank took back (a bounced check, an ACH return).
DEPOSIT_KINDS: Final = ("ach", "lockbox", "check", "card", "wire", "cash", "other", "returned")


class DepositItem(msgspec.Struct, frozen=True, gc=False):
    """One check of a lockbox deposit, where the bank itemises it."""

    line: int
    amount_cents: int
    trace_number: str = ""
    payer_name: str = ""


class Deposit(msgspec.Struct, frozen=True, gc=False):
    """One amount that the bank put on the account, or took off it again (negative).

    ``line`` is where it stands in the file. ``trace_number`` and ``payer_trace_id`` are TRN02 and
    TRN03 of the payer's addenda (CAQH CORE 370), or the check's number; ``reference`` is the bank's
    own number. Of the account's number only the last four digits are kept.
    """

    line: int
    deposit_date: date
    amount_cents: int
    kind: str
    trace_number: str = ""
    payer_trace_id: str = ""
    payer_name: str = ""
    reference: str = ""
    account_ending: str = ""
    description: str = ""
    items: tuple[DepositItem, ...] = ()
