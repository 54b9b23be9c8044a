"""Letters about lines below contract and about money taken back; both databases.

What a letter has to hold: appeals.md section 6. The figures were worked out by hand.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import docx  # type: ignore[import-untyped]
import pytest
from typer.testing import CliRunner

from medcollect.cli.app import app
from tests.flows.money.office import (
    LIFT,
    MEDICARE,
    PAID_80,
    Office,
    answer,
    claim,
    later,
    service,
)
from tests.support.specs import Line, ProviderAdjustment, reversal, usd

FIRST = date(2026, 1, 1)
TABLE = "procedure,modifiers,amount\n99213,,95.00\n93000,26,40.00\n93000,,60.00\n"
LINES = (Line("99213", usd("100")), Line("93000", usd("70"), modifiers=("26",)))


@pytest.fixture
def office(either_office: Office) -> Office:
    return either_office


def bring_contract(office: Office) -> None:
    table = office.folder / "ppo.csv"
    table.write_text(TABLE)
    office.book.import_contract(
        table, name="PPO", valid_from=FIRST, payer="PLAINFIELD*", user="kim"
    )


def text_of(office: Office, denial: str, **options: Any) -> str:
    """Everything that the Word file says."""
    file = office.book.letter_file(denial, "docx", **options)
    document = docx.Document(io.BytesIO(file))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def rows_of(office: Office, denial: str, heading: str) -> list[list[str]]:
    """The rows of the table whose head begins so."""
    document = docx.Document(io.BytesIO(office.book.letter_file(denial, "docx")))
    (table,) = (t for t in document.tables if heading in [c.text for c in t.rows[0].cells])
    return [[cell.text for cell in row.cells] for row in table.rows][1:]


@pytest.fixture
def underpaid(office: Office) -> Office:
    """Two lines of one answer below contract: 95.00 and 40.00 are due, 80.00 and 30.00 allowed."""
    bring_contract(office)
    office.bill(claim("PCN1", *LINES))
    lines = (
        service("99213", "100", "60", "CO-45 20, PR-2 20"),
        service("93000", "70", "30", "CO-45 40", modifiers=("26",)),
    )
    office.pay(answer("PCN1", "1", *lines, control_number="ICN1"))
    return office


def only(office: Office, category: str) -> list[dict[str, Any]]:
    return list(office.book.denials(category=category)["denials"])


def test_lines_below_contract_are_one_letter_with_both_amounts_and_the_term(
    underpaid: Office,
) -> None:
    (letter,) = underpaid.book.letters(dry_run=True)["letters"]
    assert (letter["category"], letter["amount"]) == ("underpayment", "25.00")
    assert (letter["group"], letter["reason"]) == ("", "contract")
    assert len(letter["denials"]) == 2
    assert letter["deadline"]
    denial = letter["denials"][0]
    assert rows_of(underpaid, denial, "You allowed") == [
        ["01/12/2026", "99213", "1", "$100.00", "$80.00", "$95.00", "$60.00", "$15.00"],
        ["01/12/2026", "93000-26", "1", "$70.00", "$30.00", "$40.00", "$30.00", "$10.00"],
    ]
    said = text_of(underpaid, denial)
    assert "The contract that speaks: PPO, in force from January 1, 2026." in said
    assert "93000-26 of 01/12/2026: PPO (from 2026-01-01) row 3: 40.00. Expected 40.00" in said
    assert "You allowed $25.00 less than the contract says." in said
    assert "refused" not in said
    assert "pay the difference: $25.00" in said
    assert [line[:5] for line in said.splitlines() if line.startswith(("CO-45", "PR-2"))] == [
        "CO-45",
        "PR-2 ",
    ]
    wanted = [blank["what"] for blank in letter["blanks"] if "contract" in blank["what"]]
    assert wanted
    assert not [blank for blank in letter["blanks"] if blank["who"] == "clinician"]


def test_it_is_logged_moves_its_case_and_is_taken_back(underpaid: Office) -> None:
    denial = only(underpaid, "underpayment")[0]["id"]
    sent = underpaid.book.letter_sent(denial, means="fax", sent_on=later(5), user="kim")
    assert (sent["amount"], sent["case_step"]["state"]) == ("25.00", "appealed")
    assert any("already" in note for note in underpaid.book.letter(denial)["notes"])
    underpaid.book.undo(sent["id"])
    assert underpaid.book.denial(denial)["state"] == "new"
    assert not any("already" in note for note in underpaid.book.letter(denial)["notes"])


def test_a_line_that_the_payer_split_is_told_whole(office: Office) -> None:
    bring_contract(office)
    office.bill(claim("PCN1", Line("99213", usd("100"))))
    halves = [service("99213", "50", "40", "CO-45 10", control="1") for _ in range(2)]
    office.pay(answer("PCN1", "1", *halves, control_number="ICN1"))
    denial = only(office, "underpayment")[0]["id"]
    ((_, code, _, billed, allowed, contract, paid, short),) = rows_of(office, denial, "You allowed")
    assert (code, billed, paid) == ("99213", "$100.00", "$80.00")
    assert (allowed, contract, short) == ("$80.00", "$95.00", "$15.00")


def test_a_reversal_without_correction_is_asked_about(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80, trace="CHECK1")
    office.pay(reversal(PAID_80), LIFT, days=14, trace="CHECK2")
    (letter,) = office.book.letters(dry_run=True)["letters"]
    assert (letter["category"], letter["amount"]) == ("silent_denial", "80.00")
    denial = letter["denials"][0]
    how = "reversal of the payment (CLP02 22)"
    assert rows_of(office, denial, "How") == [["02/16/2026", "CHECK2", how, "none", "$80.00"]]
    said = text_of(office, denial)
    assert "You took $80.00 back and sent no decision" in said
    assert "You had paid the claim on February 2, 2026." in said
    assert "Services of the claim: 99213." in said
    assert "$-" not in said
    assert "refused" not in said
    assert "1893" not in said


def test_a_recovery_names_its_codes_and_references(office: Office) -> None:
    office.bill(claim("PCN1"))
    office.pay(PAID_80, trace="CHECK1")
    took = ProviderAdjustment("WO", "ICN100", usd("30"))
    office.pay(LIFT, days=20, trace="CHECK3", provider_adjustments=(took,))
    letter = office.book.letter(only(office, "silent_denial")[0]["id"])
    ((day, trace, how, reference, amount),) = rows_of(office, letter["denials"][0], "How")
    assert (day, trace, reference, amount) == ("02/22/2026", "CHECK3", "ICN100", "$30.00")
    assert how.startswith("provider adjustment PLB WO: ")
    told = [text for text in letter["enclosures"] if "remittance advice" in text]
    assert ["CHECK1" in told[0], "CHECK3" in told[1]] == [True, True]


def test_medicares_rule_on_recoupment_stands_in_its_letter_alone(office: Office) -> None:
    office.bill(claim("PCN1", payers=(MEDICARE,)))
    office.pay(PAID_80, payer=MEDICARE)
    office.pay(reversal(PAID_80), LIFT, days=14, payer=MEDICARE)
    said = text_of(office, only(office, "silent_denial")[0]["id"])
    assert "within 30 days of the demand (section 1893(f)(2)" in said


def test_a_batch_says_on_the_terminal_what_it_leaves_out(underpaid: Office, book_url: str) -> None:
    denial = only(underpaid, "underpayment")[0]["id"]
    underpaid.book.letter_sent(denial, means="fax", sent_on=later(5), user="kim")
    done = CliRunner().invoke(app, ["--book", book_url, "letter", "--all", "--dry-run"])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "1 left out, 1 of them appealed already and waiting for the payer." in said


def test_the_later_levels_say_what_is_in_dispute_too(underpaid: Office) -> None:
    denial = only(underpaid, "underpayment")[0]["id"]
    said = text_of(underpaid, denial, level="external_review")
    assert "The internal appeals have ended. You allowed $25.00 less" in said
    assert "is still refused" not in said
