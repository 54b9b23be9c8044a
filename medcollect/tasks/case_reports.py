"""The reports of the denial desk: what came of denials, and where they come from."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.denials.life import Outcome
from medcollect.model.casework import DENIED
from medcollect.model.desk import SentLetter
from medcollect.model.policies import WorkWeights
from medcollect.money import format_cents, parse_cents
from medcollect.store.desk import standing_entries
from medcollect.store.engine import Store
from medcollect.store.policies import newest
from medcollect.store.tables import claims, denial_cases, denials
from medcollect.tasks.denial_queries import with_names
from medcollect.tasks.ledger_reports import Column
from medcollect.tasks.worklists import denial_rows, denial_rows_by_id

Row = dict[str, Any]

_outcomes = msgspec.json.Decoder(list[Outcome])

#: Results that count as won, wholly or in part.
_WON = frozenset({"overturned", "overturned_in_part"})


#: The next action that a try was, by which its minutes are known; one without cost nothing.
_WORK: Final = {"appeal": "appeal", "correct": "correct_and_resubmit"}


class Try(NamedTuple):
    """One try that has ended, with what it is counted by; ``letter`` is the level of its letter."""

    payer: str
    category: str
    outcome: Outcome
    letter: str = ""

    @property
    def group(self) -> tuple[str, str, str, int, str]:
        """Payer, category, action, level, letter."""
        return (self.payer, self.category, self.outcome.action, self.outcome.level, self.letter)


#: What a letter and the case it is about share: the claim's number, the payer, the reason.
_About = tuple[str, str, str]


def tries_of(connection: sa.Connection, day: date) -> list[Try]:
    """Every try that ended up to a day, with the letter that went out for it."""
    letters = _letters(connection)
    query = with_names().add_columns(denial_cases.c.outcomes, claims.c.number_key)
    query = query.where(denial_cases.c.denial_id == denials.c.id)
    found = []
    for row in connection.execute(query.order_by(denials.c.id)):
        payer, before = row.payer_name or "", date.min
        sent = letters.get((row.number_key or "", payer.upper(), row.reason), [])
        for outcome in _outcomes.decode(row.outcomes):
            letter = _letter_between(sent, before, outcome)
            found.append(Try(payer, row.category, outcome, letter))
            before = outcome.day
    return [one for one in found if one.outcome.day <= day]


def _letters(connection: sa.Connection) -> dict[_About, list[SentLetter]]:
    """The letters that went out, by what they are about, the first one first."""
    found: dict[_About, list[SentLetter]] = defaultdict(list)
    for entry in standing_entries(connection):
        if isinstance(fact := entry.fact, SentLetter):
            about = (entry.concerns.number_key, fact.payer.upper(), fact.reason)
            found[about].append(fact)
    return {about: sorted(sent, key=lambda one: one.sent_on) for about, sent in found.items()}


def _letter_between(sent: list[SentLetter], before: date, outcome: Outcome) -> str:
    """The last letter between the answer before and this one; none where nothing was sent."""
    if outcome.days is None:
        return ""
    mine = [one.level for one in sent if before < one.sent_on <= outcome.day]
    return mine[-1] if mine else ""


def overturns(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """What came of denials, by payer, category, what was done, level of appeal and letter."""
    columns: list[Column] = [
        ("payer", "text", "who refused"),
        ("category", "text", "the kind of denial"),
        ("action", "text", "appeal, correct (sent again), or none"),
        ("level", "number", "the level of the appeal; 0: none"),
        ("tries", "number", "how many have ended"),
        ("won", "number", "of them, won in full or in part"),
        ("won_percent", "number", "won of a hundred, by count"),
        ("refused", "money", "what was refused"),
        ("recovered", "money", "what of it was won"),
        ("recovered_percent", "number", "won of a hundred, by money"),
        ("days", "number", "days from sending to the answer, the middle one"),
        ("letter", "text", "which letter went out, by its level; empty: none is on record"),
        ("minutes", "number", "what the work took: as noted, else by the settings (denials.work)"),
        ("cost", "money", "what that cost: the settings' cost by these minutes"),
        ("net", "money", "what was won less what the work cost"),
    ]
    with store.reading() as connection:
        found = tries_of(connection, as_of or dates.today())
        work = newest(connection).policies.denials.work
    groups: dict[tuple[str, str, str, int, str], list[Outcome]] = defaultdict(list)
    for one in found:
        groups[one.group].append(one.outcome)
    return columns, [_overturn(group, groups[group], work) for group in sorted(groups)]


def _overturn(
    group: tuple[str, str, str, int, str], outcomes: list[Outcome], work: WorkWeights
) -> Row:
    payer, category, action, level, letter = group
    refused = sum(outcome.refused_cents for outcome in outcomes)
    won = sum(outcome.won_cents for outcome in outcomes)
    count = sum(outcome.result in _WON for outcome in outcomes)
    days = [outcome.days for outcome in outcomes if outcome.days is not None]
    usual = work.minutes(_WORK[action]) if action in _WORK else 0
    cost = sum(_cost_cents(one.minutes, usual, work) for one in outcomes)
    return {
        "payer": payer,
        "category": category,
        "action": action,
        "level": level,
        "tries": len(outcomes),
        "won": count,
        "won_percent": _percent(count, len(outcomes)),
        "refused": format_cents(refused),
        "recovered": format_cents(won),
        "recovered_percent": _percent(won, refused),
        "days": int(statistics.median(days)) if days else None,
        "letter": letter,
        "minutes": sum(one.minutes or usual for one in outcomes),
        "cost": format_cents(cost),
        "net": format_cents(won - cost),
    }


def _cost_cents(minutes: int, usual: int, work: WorkWeights) -> int:
    """What a try cost: the setting, or its part by the minutes that somebody noted."""
    if not minutes:
        return work.cost_cents if usual else 0
    return work.cost_cents * minutes // (usual or work.minutes(""))


def _percent(part: int, whole: int) -> int:
    """Part of a hundred, rounded."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def root_causes(store: Store, as_of: date | None) -> tuple[list[Column], list[Row]]:
    """Where denials come from: who could have prevented them, what kind, which reason."""
    columns: list[Column] = [
        ("prevented_by", "text", "who could have prevented it: front_desk, coding, billing ..."),
        ("category", "text", "the kind of denial"),
        (
            "reason",
            "text",
            "claim adjustment reason code; empty: rejected, or taken back without one",
        ),
        ("root_cause", "text", "what went wrong"),
        ("denials", "number", "how many"),
        ("claims", "number", "on how many claims"),
        (
            "amount",
            "money",
            "what was refused, taken back, underpaid; of rejected claims what is open",
        ),
        ("open", "money", "of it, what is still open"),
        ("share_percent", "number", "of all that was refused, of a hundred"),
        ("preventable", "text", "yes, partly or no"),
        ("prevention", "text", "how the next one is prevented"),
    ]
    day = as_of or dates.today()
    with store.reading() as connection:
        refused = denial_rows(connection, status="all", today=day)
        gone = _overturned(connection, {row["id"] for row in refused})
        refused += denial_rows_by_id(connection, gone, day)
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in refused:
        if row["decided_on"] is None or row["decided_on"] <= day.isoformat():
            groups[_cause(row)].append(row)
    whole = sum(_cents(rows) for rows in groups.values())
    ordered = sorted(groups.items(), key=lambda pair: (-_cents(pair[1]), pair[0]))
    return columns, [_root_cause(group, rows, whole) for group, rows in ordered]


