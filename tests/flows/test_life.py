"""The rest of a claim's life in the book: 999, TA1, 277CA and 277, whatever order they come in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import medcollect
from medcollect.errors import NotAllowed, NotFound
from medcollect.model.status import StatusReport
from medcollect.tasks.ask import AskOrder, ask_eligibility, inquire
from medcollect.x12 import life_documents
from tests.flows.money.office import (
    EDITH,
    HARBOR,
    MEDICARE,
    OSCAR,
    PLAIN,
    SERVED,
    Office,
    an_835,
    claim,
    sound,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.builder import PRACTICE, Envelope, build_837
from tests.support.corpus import require_corpus
from tests.support.letters import (
    Told,
    build_271,
    build_277,
    build_277ca,
    build_277ca_batch,
    build_999,
    build_ta1,
)
from tests.support.specs import Claim, Coverage, Line, usd, with_check_digit

SENT = SERVED + timedelta(days=2)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    opened = Office(tmp_path)
    yield opened
    sound(opened)
    opened.book.close()


def sending(*claims: Claim, control: int = 1, days: int = 0) -> str:
    """An 837 file with this control number."""
    day = SENT + timedelta(days=days)
    return build_837(claims, Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=day, control=control))


def back(days: int, control: int = 500, **more: Any) -> Envelope:
    """The envelope of an answer, some days after the claim was sent."""
    return Envelope(day=SENT + timedelta(days=days), control=control + days, **more)


FIRST = claim("PCN1")
REJECTION = build_277ca(PLAIN, [Told(FIRST, "A7:562:85")], back(2))
ACCEPTANCE = build_277ca(PLAIN, [Told(FIRST, "A2:20", "ICN777001")], back(2))


def letters(office: Office) -> list[tuple[Any, ...]]:
    """Kind, verdict, outcome and claim of every standing row of correspondence."""
    return office.sql(
        "SELECT c.kind, c.verdict, c.outcome, k.patient_control_number FROM correspondence c"
        " LEFT JOIN claims k ON k.id = c.claim_id WHERE c.status = 'active' ORDER BY 1, 2, 3, 4"
    )


def state(office: Office, number: str = "PCN1") -> str:
    return str(office.book.claim(number)["state"])


# -- where things land ----------------------------------------------------------------------------


def test_a_277ca_lands_on_its_claim_and_rejects_it(office: Office) -> None:
    """The claim was never judged: it is with nobody, and nothing is denied."""
    office.file(sending(FIRST))
    answer = office.file(REJECTION)
    assert letters(office) == [("277CA", "rejected", "landed", "PCN1")]
    assert (answer["claim_statuses"], answer["rejected_claims"], answer["waiting"]) == (1, 1, 0)
    found = office.book.claim("PCN1")
    assert (found["state"], found["denied"], found["insurance_open"]) == (
        "rejected",
        "0.00",
        "100.00",
    )
    assert found["waiting"] is None
    assert office.book.report("waiting")["rows"] == []


def test_an_accepted_claim_stays_with_its_payer(office: Office) -> None:
    office.file(sending(FIRST))
    office.file(ACCEPTANCE)
    assert state(office) == "with_payer"


@pytest.mark.parametrize("named", [True, False])
def test_a_rejected_999_rejects_every_claim_of_its_transaction(
    office: Office, *, named: bool
) -> None:
    """By GS06 and ST02, or by the group where it names no transaction."""
    office.file(sending(FIRST, claim("PCN2"), control=7))
    office.file(sending(claim("PCN3"), control=8))
    office.file(build_999(7, back(1), rejected=True, named=named))
    assert [state(office, n) for n in ("PCN1", "PCN2", "PCN3")] == [
        "rejected",
        "rejected",
        "with_payer",
    ]


def test_a_ta1_rejects_the_claims_of_its_interchange(office: Office) -> None:
    """By ISA13 and the day; the same number of another day is another interchange."""
    office.file(sending(FIRST, control=7))
    office.file(sending(claim("PCN2"), control=7, days=20))
    office.file(build_ta1(7, SENT, back(1), note="025"))
    assert [state(office, n) for n in ("PCN1", "PCN2")] == ["rejected", "with_payer"]


def test_a_batch_that_is_rejected_as_a_whole_rejects_its_claims(office: Office) -> None:
    office.file(sending(FIRST, claim("PCN2"), control=3))
    office.file(sending(claim("PCN3"), control=4))
    office.file(build_277ca_batch(PLAIN, "A3:24:41", back(1), batch="B00000003"))
    assert [state(office, n) for n in ("PCN1", "PCN2", "PCN3")] == [
        "rejected",
        "rejected",
        "with_payer",
    ]


def test_a_277_without_our_number_follows_the_payers(office: Office) -> None:
    """The number that a 277CA taught ties the later 277 to the claim."""
    office.file(sending(FIRST))
    office.file(ACCEPTANCE)
    office.file(build_277(PLAIN, [Told(FIRST, "P1:20", "ICN777001", number="")], back(9)))
    assert [row[2:] for row in letters(office)] == [("landed", "PCN1")] * 2


def test_a_payers_number_learned_from_a_277ca_matches_a_remittance(office: Office) -> None:
    """The remittance brings no number of ours, another charge and no member: only the payer's."""
    office.file(sending(FIRST))
    office.file(ACCEPTANCE)
    paid = whole("0", "1", "100", "80", "CO-45 20", control_number="ICN777001", member_id="X")
    result = office.file(an_835(paid))
    assert (result["matched"], result["opened_from_remittance"]) == (1, 0)
    assert office.book.claim("PCN1")["payments"][0]["match"]["rule"] == "payer_claim_control_number"


