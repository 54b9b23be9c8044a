"""Attacks on the money: the edge cases of claim_rules.md 7 and the pitfalls of 6.3, end to end.

Every situation is a handful of real files through the Python door. What must come out was worked
out by hand from the rules; beside the figures of the claim, each check looks at the whole book:
entries add up to zero, payer cash is BPR02, and what is not applied stands in the exceptions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.errors import NotAllowed, NotFound
from tests.support.builder import PRACTICE, Envelope, build_835, build_837
from tests.support.specs import (
    Answer,
    Claim,
    Coverage,
    Line,
    Payer,
    Person,
    PriorAnswer,
    ProviderAdjustment,
    Remit,
    Service,
    cas,
    reversal,
    usd,
    with_check_digit,
)

EDITH = Person("MARLOWE", "EDITH", date(1951, 3, 14))
OSCAR = Person("PEMBERTON", "OSCAR", date(1966, 7, 9), "M")

PLAIN = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12")
HARBOR = Payer("HARBOR BENEFIT FUND", "HBF02", "999000102", "CI", "15")
STONE = Payer("STONEBRIDGE TRUST", "SBT03", "999000103", "CI", "15")
MEDICARE = Payer("GREAT RIVER MEDICARE SERVICES", "GRM04", "999000104", "MB", "MB")
MEDICAID = Payer("PRAIRIE STATE MEDICAID", "PSM05", "999000105", "MC", "MC")

SERVED = date(2026, 1, 12)
ANSWERED = date(2026, 2, 2)

#: Exceptions whose amount is money of a remittance that is not applied.
CASH_KINDS = {
    "no_claim",
    "several_claims",
    "claim_not_certain",
    "reversal_without_original",
    "claim_payment_does_not_balance",
    "remittance_does_not_balance",
    "payment_unreadable",
    "debit_payment",
    "second_answer",
    "second_primary",
    "waiting_for_earlier_payer",
    "status_without_rule",
    "taken_back",
}


def later(days: int) -> date:
    return ANSWERED + timedelta(days=days)


def service(code: str, charge: str, paid: str, adjustments: str = "", **more: Any) -> Service:
    more = {"day": SERVED, **more}
    return Service(code, usd(charge), usd(paid), cas(adjustments), **more)


def answer(number: str, status: str, *services: Service, **more: Any) -> Answer:
    """A claim payment whose charge and payment are those of its services."""
    stated = {
        "charge": sum(s.charge for s in services),
        "paid": sum(s.paid for s in services),
        "patient": EDITH,
        "member_id": "W100",
        **more,
    }
    return Answer(number=number, status=status, services=services, **stated)


def whole(
    number: str, status: str, charge: str, paid: str, adjustments: str, **more: Any
) -> Answer:
    """A claim payment with one line of 99213."""
    return answer(number, status, service("99213", charge, paid, adjustments), **more)


def claim(number: str, *lines: Line, payers: tuple[Payer, ...] = (PLAIN,), **more: Any) -> Claim:
    """A claim to the first payer, the others in loop 2320; one line of 100.00 if none is given."""
    coverages = tuple(Coverage(p, f"W{n}00", "PST"[n - 1]) for n, p in enumerate(payers, 1))
    stated = {"patient": EDITH, "coverages": coverages, "service_from": SERVED, **more}
    return Claim(number=number, lines=lines or (Line("99213", usd("100")),), **stated)


class Office:
    """A book and a folder of files; every file gets a name and a control number of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "book.db"
        self.book = medcollect.open_book(f"sqlite:///{self.database}")
        self.sent = 0

    def write(self, text: str) -> Path:
        self.sent += 1
        path = self.folder / f"{self.sent:03d}.edi"
        path.write_text(text, encoding="ascii", newline="")
        return path

    def file(self, text: str, **more: Any) -> dict[str, Any]:
        return self.book.import_files([self.write(text)], **more)

    def bill(self, *claims: Claim, day: date = SERVED, **more: Any) -> dict[str, Any]:
        envelope = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=self.sent + 1)
        return self.file(build_837(claims, envelope), **more)

    def pay(self, *answers: Answer, days: int = 0, payer: Payer = PLAIN, **more: Any) -> Any:
        return self.remit(self.payment(*answers, days=days, payer=payer, **more))

    def payment(self, *answers: Answer, days: int = 0, payer: Payer = PLAIN, **more: Any) -> Remit:
        stated = {"trace": f"T{self.sent + 1:05d}", "day": later(days), **more}
        return Remit(payer=payer, answers=answers, **stated)

    def remit(self, *remits: Remit, **more: Any) -> dict[str, Any]:
        envelope = Envelope(day=remits[0].day, control=self.sent + 1)
        return self.file(build_835(remits, envelope), **more)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.database) as connection:
            return connection.execute(statement).fetchall()

    def kinds(self) -> list[str]:
        return sorted(x["kind"] for x in self.book.exceptions()["exceptions"])

    def exception(self, kind: str) -> dict[str, Any]:
        (found,) = self.book.exceptions(kind=kind)["exceptions"]
        return found

    def denied(self, **more: Any) -> list[tuple[str, str]]:
        rows = self.book.denials(**more)["denials"]
        return sorted((f"{row['group']}-{row['reason']}", row["amount"]) for row in rows)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    sound(opened)
    opened.book.close()


def cents(text: str) -> int:
    return usd(text)


def sound(office: Office) -> None:
    """The laws of the whole book (DESIGN 6.1 and 8.1), after whatever was done to it."""
    unbalanced = office.sql(
        "SELECT entry_id FROM postings GROUP BY entry_id HAVING SUM(cents) <> 0"
    )
    assert unbalanced == []
    wrong_cash = office.sql(
        "SELECT r.id FROM remittances r LEFT JOIN postings p ON p.remittance_id = r.id"
        " AND p.account = 'payer_cash' WHERE r.status = 'active'"
        " GROUP BY r.id, r.payment_cents HAVING COALESCE(SUM(p.cents), 0) <> r.payment_cents"
    )
    assert wrong_cash == []
    for row in office.book.report("claims")["rows"]:
        parts = ("insurance_paid", "written_off", "patient_responsibility", "insurance_open")
        explained = sum(cents(row[part]) for part in parts) - cents(row["payer_credit"])
        assert explained == cents(row["charge"])
    released = office.sql("SELECT COUNT(*) FROM decisions WHERE status = 'active'")[0][0]
    if not released:
        assert_unapplied_is_explained(office)


def assert_unapplied_is_explained(office: Office) -> None:
    rows = office.book.report("remittances")["rows"]
    unapplied = sum(cents(row["unapplied"]) for row in rows)
    waiting = office.book.exceptions()["exceptions"]
    assert unapplied == sum(cents(x["amount"]) for x in waiting if x["kind"] in CASH_KINDS)
    for row in rows:
        if row["status"] != "reissued":
            assert cents(row["posted"]) + cents(row["unapplied"]) == cents(row["payment"])


