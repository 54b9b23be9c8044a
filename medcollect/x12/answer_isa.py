"""The verdict on each interchange of a file, for the TA1 that answers it (TA104 and TA105)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from medcollect.findings import Finding
from medcollect.limits import Limits
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.common import Envelope
from medcollect.x12.tokens import Tokens
from medcollect.x12.values import BLANKS, parse_date

#: A finding on the interchange's own trailer -> TA105. What was read is taken, the error noted.
_NOTES: Final = {
    "envelope-not-closed": "023",
    "control-number-differs": "001",
    "envelope-count-differs": "021",
}
_TRAILER: Final = "IEA"
_NO_ERROR: Final = "000"


def interchange_answers(
    stream: BinaryIO, findings: Iterable[Finding], limits: Limits | None = None
) -> list[InterchangeAcknowledgement]:
    """One answer for each ISA: accepted, or accepted with the error that its trailer has.

    What is wrong inside the interchange belongs to the 999. An interchange that acknowledges
    (TA1 or 999 only) is answered like any other; leave it out where the partner wants none. An ISA
    that does not say who sent it, when and under which number cannot be answered.
    """
    isas = list(_isas(stream, limits or Limits()))
    own = [f for f in findings if f.code in _NOTES and _TRAILER in f.message]
    ends = [*(number for number, _ in isas[1:]), None][: len(isas)]  # a file may have no ISA
    answers = []
    for (number, answer), end in zip(isas, ends, strict=True):
        notes = [_NOTES[f.code] for f in own if _is_between(f.segment, number, end)]
        if _can_be_answered(answer):
            answers.append(_judged(answer, notes))
    return answers


def _is_between(segment: int | None, first: int, end: int | None) -> bool:
    return segment is not None and first <= segment and (end is None or segment < end)


def _can_be_answered(answer: InterchangeAcknowledgement) -> bool:
    envelope = answer.envelope
    said = (envelope.sender_id, envelope.receiver_id, answer.control_number)
    return all(said) and bool(answer.interchange_date and answer.interchange_time)


def _judged(answer: InterchangeAcknowledgement, notes: list[str]) -> InterchangeAcknowledgement:
    if not notes:
        return answer
    return InterchangeAcknowledgement(
        answer.envelope, answer.segment, answer.control_number, answer.interchange_date,
        answer.interchange_time, "accepted_with_errors", "E", notes[0],
    )  # fmt: skip


def _isas(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, InterchangeAcknowledgement]]:
    """Each ISA with its segment number, as an interchange that is accepted."""
    for batch in Tokens(stream, limits).batches():
        for number, segment in enumerate(batch.segments, batch.first):
            if not segment.startswith("ISA"):
                continue
            e = [t.strip() for t in segment.split(batch.delimiters.element)] + list(BLANKS)
            day = parse_date(e[9])
            envelope = Envelope(
                batch.delimiters, sender_id=e[6], receiver_id=e[8], interchange_date=day,
                interchange_control_number=e[13], usage=e[15],
            )  # fmt: skip
            yield (
                number,
                InterchangeAcknowledgement(
                    envelope, number, e[13], day, e[10], "accepted", "A", _NO_ERROR
                ),
            )
