"""The denial desk's judgment over real situations; each case names where its rule stands."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

import pytest

from medcollect import codes
from medcollect.codes import read_table
from medcollect.denials import DenialFacts, assess, order
from medcollect.model.policies import DenialPolicies, WorkWeights

TODAY = date(2026, 3, 20)
DECIDED = date(2026, 3, 2)  # a Monday
SERVED = date(2026, 1, 5)


def facts(group="CO", reason="50", *remarks, **changes) -> DenialFacts:
    values = {
        "amount_cents": 1000_00,
        "payer_name": "Some Plan",
        "filing_indicator": "CI",
        "decided_on": DECIDED,
        "service_from": SERVED,
        "service_to": SERVED,
        "procedure_code": "99213",
        "form": "P",
    }
    return DenialFacts(group=group, reason=reason, remarks=remarks, **{**values, **changes})


class Case(NamedTuple):
    """What the payer sent, what must come out, and the source."""

    source: str
    facts: DenialFacts
    category: str
    next_action: str
    route: str
    deadline: str | None


MEDICARE = {"filing_indicator": "MB"}
ERISA = "2026-08-28"  # 180 days from DECIDED is Saturday 2026-08-29
CASES = [
    Case(
        "appeals.md 1 unprocessable; 42 CFR 424.44 (one year from service)",
        facts("CO", "16", "M20", "MA130", **MEDICARE),
        "missing_information", "correct_and_resubmit", "new_claim", "2027-01-05",
    ),
    Case(
        "appeals.md 1: MA130 alone",
        facts("CO", "16", "MA130", **MEDICARE),
        "missing_information", "correct_and_resubmit", "new_claim", "2027-01-05",
    ),
    Case(
        "rarc.csv MA113: no appeal, resubmit with the right tax number",
        facts("CO", "16", "MA113", **MEDICARE),
        "provider_enrollment", "correct_and_resubmit", "new_claim", "2027-01-05",
    ),
    Case(
        "appeals.md 1 documentation wanted (M127); no filing limit of this payer on file",
        facts("CO", "16", "M127"),
        "documentation", "attach_records", "appeal", ERISA,
    ),
    Case(
        "appeals.md 1 documentation wanted (252 with N706)",
        facts("PI", "252", "N706"),
        "documentation", "attach_records", "appeal", ERISA,
    ),
    Case(
        "appeals.md 1 and claim_rules.md 4.2 no. 12: the patient must answer (PR-227)",
        facts("PR", "227"),
        "missing_information", "contact_patient", "patient_answer", ERISA,
    ),
    Case(
        "claim_rules.md 4.2 no. 12: N197, coverage questions",
        facts("CO", "22", "N197"),
        "cob", "contact_patient", "patient_answer", ERISA,
    ),
    Case(
        "rarc.csv N179 under CARC 16",
        facts("CO", "16", "N179"),
        "cob", "contact_patient", "patient_answer", ERISA,
    ),
    Case(
        "42 CFR 405.942: 120 days, without the 5 for mail",
        facts("CO", "50", "N115", **MEDICARE),
        "medical_necessity", "appeal", "appeal", "2026-06-30",
    ),
    Case(
        "RARC N887, 42 CFR 422.582 family: 60 days for Medicare Advantage",
        facts("CO", "50", filing_indicator="16"),
        "medical_necessity", "appeal", "appeal", "2026-05-01",
    ),
    Case(
        "42 CFR 438.402: Medicaid managed care 60 days",
        facts("CO", "197", filing_indicator="MC"),
        "authorization", "obtain_authorization", "appeal", "2026-05-01",
    ),
    Case(
        "32 CFR 199.10: TRICARE 90 days (2026-05-31 is a Sunday)",
        facts("CO", "50", filing_indicator="CH"),
        "medical_necessity", "appeal", "appeal", "2026-05-29",
    ),
    Case(
        "appeals.md 1: authorization was on the claim; Aetna 180 days",
        facts("CO", "197", payer_name="AETNA LIFE", has_authorization=True),
        "authorization", "appeal", "appeal", ERISA,
    ),
    Case(
        "UHC administrative guide: 12 months for both steps",
        facts("CO", "55", payer_name="United Healthcare Ins. Co."),
        "medical_necessity", "appeal", "appeal", "2027-03-02",
    ),
    Case(
        "Anthem provider news: reconsideration 365 days",
        facts("CO", "151", payer_name="ANTHEM BCBS"),
        "medical_necessity", "appeal", "appeal", "2027-03-02",
    ),
    Case(
        "appeal_deadlines.csv: Humana's 18 months are unverified, so the default stands in",
        facts("CO", "50", payer_name="Humana"),
        "medical_necessity", "appeal", "appeal", ERISA,
    ),
    Case(
        "Cigna corrected claim 90 days (2026-05-31 is a Sunday)",
        facts("CO", "97", "M144", payer_name="CIGNA"),
        "bundling", "correct_and_resubmit", "correct_and_resubmit", "2026-05-29",
    ),
    Case(
        "appeals.md 1: 97 with the right modifier is a judgment denial",
        facts("CO", "97", modifiers=("25",), payer_name="CIGNA"),
        "bundling", "appeal", "appeal", ERISA,
    ),
    Case(
        "42 CFR 405.980: clerical errors go by reopening, one year",
        facts("CO", "4", **MEDICARE),
        "coding_modifier", "correct_and_resubmit", "correct_and_resubmit", "2027-03-02",
    ),
    Case(
        "appeals.md 3: no corrected-claim limit on file, so the appeal clock is the safe one",
        facts("CO", "11"),
        "coding_modifier", "correct_and_resubmit", "correct_and_resubmit", ERISA,
    ),
    Case(
        "DESIGN 6.2: CO-24 under Medicare means a Medicare Advantage plan",
        facts("CO", "24", **MEDICARE),
        "cob", "bill_other_payer", "other_payer", None,
    ),
    Case(
        "claim_rules.md 4.3: CO-24 elsewhere is capitation",
        facts("CO", "24", filing_indicator="HM"),
        "capitation", "write_off", "none", None,
    ),
    Case(
        "claim_rules.md 4.3 ABN: GZ, the practice bears it",
        facts("CO", "50", modifiers=("GZ",), **MEDICARE),
        "medical_necessity", "write_off", "none", None,
    ),
    Case(
        "claim_rules.md 4.3 ABN: GA under PR, the patient pays",
        facts("PR", "50", modifiers=("GA",), **MEDICARE),
        "medical_necessity", "bill_patient", "patient", None,
    ),
    Case(
        "claim_rules.md 4.3: PR-96 is the patient's",
        facts("PR", "96", "N425"),
        "non_covered", "bill_patient", "patient", None,
    ),
    Case(
        "claim_rules.md 4.3: a Medicaid patient is not billed",
        facts("PR", "96", filing_indicator="MC"),
        "non_covered", "write_off", "none", None,
    ),
    Case(
        "claim_rules.md 4.3 QMB: N781 protects the patient",
        facts("PR", "204", "N781", **MEDICARE),
        "non_covered", "write_off", "none", None,
    ),
    Case(
        "claim_rules.md 4.2: CO-96 was not left to the patient",
        facts("CO", "96", "N130"),
        "non_covered", "appeal", "appeal", ERISA,
    ),
    Case(
        "appeals.md 2: Medicare's late-filing denial cannot be appealed",
        facts("CO", "29", service_from=date(2024, 12, 1), **MEDICARE),
        "timely_filing", "write_off", "none", None,
    ),
    Case(
        "appeals.md 1: other payer (109)",
        facts("CO", "109", "N418"),
        "eligibility_coverage", "bill_other_payer", "other_payer", None,
    ),
    Case(
        "carc.csv 18: find the original, do not resend",
        facts("OA", "18"),
        "duplicate", "none", "none", None,
    ),
    Case(
        "rarc.csv N704: no appeal, a corrected claim may be sent; Cigna 90 days",
        facts("CO", "16", "N704", payer_name="Cigna"),
        "missing_information", "correct_and_resubmit", "correct_and_resubmit", "2026-05-29",
    ),
    Case(
        "rarc.csv N211: no right of appeal",
        facts("CO", "50", "N211", **MEDICARE),
        "medical_necessity", "call_payer", "none", None,
    ),
    Case(
        "appeals.md 1: eligibility, verify coverage",
        facts("CO", "27"),
        "eligibility_coverage", "verify_coverage", "appeal", ERISA,
    ),
    Case(
        "appeal_deadlines.csv: Texas and California differ; no limit without the state",
        facts("CO", "50", filing_indicator="WC"),
        "medical_necessity", "appeal", "appeal", None,
    ),
    Case(
        "rarc.csv N522 refines 18: the crossover was processed already",
        facts("OA", "18", "N522", **MEDICARE),
        "duplicate", "none", "none", None,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.source for case in CASES])
def test_a_real_situation_is_judged_by_its_source(case):
    result = assess(case.facts, TODAY)
    assert result.category == case.category
    assert result.next_action == case.next_action
    assert result.route == case.route
    assert result.appealable == (case.route == "appeal")
    assert result.deadline == (date.fromisoformat(case.deadline) if case.deadline else None)
    assert result.deadline_rule, "a missing deadline says why"


GROUPS = ("CO", "PR", "OA", "PI", "CR", "")
ACTIONS = {
    "appeal", "attach_records", "bill_other_payer", "bill_patient", "call_payer",
    "contact_patient", "correct_and_resubmit", "none", "obtain_authorization",
    "verify_coverage", "write_off",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(codes.reasons()))
def test_every_reason_comes_out_classified_under_every_group(code):
    for group in GROUPS:
        result = assess(facts(group, code), TODAY)
        assert result.category
        assert result.next_action in ACTIONS
        assert 2 <= sentences(result.explanation) <= 4, result.explanation
        if group != "PR":
            assert result.next_action != "bill_patient", "only group PR is the patient's"


@pytest.mark.parametrize("code", sorted(codes.remarks()))
def test_every_remark_comes_out_classified_under_broad_and_narrow_reasons(code):
    for reason in ("16", "50", "96", "A1"):
        result = assess(facts("CO", reason, code), TODAY)
        assert result.category
        assert result.next_action in ACTIONS
        assert 2 <= sentences(result.explanation) <= 4, result.explanation


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?= [A-Z]|$)", text))


def test_an_unknown_reason_is_a_category_of_its_own():
    result = assess(facts("CO", "ZZ9"), TODAY)
    assert (result.category, result.next_action) == ("unknown_code", "call_payer")
    assert result.rules == ("unknown reason ZZ9",)
    assert "ZZ9" in result.cause
    assert "not in our table" in result.explanation


def test_an_unknown_reason_is_worked_as_administrative():
    """The rule book (7 no. 11) says so; that it is unknown stays to be seen (its own category)."""
    unknown, known = assess(facts("CO", "ZZ9"), TODAY), assess(facts("CO", "A1"), TODAY)
    assert (unknown.category, known.category) == ("unknown_code", "administrative")
    assert unknown.chance_basis_points == known.chance_basis_points
    assert (unknown.next_action, unknown.route) == (known.next_action, known.route)
    means = {row["category"]: row["means"] for row in read_table("denial_categories")}
    assert "worked as administrative" in means["unknown_code"]


def test_an_unknown_remark_changes_nothing():
    plain, marked = assess(facts("CO", "50"), TODAY), assess(facts("CO", "50", "N9999"), TODAY)
    assert (plain.category, plain.next_action) == (marked.category, marked.next_action)
    assert "N9999" in marked.explanation


def test_an_alert_explains_but_does_not_reclassify():
    assert assess(facts("CO", "16", "N1"), TODAY).category == "missing_information"


def test_the_first_refining_remark_speaks_and_the_unprocessable_one_last():
    result = assess(facts("CO", "16", "MA130", "M127"), TODAY)
    assert result.category == "documentation"
    assert (result.next_action, result.route) == ("attach_records", "new_claim")


def test_a_precise_reason_keeps_its_category_and_takes_the_remarks_action():
    result = assess(facts("CO", "50", "N569"), TODAY)
    assert (result.category, result.next_action) == ("medical_necessity", "correct_and_resubmit")


def test_without_dates_no_deadline_is_made_up():
    result = assess(facts("CO", "50", decided_on=None), TODAY)
    assert result.deadline is None
    assert result.days_left is None
    assert "decision is not known" in result.deadline_rule


def test_a_deadline_on_a_holiday_is_the_workday_before():
    """120 days from 2025-12-27 end on Sunday; from 2026-01-25 on Memorial Day, 2026-05-25."""
    sunday = assess(facts(decided_on=date(2025, 12, 27), **MEDICARE), TODAY)
    memorial = assess(facts(decided_on=date(2026, 1, 25), **MEDICARE), TODAY)
    assert sunday.deadline == date(2026, 4, 24)
    assert memorial.deadline == date(2026, 5, 22)


def test_a_limit_in_months_from_a_leap_day_ends_on_the_last_of_february():
    case = facts(payer_name="UHC", decided_on=date(2024, 2, 29))
    assert assess(case, date(2024, 3, 1)).deadline == date(2025, 2, 28)


def test_an_institutional_claim_counts_from_its_through_date_under_medicare():
    stay = {"service_from": date(2026, 1, 5), "service_to": date(2026, 1, 20)}
    hospital = facts("CO", "16", "MA130", filing_indicator="MA", form="I", **stay)
    office = facts("CO", "16", "MA130", filing_indicator="MB", form="P", **stay)
    assert assess(hospital, TODAY).deadline == date(2027, 1, 20)
    assert assess(office, TODAY).deadline == date(2027, 1, 5)


def test_the_payers_name_tells_its_kind_where_the_file_does_not():
    result = assess(facts(filing_indicator="", payer_name="TRICARE EAST"), TODAY)
    assert result.deadline == date(2026, 5, 29)


def test_the_rule_names_source_and_confidence():
    rule = assess(facts(**MEDICARE), TODAY).deadline_rule
    assert "42 CFR 405.942" in rule
    assert "Confidence: verified" in rule
    assert "without the 5 days" in rule


def test_a_default_limit_says_that_it_is_one():
    rule = assess(facts(), TODAY).deadline_rule
    assert "No rule of this payer on file" in rule
    assert "contract" in rule


def test_a_claim_decided_inside_the_payers_own_limit_was_not_late():
    """appeals.md 5: timely filing with proof .60, without .02; Cigna's limit is 90 days."""
    early = assess(facts("CO", "29", payer_name="Cigna"), TODAY)
    late = assess(facts("CO", "29", payer_name="Cigna", service_from=date(2025, 9, 1)), TODAY)
    assert (early.chance_basis_points, late.chance_basis_points) == (6000, 200)
    assert "not late" in early.explanation


