"""The denial desk's reports: what came of denials, where they come from, who is silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed
from tests.flows.money.office import SERVED, Office, claim, later, whole

KIM: dict[str, Any] = {"user": "kim"}


def refuse(office: Office, number: str, reason: str = "CO-197", days: int = 0) -> None:
    office.bill(claim(number))
    office.pay(whole(number, "1", "100", "0", f"{reason} 100"), days=days)


def rows(office: Office, report: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.book.report(report, **more)["rows"]
    return found


def test_overturns_count_what_was_won_by_count_and_by_money(office: Office) -> None:
    for number in ("PCN1", "PCN2", "PCN3"):
        refuse(office, number)
    for identifier, days in (("N000001", 10), ("N000002", 10), ("N000003", 10)):
        office.book.work_denial(identifier, "appeal", level=1, day=later(days), **KIM)
    office.pay(whole("PCN1", "1", "100", "100", ""), days=30)
    office.pay(whole("PCN2", "1", "100", "40", "CO-45 60"), days=40)
    office.pay(whole("PCN3", "1", "100", "0", "CO-197 100"), days=50)
    (row,) = rows(office, "overturns")
    assert (row["category"], row["action"], row["level"]) == ("authorization", "appeal", 1)
    assert (row["tries"], row["won"], row["won_percent"]) == (3, 2, 67)
    assert (row["refused"], row["recovered"], row["recovered_percent"]) == ("300.00", "140.00", 47)
    assert row["days"] == 30
    assert rows(office, "overturns", as_of=later(35))[0]["tries"] == 1


def test_each_letter_is_counted_by_itself_with_what_the_work_cost(office: Office) -> None:
    """Two appeals of one case with a letter each, one without any, and one that cost nothing."""
    for number in ("PCN1", "PCN2", "PCN3"):
        refuse(office, number)
    for level, sent, answered, won in (
        ("reconsideration", 10, 30, "0"),
        ("second_level", 40, 60, "100"),
    ):
        told: dict[str, Any] = {"means": "fax", "sent_on": later(sent), "level": level}
        open_now = office.book.denials()["denials"]
        (mine,) = [r["id"] for r in open_now if r["patient_control_number"] == "PCN1"]
        office.book.letter_sent(mine, **told, user="kim")
        status, left = ("4", "CO-197 100") if won == "0" else ("1", "")
        office.pay(whole("PCN1", status, "100", won, left), days=answered)
    office.book.work_denial("N000002", "appeal", level=1, day=later(10), **KIM)
    office.pay(whole("PCN2", "4", "100", "0", "CO-197 100"), days=30)
    office.pay(whole("PCN3", "1", "100", "40", "CO-45 60"), days=30)
    found = {(row["letter"], row["level"]): row for row in rows(office, "overturns")}
    assert set(found) == {("reconsideration", 1), ("second_level", 2), ("", 1), ("", 0)}
    lost, won_one = found["reconsideration", 1], found["second_level", 2]
    assert (lost["tries"], lost["recovered"], lost["net"]) == (1, "0.00", "-45.00")
    assert (won_one["recovered"], won_one["cost"], won_one["net"]) == ("100.00", "45.00", "55.00")
    assert (won_one["minutes"], won_one["days"]) == (75, 20)
    free = found["", 0]
    assert (free["action"], free["minutes"], free["cost"], free["net"]) == (
        "none",
        0,
        "0.00",
        "40.00",
    )


def test_money_that_comes_after_an_expected_win_counts_once(office: Office) -> None:
    refuse(office, "PCN1")
    office.book.work_denial("N000001", "appeal", day=later(5), **KIM)
    won = {"result": "won", "reason": "letter", "day": later(20)}
    office.book.work_denial("N000001", "outcome", **won, **KIM)
    assert rows(office, "overturns")[0]["recovered"] == "100.00"
    office.pay(whole("PCN1", "1", "100", "80", "CO-45 20"), days=30)
    (row,) = rows(office, "overturns")
    assert (row["tries"], row["recovered"]) == (1, "80.00")


def test_root_causes_hold_all_that_was_refused_once(office: Office) -> None:
    refuse(office, "PCN1")
    refuse(office, "PCN2")
    refuse(office, "PCN3", "CO-29")
    office.pay(whole("PCN2", "1", "100", "100", ""), days=30)
    found = {row["reason"]: row for row in rows(office, "root-causes")}
    assert (found["197"]["denials"], found["197"]["amount"]) == (2, "200.00")
    assert (found["197"]["open"], found["197"]["share_percent"]) == ("100.00", 67)
    assert (found["29"]["denials"], found["29"]["claims"]) == (1, 1)


def test_a_payer_is_silent_beyond_its_own_usual_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty answers, nine of ten within 21 days: the setting of 30 days no longer counts."""
    for number in range(20):
        office.bill(claim(f"OLD{number}"), day=SERVED)
        days = 5 if number >= 18 else 0
        office.pay(whole(f"OLD{number}", "1", "100", "100", ""), days=days)
    office.bill(claim("PCN1"), day=SERVED)
    usual = (later(0) - SERVED).days
    monkeypatch.setattr("medcollect.dates.today", lambda: later(0))
    (row,) = rows(office, "no-answer", as_of=later(6))
    assert (row["usual_days"], row["usual_by"]) == (usual, "learned from 20 answers")
    assert (row["patient_control_number"], row["days_overdue"]) == ("PCN1", 6)
    assert row["ask"] == f"medcollect inquire {row['claim']} -o ask.276"
    assert rows(office, "no-answer", as_of=later(0)) == []
    with pytest.raises(NotAllowed, match="not who waited on a day that has passed"):
        rows(office, "no-answer", as_of=later(-1))


def test_without_history_the_setting_says_when_a_payer_is_late(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.bill(claim("PCN1"), day=SERVED)
    monkeypatch.setattr("medcollect.dates.today", lambda: SERVED)
    days = office.book.report("waiting")["rows"][0]["until"]
    due = later(0).fromisoformat(days)
    assert rows(office, "no-answer", as_of=due) == []
    (row,) = rows(office, "no-answer", as_of=due + timedelta(days=1))
    assert (row["days_overdue"], row["usual_by"]) == (1, "by the settings")
    assert (row["why"], row["acknowledged"], row["insurance_open"]) == (
        "first_answer",
        "",
        "100.00",
    )


def test_minutes_that_were_noted_count_instead_of_the_settings(office: Office) -> None:
    for number in ("PCN1", "PCN2"):
        refuse(office, number)
    work: dict[str, Any] = {"day": later(10), **KIM}
    office.book.work_denial("N000001", "note", reason="records", minutes=12, **work)
    office.book.work_denial("N000001", "appeal", level=1, minutes=18, **work)
    office.book.work_denial("N000002", "appeal", level=1, **work)
    for number in ("PCN1", "PCN2"):
        office.pay(whole(number, "1", "100", "0", "CO-197 100"), days=30 + int(number[-1]))
    (row,) = rows(office, "overturns")
    assert (row["tries"], row["minutes"]) == (2, 30 + 75)
    assert row["cost"] == "63.00", "45.00 by the settings for 75 minutes, so 18.00 for 30"
    shown = office.book.denial("N000001")
    assert [outcome["minutes"] for outcome in shown["outcomes"]] == [30]
    with pytest.raises(BadRequest):
        office.book.work_denials(["N000001", "N000002"], "note", minutes=5, reason="x", **KIM)
