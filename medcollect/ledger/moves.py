"""Balances that a person moved between payers and the patient.

A move counts until a payer answers on a later day: what a payer says of the money then stands. It
moves no more than is there: to the patient what is open with payers, to a payer what is the
patient's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from medcollect.ledger.case import DenialItem, MovedBalance, PatientPart
from medcollect.ledger.receivable import Receivable
from medcollect.model.policies import by_policy
from medcollect.model.posting import PATIENT_RECEIVABLE, Posting

#: What a patient part says of why it is the patient's.
MOVED = "moved"


def standing_moves(
    moves: Sequence[MovedBalance], answered_on: Sequence[date | None], *, qmb: bool
) -> list[MovedBalance]:
    """The moves that no later answer has overtaken, and that the law does not forbid.

    A Qualified Medicare Beneficiary (``qmb``) may not be asked for what Medicare left open.
    """
    if not moves:
        return []
    last = max((day for day in answered_on if day is not None), default=date.min)
    return [
        moved
        for moved in moves
        if moved.move.day >= last and not (qmb and moved.move.to == "patient")
    ]


def to_patient(
    moved: MovedBalance,
    receivable: Receivable,
    protected: frozenset[int],
    parts: list[PatientPart],
) -> list[Posting]:
    """What is open with payers becomes the patient's, line by line; not what law protects."""
    left, postings = moved.move.cents, list[Posting]()
    hold = "" if moved.move.is_billable else "moved_by_hand"
    for line in receivable.lines():
        if line in protected:
            continue
        cents = min(left, receivable.total(frozenset({line})))
        if cents <= 0:
            continue
        left -= cents
        postings.append(Posting(PATIENT_RECEIVABLE, cents, line, detail=_detail(moved)))
        postings += receivable.take(line, receivable.holder(line), cents)
        parts.append(PatientPart(0, line, MOVED, cents, hold))
    return postings


def to_payer(
    moved: MovedBalance, receivable: Receivable, rank: int, parts: list[PatientPart]
) -> list[Posting]:
    """What is the patient's is open with a payer; ``parts`` keeps what is left of each part."""
    left, postings = moved.move.cents, list[Posting]()
    for place, part in enumerate(parts):
        cents = min(left, part.cents)
        if cents <= 0:
            continue
        left -= cents
        postings.append(Posting(PATIENT_RECEIVABLE, -cents, part.line, detail=_detail(moved)))
        postings += receivable.add(part.line, rank, cents)
        parts[place] = msgspec.structs.replace(part, cents=part.cents - cents)
    parts[:] = [part for part in parts if part.cents]
    return postings


def within_open(denials: Sequence[DenialItem], receivable: Receivable) -> list[DenialItem]:
    """Denials of no more than is still open: what a person gave to the patient is not won back."""
    kept: list[DenialItem] = []
    left = {line: receivable.total(frozenset({line})) for line in receivable.lines()}
    whole = receivable.total()
    for item in denials:
        if item.status != "open" or item.group == "PR":
            kept.append(item)
            continue
        free = left.get(item.line, 0) if item.line in left or item.line else whole
        cents = min(item.cents, max(free, 0))
        left[item.line] = free - cents
        whole -= cents
        settled = msgspec.structs.replace(item, status="settled")
        kept.append(msgspec.structs.replace(item, cents=cents) if cents else settled)
    return kept


def _detail(moved: MovedBalance) -> str:
    return by_policy(MOVED, moved.entry)