@pytest.mark.parametrize(
    ("case", "chance", "value"),
    [
        (facts("CO", "197"), 5000, 455_00),
        (facts("CO", "50"), 5000, 455_00),
        (facts("CO", "252"), 6500, 605_00),
        (facts("CO", "4"), 5500, 505_00),
        (facts("OA", "18"), 500, 5_00),
        (facts("CO", "96"), 1000, 55_00),
        (facts("CO", "27"), 2500, 205_00),
        (facts("CO", "50", amount_cents=80_00), 5000, 0),
        (facts("CO", "45"), 0, 0),
    ],
)
def test_expected_value_is_amount_times_chance_less_the_work(case, chance, value):
    """appeals.md 5: the start values, and 45 dollars of work."""
    result = assess(case, TODAY)
    assert (result.chance_basis_points, result.expected_value_cents) == (chance, value)


def test_after_the_deadline_nothing_is_expected_and_the_case_goes_last():
    case = facts(decided_on=date(2025, 3, 3), **MEDICARE)
    result = assess(case, TODAY)
    assert result.days_left < 0
    assert (result.expected_value_cents, result.priority) == (0, 0)
    assert "good cause" in result.explanation


def test_on_the_last_day_it_is_not_too_late():
    result = assess(facts(**MEDICARE), date(2026, 6, 30))
    assert result.days_left == 0
    assert result.expected_value_cents > 0
    assert "(today)" in result.explanation


