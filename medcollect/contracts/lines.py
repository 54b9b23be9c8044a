"""One service line that a payer answered, as contracts see it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import msgspec


class PricedLine(msgspec.Struct, frozen=True, gc=False):
    """A line with what the payer allowed for it.

    ``key`` is ours: claim payment and number of the service (0: the claim as a whole). ``visit``
    (claim, payer, day) tells the lines of one day from others. ``allowed_cents`` is what the
    payer recognises: its payment, the patient's share, and what it keeps after that (``withheld``,
    of it sequestration). ``why_not`` says why the line cannot be compared, else empty; ``denied``
    that the payer refused it. ``units`` is ``None`` where no number can be read. ``line`` is the
    claim's line; ``judged`` the code that the payer judged instead of the one billed.
    """

    key: tuple[int, int]
    visit: tuple[int, str, date | None]
    payer: str
    plan: str
    day: date | None
    procedure: str
    modifiers: tuple[str, ...]
    place: str
    units: Fraction | None
    charge_cents: int
    allowed_cents: int
    patient_cents: int = 0
    sequestration_cents: int = 0
    reduced: bool = False
    denied: bool = False
    why_not: str = ""
    answered_on: date | None = None
    line: int = 0
    judged: str = ""
