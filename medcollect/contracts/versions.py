"""Which version holds: by payer and kind of plan, by name, by day of service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import msgspec

from medcollect.contracts.terms import Contract, Term, closeness
from medcollect.model.policies import PayerRule


class NoTerms(msgspec.Struct, frozen=True):
    """Why nothing can be expected of a line. ``contract``: a contract of the payer is on file."""

    why: str
    contract: bool = True


class Priced(msgspec.Struct, frozen=True):
    """The row that speaks, and the version it stands in."""

    contract: Contract
    term: Term


NO_CONTRACT = NoTerms("No contract of this payer is on file.", contract=False)


class Versions:
    """All versions on file. The newest start up to a day decides, of equal starts the last entered.

    A version that has ended leaves a gap: the one before it does not come back.
    """

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._by_name: dict[tuple[str, str], list[Contract]] = defaultdict(list)
        for contract in sorted(contracts, key=lambda c: (c.valid_from, c.id), reverse=True):
            self._by_name[contract.kind, contract.name.casefold()].append(contract)
        self._rows: dict[int, _Rows] = {}
        self._contract = lru_cache(maxsize=4096)(self._find_contract)

    def contract(self, payer: str, plan: str, day: date) -> Contract | NoTerms:
        """The contract that holds for a payer's answer of a kind of plan on a day of service."""
        return self._contract(payer, plan, day)

    def _find_contract(self, payer: str, plan: str, day: date) -> Contract | NoTerms:
        ours = [
            contract
            for (kind, _), versions in self._by_name.items()
            if kind == "contract" and (contract := _decisive(versions, day)) is not None
            if _concerns(contract, payer, plan)
        ]
        if not ours:
            known = any(_concerns(v, payer, plan) for vs in self._by_name.values() for v in vs)
            return NoTerms(f"No contract is in force on {day}.") if known else NO_CONTRACT
        closest = max(_rank(contract) for contract in ours)
        best = [contract for contract in ours if _rank(contract) == closest]
        if len(best) > 1:
            names = ", ".join(sorted(contract.name for contract in best))
            return NoTerms(f"Several contracts are in force: {names}.")
        if _has_ended(best[0], day):
            return NoTerms(f"The contract {best[0].name} ended on {best[0].valid_to}.")
        return best[0]

    def schedule(self, name: str, day: date) -> Contract | NoTerms:
        """The version of a named fee schedule on a day."""
        found = _decisive(self._by_name.get(("fee_schedule", name.casefold()), []), day)
        if found is None or _has_ended(found, day):
            return NoTerms(f"The fee schedule {name} has no version for {day}.")
        return found

    def term(
        self, contract: Contract, procedure: str, modifiers: frozenset[str], place: str
    ) -> Term | None:
        """The row of a version that names a line most closely."""
        rows = self._rows.get(contract.id)
        if rows is None:
            rows = self._rows[contract.id] = _Rows(contract)
        return rows.find(procedure, modifiers, place)


def _decisive(versions: list[Contract], day: date) -> Contract | None:
    """The newest version that had begun on a day."""
    return next((version for version in versions if version.valid_from <= day), None)


def _has_ended(contract: Contract, day: date) -> bool:
    return contract.valid_to is not None and contract.valid_to < day


def _concerns(contract: Contract, payer: str, plan: str) -> bool:
    if contract.kind != "contract" or (contract.plans and plan not in contract.plans):
        return False
    return PayerRule(contract.name, contract.payer).concerns(payer, None)


def _rank(contract: Contract) -> tuple[bool, bool, int]:
    """How closely a contract names its payer: kind of plan, whole name, length of the name."""
    return bool(contract.plans), not contract.payer.endswith("*"), len(contract.payer)


class _Rows:
    """The rows of one version, found by code first."""

    def __init__(self, contract: Contract) -> None:
        self._exact: dict[str, list[Term]] = defaultdict(list)
        self._wide: list[Term] = []
        for term in contract.terms.rows:
            is_wide = "*" in term.procedure or "-" in term.procedure
            (self._wide if is_wide else self._exact[term.procedure]).append(term)
        self.find = lru_cache(maxsize=16384)(self._find)

    def _find(self, procedure: str, modifiers: frozenset[str], place: str) -> Term | None:
        """Closest code, most modifiers, then its own place; later rows win over equal ones."""
        fitting = [
            ((near, len(term.modifiers), bool(term.place), term.row), term)
            for term in (*self._exact.get(procedure, ()), *self._wide)
            if (near := closeness(term.procedure, procedure)) is not None
            and modifiers.issuperset(term.modifiers)
            and term.place in {"", place}
        ]
        return max(fitting, key=lambda found: found[0])[1] if fitting else None
