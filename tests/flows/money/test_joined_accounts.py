"""Accounts merged and split by hand: claims, payments and coverages follow, later files too."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medcollect.errors import BadRequest, NotAllowed, NotFound
from tests.flows.money.office import (
    ANSWERED,
    EDITH,
    OSCAR,
    PLAIN,
    STONE,
    Office,
    cents,
    claim,
    sound,
    whole,
)
from tests.support.book_state import differences, state_of
from tests.support.specs import Coverage, Person

KIM: dict[str, Any] = {"user": "kim", "reason": "seen in the chart"}
EDYTH = replace(EDITH, first="EDYTH")  # the same patient, misspelled
JUNIOR = replace(OSCAR, birth=date(1996, 8, 8))  # the same name and insurance, another birth date
SHARED = "W77"


#: Whose the visits are, as payers know them, too.
PATIENTS: dict[str, tuple[Person, str]] = {}


def visit(number: str, person: Person, member: str = SHARED) -> Any:
    PATIENTS[number] = (person, member)
    return claim(number, patient=person, coverages=(Coverage(PLAIN, member, "P"),))


def owed(office: Office, *numbers: str) -> None:
    """Each claim leaves 20.00 of its 100.00 to the patient."""
    for number in numbers:
        person, member = PATIENTS[number]
        told = {"patient": person, "member_id": member}
        office.pay(whole(number, "1", "100.00", "60.00", "CO-45 20.00, PR-2 20.00", **told))


def account(office: Office, number: str) -> str:
    return str(office.book.claim(number)["account"])


def sums(office: Office) -> Counter[str]:
    """What all patients owe and have as credit, over all accounts."""
    found: Counter[str] = Counter()
    for one in office.book.accounts()["accounts"]:
        balance = office.book.balance(one["id"])
        for key in ("charge", "insurance_paid", "patient_due", "credit", "insurance_open"):
            found[key] += cents(balance[key])
        found["left"] += cents(balance["unapplied"]) - cents(balance["patient_due"])
    return found


# -- merge ------------------------------------------------------------------------------------


def test_a_merged_account_holds_the_claims_and_payments_of_both(office: Office) -> None:
    office.bill(visit("V1", EDITH), visit("V2", EDYTH))
    owed(office, "V1", "V2")
    second = account(office, "V2")
    office.book.pay(second, "50.00", method="cash", received_on=ANSWERED, user="kim")
    before = sums(office)
    assert office.book.balance("V2")["unapplied"] == "30.00"

    entry = office.book.merge_accounts(["A000001", second], **KIM)

    assert (entry["kind"], entry["accounts"]) == ("account_merge", ["A000001", second])
    assert entry["accounts_now"] == ["A000001"]
    merged = office.book.balance("A000001")
    assert {c["patient_control_number"] for c in merged["claims"]} == {"V1", "V2"}
    assert (merged["patient_due"], merged["unapplied"]) == ("0.00", "10.00")
    assert merged["former_accounts"] == [second]
    assert [e["id"] for e in merged["entries"]] == [e["id"] for e in claim_entries(office, "V1")]
    assert sums(office)["left"] == before["left"]
    sound(office)


def claim_entries(office: Office, number: str) -> list[dict[str, Any]]:
    return list(office.book.claim(number)["entries"])


def test_the_number_that_is_no_longer_used_leads_on_and_comes_back(office: Office) -> None:
    office.bill(visit("V1", EDITH), visit("V2", EDYTH))
    owed(office, "V1", "V2")
    office.book.merge_accounts(["V2", "V1"], **KIM)
    assert office.book.balance("A000002")["account"] == "A000001"
    office.book.pay("A000002", "5.00", method="cash", received_on=ANSWERED, user="kim")
    assert office.book.balance("A000001")["patient_paid"] == "5.00"
    office.book.undo("E000001")
    assert account(office, "V2") == "A000002"
    assert office.book.balance("A000002")["former_accounts"] == []
    with pytest.raises(NotFound):
        office.book.undo("E000001")


def test_later_files_of_either_patient_land_on_the_merged_account(office: Office) -> None:
    office.bill(visit("V1", EDITH), visit("V2", EDYTH))
    office.book.merge_accounts(["V1", "V2"], **KIM)
    office.bill(visit("V3", EDYTH), visit("V4", EDITH, "W9"))
    assert {account(office, number) for number in ("V3", "V4")} == {"A000001"}


def test_a_patient_without_claims_for_now_is_merged_all_the_same(office: Office) -> None:
    office.bill(visit("V1", EDITH))
    second = office.bill(visit("V2", EDYTH))["import"]
    office.book.merge_accounts(["V1", "V2"], **KIM)
    office.book.undo(second)
    assert [c["patient_control_number"] for c in office.book.balance("A000001")["claims"]] == ["V1"]
    office.bill(visit("V3", EDYTH))
    assert account(office, "V3") == "A000001"


def test_contradicting_accounts_are_merged_only_when_told(office: Office) -> None:
    office.bill(visit("V1", OSCAR, "W1"), visit("V2", JUNIOR, "W2"))
    with pytest.raises(NotAllowed, match="birth dates differ") as refused:
        office.book.merge_accounts(["V1", "V2"], **KIM)
    assert "1966" not in str(refused.value)
    assert office.book.entries()["entries"] == []
    entry = office.book.merge_accounts(["V1", "V2"], although_different=True, **KIM)
    assert entry["although_different"] is True
    assert any("birth dates differ" in note for note in entry["notes"])


def test_two_strangers_contradict_in_both(office: Office) -> None:
    office.bill(visit("V1", OSCAR), visit("V2", EDITH))
    with pytest.raises(NotAllowed, match="birth dates differ and their names differ"):
        office.book.merge_accounts(["V1", "V2"], **KIM)


def test_a_coverage_counts_for_the_account_that_it_was_entered_for(office: Office) -> None:
    """Before the merge for one patient's claims, which a note says; after it for all."""
    office.bill(visit("V1", EDITH), visit("V2", EDYTH))
    owed(office, "V1", "V2")
    told = {"payer": STONE.name, "payer_rank": 2, **KIM}
    office.book.add_coverage("A000001", **told)
    before = sums(office)
    merged = office.book.merge_accounts(["V1", "V2"], **KIM)
    assert merged["notes"][0].startswith("E000001 counts for the claims it was entered for")
    assert sums(office) == before
    assert office.book.claim("V2")["state"] == "patient_billable"
    office.book.add_coverage("A000001", **told)
    assert office.book.claim("V2")["state"] == "with_next_payer"
    office.bill(visit("V3", EDYTH))
    owed(office, "V3")
    assert office.book.claim("V3")["state"] == "with_next_payer"


