"""Answers that come again, and what $0, odd codes and odd amounts mean (claim_rules.md 7).

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from medcollect.errors import NotFound
from tests.flows.money.office import (
    EDITH,
    HARBOR,
    OSCAR,
    PAID_80,
    PLAIN,
    PRIMARY,
    SERVED,
    Office,
    answer,
    claim,
    clean,
    expect,
    one_answer,
    service,
    whole,
)
from tests.support.specs import (
    Answer,
    Line,
    cas,
    usd,
)

# -- answers that come again ---------------------------------------------------------------------


def test_a_denial_overturned_later_replaces_it(office: Office) -> None:
    """DESIGN 6.2: where the earlier answer paid nothing, the second one replaces it."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-252 100", remarks=("N706",)))
    assert office.denied() == [("CO-252", "100.00")]
    clean(office.pay(PAID_80, days=30), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.denied() == []


def test_a_duplicate_answer_moves_nothing_and_leaves_the_denial_open(office: Office) -> None:
    """DESIGN 6.2: CO-18 stops no clock."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-197 100"))
    deadline = office.book.denials()["denials"][0]["deadline"]
    clean(office.pay(whole("PCN1", "1", "100", "0", "CO-18 100"), days=30), "0.00")
    found = expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert [d["reason"] for d in found["denials"]] == ["197"]
    assert office.book.denials()["denials"][0]["deadline"] == deadline


def test_a_duplicate_answer_after_a_payment_moves_nothing(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    clean(office.pay(whole("PCN1", "1", "100", "0", "OA-18 100"), days=9), "0.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.denied() == []


def test_paid_twice_without_a_takeback_waits_for_a_person(office: Office) -> None:
    """The same payer pays again: never a plug, never posted by itself."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    result = office.pay(whole("PCN1", "1", "100", "85", "CO-45 15"), days=9)
    assert (result["posted"], result["unapplied"]) == ("0.00", "85.00")
    assert office.kinds() == ["second_answer"]
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_twins_in_one_remittance_are_not_both_posted(office: Office) -> None:
    """§7 no. 18: two CLPs equal in number and charge, over the same line."""
    office.bill(claim("PCN1"))
    result = office.pay(PAID_80, replace(PAID_80, control_number="ICN101"))
    assert (result["posted"], result["unapplied"]) == ("80.00", "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_claim_split_over_two_remittances_adds_up(office: Office) -> None:
    """Disjoint lines whose charges fit are parts of one answer."""
    office.bill(claim("PCN1", Line("99213", usd("100")), Line("93000", usd("50"))))
    office.pay(answer("PCN1", "1", service("99213", "100", "80", "CO-45 20")))
    expect(
        office,
        "PCN1",
        "undecided",
        "150.00",
        insurance_paid="80.00",
        written_off="20.00",
        insurance_open="50.00",
    )
    office.pay(answer("PCN1", "1", service("93000", "50", "30", "CO-45 10, PR-3 10")), days=3)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "150.00",
        insurance_paid="110.00",
        written_off="30.00",
        patient_responsibility="10.00",
    )


def test_an_add_on_taken_back_keeps_its_sign(office: Office) -> None:
    """§7 no. 20: CLP04 negative with status 1 is legal."""
    office.bill(claim("PCN1"))
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    clean(office.pay(whole("PCN1", "1", "100", "-10", "CO-45 110"), other), "290.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="-10.00", written_off="110.00")


# -- what $0, odd codes and odd amounts mean -----------------------------------------------------


def test_status_4_with_missing_information_is_a_denial_by_money(office: Office) -> None:
    """§7 no. 6: misuse of 4; the case is CO-16, the claim is the patient's known one."""
    clean(one_answer(office, whole("PCN1", "4", "100", "0", "CO-16 100", remarks=("M20",))), "0.00")
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert office.denied() == [("CO-16", "100.00")]


def test_status_1_with_the_full_charge_as_contractual_writes_off(office: Office) -> None:
    """§7 no. 6: CO-45 = charge: by the group and the reason it is contractual, not a denial."""
    result = one_answer(office, whole("PCN1", "1", "100", "0", "CO-45 100"))
    assert (result["denied_claims"], result["denied_amount"]) == (0, "0.00")
    expect(office, "PCN1", "closed", "100.00", written_off="100.00")
    assert office.denied() == []
    told = [f["code"] for f in result["files"][0]["findings"] if f["severity"] == "warning"]
    assert told == ["contractual-full-charge"]


def test_a_copay_as_large_as_the_allowed_amount(office: Office) -> None:
    """§7 no. 5: PR-3 with CLP04 0 is no denial."""
    one_answer(office, whole("PCN1", "1", "100", "0", "CO-45 70, PR-3 30", responsibility=3000))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        written_off="70.00",
        patient_responsibility="30.00",
    )
    assert office.denied() == []


@pytest.mark.parametrize("stated", [None, usd("25"), usd("0")])
def test_patient_responsibility_is_the_sum_of_pr_whatever_clp05_says(
    office: Office, stated: int | None
) -> None:
    """§7 no. 4 and 3.1 no. 4: a warning, not a hold."""
    paid = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", responsibility=stated)
    clean(one_answer(office, paid), "60.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def test_an_unknown_reason_stays_open_and_is_a_case(office: Office) -> None:
    """§7 no. 11: show the code; no rule writes it off or bills it."""
    one_answer(office, whole("PCN1", "1", "100", "70", "CO-45 10, CO-Z99 20"))
    expect(
        office,
        "PCN1",
        "denied",
        "100.00",
        insurance_paid="70.00",
        written_off="10.00",
        insurance_open="20.00",
    )
    assert (office.denied(), office.kinds()) == ([("CO-Z99", "20.00")], [])
    assert office.book.denials()["denials"][0]["category"] == "unknown_code"


@pytest.mark.parametrize("reason", ["OA-133", "OA-257", "OA-277", "OA-209"])
def test_what_the_payer_has_not_decided_stays_open(office: Office, reason: str) -> None:
    """DESIGN 6.2: pended, grace period, OA-209."""
    one_answer(office, whole("PCN1", "1", "100", "0", f"{reason} 100"))
    expect(office, "PCN1", "undecided", "100.00", insurance_open="100.00")
    assert office.kinds() == ["undecided_adjustment"]
    assert office.denied() == []


def test_group_cr_of_old_files_is_never_posted_by_itself(office: Office) -> None:
    """§1: CR belongs to 4010; 5010 has four groups."""
    one_answer(office, whole("PCN1", "1", "100", "70", "CO-45 10, CR-45 20"))
    found = office.book.claim("PCN1")
    assert (found["written_off"], found["insurance_open"]) == ("10.00", "20.00")
    assert office.kinds() == ["undecided_adjustment"]


def test_remark_codes_of_the_claim_alone(office: Office) -> None:
    """§7 no. 11: MOA remarks without a line remark reach the denial."""
    denied = Answer(
        "PCN1", "1", 10000, 0, cas=cas("CO-16 100"), patient=EDITH, remarks=("MA130", "N382")
    )
    one_answer(office, denied)
    (row,) = office.book.denials()["denials"]
    assert row["remarks"] == ["MA130", "N382"]


def test_the_payers_allowed_amount_above_the_charge(office: Office) -> None:
    """§7 no. 10: allowed 120 on a charge of 100: paid 80, patient 40, contractual -20."""
    one_answer(office, whole("PCN1", "1", "100", "80", "CO-45 -20, PR-2 40"))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="80.00",
        written_off="-20.00",
        patient_responsibility="40.00",
    )
    assert office.kinds() == []


def test_a_secondary_with_oa23_and_a_negative_94(office: Office) -> None:
    """§7 no. 10: OA-23 more than the charge, OA-94 in return; nothing is written off twice."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "20", "OA-23 90, OA-94 -10"), payer=HARBOR, days=3)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_sixty_lines(office: Office) -> None:
    """Each line keeps its own money; the account is billed once."""
    lines = [Line("97110", usd("10"), control=f"L{n}") for n in range(60)]
    office.bill(claim("PCN1", *lines, form="I", place="13"))
    services = [service("97110", "10", "6", "CO-45 3, PR-2 1", control=f"L{n}") for n in range(60)]
    clean(office.pay(answer("PCN1", "1", *reversed(services))), "360.00")
    found = expect(
        office,
        "PCN1",
        "patient_billable",
        "600.00",
        insurance_paid="360.00",
        written_off="180.00",
        patient_responsibility="60.00",
    )
    assert {line["insurance_paid"] for line in found["lines"]} == {"6.00"}
    assert len(found["lines"]) == 60


def test_lines_without_dates_take_the_claims(office: Office) -> None:
    """§7 no. 17: no DTM on the lines, DTM*232 only."""
    undated = answer(
        "PCN1", "1", service("99213", "100", "80", "CO-45 20", day=None), service_from=SERVED
    )
    clean(one_answer(office, undated), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_claim_answered_without_lines(office: Office) -> None:
    """§7 no. 16: everything stands at claim level."""
    office.bill(claim("PCN1", Line("99213", usd("60")), Line("93000", usd("40"))))
    bare = Answer("PCN1", "1", 10000, 7000, cas=cas("CO-45 20, PR-1 10"), patient=EDITH)
    clean(office.pay(bare), "70.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="70.00",
        written_off="20.00",
        patient_responsibility="10.00",
    )


@pytest.mark.parametrize("status", ["23", "25"])
def test_notices_without_money_change_nothing(office: Office, status: str) -> None:
    """§2.3: forwarded (not ours) and predetermination never post, never open a claim."""
    office.bill(claim("PCN1"))
    result = office.pay(whole("PCN1", status, "100", "0", "CO-45 100"))
    assert (result["unapplied"], result["exceptions"]) == ("0.00", 0)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    office.pay(whole("PCN9", status, "100", "0", "CO-45 100"))
    with pytest.raises(NotFound):
        office.book.claim("PCN9")


@pytest.mark.parametrize("status", ["23", "25", "5"])
def test_money_under_a_status_that_carries_none_waits(office: Office, status: str) -> None:
    office.bill(claim("PCN1"))
    result = office.pay(whole("PCN1", status, "100", "80", "CO-45 20"))
    assert (result["unapplied"], result["posted"]) == ("80.00", "0.00")
    assert office.kinds() == ["status_without_rule"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
