"""What the HTTP door asks of a book about denials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

Document = dict[str, Any]


class CaseBook(Protocol):
    """The worklist, and the verbs of :class:`medcollect.book.casework.CaseVerbs`."""

    def denials(  # noqa: PLR0913 - one keyword for each filter
        self,
        *,
        payer: str | None = ...,
        category: str | None = ...,
        status: str | None = ...,
        minimum: str | None = ...,
        maximum: str | None = ...,
        owner: str | None = ...,
        state: str | None = ...,
        due_before: date | None = ...,
        kind: str | None = ...,
        reason: str | None = ...,
        remark: str | None = ...,
        procedure: str | None = ...,
        older_than: int | None = ...,
        limit: int | None = ...,
        after: str | None = ...,
    ) -> Document:
        """List refused amounts in the order of work."""

    def denial(self, identifier: str) -> Document:
        """Show one denial with everything on record."""

    def work_denial(
        self, identifier: str, step: str, *, reason: str = ..., user: str, **told: Any
    ) -> Document:
        """Enter a step on a denial."""

    def work_denials(
        self,
        denials: Sequence[str],
        step: str,
        *,
        among: Mapping[str, Any] | None = ...,
        reason: str = ...,
        user: str,
        **told: Any,
    ) -> Document:
        """Take one step on many denials, or say what would be done."""

    def bulk_steps(self, limit: int = ..., after: str | None = ...) -> Document:
        """List what was done to many denials at once."""

    def denial_patterns(
        self,
        as_of: date | None = ...,
        *,
        payer: str = ...,
        minimum: str = ...,
        limit: int | None = ...,
        after: str | None = ...,
    ) -> Document:
        """List what payers refuse too often."""

    def attach(
        self,
        identifier: str,
        file: Path,
        *,
        content_type: str = ...,
        reference: str = ...,
        reason: str = ...,
        user: str,
    ) -> Document:
        """Keep a file with a denial."""

    def attachments(self, identifier: str) -> Document:
        """List the files of a denial."""

    def attachment(self, identifier: str) -> Document:
        """Say what is on record of a file."""

    def attachment_file(self, identifier: str) -> bytes:
        """Give the bytes of a file."""

    def take_next_denial(self, *, user: str, **filters: Any) -> Document:
        """Take the first denial that nobody has."""
