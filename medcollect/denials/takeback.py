"""A silent denial in words: who took how much back, and where it shows.

Rules: claim_rules.md 3.2 (a correction belongs into the remittance of its reversal) and 3.3 (what
a provider adjustment takes). Everything else is judged as with a refusal, by the desk's tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from medcollect.codes import provider_adjustment_code
from medcollect.denials.facts import TakebackFacts, Taken, Verdict
from medcollect.money import format_dollars


def what_was_taken(facts: TakebackFacts, verdict: Verdict) -> str:
    """Say who took how much back, when, and that no reason came with it."""
    payer = facts.payer_name.strip() or "The payer"
    day = f" on {facts.decided_on.isoformat()}" if facts.decided_on else ""
    visit = f" of {facts.service_from.isoformat()}" if facts.service_from else ""
    amount = format_dollars(facts.amount_cents)
    where = "; ".join(_named(one) for one in facts.taken if one.cents > 0)
    return f"{payer} took ${amount} back{day} for the claim{visit}: {verdict.cause} ({where})."


def _named(one: Taken) -> str:
    by = f"PLB {one.code} {one.reference}".strip() if one.code else "CLP02 22"
    return f"{by} on remittance {one.remittance}"


def where_it_shows(facts: TakebackFacts) -> Iterator[str]:
    """Name the payment, each amount with its remittance and reference, and what is missing."""
    if facts.paid_on:
        yield f"It had been paid on {facts.paid_on.isoformat()}."
    for one in facts.taken:
        yield f"{_remittance(one)} {_act(one)}."
    said = "correction" if all(not one.code for one in facts.taken) else "reversal or correction"
    yield f"No {said} by this payer is on file that explains it."


def _remittance(one: Taken) -> str:
    trace = f" ({one.trace_number})" if one.trace_number else ""
    day = f" of {one.day.isoformat()}" if one.day else ""
    return f"Remittance {one.remittance}{trace}{day}"


def _act(one: Taken) -> str:
    amount = format_dollars(abs(one.cents))
    if not one.code:
        return f"reverses the payment (CLP02 22): ${amount}"
    known = provider_adjustment_code(one.code)
    label = f" ({known.label.split(':')[0].lower()})" if known is not None else ""
    verb = "takes" if one.cents > 0 else "gives back"
    reference = f" with reference {one.reference}" if one.reference else ""
    return f"{verb} ${amount} by PLB {one.code}{label}{reference}"
