"""An underpayment in words: what was to be allowed, what was, and by which term.

Everything else is judged as with a refusal, by the desk's tables; the arithmetic is the contract's
(``medcollect.contracts``).
"""

from __future__ import annotations

from collections.abc import Iterator

from medcollect.denials.facts import ShortfallFacts, Verdict
from medcollect.money import format_dollars


def what_is_missing(facts: ShortfallFacts, service: str, verdict: Verdict) -> str:
    """Say who allowed how much too little, for what, when, and by which term."""
    payer = facts.payer_name.strip() or "The payer"
    day = f" on {facts.decided_on.isoformat()}" if facts.decided_on else ""
    amount = format_dollars(facts.amount_cents)
    return (
        f"{payer} allowed ${amount} too little for {service}{day}: {verdict.cause} "
        f"({facts.contract}, row {facts.contract_line})."
    )


def by_which_term(facts: ShortfallFacts) -> Iterator[str]:
    """Name the amounts, then the term with its arithmetic."""
    expected, allowed = format_dollars(facts.expected_cents), format_dollars(facts.allowed_cents)
    yield f"Expected ${expected}, allowed ${allowed}."
    yield f"{facts.contract} row {facts.contract_line}: {facts.why}"
