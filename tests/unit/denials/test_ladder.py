"""Every limit of a refusal: by when, by which rule, from which day, and how it stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from medcollect.denials import DenialFacts, Limit, assess, every_limit

TODAY = date(2026, 3, 20)


def facts(filing="MB", payer="", **changes) -> DenialFacts:
    values = {
        "decided_on": date(2026, 3, 2),
        "service_from": date(2026, 1, 5),
        "form": "P",
        **changes,
    }
    return DenialFacts(
        group="CO",
        reason="50",
        amount_cents=1,
        filing_indicator=filing,
        payer_name=payer,
        **values,
    )


def limit(step: str, given: DenialFacts, today: date = TODAY, **more) -> Limit:
    (found,) = [x for x in every_limit(given, today, **more) if x.step == step]
    return found


#: Source, kind of plan, payer, step, the date it counts from, safe day, last day.
DATES = [
    # 120 days from 2026-03-02 is Tuesday 06-30; with five days for mail Sunday 07-05, and the
    # Friday before is Independence Day as observed: Thursday 07-02.
    (
        "42 CFR 405.942",
        "MB",
        "",
        "level1_redetermination",
        "2026-03-02",
        "2026-06-30",
        "2026-07-02",
    ),
    # From a leap day: 120 days end on 2024-06-28, with mail on 07-03.
    (
        "42 CFR 405.942",
        "MB",
        "",
        "level1_redetermination",
        "2024-02-29",
        "2024-06-28",
        "2024-07-03",
    ),
    # Across a year's end: 2026-01-01 is New Year's Day, the workday before counts.
    (
        "42 CFR 405.942",
        "MB",
        "",
        "level1_redetermination",
        "2025-09-03",
        "2025-12-31",
        "2026-01-06",
    ),
    ("42 CFR 405.980", "MB", "", "reopening_minor_error", "2024-02-29", "2025-02-28", "2025-02-28"),
    ("Aetna disputes page", "CI", "AETNA", "reconsideration", "2026-03-02", "2026-08-28", None),
    ("Cigna appeal page", "CI", "CIGNA", "appeal", "2026-03-02", "2026-08-28", None),
    # 12 months from the end of February: the same number; from a leap day the 28th.
    ("UHC guide", "CI", "UHC", "reconsideration_plus_appeal", "2024-02-29", "2025-02-28", None),
    # 18 months from the end of August end on the last of February 2027, a Sunday.
    ("Humana list", "CI", "HUMANA", "dispute", "2025-08-31", "2027-02-26", None),
    ("32 CFR 199.10", "CH", "", "appeal", "2026-03-02", "2026-05-29", None),
    ("42 CFR 438.402", "MC", "", "plan_appeal", "2026-03-02", "2026-05-01", None),
    ("42 CFR 422.582", "16", "", "member_plan_reconsideration", "2026-03-02", "2026-05-06", None),
    ("RARC N887", "16", "", "nonpar_provider_payment_appeal", "2026-03-02", "2026-05-01", None),
    ("29 CFR 2560.503-1", "CI", "", "plan_appeal", "2026-03-02", "2026-08-28", None),
    # 60 days from 2026-10-26 end on Christmas Day, a Friday.
    ("42 CFR 438.402", "MC", "", "plan_appeal", "2026-10-26", "2026-12-24", None),
    # 60 days from 2026-09-27 end on Thanksgiving Day.
    ("42 CFR 438.402", "MC", "", "plan_appeal", "2026-09-27", "2026-11-25", None),
    # 60 days from 2026-07-09 end on Labor Day, a Monday: the Friday before.
    ("42 CFR 438.402", "MC", "", "plan_appeal", "2026-07-09", "2026-09-04", None),
]


@pytest.mark.parametrize(("source", "plan", "payer", "step", "start", "due", "latest"), DATES)
def test_a_limit_from_the_decision(source, plan, payer, step, start, due, latest):
    found = limit(step, facts(plan, payer, decided_on=date.fromisoformat(start)))
    assert found.start == date.fromisoformat(start)
    assert found.due == date.fromisoformat(due), source
    assert found.latest == date.fromisoformat(latest or due), source
    assert found.source in found.rule
    assert found.counted_from in found.rule


#: Source, kind of plan, payer, first and last day of service, form, last day to file.
FILING = [
    ("42 CFR 424.44: a line's From date", "MB", "", "2024-02-29", "2024-03-04", "P", "2025-02-28"),
    ("42 CFR 424.44: the Through date", "MA", "", "2025-03-03", "2025-03-10", "I", "2026-03-10"),
    ("TRICARE manual 8-3: discharge", "CH", "", "2025-03-03", "2025-03-10", "I", "2026-03-10"),
    ("42 CFR 447.45: 12 months", "MC", "", "2025-03-31", "2025-03-31", "P", "2026-03-31"),
    ("state manual, 6 months, no 31st", "MC", "South Dakota Medicaid", "2025-08-31", "2025-08-31",
     "P", "2026-02-27"),
    ("plan guide, 180 days", "MC", "Nebraska Medicaid", "2026-01-05", "2026-01-05", "P",
     "2026-07-02"),
    ("FEP brochure: next 31 December", "FI", "", "2025-05-05", "2025-05-05", "P", "2026-12-31"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "plan", "payer", "first", "last", "form", "due"), FILING)
def test_a_filing_limit_from_the_service(source, plan, payer, first, last, form, due):
    days = {"service_from": date.fromisoformat(first), "service_to": date.fromisoformat(last)}
    found = limit("timely_filing", facts(plan, payer, form=form, **days))
    assert found.due == date.fromisoformat(due), source


#: Source, kind of plan, payer, step, the step it follows, its decision, safe day, last day.
LATER = [
    ("42 CFR 405.962", "MB", "", "level2_QIC_reconsideration", "level1_redetermination",
     "2026-06-01", "2026-11-27", "2026-12-03"),
    ("90 FR 55869", "MB", "", "level3_ALJ_OMHA", "level2_QIC_reconsideration",
     "2026-06-01", "2026-07-31", "2026-08-05"),
    ("appeals.md 2", "MB", "", "level4_appeals_council", "level3_ALJ_OMHA",
     "2026-06-01", "2026-07-31", "2026-08-05"),
    ("42 CFR 405.974", "MB", "", "level2_review_of_dismissal", "dismissal",
     "2026-06-01", "2026-07-31", "2026-08-05"),
    ("appeals.md 2", "MB", "", "level5_federal_court", "level4_appeals_council",
     "2026-06-01", "2026-07-31", "2026-08-05"),
    ("Aetna disputes page", "CI", "AETNA", "appeal", "reconsideration",
     "2026-06-01", "2026-07-31", "2026-07-31"),
    ("45 CFR 147.136", "CI", "", "external_review", "plan_appeal",
     "2025-10-31", "2026-02-27", "2026-02-27"),
    ("42 CFR 438.408", "MC", "", "state_fair_hearing", "plan_appeal",
     "2026-06-01", "2026-09-29", "2026-09-29"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "plan", "payer", "step", "before", "decided", "due", "latest"), LATER
)
def test_a_later_level_starts_with_the_decision_before_it(
    source, plan, payer, step, before, decided, due, latest
):
    waiting = limit(step, facts(plan, payer))
    assert (waiting.standing, waiting.due) == ("waiting", None)
    assert before.replace("_", " ") in waiting.why_none
    found = limit(step, facts(plan, payer), decided={before: date.fromisoformat(decided)})
    assert found.due == date.fromisoformat(due), source
    assert found.latest == date.fromisoformat(latest), source


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        ("2026-05-30", "open"),
        ("2026-05-31", "close"),
        ("2026-06-30", "close"),
        ("2026-07-01", "overdue"),
        ("2026-07-02", "overdue"),
        ("2026-07-03", "lost"),
    ],
)
def test_close_then_overdue_while_mail_is_presumed_then_lost(today, standing):
    found = limit("level1_redetermination", facts(), date.fromisoformat(today))
    assert found.standing == standing


def test_a_claim_without_right_of_appeal_keeps_its_filing_clock() -> None:
    every = every_limit(facts(), TODAY, no_appeal="remark MA130 leaves no right of appeal")
    running = {x.step for x in every if x.due}
    assert running == {"timely_filing", "reopening_minor_error"}
    assert all("MA130" in x.why_none for x in every if not x.due)


@pytest.mark.parametrize(("late", "standing"), [(0, "met"), (1, "lost")])
def test_acceptance_by_the_last_day_is_proof_of_timely_filing(late: int, standing: str) -> None:
    served = date(2024, 3, 2)  # a year later is a Sunday: acceptance on it is in time
    on = date(2025, 3, 2) + timedelta(days=late)
    assert limit("timely_filing", facts(service_from=served), accepted_on=on).standing == standing


@pytest.mark.parametrize("plan", ["MB", "MA", "16", "MC", "CH", "VA", "FI", "CI", "WC", "ZZ", ""])
@pytest.mark.parametrize("known", [True, False])
def test_every_limit_has_a_date_or_says_why_not(plan: str, known: bool) -> None:
    dates = {} if known else {"decided_on": None, "service_from": None}
    every = every_limit(facts(plan, **dates), TODAY)
    assert every
    for found in every:
        assert bool(found.due) != bool(found.why_none), found
        assert (found.due is None) == (found.standing in {"none", "waiting"})


def test_a_payer_without_a_known_limit_says_so() -> None:
    found = limit("corrected_claim", facts("CI", "Nobody's Plan"))
    assert found.why_none == "By contract; none entered."


@pytest.mark.parametrize("plan", ["12", "BL", "OF", "", "FI"])
def test_the_federal_employee_program_is_told_by_its_name(plan: str) -> None:
    known = DenialFacts(
        "CO", "16", 100, ("MA130",), "BCBS FEDERAL EMPLOYEE PROGRAM", plan,
        decided_on=date(2026, 9, 2), service_from=date(2026, 8, 1),
    )  # fmt: skip
    assert known.payer_kind == "federal_employees"
    found = assess(known, date(2026, 11, 26))
    assert "31 December of the next year" in found.deadline_rule
    assert found.deadline == date(2027, 12, 30)  # the workday before: New Year is kept on the 31st
