"""One step on many denials at once: looked at first, then done as one unit that is undone as one.

"Fix once, apply to 40". Each case is checked as if it were alone, and besides against what one must
not do without a look at it: work on somebody else's case, send what is too late. Those that take
the step get one record each (W000001), in one turn of the book's one writer: all of them or, where
something breaks, none. The others are listed with the reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.desk import judge_claims
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.model.casework import ATTACHMENT_LIMIT_BYTES
from medcollect.money import format_cents
from medcollect.store.casework import CaseStep, next_step
from medcollect.store.engine import Store
from medcollect.tasks.attachments import keep_files, read_files
from medcollect.tasks.case_load import FoundCase, find_case
from medcollect.tasks.case_view import open_cents
from medcollect.tasks.casework import (
    BULK_MOST,
    Wish,
    check_step,
    keep_step,
    moment_of,
)
from medcollect.tasks.worklists import denial_rows_by_id, list_denials

Row = dict[str, Any]

#: Steps that move a case on: not over the head of the person who has it.
_OWNERS: Final = frozenset({"wait", "correct", "appeal", "outcome", "write_off"})
#: Steps that send something to the payer: of no use once the limit has passed.
_SENT: Final = frozenset({"correct", "appeal"})


class Sorted(msgspec.Struct, frozen=True):
    """The cases that take a step, and those that do not with the reason, in the order asked for."""

    fit: list[FoundCase]
    refused: list[Row]

    def seen(self, kind: str) -> str:
        """What tells one state of these cases from another; it changes when any of them does."""
        cases = [(case.id, case.version, case.life.state) for case in self.fit]
        told = [kind, cases, [row["denial"] for row in self.refused]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


class Selection(msgspec.Struct, frozen=True):
    """Which denials are meant: ``targets`` are their ids (N...), or patterns' (G...).

    Instead of targets, ``among`` are filters of the worklist: all that they keep is meant. ``seen``
    is what a preview of them said.
    """

    targets: Sequence[str] = ()
    among: Mapping[str, Any] | None = None
    seen: str = ""


def work_denials(
    store: Store,
    selection: Selection,
    wish: Wish,
    *,
    reason: str = "",
    user: str,
    dry_run: bool = False,
    today: date | None = None,
    limit_bytes: int = ATTACHMENT_LIMIT_BYTES,
) -> Row:
    """Take one step on many denials.

    With ``dry_run`` the answer says what would be done, and nothing is. Its ``seen`` can be given
    back, so that nothing is done where somebody changed a case in between. Raises BadRequest for
    what belongs to one case, NotFound for a pattern, NotAllowed where they are too many, none takes
    the step, they are no longer as seen, or an attachment is larger than ``limit_bytes``.
    """
    day, reason = today or dates.today(), reason.strip()
    _insist_on_many(wish)
    denials = _denials_meant(store, selection, day)
    files = read_files(wish.attachments, limit_bytes)
    if dry_run:
        with store.reading() as connection:
            found = _sorted(connection, denials, wish, reason, user, day)
            return _answer(connection, found, wish, [], day)
    with store.writing() as connection:
        found = _sorted(connection, denials, wish, reason, user, day)
        _insist_on_sight(found, wish, selection.seen)
        moment = moment_of(wish, reason, user, day)
        kept = {"attachments": keep_files(connection, files), "bulk": next_step(connection)}
        details = msgspec.structs.replace(moment.details, **kept)
        moment = msgspec.structs.replace(moment, details=details)
        steps = [keep_step(connection, case, wish, moment) for case in found.fit]
        judge_claims(connection, sorted({case.claim for case in found.fit}), day)
        return _answer(connection, found, wish, steps, day)


def _insist_on_many(wish: Wish) -> None:
    """Refuse what belongs to one case."""
    if wish.amount or wish.minutes or wish.version is not None:
        message = "An amount, minutes, or a version, is that of one denial."
        raise BadRequest(message, "Leave it out.")


def _denials_meant(store: Store, selection: Selection, today: date) -> list[str]:
    """The ids that are meant, each once."""
    targets, among = selection.targets, selection.among
    if bool(targets) == bool(among):
        raise NotAllowed("It is not said which denials.", "Name them, or filters, not both.")
    meant = _listed(store, among, today) if among else _named(store, targets, today)
    once = list(dict.fromkeys(meant))
    if not 0 < len(once) <= BULK_MOST:
        count = f"more than {BULK_MOST}" if once else "none"
        message = f"One to {BULK_MOST} denials take a step at once; there are {count}."
        raise NotAllowed(message, "Name others.")
    return once


def _named(store: Store, targets: Iterable[str], today: date) -> Iterator[str]:
    """The ids as they were named; a pattern means the open denials behind it."""
    for target in targets:
        if number_of(target, "G") is None:
            yield target
        else:
            yield from _behind(store, target, today)


def _behind(store: Store, pattern: str, today: date) -> list[str]:
    from medcollect.tasks.denial_patterns import open_denials_of  # noqa: PLC0415 - numeric libraries

    return open_denials_of(store, pattern, today)


def _listed(store: Store, among: Mapping[str, Any], today: date) -> list[str]:
    """The cases that filters of the worklist keep, in order of work."""
    found = list_denials(store, limit=BULK_MOST + 1, today=today, **among)
    return [row["case"] for row in found["denials"]]


def _sorted(
    connection: sa.Connection,
    denials: Iterable[str],
    wish: Wish,
    reason: str,
    user: str,
    today: date,
) -> Sorted:
    """Which cases take the step."""
    fit: dict[str, FoundCase] = {}
    refused: dict[str, Row] = {}
    for denial in denials:
        case_id = denial
        try:
            case = find_case(connection, denial)
            case_id = case.id
            if case_id in fit or case_id in refused:
                continue
            check_step(connection, case, wish, reason, user, today)
            _insist_on_free(case, wish, user, wish.day or today)
            fit[case_id] = case
        except (NotAllowed, NotFound) as refusal:
            told = {"message": refusal.message, "action": refusal.action}
            refused[case_id] = {"denial": case_id, **told}
    return Sorted(list(fit.values()), list(refused.values()))


def _insist_on_free(case: FoundCase, wish: Wish, user: str, day: date) -> None:
    """Refuse what one must not do to a case without a look at it."""
    owner, limit = case.life.owner, case.speaks["deadline"]
    if wish.kind in _OWNERS and owner not in {"", user}:
        raise NotAllowed(f"{case.id} is with {owner}.", f"Ask {owner}, or assign it first.")
    if wish.kind in _SENT and limit is not None and limit < day:
        message = f"The limit of {case.id} passed on {limit}."
        raise NotAllowed(message, "Decide it by itself: only good cause can still help.")


def _insist_on_sight(found: Sorted, wish: Wish, seen: str) -> None:
    """Refuse to do nothing, and to do something else than was looked at."""
    if seen and seen != found.seen(wish.kind):
        message = "Somebody changed one of these denials since you saw them."
        raise NotAllowed(message, "Look at the preview again, then decide.")
    if not found.fit:
        first = found.refused[0]
        raise NotAllowed(f"None of them takes this step: {first['message']}", first["action"])


def _answer(
    connection: sa.Connection, found: Sorted, wish: Wish, steps: list[list[CaseStep]], today: date
) -> Row:
    """What is done, or would be, and what is not."""
    ids = [case.speaks["id"] for case in found.fit]
    rows = {row["id"]: row for row in denial_rows_by_id(connection, ids, today)}
    taken = steps or [[] for _ in found.fit]
    first = next((step.moment.details.bulk for some in taken for step in some), None)
    return {
        "step": wish.kind,
        "bulk": name("J", first) if first is not None else None,
        "dry_run": not steps,
        "denials": [
            {
                **rows[name("N", case.speaks["id"])],
                "id": case.id,
                "case": case.id,
                "open": format_cents(open_cents(case)),
                "version": case.version + len(kept),
                "taken": [name("W", step.moment.id) for step in kept],
            }
            for case, kept in zip(found.fit, taken, strict=True)
        ],
        "refused": found.refused,
        "count": len(found.fit),
        "amount": format_cents(sum(open_cents(case) for case in found.fit)),
        "seen": found.seen(wish.kind),
    }
