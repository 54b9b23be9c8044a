"""What the HTTP door asks of a book about letters."""

from __future__ import annotations

from typing import Any, Protocol

Document = dict[str, Any]


class LetterBook(Protocol):
    """The letters' part of a book."""

    def letter(self, denial: str, **options: Any) -> Document:
        """Say what the letter about a denial says."""

    def letter_file(self, denial: str, form: str = ..., **options: Any) -> bytes:
        """Make the letter about a denial."""

    def letters(self, *, dry_run: bool = ..., **options: Any) -> Document:
        """List the letters that could be written."""

    def letter_sent(
        self, denial: str, *, means: str, reason: str = ..., user: str, **told: Any
    ) -> Document:
        """Enter that a letter went out."""