# -- what waits -----------------------------------------------------------------------------------


def test_two_equal_claims_wait_for_a_person(office: Office) -> None:
    """The practice sends one number for two visits, and the answer names no day."""
    office.file(sending(FIRST, claim("PCN1", service_from=SERVED - timedelta(days=30))))
    told = Told(FIRST, "A7:562:85", with_dates=False)
    answer = office.file(build_277ca(PLAIN, [told], back(2), batch="ELSEWHERE"))
    assert (answer["waiting"], answer["exceptions"]) == (1, 1)
    (question,) = office.book.exceptions()["exceptions"]
    assert question["kind"] == "status_not_certain"
    assert len(question["candidates"]) == 2


def test_a_person_decides_where_a_status_belongs(office: Office) -> None:
    """On record, and undone like any decision."""
    test_two_equal_claims_wait_for_a_person(office)
    question = office.book.exceptions()["exceptions"][0]
    chosen = question["candidates"][1]["claim"]
    done = office.book.resolve(question["id"], to=chosen, reason="the visit of then", user="ann")
    assert (office.kinds(), state(office, chosen)) == ([], "rejected")
    office.book.undo(done["decision"])
    assert (office.kinds(), state(office, chosen)) == (["status_not_certain"], "with_payer")


def test_the_batch_decides_between_equal_claims(office: Office) -> None:
    office.file(sending(FIRST, control=5))
    office.file(sending(claim("PCN1", service_from=SERVED - timedelta(days=30)), control=6))
    told = Told(FIRST, "A7:562:85", with_dates=False)
    office.file(build_277ca(PLAIN, [told], back(2), batch="B00000005"))
    states = {c["service_from"]: c["state"] for c in office.book.claim("PCN1")["claims"]}
    assert states[SERVED.isoformat()] == "rejected"
    assert set(states.values()) == {"rejected", "with_payer"}


def test_control_numbers_that_come_again_wait_for_a_person(office: Office) -> None:
    """The practice numbers every file 1: which one a 999 means is not guessed."""
    office.file(sending(FIRST, control=1))
    office.file(sending(claim("PCN2"), control=1, days=1))
    answer = office.file(build_999(1, back(3), rejected=True))
    assert answer["waiting"] == 1
    assert office.kinds() == ["acknowledgement_not_certain"]
    assert state(office) == "with_payer"


def test_an_acknowledgement_before_its_file_waits_and_is_settled(office: Office) -> None:
    waiting = office.file(build_999(1, back(1), rejected=True))
    assert (waiting["waiting"], office.kinds()) == (1, ["acknowledgement_without_file"])
    answer = office.file(sending(FIRST))
    assert answer["settled"]["count"] == 1
    assert (office.kinds(), state(office)) == ([], "rejected")


def test_an_acknowledgement_of_remittances_concerns_no_claim(office: Office) -> None:
    """What we acknowledged ourselves: noted, and nobody is asked."""
    text = build_999(1, back(1)).replace("AK1*HC", "AK1*HP").replace("AK2*837", "AK2*835")
    answer = office.file(text)
    assert (answer["acknowledgements"], answer["waiting"], answer["exceptions"]) == (1, 0, 0)


