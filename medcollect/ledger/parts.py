"""Parts of an answer: sharing an allowed total out, and what is said around a part."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from medcollect.ledger.amounts import Stated, StatedPart
from medcollect.ledger.case import Answer, DenialItem
from medcollect.model.opening import NOT_BILLABLE_REASON, OPENING_REASON
from medcollect.model.policies import Effect, by_policy
from medcollect.model.posting import (
    CONTRACTUAL,
    PAYER_CASH_REPORTED,
    UNAPPLIED,
    WRITE_OFF,
    Posting,
)

_NO_MODIFIERS: frozenset[str] = frozenset()


def remarks_of(answer: Answer, service: int) -> tuple[str, ...]:
    """Remark codes of the line (``service`` counts from 1, 0: none), then of the claim."""
    line = answer.payment.services[service - 1].remarks if service else ()
    if not line and not answer.payment.remarks:
        return ()
    return tuple(dict.fromkeys((*line, *answer.payment.remarks)))


def modifiers_of(
    answer: Answer, part: StatedPart | DenialItem, billed: Mapping[int, frozenset[str]]
) -> frozenset[str]:
    """Modifiers billed on the part's line (``billed`` by line) and those the payer judged."""
    found = billed.get(part.line, _NO_MODIFIERS)
    if part.service:
        service = answer.payment.services[part.service - 1]
        if service.procedure.modifiers:
            found = found.union(service.procedure.modifiers)
        if service.submitted_procedure is not None:
            found = found.union(service.submitted_procedure.modifiers)
    return found


def parts_of(stated: Stated, effect: Effect) -> list[StatedPart]:
    """The stated parts of one effect, in file order."""
    return stated.by_effect.get(effect, [])


def is_patients(part: StatedPart, *, last: bool) -> bool:
    """Whether what a payer leaves to the patient is the patient's now, and not the next payer's.

    It is after the ``last`` payer; and where an opening balance says what the patient owes.
    """
    return last or part.adjustment.reason in {OPENING_REASON, NOT_BILLABLE_REASON}


def share_out(parts: list[StatedPart], allowed: int) -> list[tuple[StatedPart, int]]:
    """Give each part its amount so that all together are exactly what is allowed.

    Where all fits, each part keeps what was stated. Where it does not, the parts of the allowed
    total's sign share it in file order and the others move nothing.
    """
    if not parts:
        return []
    stated = [part.adjustment.cents for part in parts]
    if sum(stated) == allowed:
        return list(zip(parts, stated, strict=True))
    shared: list[tuple[StatedPart, int]] = []
    sign = -1 if allowed < 0 else 1
    left = abs(allowed)
    for part in parts:
        cents = min(max(sign * part.adjustment.cents, 0), left)
        left -= cents
        if cents:
            shared.append((part, sign * cents))
    return shared


def write_off_leg(part: StatedPart, cents: int) -> Posting:
    """What is given up: by contract, or under the office's own rule, which the posting names."""
    code = f"{part.adjustment.group}-{part.adjustment.reason}"
    if part.policy:
        return Posting(WRITE_OFF, cents, part.line, detail=by_policy(code, part.policy))
    return Posting(CONTRACTUAL, cents, part.line, 0, None, code)


def negated(posting: Posting, remittance: int | None) -> Posting:
    """The same leg with the sign turned; cash comes from the reversal's own remittance.

    Money that only an opening balance knows came with none: it goes with the reversal's all the
    same.
    """
    if posting.account == PAYER_CASH_REPORTED and remittance is not None:
        return Posting(UNAPPLIED, -posting.cents, posting.line, 0, remittance)
    cash_of = remittance if posting.remittance is not None else None
    return msgspec.structs.replace(posting, cents=-posting.cents, remittance=cash_of)


def with_status(item: DenialItem, status: str) -> DenialItem:
    """The same denial with another status."""
    return msgspec.structs.replace(item, status=status)
