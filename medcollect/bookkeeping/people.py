"""Whose claims are one patient's, as people said: accounts merged and split by hand.

Claims hang together by the keys of their person (:mod:`medcollect.bookkeeping.accounts`). A merge
joins all that shares a key with its claims; a split keeps its claims, and later ones that bear the
keys of that patient alone, apart. What was said later counts: a split parts what a merge before it
joined, a merge joins what a split before it parted. Judged from keys alone, so that no order of
files matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from typing import Any, TypeVar

from medcollect.model.desk import AccountMerge, AccountSplit, Concerns
from medcollect.store.desk import DeskEntry

_LAST = 1 << 62
#: What finds a claim and its person again, as columns of the claims' rows.
KEYS = Concerns.__struct_fields__[1:]

_Fact = TypeVar("_Fact", AccountMerge, AccountSplit)


class People:
    """The standing entries by hand, asked whose a claim is."""

    def __init__(self, entries: Sequence[DeskEntry]) -> None:
        self.entries = entries
        self._all_splits: list[tuple[int, AccountSplit]] = []
        self._splits: dict[str, list[tuple[int, AccountSplit]]] = defaultdict(list)
        self._merges: dict[str, list[tuple[int, AccountMerge]]] = defaultdict(list)
        for entry in entries:
            if isinstance(entry.fact, AccountSplit):
                self._all_splits.append((entry.id, entry.fact))
                for key in _names(entry.fact):
                    self._splits[key].append((entry.id, entry.fact))
            elif isinstance(entry.fact, AccountMerge):
                for key in _names(entry.fact):
                    self._merges[key].append((entry.id, entry.fact))

    @property
    def anybody_joined(self) -> bool:
        """Whether people merged or split any account."""
        return bool(self._splits or self._merges)

    def tokens(self, claim: Concerns) -> Sequence[Hashable]:
        """What joins a claim with others: claims that share a token are one patient's."""
        if not self.anybody_joined:
            return claim.people
        side = self.side(claim)
        found: list[Hashable] = [(key, side) for key in claim.people]
        if side:
            found.append(side)
        for number, merge in _named(self._merges, claim):
            if self._joins(number, merge, claim):
                found.append((number, tuple(split for split in side if split > number)))
        return found

    def side(self, claim: Concerns, before: int = _LAST) -> tuple[int, ...]:
        """The splits, of those made before an entry, that put a claim or payment apart."""
        if not self._splits:
            return ()
        found = _named(self._splits, claim)
        return tuple(number for number, split in found if number < before and split.takes(claim))

    def went_with(self, identity: str) -> dict[int, AccountSplit]:
        """The splits with which a payment went, by a person's word."""
        return {number: split for number, split in self._all_splits if identity in split.payments}

    def related(self, claims: Collection[Concerns]) -> Collection[Concerns]:
        """These, and the claims that merges and splits name together with any of them."""
        if not self.anybody_joined:
            return claims
        found: set[Concerns] = set()
        waiting = set(claims)
        while waiting:
            claim = waiting.pop()
            found.add(claim)
            for _, merge in _named(self._merges, claim):
                waiting.update(set(merge.claims) - found)
            for _, split in _named(self._splits, claim):
                waiting.update(set(split.claims) - found)
        return found

    def about(self, claim: Concerns) -> list[DeskEntry]:
        """The entries that are about a claim, in the order they were entered."""
        return [entry for entry in self.entries if self.is_about(entry, claim)]

    def is_about(self, entry: DeskEntry, claim: Concerns) -> bool:
        """Whether an entry is about a claim; of an account, it goes by what was said till then."""
        fact, mine = entry.fact, entry.concerns
        if isinstance(fact, AccountSplit):
            return fact.takes(claim)
        if isinstance(fact, AccountMerge):
            return self._joins(entry.id, fact, claim)
        if mine.number_key:
            return mine.covers(claim)
        if not self.anybody_joined:
            return mine.covers(claim)
        side, other = self.side(mine, entry.id), self.side(claim, entry.id)
        if mine.covers(claim) and side == other:
            return True
        return any(
            number < entry.id
            and _since(side, number) == _since(other, number)
            and self._joins(number, merge, mine)
            and self._joins(number, merge, claim)
            for number, merge in _named(self._merges, claim)
        )

    def _joins(self, number: int, merge: AccountMerge, claim: Concerns) -> bool:
        """Whether a merge is about a claim: it names it, or shares a key on the side of then."""
        side = self.side(claim, number)
        return any(
            (one.is_person(claim) and self.side(one, number) == side)
            or (claim.number_key != "" and one.covers(claim))
            for one in merge.claims
        )


def concerns_of(row: Any) -> Concerns:
    """The keys of a claim's row."""
    return Concerns("", *(row[key] for key in KEYS))


def _names(fact: AccountMerge | AccountSplit) -> set[str]:
    """What finds the claims that an entry may be about."""
    keys = {key for claim in fact.claims for key in _keys(claim)}
    return keys | set(fact.own_keys) if isinstance(fact, AccountSplit) else keys


def _named(found: dict[str, list[tuple[int, _Fact]]], claim: Concerns) -> list[tuple[int, _Fact]]:
    """Entries of one kind that may be about a claim, in the order they were entered."""
    if not found:
        return []
    by_id = {number: fact for key in _keys(claim) for number, fact in found.get(key, ())}
    return [(number, by_id[number]) for number in sorted(by_id)]


def _keys(claim: Concerns) -> tuple[str, ...]:
    """The person's keys, and the claim's number where it has one."""
    return (*claim.people, f"N{claim.number_key}") if claim.number_key else claim.people


def _since(side: Sequence[int], number: int) -> list[int]:
    """The splits of these that were made after an entry."""
    return [split for split in side if split > number]