@pytest.mark.parametrize(
    ("accounts", "error"),
    [(["A000001"], NotAllowed), (["V1", "A000001"], NotAllowed), (["V1", "A000099"], NotFound)],
)
def test_what_is_no_merge_is_refused(
    office: Office, accounts: list[str], error: type[Exception]
) -> None:
    office.bill(visit("V1", EDITH))
    with pytest.raises(error):
        office.book.merge_accounts(accounts, **KIM)
    with pytest.raises(BadRequest, match="reason"):
        office.book.merge_accounts(accounts, user="kim", reason=" ")
    assert office.book.entries()["entries"] == []


# -- split ------------------------------------------------------------------------------------


def test_father_and_son_part_and_later_files_find_theirs(office: Office) -> None:
    """One insurance number joined them; the birth dates tell them apart from then on."""
    office.bill(visit("V1", OSCAR), visit("V2", JUNIOR), visit("V3", OSCAR))
    owed(office, "V1", "V2", "V3")
    office.book.pay("A000001", "60.00", method="cash", received_on=ANSWERED, user="kim")
    before = sums(office)

    entry = office.book.split_account("A000001", ["V2"], **KIM)

    son = account(office, "V2")
    assert (account(office, "V1"), account(office, "V3")) == ("A000001", "A000001")
    assert son != "A000001"
    assert entry["accounts_now"] == ["A000001", son]
    assert entry["split_claims"] == ["V2"]
    assert any("stays there: 20.00 of it was on" in note for note in entry["notes"])
    assert office.book.balance(son)["patient_due"] == "20.00"
    assert office.book.balance("A000001")["unapplied"] == "20.00"
    assert sums(office)["left"] == before["left"]
    office.bill(visit("V4", JUNIOR), visit("V5", OSCAR), visit("V6", JUNIOR, "W8"))
    assert {account(office, number) for number in ("V4", "V6")} == {son}
    assert account(office, "V5") == "A000001"
    office.bill(visit("V7", OSCAR, "W8"))  # the family moves to another insurer
    assert account(office, "V7") == "A000001"
    office.book.pay(son, "20.00", method="card", received_on=ANSWERED, user="kim")
    assert office.book.balance(son)["patient_due"] == "0.00"
    sound(office)
    office.book.undo("E000001")
    assert account(office, "V4") == "A000001"
    office.book.split_account("A000001", ["V2"], **KIM)
    assert account(office, "V2") == son


