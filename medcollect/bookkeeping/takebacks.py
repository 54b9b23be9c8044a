"""Recoveries among the provider adjustments (PLB) that name claims, found from either side.

A remittance is kept under the references of its recoveries (WO, 72, TL, WU: the codes that the
table of PLB codes links to claims) and under their beginnings, because a reference may be a claim's
own number, the payer's, or both run together with the check's (claim_rules.md 2.2). A claim asks
for its numbers; which claim a reference names is for :class:`References` to say. FB links
remittances, not claims, and is none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from medcollect import codes
from medcollect.bookkeeping.derived import DerivedClaim
from medcollect.bookkeeping.plb_references import SHORTEST_EVIDENCE, References, steps_of
from medcollect.ledger.chains import KIND_BY_CODE, RECOVERY, Chain, chains_of
from medcollect.matching.docs import PaymentDoc
from medcollect.matching.keys import number_key
from medcollect.model.remittance import ProviderAdjustment
from medcollect.store import facts
from medcollect.store.among import among
from medcollect.store.tables import match_keys, remittances

Row = dict[str, Any]

#: How the keys of references begin, and no others do.
_PREFIX = "R:"


def keep_references(connection: sa.Connection, rows: Iterable[Row]) -> None:
    """Keep new remittances under the references of their recoveries."""
    keys = [(row["id"], _keys_of_references(_references(row))) for row in rows]
    facts.save_keys(connection, facts.RECOVERY_OWNER, keys)


def _keys_of_references(references: Sequence[str]) -> list[str]:
    """The references with their beginnings."""
    shortest = SHORTEST_EVIDENCE
    found = (ref[:length] for ref in references for length in range(shortest, len(ref) + 1))
    return [_PREFIX + key for key in dict.fromkeys(found)]


def claims_named(connection: sa.Connection, rows: Iterable[Row]) -> list[int]:
    """The claims on file that the recoveries of these remittances name."""
    named = [(row["payer_key"], key) for row in rows for key in _references(row)]
    if not named:
        return []
    references = References(connection, named)
    found = {references.claim_of(payer, key) for payer, key in named}
    return sorted(claim for claim in found if claim is not None)


def _references(row: Row) -> list[str]:
    """The references of a remittance's recoveries, as keys."""
    found = facts.decode_adjustments(row["provider_adjustments"])
    keys = (number_key(a.reference) for a in found if is_recovery(a))
    return list(dict.fromkeys(key for key in keys if key))


def is_recovery(adjustment: ProviderAdjustment) -> bool:
    """Whether it recovers money of a claim, by the tables of PLB codes."""
    known = codes.provider_adjustment_code(adjustment.code)
    names_claims = known is not None and not known.link_to_claim.startswith("no")
    of_money = KIND_BY_CODE.get(adjustment.code) == RECOVERY and adjustment.cents != 0
    return names_claims and of_money


class Recoveries:
    """The chains of recoveries that name claims at hand."""

    def __init__(self, connection: sa.Connection, claims: Sequence[DerivedClaim]) -> None:
        """Look them up for many claims at once."""
        self.chains: dict[int, list[Chain]] = defaultdict(list)
        #: The adjustments behind the steps, by remittance and place, and the remittances' rows.
        self.adjustments: dict[tuple[int, int], ProviderAdjustment] = {}
        self.remittances: dict[int, Row] = {}
        if claims and _any(connection):
            self._load(connection, claims)

    def _load(self, connection: sa.Connection, claims: Sequence[DerivedClaim]) -> None:
        keys = {key for claim in claims for key in _keys_of(claim.group.payments)}
        rows = _standing(connection, facts.documents_with_keys(connection, sorted(keys)))
        if not rows:
            return
        self.remittances = {row["id"]: row for row in rows}
        placed = [
            (row, place, found)
            for row in rows
            for place, found in enumerate(facts.decode_adjustments(row["provider_adjustments"]), 1)
            if is_recovery(found)
        ]
        self.adjustments = {(row["id"], place): found for row, place, found in placed}
        ids = {claim.id for claim in claims}
        for chain in chains_of(steps_of(connection, placed)):
            if chain.claims and chain.claims[0] in ids:  # one matter is one claim's, once
                self.chains[chain.claims[0]].append(chain)


def _any(connection: sa.Connection) -> bool:
    """Whether the book holds any recovery at all."""
    key = match_keys.c.key
    query = sa.select(key).where(key > _PREFIX, key < f"{_PREFIX}~").limit(1)
    return connection.execute(query).first() is not None


def _standing(
    connection: sa.Connection, found: Mapping[str, Sequence[tuple[str, int]]]
) -> list[Row]:
    """The remittances under these keys that post."""
    ids = {number for owners in found.values() for _, number in owners}
    if not ids:
        return []
    query = (
        sa.select(remittances)
        .where(among(remittances.c.id, sorted(ids)))
        .where(remittances.c.status == "active", remittances.c.held == "")
        .order_by(remittances.c.id)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def _keys_of(payments: Iterable[PaymentDoc]) -> Iterable[str]:
    """The references by which a payer may mean a claim that it has answered."""
    for doc in payments:
        own = doc.payment.patient_control_number
        payers = doc.payment.payer_claim_control_number
        for key in map(number_key, (own, payers)):
            if len(key) >= SHORTEST_EVIDENCE:
                yield _PREFIX + key
