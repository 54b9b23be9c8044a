"""What matching deposits takes and gives."""

from __future__ import annotations

from datetime import date

import msgspec

from medcollect.model.deposit import Deposit


class BankDeposit(msgspec.Struct, frozen=True, gc=False):
    """A deposit of the book."""

    id: int
    deposit: Deposit

    @property
    def cents(self) -> int:
        """Its amount."""
        return self.deposit.amount_cents


class ExpectedPayment(msgspec.Struct, frozen=True, gc=False):
    """A payment that remittances announce: all transactions of one TRN are one payment.

    ``id`` is that of its first remittance, ``remittances`` are all of them.
    """

    id: int
    remittances: tuple[int, ...]
    trace_number: str
    payer_trace_id: str
    payer_name: str
    payment_date: date | None
    method: str
    cents: int


class Pair(msgspec.Struct, frozen=True, gc=False):
    """A deposit and a payment."""

    deposit: int
    payment: int


class Ties(msgspec.Struct, frozen=True):
    """What people decided: pairs that belong together or not, and what no other side is due to."""

    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    deposits_aside: frozenset[int] = frozenset()
    payments_aside: frozenset[int] = frozenset()


class BankMatch(msgspec.Struct, frozen=True):
    """Deposits and payments that belong together, and by which rule."""

    deposits: tuple[int, ...]
    payments: tuple[int, ...]
    rule: str


class PaymentCandidate(msgspec.Struct, frozen=True):
    """A payment that could be a deposit's, with what speaks for and against it."""

    payment: int
    why: tuple[str, ...]
    why_not: tuple[str, ...]


class Reconciled(msgspec.Struct, frozen=True):
    """What is tied, what has the same trace and another amount, and candidates of free deposits."""

    matches: tuple[BankMatch, ...]
    differences: tuple[BankMatch, ...]
    candidates: dict[int, tuple[PaymentCandidate, ...]]