def test_a_payment_goes_along_where_the_person_says(office: Office) -> None:
    office.bill(visit("V1", OSCAR), visit("V2", JUNIOR))
    owed(office, "V1", "V2")
    paid = office.book.pay("A000001", "30.00", method="cash", received_on=ANSWERED, user="kim")
    named = office.book.pay("V2", "1.00", method="cash", received_on=ANSWERED, user="kim")
    with pytest.raises(NotAllowed, match="made for a claim"):
        office.book.split_account("A000001", ["V2"], payments=[named["id"]], **KIM)
    office.book.split_account("A000001", ["V2"], payments=[paid["id"]], **KIM)
    assert office.book.balance("V1")["patient_due"] == "20.00"
    found = office.book.balance("V2")
    assert (found["patient_due"], found["unapplied"]) == ("0.00", "11.00")
    office.book.undo("E000001")
    assert office.book.balance("V1")["patient_due"] == "9.00"


def test_claims_with_the_same_patient_data_part_by_their_numbers(office: Office) -> None:
    """A visit filed under the wrong patient: nothing in it tells whose it is."""
    office.bill(visit("V1", EDITH), visit("V2", EDITH), visit("V3", EDITH))
    owed(office, "V1", "V2", "V3")
    entry = office.book.split_account("V1", ["V2", "V3"], **KIM)
    other = account(office, "V2")
    assert account(office, "V3") == other != account(office, "V1")
    assert any("later claims with the same" in note for note in entry["notes"])
    office.bill(visit("V4", EDITH))
    assert account(office, "V4") == "A000001"
    with pytest.raises(NotAllowed, match="nothing tells its patient"):
        office.book.pay(other, "5.00", method="cash", received_on=ANSWERED, user="kim")
    office.book.pay("V2", "5.00", method="cash", received_on=ANSWERED, user="kim")
    assert office.book.balance(other)["patient_due"] == "35.00"


def test_a_coverage_stays_with_the_claims_that_it_was_entered_for(office: Office) -> None:
    office.bill(visit("V1", OSCAR), visit("V2", JUNIOR))
    owed(office, "V1", "V2")
    told = {"payer": STONE.name, "payer_rank": 2, **KIM}
    office.book.add_coverage("A000001", **told)
    before = sums(office)
    office.book.split_account("A000001", ["V2"], **KIM)
    assert sums(office) == before
    office.book.end_coverage("V2", payer=STONE.name, **KIM)
    states = [office.book.claim(number)["state"] for number in ("V1", "V2")]
    assert states == ["with_next_payer", "patient_billable"]
    for entry in ("E000003", "E000001"):
        office.book.undo(entry)
    office.book.add_coverage(account(office, "V1"), **told)
    assert office.book.claim("V1")["state"] == "with_next_payer"
    assert office.book.claim("V2")["state"] == "patient_billable"


