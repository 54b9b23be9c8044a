"""What people enter by hand: a patient's coverages, and balances moved between payers and patient.

``medcollect coverage`` and ``medcollect move``. Each entry is a fact (E000001) with its user and
reason; the claims it is about are judged anew, and ``undo`` takes it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa

from medcollect import codes, dates
from medcollect.bookkeeping.desk import claims_concerned, judge_entry
from medcollect.bookkeeping.entered import key_of
from medcollect.errors import BadRequest, NotAllowed, NotFound
from medcollect.ids import name, number_of
from medcollect.model.desk import Concerns, EndedCoverage, EnteredCoverage, Move, ReturnedCheque
from medcollect.money import format_cents
from medcollect.store import facts
from medcollect.store.desk import (
    DeskEntry,
    entries_by_id,
    save_entry,
    standing_entries,
    undo_entry,
)
from medcollect.store.engine import Store
from medcollect.store.identities import ACTIVE
from medcollect.store.tables import claim_payments, claims, remittances
from medcollect.tasks.entry_view import coverage_entered, entry_json, moved_of
from medcollect.tasks.figures import claim_summary, figures_of_row
from medcollect.tasks.letter_steps import undo_steps_of
from medcollect.tasks.pay import cents_of, claim_keys_of, one_claim, payer_of
from medcollect.tasks.refund_cheques import insist_on_not_cashed

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
    insist_on_reason(reason)
    fact = _coverage(told)
    with store.writing() as connection:
        concerns = Concerns(**payer_of(connection, target))
        entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
        _insist_on_free_rank(connection, entry, fact)
        answer = judged(connection, entry, day)
        return {**answer, "notes": list(_without_effect(connection, answer["claims"], fact))}


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
    insist_on_reason(reason)
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
        _insist_on_free_rank(connection, entry, fact)
        return judged(connection, entry, day)


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
    insist_on_reason(reason)
    with store.writing() as connection:
        if number_of(target, "E") is not None:
            entry = _ended(connection, target, last_day, reason.strip(), user)
        else:
            fact = EndedCoverage(_said(payer, "payer", "--payer"), last_day)
            concerns = Concerns(**payer_of(connection, target))
            entry = save_entry(connection, fact, concerns, reason=reason.strip(), user=user)
            _insist_on_named(connection, entry)
        return judged(connection, entry, day)


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
    insist_on_reason(reason)
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
        answer = judged(connection, entry, day)
        if answer["moved"] != answer["amount"]:
            raise NotAllowed(
                f"Of this only {answer['moved']} may be moved: the patient is a Qualified Medicare "
                "Beneficiary, Medicare refused it (CO-50) without a signed notice (GA), or what is "
                "open is not the patient's to owe.",
                "'claim' shows where its money stands, and why.",
            )
        return answer


def undo_desk_entry(connection: sa.Connection, number: int, today: date) -> int:
    """Take an entry by hand back; returns how many journal entries that reversed.

    Raises NotFound, NotAllowed where a correction of it stands, or the return of its cheque.
    """
    found = [e for e in entries_by_id(connection, [number]) if e.status == ACTIVE]
    if not found:
        raise NotFound("There is no such entry, or it is undone already.", _SEE)
    (entry,) = found
    standing = standing_entries(connection)
    if entry.id not in {one.id for one in standing}:
        later = ", ".join(name("E", one.id) for one in standing if one.replaces == entry.id)
        raise NotAllowed(f"It was corrected by {later or 'a later entry'}.", "Undo that one first.")
    back = [e for e in standing if isinstance(e.fact, ReturnedCheque) and e.fact.cheque == entry.id]
    if back:
        returned = name("E", back[0].id)
        raise NotAllowed(f"The cheque came back, as {returned} says.", f"Undo {returned} first.")
    insist_on_not_cashed(connection, entry.id)
    concerned = claims_concerned(connection, entry)
    undo_entry(connection, entry)
    undo_steps_of(connection, entry)
    return judge_entry(connection, entry, concerned, today)


# -- what stands ------------------------------------------------------------------------------


def judged(connection: sa.Connection, entry: DeskEntry, today: date) -> Row:
    """Judge the claims that an entry is about: the entry, and those claims as they are now."""
    concerned = claims_concerned(connection, entry)
    judge_entry(connection, entry, concerned, today)
    query = sa.select(claims).where(claims.c.id.in_(concerned)).order_by(claims.c.id)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    moved = moved_of(connection, [entry])
    return {**entry_json(entry, moved), "claims": [claim_summary(row) for row in rows]}


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
    """Refuse to end a payer that no document of the claims or coverage names: perhaps a typo."""
    concerned = claims_concerned(connection, entry)
    numbers = facts.documents_of_claims(connection, concerned)
    documents = [row["claim"] for row in facts.load_claim_documents(connection, numbers)]
    coverages = [
        coverage
        for claim in documents
        for coverage in (claim.coverage, *(other.coverage for other in claim.other_payers))
    ]
    named = {key_of(coverage.payer.last_name): coverage.payer.last_name for coverage in coverages}
    rows = connection.execute(sa.select(claims).where(claims.c.id.in_(concerned)))
    for row in rows:
        entered = coverage_entered(connection, dict(row._mapping))
        named.update({key_of(fact.payer): fact.payer for fact in entered})
    payer = entry.fact.payer if isinstance(entry.fact, EndedCoverage) else ""
    if key_of(payer) not in named:
        listed = ", ".join(sorted(named.values())) or "none"
        message = f"No claim there names {payer}."
        raise NotAllowed(message, f"There are: {listed}.")


def _insist_on_free_rank(
    connection: sa.Connection, entry: DeskEntry, fact: EnteredCoverage
) -> None:
    """Refuse a second payer of one rank on one day: which of them pays would be chance.

    What is entered for a claim goes before what is entered for its patient, and is no second one.
    """
    mine = set(claims_concerned(connection, entry))
    for other in standing_entries(connection):
        told = other.fact
        if not isinstance(told, EnteredCoverage) or other.id == entry.id:
            continue
        same_level = bool(other.concerns.number_key) == bool(entry.concerns.number_key)
        same_place = told.payer_rank == fact.payer_rank and fact.overlaps(told)
        if not same_level or not same_place or key_of(told.payer) == key_of(fact.payer):
            continue
        if mine & set(claims_concerned(connection, other)):
            days = f"payer {told.payer_rank} on days that this one covers too"
            message = f"{name('E', other.id)} says that {told.payer} is {days}."
            raise NotAllowed(message, f"Correct or end {name('E', other.id)}, or give the days.")


def _without_effect(
    connection: sa.Connection, rows: Sequence[Row], fact: EnteredCoverage
) -> Iterator[str]:
    """Claims that other payers answered up to this rank: their place is taken."""
    for row in rows:
        query = (
            sa.select(remittances.c.payer_key, remittances.c.payer_name)
            .join(claim_payments, claim_payments.c.remittance_id == remittances.c.id)
            .where(
                claim_payments.c.claim_id == number_of(row["id"], "C"),
                claim_payments.c.outcome == "posted",
            )
            .order_by(remittances.c.payment_date, remittances.c.id)
        )
        answered = {found.payer_key: found.payer_name for found in connection.execute(query)}
        if key_of(fact.payer) not in answered and len(answered) >= fact.payer_rank:
            payer = list(answered.values())[fact.payer_rank - 1]
            yield (
                f"{row['id']}: {payer} has answered as payer {fact.payer_rank}, so this coverage "
                f"changes nothing there. Enter it as payer {len(answered) + 1}, or take that "
                "answer back (undo) where it was wrong."
            )


def insist_on_reason(reason: str) -> None:
    """Raise BadRequest where no reason is given."""
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