def test_the_order_of_work_is_value_and_urgency():
    big = assess(facts(amount_cents=3000_00), TODAY)
    urgent = assess(facts(amount_cents=2200_00, decided_on=date(2025, 11, 26), **MEDICARE), TODAY)
    small = assess(facts(amount_cents=50_00), TODAY)
    gone = assess(facts(amount_cents=9000_00, decided_on=date(2024, 1, 2)), TODAY)
    assert urgent.days_left == 6
    assert order([gone, small, big, urgent]) == [urgent, big, small, gone]


def test_how_much_a_near_limit_counts_is_the_offices_to_say():
    due = facts(amount_cents=2200_00, decided_on=date(2025, 11, 26), **MEDICARE)
    far = facts(amount_cents=3000_00)
    calm = WorkWeights(urgency_7_days_tenths=10, urgency_14_days_tenths=10)
    for work, first in ((WorkWeights(), 2200_00), (calm, 3000_00)):
        policies = DenialPolicies(work=work)
        judged = [assess(case, TODAY, policies) for case in (due, far)]
        assert order(judged)[0].amount_cents == first


def test_what_takes_minutes_comes_before_a_larger_amount_that_takes_an_hour():
    appeal = assess(facts("CO", "50", amount_cents=600_00), TODAY)
    field = assess(facts("CO", "4", amount_cents=300_00), TODAY)
    assert (appeal.next_action, field.next_action) == ("appeal", "correct_and_resubmit")
    assert appeal.expected_value_cents > field.expected_value_cents
    assert order([appeal, field]) == [field, appeal]


def test_the_explanation_says_who_what_how_much_why_and_by_when():
    case = facts("CO", "4", "N822", modifiers=("25",), payer_claim_control_number="ICN7")
    text = assess(case, TODAY).explanation
    for part in (
        "Some Plan refused $1,000.00",
        "99213-25 (evaluation and management) of 2026-01-05 on 2026-03-02",
        "CO-4 with N822",
        "frequency 7, with the payer's claim number ICN7",
        "by 2026-08-28 (161 days left)",
    ):
        assert part in text


def test_part_b_is_told_to_ask_for_a_reopening():
    """claim_rules.md 5.2: Medicare Part B takes only original claims."""
    assert "reopen" in assess(facts("CO", "4", **MEDICARE), TODAY).explanation
    assert "replacement" in assess(facts("CO", "4", filing_indicator="MA"), TODAY).explanation
