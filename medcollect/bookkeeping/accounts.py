"""Accounts: one patient at one practice, found by name with birth date or member id.

Claims that share either key belong to one account; a claim that bridges two accounts joins them,
and when it is undone they part again. People may merge and split accounts besides
(:mod:`medcollect.bookkeeping.people`). An account without claims knows the account that it went
into, and is taken up again when they part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.derived import DerivedClaim, patient_of
from medcollect.bookkeeping.people import KEYS, People, concerns_of
from medcollect.matching.keys import name_key, number_key
from medcollect.model.desk import Concerns
from medcollect.store.among import among
from medcollect.store.engine import allocate, bulk_load, update_rows
from medcollect.store.tables import accounts, claims

_Neighbours = dict[int, tuple[Concerns, int | None]]

#: An account's row, in the order of the table's columns.
Person = tuple[Any, ...]

#: What says who a claim's patient is: seldom other than before, and each stands in an index.
_WHO = ("account_id", "number_key", "birth_key", "member_key")


class AccountKeeper:
    """Writes claim rows with their accounts."""

    def __init__(self, connection: sa.Connection, people: People) -> None:
        self.connection = connection
        self.people = people
        self._joined: set[int] = set()

    def keep(
        self,
        rows: Sequence[dict[str, Any]],
        settled: Sequence[DerivedClaim],
        priors: set[int],
        gone: Sequence[int],
        *,
        only_added: bool = False,
    ) -> set[int]:
        """Give every claim its account and write its row; claims that are gone keep a bare one.

        ``only_added`` says that nothing was taken out of the book: then claims whose documents are
        all known have their account. Returns the accounts whose claims changed.
        """
        known = self._known_claims(sorted(priors))
        accounts_before = {c: who[0] for c, who in known.items() if who[0] is not None}
        steady = only_added and not gone and not self.people.anybody_joined
        asked = [
            (row, claim)
            for row, claim in zip(rows, settled, strict=True)
            if not (steady and _is_known(row, claim, known))
        ]
        found = self._settle(asked, accounts_before, gone) if asked or gone else {}
        for row in rows:
            row["account_id"] = found.get(row["id"], accounts_before.get(row["id"]))
        self._write(rows, known, gone)
        return {*accounts_before.values(), *found.values()}

    def _settle(
        self,
        asked: Sequence[tuple[dict[str, Any], DerivedClaim]],
        accounts_before: dict[int, int],
        gone: Sequence[int],
    ) -> dict[int, int]:
        """The accounts of these claims and of all that hang together with them, kept in step."""
        rows, settled = [row for row, _ in asked], [claim for _, claim in asked]
        own = {*(row["id"] for row in rows), *gone}
        old = {claim: accounts_before[claim] for claim in own if claim in accounts_before}
        neighbours = self._neighbours(rows, old, own)
        found = self._components(rows, neighbours, old)
        self._open(rows, settled, found)
        self._part(neighbours, found)
        self._move(neighbours, found)
        self._leave(neighbours, old, found)
        return found

    def _known_claims(self, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        """Account and keys that each known claim has so far."""
        query = sa.select(claims.c.id, *(claims.c[name] for name in _WHO))
        rows = self.connection.execute(query.where(among(claims.c.id, ids))).all() if ids else ()
        return {row[0]: tuple(row[1:]) for row in rows}

    def _neighbours(
        self, rows: Sequence[dict[str, Any]], old: dict[int, int], own_ids: set[int]
    ) -> _Neighbours:
        """Other claims that may be the same patients', and all claims of the accounts touched."""
        own = [concerns_of(row) for row in rows]
        related = self.people.related(own)
        births = sorted({claim.birth_key for claim in related} - {""})
        members = sorted({claim.member_key for claim in related} - {""})
        found = self._claims_with(claims.c.birth_key, births)
        found += self._claims_with(claims.c.member_key, members)
        if related is not own:
            named = {claim.number_key for claim in related} - {claim.number_key for claim in own}
            found += self._claims_with(claims.c.number_key, sorted(named - {""}))
        touched = {*old.values(), *(account for _, account, *_ in found)} - {None}
        found += self._claims_with(claims.c.account_id, sorted(touched))
        return {
            claim: (Concerns("", *keys), account)
            for claim, account, *keys in found
            if claim not in own_ids
        }

    def _claims_with(self, column: sa.ColumnElement[Any], values: Sequence[Any]) -> list[Any]:
        """Active claims with one of these values: what tells their accounts."""
        query = sa.select(claims.c.id, claims.c.account_id, *(claims.c[key] for key in KEYS)).where(
            among(column, values), claims.c.status == "active"
        )
        return [*self.connection.execute(query).all()] if values else []

    def _components(
        self, rows: Sequence[dict[str, Any]], neighbours: _Neighbours, old: dict[int, int]
    ) -> dict[int, int]:
        """The account of each claim: claims that share a token share an account."""
        nodes = {row["id"]: concerns_of(row) for row in rows}
        nodes.update({claim: keys for claim, (keys, _) in neighbours.items()})
        known = {**{c: a for c, (_, a) in neighbours.items() if a is not None}, **old}
        parts = _connected({claim: self.people.tokens(keys) for claim, keys in nodes.items()})
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
        for part in list(fresh):
            left = {known[claim] for claim in part if claim in known}
            again = self._left_before(left, [nodes[claim] for claim in part], taken)
            if again is not None:
                taken.add(again)
                fresh.remove(part)
                found.update(dict.fromkeys(part, again))
        if fresh:
            first = allocate(self.connection, accounts, len(fresh))
            for place, part in enumerate(fresh):
                found.update(dict.fromkeys(part, first + place))
        return found

    def _left_before(self, left: set[int], part: Sequence[Concerns], taken: set[int]) -> int | None:
        """The account that went into the one which these claims leave, and was their patient's."""
        while left:
            query = sa.select(accounts).where(accounts.c.joined_into.in_(left))
            rows = self.connection.execute(query.order_by(accounts.c.id)).all()
            for row in rows:
                person = _keys_of_account(row)
                if row.id not in taken and any(person.is_person(claim) for claim in part):
                    return int(row.id)
            left = {row.id for row in rows}
        return None

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
        new: dict[int, Person] = {}
        changed: list[Person] = []
        for row, claim in zip(rows, settled, strict=True):
            account = found[row["id"]]
            if account not in known:
                if account not in new:
                    new[account] = _person(account, claim)
            elif oldest[account] == row["id"]:
                person = _person(account, claim)
                if person != known[account]:
                    changed.append(person)
        bulk_load(self.connection, accounts, list(new.values()))
        names = [column.name for column in accounts.columns]
        update_rows(self.connection, accounts, [dict(zip(names, p, strict=True)) for p in changed])

    def _part(self, neighbours: _Neighbours, found: dict[int, int]) -> None:
        """Write accounts for claims that nothing at hand joins with their old account any more."""
        parted = {found[c]: pair for c, pair in neighbours.items()}
        known = self._known(sorted(parted))
        for account, (claim, before) in sorted(parted.items(), key=lambda pair: pair[0]):
            if account in known:
                continue
            query = sa.select(accounts).where(accounts.c.id == before)
            person = self.connection.execute(query).one()
            day = claim.birth_key.rpartition("|")[2]
            row = (
                account,
                person.practice_key,
                person.last_name,
                person.first_name,
                date.fromisoformat(day) if day else None,
                claim.member_key.rpartition("|")[2],
                None,
            )
            bulk_load(self.connection, accounts, [row])

    def _known(self, wanted: Sequence[int]) -> dict[int, Person]:
        """The rows of those of these accounts that have one; notes those that went into another."""
        query = sa.select(accounts).where(among(accounts.c.id, wanted))
        rows = self.connection.execute(query).all() if wanted else []
        self._joined.update(row.id for row in rows if row.joined_into is not None)
        return {row.id: tuple(row) for row in rows}

    def _write(
        self,
        rows: Sequence[dict[str, Any]],
        known: dict[int, tuple[Any, ...]],
        gone: Sequence[int],
    ) -> None:
        """Insert new claims, update known ones, empty those that no document belongs to.

        Where the patient is the same as before, the columns that say so are left alone: no index
        has to be written then.
        """
        values = itemgetter(*(column.name for column in claims.columns))
        fresh = [values(row) for row in rows if row["id"] not in known]
        bulk_load(self.connection, claims, fresh)
        who = itemgetter(*_WHO)
        changed: list[dict[str, Any]] = []
        same: list[dict[str, Any]] = []
        for row in rows:
            before = known.get(row["id"])
            if before is not None:
                (same if before == who(row) else changed).append(row)
        update_rows(self.connection, claims, changed)
        others = [column.name for column in claims.columns if column.name not in _WHO]
        update_rows(self.connection, claims, same, others)
        zero = {c.name: 0 for c in claims.columns if c.name.endswith("_cents")}
        update_rows(
            self.connection,
            claims,
            [{"id": claim, "status": "gone", "state": "closed", **zero} for claim in gone],
        )

    def _move(self, neighbours: _Neighbours, found: dict[int, int]) -> None:
        """Move claims whose account was joined with another, or parted from it."""
        moved = [
            {"id": claim, "account_id": found[claim]}
            for claim, (_, account) in neighbours.items()
            if found[claim] != account
        ]
        update_rows(self.connection, claims, moved)

    def _leave(self, neighbours: _Neighbours, old: dict[int, int], found: dict[int, int]) -> None:
        """Note where the claims of accounts went that have none left, and who is back."""
        used = set(found.values())
        before = {**{c: a for c, (_, a) in neighbours.items() if a is not None}, **old}
        went: dict[int, int] = {}
        for claim, account in before.items():
            if account not in used and claim in found:
                went[account] = min(found[claim], went.get(account, found[claim]))
        emptied = [{"id": account, "joined_into": into} for account, into in went.items()]
        back = [{"id": account, "joined_into": None} for account in self._joined & used]
        update_rows(self.connection, accounts, [*emptied, *back])


