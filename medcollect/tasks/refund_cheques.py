"""Refund cheques to payers as steps of the recoveries that they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.desk import cheque_without_claim, claims_concerned
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import NotAllowed
from medcollect.ids import name
from medcollect.ledger.chains import Step
from medcollect.ledger.refund_cheques import ACKNOWLEDGED, credited_cents
from medcollect.matching.keys import number_key
from medcollect.model.desk import PayerRefund, ReturnedCheque
from medcollect.model.posting import PAYER_REFUND, PAYER_REFUND_RETURNED, Entry
from medcollect.store.bank import cashed_cheques
from medcollect.store.desk import DeskEntry, standing_entries
from medcollect.store.journal import JournalWriter

_CAUSES = frozenset({PAYER_REFUND, PAYER_REFUND_RETURNED})


def standing_cheques(connection: sa.Connection) -> list[DeskEntry]:
    """The entries of refund cheques that count."""
    return [e for e in standing_entries(connection) if isinstance(e.fact, PayerRefund)]


def standing_returns(connection: sa.Connection) -> dict[int, DeskEntry]:
    """The entries that say that a refund cheque came back, by the number of its entry."""
    found = standing_entries(connection)
    return {e.fact.cheque: e for e in found if isinstance(e.fact, ReturnedCheque)}


def cheque_steps(connection: sa.Connection, payer_keys: Collection[str] | None) -> Iterator[Step]:
    """Each cheque, and return, as it stands in the ledger; what the claim's own credit bore."""
    entries = {
        entry.id: entry
        for entry in standing_entries(connection)
        if isinstance(entry.fact, PayerRefund | ReturnedCheque)
        and (payer_keys is None or key_of(entry.fact.payer) in payer_keys)
    }
    if not entries:
        return
    for claim, posted in _posted(connection, entries.values()):
        entry = entries.get(posted.document)
        if entry is None or posted.cause not in _CAUSES:
            continue
        step = _step(entry, claim)
        yield step
        if credited := credited_cents(posted.postings):
            yield msgspec.structs.replace(step, cents=-credited, credited=True)


def _posted(
    connection: sa.Connection, entries: Collection[DeskEntry]
) -> Iterator[tuple[int | None, Entry]]:
    """The journal of the claims that cheques are about, and of cheques about none."""
    journal = JournalWriter(connection, None)
    touched = {claim for entry in entries for claim in claims_concerned(connection, entry)}
    for claim, standing in sorted(journal.standing("claim", sorted(touched)).items()):
        yield from ((claim, posted) for _, posted in standing)
    loose = {number for e in entries if (number := cheque_without_claim(e)) is not None}
    for _, standing in sorted(journal.standing("desk_entry", sorted(loose)).items()):
        yield from ((None, posted) for _, posted in standing)


def _step(entry: DeskEntry, claim: int | None) -> Step:
    """A cheque, or its return, as an amount of the recovery that it belongs to."""
    fact = entry.fact
    if isinstance(fact, ReturnedCheque):
        place, reference, cents = fact.cheque, "", -fact.cents
    else:
        assert isinstance(fact, PayerRefund)  # noqa: S101
        place, reference, cents = entry.id, fact.recovery or fact.reference, fact.cents
    return Step(
        remittance=0,
        place=place,
        payer=key_of(fact.payer),
        day=fact.day,
        code=ACKNOWLEDGED,
        reference=number_key(reference),
        trace="",
        cents=cents,
        claim=claim,
        cheque=name("E", entry.id),
        returned=isinstance(fact, ReturnedCheque),
    )


def insist_on_not_cashed(connection: sa.Connection, number: int, letter: str = "E") -> None:
    """Raise NotAllowed where a person said that this refund cheque (E..., M...) was cashed."""
    cashed = cashed_cheques(connection).get((letter, number))
    if cashed is not None:
        decision = name("D", cashed)
        raise NotAllowed(f"{decision} says that it was cashed.", f"Undo {decision} first.")
