"""Acknowledgements, status and eligibility as rows of the book: what each says, about what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

import msgspec

from medcollect.matching.keys import name_key, number_key
from medcollect.matching.sendings import Sending, SendingAnswer, answer_key, sending_keys
from medcollect.matching.statuses import status_keys
from medcollect.model.acknowledgement import Acknowledgement, InterchangeAcknowledgement
from medcollect.model.common import Envelope, Party, Transaction
from medcollect.model.eligibility import EligibilityReport, Member, Reject
from medcollect.model.status import ClaimStatus, StatusLevel, StatusReport
from medcollect.store import facts

LifeRecord: TypeAlias = (
    Acknowledgement | InterchangeAcknowledgement | StatusReport | EligibilityReport
)

#: What a row is about: something that we sent, one claim, one person.
SENDING, CLAIM, PERSON = "sending", "claim", "person"

#: Owners of match keys, by what the row is about.
OWNERS: Final = {
    SENDING: facts.ANSWER_OWNER,
    CLAIM: facts.STATUS_OWNER,
    PERSON: facts.PERSON_OWNER,
}

#: Kinds of transactions that we send and that are acknowledged.
SENT_KINDS: Final = frozenset({"837", "276", "270"})

_encoder = msgspec.json.Encoder()


class PersonAnswer(msgspec.Struct, frozen=True):
    """What a payer says of one person, with the refusals that stand above all persons."""

    member: Member
    payer: Party
    receiver: Party
    rejects: tuple[Reject, ...] = ()
    created_date: date | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """What a 277CA says of a whole batch where it names no claim."""

    level: StatusLevel
    payer: Party


class Letter(msgspec.Struct, frozen=True):
    """One row of the table ``correspondence`` before it has an id, and the keys it is found by."""

    kind: str
    subject: str
    position: int
    segment: int
    verdict: str
    said_at: str
    payer_name: str
    keys: tuple[str, ...]
    document: bytes
    patient_control_number: str = ""
    payer_claim_control_number: str = ""
    batch: str = ""

    def row(self, letter_id: int, import_id: int, transaction_id: int) -> tuple[Any, ...]:
        """The row as it is written; where it lands is not known yet."""
        return (
            letter_id,
            import_id,
            transaction_id,
            self.kind,
            self.subject,
            self.position,
            self.segment,
            self.verdict,
            self.said_at,
            self.payer_name,
            self.patient_control_number,
            self.payer_claim_control_number,
            self.batch,
            "active",
            "noted" if self.subject == PERSON else "waiting",
            None,
            "",
            0,
            self.document,
        )


def letters_of(record: LifeRecord) -> list[Letter]:
    """Everything that one record says, a row each."""
    if isinstance(record, InterchangeAcknowledgement):
        return [_interchange_letter(record)]
    if isinstance(record, Acknowledgement):
        return [_group_letter(record)]
    if isinstance(record, StatusReport):
        return list(_status_letters(record))
    return list(_person_letters(record))


def transaction_of(record: LifeRecord) -> Transaction:
    """The transaction of a record; a TA1 stands outside any and gets one of its own."""
    if isinstance(record, InterchangeAcknowledgement):
        return Transaction("TA1", "TA1", 0, record.segment, "", "", record.envelope)
    return record.transaction


def identity_of(record: LifeRecord) -> str:
    """What makes it the same document again: its fingerprint.

    What acknowledges has little content, and control numbers recur: the sender and its control
    number belong to the identity there.
    """
    if isinstance(record, StatusReport | EligibilityReport):
        return record.fingerprint
    envelope = transaction_of(record).envelope
    content = record.text if isinstance(record, InterchangeAcknowledgement) else record.fingerprint
    numbers = (envelope.interchange_control_number, envelope.group_control_number)
    return "|".join((content, envelope.sender_id, envelope.receiver_id, *numbers))


# --- acknowledgements -----------------------------------------------------------------------------


def _interchange_letter(record: InterchangeAcknowledgement) -> Letter:
    return _sending_letter("TA1", record.segment, record.verdict, record.envelope, record)


def _group_letter(record: Acknowledgement) -> Letter:
    transaction = record.transaction
    stripped = msgspec.structs.replace(record, segments=())
    return _sending_letter(
        transaction.kind, transaction.segment, record.verdict, transaction.envelope, stripped
    )


def _sending_letter(
    kind: str,
    segment: int,
    verdict: str,
    envelope: Envelope,
    record: Acknowledgement | InterchangeAcknowledgement,
) -> Letter:
    day = _day_of(envelope)
    return Letter(
        kind=kind,
        subject=SENDING,
        position=1,
        segment=segment,
        verdict=verdict,
        said_at=f"{day.isoformat()}T" if day else "",
        payer_name=envelope.sender_id,
        keys=_one(answer_key(sending_answer(kind, record))),
        document=_encoder.encode(record),
    )


def _one(key: str) -> tuple[str, ...]:
    return (key,) if key else ()


def _day_of(envelope: Envelope) -> date | None:
    return envelope.interchange_date or envelope.group_date


def sending_answer(
    kind: str, record: Acknowledgement | InterchangeAcknowledgement | BatchAnswer
) -> SendingAnswer:
    """What an acknowledgement names, as finding what we sent takes it."""
    if isinstance(record, InterchangeAcknowledgement):
        envelope = record.envelope
        return SendingAnswer(
            kind, envelope.sender_id, envelope.receiver_id, _day_of(envelope), record.verdict,
            interchange=record.control_number, interchange_date=record.interchange_date,
        )  # fmt: skip
    if isinstance(record, BatchAnswer):
        level = record.level
        day = level.processed_date or level.received_date
        return SendingAnswer(kind, "", "", day, level.verdict, batch=level.trace_number)
    envelope = record.transaction.envelope
    named = tuple((t.control_number, str(t.verdict)) for t in record.transactions)
    return SendingAnswer(
        kind, envelope.sender_id, envelope.receiver_id, _day_of(envelope),
        record.verdict_of(""), functional_code=record.functional_code,
        group=record.group_control_number, named=named,
    )  # fmt: skip


# --- status ---------------------------------------------------------------------------------------


def _status_letters(report: StatusReport) -> Iterator[Letter]:
    said_at = _said_at(report.created_date, report.created_time, report.transaction)
    payer = report.level("20")
    receiver = report.level("21")
    batch = receiver.trace_number if receiver is not None and report.form == "277CA" else ""
    for claim in report.claims:
        yield Letter(
            kind=report.form,
            subject=CLAIM,
            position=claim.position,
            segment=claim.segment,
            verdict=claim.verdict,
            said_at=said_at,
            payer_name=claim.payer.last_name,
            keys=tuple(status_keys(report.form, claim)),
            document=_encoder.encode(msgspec.structs.replace(claim, segments=())),
            patient_control_number=claim.patient_control_number,
            payer_claim_control_number=claim.payer_claim_control_number,
            batch=batch,
        )
    if receiver is not None and batch and not report.claims:
        answer = BatchAnswer(receiver, payer.party if payer is not None else Party())
        yield _batch_letter(answer, said_at, report)


def _batch_letter(answer: BatchAnswer, said_at: str, report: StatusReport) -> Letter:
    """What a 277CA without claims says of its batch; the day it was made stands in for others."""
    level = answer.level
    if level.processed_date is None and level.received_date is None:
        day = report.created_date or _day_of(report.transaction.envelope)
        level = msgspec.structs.replace(level, processed_date=day)
        answer = BatchAnswer(level, answer.payer)
    return Letter(
        kind=report.form,
        subject=SENDING,
        position=1,
        segment=level.segment,
        verdict=level.verdict,
        said_at=said_at,
        payer_name=answer.payer.last_name,
        keys=_one(answer_key(sending_answer(report.form, answer))),
        document=_encoder.encode(answer),
        batch=level.trace_number,
    )


def _said_at(day: date | None, time: str, transaction: Transaction) -> str:
    day = day or _day_of(transaction.envelope)
    return f"{day.isoformat()}T{time}" if day else ""


# --- eligibility ----------------------------------------------------------------------------------


def _person_letters(report: EligibilityReport) -> Iterator[Letter]:
    said_at = _said_at(report.created_date, report.created_time, report.transaction)
    nobody = Member(report.transaction.segment, "", report.verdict, Party(), Party())
    for position, member in enumerate(report.members or (nobody,), 1):
        stripped = msgspec.structs.replace(member, segments=())
        answer = PersonAnswer(
            stripped, report.payer, report.receiver, report.rejects, report.created_date
        )
        yield Letter(
            kind=report.form,
            subject=PERSON,
            position=position,
            segment=member.segment,
            verdict=member.verdict,
            said_at=said_at,
            payer_name=report.payer.last_name,
            keys=person_keys(member),
            document=_encoder.encode(answer),
        )


def person_keys(member: Member) -> tuple[str, ...]:
    """The keys of a person: name with birth date, name with each member id, and the traces."""
    party = member.party
    name = name_key(party.last_name, party.first_name)
    ids = [number_key(i) for i in dict.fromkeys((party.id, member.subscriber.id)) if i]
    keys = [f"N:{name}|{party.birth_date.isoformat()}"] if name and party.birth_date else []
    keys += [f"M:{name}|{number}" for number in ids if name and number]
    keys += [f"Q:{number_key(trace)}" for trace in member.trace_numbers if number_key(trace)]
    return tuple(dict.fromkeys(keys))


# --- what was stored ------------------------------------------------------------------------------

_interchange_decoder = msgspec.json.Decoder(InterchangeAcknowledgement)
_group_decoder = msgspec.json.Decoder(Acknowledgement)
_batch_decoder = msgspec.json.Decoder(BatchAnswer)
_claim_decoder = msgspec.json.Decoder(ClaimStatus)
_person_decoder = msgspec.json.Decoder(PersonAnswer)


def decode_sending(
    kind: str, data: bytes
) -> Acknowledgement | InterchangeAcknowledgement | BatchAnswer:
    """An acknowledgement as it was stored."""
    if kind == "TA1":
        return _interchange_decoder.decode(data)
    return (_group_decoder if kind in {"999", "997"} else _batch_decoder).decode(data)


def decode_status(data: bytes) -> ClaimStatus:
    """The status of a claim as it was stored."""
    return _claim_decoder.decode(data)


def decode_person(data: bytes) -> PersonAnswer:
    """What was said of a person as it was stored."""
    return _person_decoder.decode(data)


# --- what we sent ---------------------------------------------------------------------------------


class SentHeader(msgspec.Struct, frozen=True):
    """BHT of a transaction that we send: its reference and when it was made."""

    reference_id: str = ""
    created_date: date | None = None
    created_time: str = ""


_SENT_COLUMNS: Final = (
    "sender_id",
    "receiver_id",
    "interchange_control_number",
    "group_control_number",
    "control_number",
    "reference_id",
    "sent_on",
    "made_at",
)


def transaction_columns(transaction: Transaction, header: SentHeader) -> tuple[Any, ...]:
    """The columns of a transaction that answers name: parties, control numbers, days."""
    envelope = transaction.envelope
    made = header.created_date
    return (
        envelope.sender_id,
        envelope.receiver_id,
        envelope.interchange_control_number,
        envelope.group_control_number,
        transaction.control_number,
        header.reference_id,
        _day_of(envelope) or made,
        f"{made.isoformat()}T{header.created_time}" if made else "",
    )


def sent_columns(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The same columns of a transaction's row."""
    return tuple(row[name] for name in _SENT_COLUMNS)


def sent_keys(kind: str, columns: tuple[Any, ...]) -> list[str]:
    """The keys by which answers find a transaction that we sent; none for other kinds."""
    if kind not in SENT_KINDS:
        return []
    return sending_keys(sending_of(0, kind, columns))


def sending_of(transaction_id: int, kind: str, columns: tuple[Any, ...]) -> Sending:
    """A transaction's columns as finding its answers takes them."""
    sender, receiver, interchange, group, number, reference, sent_on, _made = columns
    return Sending(
        transaction=transaction_id, kind=kind, sender=sender, receiver=receiver, sent_on=sent_on,
        interchange=interchange, group=group, number=number, reference=reference,
    )  # fmt: skip
