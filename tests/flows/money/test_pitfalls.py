"""Pitfalls of matching (claim_rules.md 6.3) and edge cases (7), each with its expected ledger.

Which test covers which item stands in ``test_rule_book.py``. The figures were worked out by
hand; the office fixture checks the laws of the whole book after each test.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.flows.money.office import (
    EDITH,
    OSCAR,
    PAID_80,
    PLAIN,
    SERVED,
    Office,
    altered,
    answer,
    claim,
    clean,
    expect,
    later,
    service,
    whole,
)
from tests.support.builder import PRACTICE, Envelope, build_835, build_837
from tests.support.specs import (
    Coverage,
    Line,
    Person,
    Remit,
    Service,
    reversal,
    usd,
    with_check_digit,
)

CLOSED_80 = {"insurance_paid": "80.00", "written_off": "20.00"}
THERAPY = replace(PRACTICE, name="CEDAR HOLLOW THERAPY", npi=with_check_digit("176543210"))
JADEN = Person("MARLOWE", "JADEN", date(2015, 4, 2), "M")
JAYDEN = replace(JADEN, first="JAYDEN")
PARENT = (Coverage(PLAIN, "W100200300", subscriber=EDITH),)


# -- 6.3 -----------------------------------------------------------------------------------------


def test_a_correction_before_its_reversal_waits_then_settles(office: Office) -> None:
    """The correction refers to the paid answer; the takeback comes with another file."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    fixed = whole("PCN1", "1", "100", "90", "CO-45 10", control_number="ICN200")
    office.pay(replace(fixed, original_reference="ICN100"), days=7)
    assert office.exception("second_answer")["amount"] == "90.00"
    expect(office, "PCN1", "closed", "100.00", **CLOSED_80)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(reversal(PAID_80), other, days=7)
    assert office.kinds() == []
    expect(office, "PCN1", "closed", "100.00", insurance_paid="90.00", written_off="10.00")


def test_one_check_for_two_practices_goes_by_the_matched_claims(office: Office) -> None:
    """Two tax ids in one payee's remittance: each claim keeps its practice and its account."""
    office.bill(claim("PCN1"))
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SERVED, control=77)
    office.file(build_837([claim("0PCN9")], envelope, THERAPY))
    clean(office.pay(PAID_80, replace(PAID_80, number="PCN9", control_number="ICN900")), "160.00")
    for number in ("PCN1", "0PCN9"):
        expect(office, number, "closed", "100.00", **CLOSED_80)
    accounts = {office.book.claim(number)["account"] for number in ("PCN1", "0PCN9")}
    assert len(accounts) == 2


def test_one_number_at_two_practices_is_two_claims(office: Office) -> None:
    """Numbers that are equal once zeros are stripped: patient and day tell them apart."""
    office.bill(claim("4711"))
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SERVED, control=77)
    theirs = claim("0004711", patient=OSCAR, coverages=(Coverage(PLAIN, "W200"),))
    office.file(build_837([theirs], envelope, THERAPY))
    stranger = replace(PAID_80, number="4711", patient=OSCAR, member_id="W200")
    clean(office.pay(stranger), "80.00")
    rows = {r["patient_control_number"]: r for r in office.book.report("claims")["rows"]}
    assert (rows["4711"]["insurance_open"], rows["0004711"]["insurance_paid"]) == (
        "100.00",
        "80.00",
    )


def test_a_payers_running_number_for_a_paper_claim(office: Office) -> None:
    """CLP01 = 17: no number of ours; member, day, charge and procedures tell."""
    office.bill(claim("PCN1"))
    clean(office.pay(replace(PAID_80, number="17")), "80.00")
    expect(office, "PCN1", "closed", "100.00", **CLOSED_80)


def test_a_claim_sent_again_under_a_new_number_and_a_remit_for_the_old(office: Office) -> None:
    """Both numbers are claims; each answer goes to the one it names."""
    office.bill(claim("OLD1"))
    office.bill(claim("NEW1"), day=later(10))
    office.pay(replace(PAID_80, number="NEW1"), days=20)
    refused = whole("OLD1", "1", "100", "0", "CO-29 100", control_number="ICN001")
    clean(office.pay(refused, days=22), "0.00")
    expect(office, "NEW1", "closed", "100.00", **CLOSED_80)
    expect(office, "OLD1", "denied", "100.00", insurance_open="100.00")


