"""Entries by hand for people to read: a page of them, those about claims, one by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import sqlalchemy as sa

from medcollect.bookkeeping.desk import claims_concerned
from medcollect.bookkeeping.people import People, concerns_of
from medcollect.errors import BadRequest
from medcollect.ids import name, number_of
from medcollect.ledger.moves import MOVED
from medcollect.model.desk import (
    AccountMerge,
    AccountSplit,
    DeceasedPatient,
    EndedCoverage,
    EnteredCoverage,
    Move,
    PayerRefund,
    ReturnedCheque,
    SentLetter,
)
from medcollect.model.posting import PATIENT_RECEIVABLE
from medcollect.money import format_cents
from medcollect.store.desk import DeskEntry, all_entries, kind_of, standing_entries
from medcollect.store.engine import Store, chunks
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import claims
from medcollect.tasks.figures import text_of

Row = dict[str, Any]


def list_entries(store: Store, limit: int = 50, after: str | None = None) -> Row:
    """Entries by hand in the order they were made; raises BadRequest for a wrong cursor."""
    start = 0
    if after is not None:
        number = number_of(after, "E")
        if number is None:
            raise BadRequest("The cursor is not one of ours.", "Start without one.")
        start = number
    with store.reading() as connection:
        found = all_entries(connection, start, limit + 1)
        moved = moved_of(connection, found)
    shown = [entry_json(entry, moved) for entry in found[:limit]]
    return {"entries": shown, "next": shown[-1]["id"] if len(found) > limit else None}


def entries_about(connection: sa.Connection, rows: Sequence[Row]) -> list[Row]:
    """The standing entries about any of these claims, as people see them."""
    people = People(standing_entries(connection))
    if not people.entries:
        return []
    keys = [concerns_of(row) for row in rows]
    mine = [e for e in people.entries if any(people.is_about(e, claim) for claim in keys)]
    moved = moved_of(connection, mine)
    return [entry_json(entry, moved) for entry in mine]


def money_entries_about(connection: sa.Connection, numbers: Sequence[int]) -> list[int]:
    """The standing moves and refund cheques of these claims: they rest on what files say."""
    people = People(standing_entries(connection))
    mine = [e for e in people.entries if isinstance(e.fact, Move | PayerRefund)]
    if not mine:
        return []
    keys = [
        concerns_of(row._mapping)
        for some in chunks(sorted(set(numbers)))
        for row in connection.execute(sa.select(claims).where(claims.c.id.in_(some)))
    ]
    return [e.id for e in mine if any(people.is_about(e, claim) for claim in keys)]


def coverage_entered(connection: sa.Connection, row: Row) -> list[EnteredCoverage]:
    """The entered coverages that hold for a claim, in order of payers."""
    entered = [e.fact for e in People(standing_entries(connection)).about(concerns_of(row))]
    found = [
        fact
        for fact in entered
        if isinstance(fact, EnteredCoverage) and fact.covers(row["service_from"])
    ]
    return sorted(found, key=lambda fact: fact.payer_rank)


def death_of(entries: Sequence[Row]) -> Row | None:
    """What the newest of these entries says of the patient's death, and who is written to."""
    said = [entry for entry in entries if entry["kind"] == "deceased"]
    return {key: said[-1][key] for key in ("died_on", "representative")} if said else None


def entry_json(entry: DeskEntry, moved: dict[int, int]) -> Row:
    """One entry as the contract gives it; ``moved`` is what stands of moves in the ledger."""
    fact = entry.fact
    shown: Row = dict.fromkeys(_FIELDS)
    shown.update(
        id=name("E", entry.id),
        kind=kind_of(fact),
        patient_control_number=entry.concerns.named or None,
        replaces=name("E", entry.replaces) if entry.replaces else None,
        reason=entry.reason,
        user=entry.user,
        recorded_at=entry.recorded_at,
        status=entry.status,
    )
    return {**shown, **_details(entry, moved)}


_FIELDS = (
    "id", "kind", "patient_control_number", "replaces", "payer", "payer_rank", "payer_id",
    "member_id", "group_number", "filing_indicator", "valid_from", "valid_to", "to", "amount",
    "moved", "moved_on", "billable", "accounts", "split_claims", "although_different",
    "denial", "level", "means", "tracking", "sent_on", "sha256",
    "method", "reference", "recovery", "returns", "died_on", "representative",
    "reason", "user", "recorded_at", "status",
)  # fmt: skip


