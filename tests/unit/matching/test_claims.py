"""Which claim a payment answers, by ranked rules with reasons: DESIGN 7, claim_rules.md 6.1."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from medcollect.matching import CONFIDENT_SCORE, Candidate, ClaimFacts, PaymentFacts, choose
from medcollect.matching.claims import score

DAY = date(2026, 1, 12)
LATER = date(2026, 1, 19)


def paid(**more: Any) -> PaymentFacts:
    """A payment that ties to nothing unless ``more`` says so."""
    stated = {
        "patient_control_number": "0",
        "charge_cents": 10000,
        "payer_numbers": frozenset(),
        "member_ids": (),
        "last_name": "MARLOWE",
        "first_name": "EDITH",
        "service_from": DAY,
        "service_to": DAY,
        "line_control_numbers": frozenset(),
        "procedure_codes": frozenset({"99213"}),
    }
    return PaymentFacts(**{**stated, **more})


def sent(**more: Any) -> ClaimFacts:
    stated = {
        "claim": 1,
        "patient_control_numbers": ("PCN1",),
        "charge_cents": 10000,
        "payer_numbers": frozenset({"ICN0001"}),
        "member_ids": ("W10012345",),
        "last_name": "MARLOWE",
        "first_name": "EDITH",
        "service_from": DAY,
        "service_to": DAY,
        "line_control_numbers": frozenset({"L1", "L2"}),
        "line_charges": frozenset({6000, 4000}),
        "procedure_codes": frozenset({"99213", "93000"}),
    }
    return ClaimFacts(**{**stated, **more})


def judged(payment: PaymentFacts, claim: ClaimFacts | None = None) -> Candidate:
    found = score(payment, claim or sent())
    assert found is not None
    return found


RULES = {
    "line_control_numbers": {
        "patient_control_number": "PCN1",
        "line_control_numbers": frozenset({"L1"}),
    },
    "patient_control_number": {"patient_control_number": "PCN1"},
    "payer_claim_control_number": {"payer_numbers": frozenset({"ICN0001"})},
    "member_date_charge": {"member_ids": ("W10012345",)},
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_alone_is_confident_when_all_agrees(rule: str) -> None:
    found = judged(paid(**RULES[rule]))
    assert found.rule == rule
    assert found.score >= CONFIDENT_SCORE
    assert found.why
    assert found.why_not == ()


def test_the_rules_are_ranked_as_the_rule_book_ranks_them() -> None:
    scores = [judged(paid(**RULES[rule])).score for rule in RULES]
    assert scores == sorted(scores, reverse=True)


def test_a_number_cut_off_is_weaker_than_the_whole_and_still_confident() -> None:
    whole = sent(patient_control_numbers=("CLINIC20260000123456",))
    cut = judged(paid(patient_control_number="CLINIC20260000"), whole)
    assert cut.rule == "number_cut_off"
    assert CONFIDENT_SCORE <= cut.score < 88


def test_thirteen_characters_are_not_the_beginning_of_anything() -> None:
    whole = sent(patient_control_numbers=("CLINIC20260000123456",))
    assert score(paid(patient_control_number="CLINIC2026000"), whole) is None


def test_nothing_in_common_is_no_candidate() -> None:
    assert score(paid(patient_control_number="OTHER"), sent()) is None


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"charge_cents": 9900}, "the charge differs"),
        ({"service_from": LATER, "service_to": LATER}, "the days of service are others"),
        (
            {"last_name": "PEMBERTON", "first_name": "OSCAR"},
            "the patient is another person by name and member id",
        ),
    ],
)
def test_what_speaks_against_a_claim_is_said(more: dict[str, Any], text: str) -> None:
    found = judged(paid(patient_control_number="PCN1", **more))
    assert found.why_not == (text,)


def test_a_cent_of_difference_is_a_difference() -> None:
    """6.1: nobody reliable uses a money tolerance."""
    exact = judged(paid(patient_control_number="PCN1"))
    assert judged(paid(patient_control_number="PCN1", charge_cents=10001)).score < exact.score


def test_a_part_of_the_claim_by_the_charge_of_one_line() -> None:
    found = judged(paid(patient_control_number="PCN1", charge_cents=6000))
    assert "the charge is that of one line" in found.why


def test_a_reversal_has_the_charge_with_its_sign_turned() -> None:
    found = judged(paid(patient_control_number="PCN1", charge_cents=-10000, is_reversal=True))
    assert "the charge is equal to the cent" in found.why


def test_other_days_under_the_same_number_are_another_claim() -> None:
    """Account numbers as CLM01: listed with its why-not, and it stops nothing."""
    other = judged(paid(patient_control_number="PCN1", service_from=LATER, service_to=LATER))
    assert (other.same_claim, other.score < CONFIDENT_SCORE) == (False, True)


def test_another_person_under_the_same_number_is_not_posted() -> None:
    found = judged(paid(patient_control_number="PCN1", last_name="PEMBERTON", first_name="OSCAR"))
    assert found.score < CONFIDENT_SCORE
    assert found.same_claim


def test_unknown_days_and_names_are_no_evidence_either_way() -> None:
    bare = paid(patient_control_number="PCN1", service_from=None, service_to=None, last_name="")
    assert judged(bare).why_not == ()
    assert judged(bare).score >= CONFIDENT_SCORE


@pytest.mark.parametrize(
    ("returned", "agrees"),
    [
        ("W10012345", True),
        ("W1001234501", True),
        ("W1001234", True),
        ("0W10012345", True),
        ("00W10012345", True),
        ("w100-12345", True),
        ("W10012399", False),
        ("W10012345999", False),
    ],
)
def test_member_ids_give_or_take_two_trailing_characters(returned: str, agrees: bool) -> None:
    """6.1 no. 5: suffixes 00/01 are added or cut, leading zeros dropped."""
    found = judged(
        paid(patient_control_number="PCN1", member_ids=(returned,), last_name="", first_name="")
    )
    assert ("the member id agrees" in found.why) == agrees


def test_short_member_ids_must_be_equal() -> None:
    claim = sent(member_ids=("W12",))
    found = judged(paid(patient_control_number="PCN1", member_ids=("W123",), last_name=""), claim)
    assert "the member id agrees" not in found.why


@pytest.mark.parametrize(
    ("last", "first", "agrees"),
    [
        ("MARLOWE", "EDITH", True),
        ("Marlowe", "Edie", True),
        ("MARLOWE", "E", True),
        ("MARLOW", "EDITH", True),
        ("PEMBERTON", "OSCAR", False),
        ("MARLOWE", "OSCAR", False),
    ],
)
def test_names_that_almost_agree(last: str, first: str, agrees: bool) -> None:
    found = judged(paid(patient_control_number="PCN1", last_name=last, first_name=first))
    assert ("the patient's name agrees" in found.why) == agrees


def test_the_visit_alone_needs_the_procedures() -> None:
    """Member, day and charge, but other procedures: a person decides."""
    visit = paid(member_ids=("W10012345",), procedure_codes=frozenset({"70450"}))
    assert judged(visit).score < CONFIDENT_SCORE
    assert "other procedures were answered than billed" in judged(visit).why_not


@pytest.mark.parametrize("rule", ["payer_claim_control_number", "member_date_charge"])
def test_a_complete_other_number_speaks_against_the_weaker_rules(rule: str) -> None:
    found = judged(paid(**{**RULES[rule], "patient_control_number": "OTHER"}))
    assert found.score < CONFIDENT_SCORE
    assert "the patient control number is another one" in found.why_not


def test_another_number_is_another_claim_where_the_payers_return_numbers() -> None:
    answered = sent(number_returned=True)
    found = judged(paid(**RULES["member_date_charge"] | {"patient_control_number": "X"}), answered)
    assert not found.same_claim


# -- choosing --------------------------------------------------------------------------------


def test_the_best_is_chosen_and_the_others_are_listed() -> None:
    other = sent(claim=2, service_from=LATER, service_to=LATER)
    match = choose(paid(patient_control_number="PCN1"), [other, sent()])
    assert match.chosen is not None
    assert match.chosen.claim == 1
    assert [c.claim for c in match.candidates] == [1, 2]
    assert not match.ambiguous


def test_two_equal_claims_are_nobodys_choice() -> None:
    match = choose(paid(patient_control_number="PCN1"), [sent(), sent(claim=2)])
    assert (match.chosen, match.ambiguous) == (None, True)


def test_a_margin_of_five_decides() -> None:
    """Equal but for the charge: 8 points apart, clear; without days and names 4 apart is not."""
    clear = choose(paid(patient_control_number="PCN1"), [sent(), sent(claim=2, charge_cents=99)])
    assert clear.chosen is not None
    line = sent(claim=2, charge_cents=99, line_charges=frozenset({10000}))
    near = choose(paid(patient_control_number="PCN1", service_from=None, last_name=""),
                  [sent(), line])  # fmt: skip
    assert near.ambiguous


def test_below_the_threshold_nobody_is_chosen() -> None:
    weak = choose(paid(patient_control_number="PCN1", last_name="X", first_name="Y"), [sent()])
    assert weak.chosen is None
    assert not weak.ambiguous
    assert weak.candidates[0].why_not


def test_other_visits_never_make_a_choice_ambiguous() -> None:
    visits = [sent(claim=n, service_from=date(2026, 2, n), service_to=date(2026, 2, n))
              for n in range(2, 9)]  # fmt: skip
    match = choose(paid(patient_control_number="PCN1"), [sent(), *visits])
    assert match.chosen is not None
    assert match.chosen.claim == 1