# -- what ends a rejection ------------------------------------------------------------------------


def test_sending_again_ends_a_rejection(office: Office) -> None:
    office.file(sending(FIRST, control=1))
    office.file(REJECTION)
    office.file(sending(FIRST, control=2, days=5))
    assert state(office) == "with_payer"


def test_the_same_content_in_a_new_envelope_is_sent_again(office: Office) -> None:
    """The interchange was refused; only its envelope was mended. The claims are the same."""
    office.file(sending(FIRST, control=1))
    office.file(build_ta1(1, SENT, back(1), note="025"))
    assert state(office) == "rejected"
    later = SENT + timedelta(days=2)
    mended = sending(FIRST).replace("*000000001", "*000000044")
    mended = mended.replace(f"*{SENT:%y%m%d}*", f"*{later:%y%m%d}*")
    answer = office.file(mended)
    assert (answer["claims"], answer["duplicates"]) == (0, 1)
    assert state(office) == "with_payer"
    office.book.undo(answer["import"])
    assert state(office) == "rejected"


def test_a_payment_ends_a_rejection(office: Office) -> None:
    office.file(sending(FIRST))
    office.file(REJECTION)
    office.file(an_835(whole("PCN1", "1", "100", "80", "CO-45 20"), days=30))
    assert state(office) == "closed"


def test_a_rejection_of_what_was_sent_again_before_it_does_not_stand(office: Office) -> None:
    """The 277CA names the first batch; the second one is what counts."""
    office.file(sending(FIRST, control=1))
    office.file(sending(FIRST, control=2, days=1))
    office.file(REJECTION)
    assert state(office) == "with_payer"


# -- order, again, undo ---------------------------------------------------------------------------

STORY = (
    sending(FIRST, claim("PCN2"), control=1),
    build_999(1, back(1)),
    build_277ca(
        PLAIN, [Told(FIRST, "A7:562:85"), Told(claim("PCN2"), "A2:20", "ICN777002")], back(2)
    ),
    build_277(PLAIN, [Told(claim("PCN2"), "P1:20", "ICN777002", number="")], back(20)),
    an_835(
        whole("0", "1", "100", "80", "CO-45 20", control_number="ICN777002", member_id="X"), days=40
    ),
)


def told(office: Office) -> Any:
    """Everything that the book says, free of its own ids."""
    open_questions = sorted(x["kind"] for x in office.book.exceptions()["exceptions"])
    return letters(office), open_questions, state_of(office.database)


def test_any_order_gives_the_same_book(tmp_path: Path) -> None:
    books: list[Any] = []
    for place, order in enumerate(permutations(STORY)):
        if place % 5:
            continue
        folder = tmp_path / str(place)
        folder.mkdir()
        office = Office(folder)
        for text in order:
            office.file(text)
        books.append(told(office))
        office.book.close()
    first = books[0]
    assert first[0][0] == ("277", "pending", "landed", "PCN2")
    for other in books[1:]:
        assert other[:2] == first[:2]
        assert differences(other[2], first[2]) == {}


def test_importing_again_changes_nothing(office: Office) -> None:
    paths = [office.write(text) for text in STORY]
    office.book.import_files(paths)
    before = told(office)
    again = office.book.import_files(paths)
    assert again["duplicates"] == len(STORY)
    assert (again["acknowledgements"], again["claim_statuses"], again["exceptions"]) == (0, 0, 0)
    assert told(office) == before


@pytest.mark.parametrize("place", range(len(STORY)))
def test_undoing_a_file_leaves_what_the_others_alone_give(tmp_path: Path, place: int) -> None:
    """And importing it again brings everything back."""
    (tmp_path / "all").mkdir()
    (tmp_path / "others").mkdir()
    office, others = Office(tmp_path / "all"), Office(tmp_path / "others")
    imports = [office.file(text)["import"] for text in STORY]
    whole_story = told(office)
    office.book.undo(imports[place])
    for text in (*STORY[:place], *STORY[place + 1 :]):
        others.file(text)
    undone, without = told(office), told(others)
    assert undone[:2] == without[:2]
    assert differences(undone[2], without[2]) == {}
    office.file(STORY[place])
    assert told(office)[:2] == whole_story[:2]
    assert differences(told(office)[2], whole_story[2]) == {}
    office.book.close()
    others.book.close()