def _details(entry: DeskEntry, moved: dict[int, int]) -> Row:
    """What an entry of its kind says."""
    fact = entry.fact
    if isinstance(fact, Move):
        return {**_move(fact), "moved": format_cents(moved.get(entry.id, 0))}
    return _SHOWN[type(fact)](fact)


def _merge(fact: AccountMerge) -> Row:
    """Accounts that are one patient's."""
    accounts = [name("A", number) for number in fact.accounts]
    return {"accounts": accounts, "although_different": fact.although_different}


def _split(fact: AccountSplit) -> Row:
    """Claims that are another patient's."""
    claims = [claim.named for claim in fact.claims]
    return {"accounts": [name("A", fact.account)], "split_claims": claims}


def _move(fact: Move) -> Row:
    """A balance that was moved."""
    return {
        "payer": fact.payer or None,
        "to": fact.to,
        "amount": format_cents(fact.cents),
        "moved_on": text_of(fact.day),
        "billable": fact.is_billable,
    }


def _coverage_end(fact: EndedCoverage) -> Row:
    """A payer that does not cover."""
    return {"payer": fact.payer, "valid_to": text_of(fact.last_day)}


def _coverage(fact: EnteredCoverage) -> Row:
    """A payer that covers."""
    return {
        "payer": fact.payer,
        "payer_rank": fact.payer_rank,
        "payer_id": fact.payer_id or None,
        "member_id": fact.member_id or None,
        "group_number": fact.group_number or None,
        "filing_indicator": fact.filing_indicator or None,
        "valid_from": text_of(fact.valid_from),
        "valid_to": text_of(fact.valid_to),
    }


def _refund(fact: PayerRefund) -> Row:
    """What a refund cheque to a payer says."""
    return {
        "payer": fact.payer,
        "to": "payer",
        "amount": format_cents(fact.cents),
        "moved_on": text_of(fact.day),
        "method": fact.method,
        "reference": fact.reference or None,
        "recovery": fact.recovery or None,
    }


def _returned(fact: ReturnedCheque) -> Row:
    """A refund cheque that came back."""
    return {
        "payer": fact.payer,
        "amount": format_cents(fact.cents),
        "moved_on": text_of(fact.day),
        "reference": fact.reference or None,
        "returns": name("E", fact.cheque),
    }


def _deceased(fact: DeceasedPatient) -> Row:
    """That a patient has died."""
    return {"died_on": text_of(fact.died_on), "representative": fact.representative or None}


def _letter(fact: SentLetter) -> Row:
    """A letter that went out: about which denial, how, when, with which proof."""
    return {
        "payer": fact.payer or None,
        "denial": name("N", fact.denial),
        "level": fact.level,
        "means": fact.means,
        "tracking": fact.tracking or None,
        "sent_on": fact.sent_on.isoformat(),
        "sha256": fact.sha256 or None,
        "amount": format_cents(fact.cents),
    }


#: How each kind of entry is shown, but moves, of which the ledger says more.
_SHOWN: dict[type, Callable[[Any], Row]] = {
    EnteredCoverage: _coverage,
    EndedCoverage: _coverage_end,
    PayerRefund: _refund,
    ReturnedCheque: _returned,
    DeceasedPatient: _deceased,
    AccountMerge: _merge,
    AccountSplit: _split,
    SentLetter: _letter,
}


def moved_of(connection: sa.Connection, entries: Sequence[DeskEntry]) -> dict[int, int]:
    """What stands in the ledger of each move."""
    moves = [entry for entry in entries if isinstance(entry.fact, Move)]
    touched = {claim for entry in moves for claim in claims_concerned(connection, entry)}
    standing = JournalWriter(connection, None).standing("claim", sorted(touched))
    found: Counter[int] = Counter()
    for _, entry in chain.from_iterable(standing.values()):
        if entry.cause == MOVED:
            legs = (leg.cents for leg in entry.postings if leg.account == PATIENT_RECEIVABLE)
            found[entry.document] += abs(sum(legs))
    return found
