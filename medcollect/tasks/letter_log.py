"""The log of letters that went out: when, how, and what proves it.

``medcollect letter sent``. An entry by hand like any other (E000001): with user, reason and time,
listed with the claim, undone by its id. Proof is the number of the mailing, and the file's SHA-256.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

import sqlalchemy as sa

from medcollect import dates
from medcollect.errors import BadRequest, NotAllowed, NotReadable
from medcollect.letters import LEVELS, first_level
from medcollect.model.desk import MEANS, Concerns, Means, SentLetter
from medcollect.store.desk import save_entry
from medcollect.store.engine import Store
from medcollect.store.tables import claims
from medcollect.tasks.entry_view import entry_json
from medcollect.tasks.letter_facts import Chosen, choose, find_denial
from medcollect.tasks.pay import claim_keys_of

Row = dict[str, Any]


def letter_sent(  # noqa: PLR0913 - what a mailing is
    store: Store,
    denial: str,
    *,
    means: str,
    level: str | None = None,
    tracking: str = "",
    sent_on: date | None = None,
    file: Path | None = None,
    reason: str = "",
    user: str,
    today: date | None = None,
) -> Row:
    """Enter that a letter about a denial went out: how, on which day, with which proof.

    ``file`` is what was sent; only its SHA-256 is kept. Raises NotFound, NotAllowed (a day to come
    or before the decision; no claim on file), BadRequest, NotReadable.
    """
    day = today or dates.today()
    when = sent_on or day
    if means not in get_args(Means):
        raise BadRequest(f"{means} is no way to send a letter.", f"One of: {', '.join(MEANS)}.")
    if level is not None and level not in LEVELS:
        raise BadRequest(f"There is no level {level}.", f"There are: {', '.join(LEVELS)}.")
    digest = _digest(file)
    with store.writing() as connection:
        chosen = choose(connection, find_denial(connection, denial))
        _insist_on_day(chosen, when, day)
        fact = _fact(chosen, cast("Means", means), level, when, tracking.strip(), digest)
        concerns = Concerns(**claim_keys_of(_claim(connection, chosen)))
        why = reason.strip() or "letter sent"
        entry = save_entry(connection, fact, concerns, reason=why, user=user)
        return {**entry_json(entry, {}), "claims": []}


def _fact(
    chosen: Chosen, means: Means, level: str | None, when: date, tracking: str, digest: str
) -> SentLetter:
    row = chosen.rows[0]
    return SentLetter(
        payer=chosen.facts.payer_name,
        denial=row["id"],
        level=level or first_level(chosen.facts.payer_kind),
        means=means,
        sent_on=when,
        group=row["group_code"],
        reason=row["reason"],
        line=row["line"],
        cents=sum(one["amount_cents"] for one in chosen.rows),
        tracking=tracking,
        sha256=digest,
    )


def _insist_on_day(chosen: Chosen, when: date, today: date) -> None:
    if when > today:
        raise NotAllowed(f"{when} is still to come.", "Enter it once the letter went out.")
    decided = chosen.facts.decided_on
    if decided is not None and when < decided:
        raise NotAllowed(f"The payer decided on {decided}, after {when}.", "Check the day.")


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
