"""What a payer allowed for a line, read from its adjustments (claim_rules.md 2.2, AMT*B6).

Allowed is what the payer recognises: its payment, the patient's share, and what it keeps back from
its payment afterwards. Adjustments of price (CO-45 and its kin) lie beyond it. AMT*B6 is not used:
payers leave it out or mean other things by it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import msgspec

from medcollect import codes
from medcollect.ledger.effects import Surroundings, judge
from medcollect.model.remittance import ClaimPayment, ServicePayment

Part = Literal["price", "patient", "withheld", "sequestration", "denied", "judge", "other"]

#: Kept back from, or added to, the payment after the allowed amount is known: discount for paying
#: quickly, rewards, the patient's own spending account. The budget cuts' category is theirs, too.
_WITHHELD: Final = frozenset({"44", "144", "161", "187"})
_WITHHELD_CATEGORY: Final = "sequestration_or_reduction"
_SEQUESTRATION: Final = "253"

#: The cut for several procedures of a day is price, though its category is bundling.
_REDUCTION: Final = "59"


class AllowedAmount(msgspec.Struct, frozen=True, gc=False):
    """The allowed amount of a line and its parts, in cents.

    ``denied``: something of the line was refused. ``why_not``: why the amount cannot be compared.
    ``reduced``: the payer says that it cut the price for several procedures.
    """

    cents: int
    patient_cents: int = 0
    sequestration_cents: int = 0
    reduced: bool = False
    denied: bool = False
    why_not: str = ""


@lru_cache(maxsize=4096)
def part_of(group: str, code: str) -> Part:
    """What an adjustment is of a line's charge; ``judge`` where its surroundings decide."""
    reason = codes.reason(code)
    if reason is None or group not in {"CO", "PI", "OA", "PR"}:
        return "other"
    if code == _SEQUESTRATION and group != "PR":
        return "sequestration"
    if code in _WITHHELD or reason.category == _WITHHELD_CATEGORY:
        return "withheld"
    if code == _REDUCTION or (reason.category == "contractual" and reason.denial == "no"):
        return "price"
    if group == "PR":
        return "denied" if reason.denial == "yes" else "patient"
    return "judge"


def allowed_amount(service: ServicePayment, payment: ClaimPayment) -> AllowedAmount:
    """What the payer allowed for one line."""
    sums = {"patient": 0, "withheld": 0, "sequestration": 0}
    denied = reduced = False
    why_not = ""
    for adjustment in service.adjustments:
        if not adjustment.cents:
            continue
        part = part_of(adjustment.group, adjustment.reason)
        if part == "judge":
            refused = judge(adjustment, Surroundings(payment, service))[1]
            part = "denied" if refused and adjustment.cents > 0 else "other"
        if part in sums:
            sums[part] += adjustment.cents
        elif part == "denied":
            denied = True
        elif part == "other":
            code = f"{adjustment.group}-{adjustment.reason}"
            why_not = f"{code} does not say what was allowed."
        reduced = reduced or adjustment.reason == _REDUCTION
    return AllowedAmount(
        service.paid_cents + sum(sums.values()),
        sums["patient"],
        sums["sequestration"],
        reduced,
        denied,
        why_not,
    )


def not_by_line(payment: ClaimPayment) -> str:
    """Why a claim payment's lines do not tell what was allowed; empty where they do."""
    if not payment.services:
        return "The payer answered for the claim as a whole, without lines."
    for adjustment in payment.adjustments:
        part = part_of(adjustment.group, adjustment.reason)
        if adjustment.cents and part not in {"patient", "withheld", "sequestration"}:
            code = f"{adjustment.group}-{adjustment.reason}"
            return f"The payer adjusted the claim as a whole ({code})."
    return ""
