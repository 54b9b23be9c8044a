"""People's decisions, undo and the dry run.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from medcollect.errors import NotAllowed, NotFound
from tests.flows.money.office import (
    BOTH_PAID,
    HARBOR,
    OSCAR,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    Office,
    assert_unapplied_is_explained,
    claim,
    expect,
    figures,
    whole,
)
from tests.support.builder import Envelope, build_835
from tests.support.specs import (
    Line,
    reversal,
    usd,
)


def test_undo_of_one_claim_payment_leaves_its_money_unapplied(office: Office) -> None:
    """The money is still the practice's; the claim is open again; undoing the undo posts again."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    payment = office.book.claim("PCN1")["payments"][0]["id"]
    office.book.undo(payment, reason="wrong patient", user="ann")
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert office.exception("taken_back")["amount"] == "80.00"
    assert_unapplied_is_explained(office)
    office.book.undo("D000001")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.kinds() == []


def test_undo_of_a_remittance_sends_its_secondary_back_to_wait(office: Office) -> None:
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    first = office.book.remittances()["remittances"][0]["id"]
    undone = office.book.undo(first)
    assert undone["kind"] == "remittance"
    assert office.kinds() == ["waiting_for_earlier_payer"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    with pytest.raises(NotFound):
        office.book.undo(first)
    office.pay(PRIMARY)
    assert office.kinds() == []
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_undo_of_a_reversal_lets_the_original_stand_again(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    before = figures(office)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    taken = office.pay(reversal(PAID_80), other, days=14)
    office.book.undo(taken["import"])
    assert figures(office) == before


def test_undo_of_the_claim_leaves_what_the_remittance_alone_gives(office: Office) -> None:
    """Invariant 5: as if only the remaining files had come."""
    office.pay(PAID_80)
    alone = figures(office)
    filed = office.bill(claim("PCN1", Line("99213", usd("110")), patient_paid=usd("5")))
    assert figures(office) != alone
    office.book.undo(filed["import"])
    assert figures(office) == alone


def test_undo_refuses_while_a_decision_rests_on_it(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    second = office.pay(whole("PCN1", "1", "100", "5", "CO-45 95"), days=9)
    before = figures(office)
    question = office.exception("second_answer")
    office.book.resolve(question["id"], post_anyway=True, reason="top-up", user="ann")
    assert office.book.claim("PCN1")["insurance_paid"] == "85.00"
    with pytest.raises(NotAllowed):
        office.book.undo(second["import"])
    taken = office.book.undo(second["import"], with_decisions=True)
    assert taken["decisions_taken_along"] == ["D000001"]
    office.pay(whole("PCN1", "1", "100", "5", "CO-45 95"), days=9, trace="T00003")
    assert figures(office) == before


def test_a_payment_sent_to_a_claim_by_a_person_and_back(office: Office) -> None:
    """resolve --to: a secondary without its number; undo asks again."""
    office.bill(claim("PCN1"))
    stranger = replace(PAID_80, patient=OSCAR, member_id="W777")
    office.pay(stranger)
    question = office.exception("claim_not_certain")
    done = office.book.resolve(question["id"], to="PCN1", reason="maiden name", user="ann")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    office.book.undo(done["decision"])
    assert office.kinds() == ["claim_not_certain"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_claim_opened_by_a_person_and_closed_again(office: Office) -> None:
    """resolve --open-claim on a secondary that nobody billed for."""
    office.pay(replace(SECONDARY, number="ALONE"), payer=HARBOR)
    question = office.exception("no_claim")
    with pytest.raises(NotAllowed):
        office.book.resolve(question["id"], post_anyway=True, reason="x", user="ann")
    done = office.book.resolve(question["id"], open_claim=True, reason="old system", user="ann")
    assert office.book.claim("ALONE")["charge"] == "100.00"
    assert_unapplied_is_explained(office)
    office.book.undo(done["decision"])
    assert office.kinds() == ["no_claim"]
    with pytest.raises(NotFound):
        office.book.claim("ALONE")


def test_a_dry_run_leaves_no_trace_and_tells_the_truth(office: Office) -> None:
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(SECONDARY, payer=HARBOR)
    before = figures(office)
    tables = office.sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    sizes = [office.sql(f"SELECT COUNT(*) FROM {name}") for (name,) in tables]
    path = office.write(build_835([office.payment(PRIMARY, days=4)], Envelope(control=77)))
    predicted = office.book.import_files([path], dry_run=True)
    assert figures(office) == before
    assert [office.sql(f"SELECT COUNT(*) FROM {name}") for (name,) in tables] == sizes
    assert predicted.pop("dry_run") is True
    assert predicted.pop("import") is None
    assert predicted.pop("would_post")["settles"] == {"count": 1, "amount": "15.00"}
    real = office.book.import_files([path])
    real.pop("import")
    assert real == predicted
    assert real["settled"] == {"count": 1, "amount": "15.00"}


def test_a_decision_that_leaves_the_money_waiting_says_under_what(office: Office) -> None:
    """A second payer's answer put on its claim still waits for the first payer's."""
    office.bill(claim("PCN1"))
    office.pay(whole("UNKNOWN9", "2", "100", "60", "OA-23 40"))
    question = office.exception("claim_not_certain")

    done = office.book.resolve(question["id"], to="PCN1", reason="same visit", user="ann")

    (waiting,) = office.book.exceptions()["exceptions"]
    assert (done["posted"], done["opened"]) == ("0.00", [waiting["id"]])
    assert waiting["kind"] == "waiting_for_earlier_payer"
