"""One denial case of the book with all that happened to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.cases import build_case
from medcollect.bookkeeping.casework import (
    CaseKey,
    amounts_of_claims,
    key_of_row,
    lives_of,
    numbers_of,
    steps_of,
)
from medcollect.bookkeeping.derived import keys_of
from medcollect.denials.life import CaseLife
from medcollect.errors import NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.matching.docs import Group
from medcollect.model.casework import STILL_OPEN
from medcollect.store.casework import CaseStep, steps_with_numbers
from medcollect.store.tables import claims, denials
from medcollect.tasks.load import LoadedClaim, load_claim

Row = dict[str, Any]

_SEE = "'denials' and 'claim' show the denials with their ids."


class FoundCase(msgspec.Struct):
    """A case: its claim, its amounts (rows of denials, the oldest first), its life and steps.

    ``steps`` are all that were ever taken, undone ones too; ``others`` the claim's other cases.
    """

    key: CaseKey
    loaded: LoadedClaim
    amounts: list[Row]
    life: CaseLife
    steps: list[CaseStep]
    others: dict[CaseKey, list[Row]]

    @property
    def claim(self) -> int:
        """The claim's number."""
        return int(self.loaded.row["id"])

    @property
    def id(self) -> str:
        """The case goes by the id of its first amount."""
        return name("N", self.amounts[0]["id"])

    @property
    def version(self) -> int:
        """How often people changed it: steps taken, and steps undone."""
        return len(self.steps) + sum(step.status != "active" for step in self.steps)

    @property
    def speaks(self) -> Row:
        """The amount that stands for the case: open before settled, the latest answer's first."""
        return min(
            self.amounts,
            key=lambda row: (
                _RANK.get(row["status"], 9),
                -(row["claim_payment_id"] or 0),
                row["id"],
            ),
        )


_RANK = {"open": 0, "resent": 1, "notice": 2, "written_off": 3, "settled": 4}


def row_of_denial(connection: sa.Connection, identifier: str) -> Row:
    """The row of an amount (N...), whatever became of it; NotFound where there is none."""
    number = number_of(identifier, "N")
    row = connection.execute(sa.select(denials).where(denials.c.id == number)).first()
    if row is None:
        raise NotFound("There is no such denial.", _SEE)
    return dict(row._mapping)


def find_case(connection: sa.Connection, target: str) -> FoundCase:
    """The case that an amount (N...) belongs to.

    Raises NotFound, NotAllowed where its answer belongs to no claim yet.
    """
    row = row_of_denial(connection, target)
    number = row["id"]
    if row["claim_id"] is None:
        message = "Its answer belongs to no claim yet, so there is nothing to work on."
        raise NotAllowed(message, "Settle its exception first: 'exceptions' shows how.")
    query = sa.select(claims).where(claims.c.id == row["claim_id"], claims.c.status == "active")
    claim = connection.execute(query).first()
    found = claim and _cases_of(connection, dict(claim._mapping))
    for case in found or ():
        if any(amount["id"] == number for amount in case.amounts):
            return case
    raise NotFound("This denial is gone: what refused it was undone.", _SEE)


def _cases_of(connection: sa.Connection, claim: Row) -> list[FoundCase]:
    """Every case of a claim."""
    loaded = load_claim(connection, claim)
    group = _as_judged(loaded)
    steps = steps_of(group, steps_with_numbers(connection, numbers_of(group)))
    by_case: dict[CaseKey, list[Row]] = defaultdict(list)
    for row in amounts_of_claims(connection, [claim["id"]]):
        by_case[key_of_row(row)].append(row)
    lives = lives_of(group, build_case(group).answers, steps, by_case)
    return [
        FoundCase(
            key=key,
            loaded=loaded,
            amounts=by_case[key],
            life=life,
            steps=[step for step in steps if (step.payer_key, step.cause) == key],
            others={other: rows for other, rows in by_case.items() if other != key},
        )
        for key, life in lives.items()
    ]


def _as_judged(loaded: LoadedClaim) -> Group:
    """The claim's group with the answers held that the book holds."""
    held = {i for i, row in loaded.payment_rows.items() if row["outcome"] == "held"}
    payments = [
        msgspec.structs.replace(p, held=p.held or "held") if p.id in held else p
        for p in loaded.group.payments
    ]
    return msgspec.structs.replace(loaded.group, payments=payments)


def concerns_of(case: FoundCase) -> Any:
    """What finds the case's claim again."""
    return keys_of(case.loaded.group)


def open_amounts(amounts: Sequence[Row]) -> list[Row]:
    """The amounts that are open with the payer: those of group PR are the patient's."""
    return [a for a in amounts if a["status"] in STILL_OPEN and a["group_code"] != "PR"]
