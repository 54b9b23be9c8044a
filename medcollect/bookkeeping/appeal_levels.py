"""What a case's life says of its time limits, kept with each amount, and the amount judged by it.

An appeal that left it refused opens the next level, from that decision; a refusal that the payer
only repeats stands since its first day (appeals.md sections 2 and 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.ranking import judged_columns, write_denials
from medcollect.denials import DenialFacts, assess
from medcollect.denials.kinds import facts_of
from medcollect.denials.life import CaseLife
from medcollect.model.policies import DenialPolicies

Row = dict[str, Any]


def keep_levels(
    connection: sa.Connection,
    today: date,
    cases: Sequence[tuple[CaseLife, Sequence[Row]]],
    policies: DenialPolicies,
) -> None:
    """Bring the amounts of these cases in step, in the book and in the rows given."""
    changed = []
    for life, rows in cases:
        for row, facts in _told(life, rows):
            judged = assess(facts, today, policies)
            new = {
                "facts": msgspec.json.encode(facts).decode(),
                **judged_columns(judged, facts.at_stake_cents),
            }
            row.update(new)
            changed.append({"id": row["id"], **new})
    write_denials(connection, today, [], changed, [], policies)


def _told(life: CaseLife, rows: Sequence[Row]) -> list[tuple[Row, DenialFacts]]:
    """The amounts of which the case's life says more than their answers, with their facts then."""
    repeated = sum(moment.kind == "refused" for moment in life.moments) > 1
    if not life.lost_level and not repeated:
        return []
    read = ((row, facts_of(row["kind"], row["facts"])) for row in rows)
    known = [(row, facts) for row, facts in read if isinstance(facts, DenialFacts)]
    found = []
    for row, facts in known:
        same_line = [other.decided_on for _, other in known if _line(other) == _line(facts)]
        new = msgspec.structs.replace(
            facts,
            upheld_level=life.lost_level,
            upheld_on=life.lost_on,
            first_refused_on=_first_refused(life, facts, same_line),
        )
        if new != facts:
            found.append((row, new))
    return found


def _line(facts: DenialFacts) -> tuple[str, date | None]:
    """What tells the lines of a case apart, whichever answer they are of."""
    return facts.procedure_code, facts.service_from


def _first_refused(life: CaseLife, facts: DenialFacts, days: Sequence[date | None]) -> date | None:
    """The day on which the payer first refused the line, where it only repeated it since."""
    since, own = life.refused_since, facts.decided_on
    if since is None or own is None:
        return None
    first = min((day for day in days if day is not None and since <= day), default=own)
    return first if first < own else None
