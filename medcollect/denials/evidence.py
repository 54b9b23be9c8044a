"""The facts that the judgment of a denial rests on, each in a short sentence of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from medcollect.codes import group, reason, remark
from medcollect.denials.facts import DenialFacts, ShortfallFacts, TakebackFacts, Verdict
from medcollect.denials.shortfall import by_which_term
from medcollect.denials.takeback import where_it_shows
from medcollect.money import format_dollars

_ACKNOWLEDGED: Final = {
    "accepted": "The payer took the claim in (277CA){day}.",
    "rejected": "The claim had been turned away before it was judged (277CA).",
}

#: Categories for which it matters whether the claim carried an authorization number.
_OF_AUTHORIZATION: Final = frozenset({"authorization"})


def evidence(facts: DenialFacts, verdict: Verdict) -> tuple[str, ...]:
    """Name the facts: the codes that the payer sent, what was billed, what is on record."""
    return tuple(_facts(facts, verdict))


def _facts(facts: DenialFacts, verdict: Verdict) -> Iterator[str]:
    if isinstance(facts, TakebackFacts):
        yield from where_it_shows(facts)
    elif isinstance(facts, ShortfallFacts):
        yield from by_which_term(facts)
    else:
        yield _adjustment(facts)
    yield from map(_remark, facts.remarks)
    if verdict.evidence:
        yield verdict.evidence
    if facts.line_paid_cents > 0:
        yield f"The line was paid ${format_dollars(facts.line_paid_cents)}."
    if facts.modifiers:
        yield f"Billed with modifier {', '.join(facts.modifiers)}."
    if facts.claim_frequency in {"7", "8"}:
        yield f"The claim was sent with frequency {facts.claim_frequency}."
    if verdict.category in _OF_AUTHORIZATION:
        has = "carried an" if facts.has_authorization else "carried no"
        yield f"Claim and answer {has} authorization or referral number."
    if facts.acknowledged in _ACKNOWLEDGED:
        day = f" on {facts.accepted_on.isoformat()}" if facts.accepted_on else ""
        yield _ACKNOWLEDGED[facts.acknowledged].format(day=day)


def _adjustment(facts: DenialFacts) -> str:
    """The payer's codes with their labels: who bears it, and the reason."""
    known, bearer = reason(facts.reason), group(facts.group)
    label = known.label if known else "not in our table"
    by = f", {bearer.label}" if bearer else ""
    amount = format_dollars(facts.amount_cents)
    return f"Adjustment {facts.group}-{facts.reason} of ${amount}: {label}{by}."


def _remark(code: str) -> str:
    known = remark(code)
    kind = " (an alert)" if known and known.alert else ""
    return f"Remark {code}{kind}: {known.label if known else 'not in our table'}."
