"""Acknowledgements as records: 999 and 997 (syntax of a group) and TA1 (an interchange).

Element numbers name the positions of 005010X231A1 (999), 005010X230 (997) and TA1.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

from medcollect.model.common import Envelope, RawSegment, Transaction

#: What a receiver decided; ``partially_accepted`` is of groups only, ``unknown`` where none stands.
SyntaxVerdict: TypeAlias = Literal[
    "accepted", "accepted_with_errors", "partially_accepted", "rejected", "unknown"
]


class ErrorContext(msgspec.Struct, frozen=True, gc=False):
    """One CTX: what an error has to do with.

    ``name`` is CTX01-1 (``CLM01``, ``TRN02``, ``SITUATIONAL TRIGGER`` ...), ``value`` CTX01-2, for
    ``CLM01`` the patient control number of the claim; the rest is the segment that set it off.
    """

    name: str
    value: str = ""
    segment_id: str = ""
    position: str = ""
    loop: str = ""
    element: str = ""


class ElementError(msgspec.Struct, frozen=True, gc=False):
    """One IK4 or AK4: an element at fault.

    ``position`` is IK401 (``2``, or ``5:1`` in a composite), ``data_element`` IK402, ``code``
    IK403, ``value`` the copy of what was sent (IK404), which may be a patient's.
    """

    segment: int
    position: str
    data_element: str
    code: str
    value: str = ""
    contexts: tuple[ErrorContext, ...] = ()


class SegmentError(msgspec.Struct, frozen=True, gc=False):
    """One IK3 or AK3: a segment at fault.

    ``segment`` is where the IK3 stands in the acknowledgement; ``segment_id`` (IK301) and
    ``position`` (IK302, counted from the ST) name the segment in the file that was sent.
    """

    segment: int
    segment_id: str
    position: str
    loop: str
    code: str
    contexts: tuple[ErrorContext, ...] = ()
    elements: tuple[ElementError, ...] = ()


class TransactionAnswer(msgspec.Struct, frozen=True, gc=False):
    """One AK2 loop: the answer to one transaction that was sent.

    ``kind`` is AK201 (``837``), ``control_number`` AK202 (its ST02), ``code`` IK501 as sent and
    ``codes`` IK502 to IK506.
    """

    position: int
    segment: int
    kind: str
    control_number: str
    version: str
    verdict: SyntaxVerdict
    code: str = ""
    codes: tuple[str, ...] = ()
    errors: tuple[SegmentError, ...] = ()

    @property
    def patient_control_numbers(self) -> tuple[str, ...]:
        """The claims that the errors name (CTX*CLM01), each once."""
        contexts = [c for e in self.errors for c in e.contexts]
        contexts += [c for e in self.errors for x in e.elements for c in x.contexts]
        return tuple(dict.fromkeys(c.value for c in contexts if c.name == "CLM01" and c.value))


class Acknowledgement(msgspec.Struct, frozen=True, gc=False):
    """One 999 or 997: the answer to one functional group that was sent.

    ``functional_code``, ``group_control_number`` and ``version`` are AK101 to AK103 (its GS01,
    GS06, GS08); ``code`` AK901 as sent, ``codes`` AK905 to AK909. The counts are AK902 to AK904,
    ``None`` where they cannot be read. ``transactions`` are those that it names.
    """

    transaction: Transaction
    functional_code: str
    group_control_number: str
    version: str
    verdict: SyntaxVerdict
    code: str = ""
    codes: tuple[str, ...] = ()
    included: int | None = None
    received: int | None = None
    accepted: int | None = None
    transactions: tuple[TransactionAnswer, ...] = ()
    fingerprint: str = ""
    complete: bool = True
    segments: tuple[str, ...] = ()
    unmodelled: tuple[RawSegment, ...] = ()

    def verdict_of(self, control_number: str) -> SyntaxVerdict:
        """The verdict of the transaction with this ST02, else what the group's says of it.

        A 997 need not name what it accepts: in a group accepted or rejected as a whole the
        group's verdict is the transaction's.
        """
        for answer in self.transactions:
            if answer.control_number == control_number:
                return answer.verdict
        of_all = {"accepted", "accepted_with_errors", "rejected"}
        return self.verdict if self.verdict in of_all else "unknown"


class InterchangeAcknowledgement(msgspec.Struct, frozen=True, gc=False):
    """One TA1: the answer to one interchange that was sent.

    ``control_number``, ``interchange_date`` and ``interchange_time`` are those of its ISA (TA101 to
    TA103); ``code`` is TA104 as sent and ``note`` TA105 (``000``: no error).
    """

    envelope: Envelope
    segment: int
    control_number: str
    interchange_date: date | None
    interchange_time: str
    verdict: SyntaxVerdict
    code: str = ""
    note: str = ""
    text: str = ""
