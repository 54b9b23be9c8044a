"""Rows of the desk's tables ask for facts of the claim, and a case names the facts it rests on."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.denials import DenialFacts, assess, classify
from medcollect.denials.conditions import met_codes, read_conditions

TODAY = date(2026, 3, 20)


def facts(reason="50", *remarks, group="CO", **changes) -> DenialFacts:
    values = {"filing_indicator": "CI", "decided_on": date(2026, 3, 2), **changes}
    return DenialFacts(group=group, reason=reason, amount_cents=100_00, remarks=remarks, **values)


@pytest.mark.parametrize(
    ("asked", "code", "met"),
    [
        ("99202-99215", "99202", True),
        ("99202-99215", "99215", True),
        ("99202-99215", "99216", False),
        ("S00-T88", "T889XXA", True),
        ("S00-T88", "V00", False),
        ("J", "J1885", True),
        ("J", "99213", False),
        ("25", "25", True),
    ],
)
def test_codes_are_asked_for_one_by_one_by_range_or_by_beginning(asked, code, met) -> None:
    assert met_codes(code, frozenset({asked})) == ((asked,) if met else ())


def test_a_negated_condition_holds_where_nothing_of_it_is_given() -> None:
    row = read_conditions({"modifiers": "!25;57"})
    assert row.hold({"modifiers": ()}, TODAY)
    assert not row.hold({"modifiers": ("57",)}, TODAY)


#: Facts beside the reason, the rule that must speak.
ASKED = [
    ("197", {"place_of_service": "23"}, "emergency-place"),
    ("197", {"procedure_code": "99284"}, "emergency-visit"),
    ("97", {"procedure_code": "99213"}, "visit-beside-procedure"),
    ("5", {"place_of_service": "10"}, "telehealth-place"),
    ("18", {"claim_frequency": "7"}, "replacement-read-as-duplicate"),
    ("227", {"diagnoses": ("S93401A",)}, "accident-questions"),
    ("29", {"acknowledged": "rejected"}, "rejection-is-no-proof"),
    ("197", {"has_authorization": True}, "authorization-was-sent"),
]


@pytest.mark.parametrize(("reason", "given", "rule"), ASKED)
def test_a_rule_speaks_where_its_facts_are_given_and_only_there(reason, given, rule) -> None:
    assert f"rule {rule}" in classify(facts(reason, **given)).rules
    assert f"rule {rule}" not in classify(facts(reason)).rules


def test_an_emergency_visit_under_medicaid_is_left_to_the_states_own_rules() -> None:
    judged = classify(facts("197", filing_indicator="MC", place_of_service="23"))
    assert "rule emergency-place" not in judged.rules


def test_acceptance_by_the_last_day_wins_a_late_filing_denial() -> None:
    """appeals.md 4: the 277CA is proof. Cigna's limit is 90 days from 2025-10-01: 12-30."""
    late = {"payer_name": "Cigna", "service_from": date(2025, 10, 1)}
    proven = assess(
        facts("29", acknowledged="accepted", accepted_on=date(2025, 12, 30), **late), TODAY
    )
    assert proven.next_action == "appeal"
    assert proven.prevented_by == "payer"
    assert "The payer took the claim in (277CA) on 2025-12-30." in proven.evidence
    too_late = facts("29", acknowledged="accepted", accepted_on=date(2025, 12, 31), **late)
    refused = assess(too_late, TODAY)
    assert refused.prevented_by == "billing"
    assert proven.chance_basis_points > refused.chance_basis_points


#: Reason and remarks, what else is known, kind of no, who could have prevented it.
KINDS = [
    ("197", (), {}, "true_denial", "authorization"),
    ("252", ("N706",), {}, "soft_denial", "billing"),
    ("16", ("M127",), {}, "soft_denial", "billing"),
    ("227", (), {}, "soft_denial", "patient"),
    ("151", (), {"line_paid_cents": 20_00}, "partial_denial", "clinician"),
    ("45", (), {}, "adjustment", "nobody"),
    ("4", (), {}, "true_denial", "coding"),
    ("27", (), {}, "true_denial", "front_desk"),
    ("29", (), {}, "true_denial", "billing"),
]


@pytest.mark.parametrize(("reason", "remarks", "given", "refusal", "by"), KINDS)
def test_the_kind_of_no_and_who_could_have_prevented_it(
    reason, remarks, given, refusal, by
) -> None:
    judged = assess(facts(reason, *remarks, **given), TODAY)
    assert (judged.refusal, judged.prevented_by) == (refusal, by)


def test_steps_follow_payer_and_route() -> None:
    medicare = classify(facts("50", filing_indicator="MB")).steps
    assert any("CMS-20027" in step for step in medicare)
    assert any("reopening" in s for s in classify(facts("4", filing_indicator="MB")).steps)
    assert any("frequency 7" in s for s in classify(facts("4")).steps)
    assert any("frequency 1" in s for s in classify(facts("16", "MA130")).steps)
    assert any("Aetna" in s for s in classify(facts("50", payer_name="AETNA LIFE")).steps)
    assert not any("Aetna" in s for s in classify(facts("50")).steps)


def test_the_evidence_names_codes_modifiers_and_the_authorization() -> None:
    told = " ".join(assess(facts("197", "M127", modifiers=("25",)), TODAY).evidence)
    for part in ("CO-197 of $100.00", "Remark M127", "modifier 25", "no authorization"):
        assert part in told
