"""Tells a denial in two to four plain sentences: who refused what, why, what to do, by when.

Our own words; no patient is named.
"""

from __future__ import annotations

from typing import Final

from medcollect.codes import procedure_section
from medcollect.denials.clocks import Deadline
from medcollect.denials.facts import DenialFacts, ShortfallFacts, TakebackFacts, Verdict
from medcollect.denials.shortfall import what_is_missing
from medcollect.denials.takeback import what_was_taken
from medcollect.money import format_dollars

_ACTIONS: Final = {
    "appeal": "Ask for reconsideration or appeal, with the facts that show the decision is wrong.",
    "attach_records": "Send the records the payer asks for, for that date of service only.",
    "bill_other_payer": "Find the payer who is responsible and bill it.",
    "bill_patient": "The amount is the patient's: bill it once nothing forbids it.",
    "call_payer": "Ask the payer what exactly it wants before anything is sent.",
    "contact_patient": "The payer waits for the patient: ask the patient to answer, no bill yet.",
    "none": "Nothing is to be sent now; find out how the earlier claim ended.",
    "obtain_authorization": "Ask for an authorization after the fact, then appeal with it.",
    "verify_coverage": "Check the coverage on the date of service, then correct or appeal.",
    "write_off": "Nothing is left to win here: a person decides on the write-off.",
}
#: The same where the route changes how it is done.
_ACTIONS_BY_ROUTE: Final = {
    ("correct_and_resubmit", "new_claim"): (
        "Correct the data and send a new claim (frequency 1): this one counts as never processed, "
        "so there is nothing to appeal."
    ),
    ("attach_records", "new_claim"): (
        "Send a new claim (frequency 1) with the records the payer asks for: this one counts as "
        "never processed, so there is nothing to appeal."
    ),
    ("attach_records", "correct_and_resubmit"): (
        "Send the claim again with the records the payer asks for; there is no right of appeal."
    ),
}
_REPLACEMENT: Final = (
    "Correct the data and send the claim again as a replacement (frequency 7{number}); an appeal "
    "would be refused."
)
_REOPENING: Final = (
    "Correct the data by asking Medicare to reopen the claim: it takes no replacement claims and "
    "an appeal would be refused."
)


def explain(facts: DenialFacts, verdict: Verdict, limit: Deadline, days_left: int | None) -> str:
    """Put the denial into two to four sentences."""
    sentences = [_refusal(facts, verdict), _action(facts, verdict)]
    if verdict.advice:
        sentences.append(f"{verdict.advice.rstrip('.')}.")
    sentences.append(by_when(limit, days_left))
    return " ".join(sentence for sentence in sentences if sentence)


def _refusal(facts: DenialFacts, verdict: Verdict) -> str:
    """Say who refused how much, for what, when, and why."""
    if isinstance(facts, TakebackFacts):
        return what_was_taken(facts, verdict)
    if isinstance(facts, ShortfallFacts):
        return what_is_missing(facts, _service(facts), verdict)
    payer = facts.payer_name.strip() or "The payer"
    day = f" on {facts.decided_on.isoformat()}" if facts.decided_on else ""
    remarks = f" with {', '.join(facts.remarks)}" if facts.remarks else ""
    verb = "refused" if verdict.is_denial else "adjusted"
    return (
        f"{payer} {verb} ${format_dollars(facts.amount_cents)} for {_service(facts)}{day}: "
        f"{verdict.cause} ({facts.group}-{facts.reason}{remarks})."
    )


def _service(facts: DenialFacts) -> str:
    """Name the procedure with its modifiers and date, or the claim as a whole."""
    day = f" of {facts.service_from.isoformat()}" if facts.service_from else ""
    if not facts.procedure_code:
        return f"the claim{day}"
    section = procedure_section(facts.procedure_code)
    code = "-".join((facts.procedure_code, *facts.modifiers))
    return f"{code}{f' ({section})' if section else ''}{day}"


def _action(facts: DenialFacts, verdict: Verdict) -> str:
    """Say what to do; when a claim goes out again, how. The desk's findings have their advice."""
    if isinstance(facts, TakebackFacts | ShortfallFacts):
        return ""
    how = (verdict.next_action, verdict.route)
    if how == ("correct_and_resubmit", "correct_and_resubmit"):
        number = facts.payer_claim_control_number
        with_number = f", with the payer's claim number {number}" if number else ""
        # Part B takes only original claims (claim_rules.md 5.2); Part A takes replacements.
        part_b = facts.filing_indicator == "MB"
        return _REOPENING if part_b else _REPLACEMENT.format(number=with_number)
    return _ACTIONS_BY_ROUTE.get(how) or _ACTIONS[verdict.next_action]


def by_when(limit: Deadline, days_left: int | None) -> str:
    """Say by when, or that the limit has passed; nothing where no clock runs."""
    if limit.due is None or days_left is None:
        return ""
    day = limit.due.isoformat()
    if days_left < 0:
        return f"The limit ended on {day}; only good cause can still help."
    left = {0: "today", 1: "1 day left"}.get(days_left, f"{days_left} days left")
    return f"Do it by {day} ({left})."