def expect(office: Office, number: str, state: str, charge: str, **figures: str) -> dict[str, Any]:
    """Check every figure of a claim; what is not named must be 0.00.

    ``patient_due`` and ``patient_billable`` follow from the others unless named.
    """
    found = office.book.claim(number)
    assert not found.get("ambiguous"), "several claims carry the number"
    names = ("insurance_paid", "written_off", "patient_responsibility", "patient_paid")
    names += ("insurance_open", "credit", "payer_credit")
    wanted = {name: figures.pop(name, "0.00") for name in names}
    owed = cents(wanted["patient_responsibility"]) - cents(wanted["patient_paid"])
    due = f"{max(owed, 0) // 100}.{max(owed, 0) % 100:02d}"
    wanted["patient_due"] = figures.pop("due", due)
    wanted["patient_billable"] = figures.pop("billable", due)
    wanted |= {"charge": charge, "state": state}
    assert not figures, f"unknown figures {sorted(figures)}"
    assert {name: found[name] for name in wanted} == wanted
    assert_lines_and_account_agree(office, found)
    return found


def assert_lines_and_account_agree(office: Office, found: dict[str, Any]) -> None:
    """The lines of a claim add up to the claim, and the account to its claims."""
    names = ("insurance_paid", "written_off", "patient_responsibility")
    for name in names:
        assert sum(cents(line[name]) for line in found["lines"]) == cents(found[name]), name
    still_open = sum(cents(line["insurance_open"]) for line in found["lines"])
    assert still_open == cents(found["insurance_open"]) - cents(found["payer_credit"])
    account = office.book.balance(found["account"])
    for name in (*names, "patient_due", "patient_billable", "credit"):
        assert sum(cents(c[name]) for c in account["claims"]) == cents(account[name]), name


def clean(result: dict[str, Any], payments: str) -> None:
    """An import that proves and posts to the last cent."""
    assert result["balanced"] is True
    assert (result["payments_total"], result["posted"]) == (payments, payments)
    assert (result["unapplied"], result["exceptions"]) == ("0.00", 0)


#: Another patient's payment, large enough to carry a takeback.
THIRD_VISIT = whole("PCN3", "1", "310", "310", "", patient=OSCAR, member_id="W200")
PAID_80 = whole("PCN1", "1", "100", "80", "CO-45 20", control_number="ICN100")


# -- reversals -------------------------------------------------------------------------------


def test_a_reversal_before_its_original_waits_and_settles(office: Office) -> None:
    """§6.3: the original comes with a later file although it was paid before."""
    office.bill(claim("PCN1"))
    kept = ProviderAdjustment("FB", "CARRY", usd("-80"))
    first = office.pay(reversal(PAID_80), days=14, provider_adjustments=(kept,))
    assert (first["payments_total"], first["unapplied"], first["posted"]) == (
        "0.00",
        "-80.00",
        "80.00",
    )
    assert office.kinds() == ["reversal_without_original"]
    assert office.exception("reversal_without_original")["amount"] == "-80.00"
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    second = office.pay(PAID_80)
    assert second["settled"] == {"count": 1, "amount": "-80.00"}
    assert office.kinds() == []
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_reversal_of_what_is_known_to_nobody_waits_without_a_claim(office: Office) -> None:
    """§7 no. 7: 22 without prior, and no claim on file: it opens none."""
    kept = ProviderAdjustment("FB", "CARRY", usd("-80"))
    office.pay(reversal(PAID_80), provider_adjustments=(kept,))
    assert office.kinds() == ["reversal_without_original"]
    with pytest.raises(NotFound):
        office.book.claim("PCN1")


def test_a_reversal_after_the_patient_paid_leaves_a_deposit(office: Office) -> None:
    """§7 no. 7: the copay taken at the desk becomes the patient's credit, the claim is open."""
    office.bill(claim("PCN1", patient_paid=usd("30")))
    original = whole("PCN1", "1", "100", "50", "CO-45 20, PR-3 30", control_number="ICN1")
    office.pay(original)
    expect(
        office,
        "PCN1",
        "closed",
        "100.00",
        insurance_paid="50.00",
        written_off="20.00",
        patient_responsibility="30.00",
        patient_paid="30.00",
    )
    other = whole("PCN2", "1", "90", "90", "", patient=OSCAR, member_id="W200")
    clean(office.pay(reversal(original), other, days=14), "40.00")
    expect(
        office,
        "PCN1",
        "with_payer",
        "100.00",
        insurance_open="100.00",
        patient_paid="30.00",
        credit="30.00",
    )


@pytest.mark.parametrize("new_number", ["ICN100", "ICN999"])
def test_reversal_and_correction_in_one_remittance(office: Office, new_number: str) -> None:
    """§3.2: the correction may carry a new payer number; net effect = the correction."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    corrected = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", control_number=new_number)
    taken = reversal(PAID_80, control_number="ICN100")
    other = whole("PCN2", "1", "90", "90", "", patient=OSCAR, member_id="W200")
    clean(office.pay(taken, corrected, other, days=14), "70.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def test_a_correction_that_repeats_the_original_is_not_taken_back_with_it(office: Office) -> None:
    """Original, reversal and an equal correction: exactly one of them stands."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    clean(office.pay(reversal(PAID_80), PAID_80, days=14), "0.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_taken_back_twice_the_second_one_waits(office: Office) -> None:
    """Two reversals of one payment: only one finds something to take back."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(reversal(PAID_80), other, days=14)
    office.pay(reversal(PAID_80), THIRD_VISIT, days=28)
    assert office.kinds() == ["reversal_without_original"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_partial_takeback_goes_to_a_person(office: Office) -> None:
    """§3.2: every amount is negated; a reversal of half the money answers no payment on file."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    half = whole("PCN1", "22", "-100", "-40", "CO-45 -60", control_number="ICN100")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(half, other, days=14)
    assert office.exception("reversal_without_original")["amount"] == "-40.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_chain_of_three_corrections_leaves_the_last(office: Office) -> None:
    """1, 22, 1, 22, 1 over three remittances, newest file first."""
    office.bill(claim("PCN1"))
    second = whole("PCN1", "1", "100", "60", "CO-45 40", control_number="ICN200")
    third = whole("PCN1", "1", "100", "70", "CO-45 20, PR-2 10", control_number="ICN300")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    remits = [
        office.payment(PAID_80, trace="A1"),
        office.payment(reversal(PAID_80), second, other, days=10, trace="A2"),
        office.payment(reversal(second), third, THIRD_VISIT, days=20, trace="A3"),
    ]
    for remit in reversed(remits):
        office.remit(remit)
    assert office.kinds() == []
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="70.00",
        written_off="20.00",
        patient_responsibility="10.00",
    )