def test_a_file_imported_again_was_not_sent_again(office: Office) -> None:
    """What was rejected stays rejected, and after the first copy is undone too."""
    first = office.file(sending(FIRST))["import"]
    office.file(build_999(1, back(1), rejected=True))
    office.file(sending(FIRST))
    assert state(office) == "rejected"
    office.book.undo(first)
    assert (state(office), office.kinds()) == ("rejected", [])


def test_a_copy_steps_in_when_the_first_import_is_undone(office: Office) -> None:
    """The same 277CA came twice; taking the first import back leaves the second."""
    office.file(sending(FIRST))
    first = office.file(REJECTION)["import"]
    office.file(REJECTION)
    office.book.undo(first)
    assert state(office) == "rejected"
    assert letters(office) == [("277CA", "rejected", "landed", "PCN1")]


def test_a_rejected_claim_is_one_row_of_work_and_ends_with_it(office: Office) -> None:
    """One row, opened by the rejection, settled by sending again, opened by the next rejection."""
    rows = "SELECT kind, status, amount_cents, reason FROM denials"
    office.file(sending(FIRST, control=1))
    office.file(REJECTION)
    assert office.sql(rows) == [("rejected", "open", 0, "A7:562:85")]
    office.file(sending(FIRST, control=2, days=5))
    assert office.sql(rows) == [("rejected", "settled", 0, "A7:562:85")]
    office.file(build_277ca(PLAIN, [Told(FIRST, "A3:21")], back(7), batch="B00000002"))
    assert office.sql(rows) == [("rejected", "open", 0, "A3:21")]


def test_a_claim_that_has_no_money_open_is_no_work(office: Office) -> None:
    """A claim of nothing can be rejected, but there is nothing to get."""
    free = claim("PCN9", Line("99213", usd("0")))
    office.file(sending(free))
    office.file(build_277ca(PLAIN, [Told(free, "A7:562:85")], back(2)))
    assert office.sql("SELECT COUNT(*) FROM denials") == [(0,)]


def test_a_file_that_only_speaks_of_ta1_is_no_answer(office: Office) -> None:
    text = "Dear practice, please send the TA1, thank you.\n"
    assert office.file(text)["files"][0]["status"] == "rejected"


# -- what people see ------------------------------------------------------------------------------


def steps(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(s["date"], s["kind"], s["verdict"]) for s in found["chain"]]


def test_the_chain_tells_the_life_of_a_claim_with_its_files(office: Office) -> None:
    for text in STORY:
        office.file(text)
    found = office.book.claim("PCN2")
    assert steps(found) == [
        ("2026-01-14", "837", "sent"),
        ("2026-01-15", "999", "accepted"),
        ("2026-01-16", "277CA", "accepted"),
        ("2026-02-03", "277", "pending"),
        ("2026-03-14", "835", "posted"),
    ]
    assert [Path(s["file"]).name for s in found["chain"]] == [
        f"{n:03d}.edi" for n in (1, 2, 3, 4, 5)
    ]
    assert [s["import"] for s in found["chain"]] == [f"I{n:06d}" for n in (1, 2, 3, 4, 5)]
    proof = found["proof_of_filing"]
    assert (proof["date"], proof["is_acceptance"], proof["payer_claim_control_number"]) == (
        "2026-01-16",
        True,
        "ICN777002",
    )
    assert found["rejection"] is None


def test_a_rejected_claim_says_what_is_wrong_and_what_to_do(office: Office) -> None:
    office.file(sending(FIRST))
    office.file(REJECTION)
    found = office.book.claim("PCN1")
    rejection = found["rejection"]
    assert (rejection["kind"], rejection["date"]) == ("277CA", "2026-01-16")
    assert rejection["findings"] == [
        {"code": "A7:562:85", "text": "data is wrong: the NPI of the billing provider"}
    ]
    assert rejection["work"]["next_action"] == "correct_and_resubmit"
    assert found["denials"] == []
    assert found["proof_of_filing"] is None