def test_another_locations_claim_of_a_patient_we_know(office: Office) -> None:
    """Patient known, claim unknown: it opens a claim of its own on the patient's account."""
    office.bill(claim("PCN1"))
    other_day = replace(
        PAID_80,
        number="ELSEWHERE7",
        control_number="ICN700",
        services=tuple(replace(s, day=SERVED + timedelta(days=3)) for s in PAID_80.services),
    )
    clean(office.pay(other_day), "80.00")
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    expect(office, "ELSEWHERE7", "closed", "100.00", **CLOSED_80)
    accounts = {office.book.claim(number)["account"] for number in ("PCN1", "ELSEWHERE7")}
    assert len(accounts) == 1


def test_a_claim_over_a_range_of_days(office: Office) -> None:
    """DTM 150/151 inside the claim's days, and one of the days alone (7 no. 17)."""
    last = SERVED + timedelta(days=4)
    lines = (Line("97110", usd("60"), day=SERVED), Line("97140", usd("40"), day=last))
    office.bill(claim("PCN1", *lines, service_to=last))
    first = service("97110", "60", "50", "CO-45 10", last_day=SERVED + timedelta(days=1))
    second = service("97140", "40", "30", "CO-45 10", day=last)
    said = answer("PCN1", "1", first, second, control_number="ICN100")
    clean(office.pay(said), "80.00")
    expect(office, "PCN1", "closed", "100.00", **CLOSED_80)


def test_two_equal_visits_of_one_day_with_the_number_lost_ask(office: Office) -> None:
    """Nothing tells them apart: a person does, and the money waits until then."""
    office.bill(claim("VISITA"), claim("VISITB"))
    lost = replace(PAID_80, number="0")
    result = office.pay(lost)
    assert result["unapplied"] == "80.00"
    question = office.exception("several_claims")
    assert {c["patient_control_number"] for c in question["candidates"]} == {"VISITA", "VISITB"}
    assert question["states"]["charge"] == "100.00"
    chosen = office.book.claim("VISITB")["id"]
    office.book.resolve(question["id"], to=chosen, reason="by the schedule", user="ann")
    expect(office, "VISITB", "closed", "100.00", **CLOSED_80)
    expect(office, "VISITA", "with_payer", "100.00", insurance_open="100.00")


def test_equal_visits_with_line_control_numbers_are_told_apart(office: Office) -> None:
    """6.1 no. 1: REF*6R came back although the number did not."""
    office.bill(
        claim("VISITA", Line("99213", usd("100"), control="VISITA01")),
        claim("VISITB", Line("99213", usd("100"), control="VISITB01")),
    )
    told = service("99213", "100", "80", "CO-45 20", control="VISITB01")
    clean(office.pay(answer("0", "1", told, control_number="ICN1")), "80.00")
    expect(office, "VISITB", "closed", "100.00", **CLOSED_80)


def test_twins_on_one_day_under_a_number_cut_off(office: Office) -> None:
    """One member id, one day, one charge, one beginning of the number: the first name tells."""
    numbers = {"JADEN": "CLINIC2026000012341", "JAYDEN": "CLINIC2026000012342"}
    children = {"JADEN": JADEN, "JAYDEN": JAYDEN}
    office.bill(*(claim(numbers[n], patient=children[n], coverages=PARENT) for n in numbers))
    cut = replace(PAID_80, number="CLINIC202600001", member_id="W10020030001")
    clean(office.pay(replace(cut, patient=JAYDEN)), "80.00")
    expect(office, numbers["JAYDEN"], "closed", "100.00", **CLOSED_80)
    expect(office, numbers["JADEN"], "with_payer", "100.00", insurance_open="100.00")


