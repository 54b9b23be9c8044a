"""Every pitfall of claim_rules.md 6.3 and every edge case of 7, with the tests that show it.

Each part of each number names a test with its expected ledger; a number without one, or a name that
no test has any more, fails here. The few that no other file has stand below.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.flows.money.office import Office, claim, clean, expect, whole
from tests.support.builder import Envelope, build_835

#: Pitfall of 6.3 (and what 6.1 and 6.4 add) -> its tests, in this folder.
PITFALLS: dict[str, tuple[str, ...]] = {
    "reversal whose original is unknown": (
        "test_takebacks::test_a_reversal_of_what_is_known_to_nobody_waits_without_a_claim",
    ),
    "correction first seen without reversal": (
        "test_pitfalls::test_a_correction_before_its_reversal_waits_then_settles",
    ),
    "two tax ids in one payee's remittance": (
        "test_pitfalls::test_one_check_for_two_practices_goes_by_the_matched_claims",
        "test_pitfalls::test_one_number_at_two_practices_is_two_claims",
        "test_claims::test_one_patient_at_two_practices_in_one_file",
    ),
    "paper claims: CLP01 is 0 or the payer's sequence": (
        "test_claims::test_a_remittance_without_any_number_finds_the_visit",
        "test_pitfalls::test_a_payers_running_number_for_a_paper_claim",
    ),
    "claim sent again with a new number, remittance for the old": (
        "test_pitfalls::test_a_claim_sent_again_under_a_new_number_and_a_remit_for_the_old",
    ),
    "voided claim answered with a reversal only": (
        "test_claims::test_a_voided_claim_with_money_owes_it_back",
    ),
    "secondary before the primary": (
        "test_payers::test_secondary_before_primary_waits_then_posts",
    ),
    "crossover without known secondary coverage": (
        "test_payers::test_a_crossover_waits_for_the_carrier_it_names",
    ),
    "patient known, claim unknown": (
        "test_pitfalls::test_another_locations_claim_of_a_patient_we_know",
    ),
    "claims over a range of days": ("test_pitfalls::test_a_claim_over_a_range_of_days",),
    "two visits of one day with equal codes": (
        "test_claims::test_two_equal_visits_of_one_day_are_two_claims",
        "test_pitfalls::test_two_equal_visits_of_one_day_with_the_number_lost_ask",
        "test_pitfalls::test_equal_visits_with_line_control_numbers_are_told_apart",
    ),
    "merged patients": ("test_pitfalls::test_a_patient_registered_twice",),
    "the same remittance twice (6.4)": (
        "test_checks::test_an_equal_transaction_twice_in_one_file_is_one",
        "test_checks::test_a_check_issued_again_with_other_content_is_kept_aside",
    ),
    "twins, families, corrected member ids (6.1)": (
        "test_pitfalls::test_twins_on_one_day_under_a_number_cut_off",
        "test_pitfalls::test_a_sister_whose_claim_is_not_on_file_does_not_pay_her_brothers",
        "test_pitfalls::test_a_corrected_member_id_finds_the_claim_under_the_old_or_the_new_one",
    ),
}

#: Number in 7 -> part of it -> its test, in this folder.
EDGE_CASES: dict[int, dict[str, str]] = {
    1: {
        "odd separators": "test_rule_book::test_odd_separators_are_the_same_money",
        "wrapped lines": "test_rule_book::test_wrapped_lines_are_the_same_money",
    },
    2: {
        "in checks": "test_checks::test_amounts_in_other_forms_are_the_same_money",
        "in claims and adjustments": (
            "test_rule_book::test_amounts_of_claims_in_other_forms_are_the_same_money"
        ),
    },
    3: {
        "six triplets": "test_rule_book::test_six_triplets_of_one_segment_all_post",
        "two segments of a group, one negative": (
            "test_pitfalls::test_two_segments_of_one_group_all_count"
        ),
    },
    4: {
        "missing, or not the sum": (
            "test_answers::test_patient_responsibility_is_the_sum_of_pr_whatever_clp05_says"
        ),
    },
    5: {"copay above allowed": "test_answers::test_a_copay_as_large_as_the_allowed_amount"},
    6: {
        "4 with CO-16": (
            "test_answers::test_status_4_with_missing_information_is_a_denial_by_money"
        ),
        "1 with CO-45 of the whole charge": (
            "test_answers::test_status_1_with_the_full_charge_as_contractual_writes_off"
        ),
    },
    7: {
        "without prior": (
            "test_takebacks::test_a_reversal_of_what_is_known_to_nobody_waits_without_a_claim"
        ),
        "22 and 1 with changed CLP07": (
            "test_takebacks::test_reversal_and_correction_in_one_remittance"
        ),
        "after the patient paid": (
            "test_takebacks::test_a_reversal_after_the_patient_paid_leaves_a_deposit"
        ),
    },
    8: {
        "PLB alone, FB in and out": "test_checks::test_provider_adjustments_alone",
        "FB over three checks": "test_recoveries::test_a_balance_is_carried_over_three_checks",
    },
    9: {
        "CO-45 instead of OA-23": (
            "test_payers::test_secondary_writes_off_with_45_what_the_primary_already_took"
        ),
    },
    10: {"OA-23 and OA-94": "test_answers::test_a_secondary_with_oa23_and_a_negative_94"},
    11: {
        "LQ without CAS": "test_pitfalls::test_a_remark_without_an_adjustment_changes_no_money",
        "MOA remarks only": "test_answers::test_remark_codes_of_the_claim_alone",
        "unknown CARC": "test_answers::test_an_unknown_reason_stays_open_and_is_a_case",
    },
    12: {
        "4010 with a deactivated code": "test_pitfalls::test_a_4010_remittance_posts",
        "group CR": "test_answers::test_group_cr_of_old_files_is_never_posted_by_itself",
    },
    13: {"ICD-9": "test_pitfalls::test_an_icd_9_claim_is_answered_like_any_other"},
    14: {
        "several ST that repeat the whole": (
            "test_checks::test_one_check_in_two_transactions_that_each_repeat_the_whole"
        ),
        "several ST with their own amounts": (
            "test_checks::test_one_check_in_two_transactions_with_their_own_amounts"
        ),
        "one TRN02 from two payers": (
            "test_checks::test_the_same_trace_number_from_two_payers_is_two_payments"
        ),
    },
    15: {
        "QMB with PR": "test_law::test_a_qmb_share_with_no_payer_left_is_written_off",
        "Medicaid with PR": "test_law::test_medicaid_leaves_only_its_copay_billable",
        "deceased": "test_deceased::test_nothing_is_billable_until_somebody_acts_for_the_estate",
        "deceased, by the claim itself": "test_deceased::test_a_claim_that_says_so_holds_itself",
        "minor": "test_pitfalls::test_a_minor_owes_under_its_own_account",
    },
    16: {
        "999 lines": "test_pitfalls::test_999_lines",
        "without SVC": "test_answers::test_a_claim_answered_without_lines",
    },
    17: {
        "no line dates, DTM*232 only": "test_answers::test_lines_without_dates_take_the_claims",
        "150 and 151": "test_pitfalls::test_a_claim_over_a_range_of_days",
    },
    18: {
        "twins": "test_answers::test_twins_in_one_remittance_are_not_both_posted",
        "true split": "test_pitfalls::test_a_split_claim_with_two_equal_lines_adds_up",
    },
    19: {"AMT*I and L6": "test_checks::test_interest_never_touches_the_patient"},
    20: {"add-on taken back": "test_answers::test_an_add_on_taken_back_keeps_its_sign"},
}

NAMED = sorted(
    {name for names in PITFALLS.values() for name in names}
    | {name for parts in EDGE_CASES.values() for name in parts.values()}
)


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file of this folder."""
    source = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    return frozenset(n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef))


