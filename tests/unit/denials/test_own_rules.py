"""The office's own rules and limits: they have the last word, where they hold, and are named."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.denials import DenialFacts, Limit, assess, classify, every_limit, tables_stamp
from medcollect.model.policies import DenialPolicies, DenialRule, TimeLimit

TODAY = date(2026, 3, 20)
BY_PHONE = DenialRule(
    "by phone", payer="PLAINFIELD*", reasons=("197",), next_action="call_payer", advice="Call them."
)
NINETY = TimeLimit("contract", payer="PLAINFIELD*", amount=90, source="paragraph 7")


def facts(reason="197", **changes) -> DenialFacts:
    values = {
        "payer_name": "Plainfield Mutual Health",
        "filing_indicator": "CI",
        "decided_on": date(2026, 3, 2),
        "service_from": date(2026, 1, 5),
        **changes,
    }
    return DenialFacts(group="CO", reason=reason, amount_cents=900_00, **values)


def judged(policies: DenialPolicies, **changes):
    return assess(facts(**changes), TODAY, policies)


def test_an_own_rule_speaks_last_and_is_named() -> None:
    found = judged(DenialPolicies(rules=(BY_PHONE,)))
    assert (found.next_action, found.rules[-1]) == ("call_payer", "settings by phone")
    assert "Call them." in found.explanation


@pytest.mark.parametrize(
    "changes", [{"payer_name": "Other Plan"}, {"reason": "50"}], ids=["payer", "reason"]
)
def test_an_own_rule_is_silent_where_it_does_not_hold(changes) -> None:
    found = judged(DenialPolicies(rules=(BY_PHONE,)), **changes)
    assert found == assess(facts(**changes), TODAY)


@pytest.mark.parametrize(("decided", "speaks"), [(1, False), (2, True), (3, True), (4, False)])
def test_an_own_rule_holds_in_its_days(decided: int, speaks: bool) -> None:
    dated = DenialRule(
        "dated", since=date(2026, 3, 2), until=date(2026, 3, 3), next_action="write_off"
    )
    found = classify(facts(decided_on=date(2026, 3, decided)), DenialPolicies(rules=(dated,)))
    assert ("settings dated" in found.rules) == speaks


def test_two_rules_of_one_name_do_not_speak_for_each_other() -> None:
    rules = tuple(
        DenialRule("same", payer=payer, next_action=action)
        for payer, action in (("OTHER", "write_off"), ("PLAINFIELD*", "call_payer"))
    )
    assert judged(DenialPolicies(rules=rules)).next_action == "call_payer"


def test_own_conditions_on_the_claim() -> None:
    rule = DenialRule(
        "imaging",
        plans=("commercial",),
        procedures=("70010-79999",),
        diagnoses=("S",),
        modifiers=("26",),
        places_of_service=("11",),
        frequencies=("1",),
        categories=("authorization",),
        prevented_by="clinician",
    )
    claim = {
        "procedure_code": "72148",
        "diagnoses": ("S335XXA",),
        "modifiers": ("26",),
        "place_of_service": "11",
        "claim_frequency": "1",
    }
    policies = DenialPolicies(rules=(rule,))
    assert judged(policies, **claim).prevented_by == "clinician"
    for name, other in (
        ("procedure_code", "99213"),
        ("diagnoses", ("J069",)),
        ("modifiers", ()),
        ("place_of_service", "22"),
        ("claim_frequency", "7"),
        ("filing_indicator", "MB"),
    ):
        assert judged(policies, **{**claim, name: other}).prevented_by != "clinician", name


def test_no_appeal_by_contract_ends_the_clock_of_the_appeal() -> None:
    rule = DenialRule("final", reasons=("50",), no_appeal="the contract excludes it")
    found = judged(DenialPolicies(rules=(rule,)), reason="50")
    assert (found.appealable, found.deadline) == (False, None)
    assert "the contract excludes it" in found.deadline_rule


def test_a_limit_by_contract_beats_the_table_and_names_its_source() -> None:
    """90 days from 2026-03-02 end on Sunday 2026-05-31: the Friday before is shown."""
    found = judged(DenialPolicies(limits=(NINETY,)), reason="50")
    assert found.deadline == date(2026, 5, 29)
    for part in ("Settings (contract)", "paragraph 7", "90 days from 2026-03-02"):
        assert part in found.deadline_rule
    assert judged(DenialPolicies(), reason="50").deadline == date(2026, 8, 28)


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({"plan": "medicare"}, {}),
        ({"since": date(2026, 3, 3)}, {}),
        ({"until": date(2026, 3, 1)}, {}),
        ({}, {"payer_name": "Other"}),
    ],
)
def test_a_limit_counts_only_for_its_payer_plan_and_days(changes, given) -> None:
    limit = TimeLimit("contract", **{"payer": "PLAINFIELD*", "amount": 90, **changes})
    found = judged(DenialPolicies(limits=(limit,)), reason="50", **given)
    assert found.deadline == date(2026, 8, 28)


UNITS = [
    ("business days", 30, "2026-04-13"),
    ("months", 6, "2026-09-02"),
    ("years", 1, "2027-03-02"),
]


@pytest.mark.parametrize(("unit", "amount", "due"), UNITS)
def test_limits_in_every_unit(unit, amount, due) -> None:
    limit = TimeLimit("c", amount=amount, unit=unit)
    found = judged(DenialPolicies(limits=(limit,)), reason="50")
    assert found.deadline == date.fromisoformat(due)


def test_the_ladder_has_the_contracts_steps_instead_of_the_tables() -> None:
    limits = (
        NINETY,
        TimeLimit("filing", step="timely_filing", amount=60, counted_from="service"),
        TimeLimit("second", step="second_appeal", amount=30),
    )
    every = every_limit(facts("50"), TODAY, decided={"appeal": date(2026, 6, 1)}, limits=limits)
    found: dict[str, Limit] = {limit.step: limit for limit in every}
    assert "plan_appeal" not in found
    assert found["appeal"].due == date(2026, 5, 29)
    assert found["timely_filing"].due == date(2026, 3, 6)
    assert found["second_appeal"].due == date(2026, 7, 1)
    assert "external_review" in found


def test_late_filing_is_judged_by_the_contracts_own_limit() -> None:
    limit = TimeLimit("filing", step="timely_filing", amount=60, counted_from="service")
    policies = DenialPolicies(limits=(limit,))
    assert judged(policies, reason="29").prevented_by == "payer"
    late = judged(policies, reason="29", service_from=date(2025, 12, 1))
    assert late.prevented_by == "billing"


def test_other_rules_have_another_stamp() -> None:
    assert tables_stamp(DenialPolicies()) != tables_stamp(DenialPolicies(rules=(BY_PHONE,)))
