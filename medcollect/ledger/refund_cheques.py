"""Refund cheques: what the practice sends back to a payer.

A cheque settles what the payer paid beyond the charge of the claim. What the claim does not hold as
a credit, because the payer's correction has taken it off already, goes to the payer's recovery
account, where it meets the amount that the payer postponed (PLB WO) or acknowledges (72). As the
claim is judged from all its facts, cheque and correction may come in either order. A cheque that
came back stands on its day, and its exact negation on the day of its return.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from medcollect.ledger.case import SentRefund
from medcollect.ledger.parts import negated
from medcollect.model.policies import by_policy
from medcollect.model.posting import (
    INSURANCE_RECEIVABLE,
    PAYER_CASH,
    PAYER_REFUND,
    PAYER_REFUND_RETURNED,
    PROVIDER_ADJUSTMENT,
    Entry,
    Posting,
)

#: The PLB code by which a payer acknowledges a refund cheque.
ACKNOWLEDGED = "72"


def refund_entries(refunds: Sequence[SentRefund], entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entry of each cheque and of its return, after all else that is said of the claim.

    Money out, against the claim's credit, then against the payer's recovery account; one for a
    recovery that names no claim has no ``entries`` before it.
    """
    if not refunds:
        return
    standing: Counter[tuple[int, int]] = Counter()
    for leg in (leg for entry in entries for leg in entry.postings):
        if leg.account == INSURANCE_RECEIVABLE:
            standing[leg.line, leg.payer_rank] += leg.cents
    for sent in refunds:
        credit = max(-sum(standing.values()), 0)
        settled = list(_settled(standing, min(sent.refund.cents, credit)))
        legs = (*settled, *_paid(sent, settled))
        yield Entry(PAYER_REFUND, sent.number, sent.refund.day, legs)
        if sent.returned_on is not None:
            back = tuple(negated(leg, None) for leg in legs)
            yield Entry(PAYER_REFUND_RETURNED, sent.returned_by, sent.returned_on, back)
            for leg in settled:
                standing[leg.line, leg.payer_rank] -= leg.cents


def _settled(standing: Counter[tuple[int, int]], cents: int) -> Iterator[Posting]:
    """So much of what is overdrawn, line by line."""
    for (line, rank), overdrawn in sorted(standing.items()):
        part = min(cents, max(-overdrawn, 0))
        if part:
            cents -= part
            standing[line, rank] += part
            yield Posting(INSURANCE_RECEIVABLE, part, line, rank)


def _paid(sent: SentRefund, settled: Iterable[Posting]) -> Iterator[Posting]:
    """The money of a cheque by line, and what of it the claim does not hold as credit."""
    rest, detail = sent.refund.cents, by_policy(PAYER_REFUND, sent.entry)
    for leg in settled:
        rest -= leg.cents
        yield Posting(PAYER_CASH, -leg.cents, leg.line, detail=detail)
    if rest:
        reference = sent.refund.recovery or sent.entry
        yield Posting(PROVIDER_ADJUSTMENT, rest, detail=f"{ACKNOWLEDGED}:{reference}")
        yield Posting(PAYER_CASH, -rest, detail=detail)


def credited_cents(postings: tuple[Posting, ...]) -> int:
    """What of a cheque's entry went against the claim's credit."""
    return sum(leg.cents for leg in postings if leg.account == INSURANCE_RECEIVABLE)
