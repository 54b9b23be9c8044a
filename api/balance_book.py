"""What the HTTP door asks of a book about open balances."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Protocol

Document = dict[str, Any]


class BalanceBook(Protocol):
    """The verbs of :class:`medcollect.book.balances.BalanceVerbs`."""

    def import_balances(
        self,
        path: str | Path,
        *,
        mapping: Document | None = ...,
        as_of: date | None = ...,
        expected: Document | None = ...,
        dry_run: bool = ...,
        user: str,
    ) -> Document:
        """Take open balances in."""

    def preview_balances(self, path: str | Path, *, mapping: Document | None = ...) -> Document:
        """Show how a table of open balances is read."""

    def export_balances(self, *, closed: bool = ...) -> Document:
        """Tell what is open, as tables."""
