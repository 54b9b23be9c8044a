"""Whether another payer is expected to answer after this one: claim_rules.md 4.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from medcollect.ledger.case import ExpectedPayer
from medcollect.ledger.slots import Slot

_FORWARDED_STATUSES = frozenset({"19", "20", "21"})
_FORWARDED_REMARKS = frozenset({"MA07", "MA18", "N387"})
_FORWARDED_REASONS = frozenset({"290", "291", "292", "298", "300", "305"})
_FAILED_REMARKS = frozenset({"MA08", "MA19", "MA68", "N8"})


def _remarks(slot: Slot) -> set[str]:
    """Every remark code of the slot's answers, claim and lines."""
    payments = [answer.payment for answer in slot.answers]
    return {r for p in payments for r in (*p.remarks, *(r for s in p.services for r in s.remarks))}


def transfer_failed(slot: Slot) -> bool:
    """Whether the payer says that it could not pass the claim on."""
    return bool(_remarks(slot) & _FAILED_REMARKS)


def is_forwarded(slot: Slot) -> bool:
    """Whether the payer passed the claim on to another one."""
    remarks = _remarks(slot)
    if remarks & _FAILED_REMARKS:
        return False
    payments = [answer.payment for answer in slot.answers]
    return (
        any(p.status in _FORWARDED_STATUSES or p.party("TT") is not None for p in payments)
        or bool(remarks & _FORWARDED_REMARKS)
        or any(a.reason in _FORWARDED_REASONS for p in payments for a in p.all_adjustments())
    )


def next_payer(slots: Sequence[Slot], payers: Sequence[ExpectedPayer]) -> str | None:
    """The name of the payer expected after the last answer, ``None`` when nobody is.

    A payer that the claim names with a later rank is expected, unless it has answered as often as
    the claim names it (both plans of a patient may be one company's). So is one the last answer
    was forwarded to (its name may be unknown: empty text).
    """
    last = slots[-1]
    later = [payer for payer in payers if payer.rank > last.status_rank]
    if later:
        answered = Counter(slot.payer_key for slot in slots)
        named = Counter(payer.payer_key for payer in payers)
        silent = [p for p in later if named[p.payer_key] > answered[p.payer_key]]
        if silent:
            return min((p.rank, p.payer_name) for p in silent)[1]
    if not is_forwarded(last):
        return None
    carriers = [answer.payment.party("TT") for answer in last.answers]
    return next((c.last_name for c in carriers if c is not None), "")
