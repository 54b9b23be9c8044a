"""Classifies a refusal: category, cause, next action and route from CARC, RARC, group and claim.

Precedence, each step over the one before it (appeals.md section 1, claim_rules.md section 4):

1. the reason's own row in the code table;
2. the first remark (as sent, alerts and retired ones left out) that refines this reason: it sets
   the next action, and the category too where the reason is one that needs a remark (16, 96, A1);
3. the dated rules of ``denial_rules.csv``, in their order: remarks that decide by themselves, then
   what the claim and the payer's kind change.

Every verdict names the rows that spoke, so nothing is decided out of sight.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from medcollect.codes import Reason, Remark, reason, remark
from medcollect.denials.clocks import was_filed_in_time
from medcollect.denials.facts import DenialFacts, Route, Verdict
from medcollect.denials.rules import (
    Situation,
    by_rules,
    reasons_about_filing,
    remarks_for_new_claims,
    since_when,
)

#: The category of a reason that is not in the table: seen by name in the worklist.
UNKNOWN_CODE: Final = "unknown_code"

_ROUTES: Final[dict[str, Route]] = {
    "appeal": "appeal",
    "attach_records": "appeal",
    "obtain_authorization": "appeal",
    "verify_coverage": "appeal",
    "call_payer": "appeal",
    "contact_patient": "patient_answer",
    "correct_and_resubmit": "correct_and_resubmit",
    "bill_other_payer": "other_payer",
    "bill_patient": "patient",
    "write_off": "none",
    "none": "none",
}

#: Remark categories that say who bears an amount or how to proceed, not what went wrong.
_NO_CAUSE_OF_THEIR_OWN: Final = frozenset({"patient_liability_other", "administrative"})


def classify(facts: DenialFacts) -> Verdict:
    """Say what kind of refusal this is and what to do about it."""
    asks_filing = facts.reason in reasons_about_filing()
    situation = Situation(
        group=facts.group,
        reason=facts.reason,
        remarks=facts.remarks,
        payer_kind=facts.payer_kind,
        modifiers=facts.modifiers,
        has_authorization=facts.has_authorization,
        decided_on=since_when(facts),
        filed_in_time=was_filed_in_time(facts) if asks_filing else None,
    )
    return _judged(situation)


@lru_cache(maxsize=1 << 16)
def _judged(situation: Situation) -> Verdict:
    """Judge a situation; offices meet the same few thousand again and again."""
    known = reason(situation.reason)
    if known is None:
        verdict = _unknown(situation.reason)
    else:
        verdict = _refined(_first(known), known, situation.remarks)
    strange = tuple(f"unknown remark {code}" for code in situation.remarks if not remark(code))
    verdict = replace(verdict, rules=verdict.rules + strange)
    return _routed(by_rules(situation, verdict))


def _unknown(code: str) -> Verdict:
    """Judge a code outside the table: shown as it is, a category of its own."""
    return Verdict(
        category=UNKNOWN_CODE,
        cause=f"Unknown reason code {code!r}",
        preventable="no",
        next_action="call_payer",
        advice="The code is not in our table; look it up at x12.org/codes.",
        rules=(f"unknown reason {code}",),
    )


def _first(known: Reason) -> Verdict:
    """Take the reason's own row."""
    return Verdict(
        category=known.category,
        cause=known.label,
        preventable=known.preventable,
        next_action=known.next_action,
        is_denial=known.denial != "no",
        advice=known.note if known.denial != "no" else "",
        rules=(f"reason {known.code}",),
    )


def _refined(verdict: Verdict, known: Reason, sent: tuple[str, ...]) -> Verdict:
    """Let the first remark that makes the reason more precise speak."""
    specific = _specific_remark(known, sent)
    if specific is None:
        return verdict
    verdict = replace(
        verdict,
        cause=f"{known.label.split(';')[0]}: {specific.label}",
        rules=(*verdict.rules, f"remark {specific.code}"),
    )
    if specific.note:
        verdict = replace(verdict, advice=specific.note)
    if specific.next_action != "refund_patient":
        verdict = replace(verdict, next_action=specific.next_action)
    if known.rarc_required and _names_a_cause(specific, known):
        verdict = replace(verdict, category=specific.category)
    return verdict


def _specific_remark(known: Reason, sent: tuple[str, ...]) -> Remark | None:
    """Find the remark that explains the adjustment; 'send a new claim' only if none is finer."""
    explaining = [
        row
        for row in map(remark, sent)
        if row and not row.alert and not row.deactivated
        if row.refines(known.code) or known.rarc_required
    ]
    explaining.sort(
        key=lambda row: (row.code in remarks_for_new_claims(), not row.refines(known.code))
    )
    return explaining[0] if explaining else None


def _names_a_cause(specific: Remark, known: Reason) -> bool:
    return specific.category not in _NO_CAUSE_OF_THEIR_OWN or known.category == "administrative"


def _routed(verdict: Verdict) -> Verdict:
    """Name the kind of proceeding that the next action belongs to."""
    if verdict.no_appeal and verdict.next_action == "appeal":
        verdict = replace(verdict, next_action="call_payer")
    return replace(verdict, route=_route(verdict))


def _route(verdict: Verdict) -> Route:
    action = verdict.next_action
    route = _ROUTES[action]
    if route == "correct_and_resubmit" or (action == "attach_records" and verdict.no_appeal):
        return "new_claim" if verdict.new_claim else "correct_and_resubmit"
    if route == "appeal" and action != "appeal" and (verdict.no_appeal or not verdict.is_denial):
        return "none"
    return route
