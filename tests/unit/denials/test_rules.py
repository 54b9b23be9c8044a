"""Rules are rows: each names its source, holds in its days only, and is named where it spoke."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect import codes
from medcollect.denials import UNKNOWN_CODE, DenialFacts, classify
from medcollect.denials.rules import Rule, denial_rules

GROUPS = ("CO", "PR", "OA", "PI")


def facts(group="CO", reason="50", *remarks, **changes) -> DenialFacts:
    values = {"filing_indicator": "CI", "decided_on": date(2026, 3, 2), **changes}
    return DenialFacts(group=group, reason=reason, amount_cents=1, remarks=remarks, **values)


def test_every_rule_has_a_name_of_its_own_a_source_and_an_effect() -> None:
    rules = denial_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source, rule.id
        assert rule.set_category or rule.set_next_action or rule.set_no_appeal, rule.id


@pytest.mark.parametrize("rule", denial_rules(), ids=[rule.id for rule in denial_rules()])
def test_a_rule_speaks_of_codes_that_exist(rule: Rule) -> None:
    known = codes.reasons().values()
    assert rule.reasons.codes <= set(codes.reasons())
    assert rule.remarks.codes <= set(codes.remarks())
    assert rule.categories.codes <= {row.category for row in known}
    assert rule.next_actions.codes <= {row.next_action for row in known}


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