def test_a_reversed_denial_closes_its_case(office: Office) -> None:
    """A denial taken back and paid leaves no case open, and the denied amount nets to the rest."""
    office.bill(claim("PCN1"))
    denied = whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN1")
    office.pay(denied)
    assert office.denied() == [("CO-197", "100.00")]
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    result = office.pay(reversal(denied), PAID_80, days=14)
    clean(result, "80.00")
    assert result["denied_amount"] == "-100.00"
    assert office.denied() == []
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


# -- order of payers -------------------------------------------------------------------------

PRIMARY = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", control_number="P1")
SECONDARY = whole(
    "PCN1", "2", "100", "15", "OA-23 80, PR-2 5", control_number="S1", member_id="W200"
)
BOTH_PAID = {
    "insurance_paid": "75.00",
    "written_off": "20.00",
    "patient_responsibility": "5.00",
}


def test_secondary_before_primary_waits_then_posts(office: Office) -> None:
    """§6.3: the secondary's money stays unapplied until the primary has answered."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    early = office.pay(SECONDARY, payer=HARBOR)
    assert (early["unapplied"], early["posted"]) == ("15.00", "0.00")
    assert office.kinds() == ["waiting_for_earlier_payer"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    settled = office.pay(PRIMARY, days=3)
    assert settled["settled"] == {"count": 1, "amount": "15.00"}
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_primary_patient_share_waits_for_the_secondary(office: Office) -> None:
    """§4.1: while another payer is expected, PR is insurance open, not the patient's."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    clean(office.pay(PRIMARY), "60.00")
    found = expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    assert found["waiting_for"] == HARBOR.name


def test_one_payer_with_two_plans_of_the_patient_is_waited_for_twice(office: Office) -> None:
    """Both parents are insured with the same company: its second plan has yet to answer."""
    office.bill(claim("PCN1", payers=(PLAIN, PLAIN)))
    office.pay(PRIMARY)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    office.pay(SECONDARY, days=10)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_a_reversed_primary_sends_the_secondary_back_to_wait(office: Office) -> None:
    """Primary taken back after the secondary paid: the secondary's answer waits for the new one."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(SECONDARY, payer=HARBOR, days=5)
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    office.pay(reversal(PRIMARY), other, days=10)
    assert office.kinds() == ["waiting_for_earlier_payer"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    office.pay(replace(PRIMARY, control_number="P2"), days=20)
    assert office.kinds() == []
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_the_claim_itself_reports_the_primary(office: Office) -> None:
    """DESIGN 7: a secondary's answer posts where the 837 carries the primary's (loop 2320)."""
    prior = PriorAnswer(PLAIN.id, usd("60"), ANSWERED, cas("CO-45 20, PR-2 20"))
    filed = claim("PCN1", payers=(HARBOR, PLAIN), prior=(prior,))
    ranked = (replace(filed.coverages[0], rank="S"), replace(filed.coverages[1], rank="P"))
    office.bill(replace(filed, coverages=ranked))
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    clean(office.pay(SECONDARY, payer=HARBOR, days=20), "15.00")
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    clean(office.pay(PRIMARY, days=1), "60.00")
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_two_payers_that_both_pay_first(office: Office) -> None:
    """The second primary's money waits for a person."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    result = office.pay(whole("PCN1", "1", "100", "70", "CO-45 30"), payer=STONE, days=3)
    assert result["unapplied"] == "70.00"
    assert office.kinds() == ["second_primary"]
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_secondary_that_pays_too_much_makes_a_payer_credit(office: Office) -> None:
    """DESIGN 6.3: beyond the charge is payer credit, never a negative open amount."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(whole("PCN1", "1", "100", "80", "CO-45 20"))
    office.pay(whole("PCN1", "2", "100", "30", "OA-23 70"), payer=HARBOR, days=4)
    expect(
        office,
        "PCN1",
        "credit_payer",
        "100.00",
        insurance_paid="110.00",
        written_off="20.00",
        payer_credit="30.00",
    )


def test_secondary_writes_off_with_45_what_the_primary_already_took(office: Office) -> None:
    """§7 no. 9 (guard 4.2 no. 4): charge 500, paid 300 + 65, written off 125 + 10, nothing left."""
    office.bill(claim("PCN1", Line("99213", usd("500")), payers=(MEDICARE, MEDICAID)))
    office.pay(whole("PCN1", "1", "500", "300", "CO-45 125, PR-2 75"), payer=MEDICARE)
    office.pay(whole("PCN1", "2", "500", "65", "CO-45 435"), payer=MEDICAID, days=9)
    expect(office, "PCN1", "closed", "500.00", insurance_paid="365.00", written_off="135.00")
    assert office.exception("write_off_exceeds_open")["amount"] == "425.00"


def test_a_secondary_share_above_what_was_open_is_cut_and_asked_about(office: Office) -> None:
    """§4.2 no. 5: 20.00 were open, the secondary leaves 60.00 to the patient."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 40, PR-2 60"), payer=HARBOR, days=4)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )
    assert office.exception("patient_responsibility_exceeds_open")["amount"] == "40.00"


def test_a_crossover_waits_for_the_carrier_it_names(office: Office) -> None:
    """§4.4: status 19 and NM1*TT; no claim to the supplement is on file."""
    office.bill(claim("PCN1", payers=(MEDICARE,)))
    crossed = whole(
        "PCN1",
        "19",
        "100",
        "60",
        "CO-45 20, PR-2 20",
        crossover=HARBOR,
        remarks=("MA18", "N89"),
    )
    office.pay(crossed, payer=MEDICARE)
    found = expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    assert found["waiting_for"] == HARBOR.name
    office.pay(SECONDARY, payer=HARBOR, days=9)
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)


def test_statuses_20_and_21_pass_the_claim_on_twice(office: Office) -> None:
    """Primary 19, secondary 20, tertiary 21: the rest is the patient's only when nobody is left."""
    office.pay(
        replace(PRIMARY, status="19", crossover=HARBOR),
    )
    office.pay(replace(SECONDARY, status="20", crossover=STONE), payer=HARBOR, days=5)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="75.00",
        written_off="20.00",
        insurance_open="5.00",
    )
    office.pay(whole("PCN1", "3", "100", "4", "OA-23 95, PR-3 1"), payer=STONE, days=9)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="79.00",
        written_off="20.00",
        patient_responsibility="1.00",
    )


def test_a_failed_transfer_is_billed_to_the_next_payer_not_to_the_patient(office: Office) -> None:
    """§4.4: MA19 says that the transfer failed; no other payer is on file."""
    office.pay(replace(PRIMARY, status="19", remarks=("MA19",)), payer=MEDICARE)
    found = expect(
        office,
        "PCN1",
        "patient_not_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
        billable="0.00",
    )
    assert [p["reason"] for p in found["not_billable"]] == ["transfer_failed"]


