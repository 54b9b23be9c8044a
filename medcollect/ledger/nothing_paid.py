"""Why nothing was paid: deductible, capitation, bundled, waiting for the next payer, or refused.

A $0 line looks the same in every case (claim_rules.md 2.3); the table ``nothing_paid.csv`` tells
them apart by the claim's status and by what each adjustment does. The first row that fits speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from medcollect import codes
from medcollect.ledger.effects import Surroundings, judge
from medcollect.model.common import Adjustment
from medcollect.model.remittance import ClaimPayment

#: An amount that the payer refused and left to the patient (PR with a denial reason).
_REFUSED_TO_PATIENT: Final = "patient_denied"

_NO_REASON: Final = ("no_reason", "The file gives no reason why nothing was paid.")


class NothingPaid(msgspec.Struct, frozen=True):
    """A service (0: the claim as a whole) on which nothing was paid, and what that means.

    ``codes`` are the adjustments that say so, as ``PR-1``; none where the status does.
    """

    service: int
    kind: str
    means: str
    codes: tuple[str, ...]


class _Row(msgspec.Struct, frozen=True):
    kind: str
    statuses: frozenset[str]
    effects: frozenset[str]
    categories: frozenset[str]
    reasons: frozenset[str]
    means: str

    def by_status(self) -> bool:
        """Whether the claim's status alone decides."""
        return not (self.effects or self.categories or self.reasons)

    def fits(self, adjustment: Adjustment, effect: str) -> bool:
        """Whether an adjustment is of this kind."""
        known = codes.reason(adjustment.reason)
        asked = (
            (self.effects, effect),
            (self.categories, known.category if known else ""),
            (self.reasons, adjustment.reason),
        )
        return all(not wanted or given in wanted for wanted, given in asked)


def nothing_paid(payment: ClaimPayment) -> tuple[NothingPaid, ...]:
    """Every service of an answer on which nothing was paid, each told apart; none of a reversal."""
    return () if payment.is_reversal else tuple(_told(payment))


def _told(payment: ClaimPayment) -> Iterator[NothingPaid]:
    for number, service in enumerate(payment.services, start=1):
        if service.paid_cents == 0 and service.charge_cents > 0:
            around = Surroundings(payment, service)
            yield _of(number, service.adjustments or payment.adjustments, around)
    if not payment.services and payment.paid_cents == 0 and payment.charge_cents > 0:
        yield _of(0, payment.adjustments, Surroundings(payment))


def _of(number: int, adjustments: Sequence[Adjustment], around: Surroundings) -> NothingPaid:
    """What the first row of the table that fits says."""
    taken = [(a, _effect(a, around)) for a in adjustments if a.cents > 0]
    for row in _rows():
        if row.statuses and around.payment.status not in row.statuses:
            continue
        found = [f"{a.group}-{a.reason}" for a, effect in taken if row.fits(a, effect)]
        if row.by_status() or found:
            shown = () if row.by_status() else tuple(dict.fromkeys(found))
            return NothingPaid(number, row.kind, row.means, shown)
    return NothingPaid(number, *_NO_REASON, ())


def _effect(adjustment: Adjustment, around: Surroundings) -> str:
    effect, refused = judge(adjustment, around)
    return _REFUSED_TO_PATIENT if refused and effect == "patient" else effect


@lru_cache(maxsize=1)
def _rows() -> tuple[_Row, ...]:
    return tuple(
        _Row(
            kind=row["kind"],
            statuses=_listed(row["statuses"]),
            effects=_listed(row["effects"]),
            categories=_listed(row["categories"]),
            reasons=_listed(row["reasons"]),
            means=row["means"],
        )
        for row in codes.read_table("nothing_paid")
    )


def _listed(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(";")))
