"""What a claim payment refuses by its own words, where no claim's books limit it."""

from __future__ import annotations

from medcollect.ledger.case import DenialItem
from medcollect.ledger.effects import adjustments_of, is_denial
from medcollect.model.remittance import ClaimPayment


def refused_amounts(answer: int, payment: ClaimPayment) -> list[DenialItem]:
    """The refusals of a payment that is held or has no claim: as stated, on no line of a claim."""
    if payment.is_reversal:
        return []
    positions = {id(service): n for n, service in enumerate(payment.services, start=1)}
    items = []
    for adjustment, around in adjustments_of(payment):
        if adjustment.cents <= 0 or not is_denial(adjustment, around):
            continue
        service = around.service
        line_remarks = service.remarks if service is not None else ()
        items.append(
            DenialItem(
                answer=answer,
                service=positions[id(service)] if service is not None else 0,
                line=0,
                group=adjustment.group,
                reason=adjustment.reason,
                cents=adjustment.cents,
                status="open",
                remarks=tuple(dict.fromkeys((*line_remarks, *payment.remarks))),
            )
        )
    return items