def test_a_999_names_the_segment_and_the_claims_that_it_is_about(office: Office) -> None:
    """An error that names a claim (CTX*CLM01) is told on that claim only."""
    office.file(sending(FIRST, claim("PCN2")))
    text = build_999(1, back(1), rejected=True).replace(
        "IK4*9*67*1~\n", "CTX*CLM01:PCN2~\nIK4*9*67*1~\n"
    )
    office.file(text.replace("SE*7*", "SE*8*"))
    told_of = {
        n: [f["text"] for f in office.book.claim(n)["chain"][-1]["findings"]]
        for n in ("PCN1", "PCN2")
    }
    assert told_of["PCN1"] == ["segments are in error"]
    assert told_of["PCN2"][1].startswith("NM109, NM1, segment 8")


def test_rejected_claims_stand_in_the_worklist_with_the_filing_clock(office: Office) -> None:
    """Medicare: twelve months from the date of service, whatever was rejected meanwhile."""
    first = claim("PCN1", payers=(MEDICARE,))
    office.file(sending(first, claim("PCN2")))
    office.file(build_277ca(MEDICARE, [Told(first, "A7:562:85")], back(2)))
    office.file(an_835(whole("PCN2", "1", "100", "0", "CO-197 100"), days=20))
    listed = office.book.denials(as_of=date(2026, 3, 1))
    kinds = {row["patient_control_number"]: row["kind"] for row in listed["denials"]}
    assert kinds == {"PCN1": "rejected", "PCN2": "denied"}
    assert (listed["amount"], listed["rejected"]) == ("100.00", {"count": 1, "open": "100.00"})
    (row,) = office.book.denials(category="rejected")["denials"]
    assert (row["amount"], row["at_stake"], row["deadline"]) == ("0.00", "100.00", "2027-01-12")
    assert row["deadline_rule"].startswith("Medicare FFS (A/B), timely filing")
    assert office.book.denials(minimum="100.01")["count"] == 0
    assert office.book.denials(minimum="100", category="rejected")["count"] == 1


# -- eligibility ----------------------------------------------------------------------------------

ACTIVE = (
    ["EB", "1", "IND", "30", "PR", "GOLD PPO"],
    ["EB", "C", "IND", "30", "", "", "23", "1500", "", "", "", "", "Y"],
    ["EB", "C", "IND", "30", "", "", "29", "400", "", "", "", "", "Y"],
)


def test_a_271_shows_on_the_account_before_or_after_its_claims(office: Office) -> None:
    early = build_271(FIRST.coverages[0], EDITH, ACTIVE, back(0))
    answer = office.file(early)
    assert (answer["eligibility_answers"], answer["exceptions"]) == (1, 0)
    office.file(sending(FIRST))
    (item,) = office.book.balance("PCN1")["coverage"]
    assert (item["verdict"], item["plan"], item["date"]) == ("active", "GOLD PPO", "2026-01-14")
    (share,) = item["cost_shares"]
    assert (share["kind"], share["amount"], share["remaining"]) == (
        "deductible",
        "1500.00",
        "400.00",
    )
    assert office.book.balance("PCN1")["account"] == "A000001"


def test_a_refused_question_says_what_to_do(office: Office) -> None:
    office.file(sending(FIRST))
    office.file(build_271(FIRST.coverages[0], EDITH, [["AAA", "N", "", "58", "C"]], back(1)))
    (item,) = office.book.balance("PCN1")["coverage"]
    assert item["verdict"] == "rejected"
    (reject,) = item["rejects"]
    assert (reject["code"], reject["action"]) == ("58", "Correct the data and ask again.")


def test_a_271_of_two_equal_accounts_is_shown_on_neither(office: Office) -> None:
    """The patient is known at two practices, and the answer does not say which one asked."""
    other = replace(PRACTICE, npi=with_check_digit("555555555"))
    office.file(sending(FIRST))
    day = Envelope("CEDARHOLLOW", "CLEARHOUSE01", day=SENT, control=9)
    office.file(build_837([claim("PCN7")], day, other))
    text = build_271(FIRST.coverages[0], EDITH, ACTIVE, back(1))
    office.file(text)
    shown = {n: len(office.book.balance(n)["coverage"]) for n in ("PCN1", "PCN7")}
    assert shown == {"PCN1": 1, "PCN7": 0}, "the practice that asked decides"
    anonymous = text.replace(PRACTICE.npi, "9999999999").replace("GOLD", "BASIC")
    office.file(anonymous)
    shown = {n: len(office.book.balance(n)["coverage"]) for n in ("PCN1", "PCN7")}
    assert shown == {"PCN1": 1, "PCN7": 0}


