"""What a claim's own documents tell of the patient's death; people's entries say more (`desk`).

A claim file says it by the date of death (PAT06) or, of a hospital, by the patient's status at the
end of the statement (CL103); a payer by reason 13 (died before the service) in its newest answer:
one that was answered anew without it, or taken back, tells nothing any more. Right or wrong, nobody
is billed on it until a person has looked (claim_rules.md 7 no. 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from medcollect.matching.docs import ClaimDoc, PaymentDoc
from medcollect.model.claim import Claim

#: Patient status codes (UB-04 form locator 17): expired; at home, in a facility, place unknown.
_EXPIRED: Final = frozenset({"20", "40", "41", "42"})
_DIED_BEFORE_SERVICE: Final = "13"


def tells_death(documents: Sequence[ClaimDoc], payments: Sequence[PaymentDoc]) -> bool:
    """Whether a claim's documents, or the newest answer of one of its payers, tell a death."""
    if any(d.claim.patient.death_date or patient_status(d.claim) in _EXPIRED for d in documents):
        return True
    return any(_refused_as_dead(p) for p in payments) and _newest_say_so(payments)


def patient_status(claim: Claim) -> str:
    """CL103 of an institutional claim, else empty text."""
    if claim.form != "I":
        return ""
    for segment in claim.unmodelled:
        if segment.text.startswith("CL1"):
            return [*segment.text.split(segment.text[3:4] or None), "", "", ""][3].strip()
    return ""


def _newest_say_so(payments: Sequence[PaymentDoc]) -> bool:
    """Whether reason 13 stands in what any payer said on the last day that it answered."""
    last: dict[str, date] = {}
    for payment in payments:
        day = payment.order[0]
        last[payment.payer_key] = max(day, last.get(payment.payer_key, day))
    newest = [p for p in payments if p.order[0] == last[p.payer_key]]
    return sum(_refused_as_dead(p) for p in newest) > 0


def _refused_as_dead(payment: PaymentDoc) -> int:
    """Cents refused because the patient had died; below zero where that is taken back."""
    found = payment.payment.all_adjustments()
    return sum(a.cents for a in found if a.reason == _DIED_BEFORE_SERVICE)
