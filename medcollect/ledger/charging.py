"""The charge of a claim as its documents made it: charged, replaced, taken back (DESIGN 6.1).

What a later document changes counts from the day that document was made, never from the day of the
claim it replaces or voids: the earlier day stays as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from medcollect.ledger.case import Charged, ClaimCase
from medcollect.ledger.receivable import Receivable
from medcollect.model.posting import CHARGE, CHARGES, Entry, Posting


def charge_entries(case: ClaimCase, receivable: Receivable, *, by_claim: bool) -> Iterator[Entry]:
    """What each document changed of the charge, with the first payer, line by line.

    ``by_claim`` charges the claim as a whole. A void claim without an earlier charge has none.
    """
    standing: dict[int, int] = {}
    for charged in _charges(case):
        lines = () if by_claim else charged.lines
        amounts = dict(enumerate((charged.cents - sum(lines), *lines)))
        postings: list[Posting] = []
        for line in sorted({*amounts, *standing}) if standing else amounts:
            cents = amounts.get(line, 0) - standing.get(line, 0)
            if cents:
                postings.append(Posting(CHARGES, -cents, line))
                postings += receivable.add(line, 1, cents)
        standing = amounts
        if postings:
            yield Entry(charged.cause, charged.document, charged.day, tuple(postings))


def _charges(case: ClaimCase) -> tuple[Charged, ...]:
    if case.voided or case.charges:
        return () if case.voided else case.charges
    lines = tuple([line.charge_cents for line in case.lines])
    return (Charged(CHARGE, case.charge_document, case.charge_date, case.charge_cents, lines),)


def before_void(case: ClaimCase) -> ClaimCase:
    """The case as it stood until its last document took the claim back."""
    void = case.charges[-1].day
    return msgspec.structs.replace(
        case,
        voided=False,
        void_day=void,
        charges=case.charges[:-1],
        write_offs=tuple(w for w in case.write_offs if not is_after(w.day, void)),
        moves=tuple(m for m in case.moves if not is_after(m.move.day, void)),
    )


def void_entry(charged: Charged, stood: Iterable[Entry], stands: Iterable[Entry]) -> Entry:
    """The entry that leads from the books until the void to those of the void claim."""
    sums: Counter[Posting] = Counter()
    for sign, entries in ((1, stands), (-1, stood)):
        for leg in (leg for entry in entries for leg in entry.postings):
            sums[msgspec.structs.replace(leg, cents=0)] += sign * leg.cents
    legs = (msgspec.structs.replace(leg, cents=cents) for leg, cents in sums.items() if cents)
    return Entry(charged.cause, charged.document, charged.day, tuple(legs))


def is_after(day: date | None, other: date | None) -> bool:
    """Whether a day is known to lie behind another."""
    return day is not None and other is not None and day > other