def _is_known(row: dict[str, Any], claim: DerivedClaim, known: dict[int, tuple[Any, ...]]) -> bool:
    """Whether a claim has its account: its documents are from before, and say the same patient."""
    before = known.get(claim.id)
    documents = claim.group.documents
    return (
        before is not None
        and before[0] is not None
        and before[1:] == tuple([row[name] for name in _WHO[1:]])
        and bool(documents)
        and all(document.prior_claim == claim.id for document in documents)
    )


def _person(account: int, claim: DerivedClaim) -> Person:
    """An account's row by the patient of a claim."""
    patient = claim.patient or patient_of(claim.group)
    party = patient.party
    return (
        account,
        patient.practice_key,
        party.last_name,
        party.first_name,
        party.birth_date,
        patient.member_id,
        None,
    )


def _keys_of_account(row: Any) -> Concerns:
    """The keys of an account's person, as claims have them."""
    person = f"{row.practice_key}|{name_key(row.last_name, row.first_name)}"
    member = number_key(row.member_id)
    return Concerns(
        birth_key=f"{person}|{row.birth_date.isoformat()}" if row.birth_date else "",
        member_key=f"{person}|{member}" if member else "",
    )


def _connected(nodes: Mapping[int, Sequence[Hashable]]) -> list[list[int]]:
    """Claims that hang together by shared tokens, each group as a list of claim ids."""
    by_token: dict[Hashable, list[int]] = defaultdict(list)
    for claim, tokens in nodes.items():
        for token in tokens:
            by_token[token].append(claim)
    parent = {claim: claim for claim in nodes}

    def root(claim: int) -> int:
        while parent[claim] != claim:
            parent[claim] = parent[parent[claim]]
            claim = parent[claim]
        return claim

    for members in by_token.values():
        for other in members[1:]:
            first, second = root(members[0]), root(other)
            parent[max(first, second)] = min(first, second)
    parts: dict[int, list[int]] = defaultdict(list)
    for claim in parent:
        parts[root(claim)].append(claim)
    return list(parts.values())
