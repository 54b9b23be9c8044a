"""Real situations with their whole answer: category, action, appealable, last day and its source.

Half of them are those of appeals.md, claim_rules.md and the tables' own rows, half our own reading;
each names where it stands. The days were counted by hand on a calendar: holidays, presumed
receipt, leap days and ends of months are among them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from medcollect.denials import DenialFacts, assess, classify, every_limit

TODAY = date(2024, 1, 2)


class Situation(NamedTuple):
    """What was sent, and what must come out.

    ``step`` names a limit of the ladder, else the day is that of the next action; ``before`` is the
    step whose decision on ``decided`` starts it. ``where`` must stand in the rule of the day.
    """

    source: str
    codes: tuple[str, ...]  # group, reason, remarks
    plan: str
    given: dict[str, Any]
    category: str
    action: str
    appealable: bool
    due: str | None
    where: str
    step: str = ""
    before: str = ""


def on(day: str, served: str = "2023-12-01", **given: Any) -> dict[str, Any]:
    """The decision's day, the day of service, and what else is known."""
    return {
        "decided_on": date.fromisoformat(day),
        "service_from": date.fromisoformat(served),
        "form": "P",
        **given,
    }


def stay(first: str, last: str, **given: Any) -> dict[str, Any]:
    """A stay in hospital that was answered long before any limit."""
    return on("2025-03-20", first, service_to=date.fromisoformat(last), **{"form": "I", **given})


