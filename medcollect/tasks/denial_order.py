"""Where a denial stands in the order of work, and why there."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from medcollect.bookkeeping.ranking import case_limit, priority_on, row_waits
from medcollect.denials import NOT_URGENT, Assessment, urgency
from medcollect.denials.experience import chance_in_words
from medcollect.denials.kinds import Facts, facts_of, judge
from medcollect.denials.rejection import RejectionFacts
from medcollect.denials.worth import expected_value_cents
from medcollect.model.policies import DenialPolicies, WorkWeights
from medcollect.money import format_dollars
from medcollect.store.tables import denials
from medcollect.tasks.figures import text_of

Row = dict[str, Any]


class JudgedRow(NamedTuple):
    """A stored case: the facts that it rests on, and the judgment of a day."""

    facts: Facts
    assessment: Assessment


def judged_row(row: Row, today: date, policies: DenialPolicies) -> JudgedRow:
    """Judge a stored case by its facts, as of today."""
    facts = facts_of(row["kind"], row["facts"])
    return JudgedRow(facts, judge(facts, today, policies))


def place_in_order(
    connection: sa.Connection, row: Row, today: date, policies: DenialPolicies
) -> Row:
    """The place of an open amount among all open ones, and how many there are; else no place."""
    why = why_of_row(row, judged_row(row, today, policies), today, policies)
    if row["status"] != "open":
        return {"place": None, "of": None, "why": why}
    priority, limited = priority_on(today, policies.work), case_limit
    is_open = denials.c.status == "open"
    mine = connection.execute(sa.select(priority, limited).where(denials.c.id == row["id"])).one()
    same = priority == mine[0]
    ahead = (
        (priority > mine[0])
        | (same & (limited < mine[1]))
        | (same & (limited == mine[1]) & (denials.c.id < row["id"]))
    )
    count = sa.select(sa.func.count()).select_from(denials).where(is_open)
    before = connection.execute(count.where(ahead)).scalar_one()
    return {"place": before + 1, "of": connection.execute(count).scalar_one(), "why": why}


def why_of_row(row: Row, judged: JudgedRow, today: date, policies: DenialPolicies) -> str:
    """Why an amount stands where it does: what can be won, the work's cost, the limit."""
    return _wait_in_words(row, today) + _worth_in_words(row, judged, today, policies)


def wait_json(row: Row, today: date) -> Row:
    """Whether a case waits for somebody, and until when; no day where its work has ended."""
    until = row["waits_until"]
    told = text_of(until) if until is not None and until != date.max else None
    return {"waits": row_waits(row, today), "waits_until": told, **_priority_of(row)}


def _priority_of(row: Row) -> Row:
    """Once the limit was met it makes nothing urgent."""
    return {} if row["limit_counts"] else {"priority": row["weight_cents"] * NOT_URGENT}


def _wait_in_words(row: Row, today: date) -> str:
    """That a case waits, and what is before it."""
    if not row_waits(row, today):
        return ""
    if row["waits_until"] == date.max:
        return "Its work has ended, so it comes after all that can be worked. "
    return f"It waits until {row['waits_until']}, so it comes after what can be worked today. "


def _worth_in_words(row: Row, judged: JudgedRow, today: date, policies: DenialPolicies) -> str:
    """What can be won by how much work, and how near the limit is."""
    mine = int(row["at_stake_cents"])
    limit = row["deadline"] if row["limit_counts"] else None
    left = (limit - today).days if limit is not None else None
    if left is not None and left < 0:
        return f"{format_dollars(mine)} is at stake, but the limit has passed: it comes last."
    facts, found = judged
    whole = facts.worked_cents
    gain = expected_value_cents(whole, found.chance_basis_points, left, policies.work)
    stake = f"{format_dollars(whole)} at stake"
    if whole != mine:
        stake += f" in the whole case, {format_dollars(mine)} of it here"
    cost = format_dollars(policies.work.cost_cents)
    minutes = policies.work.minutes(row["next_action"])
    worth = (
        f"{stake}{_chance(judged, policies)}; less {cost} of work "
        f"{format_dollars(gain)} is to be expected for about {minutes} minutes"
    )
    return f"{worth}; {_urgency(left, policies.work)}."


def _chance(judged: JudgedRow, policies: DenialPolicies) -> str:
    """The chance in words, with what was learned; of rejected claims the shipped one counts."""
    facts, found = judged
    if isinstance(facts, RejectionFacts):
        return ""
    prior = found.prior_basis_points
    return ", " + chance_in_words(prior, found.category, facts, policies.experience)


def _urgency(left: int | None, work: WorkWeights) -> str:
    """The words for how near the limit is, and how much that counts."""
    whole, tenth = divmod(urgency(left, work), 10)
    counts = f"which counts {whole}.{tenth} times"
    if left is None:
        return f"no limit makes it urgent, {counts}"
    return f"{'1 day is' if left == 1 else f'{left} days are'} left, {counts}"
