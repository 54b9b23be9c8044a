"""Open insurance amounts by claim line and payer rank while a claim's journal is written."""

from __future__ import annotations

from collections import defaultdict

from medcollect.model.posting import INSURANCE_RECEIVABLE, Posting


class Receivable:
    """What payers have yet to settle; every change answers with the postings that record it."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], int] = defaultdict(int)

    def copy(self) -> Receivable:
        """An independent copy, to try an answer that is taken back again."""
        other = Receivable()
        other._open.update(self._open)
        return other

    def total(self, lines: frozenset[int] | None = None) -> int:
        """Cents open on these lines, on the whole claim when ``None``."""
        if lines is None:
            return sum(self._open.values())
        return sum([cents for (line, _), cents in self._open.items() if line in lines])

    def lines(self) -> list[int]:
        """The lines on which something is open or overdrawn."""
        return sorted({line for (line, _), cents in self._open.items() if cents})

    def holder(self, line: int) -> int:
        """The rank of the last payer that something is open with on a line."""
        return max([rank for (at, rank), cents in self._open.items() if at == line and cents > 0])

    def add(self, line: int, rank: int, cents: int) -> list[Posting]:
        """Open an amount with the payer of this rank."""
        self._open[line, rank] += cents
        return [Posting(INSURANCE_RECEIVABLE, cents, line, rank)] if cents else []

    def take(self, line: int, rank: int, cents: int) -> list[Posting]:
        """Settle an amount on a line: from this payer first, then from the payers before it.

        What the line does not hold goes below zero with this payer: the claim's total is right,
        and a negative line shows where the answer did not fit.
        """
        place = line, rank
        left = self._open[place] - cents
        if cents <= 0 or left >= 0:
            self._open[place] = left
            return [Posting(INSURANCE_RECEIVABLE, -cents, line, rank)] if cents else []
        postings: list[Posting] = []
        for source in range(rank, 0, -1):
            part = min(cents, max(self._open[line, source], 0))
            postings += self.add(line, source, -part)
            cents -= part
        return postings + self.add(line, rank, -cents)
