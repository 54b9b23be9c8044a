"""Refund cheques to payers as steps of the recoveries that they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

import sqlalchemy as sa

from medcollect.bookkeeping.desk import claims_concerned
from medcollect.bookkeeping.entered import key_of
from medcollect.ids import name
from medcollect.ledger.chains import Step
from medcollect.ledger.refund_cheques import ACKNOWLEDGED, credited_cents
from medcollect.matching.keys import number_key
from medcollect.model.desk import PayerRefund
from medcollect.model.posting import PAYER_REFUND
from medcollect.store.desk import DeskEntry, standing_entries
from medcollect.store.journal import JournalWriter


def standing_cheques(connection: sa.Connection) -> list[DeskEntry]:
    """The entries of refund cheques that count."""
    return [e for e in standing_entries(connection) if isinstance(e.fact, PayerRefund)]


def cheque_steps(connection: sa.Connection, payer_keys: Collection[str] | None) -> Iterator[Step]:
    """Each cheque as it stands in the ledger, and what of it settled the claim's own credit."""
    cheques = {entry.id: entry for entry in standing_cheques(connection)}
    touched = {claim for entry in cheques.values() for claim in claims_concerned(connection, entry)}
    standing = JournalWriter(connection, None).standing("claim", sorted(touched))
    found = chain.from_iterable(
        ((claim, entry) for _, entry in entries) for claim, entries in sorted(standing.items())
    )
    for claim, posted in found:
        entry = cheques.get(posted.document) if posted.cause == PAYER_REFUND else None
        if entry is None or not isinstance(entry.fact, PayerRefund):
            continue
        payer = key_of(entry.fact.payer)
        if payer_keys is not None and payer not in payer_keys:
            continue
        step = Step(
            remittance=0,
            place=entry.id,
            payer=payer,
            day=entry.fact.day,
            code=ACKNOWLEDGED,
            reference=number_key(entry.fact.reference),
            trace="",
            cents=entry.fact.cents,
            claim=claim,
            cheque=name("E", entry.id),
        )
        yield step
        credited = credited_cents(posted.postings)
        if credited:
            yield Step(
                remittance=0,
                place=entry.id,
                payer=payer,
                day=entry.fact.day,
                code=ACKNOWLEDGED,
                reference=step.reference,
                trace="",
                cents=-credited,
                claim=claim,
                cheque=step.cheque,
                credited=True,
            )
