"""The part of the Python door for what people enter by hand about patients and claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from medcollect.book.opened import OpenedBook

Document = dict[str, Any]


class DeskVerbs(OpenedBook):
    """Coverages, moved balances and joined accounts of an open book."""

    def add_coverage(self, target: str, *, reason: str, user: str, **told: Any) -> Document:
        """Enter a payer of a patient or a claim: ``payer``, ``payer_rank``, ``member_id``, ...

        Further fields are those of ``medcollect.model.desk.EnteredCoverage``.
        """
        from medcollect.tasks.desk import add_coverage  # noqa: PLC0415

        return add_coverage(self._store, target, reason=reason, user=user, **told)

    def correct_coverage(self, entry: str, *, reason: str, user: str, **changes: Any) -> Document:
        """Enter what is right of a coverage, in its place."""
        from medcollect.tasks.desk import correct_coverage  # noqa: PLC0415

        return correct_coverage(self._store, entry, reason=reason, user=user, **changes)

    def end_coverage(
        self,
        target: str,
        *,
        payer: str = "",
        last_day: date | None = None,
        reason: str,
        user: str,
    ) -> Document:
        """End an entered coverage, or one of a ``payer`` that the claims themselves name."""
        from medcollect.tasks.desk import end_coverage  # noqa: PLC0415

        return end_coverage(
            self._store, target, payer=payer, last_day=last_day, reason=reason, user=user
        )

    def move_balance(
        self,
        target: str,
        amount: str,
        *,
        to: str,
        payer: str = "",
        billable: bool = False,
        moved_on: date | None = None,
        reason: str,
        user: str,
    ) -> Document:
        """Move money of a claim to the ``patient``, or of the patient to a ``payer``."""
        from medcollect.tasks.desk import move_balance  # noqa: PLC0415

        return move_balance(
            self._store,
            target,
            amount,
            to=to,
            payer=payer,
            billable=billable,
            moved_on=moved_on,
            reason=reason,
            user=user,
        )

    def merge_accounts(
        self,
        accounts: Sequence[str],
        *,
        although_different: bool = False,
        reason: str,
        user: str,
    ) -> Document:
        """Say that accounts are one patient's; the lowest number stays, the others lead to it."""
        from medcollect.tasks.join_accounts import merge_accounts  # noqa: PLC0415

        return merge_accounts(
            self._store,
            accounts,
            although_different=although_different,
            reason=reason,
            user=user,
        )

    def split_account(
        self,
        account: str,
        claims: Sequence[str],
        *,
        payments: Sequence[str] = (),
        reason: str,
        user: str,
    ) -> Document:
        """Say that claims of an account are another patient's; ``payments`` (M...) go along."""
        from medcollect.tasks.join_accounts import split_account  # noqa: PLC0415

        return split_account(
            self._store, account, claims, payments=payments, reason=reason, user=user
        )

    def refund_payer(
        self, target: str, amount: str, *, payer: str = "", reason: str, user: str, **told: Any
    ) -> Document:
        """Enter an overpayment that was sent back to a payer: of a claim, or of a recovery.

        A recovery that names no claim is named by its id (R000012-1). ``told`` may name ``method``,
        ``refunded_on`` and ``reference``.
        """
        from medcollect.tasks.payer_refund import refund_payer  # noqa: PLC0415

        return refund_payer(
            self._store, target, amount, payer=payer, reason=reason, user=user, **told
        )

    def enter_deceased(self, target: str, *, reason: str, user: str, **told: Any) -> Document:
        """Enter that a patient has died.

        ``told`` may name ``died_on`` and ``representative``: who acts for the estate.
        """
        from medcollect.tasks.deceased import enter_deceased  # noqa: PLC0415

        return enter_deceased(self._store, target, reason=reason, user=user, **told)

    def entries(self, limit: int = 50, after: str | None = None) -> Document:
        """What was entered by hand, in that order, undone entries too."""
        from medcollect.tasks.entry_view import list_entries  # noqa: PLC0415

        return list_entries(self._store, limit, after)
