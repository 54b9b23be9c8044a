"""What the denial desk lists: what is open counts, each row is its own, one limit everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from medcollect.errors import BadRequest, NotAllowed, NotFound
from tests.flows.money.office import Office, answer, claim, service
from tests.support.specs import Line, Payer, usd

TWO = (Line("99213", usd("100")), Line("93000", usd("60")))


@pytest.fixture
def office(either_office: Office) -> Office:
    return either_office


def refused(number: str, first: str, second: str, **more: Any) -> Any:
    """An answer on both lines; each says what was paid and what was refused (``40 CO-50 60``)."""
    paid = [told.partition(" ") for told in (first, second)]
    lines = [
        service(code, charge, cents, adjustment)
        for (code, charge), (cents, _, adjustment) in zip(
            (("99213", "100"), ("93000", "60")), paid, strict=True
        )
    ]
    return answer(number, "1", *lines, control_number=f"I{number}", **more)


def won_in_part(office: Office) -> None:
    """Two cases: of one all was paid later, of the other one line."""
    for number, second in (("WON1", "60"), ("PART1", "0 CO-50 60")):
        office.bill(claim(number, *TWO))
        office.pay(refused(number, "0 CO-50 100", "0 CO-50 60"))
        office.pay(refused(number, "100", second), days=20)


def test_only_what_is_still_open_is_at_stake_and_to_work(office: Office) -> None:
    won_in_part(office)
    every, now = office.book.denials(status="all"), office.book.denials()
    assert (now["count"], now["at_stake"]) == (1, "60.00")
    assert (every["count"], every["at_stake"]) == (5, "60.00")
    assert every["to_work"] == now["to_work"] == {"count": 1, "open": "60.00"}
    assert every["waiting"] == {"count": 0, "open": "0.00"}
    assert every["denied"] == {"count": 5, "open": "60.00"}
    in_part = office.book.denials(status="all", state="overturned_in_part")
    assert {row["patient_control_number"] for row in in_part["denials"]} == {"PART1"}
    assert in_part["to_work"] == {"count": 1, "open": "60.00"}


def test_all_is_every_status_with_what_was_replaced_and_nothing_undone(office: Office) -> None:
    won_in_part(office)
    rows = office.book.denials(status="all")["denials"]
    gone = office.book.denials(status="withdrawn")["denials"]
    assert sorted(row["status"] for row in rows) == ["open"] + ["withdrawn"] * 4
    assert sorted(row["id"] for row in gone) == sorted(
        row["id"] for row in rows if row["status"] == "withdrawn"
    )
    assert office.book.denials(status=None)["count"] == 1
    imports = [row["id"] for row in office.book.imports()["imports"]]
    for one in sorted(imports, reverse=True)[:5]:
        office.book.undo(one, user="kim", reason="a trial")
    left = office.book.denials(status="all")["denials"]
    assert {row["patient_control_number"] for row in left} <= {"WON1"}


def test_nobody_takes_what_is_no_longer_open(office: Office) -> None:
    won_in_part(office)
    first = office.book.take_next_denial(user="kim", status="all")
    assert first["patient_control_number"] == "PART1"
    with pytest.raises(NotFound):
        office.book.take_next_denial(user="ann", status="all")


def test_the_status_over_http_is_complete(office: Office, book_url: str) -> None:
    won_in_part(office)
    client = TestClient(create_app(Settings(book_url=book_url)), base_url="http://localhost")
    found = {
        status: client.get("/api/v1/denials", params={"status": status}).json()["count"]
        for status in ("open", "withdrawn", "settled", "all")
    }
    assert found == {"open": 1, "withdrawn": 4, "settled": 0, "all": 5}


def test_a_letter_is_found_by_the_id_of_an_amount_that_was_replaced(office: Office) -> None:
    won_in_part(office)
    rows = office.book.denials(status="all")["denials"]
    mine = [row for row in rows if row["patient_control_number"] == "PART1"]
    (standing,) = [row["id"] for row in mine if row["status"] == "open"]
    for row in mine:
        assert office.book.letter(row["id"], anyway=True)["denials"] == [standing]
    over = next(row["id"] for row in rows if row["patient_control_number"] == "WON1")
    with pytest.raises(NotAllowed, match="nothing of it is in dispute"):
        office.book.letter(over, anyway=True)


def test_bounds_that_nothing_can_fit_are_refused(office: Office) -> None:
    for minimum, maximum in (("500", "100"), ("-5", None), ("5", "-1")):
        with pytest.raises(BadRequest):
            office.book.denials(minimum=minimum, maximum=maximum)
    assert office.book.denials(minimum="100", maximum="100")["count"] == 0


def test_a_case_done_with_others_shows_its_own_first_amount(office: Office) -> None:
    """Two lines refused for one reason: the row is that of the id, the sum that of the case."""
    office.bill(claim("BOTH1", *TWO))
    office.pay(refused("BOTH1", "0 CO-50 100", "0 CO-50 60"))
    (number,) = {row["case"] for row in office.book.denials()["denials"]}
    done = office.book.work_denials([number], "note", user="kim", reason="both", dry_run=True)
    (row,) = done["denials"]
    assert (row["id"], row["amount"], row["open"]) == (number, "100.00", "160.00")


def test_worklist_and_letter_keep_the_same_day(office: Office) -> None:
    """Of an unverified long limit of the payer and the usual one, the earlier day counts."""
    humana = Payer("HUMANA", "61101", "999000202")
    office.bill(claim("HUM1", *TWO, payers=(humana,)))
    office.pay(refused("HUM1", "0 CO-50 100", "60"), payer=humana)
    (row,) = office.book.denials()["denials"]
    letter = office.book.letter(row["id"])
    assert letter["deadline"] == row["deadline"]
