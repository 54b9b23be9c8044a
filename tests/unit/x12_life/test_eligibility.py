"""271 and 270: who is covered, what the patient bears, who else pays, what was refused."""

from __future__ import annotations

from datetime import date

import pytest

from medcollect.model.eligibility import CostShare, EligibilityReport, Member
from tests.unit.x12_life.support import body_of, codes, interchange, only, read_all

VERSION = "005010X279A1"
HEAD = (
    "BHT*0022*11*ASK1*20250301*1200",
    "HL*1**20*1",
    "NM1*PR*2*MUSTER PLAN*****PI*99999",
    "HL*2*1*21*1",
    "NM1*1P*2*BEISPIEL CLINIC*****XX*1234567893",
)
SUBSCRIBER = (
    "HL*3*2*22*0",
    "TRN*2*T1*9123456789",
    "NM1*IL*1*MUSTER*ANNA****MI*W1",
    "REF*6P*GROUP1",
    "DMG*D8*19800102*F",
    "DTP*346*D8*20250101",
)


def report_of(*segments: str, kind: str = "271") -> EligibilityReport:
    return only(read_all(interchange(kind, VERSION, *HEAD, *segments)), EligibilityReport)


def member_of(*segments: str) -> Member:
    return report_of(*SUBSCRIBER, *segments).members[0]


def share_of(*segments: str) -> CostShare:
    (share,) = member_of(*segments).cost_shares
    return share


def test_an_active_plan_is_told_with_its_name_and_dates() -> None:
    text = interchange("271", VERSION, *HEAD, *SUBSCRIBER, "EB*1**30*HM*GOLD PLAN")
    found = read_all(text)
    report = only(found, EligibilityReport)
    (member,) = report.members

    assert codes(found) == []
    assert (report.verdict, report.payer.id, report.receiver.id) == (
        "active", "99999", "1234567893",
    )  # fmt: skip
    assert (member.verdict, member.plan) == ("active", "GOLD PLAN")
    assert (member.plan_from, member.plan_to) == (date(2025, 1, 1), None)
    assert (member.trace_numbers, member.group_number) == (("T1",), "GROUP1")
    assert (member.party.id, member.party.birth_date) == ("W1", date(1980, 1, 2))
    assert report.segments == body_of(text)


@pytest.mark.parametrize(
    ("benefits", "verdict"),
    [
        (("EB*1**30",), "active"),
        (("EB*5**30",), "active"),
        (("EB*6**30",), "inactive"),
        (("EB*8**30",), "inactive"),
        (("EB*6**42",), "inactive"),
        (("EB*1**30", "EB*6**35"), "active"),
        (("EB*6**30", "EB*1**MH"), "mixed"),
        (("EB*1**30*MA", "EB*6**30*MB"), "mixed"),
        (("EB*P",), "unknown"),
        (("AAA*N**72*C",), "rejected"),
        (("EB*P", "AAA*N**72*C"), "rejected"),
    ],
)
def test_the_verdict_of_a_person(benefits: tuple[str, ...], verdict: str) -> None:
    assert member_of(*benefits).verdict == verdict


def test_what_remains_stands_beside_the_whole_by_network() -> None:
    member = member_of(
        "EB*C*IND*30***23*1000*****Y", "EB*C*IND*30***24*250*****Y", "EB*C*IND*30***29*750*****Y",
        "EB*C*IND*30***23*3000*****N", "EB*C*IND*30***29*3000*****N",
        "EB*G*FAM*30***23*6000", "EB*G*FAM*30***29*5100.5",
    )  # fmt: skip
    figures = [
        (s.kind, s.coverage_level, s.network, s.limit_cents, s.used_cents, s.remaining_cents)
        for s in member.cost_shares
    ]
    assert figures == [
        ("deductible", "IND", "in", 100000, 25000, 75000),
        ("deductible", "IND", "out", 300000, None, 300000),
        ("out_of_pocket", "FAM", "", 600000, None, 510050),
    ]
    assert member.cost_shares[0].period_kind == "calendar_year"


def test_plans_and_plan_years_are_not_mixed() -> None:
    """Medicare: one deductible of part A and two of part B, of two years."""
    member = member_of(
        "EB*C*IND*30*MA**26*1600", "EB*C*IND*30*MA**29*0",
        "EB*C*IND*30*MB**23*240", "DTP*292*RD8*20240101-20241231",
        "EB*C*IND*30*MB**23*257", "DTP*292*RD8*20250101-20251231",
        "EB*C*IND*30*MB**29*57", "DTP*292*RD8*20250101-20251231",
    )  # fmt: skip
    assert [(s.insurance_type, s.limit_cents, s.remaining_cents) for s in member.cost_shares] == [
        ("MA", 160000, 0),
        ("MB", 24000, None),
        ("MB", 25700, 5700),
    ]


def test_amounts_of_different_notes_are_not_mixed() -> None:
    member = member_of(
        "EB*G*FAM*30***23*1000", "MSG*TWO PARTIES", "EB*G*FAM*30***23*1500", "MSG*FAMILY",
        "EB*G*FAM*30***29*870", "MSG*TWO PARTIES", "EB*G*FAM*30***29*1370", "MSG*FAMILY",
    )  # fmt: skip
    assert [(s.limit_cents, s.remaining_cents, s.messages) for s in member.cost_shares] == [
        (100000, 87000, ("TWO PARTIES",)),
        (150000, 137000, ("FAMILY",)),
    ]