def test_undoing_an_eligibility_answer_takes_it_off_the_account(office: Office) -> None:
    office.file(sending(FIRST))
    done = office.file(build_271(FIRST.coverages[0], EDITH, ACTIVE, back(1)))
    office.book.undo(done["import"])
    assert office.book.balance("PCN1")["coverage"] == []


# -- questions ------------------------------------------------------------------------------------

TODAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def ask(office: Office, *numbers: str, **more: Any) -> dict[str, Any]:
    order = AskOrder(output=more.pop("output", None), keep=more.pop("keep", True))
    return inquire(office.book._store, numbers, order, now=TODAY, **more)


def test_a_question_stands_in_the_book_and_its_answer_follows_the_trace(office: Office) -> None:
    """The 277 brings back nothing but the trace of our 276."""
    office.file(sending(FIRST, claim("PCN2")))
    path = office.folder / "ask.276"
    asked = ask(office, "PCN1", "PCN2", output=path)
    assert path.read_text() == asked["edi"]
    assert [a["patient_control_number"] for a in asked["asked"]] == ["PCN1", "PCN2"]
    assert steps(office.book.claim("PCN2"))[-1] == ("2026-03-02", "276", "asked")
    trace = asked["asked"][1]["trace_number"]
    nameless = claim("PCN2", patient=replace(EDITH, last="", first=""), service_from=SERVED)
    told_of = Told(nameless, "F1:65", paid="80", trace=trace, number="", with_dates=False)
    office.file(build_277(PLAIN, [told_of], back(50)))
    last = office.book.claim("PCN2")["chain"][-1]
    assert (last["kind"], last["verdict"], last["match"]["rule"]) == ("277", "paid", "trace_number")
    assert office.book.import_files([path])["duplicates"] == 1


def test_a_question_that_is_only_shown_leaves_nothing(office: Office) -> None:
    office.file(sending(FIRST))
    shown = ask(office, "PCN1", keep=False)
    assert (shown["written"], shown["import"]) == (False, None)
    assert shown["edi"].startswith("ISA*")
    assert letters(office) == []


def test_undoing_a_question_takes_it_back(office: Office) -> None:
    office.file(sending(FIRST))
    office.book.undo(ask(office, "PCN1")["import"])
    assert [s["kind"] for s in office.book.claim("PCN1")["chain"]] == ["837"]


def test_claims_without_an_answer_are_asked_about_once(office: Office) -> None:
    office.file(sending(FIRST, control=1))
    office.file(sending(claim("PCN2"), control=2, days=40))
    office.file(sending(claim("PCN3"), control=3))
    office.file(an_835(whole("PCN3", "1", "100", "80", "CO-45 20", member_id="X")))
    asked = ask(office, unanswered_days=30)
    assert [a["patient_control_number"] for a in asked["asked"]] == ["PCN1"]
    with pytest.raises(NotFound):
        ask(office, unanswered_days=30)


def test_a_question_carries_what_the_payer_calls_the_claim(office: Office) -> None:
    """And the questions of one payer and provider stand under one level each."""
    office.file(sending(FIRST, claim("PCN2")))
    office.file(ACCEPTANCE)
    text = ask(office, "PCN1", "PCN2")["edi"]
    assert "REF*1K*ICN777001~" in text
    assert text.count("*20*1~") == 1
    (report,) = [
        d for d in life_documents(io.BytesIO(text.encode())) if isinstance(d, StatusReport)
    ]
    assert [c.patient_control_number for c in report.claims] == ["PCN1", "PCN2"]


def test_a_claim_without_its_837_cannot_be_asked_about(office: Office) -> None:
    office.file(an_835(whole("PCN1", "1", "100", "80", "CO-45 20")))
    with pytest.raises(NotAllowed, match="remittance only"):
        ask(office, "PCN1")


