"""A patient who has died (claim_rules.md 7 no. 15): a claim against the estate, held till then."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed
from tests.flows.money.office import (
    MEDICARE,
    SERVED,
    Office,
    claim,
    expect,
    later,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.builder import Envelope, build_837
from tests.support.specs import reversal

SAMPLES = Path(__file__).parents[3] / "edi_samples"
HOSPITAL = SAMPLES / "03-837i-hospital-claims.edi"
ANSWERS = (
    SAMPLES / "12-835-hospital-claim-level-adjustment.edi",
    SAMPLES / "13-835-inpatient-without-lines.edi",
)
KIM: dict[str, Any] = {"user": "kim", "reason": "the daughter called"}
SHARED = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", control_number="ICN100")
OWES = {"insurance_paid": "60.00", "written_off": "20.00", "patient_responsibility": "20.00"}
HALE = "J. HALE, EXECUTOR"


@pytest.fixture
def shared(office: Office) -> Office:
    """A claim of 100.00 of which 20.00 are the patient's."""
    office.bill(claim("PCN1"))
    office.pay(SHARED)
    return office


def account(office: Office) -> dict[str, Any]:
    return dict(office.book.balance("PCN1"))


def test_nothing_is_billable_until_somebody_acts_for_the_estate(shared: Office) -> None:
    expect(shared, "PCN1", "patient_billable", "100.00", **OWES)
    before = shared.book.report("trial-balance")["rows"]
    entry = shared.book.enter_deceased("PCN1", died_on=date(2026, 2, 3), **KIM)
    assert (entry["kind"], entry["died_on"]) == ("deceased", "2026-02-03")
    found = expect(shared, "PCN1", "patient_not_billable", "100.00", **OWES, billable="0.00")
    (held,) = found["not_billable"]
    assert (held["amount"], held["reason"]) == ("20.00", "deceased")
    assert "acts for the estate" in held["text"]
    assert found["deceased"] == {"died_on": "2026-02-03", "representative": None}
    assert account(shared)["patient_billable"] == "0.00"
    assert shared.book.report("trial-balance")["rows"] == before


def test_then_the_estate_is_billed_and_that_person_written_to(shared: Office) -> None:
    shared.book.enter_deceased("PCN1", died_on=date(2026, 2, 3), **KIM)
    told: dict[str, Any] = {"died_on": date(2026, 2, 3), "representative": HALE}
    shared.book.enter_deceased("PCN1", **told, **KIM)
    found = expect(shared, "PCN1", "patient_billable", "100.00", **OWES)
    assert found["deceased"]["representative"] == HALE
    assert account(shared)["deceased"] == {"died_on": "2026-02-03", "representative": HALE}
    shared.book.undo("E000002")
    expect(shared, "PCN1", "patient_not_billable", "100.00", **OWES, billable="0.00")


def test_the_entry_holds_every_claim_of_the_patient_later_ones_too(shared: Office) -> None:
    number = account(shared)["account"]
    shared.book.enter_deceased(number, **KIM)
    shared.bill(claim("PCN2", service_from=later(-10)))
    shared.pay(whole("PCN2", "1", "100", "70", "PR-2 30", control_number="ICN200"), days=9)
    found = account(shared)
    assert (found["patient_due"], found["patient_billable"]) == ("50.00", "0.00")
    assert {held["reason"] for held in found["not_billable"]} == {"deceased"}


def test_payers_work_goes_on(office: Office) -> None:
    """The payer's part is nobody's estate: it is posted, and refusals are worked."""
    office.bill(claim("PCN1"))
    office.book.enter_deceased("PCN1", **KIM)
    office.pay(whole("PCN1", "1", "100", "0", "CO-197 100"))
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert office.denied() == [("CO-197", "100.00")]


