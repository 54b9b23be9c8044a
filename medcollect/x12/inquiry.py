"""Writing 276 (005010X212) and 270 (005010X279A1) inquiries, and the TA1 that answers an ISA.

One interchange with one group and one transaction holds all inquiries of a call, in their order:
whatever shares payer, receiver and provider with the one before shares its HL. What a receiver
could not work with (no identifier, no trace) is refused before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Final

from medcollect.errors import BadRequest
from medcollect.model.acknowledgement import InterchangeAcknowledgement
from medcollect.model.common import Envelope, Party
from medcollect.model.eligibility import EligibilityInquiry
from medcollect.model.status import StatusInquiry
from medcollect.money import format_cents

VERSION_276: Final = "005010X212"
VERSION_270: Final = "005010X279A1"

_ADDRESS_MAX: Final = 15
_CONTROL_MAX: Final = 999_999_999
_TRACE_ORIGIN_LENGTH: Final = 10
_ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
#: Nobody in particular: a patient who is the subscriber, a dependent that is not asked about.
_NOBODY: Final = Party()


def write_276(
    inquiries: Sequence[StatusInquiry], envelope: Envelope, created: datetime, control_number: int
) -> str:
    """Ask for the status of claims.

    ``envelope`` gives sender, receiver and usage (``T`` for a test). ``control_number`` is the
    sender's next one; it is the BHT03 too, which a 277 need not repeat: the traces tie them.
    """
    for inquiry in inquiries:
        _require(inquiry.trace_number, "trace_number")
        _require(inquiry.payer.id, "payer.id")
        _require(inquiry.receiver.id, "receiver.id")
        _require(inquiry.provider.id, "provider.id")
        _require(inquiry.subscriber.id, "subscriber.id")
    body = [
        _join("BHT", "0010", "13", str(control_number), *_clock(created)),
        *_status_levels(inquiries),
    ]
    return _interchange("276", "HR", VERSION_276, body, envelope, created, control_number)


def write_270(
    inquiries: Sequence[EligibilityInquiry],
    envelope: Envelope,
    created: datetime,
    control_number: int,
    *,
    trace_origin: str,
) -> str:
    """Ask whether people are covered, and for what.

    ``trace_origin`` is TRN03, who made the traces: ten characters (``1`` and an EIN, ``3`` and a
    D-U-N-S number, ``9`` and what the sender chose). The rest is as in :func:`write_276`.
    """
    if len(trace_origin) != _TRACE_ORIGIN_LENGTH:
        raise BadRequest("trace_origin must have ten characters.", "Use 1 and the EIN.")
    for inquiry in inquiries:
        _require(inquiry.trace_number, "trace_number")
        _require(inquiry.payer.id, "payer.id")
        _require(inquiry.receiver.id, "receiver.id")
        _require(inquiry.subscriber.id or inquiry.subscriber.last_name, "subscriber")
        _require(" ".join(inquiry.service_types), "service_types")
    body = [
        _join("BHT", "0022", "13", str(control_number), *_clock(created)),
        *_eligibility_levels(inquiries, trace_origin),
    ]
    return _interchange("270", "HS", VERSION_270, body, envelope, created, control_number)


def write_ta1(
    answers: Sequence[InterchangeAcknowledgement], created: datetime, control_number: int
) -> str:
    """Answer interchanges: each ``envelope`` is that of the interchange received.

    ``code`` is TA104 (A, E, R), ``note`` TA105 (``000`` when nothing is wrong). The control numbers
    of the answers count up from ``control_number``.
    """
    segments: list[str] = []
    for number, answer in enumerate(answers, control_number):
        if answer.code not in {"A", "E", "R"} or (answer.code == "A") != (answer.note == "000"):
            raise BadRequest("A TA1 needs a code and the note that goes with it.", "A with 000.")
        _require(answer.control_number, "control_number")
        day = f"{answer.interchange_date:%y%m%d}" if answer.interchange_date else ""
        _require(day and answer.interchange_time, "interchange_date and interchange_time")
        received = answer.envelope
        segments += [
            _isa(received.receiver_id, received.sender_id, received.usage, created, number),
            _join(
                "TA1", answer.control_number.zfill(9), day, answer.interchange_time,
                answer.code, answer.note,
            ),
            _join("IEA", "0", f"{number:09d}"),
        ]  # fmt: skip
    return _text(segments)


# --- the levels -----------------------------------------------------------------------------------


class _Levels:
    """Numbers the HL of a transaction."""

    def __init__(self) -> None:
        self.count = 0

    def open(self, parent: int, code: str, children: str) -> tuple[int, str]:
        """The number and the segment of the next HL; ``children`` is HL04, left out when empty."""
        self.count += 1
        segment = _join("HL", str(self.count), str(parent or ""), code, children)
        return self.count, segment


def _status_levels(inquiries: Sequence[StatusInquiry]) -> Iterator[str]:
    levels = _Levels()
    for payer, of_payer in groupby(inquiries, key=lambda i: i.payer):
        top, segment = levels.open(0, "20", "1")
        yield from (segment, _organisation("PR", payer, "PI"))
        for receiver, of_receiver in groupby(of_payer, key=lambda i: i.receiver):
            middle, segment = levels.open(top, "21", "1")
            yield from (segment, _organisation("41", receiver, "46"))
            for provider, own in groupby(of_receiver, key=lambda i: i.provider):
                lowest, segment = levels.open(middle, "19", "1")
                yield from (segment, _organisation("1P", provider, "XX"))
                for inquiry in own:
                    yield from _status_inquiry(levels, lowest, inquiry)


def _status_inquiry(levels: _Levels, parent: int, inquiry: StatusInquiry) -> Iterator[str]:
    """Loops 2000D and 2000E; the birth date stands with whoever is the patient."""
    has_patient = inquiry.patient != _NOBODY
    number, segment = levels.open(parent, "22", "1" if has_patient else "0")
    yield segment
    if not has_patient:
        yield from _demographics(inquiry.subscriber)
    yield _person("IL", inquiry.subscriber)
    if has_patient:
        yield levels.open(number, "23", "")[1]
        yield from _demographics(inquiry.patient)
        yield _person("QC", inquiry.patient)
    yield _join("TRN", "1", inquiry.trace_number)
    references = (
        ("1K", inquiry.payer_claim_control_number),
        ("BLT", inquiry.bill_type),
        ("EJ", inquiry.patient_control_number),
    )
    yield from (_join("REF", qualifier, value) for qualifier, value in references if value)
    if inquiry.charge_cents is not None:
        yield _join("AMT", "T3", _amount(inquiry.charge_cents))
    yield from _period("472", inquiry.service_from, inquiry.service_to)


def _eligibility_levels(
    inquiries: Sequence[EligibilityInquiry], trace_origin: str
) -> Iterator[str]:
    levels = _Levels()
    for payer, of_payer in groupby(inquiries, key=lambda i: i.payer):
        top, segment = levels.open(0, "20", "1")
        yield from (segment, _organisation("PR", payer, "PI"))
        for receiver, own in groupby(of_payer, key=lambda i: i.receiver):
            middle, segment = levels.open(top, "21", "1")
            yield from (segment, _organisation("1P", receiver, "XX"))
            for inquiry in own:
                yield from _eligibility_inquiry(levels, middle, inquiry, trace_origin)


def _eligibility_inquiry(
    levels: _Levels, parent: int, inquiry: EligibilityInquiry, trace_origin: str
) -> Iterator[str]:
    """Loops 2000C and 2000D; trace, dates and questions stand with whoever is asked about."""
    has_dependent = inquiry.dependent != _NOBODY
    trace = _join("TRN", "1", inquiry.trace_number, trace_origin)
    number, segment = levels.open(parent, "22", "1" if has_dependent else "0")
    yield segment
    if has_dependent:
        yield _person("IL", inquiry.subscriber)
        yield levels.open(number, "23", "0")[1]
    role, person = ("03", inquiry.dependent) if has_dependent else ("IL", inquiry.subscriber)
    yield trace
    yield _person(role, person)
    yield from _demographics(person)
    yield from _period("291", inquiry.service_from, inquiry.service_to)
    yield from (_join("EQ", service_type) for service_type in inquiry.service_types)


# --- segments -------------------------------------------------------------------------------------


def _organisation(role: str, party: Party, qualifier: str) -> str:
    """NM1 of a payer, receiver or provider, which may be a person."""
    kind = "1" if party.first_name else "2"
    return _join(
        "NM1", role, kind, party.last_name, party.first_name, party.middle_name, "", party.suffix,
        party.id_qualifier or qualifier, party.id,
    )  # fmt: skip


def _person(role: str, party: Party) -> str:
    """NM1 of a subscriber or patient."""
    qualifier = (party.id_qualifier or "MI") if party.id else ""
    return _join(
        "NM1", role, "1", party.last_name, party.first_name, party.middle_name, "", party.suffix,
        qualifier, party.id,
    )  # fmt: skip


def _demographics(party: Party) -> Iterator[str]:
    if party.birth_date:
        yield _join("DMG", "D8", f"{party.birth_date:%Y%m%d}", party.gender)


def _period(qualifier: str, start: date | None, end: date | None) -> Iterator[str]:
    if start is None:
        return
    if end is None or end == start:
        yield _join("DTP", qualifier, "D8", f"{start:%Y%m%d}")
    else:
        yield _join("DTP", qualifier, "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}")


def _amount(cents: int) -> str:
    """An amount without zeros at its end, as X12 wants it."""
    text = format_cents(cents)
    return text.rstrip("0").rstrip(".")


def _clock(created: datetime) -> tuple[str, str]:
    return f"{created:%Y%m%d}", f"{created:%H%M}"


# --- the envelope ---------------------------------------------------------------------------------


def _interchange(
    kind: str,
    functional_code: str,
    version: str,
    body: Sequence[str],
    envelope: Envelope,
    created: datetime,
    control_number: int,
) -> str:
    """Wrap one transaction."""
    if len(body) < 2:
        raise BadRequest("There is nothing to ask.", "Give at least one inquiry.")
    sender, receiver, group = envelope.sender_id, envelope.receiver_id, str(control_number)
    isa = _isa(sender, receiver, envelope.usage, created, control_number)
    gs = _join("GS", functional_code, sender, receiver, *_clock(created), group, "X", version)
    return _text(
        [
            isa,
            gs,
            _join("ST", kind, "0001", version),
            *body,
            _join("SE", str(len(body) + 2), "0001"),
            _join("GE", "1", group),
            _join("IEA", "1", f"{control_number:09d}"),
        ]
    )


def _isa(sender: str, receiver: str, usage: str, created: datetime, control_number: int) -> str:
    for name, address in (("sender_id", sender), ("receiver_id", receiver)):
        _require(address, name)
        if len(address) > _ADDRESS_MAX:
            raise BadRequest(f"{name} is longer than 15 characters.", "Check the address.")
    if not 0 < control_number <= _CONTROL_MAX:
        raise BadRequest("The control number must have one to nine digits.", "Start again at 1.")
    elements = (
        "00", "", "00", "", "ZZ", sender, "ZZ", receiver, f"{created:%y%m%d}", f"{created:%H%M}",
        "", "00501", f"{control_number:09d}", "0", "T" if usage == "T" else "P", "",
    )  # fmt: skip
    sized = [_clean(e).ljust(width) for e, width in zip(elements, _ISA_WIDTHS, strict=True)]
    sized[10], sized[15] = "^", ":"
    return "*".join(["ISA", *sized])


def _require(value: str, name: str) -> None:
    if not value.strip():
        raise BadRequest(f"{name} is missing.", "Fill it in; the receiver cannot work without.")


def _clean(text: str) -> str:
    """Take our own separators out of a value."""
    return re.sub(r"[*~:^\r\n\t]", " ", text).strip()


def _join(*elements: str) -> str:
    return "*".join(_clean(e) for e in elements).rstrip("*")


def _text(segments: Sequence[str]) -> str:
    return "".join(f"{segment}~\n" for segment in segments)
