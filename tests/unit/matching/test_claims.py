"""Which claim a payment answers, by ranked rules with reasons: DESIGN 7, claim_rules.md 6.1."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
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
    whole_number = "CLINIC20260000123456"
    whole = sent(patient_control_numbers=(whole_number,))
    cut = judged(paid(patient_control_number="CLINIC20260000"), whole)
    assert cut.rule == "number_cut_off"
    full = judged(paid(patient_control_number=whole_number), whole)
    assert CONFIDENT_SCORE <= cut.score < full.score


def test_thirteen_characters_are_not_the_beginning_of_anything() -> None:
    whole = sent(patient_control_numbers=("CLINIC20260000123456",))
    short = paid(patient_control_number="CLINIC2026000", service_from=None, service_to=None)
    assert score(short, whole) is None


def test_nothing_in_common_is_no_candidate() -> None:
    stranger = paid(patient_control_number="OTHER", last_name="PEMBERTON", first_name="OSCAR")
    assert score(stranger, sent()) is None


def test_name_day_and_charge_alone_are_for_a_person() -> None:
    """6.1 no. 6."""
    found = judged(paid())
    assert (found.rule, found.same_claim) == ("name_date_charge", True)
    assert found.score < CONFIDENT_SCORE


def test_member_and_day_with_another_charge_are_for_a_person() -> None:
    """A part of a split claim whose number was lost."""
    found = judged(paid(member_ids=("W10012345",), charge_cents=6000))
    assert (found.rule, found.same_claim) == ("member_date", True)
    assert found.score < CONFIDENT_SCORE


@pytest.mark.parametrize("more", [{}, {"charge_cents": 6000}])
def test_another_number_is_another_claim_where_only_the_visit_agrees(more: dict[str, Any]) -> None:
    """The visit of that day at another practice's system opens a claim of its own."""
    member = {"member_ids": ("W10012345",)} if more else {}
    found = judged(paid(patient_control_number="OTHER", **member, **more))
    assert not found.same_claim


@pytest.mark.parametrize(
    "more",
    [
        {"member_ids": ("W10012345",)},
        {"payer_numbers": frozenset({"ICN0001"}), "member_ids": ("W10012345",)},
        {"patient_control_number": "CLINIC20260000", "member_ids": ("W10012345",)},
    ],
)
def test_a_sister_with_the_same_member_id_is_not_the_patient(more: dict[str, Any]) -> None:
    """Families share member ids: without a whole number the first name must agree."""
    claim = sent(patient_control_numbers=("CLINIC20260000123456",))
    assert judged(paid(**more), claim).score >= CONFIDENT_SCORE
    assert judged(paid(**more, first_name="BEATRIX"), claim).score < CONFIDENT_SCORE


def test_a_payer_that_names_the_insured_for_the_patient_is_believed_with_the_number() -> None:
    sister = {"member_ids": ("W10012345",), "first_name": "BEATRIX"}
    found = judged(paid(patient_control_number="PCN1", **sister))
    assert found.score >= CONFIDENT_SCORE
    assert "the name is that of another person with this member id" in found.why_not


def test_an_answer_to_what_was_replaced_since_still_fits() -> None:
    """A refusal of 90.00 comes after the replacement for 100.00 was sent."""
    late = paid(member_ids=("W10012345",), charge_cents=9000)
    assert judged(late).score < CONFIDENT_SCORE
    assert judged(late, sent(earlier_charges=frozenset({9000}))).score >= CONFIDENT_SCORE


def test_a_new_last_name_under_the_same_member_id_is_the_same_person() -> None:
    married = paid(member_ids=("W10012345",), last_name="PEMBERTON")
    assert judged(married).score >= CONFIDENT_SCORE
    assert judged(paid(last_name="PEMBERTON", patient_control_number="PCN1")).score < 80


def test_twins_are_told_apart_by_their_names() -> None:
    """JADEN and JAYDEN, one day, one charge, one member id; the number is cut off."""
    twins = [
        sent(claim=n, first_name=name, patient_control_numbers=(f"CLINIC202600001234{n}",))
        for n, name in enumerate(("JADEN", "JAYDEN"))
    ]
    told = paid(patient_control_number="CLINIC20260000", member_ids=("W10012345",))
    for number, name in enumerate(("JADEN", "JAYDEN")):
        match = choose(msgspec.structs.replace(told, first_name=name), twins)
        assert match.chosen is not None
        assert match.chosen.claim == number
    assert choose(msgspec.structs.replace(told, first_name="JADDEN"), twins).ambiguous


def test_a_name_that_may_be_cut_does_not_tell_twins_apart() -> None:
    """MIA may be MIAH cut off."""
    twins = [sent(claim=1, first_name="MIA"), sent(claim=2, first_name="MIAH")]
    told = paid(member_ids=("W10012345",))
    assert choose(msgspec.structs.replace(told, first_name="MIA"), twins).ambiguous
    sure = choose(msgspec.structs.replace(told, first_name="MIAH"), twins).chosen
    assert sure is not None
    assert sure.claim == 2


def test_long_line_control_numbers_tell_equal_visits_apart() -> None:
    """6.1 no. 1: two equal visits of a day, the number lost; a payer's 1, 2, 3 tells nothing."""
    visits = [sent(claim=n, line_control_numbers=frozenset({f"CH00{n}001"})) for n in (1, 2)]
    told = paid(member_ids=("W10012345",), line_control_numbers=frozenset({"CH002001"}))
    match = choose(told, visits)
    assert match.chosen is not None
    assert match.chosen.claim == 2
    invented = [sent(claim=n, line_control_numbers=frozenset({str(n)})) for n in (1, 2)]
    assert choose(paid(member_ids=("W10012345",), line_control_numbers=frozenset({"2"})),
                  invented).ambiguous  # fmt: skip


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
    assert any(text.startswith("the patient's name") for text in found.why) == agrees


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
    other = RULES["member_date_charge"] | {"patient_control_number": "OTHER"}
    found = judged(paid(**other), answered)
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
    """Equal but for the charge: clear; a name that may be cut is not."""
    clear = choose(paid(patient_control_number="PCN1"), [sent(), sent(claim=2, charge_cents=99)])
    assert clear.chosen is not None
    longer = sent(claim=2, first_name="EDITHA")
    near = choose(paid(patient_control_number="PCN1"), [sent(), longer])
    assert near.ambiguous


def test_of_many_candidates_the_best_are_kept() -> None:
    match = choose(paid(patient_control_number="PCN1"), [sent(claim=n) for n in range(20)])
    assert len(match.candidates) == 8


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
