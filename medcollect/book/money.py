"""The part of the Python door that deals with the bank and with what patients pay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from medcollect.book.opened import OpenedBook

Document = dict[str, Any]


class MoneyVerbs(OpenedBook):
    """Deposits, reconciliation and patient payments of an open book."""

    def import_deposits(
        self,
        paths: Iterable[str | Path],
        *,
        mapping: str | Path | Document | None = None,
        dry_run: bool = False,
        stdin: BinaryIO | None = None,
    ) -> Document:
        """Import a bank's files (BAI2, NACHA, or CSV by a mapping)."""
        from medcollect.tasks.import_deposits import import_deposits  # noqa: PLC0415

        return import_deposits(
            self._store,
            paths,
            mapping=self._mapping("deposits", mapping),
            dry_run=dry_run,
            stdin=stdin,
        )

    def reconcile(self, *, as_of: date | None = None) -> Document:
        """Deposits against remittances: what is missing on either side, and the proof."""
        from medcollect.tasks.reconcile import view_reconciliation  # noqa: PLC0415

        return view_reconciliation(self._store, today=as_of)

    def tie_deposit(
        self, action: str, deposit: str, remittance: str, *, reason: str, user: str
    ) -> Document:
        """Say that a deposit and a remittance are ("match") or are not ("unmatch") one money."""
        from medcollect.tasks.tie_deposits import tie_deposit  # noqa: PLC0415

        return tie_deposit(self._store, action, deposit, remittance, reason=reason, user=user)

    def set_deposit_aside(self, identifier: str, *, reason: str, user: str) -> Document:
        """Say that a deposit has no remittance, a remittance no deposit, or a cheque was cashed."""
        from medcollect.tasks.tie_deposits import set_aside  # noqa: PLC0415

        return set_aside(self._store, identifier, reason=reason, user=user)

    def pay(
        self,
        target: str,
        amount: str,
        *,
        method: str,
        received_on: date | None = None,
        reference: str = "",
        reason: str = "",
        user: str,
        again: bool = False,
    ) -> Document:
        """Enter a patient's payment for an account or a claim; says where it went."""
        from medcollect.tasks.pay import pay  # noqa: PLC0415

        return pay(
            self._store,
            target,
            amount,
            method=method,
            received_on=received_on,
            reference=reference,
            reason=reason,
            user=user,
            again=again,
        )

    def refund(
        self,
        target: str,
        amount: str,
        *,
        method: str,
        refunded_on: date | None = None,
        reference: str = "",
        reason: str,
        user: str,
        again: bool = False,
    ) -> Document:
        """Enter money given back to a patient, out of a payment's, claim's or account's credit."""
        from medcollect.tasks.refund import refund  # noqa: PLC0415

        return refund(
            self._store,
            target,
            amount,
            method=method,
            refunded_on=refunded_on,
            reference=reference,
            reason=reason,
            user=user,
            again=again,
        )

    def bounce(
        self, payment: str, *, received_on: date | None = None, reason: str, user: str
    ) -> Document:
        """Enter that a patient's payment or refund (M...) came back, or a payer's cheque (E...)."""
        from medcollect.tasks.pay import bounce  # noqa: PLC0415
        from medcollect.tasks.payer_refund import return_cheque  # noqa: PLC0415

        is_cheque = payment.strip().upper().startswith("E")
        enter = return_cheque if is_cheque else bounce
        return enter(self._store, payment, received_on=received_on, reason=reason, user=user)

    def import_payments(
        self,
        path: str | Path,
        *,
        mapping: str | Path | Document | None = None,
        expect_count: int | None = None,
        expect_total: str | None = None,
        dry_run: bool = False,
        user: str,
        stdin: BinaryIO | None = None,
    ) -> Document:
        """Import a CSV table of patient payments, with control totals if they are known."""
        from medcollect.tasks.import_payments import import_payments  # noqa: PLC0415

        return import_payments(
            self._store,
            path,
            mapping=self._mapping("payments", mapping),
            expect_count=expect_count,
            expect_total=expect_total,
            dry_run=dry_run,
            user=user,
            stdin=stdin,
        )

    def patient_payments(self, limit: int = 50, after: str | None = None) -> Document:
        """Patient payments in the order they were entered, with where each went."""
        from medcollect.tasks.payment_view import list_payments  # noqa: PLC0415

        return list_payments(self._store, limit, after)
