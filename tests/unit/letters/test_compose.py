"""What letters say: every kind of refusal at every level, nothing made up, no gap unmarked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from medcollect import codes
from medcollect.denials import every_limit
from medcollect.errors import NotAllowed
from medcollect.letters import LEVELS, LetterFacts, Level, SentBefore, compose, read_wording
from medcollect.letters.records import Letter
from medcollect.model.letters import LetterOffice, PayerAddress
from medcollect.model.remittance import ClaimPayment
from medcollect.tasks.worklists import categories
from tests.unit.letters.conftest import TODAY, made, service

WORDING = read_wording(None)
#: A rejected claim was never judged, so that nothing about it can be appealed.
WITHOUT_LETTER = {"rejected"}
CATEGORIES = [category for category in categories() if category not in WITHOUT_LETTER]
KINDS = {"commercial": "12", "medicare": "MB", "medicaid": "MC", "advantage": "16"}
Make = Callable[..., LetterFacts]


def whole_text(letter: Letter) -> str:
    return msgspec.json.encode(letter).decode()


def answered_by(known: LetterFacts, payment: ClaimPayment) -> LetterFacts:
    answer = msgspec.structs.replace(known.answers[0], payment=payment)
    return msgspec.structs.replace(known, answers=(answer,))


def written(known: LetterFacts, level: Level = "reconsideration") -> Letter:
    return compose(known, level, WORDING, TODAY)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_makes_a_letter_at_every_level(known: Make, category: str) -> None:
    for level in LEVELS:
        for indicator in KINDS.values():
            letter = written(known(category=category, filing_indicator=indicator), level)
            text = whole_text(letter)
            assert not re.search(r"\bNone\b|\bnan\b|\{[a-z_]+\}", text)
            assert letter.title
            assert letter.reasons
            assert letter.asked
            assert "$900.00" in letter.claim.in_dispute
            assert any("$900.00" in wish for wish in letter.asked), category
            assert text.count("[TO BE FILLED IN BY THE") >= len(letter.blanks()) > 0


def test_no_words_without_a_category() -> None:
    assert set(WORDING.categories) == set(CATEGORIES)


def test_a_rejected_claim_has_no_letter(known: Make) -> None:
    with pytest.raises(NotAllowed, match="no words"):
        written(known(category="rejected"))


def test_it_holds_the_numbers_of_both_sides_and_the_payers_codes_in_our_words(known: Make) -> None:
    letter = written(known())
    assert (letter.claim.number, letter.claim.payer_number) == ("CH2001", "PCH2001")
    assert letter.patient.name == "DEXTER HOLLINGBROOK"
    assert (letter.patient.birth_date, letter.patient.member_id) == ("December 6, 1978", "PM700359")
    assert letter.practice.address == ("400 MAIN STREET", "CEDAR HOLLOW, IA 52240-0001")
    assert (letter.practice.npi, letter.practice.tax_id) == ("1234567893", "999123456")
    assert letter.claim.policies == "L33801"
    assert any("L33801" in text for text in letter.reasons)
    reason, remark = codes.reason("50"), codes.remark("N115")
    assert reason is not None
    assert remark is not None
    told = [(code.code, code.words) for code in letter.codes]
    assert told == [("CO-50", reason.label), ("N115", remark.label)]


def test_an_unknown_code_is_called_one(known: Make) -> None:
    facts = msgspec.structs.replace(known().facts, reason="Z99", remarks=("Q1",))
    letter = written(known(facts=facts, category="unknown_code"))
    assert "no list" in letter.codes[0].words


def test_nothing_medical_is_told_but_codes_and_blanks(known: Make) -> None:
    letter = written(known())
    told = [text for text in letter.reasons if "CLINICIAN" not in text]
    assert told == [
        (
            "You answered that the services were not medically necessary. We ask that a clinician "
            "of the same specialty review the record against the policy."
        ),
        "Procedures in dispute: G0399.",
        "Diagnosis codes on the claim: G4733.",
        "Policy that your remittance names: L33801.",
    ]
    assert [b.who for b in letter.blanks()].count("clinician") == 3


# -- levels and their limits ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator", "level", "title"),
    [
        ("12", "reconsideration", "Request for reconsideration"),
        ("MB", "redetermination", "Request for redetermination"),
        ("MB", "second_level", "Request for reconsideration by a qualified independent contractor"),
        ("MB", "external_review", "Request for a hearing before an administrative law judge"),
        ("MC", "external_review", "Request for a state fair hearing"),
        ("12", "external_review", "Request for external review"),
    ],
)
def test_a_level_is_called_as_its_programme_calls_it(
    known: Make, indicator: str, level: Level, title: str
) -> None:
    assert written(known(filing_indicator=indicator), level).title == title


def test_medicares_second_level_counts_from_the_redetermination(known: Make) -> None:
    first = known(filing_indicator="MB")
    assert "[TO BE FILLED" in written(first, "second_level").timeliness[0]
    day = date(2026, 5, 4)
    limits = every_limit(first.facts, TODAY, decided={"level1_redetermination": day})
    letter = written(known(filing_indicator="MB", limits=limits, decided=day), "second_level")
    # 180 days after May 4, 2026 (42 CFR 405.962) are October 31, a Saturday.
    assert letter.timeliness == (
        "The time limit for this request ends on October 30, 2026. It counts from May 4, 2026.",
    )


def test_a_late_request_asks_for_good_cause(known: Make) -> None:
    letter = compose(known(), "reconsideration", WORDING, date(2027, 1, 4))
    assert any("good cause" in text for text in letter.timeliness)
    assert not any("good cause" in text for text in written(known()).timeliness)


# -- exhibits -------------------------------------------------------------------------------------


def test_exhibits_are_lettered_and_name_what_went_before(known: Make) -> None:
    before = SentBefore("reconsideration", date(2026, 2, 20), "certified_mail", "70201290")
    proof = "The claim was accepted into adjudication on 2026-02-03: proof of timely filing."
    letter = written(known(sent=(before,), proof=proof, category="timely_filing"), "second_level")
    listed = [f"{item.label} {item.text}" for item in letter.enclosures]
    assert listed[0].startswith("A Your remittance advice (835) of February 11, 2026")
    assert listed[2] == f"C Proof of filing: {proof}"
    assert listed[3].endswith("(reconsideration), sent by certified mail, number 70201290")
    assert proof in letter.reasons
    assert [item.label for item in letter.enclosures] == list("ABCDEFGH"[: len(listed)])


def test_where_the_right_is_the_patients_the_consent_is_an_exhibit(known: Make) -> None:
    def has_consent(indicator: str, level: Level) -> bool:
        letter = written(known(filing_indicator=indicator), level)
        return any("consent" in item.text for item in letter.enclosures)

    assert has_consent("MC", "reconsideration")
    assert has_consent("12", "external_review")
    assert not has_consent("12", "reconsideration")
    assert not has_consent("MB", "external_review")


# -- where the facts end --------------------------------------------------------------------------


def test_a_claim_known_from_the_remittance_alone_leaves_marked_blanks(known: Make) -> None:
    bare = known(claim=None, contact=("", ""))
    stripped = msgspec.structs.replace(bare.payment, parties=(), payer_claim_control_number="")
    letter = written(answered_by(bare, stripped))
    wanted = {blank.what for blank in letter.blanks() if blank.who == "office"}
    assert {
        "the patient's name",
        "the patient's date of birth",
        "the member id",
        "the payer's claim number",
        "telephone",
    } <= wanted


def test_the_offices_settings_stand_before_what_files_say(known: Make) -> None:
    place = PayerAddress("1", payer="PLAINFIELD*", address=("PO Box 9", "Des Moines"), fax="515")
    office = LetterOffice(phone="1-800", signature="Ida Lowe", payers=(place,))
    letter = written(known(office=office))
    assert letter.recipient.address == ("PO Box 9", "Des Moines")
    assert (letter.recipient.fax, letter.practice.phone) == ("515", "1-800")
    assert letter.signature == "Ida Lowe"


def test_a_claim_judged_as_a_whole_shows_its_lines_and_the_whole() -> None:
    known = made((service(1),), refused={0: 90_000})
    whole = msgspec.structs.replace(known.payment, services=())
    letter = written(answered_by(known, whole))
    assert [line.procedure for line in letter.lines] == ["G0399", "claim as a whole"]
    assert letter.lines[1].disputed == "$900.00"


@pytest.mark.parametrize(
    ("indicator", "level", "who"),
    [
        ("12", "reconsideration", ""),
        ("12", "second_level", ""),
        ("12", "external_review", "external review"),
        ("MB", "redetermination", ""),
        ("MB", "reconsideration", "qualified independent contractor"),
        ("MB", "second_level", "qualified independent contractor"),
        ("MB", "external_review", "office for hearings"),
        ("MC", "reconsideration", ""),
        ("MC", "external_review", "state agency"),
    ],
)
def test_a_request_that_others_decide_is_not_addressed_to_the_payer(
    known: Make, indicator: str, level: Level, who: str
) -> None:
    letter = compose(known(filing_indicator=indicator), level, WORDING, TODAY)
    names_payer = letter.recipient.name == "PLAINFIELD MUTUAL HEALTH"
    assert names_payer is not bool(who)
    assert bool(letter.recipient.address) is not bool(who)
    assert who in letter.recipient.name or not who
    assert ('"you" and "your" mean PLAINFIELD MUTUAL HEALTH' in letter.opening) is bool(who)


def test_a_limit_that_has_passed_ended(known: Make) -> None:
    letter = compose(known(), "reconsideration", WORDING, date(2026, 9, 1))
    assert letter.timeliness[0].startswith("The time limit for this request ended on August 10")
