"""An appeal that was lost opens the next level; where there is none, the case says so."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.denials import DenialFacts, assess, next_level
from medcollect.model.policies import DenialPolicies, TimeLimit

REFUSED, LOST, TODAY = date(2026, 3, 2), date(2026, 9, 15), date(2026, 11, 26)
CONTRACT = (
    TimeLimit("one", step="appeal", amount=90),
    TimeLimit("two", step="second_appeal", amount=30),
)


def lost(payer: str, plan: str, level: int = 1, reason: str = "50", **told: object) -> DenialFacts:
    facts = {"payer_name": payer, "filing_indicator": plan, "decided_on": REFUSED, **told}
    return DenialFacts("CO", reason, 600_00, upheld_level=level, upheld_on=LOST, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payer", "plan", "level", "due", "number", "named"),
    [
        ("GREAT MEDICARE", "MB", 1, date(2027, 3, 12), 2, "reconsideration by a QIC"),
        ("GREAT MEDICARE", "MB", 2, date(2026, 11, 13), 3, "administrative law judge"),
        ("GREAT MEDICARE", "MB", 4, date(2026, 11, 13), 5, "federal court"),
        ("AETNA", "12", 1, date(2026, 11, 13), 2, "the appeal"),
        ("AETNA", "12", 2, date(2027, 1, 15), 3, "external review"),
        ("CIGNA", "12", 1, date(2027, 1, 15), 3, "external review"),
        ("UNITEDHEALTHCARE", "12", 1, date(2027, 3, 2), 2, "within the time that both share"),
        ("PLAINFIELD MUTUAL", "12", 1, date(2027, 1, 15), 3, "external review"),
        ("STATE MEDICAID", "MC", 1, date(2027, 1, 13), 3, "state fair hearing"),
    ],
)
def test_the_next_level_counts_from_the_decision_before_it(
    payer: str, plan: str, level: int, due: date, number: int, named: str
) -> None:
    facts = lost(payer, plan, level)
    found = assess(facts, TODAY)
    assert (found.deadline, found.next_action, found.route) == (due, "appeal", "appeal")
    assert next_level(facts) == number
    assert f"level {level}, decided on 2026-09-15" in found.explanation
    assert named in found.explanation
    assert (found.expected_value_cents > 0) == (due >= TODAY)


@pytest.mark.parametrize(
    ("payer", "plan", "level"),
    [("GREAT MEDICARE", "MB", 5), ("AETNA", "12", 3), ("ADVANTAGE PLAN", "16", 1)],
)
def test_without_a_further_level_it_is_to_be_written_off(payer: str, plan: str, level: int) -> None:
    facts = lost(payer, plan, level)
    found = assess(facts, TODAY)
    assert (found.next_action, found.route, found.deadline) == ("write_off", "none", None)
    assert (next_level(facts), found.expected_value_cents) == (0, 0)
    assert "no further level is on file" in found.explanation


def test_the_contracts_second_appeal_comes_first() -> None:
    found = assess(lost("CIGNA", "12"), TODAY, DenialPolicies(limits=CONTRACT))
    assert found.deadline == date(2026, 10, 15)
    after = assess(lost("CIGNA", "12", 2), TODAY, DenialPolicies(limits=CONTRACT))
    assert "external review" in after.explanation


def test_what_calls_for_a_corrected_claim_still_does() -> None:
    found = assess(lost("CIGNA", "12", reason="16", remarks=("N290",)), TODAY)
    assert found.route == "correct_and_resubmit"


def test_limits_count_from_the_first_of_refusals_that_were_only_repeated() -> None:
    again = DenialFacts("CO", "50", 600_00, payer_name="CIGNA", decided_on=date(2026, 10, 1))
    assert assess(again, TODAY).deadline == date(2027, 3, 30)
    first = DenialFacts(
        "CO",
        "50",
        600_00,
        payer_name="CIGNA",
        decided_on=date(2026, 10, 1),
        first_refused_on=date(2026, 9, 1),
    )
    assert assess(first, TODAY).deadline == date(2027, 2, 26)