def test_no_number_is_without_a_test() -> None:
    assert set(EDGE_CASES) == set(range(1, 21))
    assert all(parts for parts in EDGE_CASES.values())
    assert len(PITFALLS) == 14
    assert all(names for names in PITFALLS.values())


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    assert test in names_in(file)


# -- what no other file has ---------------------------------------------------------------------


PAID = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", control_number="ICN1")
SHARED = {"insurance_paid": "60.00", "written_off": "20.00", "patient_responsibility": "20.00"}


def remittance(office: Office) -> str:
    """A claim on file, and the text of its answer."""
    office.bill(claim("PCN1"))
    paid = office.payment(PAID)
    return build_835([paid], Envelope(day=paid.day, control=9))


def test_odd_separators_are_the_same_money(office: Office) -> None:
    """7 no. 1: a bar, a caret, and the end of a line as terminator."""
    text = remittance(office)
    odd = text.replace("^", "%").replace("*", "|").replace(":", "^").replace("~\n", "\n")
    assert odd != text
    assert not set("*:~") & set(odd)
    clean(office.file(odd), "60.00")
    expect(office, "PCN1", "patient_billable", "100.00", **SHARED)


def test_wrapped_lines_are_the_same_money(office: Office) -> None:
    """7 no. 1: a line ends after 80 columns, wherever that is."""
    whole_line = remittance(office).replace("\n", "")
    pieces = [whole_line[place : place + 80] for place in range(0, len(whole_line), 80)]
    clean(office.file("\r\n".join(pieces)), "60.00")
    expect(office, "PCN1", "patient_billable", "100.00", **SHARED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CAS*CO*45*20~", "CAS*CO*45*20.~"),
        ("CAS*CO*45*20~", "CAS*CO*45*20.000~"),
        ("CAS*CO*45*20~", "CAS*CO*45*19.50**253*.50~"),
        ("CAS*CO*45*20~", "CAS*CO*45*20**94*-0~"),
        ("*100*60*", "*100.*60.00*"),
    ],
)
def test_amounts_of_claims_in_other_forms_are_the_same_money(
    office: Office, old: str, new: str
) -> None:
    """7 no. 2: ``100.``, ``100.000``, ``.50``, ``-0``."""
    text = remittance(office)
    assert old in text
    clean(office.file(text.replace(old, new)), "60.00")
    expect(office, "PCN1", "patient_billable", "100.00", **SHARED)


def test_six_triplets_of_one_segment_all_post(office: Office) -> None:
    """7 no. 3: as many as a segment holds, one of them negative."""
    text = remittance(office)
    six = "CAS*CO*45*10**253*2**44*3**131*4**103*6**94*-5~"
    clean(office.file(text.replace("CAS*CO*45*20~", six)), "60.00")
    found = expect(office, "PCN1", "patient_billable", "100.00", **SHARED)
    (step,) = [step for step in found["steps"] if step["what"] == "answer"]
    for reason in ("CO-45", "CO-253", "CO-44", "CO-131", "CO-103", "CO-94"):
        assert reason in step["text"]