R1, R2, R3, R4 = (
    "level1_redetermination",
    "level2_QIC_reconsideration",
    "level3_ALJ_OMHA",
    "level4_appeals_council",
)
NECESSITY = ("CO", "50")
MARCH = "2026-03-02"
CIGNA, AETNA, UHC = ({"payer_name": name} for name in ("CIGNA", "AETNA", "UHC"))
S = Situation
SITUATIONS = [
    # -- Medicare's first level: 120 days, presumed receipt, holidays, leap days -----------------
    S("42 CFR 405.942", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-06-30", "42 CFR 405.942"),
    S("42 CFR 405.942, from a leap day", NECESSITY, "MB", on("2024-02-29"),
      "medical_necessity", "appeal", True, "2024-06-28", "120 days from 2024-02-29"),
    S("42 CFR 405.942, ends on New Year's Day", NECESSITY, "MB", on("2025-09-03"),
      "medical_necessity", "appeal", True, "2025-12-31", "without the 5 days"),
    S("42 CFR 405.942, ends on a Sunday", NECESSITY, "MA", on("2025-12-27", form="I"),
      "medical_necessity", "appeal", True, "2026-04-24", "42 CFR 405.942"),
    S("42 CFR 405.942, ends on Memorial Day", ("CO", "151"), "MB", on("2026-01-25"),
      "medical_necessity", "appeal", True, "2026-05-22", "42 CFR 405.942"),
    S("42 CFR 405.942, ends on Independence Day as observed", ("CO", "55"), "MB",
      on("2026-03-05"), "medical_necessity", "appeal", True, "2026-07-02", "42 CFR 405.942"),
    S("42 CFR 405.942, ends on Veterans Day", ("CO", "56"), "MB", on("2026-07-14"),
      "medical_necessity", "appeal", True, "2026-11-10", "42 CFR 405.942"),
    S("42 CFR 405.942, ends on Juneteenth", ("CO", "150"), "MB", on("2026-02-19"),
      "documentation", "appeal", True, "2026-06-18", "42 CFR 405.942"),
    # -- Medicare's corrections and what has no appeal -------------------------------------------
    S("42 CFR 405.980, from a leap day", ("CO", "4"), "MB", on("2024-02-29"),
      "coding_modifier", "correct_and_resubmit", False, "2025-02-28", "42 CFR 405.980"),
    S("42 CFR 405.980, a wrong diagnosis", ("CO", "11"), "MA", on(MARCH, form="I"),
      "coding_modifier", "correct_and_resubmit", False, "2027-03-02", "42 CFR 405.980"),
    S("42 CFR 424.44, a line's From date, leap day", ("CO", "16", "MA130"), "MB",
      on("2024-04-01", "2024-02-29", service_to=date(2024, 3, 4)),
      "missing_information", "correct_and_resubmit", False, "2025-02-28", "42 CFR 424.44"),
    S("42 CFR 424.44, a stay's Through date", ("CO", "16", "MA130"), "MA",
      stay("2025-03-03", "2025-03-10"),
      "missing_information", "correct_and_resubmit", False, "2026-03-10", "42 CFR 424.44"),
    S("42 CFR 424.44: N517 wants a new claim", ("CO", "16", "N517"), "MB",
      on("2026-02-02", "2026-01-12"),
      "missing_information", "correct_and_resubmit", False, "2027-01-12", "42 CFR 424.44"),
    S("appeals.md 2: late filing cannot be appealed", ("CO", "29"), "MB",
      on(MARCH, "2024-12-01"),
      "timely_filing", "write_off", False, None, "cannot be appealed"),
    S("appeals.md 2 and 4: accepted in time (277CA), ask to reopen", ("CO", "29"), "MB",
      on(MARCH, "2024-12-01", acknowledged="accepted", accepted_on=date(2025, 11, 28)),
      "timely_filing", "call_payer", False, None, "cannot be appealed"),
    S("rarc.csv N211", ("CO", "50", "N211"), "MB", on(MARCH),
      "medical_necessity", "call_payer", False, None, "N211"),
    S("claim_rules.md 4.3 ABN: GZ", NECESSITY, "MB", on(MARCH, modifiers=("GZ",)),
      "medical_necessity", "write_off", False, None, "Nothing is to be sent"),
    S("claim_rules.md 4.3 ABN: GA under PR", ("PR", "50"), "MB", on(MARCH, modifiers=("GA",)),
      "medical_necessity", "bill_patient", False, None, "what the patient owes"),
    S("claim_rules.md 4.3 ABN: GY under PR", ("PR", "96"), "MB", on(MARCH, modifiers=("GY",)),
      "non_covered", "bill_patient", False, None, "what the patient owes"),
    S("claim_rules.md 4.3: CO-24 from Medicare", ("CO", "24"), "MB", on(MARCH),
      "cob", "bill_other_payer", False, None, "other payer's filing limit"),
    # -- Medicare's later levels: each from the receipt of the decision before it ----------------
    S("42 CFR 405.962", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-11-27", "42 CFR 405.962", R2, R1),
    S("90 FR 55869", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-07-31", "90 FR 55869", R3, R2),
    S("appeals.md 2, Appeals Council", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-07-31", "NGS; CGS", R4, R3),
    S("appeals.md 2, federal court", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-07-31", "90 FR 55869",
      "level5_federal_court", R4),
    S("42 CFR 405.974", NECESSITY, "MB", on(MARCH),
      "medical_necessity", "appeal", True, "2026-07-31", "42 CFR 405.974",
      "level2_review_of_dismissal", "dismissal"),
    # -- Medicare Advantage, Medicaid, TRICARE, veterans, federal employees ----------------------
    S("RARC N887; 42 CFR 422.582 family", NECESSITY, "16", on(MARCH),
      "medical_necessity", "appeal", True, "2026-05-01", "waiver of liability"),
    S("42 CFR 422.582, the member's own", NECESSITY, "16", on(MARCH),
      "medical_necessity", "appeal", True, "2026-05-06", "42 CFR 422.582",
      "member_plan_reconsideration"),
    S("42 CFR 422.113: emergency needs no authorization", ("CO", "197"), "16",
      on(MARCH, place_of_service="23"),
      "authorization", "appeal", True, "2026-05-01", "42 CFR 422.582"),
    S("42 CFR 438.402", ("CO", "197"), "MC", on(MARCH),
      "authorization", "obtain_authorization", True, "2026-05-01", "42 CFR 438.402"),
    S("42 CFR 438.402, ends on Christmas Day", NECESSITY, "MC", on("2026-10-26"),
      "medical_necessity", "appeal", True, "2026-12-24", "42 CFR 438.402"),
    S("42 CFR 438.402, ends on Thanksgiving Day", NECESSITY, "MC", on("2026-09-27"),
      "medical_necessity", "appeal", True, "2026-11-25", "42 CFR 438.402"),
    S("42 CFR 438.402, ends on Labor Day", NECESSITY, "MC", on("2026-07-09"),
      "medical_necessity", "appeal", True, "2026-09-04", "42 CFR 438.402"),
    S("42 CFR 438.402, from 31 December through a leap February", ("CO", "252"), "MC",
      on("2023-12-31"), "documentation", "attach_records", True, "2024-02-29", "42 CFR 438.402"),
    S("42 CFR 438.408", NECESSITY, "MC", on(MARCH),
      "medical_necessity", "appeal", True, "2026-09-29", "42 CFR 438.408",
      "state_fair_hearing", "plan_appeal"),
    S("42 CFR 447.45: 12 months", ("CO", "16", "MA130"), "MC", on("2025-05-01", "2025-03-31"),
      "missing_information", "correct_and_resubmit", False, "2026-03-31", "42 CFR 447.45"),
    S("state manual: 6 months, February has no 31st", ("CO", "16", "MA130"), "MC",
      on("2025-10-01", "2025-08-31", payer_name="South Dakota Medicaid"),
      "missing_information", "correct_and_resubmit", False, "2026-02-27", "state manual"),
    S("plan guide: Nebraska 180 days, the day before a holiday", ("CO", "16", "MA130"), "MC",
      on("2026-02-01", "2026-01-05", payer_name="Nebraska Medicaid"),
      "missing_information", "correct_and_resubmit", False, "2026-07-02", "plan provider guide"),
    S("claim_rules.md 4.3: Medicaid's patient is not billed", ("PR", "96"), "MC", on(MARCH),
      "non_covered", "write_off", False, None, "Nothing is to be sent"),
    S("32 CFR 199.10, ends on a Sunday", NECESSITY, "CH", on(MARCH),
      "medical_necessity", "appeal", True, "2026-05-29", "32 CFR 199.10"),
    S("TRICARE manual 8-3: discharge", ("CO", "16", "MA130"), "CH",
      stay("2025-03-03", "2025-03-10"),
      "missing_information", "correct_and_resubmit", False, "2026-03-10", "TRICARE Operations"),
    S("FEP brochure: the next year's last day", ("CO", "16", "MA130"), "FI",
      on("2025-06-02", "2025-05-05"),
      "missing_information", "correct_and_resubmit", False, "2026-12-31", "FEP brochure"),
    S("secondary list: VA 180 days from service, a Saturday's eve", ("CO", "16", "MA130"), "VA",
      on("2026-02-02", "2026-01-05"),
      "missing_information", "correct_and_resubmit", False, "2026-07-02", "secondary list"),
    # -- payers known by name --------------------------------------------------------------------
    S("Aetna disputes page", NECESSITY, "CI", on(MARCH, **AETNA),
      "medical_necessity", "appeal", True, "2026-08-28", "Aetna disputes"),
    S("Aetna disputes page, second level", NECESSITY, "CI", on(MARCH, **AETNA),
      "medical_necessity", "appeal", True, "2026-07-31", "Aetna disputes",
      "appeal", "reconsideration"),
    S("appeals.md 1: the authorization was on the claim", ("CO", "197"), "CI",
      on(MARCH, has_authorization=True, **AETNA),
      "authorization", "appeal", True, "2026-08-28", "Aetna disputes"),
    S("Cigna appeal page", NECESSITY, "CI", on(MARCH, **CIGNA),
      "medical_necessity", "appeal", True, "2026-08-28", "Cigna appeal page"),
    S("muni.health: corrected claim 90 days, a Sunday", ("CO", "4"), "CI", on(MARCH, **CIGNA),
      "coding_modifier", "correct_and_resubmit", False, "2026-05-29", "muni.health"),
    S("rarc.csv N704: no appeal", ("CO", "16", "N704"), "CI", on(MARCH, **CIGNA),
      "missing_information", "correct_and_resubmit", False, "2026-05-29", "muni.health"),
    S("UHC guide, 12 months from a leap day", NECESSITY, "CI", on("2024-02-29", **UHC),
      "medical_necessity", "appeal", True, "2025-02-28", "UHC administrative guide"),
    S("UHC corrected claim 180 days, a Saturday", ("CO", "11"), "CI", on(MARCH, **UHC),
      "coding_modifier", "correct_and_resubmit", False, "2026-08-28", "muni.health; guide"),
    S("Humana list, 18 months to the end of February", NECESSITY, "CI",
      on("2025-08-31", payer_name="HUMANA"),
      "medical_necessity", "appeal", True, "2027-02-26", "secondary list", "dispute"),
    S("Humana's unverified limit gives no more than the default", NECESSITY, "CI",
      on(MARCH, payer_name="HUMANA"),
      "medical_necessity", "appeal", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("Anthem provider news: 365 days", ("CO", "151"), "CI", on(MARCH, payer_name="ANTHEM BCBS"),
      "medical_necessity", "appeal", True, "2027-03-02", "Anthem provider news"),
    S("Florida Blue: 180 days from service", ("CO", "16", "MA130"), "CI",
      on("2026-02-02", "2026-01-05", payer_name="FLORIDA BLUE"),
      "missing_information", "correct_and_resubmit", False, "2026-07-02", "provider manual"),
    # -- plans without a rule of their own -------------------------------------------------------
    S("29 CFR 2560.503-1", NECESSITY, "CI", on(MARCH),
      "medical_necessity", "appeal", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("45 CFR 147.136: four months", NECESSITY, "CI", on(MARCH),
      "medical_necessity", "appeal", True, "2026-10-01", "45 CFR 147.136",
      "external_review", "plan_appeal"),
    S("45 CFR 149.110: emergency visit", ("CO", "197"), "CI",
      on(MARCH, procedure_code="99285"),
      "authorization", "appeal", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 1: records wanted", ("CO", "16", "M127"), "CI", on(MARCH),
      "documentation", "attach_records", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 1: attachment wanted", ("PI", "252", "N706"), "CI", on(MARCH),
      "documentation", "attach_records", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("claim_rules.md 4.2 no. 12", ("PR", "227"), "CI", on(MARCH, diagnoses=("S93401A",)),
      "missing_information", "contact_patient", False, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 1: 97 with the right modifier", ("CO", "97"), "CI",
      on(MARCH, modifiers=("25",), procedure_code="99213"),
      "bundling", "appeal", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("NCCI policy manual 1: a visit without modifier", ("CO", "97"), "CI",
      on(MARCH, procedure_code="99213"),
      "bundling", "correct_and_resubmit", False, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 1: eligibility", ("CO", "27"), "CI", on(MARCH),
      "eligibility_coverage", "verify_coverage", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 1: other payer", ("CO", "109", "N418"), "CI", on(MARCH),
      "eligibility_coverage", "bill_other_payer", False, None, "other payer's filing limit"),
    S("appeals.md 1: work injury", ("CO", "19"), "CI", on(MARCH),
      "cob", "bill_other_payer", False, None, "other payer's filing limit"),
    S("claim_rules.md 4.2: not left to the patient", ("CO", "96", "N130"), "CI", on(MARCH),
      "non_covered", "appeal", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("claim_rules.md 4.3: PR-96", ("PR", "96", "N425"), "CI", on(MARCH),
      "non_covered", "bill_patient", False, None, "what the patient owes"),
    S("claim_rules.md 4.3: capitation", ("CO", "24"), "HM", on(MARCH),
      "capitation", "write_off", False, None, "Nothing is to be sent"),
    S("carc.csv 18: find the original", ("OA", "18"), "CI", on(MARCH),
      "duplicate", "none", False, None, "Nothing is to be sent"),
    S("appeals.md 1: a replacement read as a duplicate", ("OA", "18"), "CI",
      on(MARCH, claim_frequency="7"),
      "duplicate", "call_payer", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeals.md 4: late, and no proof", ("CO", "29"), "CI",
      on(MARCH, "2025-10-01", **CIGNA),
      "timely_filing", "appeal", True, "2026-08-28", "Cigna appeal page"),
    S("appeals.md 3: a code outside the tables", ("CO", "ZZ9"), "CI", on(MARCH),
      "unknown_code", "call_payer", True, "2026-08-28", "29 CFR 2560.503-1"),
    S("appeal_deadlines.csv: no limit without the state", NECESSITY, "WC", on(MARCH),
      "medical_necessity", "appeal", True, None, "contract or state law decides"),
    S("appeals.md 3: no date in the file, none made up", NECESSITY, "MB",
      {"form": "P", "service_from": date(2026, 1, 5)},
      "medical_necessity", "appeal", True, None, "decision is not known"),
]  # fmt: skip


def facts_of(s: Situation) -> DenialFacts:
    group, reason, *remarks = s.codes
    return DenialFacts(
        group=group,
        reason=reason,
        amount_cents=500_00,
        remarks=tuple(remarks),
        filing_indicator=s.plan,
        **s.given,
    )


@pytest.mark.parametrize("s", SITUATIONS, ids=[f"{s.source}|{s.codes[1]}" for s in SITUATIONS])
def test_a_situation_has_category_action_appeal_day_and_source(s: Situation) -> None:
    facts = facts_of(s)
    found = assess(facts, TODAY)
    assert (found.category, found.next_action, found.appealable) == (
        s.category,
        s.action,
        s.appealable,
    )
    due, rule = found.deadline, found.deadline_rule
    if s.step:
        decided = {s.before: date(2026, 6, 1)} if s.before else {}
        barred = classify(facts).no_appeal
        limits = every_limit(facts, TODAY, no_appeal=barred, decided=decided)
        (limit,) = [x for x in limits if x.step == s.step]
        due, rule = limit.due, limit.rule
    assert due == (date.fromisoformat(s.due) if s.due else None)
    assert s.where in rule
    assert found.root_cause
    assert found.steps


def test_there_are_enough_of_them_each_another_and_with_its_source() -> None:
    assert len(SITUATIONS) >= 60
    assert all(s.source for s in SITUATIONS)
    told = [(s.codes, s.plan, str(s.given), s.step) for s in SITUATIONS]
    assert len(set(told)) == len(told)
