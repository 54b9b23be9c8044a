"""Contracts and lines in a few words."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from medcollect.contracts import Contract, PricedLine, Term, Terms, Versions

DAY = date(2026, 3, 2)
PAYER = "ALPHA HEALTH"


def row(procedure: str = "99213", amount: str = "100.00", **told: Any) -> Term:
    return Term(told.pop("row", 2), procedure, amount=amount, **told)


def contract(*rows: Term, **told: Any) -> Contract:
    about: dict[str, Any] = {
        "id": 1,
        "name": "PPO",
        "kind": "contract",
        "valid_from": date(2026, 1, 1),
        "payer": "ALPHA*",
    }
    heads = {key: told.pop(key) for key in tuple(told) if key in Contract.__struct_fields__}
    return Contract(**{**about, **heads}, terms=Terms(tuple(rows), **told))


def schedule(name: str, *rows: Term, **told: Any) -> Contract:
    return contract(*rows, **{"id": 9, "name": name, "kind": "fee_schedule", "payer": "", **told})


def line(procedure: str = "99213", allowed: int = 10_000, **told: Any) -> PricedLine:
    about: dict[str, Any] = {
        "key": (1, 1),
        "visit": (1, PAYER, DAY),
        "payer": PAYER,
        "plan": "12",
        "day": DAY,
        "modifiers": (),
        "place": "11",
        "units": Fraction(1),
        "charge_cents": 50_000,
    }
    return PricedLine(**{**about, **told}, procedure=procedure, allowed_cents=allowed)


def versions(*contracts: Contract) -> Versions:
    return Versions(contracts)
