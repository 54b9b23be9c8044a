"""Show the policies in force, and take new ones over: ``medcollect settings`` and ``repost``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import dates
from medcollect.bookkeeping.policies import adopt, digest, judge_everything
from medcollect.bookkeeping.ranking import TO_BE_SEARCHED
from medcollect.errors import BadRequest
from medcollect.ids import name
from medcollect.model.policies import Policies
from medcollect.money import format_cents, parse_cents
from medcollect.store.engine import Store, counted, last_id
from medcollect.store.policies import InForce, newest
from medcollect.store.tables import claims, exceptions, journal_entries, policies, postings

Row = dict[str, Any]


def show_settings(store: Store, *, file: str | None, keys: Sequence[Row], wanted: Policies) -> Row:
    """What the settings say, key by key, and what the book is judged under."""
    with store.reading() as connection:
        in_force = newest(connection)
        row = None
        if in_force.id is not None:
            row = connection.execute(sa.select(policies).where(policies.c.id == in_force.id)).one()
    return {
        "file": file,
        "version": in_force.name,
        "sha256": in_force.sha256 or digest(in_force.policies),
        "since": row.decided_at[:10] if row is not None else None,
        "user": row.user_name if row is not None else None,
        "in_force": in_force.policies == wanted,
        "differences": differences(in_force.policies, wanted),
        "settings": list(keys),
    }


def repost(
    store: Store,
    wanted: Policies,
    *,
    dry_run: bool = False,
    reason: str = "",
    user: str = "",
    today: date | None = None,
) -> Row:
    """Take the settings over as the policies in force and judge everything posted under them.

    What differs is corrected by counter-entries, in one database transaction. With ``dry_run`` the
    same is done and rolled back. Raises BadRequest without a reason, unless it is a dry run.
    """
    if not dry_run and not reason.strip():
        raise BadRequest("New policies need their reason on record.", "Say it with --reason.")
    day = today or dates.today()
    opened: AbstractContextManager[sa.Connection] = store.trying() if dry_run else store.writing()
    with opened as connection:
        before = newest(connection)
        if before.policies == wanted and not counted(connection, TO_BE_SEARCHED)[0]:
            return _answer(connection, before, wanted, None, dry_run=dry_run)
        watch = Watch(connection)
        adopt(connection, wanted, reason=reason, user=user, today=day)
        judge_everything(connection, day)
        return _answer(connection, before, wanted, watch, dry_run=dry_run)


def _answer(
    connection: sa.Connection,
    before: InForce,
    wanted: Policies,
    watch: Watch | None,
    *,
    dry_run: bool,
) -> Row:
    """What taking the settings over did, or would do."""
    now = newest(connection)
    changed = watch.changed_claims() if watch is not None else []
    opened, settled = watch.changed_exceptions() if watch is not None else ([], [])
    entries = watch.entries() if watch is not None else 0
    return {
        "version": None if dry_run and watch is not None else now.name,
        "dry_run": dry_run,
        "changed": watch is not None,
        "differences": differences(before.policies, wanted),
        "entries": entries,
        "claims_changed": len(changed),
        "accounts": _sums(changed),
        "claims": changed,
        "opened": opened,
        "settled": settled,
    }


class Watch:
    """What a change of the book did: compares with the moment it was made."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._last_entry = last_id(connection, journal_entries)
        self._open = self._open_exceptions()

    def entries(self) -> int:
        """How many journal entries were written since."""
        return last_id(self._connection, journal_entries) - self._last_entry

    def changed_claims(self) -> list[Row]:
        """Claims whose accounts changed since, with the change of each account."""
        query = (
            sa.select(
                claims.c.id,
                claims.c.patient_control_number,
                postings.c.account,
                sa.func.sum(postings.c.cents),
            )
            .join(claims, claims.c.id == postings.c.claim_id)
            .where(postings.c.entry_id > self._last_entry)
            .group_by(claims.c.id, claims.c.patient_control_number, postings.c.account)
            .order_by(claims.c.id, postings.c.account)
        )
        found: dict[int, Row] = {}
        for claim, number, account, cents in self._connection.execute(query):
            if not cents:
                continue
            row = {"claim": name("C", claim), "patient_control_number": number, "accounts": {}}
            found.setdefault(claim, row)["accounts"][account] = format_cents(int(cents))
        return list(found.values())

    def changed_exceptions(self) -> tuple[list[str], list[str]]:
        """Exceptions that opened and that settled since."""
        now = self._open_exceptions()
        opened, settled = sorted(now - self._open), sorted(self._open - now)
        return [name("X", x) for x in opened], [name("X", x) for x in settled]

    def _open_exceptions(self) -> set[int]:
        query = sa.select(exceptions.c.id).where(exceptions.c.status == "open")
        return {int(row[0]) for row in self._connection.execute(query)}


def _sums(changed: Sequence[Row]) -> dict[str, str]:
    """The change of each account over all claims."""
    sums: dict[str, int] = defaultdict(int)
    for row in changed:
        for account, text in row["accounts"].items():
            sums[account] += parse_cents(text) or 0
    return {account: format_cents(cents) for account, cents in sorted(sums.items())}


def differences(old: Policies, new: Policies) -> list[Row]:
    """Policies whose values differ: what is in force and what the settings say."""
    before, after = msgspec.to_builtins(old), msgspec.to_builtins(new)
    return [
        {"policy": policy, "in_force": before[policy], "settings": after[policy]}
        for policy in before
        if before[policy] != after[policy]
    ]
