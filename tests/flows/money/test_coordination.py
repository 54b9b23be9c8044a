"""Coordination of benefits: each situation of claim_rules.md 4.2 to 4.4 with its expected ledger.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from medcollect import dates
from tests.flows.money.office import (
    ANSWERED,
    BOTH_PAID,
    HARBOR,
    LIFT,
    MEDICAID,
    MEDICARE,
    PLAIN,
    PRIMARY,
    SECONDARY,
    SERVED,
    STONE,
    Office,
    claim,
    expect,
    figures,
    later,
    whole,
)
from tests.support.specs import Line, reversal, usd

THREE = (PLAIN, HARBOR, STONE)
LIFT_OF_HARBOR = replace(LIFT, number="LIFT2")


def of_medicaid(paid: str, adjustments: str) -> Any:
    return whole("PCN1", "2", "150", paid, adjustments, member_id="W200")


def crossed_over(office: Office) -> None:
    """Medicare allows 100 of 150, pays 80 and leaves 20; the claim names Medicaid behind it."""
    office.bill(claim("PCN1", Line("99213", usd("150")), payers=(MEDICARE, MEDICAID)))
    office.pay(whole("PCN1", "19", "150", "80", "CO-45 50, PR-2 20"), payer=MEDICARE)


def corrected(office: Office, *answers: Any, days: int) -> None:
    """A check with money from elsewhere, so that a takeback on it does not make it negative."""
    office.pay(*answers, LIFT, days=days)


# -- Medicaid pays the lesser of ------------------------------------------------------------


@pytest.mark.parametrize(("paid", "cut"), [("0", "20"), ("5", "15"), ("20", "0")])
def test_medicaid_pays_the_lesser_of_and_the_rest_is_given_up(
    office: Office, paid: str, cut: str
) -> None:
    """E07: what Medicaid's own fee leaves of Medicare's share is contractual, never the patient's.

    Ledger: 80.00 and Medicaid's part paid, 50.00 and the cut written off, nothing left.
    """
    crossed_over(office)
    text = f"OA-23 130, CO-45 {cut}" if cut != "0" else "OA-23 130"
    office.pay(of_medicaid(paid, text), payer=MEDICAID, days=9)
    expect(
        office, "PCN1", "closed", "150.00",
        insurance_paid=f"{80 + int(paid)}.00", written_off=f"{50 + int(cut)}.00",
    )  # fmt: skip
    assert office.kinds() == []


def test_medicaid_that_takes_off_with_45_what_medicare_paid_and_took(office: Office) -> None:
    """4.2 no. 4: CO-45 135 instead of OA-23 130 and CO-45 5; posting it would leave -130.00.

    Ledger: 95.00 paid, 55.00 written off; the 130.00 too many are asked about, not posted.
    """
    crossed_over(office)
    office.pay(of_medicaid("15", "CO-45 135"), payer=MEDICAID, days=9)
    expect(office, "PCN1", "closed", "150.00", insurance_paid="95.00", written_off="55.00")
    assert office.exception("write_off_exceeds_open")["amount"] == "130.00"


# -- OA-23 and its misuse -------------------------------------------------------------------


def test_a_secondary_that_counts_more_for_the_primary_leaves_the_rest_open(office: Office) -> None:
    """OA-23 90 where the primary paid and took 80: nobody has answered for 10.00.

    Ledger: 65.00 paid, 20.00 written off, 5.00 the patient's, 10.00 open and asked about.
    """
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "5", "OA-23 90, PR-2 5"), payer=HARBOR, days=5)
    expect(
        office, "PCN1", "undecided", "100.00",
        insurance_paid="65.00", written_off="20.00", patient_responsibility="5.00",
        insurance_open="10.00",
    )  # fmt: skip
    waiting = office.exception("earlier_payers_differ")
    assert (waiting["amount"], waiting["actions"]) == ("10.00", ["write_off", "hold"])


def test_oa_23_of_a_first_answer_explains_nothing_we_know(office: Office) -> None:
    """4.2 no. 4: payers use OA-23 even when they do not coordinate.

    Ledger: 30.00 paid, 20.00 the patient's, the 50.00 of an unknown payer stay open.
    """
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "30", "OA-23 50, PR-1 20"))
    expect(
        office, "PCN1", "undecided", "100.00",
        insurance_paid="30.00", patient_responsibility="20.00", insurance_open="50.00",
    )  # fmt: skip
    assert office.kinds() == ["earlier_payer_unknown"]


def test_a_secondary_share_above_what_was_open_is_cut(office: Office) -> None:
    """4.2 no. 5: PR 35 where 20 was open. Ledger: 60.00, 20.00, and 20.00 the patient's."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 65, PR-2 35"), payer=HARBOR, days=5)
    expect(
        office, "PCN1", "patient_billable", "100.00",
        insurance_paid="60.00", written_off="20.00", patient_responsibility="20.00",
    )  # fmt: skip
    assert office.exception("patient_responsibility_exceeds_open")["amount"] == "15.00"


