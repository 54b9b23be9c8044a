"""The TRN segment in what banks pass on: it ties a deposit to its remittance (CAQH CORE 370).

Banks hand the payer's addenda on with any terminator, broken over lines, or inside a sentence.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: TRN*1*trace*payer: the separator is what follows TRN; the terminator may be anything or nothing.
_TRN: Final = re.compile(
    r"TRN([*|^:+])1\1\s*([A-Za-z0-9 ./_-]{1,50}?)\s*\1\s*([0-9A-Za-z]{10})(?![0-9A-Za-z])"
)


class Trace(NamedTuple):
    """TRN02 and TRN03."""

    number: str
    payer_id: str


def find_trace(text: str) -> Trace | None:
    """The trace in a text, ``None`` where there is none or there are several."""
    found = {Trace(match[2].strip(), match[3]) for match in _TRN.finditer(text)}
    return found.pop() if len(found) == 1 else None