# -- answers that come again -----------------------------------------------------------------


def test_a_denial_overturned_later_replaces_it(office: Office) -> None:
    """DESIGN 6.2: where the earlier answer paid nothing, the second one replaces it."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-252 100", remarks=("N706",)))
    assert office.denied() == [("CO-252", "100.00")]
    clean(office.pay(PAID_80, days=30), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.denied() == []


def test_a_duplicate_answer_moves_nothing_and_leaves_the_denial_open(office: Office) -> None:
    """DESIGN 6.2: CO-18 stops no clock."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-197 100"))
    deadline = office.book.denials()["denials"][0]["deadline"]
    clean(office.pay(whole("PCN1", "1", "100", "0", "CO-18 100"), days=30), "0.00")
    found = expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert [d["reason"] for d in found["denials"]] == ["197"]
    assert office.book.denials()["denials"][0]["deadline"] == deadline


def test_a_duplicate_answer_after_a_payment_moves_nothing(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    clean(office.pay(whole("PCN1", "1", "100", "0", "OA-18 100"), days=9), "0.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert office.denied() == []


def test_paid_twice_without_a_takeback_waits_for_a_person(office: Office) -> None:
    """The same payer pays again: never a plug, never posted by itself."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    result = office.pay(whole("PCN1", "1", "100", "85", "CO-45 15"), days=9)
    assert (result["posted"], result["unapplied"]) == ("0.00", "85.00")
    assert office.kinds() == ["second_answer"]
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_twins_in_one_remittance_are_not_both_posted(office: Office) -> None:
    """§7 no. 18: two CLPs equal in number and charge, over the same line."""
    office.bill(claim("PCN1"))
    result = office.pay(PAID_80, replace(PAID_80, control_number="ICN101"))
    assert (result["posted"], result["unapplied"]) == ("80.00", "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_claim_split_over_two_remittances_adds_up(office: Office) -> None:
    """Disjoint lines whose charges fit are parts of one answer."""
    office.bill(claim("PCN1", Line("99213", usd("100")), Line("93000", usd("50"))))
    office.pay(answer("PCN1", "1", service("99213", "100", "80", "CO-45 20")))
    expect(
        office,
        "PCN1",
        "undecided",
        "150.00",
        insurance_paid="80.00",
        written_off="20.00",
        insurance_open="50.00",
    )
    office.pay(answer("PCN1", "1", service("93000", "50", "30", "CO-45 10, PR-3 10")), days=3)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "150.00",
        insurance_paid="110.00",
        written_off="30.00",
        patient_responsibility="10.00",
    )


def test_an_add_on_taken_back_keeps_its_sign(office: Office) -> None:
    """§7 no. 20: CLP04 negative with status 1 is legal."""
    office.bill(claim("PCN1"))
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    clean(office.pay(whole("PCN1", "1", "100", "-10", "CO-45 110"), other), "290.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="-10.00", written_off="110.00")


# -- which claim -----------------------------------------------------------------------------

FIRST_VISIT = whole("VISITA", "1", "40", "30", "CO-45 10", control_number="ICNA100")
SECOND_VISIT = whole("VISITB", "1", "40", "25", "CO-45 15", control_number="ICNB200")


def test_two_equal_visits_of_one_day_are_two_claims(office: Office) -> None:
    """§6.3 same-day two visits with equal codes: two numbers, two claims, no 837 on file."""
    clean(office.pay(FIRST_VISIT, SECOND_VISIT), "55.00")
    expect(office, "VISITA", "closed", "40.00", insurance_paid="30.00", written_off="10.00")
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")


def test_a_payment_with_a_foreign_number_does_not_take_a_claim_from_its_own(
    office: Office,
) -> None:
    """Only VISITB is on file as an 837; VISITA's earlier payment must not land on it."""
    office.bill(claim("VISITB", Line("99213", usd("40"))))
    office.pay(FIRST_VISIT)
    office.pay(SECOND_VISIT, days=5)
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")
    assert "second_answer" not in office.kinds()


def test_one_payer_number_on_two_claims_of_a_patient(office: Office) -> None:
    """A payer that numbers by batch (equal CLP07): the patient control number tells them apart."""
    batch = replace(SECOND_VISIT, control_number="BATCH001")
    other_day = tuple(replace(s, day=SERVED + timedelta(days=1)) for s in batch.services)
    clean(
        office.pay(
            replace(FIRST_VISIT, control_number="BATCH001"), replace(batch, services=other_day)
        ),
        "55.00",
    )
    expect(office, "VISITA", "closed", "40.00", insurance_paid="30.00", written_off="10.00")
    expect(office, "VISITB", "closed", "40.00", insurance_paid="25.00", written_off="15.00")


def visits(office: Office, *days: int) -> list[date]:
    """The practice sends the account number as CLM01: one claim of 100.00 for each day."""
    served = [SERVED + timedelta(days=day) for day in days]
    office.bill(*(claim("ACCT7", service_from=day) for day in served))
    return served


def at(day: date, paid: str, adjustments: str, **more: Any) -> Answer:
    return answer("ACCT7", "1", service("99213", "100", paid, adjustments, day=day), **more)


def by_day(office: Office, number: str = "ACCT7") -> dict[str, dict[str, Any]]:
    listed = office.book.claim(number)
    assert listed["ambiguous"] is True
    return {c["service_from"]: office.book.claim(c["id"]) for c in listed["claims"]}


def test_an_account_number_as_claim_number_for_several_visits(office: Office) -> None:
    """DESIGN 8.1: each day is a claim of its own; the number lists them and asks for one."""
    first, second = visits(office, 0, 7)
    clean(office.pay(at(first, "80", "CO-45 20"), at(second, "70", "CO-45 20, PR-3 10")), "150.00")
    listed = by_day(office)
    assert listed[first.isoformat()]["insurance_paid"] == "80.00"
    assert listed[second.isoformat()]["patient_due"] == "10.00"
    ids = [found["id"] for found in listed.values()]
    assert [expect_id for expect_id in ids if not expect_id.startswith("C")] == []


def test_an_answer_without_a_day_asks_which_visit_it_means(office: Office) -> None:
    """Two claims fit equally well: a person chooses, the cash is unapplied; then it posts."""
    first, second = visits(office, 0, 7)
    undated = answer("ACCT7", "1", service("99213", "100", "80", "CO-45 20", day=None))
    result = office.pay(undated)
    assert result["unapplied"] == "80.00"
    question = office.exception("several_claims")
    assert len(question["candidates"]) == 2
    with pytest.raises(NotAllowed):
        office.book.resolve(question["id"], to="ACCT7", reason="that one", user="ann")
    chosen = by_day(office)[second.isoformat()]["id"]
    done = office.book.resolve(question["id"], to=chosen, reason="by the chart", user="ann")
    assert (done["posted"], done["settled"]) == ("80.00", [question["id"]])
    listed = by_day(office)
    assert listed[first.isoformat()]["state"] == "with_payer"
    assert listed[second.isoformat()]["insurance_paid"] == "80.00"
    office.book.undo(done["decision"])
    assert office.kinds() == ["several_claims"]
    assert by_day(office)[second.isoformat()]["insurance_paid"] == "0.00"


def test_a_replacement_replaces_the_visit_of_its_own_day(office: Office) -> None:
    """Frequency 7 under an account number: the claim with the same days is meant, not the first."""
    first, second = visits(office, 0, 7)
    fixed = claim("ACCT7", Line("99214", usd("150")), service_from=second, frequency="7")
    office.bill(fixed, day=second)
    charges = {day: found["charge"] for day, found in by_day(office).items()}
    assert charges == {first.isoformat(): "100.00", second.isoformat(): "150.00"}


def test_a_void_voids_the_visit_of_its_own_day(office: Office) -> None:
    first, second = visits(office, 0, 7)
    office.bill(claim("ACCT7", service_from=second, frequency="8"), day=second)
    charges = {day: found["charge"] for day, found in by_day(office).items()}
    assert charges == {first.isoformat(): "100.00", second.isoformat(): "0.00"}


@pytest.mark.parametrize("cut", [14, 15, 17, 20])
def test_a_number_cut_off_by_the_payer_finds_its_claim(office: Office, cut: int) -> None:
    """Payers cut at 14 to 20 characters and upper-case."""
    number = "clinic-2026-0000-123456789"
    office.bill(claim(number))
    returned = "CLINIC20260000123456789"[:cut]
    clean(office.pay(replace(PAID_80, number=returned)), "80.00")
    expect(office, number, "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_remittance_without_any_number_finds_the_visit(office: Office) -> None:
    """CLP01 = 0 (paper): member, day and charge tie it; 6.1 no. 5."""
    office.bill(claim("PCN1"))
    clean(office.pay(replace(PAID_80, number="0")), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_the_wrong_patient_under_the_right_number_is_asked_about(office: Office) -> None:
    """The number agrees, name and member id do not: never posted by rule, no second claim."""
    office.bill(claim("PCN1"))
    stranger = replace(PAID_80, patient=OSCAR, member_id="W777")
    result = office.pay(stranger)
    assert result["unapplied"] == "80.00"
    assert office.kinds() == ["claim_not_certain"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_one_patient_at_two_practices_in_one_file(office: Office) -> None:
    """§6.3: two payees in one file; balances are kept apart."""
    other = replace(PRACTICE, name="RIVERSIDE CLINIC", npi=with_check_digit("198700000"))
    here = office.payment(whole("PCNA", "1", "100", "80", "CO-45 10, PR-3 10"), trace="T1")
    there = office.payment(
        whole("PCNB", "1", "100", "70", "CO-45 10, PR-3 20"), trace="T2", practice=other
    )
    clean(office.remit(here, there), "150.00")
    accounts = {number: office.book.claim(number)["account"] for number in ("PCNA", "PCNB")}
    assert accounts["PCNA"] != accounts["PCNB"]
    assert office.book.balance("PCNA")["patient_due"] == "10.00"
    assert office.book.balance("PCNB")["patient_due"] == "20.00"


# -- claims that change ----------------------------------------------------------------------


def test_a_claim_sent_again_is_one_claim(office: Office) -> None:
    """Same number, patient and days: its charge and its desk payment count once."""
    office.bill(claim("PCN1", patient_paid=usd("25")))
    office.bill(claim("PCN1", patient_paid=usd("25")), day=SERVED + timedelta(days=30))
    office.pay(whole("PCN1", "1", "100", "55", "CO-45 20, PR-3 25"))
    expect(
        office,
        "PCN1",
        "closed",
        "100.00",
        insurance_paid="55.00",
        written_off="20.00",
        patient_responsibility="25.00",
        patient_paid="25.00",
    )


def test_a_corrected_claim_after_a_denial(office: Office) -> None:
    """Frequency 7 with another charge: denied 100, then 120 answered in full."""
    office.bill(claim("PCN1"))
    office.pay(whole("PCN1", "1", "100", "0", "CO-16 100", control_number="ICN1", remarks=("M20",)))
    fixed = claim("PCN1", Line("99214", usd("120")), frequency="7", original_reference="ICN1")
    office.bill(fixed, day=later(5))
    found = office.book.claim("PCN1")
    assert (found["charge"], found["insurance_open"]) == ("120.00", "120.00")
    paid = answer("PCN1", "1", service("99214", "120", "90", "CO-45 30"), control_number="ICN2")
    clean(office.pay(paid, days=20), "90.00")
    expect(office, "PCN1", "closed", "120.00", insurance_paid="90.00", written_off="30.00")
    assert office.denied() == []


def test_a_voided_claim_with_money_owes_it_back(office: Office) -> None:
    """Frequency 8: the charge is gone; what was paid is the payer's until it is taken back."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80)
    office.bill(claim("PCN1", frequency="8", original_reference="ICN100"), day=later(3))
    expect(office, "PCN1", "credit_payer", "0.00", insurance_paid="80.00", payer_credit="80.00")
    other = whole("PCN2", "1", "300", "300", "", patient=OSCAR, member_id="W200")
    clean(office.pay(reversal(PAID_80), other, days=14), "220.00")
    expect(office, "PCN1", "closed", "0.00")


def test_a_claim_that_comes_after_its_remittance_brings_its_charge(office: Office) -> None:
    """DESIGN 7: its charge wins, the difference is posted, and somebody is told."""
    office.pay(PAID_80)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    result = office.bill(claim("PCN1", Line("99213", usd("110"))))
    expect(
        office,
        "PCN1",
        "undecided",
        "110.00",
        insurance_paid="80.00",
        written_off="20.00",
        insurance_open="10.00",
    )
    told = [f["code"] for file in result["files"] for f in file["findings"]]
    assert "charge-differs" in told


def test_a_smaller_claim_after_its_remittance(office: Office) -> None:
    """Paid 80 and written off 20 on a claim of 90: cut to the charge, and somebody is told."""
    office.pay(PAID_80)
    result = office.bill(claim("PCN1", Line("99213", usd("90"))))
    found = office.book.claim("PCN1")
    assert found["charge"] == "90.00"
    assert found["insurance_paid"] == "80.00"
    assert (found["payer_credit"], found["written_off"]) == ("0.00", "10.00")
    told = [f["code"] for file in result["files"] for f in file["findings"]]
    assert "charge-differs" in told


# -- what $0, odd codes and odd amounts mean -------------------------------------------------


def one_answer(office: Office, paid: Answer, **more: Any) -> dict[str, Any]:
    """A claim of 100.00 and one answer to it."""
    office.bill(claim("PCN1", payers=(more.get("payer", PLAIN),)))
    result: dict[str, Any] = office.pay(paid, **more)
    return result


def test_status_4_with_missing_information_is_a_denial_by_money(office: Office) -> None:
    """§7 no. 6: misuse of 4; the case is CO-16, the claim is the patient's known one."""
    clean(one_answer(office, whole("PCN1", "4", "100", "0", "CO-16 100", remarks=("M20",))), "0.00")
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert office.denied() == [("CO-16", "100.00")]


def test_status_1_with_the_full_charge_as_contractual_writes_off(office: Office) -> None:
    """§7 no. 6: CO-45 = charge: by the group and the reason it is contractual, not a denial."""
    result = one_answer(office, whole("PCN1", "1", "100", "0", "CO-45 100"))
    assert (result["denied_claims"], result["denied_amount"]) == (0, "0.00")
    expect(office, "PCN1", "closed", "100.00", written_off="100.00")
    assert office.denied() == []


def test_a_copay_as_large_as_the_allowed_amount(office: Office) -> None:
    """§7 no. 5: PR-3 with CLP04 0 is no denial."""
    one_answer(office, whole("PCN1", "1", "100", "0", "CO-45 70, PR-3 30", responsibility=3000))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        written_off="70.00",
        patient_responsibility="30.00",
    )
    assert office.denied() == []


@pytest.mark.parametrize("stated", [None, usd("25"), usd("0")])
def test_patient_responsibility_is_the_sum_of_pr_whatever_clp05_says(
    office: Office, stated: int | None
) -> None:
    """§7 no. 4 and 3.1 no. 4: a warning, not a hold."""
    paid = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", responsibility=stated)
    clean(one_answer(office, paid), "60.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def test_an_unknown_reason_stays_open_and_is_asked_about(office: Office) -> None:
    """§7 no. 11: show the code; no rule writes it off or bills it."""
    one_answer(office, whole("PCN1", "1", "100", "70", "CO-45 10, CO-Z99 20"))
    expect(
        office,
        "PCN1",
        "undecided",
        "100.00",
        insurance_paid="70.00",
        written_off="10.00",
        insurance_open="20.00",
    )
    assert office.exception("undecided_adjustment")["amount"] == "20.00"
    assert "CO-Z99" in office.exception("undecided_adjustment")["reason"]


@pytest.mark.parametrize("reason", ["OA-133", "OA-257", "OA-277", "OA-209"])
def test_what_the_payer_has_not_decided_stays_open(office: Office, reason: str) -> None:
    """DESIGN 6.2: pended, grace period, OA-209."""
    one_answer(office, whole("PCN1", "1", "100", "0", f"{reason} 100"))
    expect(office, "PCN1", "undecided", "100.00", insurance_open="100.00")
    assert office.kinds() == ["undecided_adjustment"]
    assert office.denied() == []


def test_group_cr_of_old_files_is_never_posted_by_itself(office: Office) -> None:
    """§1: CR belongs to 4010; 5010 has four groups."""
    one_answer(office, whole("PCN1", "1", "100", "70", "CO-45 10, CR-45 20"))
    found = office.book.claim("PCN1")
    assert (found["written_off"], found["insurance_open"]) == ("10.00", "20.00")
    assert office.kinds() == ["undecided_adjustment"]


def test_remark_codes_of_the_claim_alone(office: Office) -> None:
    """§7 no. 11: MOA remarks without a line remark reach the denial."""
    denied = Answer(
        "PCN1", "1", 10000, 0, cas=cas("CO-16 100"), patient=EDITH, remarks=("MA130", "N382")
    )
    one_answer(office, denied)
    (row,) = office.book.denials()["denials"]
    assert row["remarks"] == ["MA130", "N382"]


def test_the_payers_allowed_amount_above_the_charge(office: Office) -> None:
    """§7 no. 10: allowed 120 on a charge of 100: paid 80, patient 40, contractual -20."""
    one_answer(office, whole("PCN1", "1", "100", "80", "CO-45 -20, PR-2 40"))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="80.00",
        written_off="-20.00",
        patient_responsibility="40.00",
    )
    assert office.kinds() == []


def test_a_secondary_with_oa23_and_a_negative_94(office: Office) -> None:
    """§7 no. 10: OA-23 more than the charge, OA-94 in return; nothing is written off twice."""
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PRIMARY)
    office.pay(whole("PCN1", "2", "100", "20", "OA-23 90, OA-94 -10"), payer=HARBOR, days=3)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_sixty_lines(office: Office) -> None:
    """Each line keeps its own money; the account is billed once."""
    lines = [Line("97110", usd("10"), control=f"L{n}") for n in range(60)]
    office.bill(claim("PCN1", *lines, form="I", place="13"))
    services = [service("97110", "10", "6", "CO-45 3, PR-2 1", control=f"L{n}") for n in range(60)]
    clean(office.pay(answer("PCN1", "1", *reversed(services))), "360.00")
    found = expect(
        office,
        "PCN1",
        "patient_billable",
        "600.00",
        insurance_paid="360.00",
        written_off="180.00",
        patient_responsibility="60.00",
    )
    assert {line["insurance_paid"] for line in found["lines"]} == {"6.00"}
    assert len(found["lines"]) == 60


def test_lines_without_dates_take_the_claims(office: Office) -> None:
    """§7 no. 17: no DTM on the lines, DTM*232 only."""
    undated = answer(
        "PCN1", "1", service("99213", "100", "80", "CO-45 20", day=None), service_from=SERVED
    )
    clean(one_answer(office, undated), "80.00")
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_a_claim_answered_without_lines(office: Office) -> None:
    """§7 no. 16: everything stands at claim level."""
    office.bill(claim("PCN1", Line("99213", usd("60")), Line("93000", usd("40"))))
    bare = Answer("PCN1", "1", 10000, 7000, cas=cas("CO-45 20, PR-1 10"), patient=EDITH)
    clean(office.pay(bare), "70.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="70.00",
        written_off="20.00",
        patient_responsibility="10.00",
    )


@pytest.mark.parametrize("status", ["23", "25"])
def test_notices_without_money_change_nothing(office: Office, status: str) -> None:
    """§2.3: forwarded (not ours) and predetermination never post, never open a claim."""
    office.bill(claim("PCN1"))
    result = office.pay(whole("PCN1", status, "100", "0", "CO-45 100"))
    assert (result["unapplied"], result["exceptions"]) == ("0.00", 0)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    office.pay(whole("PCN9", status, "100", "0", "CO-45 100"))
    with pytest.raises(NotFound):
        office.book.claim("PCN9")


@pytest.mark.parametrize("status", ["23", "25", "5"])
def test_money_under_a_status_that_carries_none_waits(office: Office, status: str) -> None:
    office.bill(claim("PCN1"))
    result = office.pay(whole("PCN1", status, "100", "80", "CO-45 20"))
    assert (result["unapplied"], result["posted"]) == ("80.00", "0.00")
    assert office.kinds() == ["status_without_rule"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


# -- law and contract ------------------------------------------------------------------------

QMB_ANSWER = whole("PCN1", "1", "100", "60", "CO-45 20, PR-2 20", remarks=("N781",))


def test_a_qmb_share_with_no_payer_left_is_written_off(office: Office) -> None:
    """§4.3 QMB: not collectible, although the remittance shows PR."""
    one_answer(office, QMB_ANSWER, payer=MEDICARE)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="60.00", written_off="40.00")


def test_a_qmb_share_goes_to_medicaid_first(office: Office) -> None:
    """DESIGN 6.2: written off only when no payer is left to ask."""
    office.bill(claim("PCN1", payers=(MEDICARE, MEDICAID)))
    office.pay(QMB_ANSWER, payer=MEDICARE)
    expect(
        office,
        "PCN1",
        "with_next_payer",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        insurance_open="20.00",
    )
    office.pay(whole("PCN1", "2", "100", "5", "OA-23 80, CO-45 15"), payer=MEDICAID, days=9)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="65.00", written_off="35.00")


@pytest.mark.parametrize("supplement", [MEDICAID, HARBOR])
def test_a_qmb_share_that_the_last_payer_leaves_is_never_billable(
    office: Office, supplement: Payer
) -> None:
    """§4.3: "even if Medicaid pays 0"; neither Medicaid nor a supplement makes it collectible."""
    office.bill(claim("PCN1", payers=(MEDICARE, supplement)))
    office.pay(QMB_ANSWER, payer=MEDICARE)
    office.pay(whole("PCN1", "2", "100", "0", "OA-23 80, PR-2 20"), payer=supplement, days=9)
    found = office.book.claim("PCN1")
    assert found["patient_billable"] == "0.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="60.00", written_off="40.00")


def test_medicaid_leaves_only_its_copay_billable(office: Office) -> None:
    """§7 no. 15, 4.3: deductible under Medicaid is not billable, the nominal copay is."""
    one_answer(office, whole("PCN1", "1", "100", "50", "CO-45 20, PR-1 27, PR-3 3"), payer=MEDICAID)
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="50.00",
        written_off="20.00",
        patient_responsibility="30.00",
        billable="3.00",
    )


@pytest.mark.parametrize(
    ("adjustment", "remarks", "hold"),
    [
        ("PR-45", (), "balance_billing"),
        ("PR-227", (), "patient_action_needed"),
        ("PR-204", (), "open_denial"),
        ("PR-96", ("N179",), "patient_action_needed"),
        ("PR-27", (), "open_denial"),
        ("PR-197", (), "contract"),
        ("PR-45", ("N830",), "no_surprises"),
    ],
)
def test_patient_amounts_that_wait(
    office: Office, adjustment: str, remarks: tuple[str, ...], hold: str
) -> None:
    """§4.2 nos. 10, 12; DESIGN 6.2: the patient's, and not billable yet, with the reason."""
    one_answer(
        office, whole("PCN1", "1", "100", "60", f"CO-45 20, {adjustment} 20", remarks=remarks)
    )
    found = expect(
        office,
        "PCN1",
        "patient_not_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
        billable="0.00",
    )
    assert [(p["reason"], p["amount"]) for p in found["not_billable"]] == [(hold, "20.00")]


def test_patient_paid_too_much(office: Office) -> None:
    """§4.2 no. 15: credit once nobody else has to answer."""
    office.bill(claim("PCN1", patient_paid=usd("60")))
    office.pay(whole("PCN1", "1", "100", "55", "CO-45 20, PR-3 25"))
    expect(
        office,
        "PCN1",
        "credit_patient",
        "100.00",
        insurance_paid="55.00",
        written_off="20.00",
        patient_responsibility="25.00",
        patient_paid="60.00",
        credit="35.00",
    )


def test_a_partly_held_share_and_a_part_payment(office: Office) -> None:
    """A payment at the desk settles what may be billed first: nothing held becomes billable."""
    office.bill(claim("PCN1", patient_paid=usd("10")))
    office.pay(whole("PCN1", "1", "100", "40", "CO-45 20, PR-3 15, PR-204 25"))
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="40.00",
        written_off="20.00",
        patient_responsibility="40.00",
        patient_paid="10.00",
        due="30.00",
        billable="5.00",
    )