def test_a_sister_whose_claim_is_not_on_file_does_not_pay_her_brothers(office: Office) -> None:
    """Family member id, same day, same charge, number lost, another first name."""
    office.bill(claim("PCN1", patient=JADEN, coverages=PARENT))
    sister = replace(JADEN, first="BEATRIX", birth=date(2018, 8, 8))
    office.pay(replace(PAID_80, number="0", patient=sister, member_id="W100200300"))
    assert office.kinds() == ["claim_not_certain"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_patient_registered_twice(office: Office) -> None:
    """Merged patients: another spelling and no birth date in common, the member id is the same."""
    again = replace(EDITH, last="MARLOW")
    office.bill(claim("PCN1", patient=again, coverages=(Coverage(PLAIN, "W100200300"),)))
    clean(office.pay(replace(PAID_80, number="0", member_id="W100200300")), "80.00")
    expect(office, "PCN1", "closed", "100.00", **CLOSED_80)


def test_a_corrected_member_id_finds_the_claim_under_the_old_or_the_new_one(
    office: Office,
) -> None:
    """NM1*74, the number lost: the claim may have been sent with either id."""
    for number, member in (("PCN1", "OLD100200"), ("PCN2", "NEW700800")):
        day = SERVED if number == "PCN1" else SERVED + timedelta(days=7)
        office.bill(claim(number, coverages=(Coverage(PLAIN, member),), service_from=day))
        lines = tuple(replace(s, day=day) for s in PAID_80.services)
        told = replace(PAID_80, number="0", services=lines, control_number=f"ICN{number}")
        office.pay(replace(told, member_id="OLD100200", corrected_id="NEW700800"), days=len(lines))
        expect(office, number, "closed", "100.00", **CLOSED_80)


def test_a_lost_number_and_an_unknown_member_never_open_a_second_claim(office: Office) -> None:
    """6.1 no. 6, name, day and charge: a person is asked, in either order of the files."""
    lost = replace(PAID_80, number="0", member_id="X999888777")
    office.bill(claim("PCN1"))
    office.pay(lost)
    question = office.exception("claim_not_certain")
    assert [c["patient_control_number"] for c in question["candidates"]] == ["PCN1"]
    assert len(office.book.report("claims")["rows"]) == 1


def test_a_part_of_a_split_claim_with_its_number_lost_asks(office: Office) -> None:
    """MA15 on paper: member and day agree, the charge is that of one line."""
    office.bill(claim("PCN1", Line("99213", usd("60")), Line("93000", usd("40"))))
    part = answer("0", "1", service("93000", "40", "30", "CO-45 10"), remarks=("MA15",))
    office.pay(part)
    assert office.kinds() == ["claim_not_certain"]
    assert len(office.book.report("claims")["rows"]) == 1


def test_a_split_claim_with_two_equal_lines_adds_up(office: Office) -> None:
    """Two lines of one code and charge, each answered in a claim payment of its own."""
    office.bill(claim("PCN1", Line("97110", usd("50")), Line("97110", usd("50"))))
    for number, paid in (("ICNA1", "40"), ("ICNB1", "35")):
        said = service("97110", "50", paid, f"CO-45 {50 - int(paid)}", control="1")
        clean(office.pay(answer("PCN1", "1", said, control_number=number, remarks=("MA15",))),
              f"{paid}.00")  # fmt: skip
    expect(office, "PCN1", "closed", "100.00", insurance_paid="75.00", written_off="25.00")


def test_a_denial_that_comes_after_the_replacement(office: Office) -> None:
    """The old charge is answered when the new one is on file; the number is cut off."""
    number = "CLINIC2026000012341"
    office.bill(claim(number))
    fixed = claim(number, Line("99214", usd("120")), frequency="7", original_reference="ICN1")
    office.bill(fixed, day=later(5))
    cut = "CLINIC202600001"
    office.pay(whole(cut, "1", "100", "0", "CO-16 100", control_number="ICN1"), days=6)
    paid = answer(cut, "1", service("99214", "120", "90", "CO-45 30"), control_number="ICN2")
    clean(office.pay(paid, days=20), "90.00")
    expect(office, number, "closed", "120.00", insurance_paid="90.00", written_off="30.00")


def test_a_recoded_line_without_the_submitted_code(office: Office) -> None:
    """N22, SVC06 left out: what is left of charge and day pairs, and the line adds up."""
    office.bill(claim("PCN1", Line("99214", usd("60")), Line("93000", usd("40"))))
    said = answer(
        "PCN1",
        "1",
        service("99213", "60", "45", "CO-45 15", remarks=("N22",)),
        service("93000", "40", "35", "CO-45 5"),
        control_number="ICN1",
    )
    clean(office.pay(said), "80.00")
    found = expect(office, "PCN1", "closed", "100.00", **CLOSED_80)
    assert [line["insurance_paid"] for line in found["lines"]] == ["45.00", "35.00"]


# -- 7 -------------------------------------------------------------------------------------------


def test_two_segments_of_one_group_all_count(office: Office) -> None:
    """7 no. 3: CAS*CO twice on one line, one of them negative."""
    office.bill(claim("PCN1"))
    said = service("99213", "100", "80", "CO-45 30, PR-3 5, CO-253 2, CO-94 -17")
    clean(office.pay(answer("PCN1", "1", said, control_number="ICN1")), "80.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="80.00",
        written_off="15.00",
        patient_responsibility="5.00",
    )


def test_a_remark_without_an_adjustment_changes_no_money(office: Office) -> None:
    """7 no. 11: LQ with no CAS."""
    office.bill(claim("PCN1"))
    said = service("99213", "100", "100", remarks=("N130",))
    clean(office.pay(answer("PCN1", "1", said, control_number="ICN1")), "100.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="100.00")
    assert office.denied() == []


def test_a_4010_remittance_posts(office: Office) -> None:
    """7 no. 12: the older version with a code that is deactivated since."""
    office.bill(claim("PCN1"))
    remit = office.payment(whole("PCN1", "1", "100", "80", "CO-42 20", control_number="ICN1"))
    result = altered(office, remit, "005010X221A1", "004010X091A1")
    assert (result["posted"], result["matched"]) == ("80.00", 1)
    expect(office, "PCN1", "closed", "100.00", **CLOSED_80)


def test_an_icd_9_claim_is_answered_like_any_other(office: Office) -> None:
    """7 no. 13: BK and BF, before 2015-10-01."""
    day = date(2015, 9, 14)
    envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=5)
    sent = claim("PCN1", service_from=day, diagnoses=("25000", "4019"))
    text = build_837([sent], envelope).replace("ABK:", "BK:").replace("ABF:", "BF:")
    office.file(text)
    said = service("99213", "100", "80", "CO-45 20", day=day)
    remit = Remit(PLAIN, "T2015", date(2015, 9, 30), (answer("PCN1", "1", said),))
    office.file(build_835([remit], Envelope(day=remit.day, control=6)))
    found = expect(office, "PCN1", "closed", "100.00", **CLOSED_80)
    assert found["lines"][0]["diagnoses"] == ["25000"]  # the one that the line points to


def test_a_minor_owes_under_its_own_account(office: Office) -> None:
    """7 no. 15: the insured is the parent, the patient is the child."""
    office.bill(claim("PCN1", patient=JADEN, coverages=PARENT))
    copay = whole("PCN1", "1", "100", "60", "CO-45 20, PR-3 20", member_id="W100200300")
    clean(office.pay(replace(copay, patient=JADEN)), "60.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )
    patient = office.book.balance("PCN1")["patient"]
    assert (patient["last_name"], patient["first_name"]) == ("MARLOWE", "JADEN")


def test_999_lines(office: Office) -> None:
    """7 no. 16: the most that a hospital claim may have, each answered; equal lines in order."""
    lines = tuple(
        Line("", 100 + number % 7, revenue="0250", control=f"L{number:04d}")
        for number in range(1, 1000)
    )
    billed = claim("PCN1", *lines, form="I", place="13")
    office.bill(billed)
    services = tuple(
        Service("", x.charge, x.charge - 1, (("CO", "45", 1),), revenue="0250", control=x.control)
        for x in lines
    )
    said = answer("PCN1", "1", *services, service_from=SERVED, control_number="ICN1")
    paid = billed.charge - 999
    clean(office.pay(said), f"{paid // 100}.{paid % 100:02d}")
    expect(
        office,
        "PCN1",
        "closed",
        f"{billed.charge // 100}.{billed.charge % 100:02d}",
        insurance_paid=f"{paid // 100}.{paid % 100:02d}",
        written_off="9.99",
    )