def test_what_was_said_last_counts(office: Office) -> None:
    office.bill(visit("V1", EDITH), visit("V2", EDYTH), visit("V3", EDYTH))
    office.book.merge_accounts(["V1", "V2"], **KIM)
    office.book.split_account("V1", ["V2"], **KIM)
    assert account(office, "V3") == "A000001" != account(office, "V2")
    office.book.merge_accounts(["V1", "V2"], **KIM)
    assert account(office, "V2") == "A000001"
    office.book.undo("E000003")
    office.book.undo("E000001")
    numbers = [account(office, number) for number in ("V1", "V2", "V3")]
    assert len(set(numbers)) == 3
    office.book.undo("E000002")
    assert account(office, "V2") == account(office, "V3") != account(office, "V1")


@pytest.mark.parametrize(
    ("claims", "payments", "error"),
    [
        (["V1", "V2"], [], NotAllowed),
        (["V9"], [], NotAllowed),
        ([], [], BadRequest),
        (["V404"], [], NotFound),
        (["V2"], ["M000099"], NotFound),
    ],
)
def test_what_is_no_split_is_refused(
    office: Office, claims: list[str], payments: list[str], error: type[Exception]
) -> None:
    office.bill(visit("V1", EDITH), visit("V2", EDITH), visit("V9", OSCAR))
    with pytest.raises(error):
        office.book.split_account("V1", claims, payments=payments, **KIM)
    assert office.book.entries()["entries"] == []


# -- any order --------------------------------------------------------------------------------


PEOPLE = {"A": EDITH, "B": EDYTH, "C": OSCAR, "D": JUNIOR}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("joined")


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_undoing_gives_back_every_balance(folder: Path, data: st.DataObject) -> None:
    """Merges, splits and payments in any order; undone, last first or first first, all is back."""
    place = folder / str(len(list(folder.iterdir())))
    place.mkdir()
    office = Office(place)
    try:
        names = data.draw(st.lists(st.sampled_from("ABCD"), min_size=3, max_size=6))
        numbers = [f"V{place}{who}" for place, who in enumerate(names)]
        office.bill(*(visit(number, PEOPLE[number[-1]]) for number in numbers))
        owed(office, *numbers)
        for number in data.draw(st.lists(st.sampled_from(numbers), max_size=3)):
            where = account(office, number)
            told: dict[str, Any] = {"method": "cash", "received_on": ANSWERED, "again": True}
            office.book.pay(where, "30.00", user="kim", **told)
        url = f"sqlite:///{office.database}"
        before, left = state_of(url), sums(office)
        made: list[str] = []
        for _ in range(data.draw(st.integers(1, 4))):
            made += attempt(office, data.draw(st.permutations(numbers)), data.draw(st.booleans()))
            assert sums(office)["left"] == left["left"]
            sound(office)
        late = f"V9{names[0]}"
        office.bill(visit(late, PEOPLE[names[0]]))
        for entry in data.draw(st.permutations(made)):
            office.book.undo(entry)
        office.book.undo(office.book.imports()["imports"][-1]["id"])
        assert not differences(state_of(url), before)
        sound(office)
    finally:
        office.book.close()


def attempt(office: Office, numbers: list[str], merge: bool) -> list[str]:
    """A merge of two claims' accounts, or a split of one claim, where that can be."""
    try:
        if merge:
            told = office.book.merge_accounts(numbers[:2], although_different=True, **KIM)
        else:
            told = office.book.split_account(numbers[0], numbers[:1], **KIM)
    except NotAllowed:
        return []
    return [str(told["id"])]
