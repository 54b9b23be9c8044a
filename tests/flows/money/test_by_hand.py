"""Coverages entered, corrected and ended, and balances moved, by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed, NotFound
from tests.flows.money.office import (
    ANSWERED,
    HARBOR,
    MEDICARE,
    PLAIN,
    SERVED,
    STONE,
    Office,
    answer,
    claim,
    expect,
    later,
    service,
    whole,
)
from tests.support.specs import Line, usd

KIM: dict[str, Any] = {"user": "kim", "reason": "card on file"}
SECOND: dict[str, Any] = {
    "payer": STONE.name,
    "payer_rank": 2,
    "payer_id": STONE.id,
    "member_id": "S77",
    "filing_indicator": "CI",
}


def answered(office: Office) -> None:
    """A claim of 100.00: the payer pays 60.00, writes 20.00 off and leaves 20.00 to the patient."""
    office.bill(claim("V1"))
    office.pay(whole("V1", "1", "100.00", "60.00", "CO-45 20.00, PR-2 20.00"))


def with_patient(office: Office) -> None:
    expect(
        office,
        "V1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def with_stone(office: Office) -> dict[str, Any]:
    return expect(
        office,
        "V1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )


# -- coverages --------------------------------------------------------------------------------


def test_a_second_payer_is_waited_for_before_the_patient_owes(office: Office) -> None:
    answered(office)
    with_patient(office)
    entry = office.book.add_coverage("V1", **SECOND, **KIM)

    assert (entry["id"], entry["kind"]) == ("E000001", "coverage")
    assert [c["state"] for c in entry["claims"]] == ["with_next_payer"]
    found = with_stone(office)
    assert found["waiting"]["payer"] == STONE.name
    assert [e["id"] for e in found["entries"]] == ["E000001"]
    (waits,) = office.book.report("waiting")["rows"]
    assert waits["payer"] == STONE.name
    office.book.undo("E000001")
    with_patient(office)
    with pytest.raises(NotFound):
        office.book.undo("E000001")


def test_the_order_of_facts_does_not_matter(office: Office) -> None:
    """Entered between the claim and its answer, and for an account whose next claim comes later."""
    office.bill(claim("V0"))
    office.book.add_coverage(office.book.claim("V0")["account"], **SECOND, **KIM)
    answered(office)
    with_stone(office)


def test_the_second_payers_answer_leaves_the_rest_to_the_patient(office: Office) -> None:
    answered(office)
    office.book.add_coverage("V1", **SECOND, **KIM)
    office.pay(whole("V1", "2", "100.00", "15.00", "OA-23 80.00, PR-2 5.00"), payer=STONE, days=20)
    expect(
        office,
        "V1",
        "patient_billable",
        "100.00",
        insurance_paid="75.00",
        written_off="20.00",
        patient_responsibility="5.00",
    )


def test_a_coverage_counts_on_its_days_of_service(office: Office) -> None:
    answered(office)
    day = SERVED - timedelta(days=1)
    entry = office.book.add_coverage("V1", **SECOND, valid_to=day, **KIM)
    with_patient(office)
    right = office.book.correct_coverage(entry["id"], valid_to=SERVED, user="kim", reason="typo")
    assert (right["id"], right["replaces"], right["valid_to"]) == (
        "E000002",
        "E000001",
        str(SERVED),
    )
    with_stone(office)
    with pytest.raises(NotAllowed, match="E000002"):
        office.book.undo("E000001")
    office.book.undo("E000002")
    with_patient(office)


def test_an_entered_coverage_ends(office: Office) -> None:
    answered(office)
    entry = office.book.add_coverage("V1", **SECOND, **KIM)
    with pytest.raises(NotAllowed, match="last day"):
        office.book.end_coverage(entry["id"], user="kim", reason="left the job")
    day = SERVED - timedelta(days=1)
    office.book.end_coverage(entry["id"], last_day=day, user="kim", reason="left the job")
    with_patient(office)
    office.book.undo("E000002")
    with_stone(office)


def test_a_payer_that_the_claim_names_ends(office: Office) -> None:
    office.bill(claim("V1", payers=(PLAIN, STONE)))
    office.pay(whole("V1", "1", "100.00", "60.00", "CO-45 20.00, PR-2 20.00"))
    with_stone(office)
    office.book.end_coverage("V1", payer=STONE.name, user="kim", reason="terminated")
    with_patient(office)
    office.book.undo("E000001")
    with_stone(office)


def test_a_payer_that_no_claim_names_cannot_end(office: Office) -> None:
    answered(office)
    with pytest.raises(NotAllowed, match="names TYPO"):
        office.book.end_coverage("V1", payer="TYPO MUTUAL", user="kim", reason="terminated")
    assert office.book.entries()["entries"] == []


def test_two_payers_of_one_rank_on_one_day_are_refused(office: Office) -> None:
    answered(office)
    first = office.book.add_coverage("A000001", **SECOND, valid_to=SERVED, **KIM)
    other = {**SECOND, "payer": HARBOR.name, **KIM}
    with pytest.raises(NotAllowed, match="E000001 says that STONEBRIDGE TRUST is payer 2"):
        office.book.add_coverage("A000001", **other, valid_from=SERVED)
    assert len(office.book.entries()["entries"]) == 1
    office.book.add_coverage("A000001", **other, valid_from=SERVED + timedelta(days=1))
    with pytest.raises(NotAllowed, match="E000002 says"):
        office.book.correct_coverage(
            first["id"], valid_to=SERVED + timedelta(days=1), user="kim", reason="longer"
        )


def test_what_is_entered_for_the_claim_goes_before_what_is_entered_for_the_patient(
    office: Office,
) -> None:
    answered(office)
    office.book.add_coverage("V1", **SECOND, **KIM)
    office.book.add_coverage("A000001", **{**SECOND, "payer": HARBOR.name}, **KIM)
    assert office.book.claim("V1")["waiting_for"] == STONE.name
    office.book.undo("E000001")
    assert office.book.claim("V1")["waiting_for"] == HARBOR.name


def test_a_coverage_whose_place_an_answer_has_taken_says_so(office: Office) -> None:
    answered(office)
    entry = office.book.add_coverage("V1", **{**SECOND, "payer_rank": 1}, **KIM)
    (note,) = entry["notes"]
    assert "C000001: PLAINFIELD MUTUAL HEALTH has answered as payer 1" in note
    with_patient(office)
    assert office.book.add_coverage("V1", **SECOND, **KIM)["notes"] == []


def test_an_entered_payer_takes_the_place_of_the_one_named(office: Office) -> None:
    office.bill(claim("V1", payers=(PLAIN, HARBOR)))
    office.pay(whole("V1", "1", "100.00", "60.00", "CO-45 20.00, PR-2 20.00"))
    office.book.add_coverage("V1", **SECOND, **KIM)
    assert office.book.claim("V1")["waiting_for"] == STONE.name


def test_the_next_claim_goes_to_the_coverage_that_was_entered(office: Office) -> None:
    answered(office)
    entry = office.book.add_coverage("V1", **{**SECOND, "member_id": ""}, **KIM)
    with pytest.raises(BadRequest, match="member_id"):
        office.book.bill(["V1"], "next_payer")
    office.book.correct_coverage(entry["id"], member_id="S77", user="kim", reason="asked")
    made = office.book.bill(["V1"], "next_payer")
    assert STONE.name in str(made)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"payer": " "}, NotAllowed),
        ({"payer_rank": 0}, BadRequest),
        ({"payer_rank": 12}, BadRequest),
        ({"filing_indicator": "??"}, NotAllowed),
        ({"reason": ""}, BadRequest),
        ({"valid_from": SERVED, "valid_to": SERVED - timedelta(days=1)}, NotAllowed),
    ],
)
def test_what_is_no_coverage_is_refused(
    office: Office, told: dict[str, Any], error: type[Exception]
) -> None:
    answered(office)
    with pytest.raises(error):
        office.book.add_coverage("V1", **{**SECOND, **KIM, **told})
    with pytest.raises(NotFound):
        office.book.add_coverage("NOBODY", **SECOND, **KIM)
    assert office.book.entries()["entries"] == []
    with_patient(office)


# -- moves ------------------------------------------------------------------------------------


def denied(office: Office) -> None:
    office.bill(claim("V1"))
    office.pay(whole("V1", "4", "100.00", "0.00", "CO-26 100.00"))


def test_what_is_open_with_a_payer_goes_to_the_patient(office: Office) -> None:
    denied(office)
    entry = office.book.move_balance("V1", "100.00", to="patient", **KIM)

    assert office.book.claim("V1")["waiting_for"] is None
    assert (entry["amount"], entry["moved"], entry["to"]) == ("100.00", "100.00", "patient")
    found = expect(
        office,
        "V1",
        "patient_not_billable",
        "100.00",
        patient_responsibility="100.00",
        billable="0.00",
    )
    assert [part["reason"] for part in found["not_billable"]] == ["moved_by_hand"]
    assert office.denied() == []
    (step,) = [s for s in found["steps"] if s["what"] == "moved"]
    assert step["amounts"] == {"patient_responsibility": "100.00"}
    assert "E000001" in step["text"]
    office.book.undo("E000001")
    expect(office, "V1", "denied", "100.00", insurance_open="100.00")
    assert office.denied() == [("CO-26", "100.00")]


def test_a_person_may_say_that_it_may_be_billed(office: Office) -> None:
    denied(office)
    office.book.move_balance("V1", "30.00", to="patient", billable=True, **KIM)
    expect(
        office,
        "V1",
        "denied",
        "100.00",
        insurance_open="70.00",
        patient_responsibility="30.00",
    )
    assert office.denied() == [("CO-26", "70.00")]


def test_nothing_goes_to_a_qualified_medicare_beneficiary(office: Office) -> None:
    office.bill(claim("V1", payers=(MEDICARE,)))
    office.pay(
        whole(
            "V1", "1", "100.00", "60.00", "CO-45 20.00, CO-50 20.00", plan="MB", remarks=("N781",)
        ),
        payer=MEDICARE,
    )
    open_before = office.book.claim("V1")["insurance_open"]
    assert open_before == "20.00"
    with pytest.raises(NotAllowed, match="Qualified Medicare"):
        office.book.move_balance("V1", "20.00", to="patient", billable=True, **KIM)
    assert office.book.claim("V1")["insurance_open"] == open_before
    assert office.book.entries()["entries"] == []


@pytest.mark.parametrize(("modifiers", "moves"), [((), False), (("GA",), True)])
def test_what_medicare_refused_without_a_signed_notice_is_the_providers(
    office: Office, modifiers: tuple[str, ...], moves: bool
) -> None:
    """CO-50: the patient pays only what a notice (GA) says that the patient signed for."""
    line = Line("99213", usd("100"), modifiers=modifiers)
    office.bill(claim("V1", line, payers=(MEDICARE,)))
    refused = service("99213", "100.00", "0.00", "CO-50 100.00", modifiers=modifiers)
    office.pay(answer("V1", "1", refused, plan="MB"), payer=MEDICARE)
    if moves:
        entry = office.book.move_balance("V1", "100.00", to="patient", **KIM)
        assert entry["moved"] == "100.00"
        return
    with pytest.raises(NotAllowed, match="signed notice"):
        office.book.move_balance("V1", "100.00", to="patient", billable=True, **KIM)
    assert office.book.claim("V1")["insurance_open"] == "100.00"


def test_a_later_answer_overtakes_a_move(office: Office) -> None:
    denied(office)
    office.book.move_balance("V1", "100.00", to="patient", moved_on=later(5), **KIM)
    office.pay(whole("V1", "1", "100.00", "60.00", "CO-45 20.00, PR-2 20.00"), days=30)
    with_patient(office)
    (entry,) = office.book.claim("V1")["entries"]
    assert entry["moved"] == "0.00"


def test_the_patients_part_goes_to_another_payer_and_comes_back(office: Office) -> None:
    answered(office)
    entry = office.book.move_balance("V1", "20.00", to="payer", payer=STONE.name, **KIM)
    assert entry["moved"] == "20.00"
    found = with_stone(office)
    assert (found["waiting"]["payer"], found["waiting"]["why"]) == (STONE.name, "moved")
    office.pay(
        whole("V1", "2", "100.00", "15.00", "OA-23 80.00, PR-2 5.00"),
        payer=STONE,
        days=400,
    )
    expect(
        office,
        "V1",
        "patient_billable",
        "100.00",
        insurance_paid="75.00",
        written_off="20.00",
        patient_responsibility="5.00",
    )


@pytest.mark.parametrize(
    ("amount", "told", "error"),
    [
        ("100.01", {"to": "patient"}, NotAllowed),
        ("1.00", {"to": "payer"}, NotAllowed),
        ("1.00", {"to": "nobody"}, BadRequest),
        ("1.00", {"to": "payer", "payer": " "}, NotAllowed),
        ("1.00", {"to": "patient", "payer": "X"}, NotAllowed),
        ("1.00", {"to": "payer", "billable": True}, NotAllowed),
        ("0", {"to": "patient"}, BadRequest),
        ("1.00", {"to": "patient", "moved_on": ANSWERED - timedelta(days=1)}, NotAllowed),
        ("1.00", {"to": "patient", "reason": ""}, BadRequest),
    ],
)
def test_what_cannot_be_moved_is_refused(
    office: Office, amount: str, told: dict[str, Any], error: type[Exception]
) -> None:
    denied(office)
    with pytest.raises(error):
        office.book.move_balance("V1", amount, **{**KIM, **told})
    expect(office, "V1", "denied", "100.00", insurance_open="100.00")
