"""What billing a claim again rests on: its documents, the answers that stand, who answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect.bookkeeping.cases import build_case, claim_lines
from medcollect.bookkeeping.closure import Closure, loaded_status
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import NotAllowed
from medcollect.ids import name
from medcollect.ledger import Answer, standing_answers
from medcollect.ledger.slots import Slot
from medcollect.matching.docs import ClaimDoc, Group
from medcollect.matching.keys import name_key
from medcollect.matching.lines import pair_lines
from medcollect.model.claim import Claim
from medcollect.store.correspondence import load_letters, statuses_of_claims
from medcollect.store.tables import exceptions
from medcollect.tasks.entry_view import coverage_entered
from medcollect.tasks.load import LoadedClaim, find_claims, load_claim
from medcollect.tasks.originals import OriginalClaim, original_claims, original_payments
from medcollect.x12.next837 import Answered, remark_segments
from medcollect.x12.parts837 import RANKS, Parts, Payer, parts_of
from medcollect.x12.write837 import raw_claim

_VOID = "8"
_ENTERED = ("payer", "payer_id", "member_id", "filing_indicator", "group_number")
_WRITTEN_VERSIONS = "005010"


class BillFacts(msgspec.Struct):
    """A claim of the book with the answers that stand, in order of payers."""

    connection: sa.Connection
    loaded: LoadedClaim
    slots: list[Slot]

    @property
    def documents(self) -> list[ClaimDoc]:
        """The claim's documents, oldest first."""
        return self.loaded.group.documents

    @property
    def voided(self) -> bool:
        """Whether the latest document takes the claim back."""
        return self.documents[-1].claim.frequency == _VOID

    @property
    def latest(self) -> ClaimDoc:
        """The latest document that is no void."""
        return next((d for d in reversed(self.documents) if not _is_void(d)), self.documents[-1])

    def original(self, document: ClaimDoc) -> OriginalClaim:
        """A document as it was read; only 005010 is written."""
        found = original_claims(self.connection, [document.id])[document.id]
        if not found.header.transaction.version.startswith(_WRITTEN_VERSIONS):
            raise NotAllowed(
                "The claim on file is not of version 005010, and no other is written.",
                "Write it where it was made.",
            )
        return found

    @property
    def rejected(self) -> bool:
        """Whether what was sent last was turned away before anybody judged it."""
        return bool(self.loaded.row["state"] == "rejected")

    def status_number(self) -> str:
        """The payer's number of the claim by the latest 277CA or 277 that says one."""
        ids = statuses_of_claims(self.connection, [self.loaded.row["id"]])
        told = sorted(
            map(loaded_status, load_letters(self.connection, ids)), key=lambda s: (s.said_at, s.id)
        )
        numbers = (s.status.payer_claim_control_number for s in reversed(told))
        return next((number for number in numbers if number), "")

    def entered_coverage(self, named: Sequence[str]) -> dict[str, str]:
        """The first coverage entered by hand of a payer that the claim does not name."""
        known = set(map(key_of, named))
        for found in coverage_entered(self.connection, self.loaded.row):
            if key_of(found.payer) not in known:
                return {field: getattr(found, field) for field in _ENTERED if getattr(found, field)}
        return {}

    def answered(self, slot: Slot, claim: Claim) -> list[Answered]:
        """A payer's standing answers as they are told to another payer, on this claim's lines."""
        lines = claim_lines(claim)
        read = original_payments(self.connection, [answer.id for answer in slot.answers])
        return [
            Answered(
                answer.payment,
                pair_lines(answer.payment.services, lines),
                answer.payment_date,
                remark_segments(
                    read[answer.id].payment.segments,
                    read[answer.id].header.transaction.envelope.delimiters,
                ),
            )
            for answer in slot.answers
        ]


def _is_void(document: ClaimDoc) -> bool:
    return document.claim.frequency == _VOID


def parts_from(original: OriginalClaim) -> Parts:
    """A document's segments as they were read."""
    levels, loop = raw_claim(original.claim, original.marks)
    return parts_of(original.claim.form, levels, loop)


def bill_facts(connection: sa.Connection, number: str) -> BillFacts:
    """The claim that a number names, with what stands of its answers.

    Raises NotFound where there is none; NotAllowed where several carry the number, or the claim
    is known from remittances only.
    """
    rows = find_claims(connection, number)
    if len(rows) > 1:
        ids = ", ".join(name("C", row["id"]) for row in rows)
        raise NotAllowed(f"Several claims carry this number: {ids}.", "Name one by its id.")
    loaded = load_claim(connection, rows[0])
    if not loaded.group.documents:
        raise NotAllowed(
            "The claim was opened from a remittance: no 837 of it is on file to write it from.",
            "Import the claim's 837, then bill it again.",
        )
    payments = Closure(connection).decided(loaded.group.payments)
    group = Group(0, documents=loaded.group.documents, payments=payments)
    standing = standing_answers(build_case(group))
    return BillFacts(connection, loaded, standing.slots)


def refuse_waiting(facts: BillFacts) -> None:
    """Refuse where an answer of the claim waits for a person: what it says is not settled."""
    waiting = [
        number
        for number, row in facts.loaded.payment_rows.items()
        if row["outcome"] in {"held", "exception"}
    ]
    if not waiting:
        return
    remittances = [facts.loaded.payment_rows[number]["remittance_id"] for number in waiting]
    of_remittance = exceptions.c.claim_payment_id.is_(None) & exceptions.c.remittance_id.in_(
        remittances
    )
    query = sa.select(exceptions.c.id).where(
        exceptions.c.claim_payment_id.in_(waiting) | of_remittance, exceptions.c.status == "open"
    )
    ids = ", ".join(name("X", row.id) for row in facts.connection.execute(query))
    raise NotAllowed(
        "An answer of this claim is on file and waits for a person"
        f"{f' ({ids})' if ids else ''}: what it says is not settled.",
        "Settle it with medcollect resolve, then bill the claim.",
    )


def place_of(slot: Slot, payers: list[Payer], taken: set[int]) -> int | None:
    """Which payer of the claim answered: by name and rank, by name alone, by rank alone."""
    free = [place for place in range(len(payers)) if place not in taken]
    same_name = [place for place in free if name_key(payers[place].name, "") == slot.payer_key]
    same_rank = [place for place in free if _rank(payers[place]) == slot.status_rank]
    both = [place for place in same_name if place in same_rank]
    for found in (both, same_name, same_rank):
        if len(found) == 1:
            return found[0]
    return None


def _rank(payer: Payer) -> int:
    """The rank of a payer by SBR01; 0 for one that says none."""
    return RANKS.index(payer.rank) + 1 if payer.rank and payer.rank in RANKS else 0


def payer_number(slot: Slot | None) -> str:
    """The payer's own number of the claim by its latest standing answer."""
    answers: list[Answer] = slot.answers if slot is not None else []
    numbers = (answer.payment.payer_claim_control_number for answer in reversed(answers))
    return next((number for number in numbers if number), "")


def remarks_of(slot: Slot | None) -> set[str]:
    """Every remark code of a payer's standing answers."""
    payments: list[Any] = [answer.payment for answer in (slot.answers if slot else [])]
    return {r for p in payments for r in (*p.remarks, *(r for s in p.services for r in s.remarks))}
