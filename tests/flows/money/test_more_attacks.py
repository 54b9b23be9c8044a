"""Situations nobody has tried.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from medcollect.errors import NotFound
from tests.flows.money.office import (
    BOTH_PAID,
    HARBOR,
    LIFT,
    LINE_ONE,
    MEDICARE,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    TWO_LINES,
    Office,
    a_837,
    an_835,
    answer,
    claim,
    clean,
    expect,
    one_answer,
    service,
    whole,
)
from tests.support.specs import (
    Line,
    ProviderAdjustment,
    reversal,
    usd,
)


def test_only_one_part_of_a_split_answer_is_taken_back(office: Office) -> None:
    """The other part stands; the lines of the first are open again."""
    office.bill(claim("PCN1", *TWO_LINES))
    paid_two = answer("PCN1", "1", service("93000", "40", "30", "CO-45 10"), control_number="ICNB")
    office.pay(LINE_ONE, paid_two)
    office.pay(reversal(LINE_ONE), LIFT, days=9)
    expect(
        office,
        "PCN1",
        "undecided",
        "100.00",
        insurance_paid="30.00",
        written_off="10.00",
        insurance_open="60.00",
    )


def test_a_held_payment_and_its_takeback_both_wait(office: Office) -> None:
    """The original never posted: taking it back must not move the claim."""
    office.bill(claim("PCN1"))
    wrong = whole("PCN1", "1", "100", "80", "CO-45 15", control_number="ICN1")
    office.pay(wrong)
    office.pay(reversal(PAID_80, control_number="ICN1"), LIFT, days=5)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert office.kinds() == ["claim_payment_does_not_balance", "reversal_without_original"]


def test_a_released_payment_is_taken_back_like_any_other(office: Office) -> None:
    office.bill(claim("PCN1"))
    wrong = whole("PCN1", "1", "100", "80", "CO-45 15", control_number="ICN1")
    office.pay(wrong)
    question = office.exception("claim_payment_does_not_balance")
    office.book.resolve(question["id"], post_anyway=True, reason="called", user="ann")
    office.pay(reversal(PAID_80, control_number="ICN1"), LIFT, days=5)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert office.kinds() == []


def test_a_payment_of_a_second_answer_that_a_person_lets_post(office: Office) -> None:
    """Paid 80 and written off 20; 5 more with CO-45 95: nothing is written off twice."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.pay(whole("PCN1", "1", "100", "5", "CO-45 95"), days=9)
    question = office.exception("second_answer")
    office.book.resolve(question["id"], post_anyway=True, reason="top-up", user="ann")
    expect(
        office,
        "PCN1",
        "credit_payer",
        "100.00",
        insurance_paid="85.00",
        written_off="20.00",
        payer_credit="5.00",
    )


