"""A claim that was rejected before it was judged: what to correct, and by when to send it again.

Rules: appeals.md section 1 (fix, send as a new claim, the filing clock still runs). Nothing is
denied and nothing can be appealed; the limit is the payer's for filing, counted from the date of
service, because a rejected claim does not count as filed.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from medcollect.codes import response_label, status_label
from medcollect.denials.clocks import deadline
from medcollect.denials.explain import by_when
from medcollect.denials.facts import Assessment, DenialFacts, Verdict
from medcollect.denials.verdict import NO_POLICIES, tell
from medcollect.denials.worth import expected_value_cents, priority, weight_cents
from medcollect.model.policies import DenialPolicies
from medcollect.money import format_dollars

CATEGORY: Final = "rejected"

#: Chance that a corrected claim is paid, an editorial value: it is a claim like any other.
_CHANCE: Final = 8000
#: What is done about every rejected claim.
NEXT_ACTION: Final = "correct_and_resubmit"

_OF_FILES: Final = {
    "TA1": "the whole file",
    "999": "the whole transaction",
    "997": "the whole transaction",
}
_REPLACES: Final = frozenset({"7", "8"})


class RejectionFacts(msgspec.Struct, frozen=True, gc=False):
    """What rejected a claim, and what its clock depends on.

    ``kind`` is TA1, 999, 997, 277CA or 277; ``codes`` are STC composites (``A7:562:85``), IK5 codes
    or the TA1's note; ``open_cents`` is what the payer was asked for and has not answered.
    """

    kind: str
    codes: tuple[str, ...]
    rejected_on: date | None
    open_cents: int
    not_found: bool = False
    rejected_by: str = ""
    payer_name: str = ""
    filing_indicator: str = ""
    service_from: date | None = None
    service_to: date | None = None
    claim_frequency: str = ""
    form: str = ""

    @property
    def at_stake_cents(self) -> int:
        """What can still be won."""
        return self.open_cents

    @property
    def worked_cents(self) -> int:
        """What is worked as one: the claim."""
        return self.open_cents

    @property
    def filing(self) -> DenialFacts:
        """The facts that the limits depend on."""
        return DenialFacts(
            group="",
            reason="",
            amount_cents=self.open_cents,
            payer_name=self.payer_name,
            filing_indicator=self.filing_indicator,
            decided_on=self.rejected_on,
            service_from=self.service_from,
            service_to=self.service_to,
            form=self.form,
        )

    @property
    def code(self) -> str:
        """The first code; of a whole file or transaction behind the kind of answer."""
        code = self.codes[0] if self.codes else ""
        return ":".join(filter(None, (self.kind, code))) if self.kind in _OF_FILES else code


def assess_rejection(
    facts: RejectionFacts, today: date, policies: DenialPolicies = NO_POLICIES
) -> Assessment:
    """Judge one rejected claim as of ``today``; ``policies`` are the office's own limits."""
    filing = facts.filing
    limit = deadline(filing, "new_claim", limits=policies.limits)
    days_left = (limit.due - today).days if limit.due else None
    expected = expected_value_cents(facts.open_cents, _CHANCE, days_left, policies.work)
    weight = weight_cents(facts.open_cents, _CHANCE, NEXT_ACTION, policies.work)
    cause = rejection_cause(facts)
    when = by_when(limit, days_left) or limit.rule
    sentences = (_what(facts, cause), _action(facts), when)
    verdict = tell(filing, _verdict(cause), policies)
    return Assessment(
        category=CATEGORY,
        cause=cause,
        preventable="yes",
        appealable=False,
        route="new_claim",
        next_action=NEXT_ACTION,
        deadline=limit.due,
        deadline_rule=limit.rule,
        days_left=days_left,
        chance_basis_points=_CHANCE,
        expected_value_cents=expected,
        priority=priority(weight, days_left, policies.work),
        weight_cents=weight,
        explanation=" ".join(filter(None, sentences)),
        amount_cents=0,
        rules=(f"rejection {_source(facts)}",),
        root_cause=verdict.root_cause,
        prevented_by=verdict.prevented_by,
        prevention=verdict.prevention,
        refusal=verdict.refusal,
        evidence=(f"{_source(facts)}: {cause}.", verdict.evidence),
        steps=verdict.steps,
    )


def _verdict(cause: str) -> Verdict:
    """What a rejection is, before the tables of the desk tell the rest."""
    return Verdict(
        category=CATEGORY,
        cause=cause,
        preventable="yes",
        next_action=NEXT_ACTION,
        route="new_claim",
        new_claim=True,
    )


def rejection_cause(facts: RejectionFacts) -> str:
    """What is wrong, in words, by the codes that were sent."""
    if facts.kind == "TA1":
        words = [response_label("interchange", code) for code in facts.codes]
    elif facts.kind in {"999", "997"}:
        words = [response_label("transaction", code) for code in facts.codes]
    else:
        words = [status_label(*code.split(":")[:3]) for code in facts.codes if ":" in code]
    told = "; ".join(dict.fromkeys(filter(None, words)))
    whole = _OF_FILES.get(facts.kind, "")
    return ": ".join(filter(None, (whole, told))) or "not said why"


def _what(facts: RejectionFacts, cause: str) -> str:
    """Say who rejected what, when and why."""
    who = facts.rejected_by.strip() or facts.payer_name.strip() or "The receiver"
    visit = f" of {facts.service_from.isoformat()}" if facts.service_from else ""
    day = f" on {facts.rejected_on.isoformat()}" if facts.rejected_on else ""
    verb = "did not find" if facts.not_found else "rejected"
    asked = f"the claim{visit} over ${format_dollars(facts.open_cents)}"
    return f"{who} {verb} {asked}{day} ({_source(facts)}): {cause}."


def _source(facts: RejectionFacts) -> str:
    return facts.code if facts.kind in _OF_FILES else f"{facts.kind} {facts.code}".strip()


def _action(facts: RejectionFacts) -> str:
    """Say what to do: the claim was never judged."""
    if facts.not_found:
        return (
            "It was never judged: look for the acceptance (277CA), and send the claim again where "
            "there is none."
        )
    again = f"frequency {facts.claim_frequency}" if facts.claim_frequency in _REPLACES else ""
    how = f"again with {again}" if again else "as a new claim (frequency 1)"
    return (
        f"It was never judged, so there is nothing to appeal: correct it and send it {how}. The "
        "filing limit runs on from the date of service."
    )
