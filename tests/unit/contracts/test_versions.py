"""Which contract holds: names of payers, kinds of plan, days, versions."""

from __future__ import annotations

from datetime import date

from medcollect.contracts import Contract, NoTerms
from tests.unit.contracts.support import contract, row, schedule, versions

DAY = date(2026, 3, 2)


def name_of(found: Contract | NoTerms) -> str:
    return found.why if isinstance(found, NoTerms) else f"{found.name} {found.id}"


def test_the_newest_start_decides_and_the_last_entered_of_equal_ones() -> None:
    first = contract(row(), id=1)
    again = contract(row(), id=3)
    later = contract(row(), id=2, valid_from=date(2026, 7, 1))
    deal = versions(later, first, again)
    found = [name_of(deal.contract("Alpha-Health", "12", day)) for day in (DAY, date(2026, 7, 1))]
    assert found == ["PPO 3", "PPO 2"]
    assert name_of(deal.contract("ALPHA", "12", date(2025, 12, 31))).startswith("No contract is in")


def test_a_version_that_ended_leaves_a_gap() -> None:
    deal = versions(
        contract(row(), id=1),
        contract(row(), id=2, valid_from=date(2026, 2, 1), valid_to=date(2026, 2, 28)),
    )
    found = deal.contract("ALPHA", "12", DAY)
    assert name_of(found) == "The contract PPO ended on 2026-02-28."


def test_a_kind_of_plan_and_the_whole_name_come_first() -> None:
    deal = versions(
        contract(row(), id=1),
        contract(row(), id=2, name="HMO", plans=("HM",)),
        contract(row(), id=3, name="WHOLE", payer="ALPHA HEALTH"),
    )
    asked = [("ALPHA HEALTH", "HM"), ("ALPHA HEALTH", "12"), ("ALPHA DENTAL", "12")]
    assert [name_of(deal.contract(*one, DAY)) for one in asked] == ["HMO 2", "WHOLE 3", "PPO 1"]


def test_two_contracts_alike_are_not_chosen_between() -> None:
    deal = versions(contract(row(), id=1), contract(row(), id=2, name="EPO"))
    assert name_of(deal.contract("ALPHA", "12", DAY)) == "Several contracts are in force: EPO, PPO."


def test_a_payer_without_a_contract_is_told_from_one_without_a_term() -> None:
    found = versions(contract(row()), schedule("base", row())).contract("BETA", "12", DAY)
    assert isinstance(found, NoTerms)
    assert not found.contract