def test_a_secondary_that_a_person_lets_post_alone_then_the_primary_comes(office: Office) -> None:
    """The decision rests on nothing missing any more: the order of payers is right again."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(SECONDARY, payer=HARBOR)
    question = office.exception("waiting_for_earlier_payer")
    office.book.resolve(question["id"], post_anyway=True, reason="primary on paper", user="ann")
    assert office.book.claim("PCN1")["insurance_paid"] == "15.00"
    office.pay(PRIMARY, days=3)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_sequestration_is_nobodys_but_the_providers(office: Office) -> None:
    """4.3: CO-253 is written off before and after the supplement answers."""
    office.bill(claim("PCN1", payers=(MEDICARE, HARBOR)))
    office.pay(whole("PCN1", "1", "100", "62.72", "CO-45 20, CO-253 1.28, PR-2 16"), payer=MEDICARE)
    office.pay(whole("PCN1", "2", "100", "16", "OA-23 84"), payer=HARBOR, days=5)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="78.72", written_off="21.28")


def test_a_secondary_denial_of_the_rest_is_a_case_of_its_own(office: Office) -> None:
    """The primary's share is refused by the secondary: insurance open, denied, not billable."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 80, CO-29 20"), payer=HARBOR, days=5)
    expect(
        office,
        "PCN1",
        "denied",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    assert office.denied() == [("CO-29", "20.00")]


def test_a_secondary_that_repeats_a_primary_denial(office: Office) -> None:
    """Primary refuses a line; the secondary refuses it too: one amount open, not two."""
    office.bill(claim("PCN1", *TWO_LINES, payers=(PLAIN, HARBOR)))
    office.pay(
        answer("PCN1", "1", service("99213", "60", "60"), service("93000", "40", "0", "CO-197 40"))
    )
    office.pay(
        answer(
            "PCN1",
            "2",
            service("99213", "60", "0", "OA-23 60"),
            service("93000", "40", "0", "CO-197 40"),
        ),
        payer=HARBOR,
        days=4,
    )
    expect(office, "PCN1", "denied", "100.00", insurance_paid="60.00", insurance_open="40.00")
    assert office.book.claim("PCN1")["denied"] == "40.00"


def test_a_line_of_zero_charge_changes_nothing(office: Office) -> None:
    office.bill(claim("PCN1", Line("99213", usd("100")), Line("3074F", 0)))
    clean(
        office.pay(
            answer(
                "PCN1", "1", service("99213", "100", "80", "CO-45 20"), service("3074F", "0", "0")
            )
        ),
        "80.00",
    )
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_line_that_was_never_billed_is_paid(office: Office) -> None:
    """The payer adds a line of its own (an incentive): the claim is overpaid, not broken."""
    office.bill(claim("PCN1"))
    extra = answer(
        "PCN1",
        "1",
        service("99213", "100", "80", "CO-45 20"),
        service("S0001", "0", "7", "CO-94 -7"),
    )
    clean(office.pay(extra), "87.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="87.00", written_off="13.00")


def test_units_split_by_the_payer_settle_the_one_line(office: Office) -> None:
    """§6.2 split: one line of 90.00 answered in two parts; the line ends at zero."""
    office.bill(claim("PCN1", Line("97110", usd("90"), units="3"), Line("99213", usd("50"))))
    found = office.pay(
        answer(
            "PCN1",
            "1",
            service("97110", "30", "20", "CO-45 10", units="1"),
            service("97110", "60", "30", "CO-45 20, PR-1 10", units="2"),
            service("99213", "50", "50"),
        )
    )
    clean(found, "100.00")
    shown = expect(
        office,
        "PCN1",
        "patient_billable",
        "140.00",
        insurance_paid="100.00",
        written_off="30.00",
        patient_responsibility="10.00",
    )
    assert [line["insurance_open"] for line in shown["lines"]] == ["0.00", "0.00"]


def test_fully_capitated_with_copay_and_a_denied_extra(office: Office) -> None:
    """CO-24 written off, PR-3 the patient's, CO-197 a case."""
    hmo = replace(PLAIN, name="VALLEY CARE HMO", plan="HM", tax_id="999000107")
    office.bill(claim("PCN1", *TWO_LINES, payers=(hmo,)))
    office.pay(
        answer(
            "PCN1",
            "1",
            service("99213", "60", "0", "CO-24 40, PR-3 20"),
            service("93000", "40", "0", "CO-197 40"),
        ),
        payer=hmo,
    )
    expect(
        office,
        "PCN1",
        "denied",
        "100.00",
        written_off="40.00",
        patient_responsibility="20.00",
        insurance_open="40.00",
    )


def test_medicare_says_the_patient_is_in_another_plan(office: Office) -> None:
    """4.3: CO-24 under MB is a denial: bill the other plan."""
    one_answer(office, whole("PCN1", "1", "100", "0", "CO-24 100"), payer=MEDICARE)
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")


def test_recoveries_net_under_their_reference(office: Office) -> None:
    """E14/E15: WO postponed, then taken; each check proves; the account ends at zero."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    postponed = ProviderAdjustment("WO", "ICN100", usd("-80"))
    clean(office.pay(reversal(PAID_80), days=5, provider_adjustments=(postponed,)), "0.00")
    taken = ProviderAdjustment("WO", "ICN100", usd("80"))
    clean(office.pay(LIFT, days=9, provider_adjustments=(taken,)), "420.00")
    query = "SELECT detail, SUM(cents) FROM postings WHERE account = 'provider_adjustment'"
    kept = office.sql(f"{query} GROUP BY detail")
    assert kept == [("WO:ICN100", 0)]
    found = expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert [p["amount"] for p in found["provider_adjustments"]] == ["-80.00", "80.00"]


def test_six_pairs_and_a_second_plb_all_count(office: Office) -> None:
    many = tuple(ProviderAdjustment("WO", f"R{n}", usd(f"{n}.01")) for n in range(1, 9))
    total = sum(item.cents for item in many)
    assert total == usd("36.08")
    result = office.pay(LIFT, provider_adjustments=many)
    assert (result["payments_total"], result["provider_adjustments"]) == ("463.92", "36.08")
    assert (result["posted"], result["unapplied"]) == ("463.92", "0.00")


def test_one_file_with_claims_and_answers_of_both_kinds(office: Office) -> None:
    """An 837 and two 835 in one import call, in the worst order, twice."""
    paths = [
        office.write(an_835(SECONDARY, payer=HARBOR, days=4)),
        office.write(an_835(PRIMARY)),
        office.write(a_837(claim("PCN1", payers=(PLAIN, HARBOR)))),
    ]
    first = office.book.import_files(paths)
    assert (first["posted"], first["unapplied"], first["exceptions"]) == ("75.00", "0.00", 0)
    again = office.book.import_files(paths)
    assert (again["payments_total"], again["posted"], again["duplicates"]) == ("0.00", "0.00", 3)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    office.book.undo(again["import"])
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_undo_of_the_first_of_two_imports_keeps_what_the_second_brought_too(office: Office) -> None:
    """The second import skipped the file as known: undoing the first must not lose it."""
    path = office.write(an_835(PAID_80))
    first = office.book.import_files([path])
    second = office.book.import_files([path])
    office.book.undo(first["import"])
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    office.book.undo(second["import"])
    with pytest.raises(NotFound):
        office.book.claim("PCN1")
    assert (
        office.sql("SELECT SUM(cents) FROM postings GROUP BY account HAVING SUM(cents) <> 0") == []
    )


def test_a_patient_payment_larger_than_everything_while_the_payer_is_silent(office: Office) -> None:
    """DESIGN 8.1: a deposit while a payer has yet to answer; state says so."""
    office.bill(claim("PCN1", patient_paid=usd("120")))
    expect(
        office,
        "PCN1",
        "with_payer",
        "100.00",
        insurance_open="100.00",
        patient_paid="120.00",
        credit="120.00",
    )


def test_names_and_case_of_the_payer_do_not_make_it_another(office: Office) -> None:
    """The payer shortens its name: its second answer replaces its denial all the same."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN1"))
    other = replace(PLAIN, name="Plainfield Mutual Health, Inc.")
    office.pay(replace(PAID_80, control_number="ICN1"), payer=other, days=9)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.denied() == []


def test_a_payer_under_a_slightly_other_name_pays_twice(office: Office) -> None:
    """Same tax id in TRN03, another spelling: it is still the same payer paying again."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    other = replace(PLAIN, name="PLAINFIELD MUTUAL HEALTH INC")
    result = office.pay(whole("PCN1", "1", "100", "80", "CO-45 20"), payer=other, days=9)
    assert result["unapplied"] == "80.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
