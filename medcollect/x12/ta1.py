"""The TA1: what became of an interchange that was sent. It stands outside any transaction."""

from __future__ import annotations

from typing import Final

from medcollect.findings import Finding
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.common import Envelope
from medcollect.x12.ack999 import VERDICTS
from medcollect.x12.life_problems import life_problem
from medcollect.x12.values import BLANKS, parse_date

_CODES: Final = {"A", "E", "R"}


def read_ta1(
    segment: str, number: int, envelope: Envelope, findings: list[Finding]
) -> InterchangeAcknowledgement:
    """Read one TA1 (TA101 to TA105) of the interchange that ``envelope`` tells of."""
    elements = [e.strip() for e in segment.split(envelope.delimiters.element)] + list(BLANKS)
    code = elements[4]
    day = parse_date(elements[2])
    if elements[2] and day is None:
        findings.append(life_problem("date-unreadable", number, None, "TA102"))
    if code not in _CODES:
        missing = "verdict-unknown" if code else "verdict-missing"
        findings.append(life_problem(missing, number, None, "TA104"))
    return InterchangeAcknowledgement(
        envelope=envelope,
        segment=number,
        control_number=elements[1],
        interchange_date=day,
        interchange_time=elements[3],
        verdict=VERDICTS[code] if code in _CODES else "unknown",
        code=code,
        note=elements[5],
        text=segment,
    )