def _overturned(connection: sa.Connection, listed: set[str]) -> list[int]:
    """What of other kinds than denials later answers settled: it was taken all the same."""
    query = sa.select(denial_cases.c.denial_id).join(
        denials, denials.c.id == denial_cases.c.denial_id
    )
    found = connection.execute(query.where(denials.c.status == "withdrawn")).scalars()
    return [number for number in found if f"N{number:06d}" not in listed]


def _cause(row: Row) -> tuple[str, str, str]:
    reason = row["reason"] if row["kind"] == DENIED else ""
    return (row.get("prevented_by", ""), row["category"], reason)


def _cents(rows: Iterable[Row]) -> int:
    return sum(parse_cents(row["at_stake"]) or 0 for row in rows)


def _root_cause(group: tuple[str, str, str], rows: list[Row], whole: int) -> Row:
    first = rows[0]
    return {
        "prevented_by": group[0],
        "category": group[1],
        "reason": group[2],
        "root_cause": first.get("root_cause") or first["cause"],
        "denials": len(rows),
        "claims": len({row["claim"] or row["claim_payment"] for row in rows}),
        "amount": format_cents(_cents(rows)),
        "open": format_cents(_cents(row for row in rows if row["status"] == "open")),
        "share_percent": _percent(_cents(rows), whole),
        "preventable": first["preventable"],
        "prevention": first.get("prevention", ""),
    }
