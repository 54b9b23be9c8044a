"""What came of denials, learned once a day: it stands for the day, so that the order does too."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa

from medcollect.denials.life import Outcome
from medcollect.model.policies import DenialPolicies, Experience
from medcollect.store.engine import bulk_load, set_counter
from medcollect.store.policies import newest
from medcollect.store.tables import (
    claim_payments,
    denial_cases,
    denial_experience,
    denials,
    remittances,
)

#: The counter that holds the day on which it was learned.
LEARNED_ON: Final = "denials_learned_on"
_WHOLE: Final = 10_000
_outcomes = msgspec.json.Decoder(list[Outcome])


def judging(connection: sa.Connection) -> DenialPolicies:
    """What denials are judged by: the office's rules in force, and what it has learned."""
    policies = newest(connection).policies.denials
    rows = connection.execute(
        sa.select(denial_experience).order_by(
            denial_experience.c.payer, denial_experience.c.category
        )
    )
    known = tuple(Experience(r.payer, r.category, r.tries, r.won_basis_points) for r in rows)
    return msgspec.structs.replace(policies, experience=known) if known else policies


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