def test_what_law_forbids_stays_forbidden_to_the_estate(office: Office) -> None:
    office.bill(claim("PCN1", payers=(MEDICARE,)))
    shared = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", remarks=("N781",))
    office.pay(shared, payer=MEDICARE)
    before = account(office)
    office.book.enter_deceased("PCN1", representative=HALE, **KIM)
    now = account(office)
    assert now["patient_billable"] == before["patient_billable"]


def test_a_claim_that_says_so_holds_itself(office: Office) -> None:
    """PAT06 in the subscriber's loop, where the patient is the subscriber."""
    text = build_837([claim("PCN1")], Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SERVED))
    died = text.replace("NM1*IL", "PAT*****D8*20260120~NM1*IL")
    count = text.partition("SE*")[2].partition("*")[0]
    taken = office.file(died.replace(f"SE*{count}*", f"SE*{int(count) + 1}*"))
    assert taken["files"][0]["findings"] == []
    office.pay(SHARED)
    found = expect(office, "PCN1", "patient_not_billable", "100.00", **OWES, billable="0.00")
    assert found["deceased"] == {"died_on": "2026-01-20", "representative": None}
    office.book.enter_deceased("PCN1", representative=HALE, **KIM)
    expect(office, "PCN1", "patient_billable", "100.00", **OWES)


DIED = whole("PCN1", "1", "100", "60", "CO-45 20, CO-13 10, PR-2 10", control_number="ICN100")


def test_a_payer_that_refuses_as_dead_holds_the_claim(either_office: Office) -> None:
    """The rest of the answer is the patient's, and nobody is billed before a person has looked."""
    office = either_office
    office.bill(claim("PCN1"))
    office.pay(DIED)
    found = office.book.claim("PCN1")
    assert (found["patient_responsibility"], found["patient_billable"]) == ("10.00", "0.00")
    assert [held["reason"] for held in found["not_billable"]] == ["deceased"]
    assert found["deceased"] == {"died_on": None, "representative": None}
    assert office.denied() == [("CO-13", "10.00")]
    office.book.enter_deceased("PCN1", representative=HALE, **KIM)
    assert office.book.claim("PCN1")["patient_billable"] == "10.00"


def test_an_answer_taken_back_or_anew_without_it_tells_no_death(either_office: Office) -> None:
    office = either_office
    office.bill(claim("PCN1"))
    office.pay(DIED)
    office.pay(reversal(DIED), SHARED, days=9)
    found = expect(office, "PCN1", "patient_billable", "100.00", **OWES)
    assert found["deceased"] is None


@pytest.mark.parametrize("status", ["20", "41", "01", ""])
def test_the_status_of_a_hospitals_patient_tells_it(either_office: Office, status: str) -> None:
    """CL103 of the claims of the sample month; 01 is a patient who went home."""
    office = either_office
    text = HOSPITAL.read_text().replace("CL1*3*1*01", f"CL1*3*1*{status}")
    office.file(text)
    for answer in ANSWERS:
        office.file(answer.read_text())
    owed = [row for row in office.book.report("claims")["rows"] if row["patient_due"] != "0.00"]
    assert owed
    for row in owed:
        found = office.book.claim(row["id"])
        died = status in {"20", "41"}
        assert found["patient_billable"] == ("0.00" if died else row["patient_due"])
        assert (found["deceased"] is not None) == died


def test_undo_leaves_what_the_remaining_facts_give(shared: Office) -> None:
    url = f"sqlite:///{shared.database}"
    before = state_of(url)
    shared.book.enter_deceased("PCN1", **KIM)
    shared.book.undo("E000001")
    assert not differences(state_of(url), before)


def test_what_cannot_be_is_refused(shared: Office) -> None:
    with pytest.raises(NotAllowed, match="to come"):
        shared.book.enter_deceased("PCN1", died_on=date(2100, 1, 1), **KIM)
    with pytest.raises(BadRequest, match="reason"):
        shared.book.enter_deceased("PCN1", user="kim", reason=" ")