# -- checks ----------------------------------------------------------------------------------


def test_one_check_in_two_transactions_that_each_repeat_the_whole(office: Office) -> None:
    """§3.4: BPR02 150 stands in both; the group proves; it counts once."""
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    parts = [
        office.payment(PAID_80, trace="T1", amount=usd("150")),
        office.payment(other, trace="T1", amount=usd("150")),
    ]
    clean(office.remit(*parts), "150.00")


def test_one_check_in_two_transactions_with_their_own_amounts(office: Office) -> None:
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    clean(
        office.remit(office.payment(PAID_80, trace="T1"), office.payment(other, trace="T1")),
        "150.00",
    )


def test_the_same_trace_number_from_two_payers_is_two_payments(office: Office) -> None:
    """§7 no. 14: TRN02 alone is not a key."""
    clean(office.pay(PAID_80, trace="SAME"), "80.00")
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    result = office.pay(other, trace="SAME", payer=STONE)
    clean(result, "70.00")
    assert (result["duplicates"], result["reissued"]) == (0, 0)


def test_an_equal_transaction_twice_in_one_file_is_one(office: Office) -> None:
    remit = office.payment(PAID_80, trace="T1")
    result = office.remit(remit, remit)
    assert (result["remittances"], result["duplicates"]) == (1, 1)
    clean(result, "80.00")


