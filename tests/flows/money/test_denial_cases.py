"""The life of a denial: what people do about it, and what later answers say, in any order."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from medcollect.errors import NotAllowed, NotFound
from tests.flows.money.office import (
    ANSWERED,
    PAID_80,
    TWO_LINES,
    Office,
    answer,
    claim,
    expect,
    later,
    service,
    whole,
)
from tests.support.specs import Line, reversal, usd

KIM: dict[str, Any] = {"user": "kim"}
REFUSED = whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN100")
REFUSED_AGAIN = whole("PCN1", "1", "100", "0", "CO-197 100", control_number="ICN200")
PAID_50 = whole("PCN1", "1", "100", "50", "CO-45 50", control_number="ICN300")


def refused(office: Office) -> dict[str, Any]:
    office.bill(claim("PCN1"))
    office.pay(REFUSED)
    return case(office)


def case(office: Office, identifier: str = "N000001") -> dict[str, Any]:
    return office.book.denial(identifier)


def work(office: Office, step: str, **told: Any) -> dict[str, Any]:
    return office.book.work_denial("N000001", step, **{**KIM, **told})


def kinds(found: dict[str, Any]) -> list[str]:
    return [moment["kind"] for moment in found["history"]]


def test_a_new_denial_tells_everything(office: Office) -> None:
    found = refused(office)
    assert (found["state"], found["version"], found["owner"]) == ("new", 0, None)
    assert (found["refused"], found["won"], found["open"]) == ("100.00", "0.00", "100.00")
    assert kinds(found) == ["refused"]
    assert found["position"]["place"] == found["position"]["of"] == 1
    assert {limit["step"] for limit in found["limits"]} >= {"timely_filing", "corrected_claim"}
    assert "CO-197" in found["explanation"]
    assert found["rules"] == ["reason 197"]


def test_steps_move_a_case_and_undo_moves_it_back(office: Office) -> None:
    refused(office)
    assert work(office, "take", day=later(1))["state"] == "in_work"
    told = {"waiting_for": "the payer", "until": later(40), "reason": "in review"}
    waits = work(office, "wait", day=later(2), **told)
    assert (waits["state"], waits["waiting_for"]) == ("waiting", "the payer")
    assert (waits["waiting_until"], waits["due"]) == (str(later(40)), True)
    appealed = work(office, "appeal", level=1, reference="L-1", day=later(10))
    assert (appealed["state"], appealed["level"]) == ("appealed", 1)
    assert (appealed["waiting_for"], appealed["due"]) == (None, False)
    office.book.undo(appealed["history"][-1]["id"])
    assert (case(office)["state"], case(office)["level"]) == ("waiting", 0)
    assert case(office)["version"] == 4  # three steps, and one undone


def test_a_payment_after_an_appeal_overturns_without_retyping(office: Office) -> None:
    refused(office)
    work(office, "take", day=later(1))
    work(office, "appeal", level=1, day=later(10))
    office.pay(PAID_80, days=40)
    found = case(office)
    assert (found["state"], found["won"]) == ("overturned_in_part", "80.00")
    (outcome,) = found["outcomes"]
    assert (outcome["action"], outcome["level"], outcome["days"]) == ("appeal", 1, 30)
    assert (outcome["result"], outcome["won"]) == ("overturned_in_part", "80.00")


def test_refused_again_is_the_same_case_at_its_next_level(office: Office) -> None:
    refused(office)
    work(office, "appeal", level=1, day=later(10))
    office.pay(REFUSED_AGAIN, days=40)
    found = case(office)
    assert (found["id"], found["state"], len(found["amounts"])) == ("N000001", "upheld", 2)
    assert case(office, "N000002")["id"] == "N000001"
    assert [o["result"] for o in found["outcomes"]] == ["upheld"]
    again = work(office, "appeal", day=later(50))
    assert (again["state"], again["level"]) == ("appealed", 2)


def test_a_payment_that_is_taken_back_opens_the_case_again(office: Office) -> None:
    refused(office)
    office.pay(PAID_50, days=30)
    assert case(office)["state"] == "overturned_in_part"
    lift = answer("LIFT", "1", service("99213", "500", "500"), member_id="W900")
    office.pay(lift, reversal(PAID_50), days=60)
    assert (case(office)["state"], case(office)["won"]) == ("new", "0.00")


def test_the_order_of_files_and_steps_does_not_matter(office: Office, tmp_path: Path) -> None:
    """An answer that comes late is judged by its own day."""
    refused(office)
    work(office, "appeal", level=1, day=later(10))
    office.pay(REFUSED_AGAIN, days=40)
    work(office, "appeal", level=2, day=later(50))
    office.pay(PAID_80, days=90)
    folder = tmp_path / "other"
    folder.mkdir()
    other = Office(folder)
    other.bill(claim("PCN1"))
    other.pay(PAID_80, days=90, trace="T00004")
    other.pay(REFUSED, trace="T00002")
    other.book.work_denial("N000001", "appeal", day=later(50), **KIM)
    other.book.work_denial("N000001", "appeal", level=1, day=later(10), **KIM)
    other.pay(REFUSED_AGAIN, days=40, trace="T00003")
    mine, theirs = case(office), case(other)
    other.book.close()
    told = ("state", "won", "level", "outcomes", "refused")
    assert {key: mine[key] for key in told} == {key: theirs[key] for key in told}
    assert [m["date"] for m in mine["history"]] == [m["date"] for m in theirs["history"]]


def test_another_reason_is_another_case_and_closes_the_first(office: Office) -> None:
    refused(office)
    office.pay(whole("PCN1", "1", "100", "0", "CO-50 100"), days=30)
    assert case(office)["state"] == "closed"
    assert case(office, "N000002")["state"] == "new"


def test_one_case_holds_all_lines_that_were_refused_for_one_reason(office: Office) -> None:
    office.bill(claim("PCN1", *TWO_LINES))
    lines = (service("99213", "60", "0", "CO-197 60"), service("93000", "40", "0", "CO-197 40"))
    office.pay(answer("PCN1", "1", *lines))
    found = case(office, "N000002")
    assert (found["id"], found["open"], len(found["amounts"])) == ("N000001", "100.00", 2)
    assert {row["case"] for row in office.book.denials()["denials"]} == {"N000001"}
    office.book.work_denial("N000002", "take", **KIM)
    assert office.book.denials(owner="kim")["count"] == 2


def test_a_duplicate_answer_names_the_case_that_it_repeats(office: Office) -> None:
    refused(office)
    office.pay(whole("PCN1", "1", "100", "0", "CO-18 100"), days=30)
    assert (case(office)["state"], kinds(case(office))) == ("new", ["refused", "duplicate"])


def test_a_write_off_is_posted_and_comes_back(office: Office) -> None:
    refused(office)
    found = work(office, "write_off", amount="30.00", reason="too small")
    assert (found["state"], found["open"]) == ("in_work", "70.00")
    expect(office, "PCN1", "denied", "100.00", insurance_open="70.00", written_off="30.00")
    found = work(office, "write_off", reason="limit passed")
    assert (found["state"], found["open"]) == ("written_off", "0.00")
    expect(office, "PCN1", "closed", "100.00", written_off="100.00")
    for step in ("W000002", "W000001"):
        office.book.undo(step)
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    assert case(office)["state"] == "new"


def test_a_write_off_falls_with_the_answer_it_gave_up(office: Office) -> None:
    refused(office)
    work(office, "write_off", reason="limit passed", day=later(1))
    office.pay(PAID_80, days=30)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")
    assert case(office)["state"] == "overturned_in_part"


def test_undoing_the_decision_of_a_write_off_undoes_its_step(office: Office) -> None:
    refused(office)
    found = work(office, "write_off", reason="limit passed")
    office.book.undo(found["history"][-1]["decision"])
    assert (case(office)["state"], case(office)["history"][-1]["status"]) == ("new", "undone")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("release", {}),
        ("assign", {}),
        ("note", {}),
        ("wait", {"reason": "x"}),
        ("outcome", {"reason": "x"}),
        ("outcome", {"reason": "x", "result": "part"}),
        ("write_off", {}),
        ("write_off", {"reason": "x", "amount": "100.01"}),
        ("write_off", {"reason": "x", "write_off": "gift"}),
        ("reopen", {"reason": "x"}),
        ("dance", {}),
        ("take", {"day": date(2999, 1, 1)}),
        ("take", {"version": 1}),
    ],
)
def test_what_does_not_fit_is_refused(office: Office, step: str, told: dict[str, Any]) -> None:
    refused(office)
    with pytest.raises(NotAllowed):
        work(office, step, **told)
    assert case(office)["version"] == 0


def test_nobody_overwrites_what_somebody_else_did(office: Office) -> None:
    refused(office)
    work(office, "take", version=0)
    with pytest.raises(NotAllowed, match="version 1, last by kim"):
        office.book.work_denial("N000001", "note", reason="mine", user="lee", version=0)
    with pytest.raises(NotAllowed, match="with kim already"):
        office.book.work_denial("N000001", "take", user="lee")


def test_an_ended_case_is_reopened_first(office: Office) -> None:
    refused(office)
    work(office, "outcome", result="closed", reason="billed to the study")
    with pytest.raises(NotAllowed, match="has ended"):
        work(office, "appeal")
    assert work(office, "reopen", reason="study refused")["state"] == "in_work"


def test_files_are_kept_with_their_hash(office: Office, tmp_path: Path) -> None:
    refused(office)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7 letter")
    found = work(office, "appeal", level=1, attachments=[letter])
    (file,) = found["history"][-1]["attachments"]
    assert (file["name"], file["size"], file["kept"]) == ("letter.pdf", 15, True)
    (row,) = office.sql(f"SELECT COUNT(*) FROM raw_chunks WHERE sha256 = '{file['sha256']}'")
    assert row == (1,)


def test_steps_find_their_case_again_after_undo_and_import(office: Office) -> None:
    refused(office)
    work(office, "take")
    office.book.undo("I000002")
    with pytest.raises(NotFound):
        case(office)
    office.pay(REFUSED, trace="T00002")
    (row,) = office.book.denials()["denials"]
    assert (row["owner"], row["state"]) == ("kim", "in_work")


def test_filters_and_take_next(office: Office) -> None:
    for number, amount in (("PCN1", "100"), ("PCN2", "300"), ("PCN3", "200")):
        office.bill(claim(number, Line("99213", usd(amount))))
        office.pay(whole(number, "1", amount, "0", f"CO-197 {amount}"))
    listed = [row["id"] for row in office.book.denials()["denials"]]
    assert office.book.denials(maximum="200.00")["count"] == 2
    first = office.book.take_next_denial(user="kim")
    second = office.book.take_next_denial(user="lee", minimum="200.01")
    assert [first["id"], second["open"]] == [listed[0], "300.00"]
    assert office.book.denials(owner="nobody")["count"] == 1
    assert office.book.denials(state="in_work")["count"] == 2
    assert office.book.denials(due_before=ANSWERED)["count"] == 0
    office.book.take_next_denial(user="kim")
    with pytest.raises(NotFound):
        office.book.take_next_denial(user="kim")
    office.book.work_denial(first["id"], "release", **KIM)
    assert office.book.take_next_denial(user="kim")["id"] == first["id"]


def test_what_was_overturned_is_found_by_its_state(office: Office) -> None:
    refused(office)
    office.pay(whole("PCN1", "1", "100", "100", ""), days=30)
    assert office.book.denials(status=None)["count"] == 0
    (row,) = office.book.denials(status="all", state="overturned")["denials"]
    assert (row["id"], row["state"]) == ("N000001", "overturned")
