"""Deductibles, copayments, coinsurance and out-of-pocket maximums of a 271, put together.

A payer says the whole amount, what is met so far and what remains in rows (EB) of their own. Rows
belong together that agree in kind, coverage level, network, service types and insurance type, and
whose dates and notes (MSG) are the same or stand on one of them only. Where two rows of such a
group say the same thing, the second starts a new share, so nothing is written over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable

import msgspec

from medcollect.model.eligibility import Benefit, CostShare
from medcollect.x12.life_codes import COST_SHARES, REMAINING, USED


def cost_shares(benefits: Iterable[Benefit]) -> tuple[CostShare, ...]:
    """Put together what the patient bears, in the order of the file."""
    shares: list[CostShare] = []
    known: defaultdict[Hashable, list[int]] = defaultdict(list)
    for benefit in benefits:
        if benefit.kind not in COST_SHARES:
            continue
        same = known[_key(benefit)]
        index = next((i for i in same if _fits(shares[i], benefit)), None)
        if index is not None:
            shares[index] = _with(shares[index], benefit)
        else:
            same.append(len(shares))
            shares.append(_with(_empty(benefit), benefit))
    return tuple(shares)


def _key(benefit: Benefit) -> Hashable:
    return (
        benefit.kind,
        benefit.coverage_level,
        benefit.network,
        benefit.service_types,
        benefit.insurance_type,
        benefit.procedure,
    )


def _slot(benefit: Benefit) -> str:
    """The field of a share that a row fills."""
    if benefit.period in REMAINING:
        return "remaining_cents"
    return "used_cents" if benefit.period == USED else "limit_cents"


def _fits(share: CostShare, benefit: Benefit) -> bool:
    """Whether the row says something that the share does not say yet."""
    if benefit.percent and share.percent:
        return False
    notes, ours = set(benefit.messages), set(share.messages)
    if not (notes <= ours or ours <= notes):
        return False
    if benefit.periods and share.periods and benefit.periods != share.periods:
        return False
    return getattr(share, _slot(benefit)) is None


def _empty(benefit: Benefit) -> CostShare:
    return CostShare(
        kind=benefit.kind,
        coverage_level=benefit.coverage_level,
        network=benefit.network,
        service_types=benefit.service_types,
        insurance_type=benefit.insurance_type,
        periods=benefit.periods,
        messages=benefit.messages,
    )


def _with(share: CostShare, benefit: Benefit) -> CostShare:
    slot = _slot(benefit)
    of_limit = slot == "limit_cents"
    changes: dict[str, object] = {slot: benefit.amount_cents}
    if of_limit:
        changes["period_kind"] = benefit.period_kind
    if benefit.percent:
        changes["percent"] = benefit.percent
    return msgspec.structs.replace(share, **changes)
