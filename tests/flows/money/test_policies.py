"""Policies: what posts by itself, what adjustments do, small rests; and taking a change over.

The figures were worked out by hand from the rules; the office fixture checks the laws of the whole
book after each test.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from medcollect.errors import BadRequest, NotAllowed, SettingsInvalid
from tests.flows.money.office import (
    BOTH_PAID,
    HARBOR,
    MEDICARE,
    OSCAR,
    PAID_80,
    PLAIN,
    PRIMARY,
    SECONDARY,
    TWO_LINES,
    Office,
    answer,
    claim,
    expect,
    figures,
    one_answer,
    service,
    whole,
)
from tests.support.specs import Line, ProviderAdjustment, reversal, usd

DENIED = whole("PCN1", "1", "100", "0", "CO-197 100")
PR_3 = whole("PCN1", "1", "100", "77", "CO-20 0, CO-45 20, PR-3 3")


def settings(office: Office, text: str) -> None:
    (office.folder / "medcollect.toml").write_text(text, encoding="utf-8")


def repost(office: Office, **more: Any) -> Any:
    return office.book.repost(**{"reason": "decided", "user": "ann", **more})


NONE_OF_PLAIN = """\
[[posting.payers]]
name = "look"
payer = "Plainfield Mutual Health"
automatic = "none"
"""
PLAIN_197 = """\
[[adjustments]]
name = "give up"
group = "CO"
reason = "197"
effect = "write_off"
"""
SMALL = """\
[small_balance]
per_claim = "5.00"
approval = false
"""


# -- what posts by itself --------------------------------------------------------------------


def test_of_a_payer_kept_back_everything_waits_for_a_person(office: Office) -> None:
    settings(office, NONE_OF_PLAIN)
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    result = office.pay(PRIMARY)
    assert (result["posted"], result["unapplied"], result["exceptions"]) == ("0.00", "60.00", 1)
    assert result["settings"] == {"version": "S000001", "in_force": True}
    waiting = office.exception("held_by_policy")
    assert (waiting["amount"], waiting["patient_control_number"]) == ("60.00", "PCN1")
    assert "policy look" in waiting["reason"]
    office.pay(SECONDARY, payer=HARBOR, days=5)
    assert office.kinds() == ["held_by_policy", "waiting_for_earlier_payer"]
    done = office.book.resolve(waiting["id"], post_anyway=True, reason="looked", user="ann")
    assert done["posted"] == "75.00"
    expect(office, "PCN1", "patient_billable", "100.00", **BOTH_PAID)
    office.book.undo(done["decision"])
    assert office.kinds() == ["held_by_policy", "waiting_for_earlier_payer"]


def test_a_released_payment_still_meets_every_other_guard(office: Office) -> None:
    """A second answer without a reversal waits, although a person let it post past the policy."""
    settings(office, NONE_OF_PLAIN)
    office.bill(claim("PCN1"))
    for days, paid in enumerate(("80", "70")):
        office.pay(whole("PCN1", "1", "100", paid, f"CO-45 {100 - int(paid)}"), days=days)
    for item in office.book.exceptions()["exceptions"]:
        office.book.resolve(item["id"], post_anyway=True, reason="looked", user="ann")
    assert office.kinds() == ["second_answer"]


def test_a_payer_kept_back_opens_no_claims(office: Office) -> None:
    settings(office, NONE_OF_PLAIN)
    office.pay(PRIMARY)
    assert office.book.claims()["claims"] == []
    assert office.kinds() == ["held_by_policy"]


def test_only_matches_above_the_confidence_post(office: Office) -> None:
    """A payment without the claim's number is known by member, day and charge: less than sure."""
    settings(office, '[posting]\nautomatic = "confident"\nconfidence = 100\n')
    office.bill(claim("PCN1"))
    office.pay(whole("0", "1", "100", "80", "CO-45 20"))
    waiting = office.exception("held_by_policy")
    assert "only 100 and above" in waiting["reason"]
    settings(office, '[posting]\nautomatic = "confident"\nconfidence = 80\n')
    assert repost(office)["settled"] == [waiting["id"]]
    expect(office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00")


def test_unmatched_payments_open_no_claim_where_the_office_says_so(office: Office) -> None:
    settings(office, 'unmatched = "hold"')
    office.pay(PRIMARY)
    assert office.kinds() == ["no_claim"]
    office.bill(claim("PCN1"))
    assert office.kinds() == []
    expect(
        office, "PCN1", "patient_billable", "100.00",
        insurance_paid="60.00", written_off="20.00", patient_responsibility="20.00",
    )  # fmt: skip


# -- what an adjustment does -----------------------------------------------------------------


def test_an_own_rule_writes_a_denial_off_and_says_so(office: Office) -> None:
    settings(office, PLAIN_197)
    one_answer(office, DENIED)
    found = expect(office, "PCN1", "closed", "100.00", written_off="100.00")
    assert "by policy give up" in found["steps"][1]["text"]
    assert office.denied() == []
    details = office.sql("SELECT detail FROM postings WHERE account = 'write_off'")
    assert details == [("CO-197|give up",)]


def test_a_rule_holds_for_its_payer_and_its_days(office: Office) -> None:
    """Of three denials only the one of this payer on that day is written off."""
    rule = 'payer = "PLAINFIELD*"\nsince = 2026-02-03\nuntil = 2026-02-03\n'
    settings(office, PLAIN_197 + rule)
    for number, (payer, days) in {"A1": (PLAIN, 0), "A2": (PLAIN, 1), "A3": (HARBOR, 1)}.items():
        office.bill(claim(number, payers=(payer,)))
        denial = whole(number, "1", "100", "0", "CO-197 100", member_id="W100")
        office.pay(denial, payer=payer, days=days)
    states = {r["patient_control_number"]: r["state"] for r in office.book.report("claims")["rows"]}
    assert states == {"A1": "denied", "A2": "closed", "A3": "denied"}


def test_a_rules_write_off_falls_with_the_answer(office: Office) -> None:
    settings(office, PLAIN_197)
    one_answer(office, DENIED)
    office.pay(reversal(DENIED), days=9)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")


def test_gz_can_be_left_to_a_person(office: Office) -> None:
    settings(office, "[write_off]\nwithout_notice = false\n")
    line = Line("G0399", usd("90"), modifiers=("GZ",))
    office.bill(claim("PCN1", line, payers=(MEDICARE,)))
    denial = service("G0399", "90", "0", "CO-50 90", modifiers=("GZ",))
    office.pay(answer("PCN1", "1", denial), payer=MEDICARE)
    expect(office, "PCN1", "denied", "90.00", insurance_open="90.00")
    settings(office, "")
    repost(office)
    found = expect(office, "PCN1", "closed", "90.00", written_off="90.00")
    assert any("by policy write_off.without_notice" in step["text"] for step in found["steps"])


# -- small rests -----------------------------------------------------------------------------


def test_a_small_rest_is_written_off_and_comes_back_with_a_correction(office: Office) -> None:
    settings(office, SMALL)
    one_answer(office, PR_3)
    found = expect(office, "PCN1", "closed", "100.00", insurance_paid="77.00", written_off="23.00")
    assert "by policy small_balance" in found["steps"][-2]["text"]
    office.pay(reversal(PR_3), days=5)
    expect(office, "PCN1", "with_payer", "100.00", insurance_open="100.00")
    office.pay(whole("PCN1", "1", "100", "70", "CO-45 20, PR-3 10"), days=6)
    expect(
        office, "PCN1", "patient_billable", "100.00",
        insurance_paid="70.00", written_off="20.00", patient_responsibility="10.00",
    )  # fmt: skip


def test_small_rests_above_the_patients_limit_all_stay(office: Office) -> None:
    """3.00 and 4.00 of one patient exceed 6.00: none is written off, in any order of files."""
    settings(office, SMALL + 'per_patient = "6.00"\n')
    first = whole("PCN1", "1", "100", "77", "CO-45 20, PR-3 3")
    second = whole("PCN2", "1", "100", "76", "CO-45 20, PR-3 4")
    office.bill(claim("PCN1"), claim("PCN2"))
    office.pay(first)
    expect(office, "PCN1", "closed", "100.00", insurance_paid="77.00", written_off="23.00")
    late = office.pay(second, days=1)
    both = {"insurance_paid": "77.00", "written_off": "20.00", "patient_responsibility": "3.00"}
    expect(office, "PCN1", "patient_billable", "100.00", **both)
    assert office.book.balance("PCN1")["patient_due"] == "7.00"
    office.book.undo(late["import"])
    expect(office, "PCN1", "closed", "100.00", insurance_paid="77.00", written_off="23.00")


def test_a_small_rest_waits_for_approval_unless_the_office_says_otherwise(office: Office) -> None:
    settings(office, '[small_balance]\nper_claim = "5.00"\n')
    one_answer(office, PR_3)
    waiting = office.exception("small_balance")
    assert (waiting["amount"], waiting["actions"]) == ("3.00", ["write_off", "hold"])
    done = office.book.resolve(waiting["id"], write_off="small_balance", reason="ok", user="ann")
    assert done["written_off"] == "3.00"
    found = expect(office, "PCN1", "closed", "100.00", insurance_paid="77.00", written_off="23.00")
    assert "by decision D000001" in found["steps"][-2]["text"]
    assert office.kinds() == []
    with pytest.raises(NotAllowed, match="D000001"):
        office.book.undo(office.book.claim("PCN1")["payments"][0]["remittance"])
    office.book.undo("D000001")
    assert office.kinds() == ["small_balance"]


def test_after_the_first_answer_a_small_rest_is_not_billed_to_the_next_payer(
    office: Office,
) -> None:
    settings(office, SMALL + 'after = "first_answer"\n')
    office.bill(claim("PCN1", payers=(PLAIN, HARBOR)))
    office.pay(PR_3)
    found = expect(office, "PCN1", "closed", "100.00", insurance_paid="77.00", written_off="23.00")
    assert found["waiting"] is None


def test_a_part_that_may_not_be_billed_is_no_small_rest(office: Office) -> None:
    """PR-45 waits for a person: the policy does not decide it."""
    settings(office, SMALL)
    one_answer(office, whole("PCN1", "1", "100", "97", "PR-45 3"))
    expect(
        office, "PCN1", "patient_not_billable", "100.00",
        insurance_paid="97.00", patient_responsibility="3.00", billable="0.00",
    )  # fmt: skip


# -- taking a change over --------------------------------------------------------------------


def test_a_changed_file_counts_only_when_it_is_taken_over(office: Office) -> None:
    one_answer(office, DENIED)
    before = figures(office)
    settings(office, PLAIN_197)
    late = office.pay(whole("PCN9", "1", "100", "0", "CO-197 100", member_id="W9", patient=OSCAR))
    assert late["settings"] == {"version": None, "in_force": False}
    assert office.book.settings()["in_force"] is False
    dry = repost(office, dry_run=True)
    assert (dry["claims_changed"], dry["version"]) == (2, None)
    assert dry["accounts"] == {"insurance_receivable": "-200.00", "write_off": "200.00"}
    expect(office, "PCN1", "denied", "100.00", insurance_open="100.00")
    with pytest.raises(BadRequest, match="reason"):
        repost(office, reason=" ")
    done = repost(office)
    assert {k: done[k] for k in ("claims_changed", "accounts", "entries")} == {
        k: dry[k] for k in ("claims_changed", "accounts", "entries")
    }
    assert done["version"] == "S000001"
    expect(office, "PCN1", "closed", "100.00", written_off="100.00")
    assert repost(office)["changed"] is False
    assert office.book.report("decisions")["rows"][0]["kind"] == "settings"
    office.book.undo("S000001")
    office.book.undo(late["import"])
    assert figures(office) == before


def test_the_same_files_under_the_same_settings_give_the_same_book(office: Office) -> None:
    """Settings first or files first: what is in force decides, not when it came."""
    settings(office, PLAIN_197 + SMALL)
    one_answer(office, DENIED)
    office.bill(claim("PCN2", patient=OSCAR))
    office.pay(whole("PCN2", "1", "100", "97", "PR-3 3", patient=OSCAR, member_id="W200"))
    under_settings = figures(office)
    settings(office, "")
    repost(office)
    assert figures(office) != under_settings
    settings(office, PLAIN_197 + SMALL)
    repost(office)
    assert figures(office) == under_settings


def test_invalid_settings_stop_the_import_before_anything_is_done(office: Office) -> None:
    settings(office, "[small_balance]\nper_claims = 3")
    with pytest.raises(SettingsInvalid, match=r"line 2: small_balance\.per_claims"):
        office.bill(claim("PCN1"))
    settings(office, "")
    assert office.book.imports()["imports"] == []


# -- holding and writing off -----------------------------------------------------------------


def test_an_exception_that_is_held_leaves_the_daily_list_and_is_counted(
    either_office: Office,
) -> None:
    one_answer(either_office, whole("PCN1", "2", "100", "80", "OA-23 20"))
    waiting = either_office.exception("waiting_for_earlier_payer")
    done = either_office.book.resolve(waiting["id"], hold=True, reason="payer resends", user="ann")
    assert (done["settled"], done["opened"], done["action"]) == ([], [], "hold")
    left = either_office.book.exceptions()
    assert left["count"] == 0
    assert (left["held"]["count"], left["held"]["amount"]) == (1, "80.00")
    (held,) = either_office.book.exceptions(held=True)["exceptions"]
    assert held["hold"]["reason"] == "payer resends"
    either_office.book.undo(done["decision"])
    past = date(2026, 1, 1)
    either_office.book.resolve(waiting["id"], hold=True, until=past, reason="later", user="ann")
    assert either_office.book.exceptions()["count"] == 1
    either_office.book.undo("D000002")


def test_what_no_rule_decides_can_be_given_up_within_the_limit(either_office: Office) -> None:
    one_answer(either_office, whole("PCN1", "1", "100", "80", "OA-133 20"))
    waiting = either_office.exception("undecided_adjustment")
    done = either_office.book.resolve(
        waiting["id"], write_off="administrative", reason="x", user="ann"
    )
    assert (done["written_off"], done["settled"]) == ("20.00", [waiting["id"]])
    found = expect(
        either_office, "PCN1", "closed", "100.00", insurance_paid="80.00", written_off="20.00"
    )
    assert "administrative 20.00, by decision D000001" in found["steps"][-2]["text"]
    either_office.book.undo("D000001")
    expect(
        either_office, "PCN1", "undecided", "100.00", insurance_paid="80.00", insurance_open="20.00"
    )
    settings(either_office, '[write_off]\nlimit = "19.99"')
    repost(either_office)
    with pytest.raises(NotAllowed, match=r"write_off\.limit allows 19\.99"):
        either_office.book.resolve(
            waiting["id"], write_off="administrative", reason="x", user="ann"
        )


def test_a_write_off_takes_nothing_from_a_denied_line(either_office: Office) -> None:
    either_office.bill(claim("PCN1", *TWO_LINES))
    lines = (service("99213", "60", "0", "CO-197 60"), service("93000", "40", "0", "OA-133 40"))
    either_office.pay(answer("PCN1", "1", *lines))
    waiting = either_office.exception("undecided_adjustment")
    either_office.book.resolve(waiting["id"], write_off="administrative", reason="x", user="ann")
    expect(either_office, "PCN1", "denied", "100.00", written_off="40.00", insurance_open="60.00")


def test_a_payers_money_is_no_loss_to_write_off(either_office: Office) -> None:
    one_answer(either_office, whole("PCN1", "2", "100", "80", "OA-23 20"))
    waiting = either_office.exception("waiting_for_earlier_payer")
    with pytest.raises(NotAllowed, match="money that a payer sent"):
        either_office.book.resolve(
            waiting["id"], write_off="administrative", reason="x", user="ann"
        )


def test_what_a_payer_kept_for_no_known_reason_can_be_given_up(either_office: Office) -> None:
    either_office.bill(claim("PCN1"))
    either_office.pay(PAID_80, provider_adjustments=(ProviderAdjustment("CS", "UNKNOWN1", 1500),))
    waiting = either_office.exception("provider_adjustment")
    done = either_office.book.resolve(
        waiting["id"], write_off="administrative", reason="x", user="ann"
    )
    assert done["settled"] == [waiting["id"]]
    sums = either_office.sql(
        "SELECT account, SUM(cents) FROM postings WHERE account IN"
        " ('provider_adjustment', 'write_off') GROUP BY account ORDER BY account"
    )
    assert sums == [("provider_adjustment", 0), ("write_off", 1500)]
    either_office.book.undo("D000001")
    assert either_office.kinds() == ["provider_adjustment"]
    given = (ProviderAdjustment("CS", "UNKNOWN2", -1500),)
    either_office.pay(PAID_80, provider_adjustments=given, days=3)
    favour = next(
        x for x in either_office.book.exceptions()["exceptions"] if x["amount"] == "-15.00"
    )
    with pytest.raises(NotAllowed, match="in the practice's favour"):
        either_office.book.resolve(favour["id"], write_off="administrative", reason="x", user="ann")
