"""A rejected claim: no appeal, no denied money, the filing limit from the date of service."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from medcollect.denials.rejection import RejectionFacts, assess_rejection

TODAY = date(2026, 3, 2)
FACTS = RejectionFacts(
    kind="277CA",
    codes=("A7:562:85", "A7:21"),
    rejected_on=date(2026, 2, 4),
    open_cents=400_00,
    payer_name="GREAT RIVER MEDICARE SERVICES",
    filing_indicator="MB",
    service_from=date(2026, 1, 20),
    form="P",
)


def test_the_clock_is_the_filing_limit_from_the_date_of_service() -> None:
    judged = assess_rejection(FACTS, TODAY)
    assert judged.deadline == date(2027, 1, 20)
    assert "timely filing" in judged.deadline_rule
    assert (judged.category, judged.appealable, judged.amount_cents) == ("rejected", False, 0)
    assert judged.next_action == "correct_and_resubmit"


def test_it_is_worth_the_whole_claim_until_the_limit_has_passed() -> None:
    assert assess_rejection(FACTS, TODAY).expected_value_cents == 275_00
    late = assess_rejection(FACTS, date(2027, 2, 1))
    assert (late.expected_value_cents, late.priority) == (0, 0)
    assert "The limit ended on 2027-01-20" in late.explanation


def test_it_says_who_rejected_what_and_why() -> None:
    told = assess_rejection(FACTS, TODAY).explanation
    assert told.startswith(
        "GREAT RIVER MEDICARE SERVICES rejected the claim of 2026-01-20 over $400.00 on 2026-02-04 "
        "(277CA A7:562:85): data is wrong: the NPI of the billing provider; data is wrong: "
        "information is missing or wrong."
    )
    assert "nothing to appeal" in told


def test_a_payer_without_a_known_limit_says_so() -> None:
    plan = replace(FACTS, payer_name="PLAINFIELD MUTUAL HEALTH", filing_indicator="CI")
    judged = assess_rejection(plan, TODAY)
    assert judged.deadline is None
    assert "No filing limit is on file" in judged.explanation


def test_whole_files_are_rejected_by_their_own_codes() -> None:
    file = replace(FACTS, kind="TA1", codes=("025",), rejected_by="CLEARHOUSE01")
    assert file.code == "TA1:025"
    told = assess_rejection(file, TODAY).cause
    assert told == "the whole file: the control number was used before"
    silent = replace(FACTS, kind="999", codes=())
    assert (silent.code, assess_rejection(silent, TODAY).cause) == ("999", "the whole transaction")


def test_a_claim_that_was_not_found_is_looked_for_first() -> None:
    lost = replace(FACTS, kind="277", codes=("D0:35",), not_found=True)
    told = assess_rejection(lost, TODAY).explanation
    assert "did not find the claim" in told
    assert "look for the acceptance" in told


def test_a_replacement_is_sent_again_as_one() -> None:
    told = assess_rejection(replace(FACTS, claim_frequency="7"), TODAY).explanation
    assert "send it again with frequency 7" in told


def test_codes_outside_our_table_are_shown_as_they_are() -> None:
    odd = replace(FACTS, codes=("A9:9999:ZQ",))
    assert assess_rejection(odd, TODAY).cause == "A9: status 9999"
