"""Whom a claim waits for, why, and since when: claim_rules.md 4.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from medcollect.ledger.case import Answer, ClaimCase, ExpectedPayer
from medcollect.ledger.effects import FORWARDING_REASONS
from medcollect.ledger.slots import Slot
from medcollect.model.opening import AWAITED_REASON

_FORWARDED_STATUSES = frozenset({"19", "20", "21"})
_FORWARDED_REMARKS = frozenset({"MA07", "MA18", "N387"})
#: The payer did not pass the claim on; the practice is to send it to the other insurer.
_SEND_REMARKS = frozenset({"N387"})
#: Our claim is with another payer: it was passed on, and nothing was decided.
_PASSED_ON_STATUS = "23"
#: Why a payer is waited for that has the claim again: corrected, or once more.
RESENT = "resent"
_FAILED_REMARKS = frozenset({"MA08", "MA19", "MA68", "N8"})


def _remarks(slot: Slot) -> set[str]:
    """Every remark code of the slot's answers, claim and lines."""
    found: set[str] = set()
    for answer in slot.answers:
        found.update(answer.payment.remarks)
        for service in answer.payment.services:
            if service.remarks:
                found.update(service.remarks)
    return found


def transfer_failed(slot: Slot) -> bool:
    """Whether the payer says that it could not pass the claim on."""
    return not _FAILED_REMARKS.isdisjoint(_remarks(slot))


def is_forwarded(slot: Slot) -> bool:
    """Whether the payer passed the claim on to another one."""
    remarks = _remarks(slot)
    if remarks & _FAILED_REMARKS:
        return False
    if remarks & _FORWARDED_REMARKS:
        return True
    for payment in [answer.payment for answer in slot.answers]:
        if payment.status in _FORWARDED_STATUSES or payment.party("TT") is not None:
            return True
        if not FORWARDING_REASONS.isdisjoint([a.reason for a in payment.all_adjustments()]):
            return True
    return False


class Wait(msgspec.Struct, frozen=True):
    """Whom a claim waits for: the payer's number in order, its name where known, why, since when.

    ``why`` is ``first_answer``, ``named`` (the claim names a later payer), ``forwarded`` (the payer
    before passed the claim on), ``bill_next_payer`` or ``transfer_failed`` (it did not: the
    practice has to send it), ``opening`` (an opening balance says that it still owes), ``resent``
    (it went to the payer again since its last answer), or ``moved`` (a person moved the patient's
    part there).
    """

    rank: int
    payer: str
    why: str
    since: date | None


def next_payer(slots: Sequence[Slot], payers: Sequence[ExpectedPayer]) -> str | None:
    """The name of the payer expected after the last answer, ``None`` when nobody is.

    A payer that the claim names with a later rank is expected, unless it has answered as often as
    the claim names it (both plans of a patient may be one company's). So is one the last answer
    was forwarded to (its name may be unknown: empty text).
    """
    named = _named_next(slots, payers)
    if named is not None:
        return named
    return _carrier(slots[-1].answers) if is_forwarded(slots[-1]) else None


def wait_of(case: ClaimCase, slots: Sequence[Slot], payer: str | None) -> Wait | None:
    """Whom the claim waits for, ``None`` where every payer has answered.

    ``payer`` is the next one as :func:`next_payer` says.
    """
    if case.voided:
        return None
    if slots:
        return _wait_for_rest(case, slots) if payer is None else _wait_for_next(case, slots, payer)
    first = next((payer.payer_name for payer in case.payers), "")
    passed_on = [answer for answer in case.answers if answer.payment.status == _PASSED_ON_STATUS]
    last = max(passed_on, key=lambda a: a.order, default=None)
    if last is None:
        return Wait(1, first, "first_answer", case.billed_date or case.charge_date)
    return Wait(1, _carrier([last]) or first, "forwarded", last.payment_date)


#: An 835 may come as many days before the day on which its payment is made (BPR16).
_DAYS_AHEAD = timedelta(days=7)


def resent_wait(case: ClaimCase, slots: Sequence[Slot]) -> Wait | None:
    """The wait for a payer that got the claim again since it answered last, else ``None``.

    The document is later than the answer, or it replaces just what the answer decided: then a
    payment day some days ahead does not matter.
    """
    sent = case.sent_again
    if sent is None or case.voided or sent.day is None:
        return None
    for rank, slot in enumerate(slots, start=1):
        days = [a.payment_date for a in slot.answers if a.payment_date is not None]
        if slot.reported or slot.payer_key != sent.payer_key or not days:
            continue
        numbers = {a.payment.payer_claim_control_number for a in slot.answers}
        named = sent.payer_claim_control_number in numbers - {""}
        if sent.day > max(days) - (_DAYS_AHEAD if named else timedelta()):
            return Wait(rank, slot.payer_name, RESENT, sent.day)
    return None


def _wait_for_rest(case: ClaimCase, slots: Sequence[Slot]) -> Wait | None:
    """The wait for the payer that an opening balance says still owes what is open."""
    last = slots[-1]
    adjustments = [a for answer in last.answers for a in answer.payment.all_adjustments()]
    if any(a.group == "OA" and a.reason == AWAITED_REASON and a.cents > 0 for a in adjustments):
        return Wait(len(slots), last.payer_name, "opening", case.billed_date)
    return None


def _wait_for_next(case: ClaimCase, slots: Sequence[Slot], payer: str) -> Wait:
    """The next payer's wait: since the last answer, or since the claim was sent there after it."""
    answered = [a.payment_date for a in slots[-1].answers if a.payment_date is not None]
    since = max(answered, default=None)
    if since is None or (case.billed_date is not None and case.billed_date > since):
        since = case.billed_date or since
    return Wait(len(slots) + 1, payer, _why(slots[-1]), since)


def _why(last: Slot) -> str:
    """Why a next payer is expected, by what the last answer says of passing the claim on."""
    if transfer_failed(last):
        return "transfer_failed"
    if _remarks(last) & _SEND_REMARKS:
        return "bill_next_payer"
    return "forwarded" if is_forwarded(last) else "named"


def _named_next(slots: Sequence[Slot], payers: Sequence[ExpectedPayer]) -> str | None:
    """The next of the payers that the claim names and that has not answered."""
    later = [payer for payer in payers if payer.rank > slots[-1].status_rank]
    if not later:
        return None
    answered = Counter(slot.payer_key for slot in slots)
    named = Counter(payer.payer_key for payer in payers)
    silent = [(p.rank, p.payer_name) for p in later if named[p.payer_key] > answered[p.payer_key]]
    return min(silent)[1] if silent else None


def _carrier(answers: Sequence[Answer]) -> str:
    """The name of the payer that the claim was passed on to (NM1*TT), empty where none is given."""
    carriers = [answer.payment.party("TT") for answer in answers]
    return next((c.last_name for c in carriers if c is not None), "")
