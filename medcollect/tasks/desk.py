"""What people enter by hand: a patient's coverages, and balances moved between payers and patient.

``medcollect coverage`` and ``medcollect move``. Each entry is a fact (E000001) with its user and
reason; the claims it is about are judged anew, and ``undo`` takes it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import codes, dates
from medcollect.bookkeeping.desk import claims_concerned, judge_claims
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.ledger.moves import MOVED
from medcollect.model.desk import EndedCoverage, EnteredCoverage, Move
from medcollect.model.posting import PATIENT_RECEIVABLE
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.desk import (
    Concerns,
    DeskEntry,
    all_entries,
    entries_by_id,
    kind_of,
    save_entry,
    standing_entries,
    undo_entry,
)
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.store.journal import JournalWriter
from medcollect.store.tables import claims
from medcollect.tasks.figures import claim_summary, figures_of_row, text_of
from medcollect.tasks.pay import cents_of, claim_keys_of, one_claim, payer_of

Row = dict[str, Any]

#: Payers that a claim can have (DESIGN section 6.1).
_RANKS = range(1, 12)
_SEE = "'balance' and 'claim' show the entries by hand with their ids."


def add_coverage(
    store: Store,
    target: str,
    *,
    reason: str,
    user: str,
    today: date | None = None,
    **told: Any,
) -> Row:
    """Enter a payer of a patient (A...) or of one claim (its number or C...).

    ``told`` are the fields of :class:`medcollect.model.desk.EnteredCoverage`. Raises NotFound,
    NotAllowed (no payer, no such kind of plan, days in the wrong order), BadRequest.
    """
    day = today or dates.today()
    _insist_on_reason(reason)
    fact = _coverage(told)
    with store.writing() as connection:
        concerns = Concerns(**payer_of(connection, target))
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        return _judged(connection, entry, day)


def correct_coverage(
    store: Store,
    identifier: str,
    *,
    reason: str,
    user: str,
    today: date | None = None,
    **changes: Any,
) -> Row:
    """Enter what is right of a coverage in its place; fields that are ``None`` stay as they are.

    Raises NotFound, NotAllowed where another correction stands already, BadRequest.
    """
    day = today or dates.today()
    _insist_on_reason(reason)
    with store.writing() as connection:
        old = _standing(connection, identifier)
        if not isinstance(old.fact, EnteredCoverage):
            raise NotAllowed(f"{name('E', old.id)} is no coverage.", _SEE)
        kept = msgspec.structs.asdict(old.fact)
        fact = _coverage({**kept, **{k: v for k, v in changes.items() if v is not None}})
        if fact == old.fact:
            raise NotAllowed("That changes nothing.", "Give what is right, such as --member-id.")
        entry = save_entry(
            connection, fact, old.concerns, replaces=old.id, reason=reason.strip(), user=user
        )
        return _judged(connection, entry, day)


def end_coverage(
    store: Store,
    target: str,
    *,
    payer: str = "",
    last_day: date | None = None,
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """End a coverage: one that was entered (E...), or a ``payer`` that claims themselves name.

    ``last_day`` is the last day of service covered; without it the payer never covered. Raises
    NotFound, NotAllowed where no claim names that payer, BadRequest.
    """
    day = today or dates.today()
    _insist_on_reason(reason)
    with store.writing() as connection:
        if number_of(target, "E") is not None:
            entry = _ended(connection, target, last_day, reason.strip(), user)
        else:
            fact = EndedCoverage(_said(payer, "payer", "--payer"), last_day)
            concerns = Concerns(**payer_of(connection, target))
            entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
            _insist_on_named(connection, entry)
        return _judged(connection, entry, day)


def move_balance(  # noqa: PLR0913 - what a move is
    store: Store,
    target: str,
    amount: str,
    *,
    to: str,
    payer: str = "",
    billable: bool = False,
    moved_on: date | None = None,
    reason: str,
    user: str,
    today: date | None = None,
) -> Row:
    """Move money of one claim to the ``patient``, or of the patient to a ``payer``.

    It counts until a payer answers on a later day. Raises NotFound, NotAllowed where less than that
    can be moved or a payer answered later, BadRequest.
    """
    day = today or dates.today()
    cents = cents_of(amount)
    when = moved_on or day
    _insist_on_reason(reason)
    if to not in {"patient", "payer"}:
        raise BadRequest(f"{to} is nobody to move money to.", "Say patient or payer.")
    if to == "patient" and payer:
        raise NotAllowed("What goes to the patient goes to no payer.", "Leave the payer out.")
    if to == "payer":
        _said(payer, "payer", "--payer")
    if to == "payer" and billable:
        raise NotAllowed("Only the patient's part may be billed.", "Leave billable out.")
    if when > day:
        raise NotAllowed(f"{when} is still to come.", "Give the day of the move.")
    with store.writing() as connection:
        claim = one_claim(connection, target)
        _insist_on_balance(claim, cents, to, when)
        fact = Move("patient" if to == "patient" else "payer", cents, when, payer.strip(), billable)
        concerns = Concerns(**claim_keys_of(claim))
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        answer = _judged(connection, entry, day)
        if answer["moved"] != answer["amount"]:
            raise NotAllowed(
                f"Of this only {answer['moved']} may be moved: the patient is a Qualified Medicare "
                "Beneficiary, or what is open is not the patient's to owe.",
                "'claim' shows where its money stands, and why.",
            )
        return answer


def undo_desk_entry(connection: sa.Connection, number: int, today: date) -> int:
    """Take an entry by hand back; returns how many journal entries that reversed.

    Raises NotFound, NotAllowed where a correction of it stands.
    """
    found = [e for e in entries_by_id(connection, [number]) if e.status == ACTIVE]
    if not found:
        raise NotFound("There is no such entry, or it is undone already.", _SEE)
    (entry,) = found
    standing = standing_entries(connection)
    if entry.id not in {one.id for one in standing}:
        later = ", ".join(name("E", one.id) for one in standing if one.replaces == entry.id)
        raise NotAllowed(f"It was corrected by {later or 'a later entry'}.", "Undo that one first.")
    undo_entry(connection, entry)
    return judge_claims(connection, claims_concerned(connection, entry), today)


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
        moved = _moved(connection, found)
    shown = [entry_json(entry, moved) for entry in found[:limit]]
    return {"entries": shown, "next": shown[-1]["id"] if len(found) > limit else None}


def entries_about(connection: sa.Connection, rows: Sequence[Row]) -> list[Row]:
    """The standing entries about any of these claims, as people see them."""
    standing = standing_entries(connection)
    if not standing:
        return []
    keys = [
        Concerns("", r["number_key"], r["birth_key"], r["member_key"], r["service_from"])
        for r in rows
    ]
    mine = [entry for entry in standing if any(entry.is_about(claim) for claim in keys)]
    moved = _moved(connection, mine)
    return [entry_json(entry, moved) for entry in mine]


def coverage_entered(connection: sa.Connection, row: Row) -> list[EnteredCoverage]:
    """The entered coverages that hold for a claim, in order of payers."""
    claim = Concerns(
        "", row["number_key"], row["birth_key"], row["member_key"], row["service_from"]
    )
    entered = [e.fact for e in standing_entries(connection) if e.is_about(claim)]
    found = [
        fact
        for fact in entered
        if isinstance(fact, EnteredCoverage) and fact.covers(row["service_from"])
    ]
    return sorted(found, key=lambda fact: fact.payer_rank)


def entry_json(entry: DeskEntry, moved: dict[int, int]) -> Row:
    """One entry as the contract gives it; ``moved`` is what stands of moves in the ledger."""
    fact = entry.fact
    shown: Row = dict.fromkeys(_FIELDS)
    shown.update(
        id=name("E", entry.id),
        kind=kind_of(fact),
        patient_control_number=entry.concerns.named or None,
        replaces=name("E", entry.replaces) if entry.replaces else None,
        payer=fact.payer or None,
        reason=entry.reason,
        user=entry.user,
        recorded_at=entry.recorded_at,
        status=entry.status,
    )
    return {**shown, **_details(entry, moved)}


_FIELDS = (
    "id", "kind", "patient_control_number", "replaces", "payer", "payer_rank", "payer_id",
    "member_id", "group_number", "filing_indicator", "valid_from", "valid_to", "to", "amount",
    "moved", "moved_on", "billable", "reason", "user", "recorded_at", "status",
)  # fmt: skip


def _details(entry: DeskEntry, moved: dict[int, int]) -> Row:
    """What an entry of its kind says."""
    fact = entry.fact
    if isinstance(fact, EndedCoverage):
        return {"valid_to": text_of(fact.last_day)}
    if isinstance(fact, Move):
        return {
            "to": fact.to,
            "amount": format_cents(fact.cents),
            "moved": format_cents(moved.get(entry.id, 0)),
            "moved_on": text_of(fact.day),
            "billable": fact.is_billable,
        }
    return {
        "payer_rank": fact.payer_rank,
        "payer_id": fact.payer_id or None,
        "member_id": fact.member_id or None,
        "group_number": fact.group_number or None,
        "filing_indicator": fact.filing_indicator or None,
        "valid_from": text_of(fact.valid_from),
        "valid_to": text_of(fact.valid_to),
    }


# -- what stands ------------------------------------------------------------------------------


def _judged(connection: sa.Connection, entry: DeskEntry, today: date) -> Row:
    """Judge the claims that an entry is about; the entry, and those claims as they are now."""
    concerned = claims_concerned(connection, entry)
    judge_claims(connection, concerned, today)
    query = sa.select(claims).where(claims.c.id.in_(concerned)).order_by(claims.c.id)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    moved = _moved(connection, [entry])
    return {**entry_json(entry, moved), "claims": [claim_summary(row) for row in rows]}


def _moved(connection: sa.Connection, entries: Sequence[DeskEntry]) -> dict[int, int]:
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


def _standing(connection: sa.Connection, identifier: str) -> DeskEntry:
    number = number_of(identifier, "E")
    found = [entry for entry in standing_entries(connection) if entry.id == number]
    if not found:
        raise NotFound("There is no such entry, or it was undone or corrected.", _SEE)
    return found[0]


def _ended(
    connection: sa.Connection, identifier: str, last_day: date | None, reason: str, user: str
) -> DeskEntry:
    """An entered coverage with its last day; one that never held is undone instead."""
    old = _standing(connection, identifier)
    if not isinstance(old.fact, EnteredCoverage):
        raise NotAllowed(f"{name('E', old.id)} is no coverage.", _SEE)
    if last_day is None:
        message = "An entered coverage ends on a day: give its last day of service."
        raise NotAllowed(message, f"If it never covered anything, undo {name('E', old.id)}.")
    fact = _coverage({**msgspec.structs.asdict(old.fact), "valid_to": last_day})
    return save_entry(connection, fact, old.concerns, replaces=old.id, reason=reason, user=user)


# -- what is refused --------------------------------------------------------------------------


def _insist_on_named(connection: sa.Connection, entry: DeskEntry) -> None:
    """Refuse to end a payer that none of the claims' documents names: a typo would end nothing."""
    numbers = facts.documents_of_claims(connection, claims_concerned(connection, entry))
    documents = [row["claim"] for row in facts.load_claim_documents(connection, numbers)]
    coverages = [
        coverage
        for claim in documents
        for coverage in (claim.coverage, *(other.coverage for other in claim.other_payers))
    ]
    named = {key_of(coverage.payer.last_name): coverage.payer.last_name for coverage in coverages}
    if key_of(entry.fact.payer) not in named:
        listed = ", ".join(sorted(named.values())) or "none"
        message = f"No claim there names {entry.fact.payer}."
        raise NotAllowed(
            message, f"They name: {listed}. An entered coverage ends by its id (E...)."
        )


