"""What goes into the search for patterns, and what comes out of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

#: ``stands_out``: more often than this payer refuses elsewhere and others refuse this.
#: ``jump``: much more often from a day on. ``new_code``: never before that day.
Kind = Literal["stands_out", "jump", "new_code"]


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """One refusal of a line: the code (group and reason, with remarks), cents, and our case."""

    code: str
    cents: int
    case: int


class AnsweredLine(msgspec.Struct, frozen=True, gc=False):
    """One service line that a payer answered on a day, with what was refused of it."""

    payer: str
    procedure: str
    provider: str
    answered_on: date
    refusals: tuple[Refusal, ...] = ()


class Sensitivity(msgspec.Struct, frozen=True):
    """How much it takes to be called a pattern.

    ``cases_min`` refusals at least, ``times_min`` as many as expected, and of all that is reported
    no more than ``false_share`` may be chance (false discovery rate).
    """

    cases_min: int = 5
    times_min: float = 2.0
    false_share: float = 0.03


class Pattern(msgspec.Struct, frozen=True):
    """Refusals that belong together.

    ``payer``, ``procedure`` and ``provider`` are empty where the pattern is not bound to one.
    ``refused`` of ``lines`` were refused with ``code``, ``expected`` was the number to be expected;
    ``since`` is the day from which it is so (jump, new code). ``chance`` is the share of patterns
    as weak as this one that would be chance (q value). ``cents`` is the money of the ``cases``.
    """

    kind: Kind
    code: str
    payer: str
    procedure: str
    provider: str
    since: date | None
    lines: int
    refused: int
    expected: float
    chance: float
    cents: int
    cases: tuple[int, ...]
