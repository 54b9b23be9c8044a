"""Which of our transactions an acknowledgement answers: TA1, 999, 997, a whole batch of a 277CA.

Control numbers come again: in another year, with another receiver, with some senders in every file.
So an answer belongs to what was sent before it, in its month or the one before, between the same
two parties where both say who they are; a TA1 names the day besides (TA102). Where two sendings
still fit, nobody is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

import msgspec

#: Functional group (AK101) -> what we send in such a group.
_SENT_IN_GROUP: Final = {"HC": "837", "HR": "276", "HS": "270"}

#: What became of an answer: it belongs to what we sent, or waits, or is of no concern to claims.
Outcome: TypeAlias = Literal["landed", "no_sending", "several_sendings", "noted"]


class Sending(msgspec.Struct, frozen=True):
    """One transaction that we sent, by the numbers that an answer names.

    ``transaction`` is the caller's key for it; ``interchange`` is ISA13, ``group`` GS06,
    ``number`` ST02, ``reference`` BHT03.
    """

    transaction: int
    kind: str
    sender: str
    receiver: str
    sent_on: date | None
    interchange: str
    group: str
    number: str
    reference: str


class SendingAnswer(msgspec.Struct, frozen=True):
    """One acknowledgement: whom it is between and what it names.

    ``named`` are the transactions (ST02) with a verdict of their own; ``verdict`` is that of all
    others of the group, interchange or batch.
    """

    kind: str
    sender: str
    receiver: str
    said_on: date | None
    verdict: str
    functional_code: str = ""
    interchange: str = ""
    interchange_date: date | None = None
    group: str = ""
    batch: str = ""
    named: tuple[tuple[str, str], ...] = ()


class AnsweredSendings(msgspec.Struct, frozen=True):
    """The transactions that an acknowledgement answers, each with its verdict."""

    outcome: Outcome
    verdicts: tuple[tuple[int, str], ...] = ()


def sending_keys(sending: Sending) -> list[str]:
    """The keys by which answers find a transaction that we sent, in its month and the next."""
    numbers = (
        ("I", number_of(sending.interchange)),
        ("G", number_of(sending.group)),
        ("B", sending.reference.strip().upper()),
    )
    months = _months(sending.sent_on)
    return [f"{mark}:{number}|{month}" for mark, number in numbers if number for month in months]


def answer_key(answer: SendingAnswer) -> str:
    """The key of an answer: the number that it names and the month; empty where it names none."""
    day = answer.said_on
    if answer.kind == "TA1":
        mark, number, day = "I", number_of(answer.interchange), answer.interchange_date or day
    elif answer.batch:
        mark, number = "B", answer.batch.strip().upper()
    else:
        mark, number = "G", number_of(answer.group)
    return f"{mark}:{number}|{_months(day)[0]}" if number else ""


def number_of(control_number: str) -> str:
    """A control number without spaces and leading zeros: ``000000007`` and ``7`` are the same."""
    return control_number.strip().lstrip("0")


def _months(day: date | None) -> list[str]:
    """A day's month and the one after it; empty text for an unknown day."""
    if day is None:
        return [""]
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return [f"{day:%Y-%m}", f"{year:04d}-{month:02d}"]


def answer_sendings(answer: SendingAnswer, sendings: Iterable[Sending]) -> AnsweredSendings:
    """Find what an acknowledgement answers among the transactions that share its key."""
    kind = _SENT_IN_GROUP.get(answer.functional_code)
    if answer.functional_code and kind is None:
        return AnsweredSendings("noted")
    units: dict[tuple[object, ...], list[Sending]] = defaultdict(list)
    for sending in sendings:
        if (kind is None or sending.kind == kind) and _may_answer(answer, sending):
            units[_unit(answer, sending)].append(sending)
    able = [unit for unit in units.values() if _names(answer, unit)]
    able = [unit for unit in able if _same_parties(answer, unit[0])] or able
    if len(able) != 1:
        return AnsweredSendings("several_sendings" if able else "no_sending")
    own = dict(answer.named)
    verdicts = [(s.transaction, own.get(s.number, answer.verdict)) for s in able[0]]
    return AnsweredSendings("landed", tuple(sorted(verdicts)))


def _may_answer(answer: SendingAnswer, sending: Sending) -> bool:
    """Whether number and days allow it: nothing is answered before it was sent."""
    if answer.kind == "TA1":
        same = number_of(answer.interchange) == number_of(sending.interchange)
        days = {answer.interchange_date, sending.sent_on} - {None}
        return same and len(days) < 2
    if answer.said_on and sending.sent_on and answer.said_on < sending.sent_on:
        return False
    if answer.batch:
        return answer.batch.strip().upper() == sending.reference.strip().upper()
    return number_of(answer.group) == number_of(sending.group)


def _unit(answer: SendingAnswer, sending: Sending) -> tuple[object, ...]:
    """What is answered as one: the interchange, the group in it, the batch."""
    whole = (sending.sender, sending.receiver, sending.sent_on, number_of(sending.interchange))
    if answer.kind == "TA1":
        return whole
    return (*whole, sending.reference if answer.batch else number_of(sending.group))


def _names(answer: SendingAnswer, unit: Sequence[Sending]) -> bool:
    """Whether every transaction that the answer names is in the unit."""
    return {number for number, _ in answer.named} <= {sending.number for sending in unit}


def _same_parties(answer: SendingAnswer, sending: Sending) -> bool:
    """Whether the answer goes from the receiver of what was sent to its sender."""
    theirs, ours = (
        (answer.sender.strip(), answer.receiver.strip()),
        (
            sending.receiver.strip(),
            sending.sender.strip(),
        ),
    )
    return all(theirs) and theirs == ours
