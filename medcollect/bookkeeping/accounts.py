"""Accounts: one patient at one practice, found by name with birth date or member id.

Claims that share either key belong to one account; a claim that bridges two accounts joins them,
and when it is undone they part again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.derived import DerivedClaim, patient_of
from medcollect.store.engine import allocate, bulk_load, chunks, update_rows
from medcollect.store.tables import accounts, claims

_Node = tuple[int, str, str]


class AccountKeeper:
    """Writes claim rows with their accounts."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def keep(
        self,
        rows: Sequence[dict[str, Any]],
        settled: Sequence[DerivedClaim],
        priors: set[int],
        gone: Sequence[int],
    ) -> set[int]:
        """Give every claim its account and write its row; claims that are gone keep a bare one.

        Returns the accounts whose claims changed.
        """
        old_accounts = self._accounts_of(sorted(priors))
        neighbours = self._neighbours(rows, old_accounts, priors)
        found = self._components(rows, neighbours, old_accounts)
        self._open(rows, settled, found)
        self._part(neighbours, found)
        for row in rows:
            row["account_id"] = found.get(row["id"])
        self._write(rows, priors, gone)
        self._move(neighbours, found)
        return {*old_accounts.values(), *found.values()}

    def _accounts_of(self, ids: Sequence[int]) -> dict[int, int]:
        """The account that each known claim is on."""
        known: dict[int, int] = {}
        for some in chunks(list(ids)):
            query = sa.select(claims.c.id, claims.c.account_id).where(claims.c.id.in_(some))
            known.update({row.id: row.account_id for row in self.connection.execute(query)})
        return {claim: account for claim, account in known.items() if account is not None}

    def _neighbours(
        self, rows: Sequence[dict[str, Any]], old: dict[int, int], priors: set[int]
    ) -> dict[int, tuple[_Node, int | None]]:
        """Other claims that share a key, and all claims of the accounts that this touches."""
        births = sorted({row["birth_key"] for row in rows} - {""})
        members = sorted({row["member_key"] for row in rows} - {""})
        found = self._claims_with(claims.c.birth_key, births)
        found += self._claims_with(claims.c.member_key, members)
        touched = {*old.values(), *(row.account_id for row in found)} - {None}
        found += self._claims_with(claims.c.account_id, sorted(touched))
        return {
            row.id: ((row.id, row.birth_key, row.member_key), row.account_id)
            for row in found
            if row.id not in priors
        }

    def _claims_with(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> list[Any]:
        """Active claims with one of these values: what tells their accounts."""
        found: list[Any] = []
        for some in chunks(values):
            query = sa.select(
                claims.c.id, claims.c.birth_key, claims.c.member_key, claims.c.account_id
            ).where(column.in_(some), claims.c.status == "active")
            found += self.connection.execute(query).all()
        return found

    def _components(
        self,
        rows: Sequence[dict[str, Any]],
        neighbours: dict[int, tuple[_Node, int | None]],
        old: dict[int, int],
    ) -> dict[int, int]:
        """The account of each claim: claims that share a key share an account."""
        nodes = [(row["id"], row["birth_key"], row["member_key"]) for row in rows]
        nodes += [node for node, _ in neighbours.values()]
        known = {**{c: a for c, (_, a) in neighbours.items() if a is not None}, **old}
        parts = _connected(nodes)
        found: dict[int, int] = {}
        taken: set[int] = set()
        fresh: list[list[int]] = []
        for part in sorted(parts, key=min):
            mine = sorted({known[c] for c in part if c in known} - taken)
            if not mine:
                fresh.append(part)
                continue
            taken.update(mine[:1])
            found.update(dict.fromkeys(part, mine[0]))
        if fresh:
            first = allocate(self.connection, accounts, len(fresh))
            for place, part in enumerate(fresh):
                found.update(dict.fromkeys(part, first + place))
        return found

    def _open(
        self,
        rows: Sequence[dict[str, Any]],
        settled: Sequence[DerivedClaim],
        found: dict[int, int],
    ) -> None:
        """Write the person of each account: the patient of its oldest claim."""
        oldest: dict[int, int] = {}
        for claim_id, account in found.items():
            oldest[account] = min(claim_id, oldest.get(account, claim_id))
        known = self._known(sorted(oldest))
        new: dict[int, dict[str, Any]] = {}
        changed: list[dict[str, Any]] = []
        for row, claim in zip(rows, settled, strict=True):
            account = found[row["id"]]
            person = _person(account, claim)
            if account not in known:
                new.setdefault(account, person)
            elif oldest[account] == row["id"]:
                changed.append(person)
        names = [column.name for column in accounts.columns]
        bulk_load(self.connection, accounts, [tuple(p[n] for n in names) for p in new.values()])
        update_rows(self.connection, accounts, changed)

    def _part(self, neighbours: dict[int, tuple[_Node, int | None]], found: dict[int, int]) -> None:
        """Write accounts for claims that nothing at hand joins with their old account any more."""
        parted = {found[c]: (node, account) for c, (node, account) in neighbours.items()}
        known = self._known(sorted(parted))
        for account, ((_, birth, member), before) in sorted(parted.items()):
            if account in known:
                continue
            query = sa.select(accounts).where(accounts.c.id == before)
            person = self.connection.execute(query).one()
            day = birth.rpartition("|")[2]
            row = (
                account,
                person.practice_key,
                person.last_name,
                person.first_name,
                date.fromisoformat(day) if day else None,
                member.rpartition("|")[2],
            )
            bulk_load(self.connection, accounts, [row])

    def _known(self, wanted: Sequence[int]) -> set[int]:
        """Which of these accounts have a row."""
        known: set[int] = set()
        for some in chunks(list(wanted)):
            query = sa.select(accounts.c.id).where(accounts.c.id.in_(some))
            known.update(int(row[0]) for row in self.connection.execute(query))
        return known

    def _write(self, rows: Sequence[dict[str, Any]], priors: set[int], gone: Sequence[int]) -> None:
        """Insert new claims, update known ones, empty those that no document belongs to."""
        names = [column.name for column in claims.columns]
        fresh = [row for row in rows if row["id"] not in priors]
        bulk_load(self.connection, claims, [tuple(row[n] for n in names) for row in fresh])
        update_rows(self.connection, claims, [row for row in rows if row["id"] in priors])
        zero = {c.name: 0 for c in claims.columns if c.name.endswith("_cents")}
        update_rows(
            self.connection,
            claims,
            [{"id": claim, "status": "gone", "state": "closed", **zero} for claim in gone],
        )

    def _move(self, neighbours: dict[int, tuple[_Node, int | None]], found: dict[int, int]) -> None:
        """Move claims whose account was joined with another, or parted from it."""
        moved = [
            {"id": claim, "account_id": found[claim]}
            for claim, (_, account) in neighbours.items()
            if found[claim] != account
        ]
        update_rows(self.connection, claims, moved)


def _person(account: int, claim: DerivedClaim) -> dict[str, Any]:
    """An account's row by the patient of a claim."""
    patient = patient_of(claim.group)
    return {
        "id": account,
        "practice_key": patient.practice_key,
        "last_name": patient.party.last_name,
        "first_name": patient.party.first_name,
        "birth_date": patient.party.birth_date,
        "member_id": patient.member_id,
    }


def _connected(nodes: Sequence[_Node]) -> list[list[int]]:
    """Claims that hang together by shared keys, each group as a list of claim ids."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for claim, birth, member in nodes:
        for key in (f"B{birth}" if birth else "", f"M{member}" if member else ""):
            if key:
                by_key[key].append(claim)
    parent = {claim: claim for claim, _, _ in nodes}

    def root(claim: int) -> int:
        while parent[claim] != claim:
            parent[claim] = parent[parent[claim]]
            claim = parent[claim]
        return claim

    for members in by_key.values():
        for other in members[1:]:
            first, second = root(members[0]), root(other)
            parent[max(first, second)] = min(first, second)
    parts: dict[int, list[int]] = defaultdict(list)
    for claim in parent:
        parts[root(claim)].append(claim)
    return list(parts.values())