# -- three payers ---------------------------------------------------------------------------


def test_the_third_payer_pays_what_the_second_denied(office: Office) -> None:
    """Ledger: 75.00 paid, 20.00 written off, 5.00 the patient's; the denial is settled."""
    office.bill(claim("PCN1", payers=THREE))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 80, CO-197 20"), payer=HARBOR, days=5)
    found = expect(
        office, "PCN1", "with_next_payer", "100.00",
        insurance_paid="60.00", written_off="20.00", insurance_open="20.00",
    )  # fmt: skip
    assert (found["waiting"]["rank"], found["waiting"]["payer"]) == (3, STONE.name)
    assert office.denied() == [("CO-197", "20.00")]
    office.pay(whole("PCN1", "3", "100", "15", "OA-23 80, PR-2 5"), payer=STONE, days=9)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    assert office.denied() == []


def test_three_payers_in_any_order_of_files(office: Office, tmp_path: Any) -> None:
    """The last one's share is the patient's, whoever's file came first (E21's way)."""
    third = whole("PCN1", "3", "100", "3", "OA-23 95, PR-3 2")
    sent = [(PRIMARY, PLAIN, 0), (SECONDARY, HARBOR, 5), (third, STONE, 9)]
    seen = []
    for number, order in enumerate(itertools.permutations(sent)):
        folder = tmp_path / str(number)
        folder.mkdir()
        other = Office(folder)
        other.bill(claim("PCN1", payers=THREE))
        for answered, payer, days in order:
            other.pay(answered, payer=payer, days=days, trace=f"CK{days}")
        seen.append(figures(other))
        other.book.close()
    assert all(found == seen[0] for found in seen)
    assert seen[0][0][0][:5] == ("PCN1", "patient_billable", "100.00", "78.00", "20.00")


# -- the primary judged anew after the secondary paid ---------------------------------------


def test_a_primary_that_pays_more_afterwards_leaves_the_secondarys_money_in_credit(
    office: Office,
) -> None:
    """60.00 becomes 80.00 when the secondary has paid 15.00 of the rest.

    Ledger: 95.00 paid, 20.00 written off, nothing the patient's, 15.00 a payer's credit; the
    patient share that the secondary still states is asked about.
    """
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    anew = whole("PCN1", "1", "100", "80", "CO-45 20", control_number="P2")
    corrected(office, reversal(PRIMARY), anew, days=20)
    expect(
        office, "PCN1", "credit_payer", "100.00",
        insurance_paid="95.00", written_off="20.00", payer_credit="15.00",
    )  # fmt: skip
    assert office.exception("patient_responsibility_exceeds_open")["amount"] == "5.00"
    office.pay(reversal(SECONDARY), LIFT_OF_HARBOR, payer=HARBOR, days=30)
    found = office.book.claim("PCN1")
    assert (found["insurance_paid"], found["written_off"], found["payer_credit"]) == (
        "80.00",
        "20.00",
        "0.00",
    )
    assert found["insurance_open"] == found["patient_due"] == "0.00"


def test_a_primary_that_pays_less_afterwards_leaves_the_difference_open(office: Office) -> None:
    """60.00 becomes 50.00: the secondary's answer counts 80.00 for a primary that gave 70.00.

    Ledger: 65.00 paid, 20.00 written off, 5.00 the patient's, 10.00 open until the secondary
    answers anew; then 75.00, 20.00 and 5.00.
    """
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    anew = whole("PCN1", "1", "100", "50", "CO-45 20, PR-2 30", control_number="P2")
    corrected(office, reversal(PRIMARY), anew, days=20)
    expect(
        office, "PCN1", "undecided", "100.00",
        insurance_paid="65.00", written_off="20.00", patient_responsibility="5.00",
        insurance_open="10.00",
    )  # fmt: skip
    assert office.kinds() == ["earlier_payers_differ"]
    again = whole("PCN1", "2", "100", "25", "OA-23 70, PR-2 5", control_number="S2")
    office.pay(reversal(SECONDARY), again, payer=HARBOR, days=30)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    assert office.kinds() == []


# -- passed on, or not ----------------------------------------------------------------------


def wait(office: Office, number: str = "PCN1") -> dict[str, Any]:
    found: dict[str, Any] = office.book.claim(number)["waiting"]
    return found