def test_eligibility_is_asked_of_the_named_payer(office: Office) -> None:
    """And the 271 that repeats the trace lands on the account under another spelling."""
    office.file(sending(claim("PCN1", payers=(PLAIN, HARBOR))))
    order = AskOrder(keep=True)
    asked = ask_eligibility(office.book._store, "PCN1", order, payer="harbor", now=TODAY)
    assert asked["asked"][0]["payer"] == "HARBOR BENEFIT FUND"
    assert "NM1*PR*2*HARBOR BENEFIT FUND*****PI*HBF02~" in asked["edi"]
    assert "TRN*1*A000001-" in asked["edi"]
    trace = asked["asked"][0]["trace_number"]
    other = Coverage(HARBOR, "NEWID")
    named = replace(EDITH, first="EDIE", birth=date(1951, 3, 15))
    office.file(build_271(other, named, ACTIVE, back(60), trace=trace))
    shown = office.book.balance("PCN1")["coverage"]
    assert [(c["kind"], c["verdict"]) for c in shown] == [("271", "active"), ("270", "asked")]
    with pytest.raises(NotAllowed):
        ask_eligibility(office.book._store, "PCN1", order, payer="nobody", now=TODAY)


# -- the report, both databases, strangers' files -------------------------------------------------


def test_the_report_shows_where_everything_belongs_and_what_waits(office: Office) -> None:
    for text in STORY:
        office.file(text)
    office.file(build_271(Coverage(PLAIN, "W999"), OSCAR, ACTIVE, back(3)))
    rows = office.book.report("correspondence")["rows"]
    assert [(r["kind"], r["outcome"], r["claim"], r["account"]) for r in rows] == [
        ("999", "landed", None, None),
        ("277CA", "landed", "C000001", None),
        ("277CA", "landed", "C000002", None),
        ("271", "waiting", None, None),
        ("277", "landed", "C000002", None),
    ]


def shown_by(url: str, folder: Path, texts: Sequence[str]) -> Any:
    """What a book shows of the story: imported, again, one file undone."""
    folder.mkdir()
    with medcollect.open_book(url) as book:
        paths = []
        for place, text in enumerate(texts):
            paths.append(folder / f"{place}.edi")
            paths[-1].write_text(text, encoding="ascii", newline="")
        answers = [book.import_files([path]) for path in paths]
        answers.append(book.import_files(paths))
        told = [[book.claim(n) for n in ("PCN1", "PCN2")], book.denials(), book.balance("PCN1")]
        book.undo("I000003")
        told.append([book.claim(n)["state"] for n in ("PCN1", "PCN2")])
        told.append([book.report(r)["rows"] for r in ("correspondence", "claims", "denials")])
    return [{k: v for k, v in a.items() if k != "files"} for a in answers], told


def without_folders(value: Any) -> Any:
    """File labels without their folder."""
    if isinstance(value, dict):
        return {
            k: Path(str(v)).name if k == "file" else without_folders(v) for k, v in value.items()
        }
    return [without_folders(v) for v in value] if isinstance(value, list) else value


def test_both_databases_tell_the_same_story(
    tmp_path: Path, new_postgres_book: Callable[[], str]
) -> None:
    texts = [*STORY, build_271(FIRST.coverages[0], EDITH, ACTIVE, back(3))]
    sqlite = shown_by(f"sqlite:///{tmp_path / 'book.db'}", tmp_path / "a", texts)
    postgres = shown_by(new_postgres_book(), tmp_path / "b", texts)
    assert without_folders(list(postgres)) == without_folders(list(sqlite))


def test_every_published_file_goes_into_one_book(book_url: str) -> None:
    """131 acknowledgements, statuses and eligibility files of strangers: none is lost, and the
    second time nothing is new."""
    corpus = require_corpus()
    folders = [corpus / name for name in ("ack", "status", "eligibility")]
    with medcollect.open_book(book_url) as book:
        first = book.import_files(folders)
        assert len(first["files"]) == 131
        assert {f["status"] for f in first["files"]} == {"imported", "partial", "duplicate"}
        rows = book.report("correspondence")["rows"]
        counted = ("acknowledgements", "claim_statuses", "eligibility_answers", "inquiries")
        assert len(rows) == sum(first[key] for key in counted) > 150
        waiting = [r for r in rows if r["outcome"] == "waiting" and r["kind"] not in ("270", "271")]
        assert len(waiting) == first["waiting"] == first["exceptions"]
        again = book.import_files(folders)
        assert [again[key] for key in (*counted, "exceptions")] == [0, 0, 0, 0, 0]
        assert book.report("correspondence")["rows"] == rows
        book.undo("I000001")
        assert book.report("correspondence")["rows"] != []
        book.undo("I000002")
        assert book.report("correspondence")["rows"] == []
        assert book.exceptions()["count"] == 0
