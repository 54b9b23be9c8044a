"""What a step must not say: days, amounts, levels and appeals that cannot be.

Each refusal (NotAllowed) says why, and what to do instead.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import sqlalchemy as sa
from msgspec.structs import replace

from medcollect.bookkeeping.experience import judging
from medcollect.denials import DenialFacts, classify, next_level
from medcollect.denials.clocks import deadline
from medcollect.denials.kinds import facts_of
from medcollect.errors import NotAllowed
from medcollect.model.policies import DenialPolicies
from medcollect.money import format_dollars
from medcollect.tasks.case_load import FoundCase

#: Steps that answer a refusal, so that none can be before it.
_AFTER_THE_REFUSAL: Final = frozenset({"appeal", "outcome"})


def insist_on_days(case: FoundCase, kind: str, day: date, until: date | None) -> None:
    """Refuse a step before the payer refused, and to wait for a day that has passed."""
    begun = min((moment.day for moment in case.life.moments if not moment.id), default=day)
    if kind in _AFTER_THE_REFUSAL and day < begun:
        raise NotAllowed(f"The payer refused it on {begun}, after {day}.", "Check the day.")
    if until is not None and until < day:
        raise NotAllowed(f"{until} has passed on {day}.", "Give a day that is still to come.")


def insist_on_amount(case: FoundCase, cents: int) -> None:
    """Refuse an outcome over more than was refused."""
    refused = case.life.refused_cents
    if cents > refused:
        message = f"{format_dollars(cents)} is more than was refused: {format_dollars(refused)}."
        raise NotAllowed(message, "Give what the payer paid, or is to pay, of this refusal.")


def insist_on_appeal(connection: sa.Connection, case: FoundCase, level: int) -> None:
    """Refuse an appeal where no right of appeal exists, and a level whose turn has not come."""
    facts = facts_of(case.speaks["kind"], case.speaks["facts"])
    if not isinstance(facts, DenialFacts):
        return
    policies = judging(connection)
    insist_on_right(case.id, classify(facts, policies).no_appeal)
    reached = max(1, case.life.level, case.life.lost_level + 1, next_level(facts, policies.limits))
    if level > reached and _has_first_level(facts, policies):
        raise NotAllowed(
            f"Level {level} of {case.id} comes after a decision on level {level - 1}, and none is "
            "on record.",
            f"Enter that appeal and its outcome first; what comes now is level {reached}.",
        )


def insist_on_right(identifier: str, no_appeal: str, otherwise: str = "") -> None:
    """Refuse an appeal where no right of appeal exists; ``otherwise`` says what to do all the same.

    The same words for the step and for the letter.
    """
    if no_appeal:
        action = f"'denials' says what to do instead{otherwise}."
        raise NotAllowed(f"No right of appeal exists for {identifier}: {no_appeal}.", action)


def _has_first_level(facts: DenialFacts, policies: DenialPolicies) -> bool:
    """Whether a first level is on file for the payer: where none is, its rules may start higher."""
    first = replace(facts, upheld_level=0, upheld_on=None)
    return deadline(first, "appeal", limits=policies.limits).due is not None
