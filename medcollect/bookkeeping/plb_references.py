"""Which claim the reference of a provider adjustment (PLB03-2) names.

It may hold the payer's claim number (CLP07), the practice's (CLP01), or CLP01, CLP07 and TRN02 run
together (claim_rules.md 2.2). Only claims that the same payer has answered count; where several
fit, none is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.ledger.chains import Step
from medcollect.matching.keys import number_key
from medcollect.model.remittance import ProviderAdjustment
from medcollect.store import facts
from medcollect.store.engine import chunks
from medcollect.store.tables import claim_payments, remittances

#: A row of remittances, the place of a provider adjustment in it (from 1), and the adjustment.
Placed = tuple[dict[str, Any], int, ProviderAdjustment]

#: Shorter numbers are no evidence.
SHORTEST_EVIDENCE = 4


class _Answered(msgspec.Struct, frozen=True):
    """A claim payment as a reference may name it."""

    claim: int
    payer: str
    number: str
    payer_number: str
    trace: str


class References:
    """The claims that references name, looked up for many at once."""

    def __init__(self, connection: sa.Connection, references: Iterable[tuple[str, str]]) -> None:
        """Look up references, given with their payer's key."""
        wanted = {key for _, reference in references if (key := number_key(reference))}
        by_key = facts.documents_with_keys(connection, sorted(_keys(wanted)))
        owners = {d for found in by_key.values() for o, d in found if o == facts.PAYMENT_OWNER}
        answered = _answered(connection, owners)
        self._by_number: dict[str, list[_Answered]] = defaultdict(list)
        self._by_payer_number: dict[str, list[_Answered]] = defaultdict(list)
        for found in answered:
            self._by_number[found.number].append(found)
            self._by_payer_number[found.payer_number].append(found)

    def claim_of(self, payer: str, reference: str) -> int | None:
        """The one claim that a reference of this payer names."""
        key = number_key(reference)
        if len(key) < SHORTEST_EVIDENCE:
            return None
        for found in (self._by_payer_number[key], self._by_number[key], self._run_together(key)):
            claims = {a.claim for a in found if a.payer == payer}
            if claims:
                return claims.pop() if len(claims) == 1 else None
        return None

    def _run_together(self, key: str) -> list[_Answered]:
        """Payments whose number, payer's number and trace are the reference, one after another."""
        return [
            answered
            for length in range(SHORTEST_EVIDENCE, len(key))
            for answered in self._by_number.get(key[:length], ())
            if _continues(key[length:], answered)
        ]


def _continues(rest: str, answered: _Answered) -> bool:
    """Whether the rest is the payer's number, the trace number, or one after the other.

    Keys have no leading zeros, the parts inside a reference may.
    """
    numbers = [n for n in (answered.payer_number, answered.trace) if n]
    whole = {"".join(numbers), *numbers}
    return rest.lstrip("0") in whole or any(
        rest.lstrip("0") == answered.payer_number + "0" * zeros + answered.trace
        for zeros in range(1, 9)
        if answered.payer_number and answered.trace
    )


def _keys(references: Collection[str]) -> set[str]:
    """The keys under which the documents that a reference may name are found."""
    keys = set()
    for reference in references:
        keys.add(f"C:{reference}")
        keys.update(f"P:{reference[:n]}" for n in range(SHORTEST_EVIDENCE, len(reference) + 1))
    return keys


def _answered(connection: sa.Connection, payments: Collection[int]) -> list[_Answered]:
    """Claim payments on claims, with their numbers as keys."""
    found = []
    for some in chunks(sorted(payments)):
        query = (
            sa.select(
                claim_payments.c.claim_id,
                claim_payments.c.document,
                remittances.c.payer_key,
                remittances.c.trace_number,
            )
            .join(remittances, remittances.c.id == claim_payments.c.remittance_id)
            .where(claim_payments.c.id.in_(some), claim_payments.c.claim_id.is_not(None))
        )
        for row in connection.execute(query):
            payment = facts.decode_payment(row.document)
            found.append(
                _Answered(
                    row.claim_id,
                    row.payer_key,
                    number_key(payment.patient_control_number),
                    number_key(payment.payer_claim_control_number),
                    number_key(row.trace_number),
                )
            )
    return found


def steps_of(connection: sa.Connection, found: Sequence[Placed]) -> list[Step]:
    """Provider adjustments as steps of chains, each with the claim that its reference names."""
    named = References(connection, [(row["payer_key"], a.reference) for row, _, a in found])
    return [
        Step(
            remittance=row["id"],
            place=place,
            payer=row["payer_key"],
            day=row["payment_date"],
            code=adjustment.code,
            reference=number_key(adjustment.reference),
            trace=number_key(row["trace_number"]),
            cents=adjustment.cents,
            claim=named.claim_of(row["payer_key"], adjustment.reference),
        )
        for row, place, adjustment in found
    ]
