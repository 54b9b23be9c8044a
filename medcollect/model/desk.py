"""What people enter by hand about a patient or a claim: coverages, and balances moved.

Each is a fact of the book with its user, reason and day, followed whenever claims are judged.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec


class EnteredCoverage(msgspec.Struct, frozen=True, tag="coverage", gc=False):
    """A payer of the patient: it takes its place among the payers of claims of its days.

    ``payer_rank`` counts payers from 1; ``valid_from`` and ``valid_to`` are days of service, open
    where ``None``; ``filing_indicator`` is SBR09.
    """

    payer: str
    payer_rank: int
    payer_id: str = ""
    member_id: str = ""
    group_number: str = ""
    filing_indicator: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date | None) -> bool:
        """Whether it holds on a day of service; one that is not known counts."""
        if day is None:
            return True
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class EndedCoverage(msgspec.Struct, frozen=True, tag="coverage_end", gc=False):
    """A payer that a claim's own documents name, and that does not cover it.

    ``last_day`` is the last day of service it still covers, ``None`` where it never did.
    """

    payer: str
    last_day: date | None = None

    def ends(self, day: date | None) -> bool:
        """Whether the payer does not cover a day of service."""
        return self.last_day is None or day is None or day > self.last_day


class Move(msgspec.Struct, frozen=True, tag="move", gc=False):
    """Money of one claim moved between payers and the patient, on a day.

    ``to`` is the patient or a ``payer``, named where it is known. ``is_billable``: a person says
    that what goes to the patient may be billed.
    """

    to: Literal["patient", "payer"]
    cents: int
    day: date
    payer: str = ""
    is_billable: bool = False


DeskFact: TypeAlias = EnteredCoverage | EndedCoverage | Move
