"""What the routes of contracts and underpayments ask of a book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

Document = dict[str, Any]


class ContractBook(Protocol):
    """The verbs of contracts and underpayments."""

    def import_contract(  # noqa: PLR0913 - a table with all that holds for it
        self,
        path: Path,
        *,
        name: str,
        valid_from: date,
        payer: str = ...,
        valid_to: date | None = ...,
        plans: Sequence[str] = ...,
        fee_schedule: bool = ...,
        terms: Document | None = ...,
        mapping: Document | None = ...,
        expect_count: int | None = ...,
        user: str,
        dry_run: bool = ...,
    ) -> Document:
        """Take a table of prices in."""

    def contracts(self, limit: int | None, after: str | None) -> Document:
        """List contracts and fee schedules."""

    def contract(self, identifier: str) -> Document:
        """Show one with its rows."""

    def underpayments(
        self,
        *,
        kind: str = ...,
        payer: str | None = ...,
        since: date | None = ...,
        minimum: str | None = ...,
        basis: str | None = ...,
        limit: int | None = ...,
        after: str | None = ...,
    ) -> Document:
        """List lines that payers allowed otherwise than expected."""

    def underpayment(self, identifier: str) -> Document:
        """Show one of these lines."""
