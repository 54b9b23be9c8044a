"""The log of letters that went out: when, how, and what proves it.

``medcollect letter sent``. An entry by hand like any other (E000001): with user, reason and time,
listed with the claim, undone by its id. Proof is the number of the mailing, and the file's SHA-256.
The case of the denial takes the step that the letter means, and loses it when the entry is undone.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.errors import BadRequest, NotAllowed, NotReadable
from medcollect.letters import LEVELS, Level, first_level, level_number
from medcollect.model.casework import cause_of
from medcollect.model.desk import MEANS, Concerns, Means, SentLetter
from medcollect.store.desk import save_entry
from medcollect.store.engine import Store
from medcollect.store.tables import claims
from medcollect.tasks.attachments import ReadFile
from medcollect.tasks.entry_view import entry_json
from medcollect.tasks.letter_facts import Chosen, choose, find_denial
from medcollect.tasks.letter_steps import LETTER_STEPS, LetterStep, Sending, move_case
from medcollect.tasks.pay import claim_keys_of

Row = dict[str, Any]


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """How a letter went out, on which day, with which proof, and what it is to its case.

    ``file`` is what was sent, of which only the SHA-256 is kept; ``exhibits`` are kept whole, with
    the case. ``step`` is an appeal of the letter's
    level, or ``correct`` where it covered a corrected claim; the case waits until ``follow_up``,
    else for the settings' time.
    """

    means: str
    level: str | None = None
    tracking: str = ""
    sent_on: date | None = None
    file: Path | None = None
    step: str = "appeal"
    follow_up: date | None = None
    exhibits: tuple[ReadFile, ...] = ()


def letter_sent(
    store: Store,
    denial: str,
    mailing: Mailing,
    *,
    reason: str = "",
    user: str,
    today: date | None = None,
) -> Row:
    """Enter that a letter about a denial went out, and the step on its case.

    Where the case takes no step, the letter is on record all the same and ``notes`` say why.
    Raises NotFound, NotAllowed (a day to come or before the decision; no claim on file),
    BadRequest, NotReadable.
    """
    day = today or dates.today()
    _insist_on_words(mailing)
    digest = _digest(mailing.file)
    with store.writing() as connection:
        chosen = choose(connection, find_denial(connection, denial), settled=True)
        fact = _fact(chosen, mailing, mailing.sent_on or day, digest)
        _insist_on_days(chosen, fact.sent_on, mailing.follow_up, day)
        concerns = Concerns(**claim_keys_of(_claim(connection, chosen)))
        why = reason.strip() or "letter sent"
        entry = save_entry(connection, fact, concerns, reason=why, user=user)
        sending = Sending(
            entry=entry,
            fact=fact,
            kind=cast("LetterStep", mailing.step),
            level=level_number(cast("Level", fact.level), chosen.facts.payer_kind),
            follow_up=mailing.follow_up,
            exhibits=mailing.exhibits,
        )
        return {**entry_json(entry, {}), "claims": [], **move_case(connection, sending, day)}


def _insist_on_words(mailing: Mailing) -> None:
    """Refuse a way, a level or a step that there is not."""
    if mailing.means not in MEANS:
        message = f"{mailing.means} is no way to send a letter."
        raise BadRequest(message, f"One of: {', '.join(MEANS)}.")
    if mailing.level is not None and mailing.level not in LEVELS:
        raise BadRequest(f"There is no level {mailing.level}.", f"There are: {', '.join(LEVELS)}.")
    if mailing.step not in LETTER_STEPS:
        message = f"{mailing.step} is no step of a letter."
        raise BadRequest(message, f"One of: {', '.join(LETTER_STEPS)}.")


def _fact(chosen: Chosen, mailing: Mailing, when: date, digest: str) -> SentLetter:
    row = chosen.rows[0]
    return SentLetter(
        payer=chosen.facts.payer_name,
        denial=row["id"],
        level=mailing.level or _level_on(chosen, when),
        means=cast("Means", mailing.means),
        sent_on=when,
        group=row["group_code"],
        reason=cause_of(row["kind"], row["reason"]),
        line=row["line"],
        cents=sum(facts.at_stake_cents for facts in chosen.amounts),
        tracking=mailing.tracking.strip(),
        sha256=digest,
    )


def _level_on(chosen: Chosen, when: date) -> Level:
    """The level that was next on a day: the first until an appeal was lost."""
    lost_on = chosen.facts.upheld_on
    if lost_on is None or when < lost_on:
        return first_level(chosen.facts.payer_kind)
    return chosen.level_due


def _insist_on_days(chosen: Chosen, when: date, follow_up: date | None, today: date) -> None:
    if when > today:
        raise NotAllowed(f"{when} is still to come.", "Enter it once the letter went out.")
    decided = chosen.first.decided_on
    if decided is not None and when < decided:
        raise NotAllowed(f"The payer decided on {decided}, after {when}.", "Check the day.")
    if follow_up is not None and follow_up < when:
        raise NotAllowed(f"{follow_up} is before {when}, the day it went out.", "Check the days.")


def _claim(connection: sa.Connection, chosen: Chosen) -> Row:
    row = chosen.rows[0]
    found = connection.execute(sa.select(claims).where(claims.c.id == (row["claim_id"] or 0)))
    claim = found.first()
    if claim is None:
        raise NotAllowed(
            f"The answer of {chosen.ids[0]} belongs to no claim yet.",
            "'exceptions' lists it; settle it first.",
        )
    return dict(claim._mapping)


def _digest(file: Path | None) -> str:
    """What names the very file that was sent."""
    if file is None:
        return ""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotReadable(f"{file} cannot be read: {reason}.", "Check --file.") from error