@pytest.mark.parametrize(
    ("answered", "why", "payer"),
    [
        (replace(PRIMARY, status="19", crossover=HARBOR), "forwarded", HARBOR.name),
        (replace(PRIMARY, crossover=HARBOR), "forwarded", HARBOR.name),
        (replace(PRIMARY, remarks=("MA18",)), "forwarded", None),
        (replace(PRIMARY, remarks=("MA07",)), "forwarded", None),
        (replace(PRIMARY, remarks=("N387",)), "bill_next_payer", None),
    ],
)
def test_why_a_payer_that_no_claim_names_is_waited_for(
    office: Office, answered: Any, why: str, payer: str | None
) -> None:
    """4.4. Ledger: 60.00 paid, 20.00 written off, 20.00 with the next payer, never the patient."""
    office.bill(claim("PCN1"))
    office.pay(answered)
    expect(
        office, "PCN1", "with_next_payer", "100.00",
        insurance_paid="60.00", written_off="20.00", insurance_open="20.00",
    )  # fmt: skip
    found = wait(office)
    assert (found["why"], found["payer"], found["since"]) == (why, payer, ANSWERED.isoformat())
    assert found["until"] == later(45).isoformat()


@pytest.mark.parametrize("remark", ["MA08", "MA19", "MA68", "N8"])
def test_a_failed_transfer_to_a_payer_on_file_is_to_be_billed(office: Office, remark: str) -> None:
    """4.4. Ledger: the 20.00 wait with the payer that the claim names; the practice sends it."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(replace(PRIMARY, status="19", remarks=(remark,)))
    found = wait(office)
    assert (found["why"], found["payer"]) == ("transfer_failed", HARBOR.name)
    assert found["action"].startswith("Correct the coverage and bill the next payer")


def test_a_claim_of_another_plan_of_the_company_waits_there(office: Office) -> None:
    """CARC 291: passed on, nothing decided. Ledger: all open, with the next payer, no exception."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "OA-291 100"))
    expect(office, "PCN1", "with_next_payer", "100.00", insurance_open="100.00")
    assert office.kinds() == []
    assert wait(office)["why"] == "forwarded"


def test_a_claim_that_is_not_the_payers_waits_where_it_was_sent(office: Office) -> None:
    """CLP02 23. Ledger: all open with the first payer, which now is another one."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "23", "100", "0", "CO-45 100", crossover=HARBOR), days=3)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    found = wait(office)
    assert (found["payer"], found["why"], found["since"]) == (
        HARBOR.name,
        "forwarded",
        later(3).isoformat(),
    )


# -- since when, until when -----------------------------------------------------------------


def test_the_first_answer_is_waited_for_since_the_claim_was_sent(office: Office) -> None:
    office.bill(claim("PCN1"), day=SERVED + timedelta(days=4))
    found = wait(office)
    assert found["since"] == (SERVED + timedelta(days=4)).isoformat()
    assert found["until"] == (SERVED + timedelta(days=34)).isoformat()
    assert (found["why"], found["payer"], found["rank"]) == ("first_answer", PLAIN.name, 1)


def test_sending_the_claim_to_the_next_payer_begins_the_wait_anew(office: Office) -> None:
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    assert wait(office)["since"] == ANSWERED.isoformat()
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)), day=later(7))
    assert wait(office)["since"] == later(7).isoformat()


def test_forwarded_and_silent_is_overdue_after_the_time_that_the_office_set(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f'[[waiting.payers]]\npayer = "{HARBOR.name}"\ndays = 60\n'
    (office.folder / "medcollect.toml").write_text(text, encoding="utf-8")
    office.bill(claim("PCN1", payers=(MEDICARE,)))
    office.pay(replace(PRIMARY, status="19", crossover=HARBOR), payer=MEDICARE)
    for days, overdue in ((60, 0), (61, 1)):
        monkeypatch.setattr(dates, "today", lambda days=days: later(days))
        found = wait(office)
        assert (found["until"], found["days_overdue"]) == (later(60).isoformat(), overdue)
    assert "Check the claim's status there (276)" in found["action"]
    (row,) = office.book.report("waiting")["rows"]
    assert (row["claim"], row["days_overdue"], row["insurance_open"]) == ("C000001", 1, "20.00")
    office.pay(SECONDARY, payer=HARBOR, days=62)
    assert office.book.report("waiting")["rows"] == []
    assert office.book.claim("PCN1")["waiting"] is None


def test_the_longest_overdue_comes_first_and_held_answers_are_told(office: Office) -> None:
    office.bill(claim("OLD"), day=date(2026, 1, 2))
    office.bill(claim("NEW", patient=LIFT.patient), day=date(2026, 1, 9))
    office.pay(whole("NEW", "1", "100", "80", "CO-45 15", patient=LIFT.patient))
    rows = office.book.report("waiting", as_of=date(2026, 3, 1))["rows"]
    assert [r["patient_control_number"] for r in rows] == ["OLD", "NEW"]
    assert rows[1]["action"].startswith("An answer is on file and not posted")
