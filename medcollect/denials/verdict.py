"""Classifies a refusal: category, cause, next action and route from CARC, RARC, group and claim.

Precedence, each step over the one before it (appeals.md section 1, claim_rules.md section 4):

1. the reason's own row in the code table;
2. the first remark (as sent, alerts and retired ones left out) that refines this reason: it sets
   the next action, and the category too where the reason is one that needs a remark (16, 96, A1);
3. remarks that decide by themselves: the patient must answer, no appeal right, unprocessable;
4. what the claim and the payer's kind change (the table ``_CIRCUMSTANCES``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from medcollect.codes import Reason, Remark, reason, remark
from medcollect.denials.clocks import was_filed_in_time
from medcollect.denials.facts import DenialFacts, Route, Verdict

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

#: Reasons and remarks by which the payer waits for the patient (claim_rules.md 4.2 no. 12).
_PATIENT_MUST_ANSWER_REASONS: Final = frozenset({"227"})
_PATIENT_MUST_ANSWER: Final = frozenset({"N179", "N197"})

#: Remarks that make the claim unprocessable: a new claim, nothing to appeal.
_NEW_CLAIM: Final = frozenset({"MA130", "MA113", "N142", "N517"})

#: Remarks that take the right of appeal away.
_NO_APPEAL: Final = frozenset({"N211", "MA28", "MA44", "N704"})

#: Remarks by which a patient may not be billed, whatever the group says (claim_rules.md 4.3).
_PATIENT_PROTECTED: Final = frozenset(
    {"M27", "M39", "N192", "N364", "N563", "N781", "N782", "N783", "N842", "MA113"}
)

#: Modifiers that say "a separate service" or "inside a global period, yet payable".
_UNBUNDLING: Final = frozenset(
    {"24", "25", "57", "58", "59", "76", "77", "78", "79", "91", "XE", "XP", "XS", "XU"}
)
_BUNDLING_EDITS: Final = frozenset({"97", "236", "231", "B15", "P14"})

#: Remark categories that say who bears an amount or how to proceed, not what went wrong.
_NO_CAUSE_OF_THEIR_OWN: Final = frozenset({"patient_liability_other", "administrative"})


def classify(facts: DenialFacts) -> Verdict:
    """Say what kind of refusal this is and what to do about it."""
    known = reason(facts.reason)
    verdict = _unknown(facts) if known is None else _refined(_first(known), known, facts)
    verdict = _decided_by_remarks(verdict, facts)
    for applies, change in _CIRCUMSTANCES:
        if applies(facts, verdict):
            verdict = change(verdict)
    return _routed(verdict, facts)


def _unknown(facts: DenialFacts) -> Verdict:
    """Judge a code outside the table: shown as it is, worked as administrative."""
    return Verdict(
        category="administrative",
        cause=f"Unknown reason code {facts.reason!r}",
        preventable="no",
        next_action="call_payer",
        advice="The code is not in our table; look it up at x12.org/codes.",
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
    )


def _refined(verdict: Verdict, known: Reason, facts: DenialFacts) -> Verdict:
    """Let the first remark that makes the reason more precise speak."""
    specific = _specific_remark(known, facts.remarks)
    if specific is None:
        return verdict
    verdict = replace(verdict, cause=f"{known.label.split(';')[0]}: {specific.label}")
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
    explaining.sort(key=lambda row: (row.code in _NEW_CLAIM, not row.refines(known.code)))
    return explaining[0] if explaining else None


def _names_a_cause(specific: Remark, known: Reason) -> bool:
    return specific.category not in _NO_CAUSE_OF_THEIR_OWN or known.category == "administrative"


def _decided_by_remarks(verdict: Verdict, facts: DenialFacts) -> Verdict:
    """Apply the remarks and reasons that settle the next step by themselves."""
    sent = set(facts.remarks)
    if sent & _PATIENT_MUST_ANSWER or facts.reason in _PATIENT_MUST_ANSWER_REASONS:
        verdict = replace(verdict, next_action="contact_patient")
    if "N704" in sent:
        verdict = replace(verdict, next_action="correct_and_resubmit")
    barring = sorted(sent & (_NO_APPEAL | _NEW_CLAIM))
    if barring:
        verdict = replace(verdict, no_appeal=f"remark {barring[0]} leaves no right of appeal")
    return verdict


def _routed(verdict: Verdict, facts: DenialFacts) -> Verdict:
    """Name the kind of proceeding that the next action belongs to."""
    if verdict.no_appeal and verdict.next_action == "appeal":
        verdict = replace(verdict, next_action="call_payer")
    return replace(verdict, route=_route(verdict, facts))


def _route(verdict: Verdict, facts: DenialFacts) -> Route:
    action = verdict.next_action
    route = _ROUTES[action]
    if route == "correct_and_resubmit" or (action == "attach_records" and verdict.no_appeal):
        new = bool(set(facts.remarks) & _NEW_CLAIM)
        return "new_claim" if new else "correct_and_resubmit"
    if route == "appeal" and action != "appeal" and (verdict.no_appeal or not verdict.is_denial):
        return "none"
    return route


# --- what the claim and the payer's kind change ---------------------------------------------

_Applies = Callable[[DenialFacts, Verdict], bool]
_Change = Callable[[Verdict], Verdict]


def _to(next_action: str, advice: str, category: str = "", no_appeal: str = "") -> _Change:
    """Build a change of the verdict to another next action, with the sentence that says why."""

    def change(verdict: Verdict) -> Verdict:
        return replace(
            verdict,
            next_action=next_action,
            advice=advice,
            category=category or verdict.category,
            no_appeal=no_appeal or verdict.no_appeal,
        )

    return change


def _is_medicare(facts: DenialFacts) -> bool:
    return facts.payer_kind == "medicare"


def _is_protected(facts: DenialFacts) -> bool:
    return facts.payer_kind == "medicaid" or bool(set(facts.remarks) & _PATIENT_PROTECTED)


def _bills_patient_without_pr(facts: DenialFacts, verdict: Verdict) -> bool:
    return verdict.next_action == "bill_patient" and facts.group != "PR"


_CIRCUMSTANCES: Final[tuple[tuple[_Applies, _Change], ...]] = (
    # Medicare fee-for-service: the patient is in another plan (DESIGN 6.2, claim_rules.md 4.3).
    (
        lambda f, _: f.reason == "24" and _is_medicare(f),
        _to("bill_other_payer", "The patient is in a Medicare Advantage plan: bill it.", "cob"),
    ),
    (
        lambda f, _: f.reason == "24" and not _is_medicare(f),
        _to("write_off", "Under a capitated contract the visit is already paid for."),
    ),
    # Advance notices (claim_rules.md 4.3, ABN: CMS change request 6563).
    (
        lambda f, _: _is_medicare(f) and "GZ" in f.modifiers and f.group != "PR",
        _to(
            "write_off", "Modifier GZ says that no advance notice was given: the practice bears it."
        ),
    ),
    (
        lambda f, _: (
            _is_medicare(f) and bool({"GA", "GX", "GY"} & set(f.modifiers)) and f.group == "PR"
        ),
        _to("bill_patient", "The modifier on the claim makes the patient responsible."),
    ),
    # An authorization was on the claim: the payer's decision is wrong, not the data.
    (
        lambda f, v: f.has_authorization and v.next_action == "obtain_authorization",
        _to("appeal", "The claim carried an authorization number: send it with the appeal."),
    ),
    # A judgment denial although the right modifier was there (appeals.md section 1).
    (
        lambda f, v: (
            f.reason in _BUNDLING_EDITS
            and bool(_UNBUNDLING & set(f.modifiers))
            and v.next_action == "correct_and_resubmit"
        ),
        _to("appeal", "The claim already carried a modifier for a separate service: argue it."),
    ),
    # Late filing: Medicare knows no appeal of it (appeals.md section 2).
    (
        lambda f, _: f.reason == "29" and _is_medicare(f) and not was_filed_in_time(f),
        _to(
            "write_off",
            "Only an exception of 42 CFR 424.44 or proof of acceptance in time can help.",
            no_appeal="Medicare's denial for late filing cannot be appealed",
        ),
    ),
    (
        lambda f, _: f.reason == "29" and _is_medicare(f) and was_filed_in_time(f),
        _to(
            "call_payer",
            "Medicare answered inside the filing year, so the claim was not late: ask to reopen.",
            no_appeal="Medicare's denial for late filing cannot be appealed",
        ),
    ),
    (
        lambda f, _: f.reason == "29" and not _is_medicare(f) and was_filed_in_time(f),
        _to("appeal", "The payer decided inside its own filing limit: the claim was not late."),
    ),
    # What the group does not leave to the patient is not the patient's.
    (
        lambda f, v: (
            _bills_patient_without_pr(f, v)
            and v.category in {"non_covered", "benefit_maximum", "medical_necessity"}
        ),
        _to("appeal", "The payer did not leave it to the patient: do not bill the patient."),
    ),
    (
        lambda f, v: _bills_patient_without_pr(f, v) and v.category == "eligibility_coverage",
        _to("verify_coverage", "The payer did not leave it to the patient: do not bill it yet."),
    ),
    (
        _bills_patient_without_pr,
        _to("call_payer", "The payer did not leave it to the patient: ask who bears it."),
    ),
    # The law protects the patient (claim_rules.md 4.3).
    (
        lambda f, v: v.next_action == "bill_patient" and _is_protected(f),
        _to("write_off", "This patient may not be billed for it."),
    ),
)
