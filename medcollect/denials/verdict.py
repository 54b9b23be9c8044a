"""Classifies a refusal: category, cause, next action and route from CARC, RARC, group and claim.

Precedence, each step over the one before it (appeals.md section 1, claim_rules.md section 4):

1. the reason's own row in the code table; of what no code says, that of ``denial_findings.csv``;
2. the first remark (as sent, alerts and retired ones left out) that refines this reason: it sets
   the next action, and the category too where the reason is one that needs a remark (16, 96, A1);
3. the dated rules of ``denial_rules.csv``, in their order: remarks that decide by themselves, then
   what the claim and the payer's kind change;
4. the office's own rules, from the settings;
5. an appeal that left it refused: the next level, or the end (``further``).

The tables of root causes, of kinds of refusal and of steps then say why it came to it, what kind
of no it is, and how the next action goes. Every verdict names the rows that spoke, so nothing is
decided out of sight.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from medcollect.codes import Reason, Remark, reason, remark
from medcollect.denials.clocks import was_filed_in_time
from medcollect.denials.facts import DenialFacts, Route, Verdict
from medcollect.denials.further import with_further_level
from medcollect.denials.rules import (
    RuleBook,
    Situation,
    causes,
    findings,
    refusal_kinds,
    remarks_for_new_claims,
    steps,
)
from medcollect.model.policies import DenialPolicies

#: An office without rules of its own.
NO_POLICIES: Final = DenialPolicies()

#: How many situations are kept judged.
_SITUATIONS_MOST: Final = 1 << 16

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


def classify(facts: DenialFacts, policies: DenialPolicies = NO_POLICIES) -> Verdict:
    """Say what kind of refusal this is and what to do about it."""
    judge = _judge_under(policies)
    book = judge.book
    in_time = was_filed_in_time(facts, policies.limits) if book.asks_filing(facts) else None
    verdict = judge(book.situation(facts, in_time))
    further = with_further_level(facts, verdict, policies.limits)
    if further is verdict:
        return verdict
    return replace(further, steps=tell(facts, further, policies).steps)


class Judge:
    """Judges situations by a rule book; offices meet the same few thousand again and again."""

    def __init__(self, policies: DenialPolicies) -> None:
        """Judge by the shipped tables and the office's own rules."""
        self.book = RuleBook(policies)
        self._known: dict[Situation, Verdict] = {}

    def __call__(self, situation: Situation) -> Verdict:
        """Judge a situation, or give what was judged before."""
        known = self._known.get(situation)
        if known is None:
            if len(self._known) >= _SITUATIONS_MOST:
                self._known.clear()
            known = self._known[situation] = self._judged(situation)
        return known

    def _judged(self, situation: Situation) -> Verdict:
        known = reason(situation.reason)
        if known is None:
            verdict = _found(situation.reason) or _unknown(situation.reason)
        else:
            verdict = _refined(_first(known), known, situation.remarks)
        strange = tuple(f"unknown remark {code}" for code in situation.remarks if not remark(code))
        verdict = replace(verdict, rules=verdict.rules + strange)
        return told(situation, _routed(self.book.by_rules(situation, verdict)))


@lru_cache(maxsize=8)
def _judge_under(policies: DenialPolicies) -> Judge:
    """The judge of a set of policies, its tables read once."""
    return Judge(policies)


def tell(facts: DenialFacts, verdict: Verdict, policies: DenialPolicies = NO_POLICIES) -> Verdict:
    """Add what the desk's tables say to a verdict that came about otherwise."""
    return told(_judge_under(policies).book.situation(facts, None), verdict)


def told(situation: Situation, verdict: Verdict) -> Verdict:
    """Add root cause, kind of refusal and steps: each by the first row that fits, steps by all."""
    given, day = situation.with_verdict(verdict), situation.day
    cause = next(row for row in causes() if row.when.hold(given, day))
    kind = next(row for row in refusal_kinds() if row.when.hold(given, day))
    return replace(
        verdict,
        root_cause=cause.root_cause,
        prevented_by=verdict.prevented_by or cause.prevented_by,
        prevention=cause.prevention,
        refusal=kind.refusal,
        evidence=kind.evidence,
        steps=tuple(row.step for row in steps() if row.when.hold(given, day)),
    )


def _found(code: str) -> Verdict | None:
    """Take the row of what the desk finds by itself; none where it is no such thing."""
    row = findings().get(code)
    if row is None:
        return None
    return Verdict(
        category=row["category"],
        cause=row["cause"],
        preventable=row["preventable"],
        next_action=row["next_action"],
        advice=row["note"],
        rules=(f"finding {code}",),
    )


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
