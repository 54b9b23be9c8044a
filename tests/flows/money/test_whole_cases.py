"""Lines that a payer refuses for one reason are one piece of work, ranked by what they bring."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command

from medcollect.bookkeeping.ranking import JUDGED_BY
from medcollect.cli.worklists import show_denials
from medcollect.money import parse_cents
from medcollect.store.engine import set_counter
from tests.flows.money.office import TWO_LINES, Office, answer, claim, later, service, whole
from tests.flows.test_migrations import config
from tests.support.specs import Line, usd

THREE = (Line("99213", usd("120")), Line("93000", usd("120")), Line("80053", usd("120")))
#: Three lines of 120 that one authorization would win, and one line of 200.
THREE_REFUSED = answer(
    "PCN1", "1", *(service(line.code, "120", "0", "CO-197 120") for line in THREE)
)
ONE_REFUSED = whole("PCN2", "1", "200", "0", "CO-197 200")


@pytest.fixture
def worked(either_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    office = either_office
    monkeypatch.setattr("medcollect.dates.today", lambda: later(3))
    office.bill(claim("PCN1", *THREE), claim("PCN2", Line("99213", usd("200"))))
    office.pay(ONE_REFUSED, THREE_REFUSED)
    return office


def listed(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.book.denials()["denials"]
    return found


def test_lines_refused_for_one_reason_stand_where_their_sum_puts_them(worked: Office) -> None:
    rows = listed(worked)
    assert [row["patient_control_number"] for row in rows] == ["PCN1"] * 3 + ["PCN2"]
    assert [row["case_at_stake"] for row in rows] == ["360.00"] * 3 + ["200.00"]
    assert len({row["priority"] for row in rows[:3]}) == 1
    assert "360.00 at stake in the whole case, 120.00 of it here" in rows[0]["why"]
    assert "in the whole case" not in rows[3]["why"]


def test_the_work_on_a_case_is_paid_for_once(worked: Office) -> None:
    """Half of 360.00 less 45.00 of work is 135.00: a third of it for each line."""
    rows = listed(worked)
    assert [row["expected_value"] for row in rows] == ["45.00", "45.00", "45.00", "55.00"]
    assert "135.00 is to be expected" in rows[0]["why"]


def test_what_is_settled_takes_no_part(worked: Office) -> None:
    paid = answer(
        "PCN1", "1", service("99213", "120", "120"),
        *(service(line.code, "120", "0", "CO-197 120") for line in THREE[1:]),
    )  # fmt: skip
    worked.pay(paid, days=2)
    mine = [row for row in listed(worked) if row["patient_control_number"] == "PCN1"]
    assert [row["case_at_stake"] for row in mine] == ["240.00"] * 2


def test_judging_anew_keeps_the_whole_case(worked: Office) -> None:
    before = listed(worked)
    with worked.book._store.writing() as connection:
        set_counter(connection, JUDGED_BY, 0)
    assert listed(worked) == before


def test_other_reasons_are_other_cases(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medcollect.dates.today", lambda: later(3))
    office.bill(claim("PCN1", *TWO_LINES))
    office.pay(
        answer(
            "PCN1", "1", service("99213", "60", "0", "CO-197 60"),
            service("93000", "40", "0", "CO-50 40"),
        )
    )  # fmt: skip
    rows = listed(office)
    assert {row["case_at_stake"] for row in rows} == {"60.00", "40.00"}
    assert sum(parse_cents(row["amount"]) or 0 for row in rows) == usd("100")


def test_the_list_shows_a_case_once(worked: Office, capsys: pytest.CaptureFixture[str]) -> None:
    show_denials(worked.book.denials())
    told = capsys.readouterr().err
    assert "1. PCN1  360.00 in 3 amounts  CO-197" in told
    assert "2. PCN2  200.00" in told
    assert told.count("The same case:") == 1


def test_a_book_of_before_is_ranked_whole(worked: Office) -> None:
    """Before revision 0019 each refused line was ranked by itself."""
    wanted = listed(worked)
    engine = worked.book._store.engine
    with engine.begin() as connection:
        command.downgrade(config(connection), "0018")
        for row in connection.execute(sa.text("SELECT id, facts FROM denials")).all():
            facts = msgspec.json.decode(row.facts)
            facts.pop("case_cents", None)
            told = {"id": row.id, "facts": msgspec.json.encode(facts).decode()}
            connection.execute(sa.text("UPDATE denials SET facts = :facts WHERE id = :id"), told)
        command.upgrade(config(connection), "head")
    assert listed(worked) == wanted