def test_a_check_issued_again_with_other_content_is_kept_aside(office: Office) -> None:
    """DESIGN 5: re-issued; a person may release it, and may take that back."""
    office.bill(claim("PCN1"), claim("PCN2", patient=OSCAR))
    office.pay(PAID_80, trace="T1")
    other = whole("PCN2", "1", "100", "70", "CO-45 30", patient=OSCAR, member_id="W100")
    result = office.pay(other, trace="T1")
    assert (result["reissued"], result["payments_total"]) == (1, "0.00")
    expect(office, "PCN2", "with_payer", "100.00", insurance_open="100.00")
    question = office.exception("reissued_payment")
    done = office.book.resolve(question["id"], post_anyway=True, reason="both came", user="ann")
    expect(office, "PCN2", "closed", "100.00", insurance_paid="70.00", written_off="30.00")
    assert office.kinds() == []
    office.book.undo(done["decision"])
    assert office.kinds() == ["reissued_payment"]
    expect(office, "PCN2", "with_payer", "100.00", insurance_open="100.00")


def test_provider_adjustments_alone(office: Office) -> None:
    """§7 no. 8: BPR02 = minus the sum of PLB, no CLP; balance carried forward and taken over."""
    clean(
        office.pay(provider_adjustments=(ProviderAdjustment("L6", "INT", usd("-12.50")),)), "12.50"
    )
    held = whole("PCN1", "1", "100", "80", "CO-45 20")
    clean(
        office.pay(held, provider_adjustments=(ProviderAdjustment("FB", "F", usd("80")),)), "0.00"
    )
    clean(office.pay(provider_adjustments=(ProviderAdjustment("FB", "F", usd("-80")),)), "80.00")
    assert office.sql("SELECT SUM(cents) FROM postings WHERE account = 'interest'") == [(-1250,)]
    carried = "SELECT SUM(cents) FROM postings WHERE account = 'provider_adjustment'"
    assert office.sql(carried) == [(0,)]