def test_the_same_row_twice_is_two_shares() -> None:
    member = member_of("EB*B**98****20", "EB*B**98****40")
    assert [s.limit_cents for s in member.cost_shares] == [2000, 4000]


def test_copayment_and_coinsurance() -> None:
    copayment = share_of("EB*B**98^UC***27*30*****W")
    assert (copayment.kind, copayment.limit_cents, copayment.period_kind) == (
        "copayment", 3000, "visit",
    )  # fmt: skip
    assert (copayment.service_types, copayment.network) == (("98", "UC"), "both")
    coinsurance = share_of("EB*A*IND*30****" + "*.2****Y")
    assert (coinsurance.kind, coinsurance.percent, coinsurance.limit_cents) == (
        "coinsurance", ".2", None,
    )  # fmt: skip


def test_another_payer_is_named_with_its_policy() -> None:
    member = member_of(
        "EB*1**30", "EB*R**30*MP", "REF*IG*POLICY9", "DTP*290*D8*20240101", "LS*2120",
        "NM1*PRP*2*OTHER PLAN*****PI*55555", "N3*1 ROAD", "N4*SPRINGFIELD*IL*62701", "LE*2120",
        "MSG*PRIMARY",
    )  # fmt: skip
    (other,) = member.other_payers

    assert (other.kind, other.references[0].value) == ("other_payer", "POLICY9")
    assert (other.parties[0].last_name, other.parties[0].city) == ("OTHER PLAN", "SPRINGFIELD")
    assert other.messages == ("PRIMARY",)
    assert (other.periods[0].qualifier, member.verdict) == ("290", "active")


def test_a_refusal_says_at_which_level_why_and_what_to_do() -> None:
    report = report_of("AAA*Y**50*N")
    assert (report.verdict, report.members) == ("rejected", ())
    (reject,) = report.rejects
    assert (reject.level, reject.code, reject.reason) == (
        "receiver", "50", "the provider may not ask",
    )  # fmt: skip
    assert reject.action == "Do not ask again."

    member = member_of("AAA*N**72*C", "AAA*N**ZZ*Z")
    assert [r.level for r in member.rejects] == ["subscriber", "subscriber"]
    assert member.rejects[0].action == "Correct the data and ask again."
    assert member.rejects[1].reason == "a reason that is not in the standard"

    benefit = member_of("EB*1**30", "AAA*N**70*C")
    assert (benefit.verdict, benefit.rejects) == ("active", ())
    assert benefit.benefits[0].rejects[0].level == "benefit"


def test_a_dependent_is_answered_under_the_subscriber() -> None:
    report = report_of(
        "HL*3*2*22*1", "NM1*IL*1*MUSTER*ANNA****MI*W1", "HL*4*3*23*0", "TRN*2*T2*9123456789",
        "NM1*03*1*MUSTER*BEN", "INS*N*19", "EB*1**30",
    )  # fmt: skip
    (member,) = report.members

    assert (member.relationship, member.party.first_name) == ("dependent", "BEN")
    assert (member.subscriber.id, member.verdict) == ("W1", "active")
    assert [raw.text for raw in member.unmodelled] == ["INS*N*19"]


def test_a_dependent_of_a_refused_subscriber_is_refused() -> None:
    report = report_of(
        "HL*3*2*22*1", "NM1*IL*1******MI*W1", "AAA*Y**72*N", "HL*4*3*23*0", "NM1*03*1*MUSTER*BEN"
    )
    assert [m.verdict for m in report.members] == ["rejected", "rejected"]
    assert report.verdict == "rejected"


def test_a_person_without_an_answer_is_a_finding() -> None:
    found = read_all(interchange("271", VERSION, *HEAD, *SUBSCRIBER))
    assert codes(found) == [("eligibility-answer-missing", 9)]
    assert only(found, EligibilityReport).verdict == "unknown"


def test_a_missing_level_does_not_lose_the_answer() -> None:
    text = interchange(
        "271", VERSION, *HEAD[:3], "HL*2*1*21*1", "NM1*IL*1*MUSTER*ANNA****MI*W1", "EB*1**30"
    )
    found = read_all(text)
    assert codes(found) == [("hierarchy-level-differs", 7)]
    assert only(found, EligibilityReport).members[0].verdict == "active"


def test_bad_data_is_a_finding_and_nothing_is_lost() -> None:
    segments = (*HEAD, *SUBSCRIBER, "EB*C**30***23*x", "DTP*346*D8*y", "HSD*VS*1", "EB", "QQ*1")
    found = read_all(interchange("271", VERSION, *segments))
    report = only(found, EligibilityReport)

    assert codes(found) == [("figure-unreadable", 15), ("date-unreadable", 16)]
    assert report.members[0].cost_shares[0].limit_cents is None
    raws = [raw.text for b in report.members[0].benefits for raw in b.unmodelled]
    assert raws == ["HSD*VS*1", "QQ*1"]
    assert report.segments == segments


def test_a_270_is_read_as_a_question() -> None:
    report = report_of(*SUBSCRIBER, "EQ*30^98", kind="270")
    assert (report.verdict, report.members[0].verdict) == ("asked", "asked")
    assert report.members[0].inquired_service_types == ("30", "98")