def _insist_on_reason(reason: str) -> None:
    if not reason.strip():
        raise BadRequest("An entry by hand needs its reason on record.", "Say it with --reason.")


def _said(text: str, what: str, option: str) -> str:
    if not text.strip():
        raise NotAllowed(f"There is no {what}.", f"Give its name ({option}).")
    return text.strip()


def _coverage(told: Row) -> EnteredCoverage:
    """A coverage as a person gives it."""
    clean: Row = {k: v.strip() if isinstance(v, str) else v for k, v in told.items()}
    fact = EnteredCoverage(**clean)
    _said(fact.payer, "payer", "--payer")
    if fact.payer_rank not in _RANKS:
        raise BadRequest(f"{fact.payer_rank} is no rank of a payer.", "Ranks go from 1 to 11.")
    if fact.filing_indicator and codes.filing_indicator(fact.filing_indicator) is None:
        message = f"{fact.filing_indicator} is no kind of plan (SBR09)."
        raise NotAllowed(
            message, "Such as 12 (PPO), CI (commercial), MB (Medicare B), MC (Medicaid)."
        )
    if fact.valid_from and fact.valid_to and fact.valid_from > fact.valid_to:
        raise NotAllowed("The coverage ends before it begins.", "Check --from and --to.")
    return fact


def _insist_on_balance(claim: Row, cents: int, to: str, when: date) -> None:
    """Refuse to move more than is there, or on a day that an answer has overtaken."""
    figures = figures_of_row(claim)
    there = figures["insurance_open" if to == "patient" else "patient_responsibility"]
    if cents > there:
        whose = "open with payers" if to == "patient" else "the patient's"
        message = f"Of this claim {format_cents(there)} is {whose}: {format_cents(cents)} is more."
        raise NotAllowed(message, "'claim' shows where its money stands, and why.")
    answered = claim["last_answer_date"]
    if answered is not None and when < answered:
        message = f"A payer answered on {answered}, after {when}: what it says stands."
        raise NotAllowed(message, "Give a day since then, or leave it out for today.")
