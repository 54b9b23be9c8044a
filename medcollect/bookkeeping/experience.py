"""What denials are judged by: the office's rules, and what came of denials before.

What came of them is learned once a day: it stands for the day, so that the order does too.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.ranking import JUDGED_BY, RANKED_ON, TO_BE_SEARCHED, WRITTEN
from medcollect.denials.life import Outcome
from medcollect.model.policies import DenialPolicies, Experience, Policies
from medcollect.store.engine import bulk_load, set_counter
from medcollect.store.policies import decoded, is_newest
from medcollect.store.tables import (
    claim_payments,
    counters,
    denial_cases,
    denial_experience,
    denials,
    policies,
    remittances,
)

#: The counter that holds the day on which it was learned.
LEARNED_ON: Final = "denials_learned_on"
_WHOLE: Final = 10_000
_outcomes = msgspec.json.Decoder(list[Outcome])


class Standing(NamedTuple):
    """What the worklist rests on: what cases are judged by, and how its counters stand.

    They are the day of the last learning, the stamp of the last judging, the day of the last
    ranking (0: never), how often cases were written, and whether an earlier version left the book
    without a search for silent denials and underpayments.
    """

    policies: DenialPolicies
    learned_on: int
    judged_by: int
    ranked_on: int
    written: int
    to_be_searched: int


_COUNTED: Final = (LEARNED_ON, JUDGED_BY, RANKED_ON, WRITTEN, TO_BE_SEARCHED)


def _fact(what: str, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """One part of the statement below: what it is, two texts and two numbers."""
    return sa.select(sa.literal_column(f"'{what}'").label("what"), *columns)


_NO_TEXT: Final[sa.ColumnElement[str]] = sa.literal_column("''")
_NO_NUMBER: Final[sa.ColumnElement[int]] = sa.literal_column("0")

#: All of it in one statement: each page of the worklist asks for it.
_STANDING: Final = sa.union_all(
    _fact("rules", policies.c.document, _NO_TEXT, _NO_NUMBER, _NO_NUMBER).where(is_newest),
    _fact(
        "tries",
        denial_experience.c.payer,
        denial_experience.c.category,
        denial_experience.c.tries,
        denial_experience.c.won_basis_points,
    ),
    _fact("counter", counters.c.name, _NO_TEXT, counters.c.value, _NO_NUMBER).where(
        counters.c.name.in_(_COUNTED)
    ),
)


def standing(connection: sa.Connection) -> Standing:
    """What the worklist rests on at this moment."""
    found: dict[str, list[tuple[Any, ...]]] = {"rules": [("",)], "tries": [], "counter": []}
    for what, *fact in connection.execute(_STANDING):
        found[what].append(tuple(fact))
    counted = {name: value for name, _, value, _ in found["counter"]}
    under = _policies(found["rules"][-1][0], tuple(sorted(found["tries"])))
    return Standing(under, *(counted.get(name, 0) for name in _COUNTED))


@lru_cache(maxsize=8)
def _policies(document: str, tries: tuple[tuple[Any, ...], ...]) -> DenialPolicies:
    """Rules and tries as one record, the same object for the same ones."""
    rules = (decoded(document) if document else Policies()).denials
    return msgspec.structs.replace(rules, experience=tuple(Experience(*one) for one in tries))


def judging(connection: sa.Connection) -> DenialPolicies:
    """What denials are judged by: the office's rules in force, and what it has learned."""
    return standing(connection).policies


def learn(connection: sa.Connection, day: date) -> None:
    """Add up what came of all tries up to a day, for each category and each payer in it."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    query = (
        sa.select(denial_cases.c.outcomes, denials.c.category, remittances.c.payer_name)
        .join(denials, denials.c.id == denial_cases.c.denial_id)
        .join(claim_payments, claim_payments.c.id == denials.c.claim_payment_id)
        .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
    )
    for outcomes, category, payer in connection.execute(query):
        tried = [one for one in _outcomes.decode(outcomes) if _counts(one, day)]
        for key in (("", category), (payer.strip().upper(), category)):
            sums[key][0] += len(tried)
            sums[key][1] += sum(one.won_cents * _WHOLE // one.refused_cents for one in tried)
    connection.execute(sa.delete(denial_experience))
    rows = [(*key, *tally) for key, tally in sorted(sums.items()) if tally[0]]
    bulk_load(connection, denial_experience, rows)
    set_counter(connection, LEARNED_ON, day.toordinal())


def _counts(outcome: Outcome, day: date) -> bool:
    """Whether a try has ended, and was about money."""
    return outcome.day <= day and outcome.refused_cents > 0
