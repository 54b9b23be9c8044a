"""What people entered by hand, put into the cases of the claims that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from medcollect.bookkeeping.cases import payer_key
from medcollect.bookkeeping.derived import keys_of
from medcollect.bookkeeping.people import People
from medcollect.ids import name
from medcollect.ledger import ClaimCase, ExpectedPayer, MovedBalance, SentRefund
from medcollect.matching.docs import Group
from medcollect.model.common import Party
from medcollect.model.desk import (
    DeceasedPatient,
    EndedCoverage,
    EnteredCoverage,
    Move,
    PayerRefund,
    ReturnedCheque,
)
from medcollect.store.desk import DeskEntry


def with_entries(case: ClaimCase, group: Group, people: People) -> ClaimCase:
    """A claim's case with the coverages, moves, refund cheques and deaths that people entered."""
    if not people.entries:
        return case
    claim = keys_of(group)
    mine = people.about(claim)
    if not mine:
        return case
    return msgspec.structs.replace(
        case,
        payers=_payers(case.payers, mine, claim.service_from),
        moves=tuple(
            MovedBalance(name("E", entry.id), entry.id, entry.fact)
            for entry in mine
            if isinstance(entry.fact, Move)
        ),
        refunds=sent_refunds(mine),
        without_estate=_without_estate(mine, case),
    )


def _without_estate(entries: Iterable[DeskEntry], case: ClaimCase) -> bool:
    """Whether a patient has died and nobody is named who acts for the estate."""
    said = [entry.fact for entry in entries if isinstance(entry.fact, DeceasedPatient)]
    return not said[-1].representative if said else case.without_estate


def sent_refunds(entries: Sequence[DeskEntry]) -> tuple[SentRefund, ...]:
    """The refund cheques among these entries, each with its return."""
    sent = [(entry, entry.fact) for entry in entries if isinstance(entry.fact, PayerRefund)]
    back = {
        entry.fact.cheque: (entry.id, entry.fact.day)
        for entry in entries
        if isinstance(entry.fact, ReturnedCheque)
    }
    return tuple(
        SentRefund(name("E", entry.id), entry.id, fact, *back.get(entry.id, ()))
        for entry, fact in sent
    )


def _payers(
    named: Iterable[ExpectedPayer], entries: Iterable[DeskEntry], day: date | None
) -> tuple[ExpectedPayer, ...]:
    """The payers that documents name, less those that ended, with those that were entered.

    An entered payer takes its place, and the place of the payer that a document names there; what
    was entered for the claim goes before what was entered for its patient.
    """
    found = {payer.rank: payer for payer in named}
    in_order = sorted(entries, key=lambda entry: bool(entry.concerns.number_key))
    for fact in (entry.fact for entry in in_order):
        if isinstance(fact, EndedCoverage) and fact.ends(day):
            ended = key_of(fact.payer)
            found = {rank: p for rank, p in found.items() if p.payer_key != ended}
        elif isinstance(fact, EnteredCoverage) and fact.covers(day):
            place = ExpectedPayer(
                fact.payer_rank, key_of(fact.payer), fact.payer, fact.filing_indicator
            )
            found[fact.payer_rank] = place
    return tuple(found[rank] for rank in sorted(found))


def key_of(payer: str) -> str:
    """What tells a payer from another, by its name."""
    return payer_key(Party(last_name=payer))
