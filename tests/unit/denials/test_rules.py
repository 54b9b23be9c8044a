"""Rules are rows: each names its source, holds in its days only, and is named where it spoke."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect import codes
from medcollect.denials import UNKNOWN_CODE, DenialFacts, classify
from medcollect.denials.rules import Rule, causes, denial_rules, findings, refusal_kinds, steps

GROUPS = ("CO", "PR", "OA", "PI")
PEOPLE = {
    "authorization", "billing", "clinician", "coding", "front_desk", "nobody", "patient", "payer",
}  # fmt: skip
ACTIONS = {row.next_action for row in codes.reasons().values()} | {"contact_patient"}
CATEGORIES = {row.category for row in codes.reasons().values()} | {UNKNOWN_CODE}
CATEGORIES |= {row["category"] for row in findings().values()}


def facts(group="CO", reason="50", *remarks, **changes) -> DenialFacts:
    values = {"filing_indicator": "CI", "decided_on": date(2026, 3, 2), **changes}
    return DenialFacts(group=group, reason=reason, amount_cents=1, remarks=remarks, **values)


def test_every_rule_has_a_name_of_its_own_a_source_and_an_effect() -> None:
    rules = denial_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source, rule.id
        effects = (rule.set_category, rule.set_next_action, rule.set_no_appeal, rule.advice)
        assert any(effects), rule.id


@pytest.mark.parametrize("rule", denial_rules(), ids=[rule.id for rule in denial_rules()])
def test_a_rule_speaks_of_codes_that_exist(rule: Rule) -> None:
    assert rule.when.of("reasons").codes <= set(codes.reasons())
    assert rule.when.of("remarks").codes <= set(codes.remarks())
    assert rule.when.of("categories").codes <= CATEGORIES
    assert rule.when.of("next_actions").codes <= ACTIONS


@pytest.mark.parametrize("table", [causes(), refusal_kinds(), steps()])
def test_the_other_tables_speak_of_codes_that_exist_and_name_their_source(table) -> None:
    for row in table:
        assert row.source, row
        assert row.when.of("reasons").codes <= set(codes.reasons()), row
        assert row.when.of("remarks").codes <= set(codes.remarks()), row
        assert row.when.of("categories").codes <= CATEGORIES | {"rejected"}, row
        assert row.when.of("next_actions").codes <= ACTIONS, row


def test_no_finding_of_the_desk_is_called_like_a_code() -> None:
    assert not set(findings()) & set(codes.reasons())
    for code, row in findings().items():
        verdict = classify(facts("", code))
        assert verdict.rules == (f"finding {code}",)
        assert verdict.category == verdict.refusal == row["category"]
        assert row["source"]


def test_every_judgment_says_what_went_wrong_who_could_prevent_it_and_how_to_go_on() -> None:
    for group in GROUPS:
        for code in [*codes.reasons(), "ZZ9"]:
            verdict = classify(facts(group, code))
            assert verdict.root_cause, code
            assert verdict.prevention, code
            assert verdict.prevented_by in PEOPLE, code
            assert len(verdict.steps) >= 1, (code, verdict.next_action, verdict.route)
            assert verdict.evidence, code
            assert (verdict.refusal == "adjustment") == (not verdict.is_denial), code


@pytest.mark.parametrize("code", sorted(codes.reasons()))
def test_every_reason_is_classified_by_its_own_row(code: str) -> None:
    for group in GROUPS:
        verdict = classify(facts(group, code))
        assert verdict.rules[0] == f"reason {code}"
        assert verdict.category != UNKNOWN_CODE


@pytest.mark.parametrize("code", sorted(codes.remarks()))
def test_every_remark_is_known_and_one_that_explains_speaks_by_its_row(code: str) -> None:
    row = codes.remark(code)
    assert row is not None
    assert row.category
    assert row.next_action
    verdict = classify(facts("CO", "16", code))
    assert f"unknown remark {code}" not in verdict.rules
    explains = not row.alert and not row.deactivated
    assert (f"remark {code}" in verdict.rules) == explains


def test_codes_outside_the_tables_are_named() -> None:
    verdict = classify(facts("CO", "ZZ9", "N9999"))
    assert verdict.category == UNKNOWN_CODE
    assert verdict.next_action == "call_payer"
    assert verdict.rules == ("unknown reason ZZ9", "unknown remark N9999")


def test_rules_are_named_in_the_order_in_which_they_spoke() -> None:
    verdict = classify(facts("CO", "16", "M20", "MA130", filing_indicator="MB"))
    assert verdict.rules == ("reason 16", "remark M20", "rule unprocessable")


@pytest.mark.parametrize(
    ("decided", "applies"), [(date(2011, 6, 30), False), (date(2011, 7, 1), True), (None, True)]
)
def test_a_rule_holds_from_its_first_day(decided: date | None, applies: bool) -> None:
    """GZ lines are denied by themselves since 2011-07-01 (claim_rules.md 4.3)."""
    given = facts("CO", "50", filing_indicator="MB", modifiers=("GZ",), decided_on=decided)
    assert ("rule advance-notice-missing" in classify(given).rules) == applies


def test_what_differs_only_in_money_and_dates_is_judged_once() -> None:
    first = classify(facts("CO", "197", service_from=date(2026, 1, 5)))
    assert classify(facts("CO", "197", service_from=date(2026, 1, 6))) is first