def test_interest_never_touches_the_patient(office: Office) -> None:
    """§7 no. 19, 4.2 no. 14: AMT*I informs, PLB L6 pays."""
    office.bill(claim("PCN1"))
    paid = whole("PCN1", "1", "100", "60", "CO-45 20, PR-1 20", interest=usd("3.21"))
    interest = ProviderAdjustment("L6", "ICN1", usd("-3.21"))
    clean(office.pay(paid, provider_adjustments=(interest,)), "63.21")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        insurance_paid="60.00",
        written_off="20.00",
        patient_responsibility="20.00",
    )


def altered(office: Office, remit: Remit, old: str, new: str) -> dict[str, Any]:
    """Import a remittance with one element changed by hand."""
    text = build_835([remit], Envelope(day=remit.day, control=office.sent + 1))
    assert old in text
    return office.file(text.replace(old, new))


def test_a_debit_is_held(office: Office) -> None:
    """BPR03 D: the payer takes money; no rule posts it."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "BPR*I*80*C", "BPR*I*80*D")
    assert result["posted"] == "0.00"
    assert office.kinds() == ["debit_payment"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


@pytest.mark.parametrize("handling", ["H", "P", "I"])
def test_zero_payments_of_any_handling_post(office: Office, handling: str) -> None:
    """§3.4: BPR04 NON, BPR01 H (some I): posted like any other."""
    office.bill(claim("PCN1"))
    remit = office.payment(whole("PCN1", "1", "100", "0", "CO-45 70, PR-1 30"))
    result = altered(office, remit, "BPR*H*0*C*NON", f"BPR*{handling}*0*C*NON")
    clean(result, "0.00")
    expect(
        office,
        "PCN1",
        "patient_billable",
        "100.00",
        written_off="70.00",
        patient_responsibility="30.00",
    )


def test_an_amount_with_a_fraction_of_a_cent_is_held(office: Office) -> None:
    """DESIGN 6: three decimals go to a person; nothing is rounded."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "CAS*CO*45*20~", "CAS*CO*45*20.005~")
    assert (result["posted"], result["unapplied"], result["balanced"]) == ("0.00", "80.00", False)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_a_check_with_a_fraction_of_a_cent_counts_zero_and_holds(office: Office) -> None:
    """DESIGN 8.1: a BPR02 that cannot be read counts as zero and holds the remittance."""
    office.bill(claim("PCN1"))
    result = altered(office, office.payment(PAID_80), "BPR*I*80*", "BPR*I*80.001*")
    assert (result["payments_total"], result["posted"]) == ("0.00", "0.00")
    assert office.kinds() == ["payment_unreadable"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


@pytest.mark.parametrize("amount", ["80.", "80.000", "+80", "080.0"])
def test_amounts_in_other_forms_are_the_same_money(office: Office, amount: str) -> None:
    """§7 no. 2."""
    office.bill(claim("PCN1"))
    clean(altered(office, office.payment(PAID_80), "BPR*I*80*", f"BPR*I*{amount}*"), "80.00")


def test_a_remittance_that_does_not_prove_is_released_by_a_person(office: Office) -> None:
    """DESIGN 7: post anyway; the difference stays visible on the remittance; undo holds again."""
    office.bill(claim("PCN1"))
    result = office.pay(PAID_80, amount=usd("85"))
    assert (result["payments_total"], result["unapplied"]) == ("85.00", "85.00")
    question = office.exception("remittance_does_not_balance")
    done = office.book.resolve(question["id"], post_anyway=True, reason="bank says 85", user="ann")
    assert done["posted"] == "80.00"
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    (row,) = office.book.report("remittances")["rows"]
    assert (row["payment"], row["posted"], row["unapplied"]) == ("85.00", "80.00", "5.00")
    office.book.undo(done["decision"])
    assert office.kinds() == ["remittance_does_not_balance"]
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_the_difference_of_a_released_remittance_stays_in_the_exceptions(office: Office) -> None:
    """DESIGN 6.1: what could not be applied stands in unapplied *and* in the exception list."""
    office.bill(claim("PCN1"))
    office.pay(PAID_80, amount=usd("85"))
    question = office.exception("remittance_does_not_balance")
    office.book.resolve(question["id"], post_anyway=True, reason="bank says 85", user="ann")
    assert office.book.exceptions()["amount"] == "5.00"


def test_a_claim_payment_that_does_not_prove_holds_only_itself(office: Office) -> None:
    """DESIGN 7: the others of the check post; post anyway releases it, undo holds it again."""
    office.bill(claim("PCN1"))
    wrong = whole("PCN1", "1", "100", "80", "CO-45 15")
    other = whole("PCN2", "1", "90", "70", "CO-45 20", patient=OSCAR, member_id="W200")
    result = office.pay(wrong, other)
    assert (result["posted"], result["unapplied"], result["balanced"]) == ("70.00", "80.00", False)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    question = office.exception("claim_payment_does_not_balance")
    done = office.book.resolve(question["id"], post_anyway=True, reason="called", user="ann")
    expect(
        office,
        "PCN1",
        "undecided",
        "100.00",
        insurance_paid="80.00",
        written_off="15.00",
        insurance_open="5.00",
    )
    office.book.undo(done["decision"])
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    assert office.kinds() == ["claim_payment_does_not_balance"]


# -- decisions, undo, dry run ----------------------------------------------------------------


def figures(office: Office) -> Any:
    """Everything that people see of money, without ids that grow."""
    rows = office.book.report("claims")["rows"]
    waiting = [(x["kind"], x["amount"]) for x in office.book.exceptions()["exceptions"]]
    checks = office.book.report("remittances")["rows"]
    return (
        sorted(
            (r["patient_control_number"], r["state"], r["charge"], r["patient_due"]) for r in rows
        ),
        sorted(waiting),
        sorted((r["trace_number"], r["posted"], r["unapplied"]) for r in checks),
        office.denied(),
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
    real = office.book.import_files([path])
    assert real == predicted
    assert real["settled"] == {"count": 1, "amount": "15.00"}
